# Two groups with equal loadings; products are made of deviations from the means of the group.
source("../products.R")
data <- read_data("oneInt")
data$part <- ifelse(data$z3 + seq_len(nrow(data)) %% 3 > 1, "high", "low")
names <- paste(items("x"), items("z"), sep = ".")
write_moderated(products_within(data, "part", items("x"), items("z"), match = TRUE), group = "part",
                group.label = unique(data$part), group.equal = "loadings",
                lines = c(measurement, measured_by("X_x_Z", names), "Y ~ X + Z + X_x_Z"))
