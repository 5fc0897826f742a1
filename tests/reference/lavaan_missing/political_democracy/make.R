source("../missing.R")
variables <- c(paste0("x", 1:3), paste0("y", 1:8))
write_reference(delete_values(as.matrix(PoliticalDemocracy[variables]), share = 0.15, seed = 20260102))
