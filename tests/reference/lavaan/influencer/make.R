source("../reference.R")
write_reference(read_data("influencer_data"), estimators = c("ML", "MLR"))
