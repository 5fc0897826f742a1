# Ordered items with 2, 3, 4 and 5 categories between continuous variables of several units.
source("../reference.R")
set.seed(41)
scores <- one_factor_scores(250, c(0.6, 0.7, 0.8, -0.6, 0.5, 0.75, 0.65))
data <- data.frame(
  u1 = categories(scores[[1]], 0.2),
  y1 = 10 + 3 * scores[[2]],
  u2 = categories(scores[[3]], c(-0.5, 0.8)),
  u3 = categories(scores[[4]], c(-1, 0, 1)),
  y2 = -2 + 0.5 * scores[[5]],
  y3 = scores[[6]]^2 / 2 + scores[[6]],
  u4 = categories(scores[[7]], c(-1.2, -0.4, 0.4, 1.2))
)
write_ordinal_reference(data, ordered = c("u1", "u2", "u3", "u4"))
