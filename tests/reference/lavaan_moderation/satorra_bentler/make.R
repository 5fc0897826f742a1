source("../products.R")
names <- paste(items("x"), items("z"), sep = ".")
write_moderated(products(read_data("oneInt"), items("x"), items("z"), match = TRUE), estimators = "MLM",
                lines = c(measurement, measured_by("X_x_Z", names), "Y ~ X + Z + X_x_Z"))
