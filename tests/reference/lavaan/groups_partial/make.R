source("../reference.R")
write_reference(read_data("holzinger"), estimators = c("ML", "MLR"), group = "school",
                group.equal = c("loadings", "intercepts"), group.partial = c("x3~1", "x7~1"))
