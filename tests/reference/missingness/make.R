# Air quality in New York (datasets::airquality) and Little's test, from lavaan's saturated moments of incomplete rows.
# Run in this folder: Rscript make.R
library(lavaan)
data <- datasets::airquality
write.csv(data, "airquality.csv", row.names = FALSE, quote = FALSE)
moments <- lavInspect(lavCor(data, missing = "fiml", output = "fit", optim.dx.tol = 1e-10), "sampstat")
mu <- moments$mean; n <- nrow(data); sigma <- moments$cov
pattern <- apply(!is.na(data), 1, paste, collapse = "")
d2 <- 0; means <- 0
for (rows in split(seq_len(n), pattern)) {
  part <- data[rows, , drop = FALSE]; o <- !is.na(part[1, ])
  d <- colMeans(part[, o, drop = FALSE]) - mu[o]
  d2 <- d2 + nrow(part) * drop(d %*% solve(sigma[o, o], d)); means <- means + sum(o)
}
df <- means - ncol(data)
writeLines(sprintf('{"statistic": %.10f, "df": %d, "p": %.12f, "patterns": %d}', d2, df,
                   pchisq(d2, df, lower.tail = FALSE), length(unique(pattern))), "little.json")
