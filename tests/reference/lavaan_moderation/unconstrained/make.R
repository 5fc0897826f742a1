source("../products.R")
names <- pairs_of(items("x"), items("z"))
write_moderated(products(read_data("oneInt"), items("x"), items("z"), double = FALSE), meanstructure = TRUE,
                lines = c(measurement, measured_by("X_x_Z", names), "Y ~ X + Z + X_x_Z", sharing(names),
                          "X ~~ phi*Z", "X_x_Z ~ phi*1"))
