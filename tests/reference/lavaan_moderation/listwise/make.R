# The same rows, complete ones alone: means are those of the rows used.
source("../products.R")
data <- na.omit(delete_values(read_data("oneInt")[1:500, ], c(items("x"), items("z"), items("y"))))
names <- paste(items("x"), items("z"), sep = ".")
write_moderated(products(data, items("x"), items("z"), match = TRUE),
                lines = c(measurement, measured_by("X_x_Z", names), "Y ~ X + Z + X_x_Z"))
