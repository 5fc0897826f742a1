# Few rows in the upper categories: 4 of the 10 tables have empty cells, to which lavaan adds nothing.
source("../reference.R")
set.seed(45)
scores <- one_factor_scores(250, c(0.7, 0.8, 0.6, 0.9, -0.7))
data <- as.data.frame(lapply(scores, categories, thresholds = c(0.9, 1.8)))
names(data) <- paste0("x", 1:5)
write_ordinal_reference(data, ordered = names(data))
