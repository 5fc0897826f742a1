# The numbers of test_inequalities_and_covariates.py (lavaan 0.6-14): Rscript inequalities_and_covariates.R
suppressMessages(library(lavaan))
model <- "visual =~ x1 + b*x2 + c*x3; textual =~ x4 + x5 + x6"
for (constraints in c("b > 0", "b > c", "b > c; c > 0.9", "b < 0.4; c == 2*b")) {
  fit <- cfa(paste(model, constraints, sep = "; "), HolzingerSwineford1939)
  rows <- as.data.frame(parameterEstimates(fit))
  print(fitMeasures(fit, c("chisq", "df")))
  print(rows[rows$label %in% c("b", "c"), c("label", "est", "se")], digits = 8)
}
covariates <- "visual =~ x1 + x2 + x3; textual =~ x4 + x5 + x6; visual ~ ageyr + sex; textual ~ sex + visual"
for (means in c(FALSE, TRUE)) {
  fit <- sem(covariates, HolzingerSwineford1939, estimator = "MLR", meanstructure = means)
  print(fitMeasures(fit), digits = 9)
  print(as.data.frame(parameterEstimates(fit)), digits = 8)
}
