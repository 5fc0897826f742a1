# An observed moderator beside an observed covariate. It has a variance and all covariances of an exogenous variable.
source("../products.R")
names <- pairs_of(items("x"), "z1")
write_moderated(products(read_data("oneInt"), items("x"), "z1"),
                lines = c(measurement[c(1, 3)], measured_by("X_x_z1", names), "Y ~ X + z1 + X_x_z1 + z2",
                          "z1 ~~ z1 + z2 + X + X_x_z1", "z2 ~~ z2"))
