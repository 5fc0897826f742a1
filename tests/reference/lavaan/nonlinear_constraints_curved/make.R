source("../reference.R")
# The same model twice: with a constraint, and with its loading of x4 as the product of a path and a loading.
result <- NULL
for (written in c("constrained", "reparameterised")) {
  model <- paste(readLines(paste0(written, ".txt"), encoding = "UTF-8"), collapse = "\n")
  for (data in c("holzinger", "holzinger_missing")) {
    for (estimator in c("ML", "MLR")) {
      options <- list(model, read_data(data), estimator = estimator)
      if (data == "holzinger_missing") options$missing <- "fiml"
      fit <- do.call(tight_fit, options)
      rows <- parameterEstimates(fit)
      rows <- rows[paste0(rows$lhs, rows$op, rows$rhs) %in% c("visual=~x2", "visual=~x3", "speed=~x8", "x4~~x4", "visual~~speed"), ]
      factor <- if (estimator == "MLR") fitMeasures(fit, "chisq.scaling.factor") else NA
      result <- rbind(result, data.frame(written, data, estimator, lhs = rows$lhs, op = rows$op, rhs = rows$rhs,
        est = rows$est, se = rows$se, chisq = as.numeric(fitMeasures(fit, "chisq")),
        df = as.numeric(fitMeasures(fit, "df")), factor = as.numeric(factor)))
    }
  }
}
write_table(result, "estimates.csv")

# Two constraints under estimators whose standard errors do not come from observed information.
model <- paste(readLines("two.txt", encoding = "UTF-8"), collapse = "\n")
others <- NULL
for (estimator in c("MLM", "GLS", "WLSMV", "ULSMV")) {
  fit <- tight_fit(model, read_data("holzinger"), estimator = estimator)
  rows <- parameterEstimates(fit)
  measures <- suppressWarnings(fitMeasures(fit, baseline.model = NULL))
  others <- rbind(others, data.frame(estimator, lhs = rows$lhs, op = rows$op, rhs = rows$rhs, est = rows$est, se = rows$se,
    chisq = as.numeric(measures["chisq"]), scaled = as.numeric(measures["chisq.scaled"]),
    df = as.numeric(measures["df"]), npar = as.numeric(measures["npar"]))[rows$op != "==", ])
}
write_table(others, "estimators.csv")

tested <- lavTestScore(tight_fit(model, read_data("holzinger")))
score <- rbind(data.frame(lhs = "all", rhs = "", X2 = tested$test$X2, df = tested$test$df),
  data.frame(lhs = tested$uni$lhs, rhs = tested$uni$rhs, X2 = tested$uni$X2, df = tested$uni$df))
write_table(score, "score_test.csv")
