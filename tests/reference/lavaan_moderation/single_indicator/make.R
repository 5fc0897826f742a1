# A latent moderator with one indicator.
source("../products.R")
names <- pairs_of(items("x"), "z1")
write_moderated(products(read_data("oneInt"), items("x"), "z1"),
                lines = c(measurement[c(1, 3)], "Z =~ z1", measured_by("X_x_Z", names), "Y ~ X + Z + X_x_Z"))
