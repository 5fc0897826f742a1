# As Marsh, Wen and Hau (2004): matched pairs, whose intercepts are 0.
source("../products.R")
names <- paste(items("x"), items("z"), sep = ".")
write_moderated(products(read_data("oneInt"), items("x"), items("z"), match = TRUE, double = FALSE), meanstructure = TRUE,
                lines = c(measurement, measured_by("X_x_Z", names), "Y ~ X + Z + X_x_Z", "X ~~ phi*Z", "X_x_Z ~ phi*1",
                          paste(names, "~ 0*1")))
