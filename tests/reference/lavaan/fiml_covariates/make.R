source("../reference.R")
write_reference(read_data("holzinger_missing"), estimators = "ML", missing = "fiml")
