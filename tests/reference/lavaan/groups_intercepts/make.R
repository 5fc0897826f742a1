source("../reference.R")
write_reference(read_data("holzinger"), estimators = c("ML", "MLR", "MLM", "MLMV", "MLMVS"), group = "school",
                group.equal = c("loadings", "intercepts"))
