source("../reference.R")
write_reference(read_data("holzinger_missing"), estimators = c("ML", "MLR"), missing = "fiml", group = "school",
                group.equal = c("loadings", "intercepts", "residuals"))
