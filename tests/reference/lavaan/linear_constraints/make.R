source("../reference.R")
# lavaan forgets the constants of constraints in its second and later attempts.
write_reference(read_data("political_democracy"), estimators = c("ML", "MLR"), optim.attempts = 1L)
