source("../reference.R")
write_reference(read_data("holzinger_missing"), estimators = c("ML", "MLR"), missing = "fiml")
