# Standard errors at a population: Rscript make.R
# Two factors of five indicators, loadings .8, residual variances .36, correlation .25 (the case of Muthen & Muthen
# 2002), and a regression of one factor on another with a third beside it.
library(lavaan)
cfa <- "F1 =~ .8*x1 + .8*x2 + .8*x3 + .8*x4 + .8*x5
F2 =~ .8*x6 + .8*x7 + .8*x8 + .8*x9 + .8*x10
F1 ~~ 1*F1 + .25*F2
F2 ~~ 1*F2"
cfa <- paste(c(cfa, sprintf("x%d ~~ .36*x%d", 1:10, 1:10)), collapse = "\n")
covariance <- fitted(lavaan(cfa))$cov
write.csv(format(as.data.frame(covariance), digits = 15), "covariance.csv", quote = FALSE)
model <- "F1 =~ x1 + x2 + x3 + x4 + x5
F2 =~ x6 + x7 + x8 + x9 + x10"
fit <- lavaan::cfa(model, sample.cov = covariance, sample.nobs = 150, sample.cov.rescale = FALSE, std.lv = TRUE)
rows <- parameterEstimates(fit)
write.csv(format(rows[, c("lhs", "op", "rhs", "est", "se")], digits = 12), "estimates.csv", row.names = FALSE, quote = FALSE)
write.csv(data.frame(lavaan = as.character(packageVersion("lavaan"))), "version.csv", row.names = FALSE)
