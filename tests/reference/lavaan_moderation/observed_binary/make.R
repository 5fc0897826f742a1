# A moderator that is 0 or 1.
source("../products.R")
data <- transform(read_data("oneInt"), high = as.numeric(z1 > 0.5))
names <- pairs_of(items("x"), "high")
write_moderated(products(data, items("x"), "high"),
                lines = c(measurement[c(1, 3)], measured_by("X_x_high", names), "Y ~ X + high + X_x_high",
                          "high ~~ high + X + X_x_high"))
