# x5 is rare: its tables with x2 and x3 have one empty cell, beside the diagonal and on it.
source("../reference.R")
set.seed(13)
scores <- one_factor_scores(200, c(0.6, 0.7, -0.8, 0.9, 0.85))
thresholds <- c(0, -0.5, 0.7, 0.4, 1.7)
data <- as.data.frame(mapply(categories, scores, thresholds))
names(data) <- paste0("x", 1:5)
write_ordinal_reference(data, ordered = names(data))
