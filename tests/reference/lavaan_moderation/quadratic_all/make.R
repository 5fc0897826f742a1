# A square, measured by all products of items.
source("../products.R")
names <- c("x1.x1", "x1.x2", "x1.x3", "x2.x2", "x2.x3", "x3.x3")
write_moderated(products(read_data("oneInt"), items("x"), items("x")),
                lines = c(measurement, measured_by("X_x_X", names), "Y ~ X + Z + X_x_X", sharing(names)))
