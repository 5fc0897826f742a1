# One measurement of lavaan, timed inside R: Rscript lavaan.R model.txt data.csv estimator group replicates
# Prints seconds (per replicate, for a bootstrap) and the chi-square statistic.
suppressPackageStartupMessages(library(lavaan))
arguments <- commandArgs(trailingOnly = TRUE)
model <- paste(readLines(arguments[1]), collapse = "\n")
data <- read.csv(arguments[2])
estimator <- arguments[3]
replicates <- as.integer(arguments[5])

estimate <- function() {
  if (arguments[4] == "") return(sem(model, data, estimator = estimator))
  sem(model, data, estimator = estimator, group = arguments[4], group.equal = c("loadings", "intercepts"))
}
tables <- function(fit) list(parameterEstimates(fit, standardized = TRUE), fitMeasures(fit))

fit <- estimate()
invisible(tables(fit))
if (replicates > 0) {
  invisible(bootstrapLavaan(fit, R = 2))
  seconds <- system.time(bootstrapLavaan(fit, R = replicates))[["elapsed"]] / replicates
} else {
  repeats <- if (arguments[6] == "large") 1 else 10
  seconds <- system.time(for (i in seq_len(repeats)) tables(estimate()))[["elapsed"]] / repeats
}
cat(format(seconds, digits = 8), format(fitMeasures(fit, "chisq")[[1]], digits = 12), "\n")
