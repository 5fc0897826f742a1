source("../reference.R")
# With clusters ML stands for MLR, whose statistic then rests on information without the curvature of the model; lavaan
# told estimator = "MLR" keeps the curvature.
write_reference(transform(read_data("holzinger"), cluster = id %% 40), estimators = "ML", cluster = "cluster")
