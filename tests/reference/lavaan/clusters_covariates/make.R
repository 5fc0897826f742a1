source("../reference.R")
write_reference(transform(read_data("holzinger"), cluster = id %% 40), estimators = c("ML", "MLR"), cluster = "cluster")
