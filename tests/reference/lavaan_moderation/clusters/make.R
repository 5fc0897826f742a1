source("../products.R")
data <- read_data("oneInt")
data$cluster <- seq_len(nrow(data)) %% 60
names <- paste(items("x"), items("z"), sep = ".")
write_moderated(products(data, items("x"), items("z"), match = TRUE), cluster = "cluster", estimators = "MLR",
                lines = c(measurement, measured_by("X_x_Z", names), "Y ~ X + Z + X_x_Z"))
