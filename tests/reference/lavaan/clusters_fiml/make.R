source("../reference.R")
write_reference(transform(read_data("holzinger_missing"), cluster = id %% 40), estimators = c("ML", "MLR"), cluster = "cluster",
                missing = "fiml")
