# Reliability and discriminant validity by semTools and psych, for models of the other cases.
source("../reference.R")
suppressMessages(library(semTools))

scales_of <- function(fit) {
  loadings <- subset(parTable(fit), op == "=~")
  split(loadings$rhs, loadings$lhs)
}

read_model <- function(case) {
  paste(readLines(file.path("..", case, "model.txt"), encoding = "UTF-8"), collapse = "\n")
}

quietly <- function(expression) suppressWarnings(suppressMessages(expression))

# compRelSEM and AVE divide by observed or by implied variances; alpha is that of psych.
coefficients_of <- function(case, data) {
  fit <- tight_fit(read_model(case), data)
  alphas <- vapply(scales_of(fit), function(items) {
    quietly(psych::alpha(cov(data[, items]), check.keys = FALSE, warnings = FALSE)$total$raw_alpha)
  }, numeric(1))
  measures <- list(
    alpha = alphas,
    compRelSEM_observed = quietly(unlist(compRelSEM(fit, obs.var = TRUE))),
    compRelSEM_implied = quietly(unlist(compRelSEM(fit, obs.var = FALSE))),
    AVE_implied = quietly(AVE(fit, obs.var = FALSE))
  )
  rows <- lapply(names(measures), function(measure) {
    values <- measures[[measure]]
    data.frame(case = case, latent = names(values), other = "", measure = measure, value = as.numeric(values))
  })
  do.call(rbind, rows)
}

ratios_of <- function(case, data) {
  measurement <- paste(grep("=~", strsplit(read_model(case), "\n")[[1]], value = TRUE), collapse = "\n")
  ratios <- htmt(measurement, data = data, htmt2 = FALSE)
  at <- which(lower.tri(ratios), arr.ind = TRUE)
  data.frame(case = case, latent = rownames(ratios)[at[, 1]], other = colnames(ratios)[at[, 2]], measure = "htmt",
             value = ratios[lower.tri(ratios)])
}

holzinger <- read_data("holzinger")
democracy <- read_data("political_democracy")
write_table(rbind(
  coefficients_of("holzinger", holzinger),
  coefficients_of("holzinger_correlated_residuals", holzinger),
  coefficients_of("holzinger_cross_loading", holzinger),
  coefficients_of("political_democracy", democracy),
  ratios_of("holzinger", holzinger),
  ratios_of("political_democracy", democracy)
), "reliability.csv")
