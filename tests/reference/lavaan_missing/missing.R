# What the scripts make.R share. They run in the folder of their case; an argument names another folder for the output.
suppressMessages(library(lavaan))

output_folder <- function() {
  arguments <- commandArgs(trailingOnly = TRUE)
  if (length(arguments) > 0) arguments[1] else "."
}

write_table <- function(table, name, digits = 15) {
  numeric <- vapply(table, is.numeric, logical(1))
  table[numeric] <- lapply(table[numeric], function(x) ifelse(is.na(x), "", trimws(formatC(x, digits = digits, format = "g"))))
  connection <- file(file.path(output_folder(), name), open = "wb", encoding = "UTF-8")
  write.csv(table, connection, row.names = FALSE, quote = FALSE, eol = "\n")
  close(connection)
}

# Values deleted completely at random; the first row loses all of them, the second all but one.
delete_values <- function(data, share, seed) {
  set.seed(seed, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
  data[matrix(runif(length(data)), nrow(data)) < share] <- NA
  data[1, ] <- NA
  data[2, -1] <- NA
  data
}

# The tightest stop that nlminb does not call "false convergence" (it cannot improve for rounding). Without a tight
# em.h1.tol the unrestricted moments are right to three or four digits only.
tight_fit <- function(text, data, estimator = "MLR") {
  for (tolerance in c(1e-15, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10)) {
    control <- list(rel.tol = tolerance, x.tol = 1e-10, iter.max = 20000, eval.max = 40000)
    fit <- suppressWarnings(sem(text, data = data, missing = "fiml", estimator = estimator, meanstructure = TRUE,
                                em.h1.tol = 1e-13, em.h1.iter.max = 100000, control = control))
    if (lavInspect(fit, "converged")) return(fit)
  }
  stop("lavaan did not converge")
}

# A model, the unrestricted model, and lavaan's own functions of (mu, Sigma) at a point that is no maximum: the means of
# the observed values shifted by a tenth, and the implied covariance times 1.2 with 5 % more on the diagonal.
write_reference <- function(data, model = "model.txt") {
  write_table(as.data.frame(data), "data.csv")
  text <- paste(readLines(model, encoding = "UTF-8"), collapse = "\n")
  fit <- tight_fit(text, data)
  stopifnot(identical(lavNames(fit), colnames(data)))
  unrestricted <- lavInspect(fit, "h1")
  write_moments(unrestricted$mean, unrestricted$cov, "saturated.csv")
  implied <- lavInspect(fit, "implied")
  write_moments(implied$mean, implied$cov, "implied.csv")
  measures <- fitMeasures(fit)[c("logl", "unrestricted.logl", "chisq", "df", "chisq.scaled", "chisq.scaling.factor",
                                 "scaling.factor.h1", "scaling.factor.h0", "npar", "ntotal")]
  write_table(data.frame(measure = names(measures), value = as.numeric(measures)), "fit.csv")
  write_table(estimates_of(fit, text, data), "estimates.csv", digits = 12)
  write_point(as.matrix(data), implied$cov)
}

# Estimates with the standard errors of MLR (sandwich) and of ML (observed information).
estimates_of <- function(fit, text, data) {
  robust <- as.data.frame(parameterEstimates(fit))
  plain <- tight_fit(text, data, estimator = "ML")
  stopifnot(max(abs(coef(plain) - coef(fit))) < 1e-8)
  cbind(robust[, c("lhs", "op", "rhs", "est")], se.robust = robust$se, se.observed = parameterEstimates(plain)$se)
}

write_moments <- function(mean, cov, name) {
  write_table(data.frame(mean = as.numeric(mean), unclass(cov)), name)
}

write_point <- function(data, implied) {
  internal <- function(name) get(name, envir = asNamespace("lavaan"))
  mu <- colMeans(data, na.rm = TRUE) + 0.1
  sigma <- 1.2 * unclass(implied)
  diag(sigma) <- 1.05 * diag(sigma)
  write_moments(mu, sigma, "point.csv")
  data <- data[rowSums(!is.na(data)) > 0, ]
  patterns <- internal("lav_data_missing_patterns")(data)
  moments <- internal("lav_samplestats_missing_patterns")(Y = data, Mp = patterns)
  logl <- internal("lav_mvnorm_missing_loglik_samplestats")(Yp = moments, Mu = mu, Sigma = sigma)
  of_mean <- internal("lav_mvnorm_missing_dlogl_dmu_samplestats")(Yp = moments, Mu = mu, Sigma = sigma)
  of_cov <- internal("lav_mvnorm_missing_dlogl_dSigma_samplestats")(Yp = moments, Mu = mu, Sigma = sigma)
  write_table(data.frame(logl = logl), "point_logl.csv")
  write_moments(of_mean, of_cov, "point_gradient.csv")
  observed <- internal("lav_mvnorm_missing_information_observed_samplestats")(Yp = moments, Mu = mu, Sigma = sigma)
  expected <- internal("lav_mvnorm_missing_information_expected")(Y = data, Mp = patterns, Mu = mu, Sigma = sigma)
  first_order <- internal("lav_mvnorm_missing_information_firstorder")(Y = data, Mp = patterns, Mu = mu, Sigma = sigma)
  lower <- lower.tri(observed, diag = TRUE)
  write_table(data.frame(observed = observed[lower], expected = expected[lower], first_order = first_order[lower]),
              "point_information.csv", digits = 12)
}
