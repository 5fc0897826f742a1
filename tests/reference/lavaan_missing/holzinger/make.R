source("../missing.R")
write_reference(delete_values(as.matrix(HolzingerSwineford1939[paste0("x", 1:9)]), share = 0.15, seed = 20260101))
