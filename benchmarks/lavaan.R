# One measurement of lavaan, timed inside R:
# Rscript lavaan.R model.txt data.csv estimator group replicates size missing ordered
# Prints seconds (per replicate, for a bootstrap) and the chi-square statistic.
suppressPackageStartupMessages(library(lavaan))
arguments <- commandArgs(trailingOnly = TRUE)
model <- paste(readLines(arguments[1]), collapse = "\n")
data <- read.csv(arguments[2])
estimator <- arguments[3]
replicates <- as.integer(arguments[5])

options <- list(model, data, estimator = estimator, missing = arguments[7])
if (arguments[8] == "TRUE") options$ordered <- names(data)
if (arguments[4] != "") options <- c(options, list(group = arguments[4], group.equal = c("loadings", "intercepts")))
estimate <- function() do.call("sem", options)
tables <- function(fit) list(parameterEstimates(fit, standardized = TRUE), fitMeasures(fit))

slow <- arguments[6] == "slow"
if (!slow) {
  fit <- estimate()
  invisible(tables(fit))
}
if (replicates > 0) {
  invisible(bootstrapLavaan(fit, R = 2))
  seconds <- system.time(bootstrapLavaan(fit, R = replicates))[["elapsed"]] / replicates
} else {
  repeats <- if (arguments[6] == "small") 10 else 1
  seconds <- system.time(for (i in seq_len(repeats)) tables(fit <- estimate()))[["elapsed"]] / repeats
}
cat(format(seconds, digits = 8), format(fitMeasures(fit, "chisq")[[1]], digits = 12), "\n")
