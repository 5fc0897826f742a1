# Power of the factor correlation with n = 150 in simulated normal samples: Rscript simulate.R
library(lavaan)
set.seed(20020404)
covariance <- as.matrix(read.csv("covariance.csv", row.names = 1))
root <- chol(covariance)
model <- "F1 =~ x1 + x2 + x3 + x4 + x5
F2 =~ x6 + x7 + x8 + x9 + x10"
hits <- replicate(4000, {
  x <- matrix(rnorm(1500), 150) %*% root
  colnames(x) <- colnames(covariance)
  fit <- lavaan::cfa(model, sample.cov = cov(x), sample.nobs = 150, std.lv = TRUE, baseline = FALSE, test = "none")
  rows <- parameterEstimates(fit, ci = FALSE)
  rows$pvalue[rows$lhs == "F1" & rows$rhs == "F2"] < .05
})
write.csv(data.frame(power = mean(hits), replications = length(hits)), "power.csv", row.names = FALSE)
