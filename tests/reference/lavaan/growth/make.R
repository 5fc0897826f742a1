source("../reference.R")
write_reference(read_data("political_democracy"), estimators = c("ML", "MLR"))
