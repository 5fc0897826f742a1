# Interaction and square, matched: the first item with the first …, squares of items.
source("../products.R")
data <- products(read_data("oneInt"), items("x"), items("z"), match = TRUE)
data <- products(data, items("x"), items("x"), match = TRUE)
product <- paste(items("x"), items("z"), sep = ".")
square <- paste(items("x"), items("x"), sep = ".")
write_moderated(data, lines = c(measurement, measured_by("X_x_Z", product), measured_by("X_x_X", square),
                                "Y ~ X + Z + X_x_Z + X_x_X", sharing(c(product, square))))
