# About one value in ten left out; a product is missing where one of its items is.
source("../products.R")
data <- delete_values(read_data("oneInt")[1:500, ], c(items("x"), items("z"), items("y")))
names <- paste(items("x"), items("z"), sep = ".")
data <- incomplete_products(data, items("x"), items("z"))
write_moderated(data, missing = "fiml",
                lines = c(measurement, measured_by("X_x_Z", names), "Y ~ X + Z + X_x_Z"))
