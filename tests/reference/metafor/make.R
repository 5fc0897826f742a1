# Random-effects meta-analyses by metafor: run in this folder with `Rscript make.R`.
library(metafor)
options(digits = 17)

bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
sets <- list(
  bcg = data.frame(yi = as.numeric(bcg$yi), vi = as.numeric(bcg$vi)),
  # Three studies of standardised paths that agree (no heterogeneity to speak of).
  alike = data.frame(yi = c(0.31, 0.28, 0.35), vi = c(0.05, 0.06, 0.04)^2),
  # Five that do not.
  apart = data.frame(yi = c(0.10, 0.45, 0.32, -0.05, 0.51), vi = c(0.05, 0.06, 0.08, 0.07, 0.05)^2),
  two = data.frame(yi = c(0.20, 0.42), vi = c(0.06, 0.07)^2)
)
tight <- list(threshold = 1e-13, maxiter = 10000, tau2.max = 100, tol = 1e-13)
rows <- list()
for (name in names(sets)) for (method in c("DL", "PM", "REML")) for (test in c("knha", "z")) {
  control <- if (method == "PM") list(tol = 1e-13, tau2.max = 100) else list(threshold = 1e-13, maxiter = 10000)
  fit <- rma(yi, vi, data = sets[[name]], method = method, test = test, control = control)
  # Higgins, Thompson and Spiegelhalter's limits have k - 2 degrees of freedom; metafor's own have those of the test.
  spread <- sqrt(fit$se^2 + fit$tau2)
  quantile <- if (test == "knha") qt(0.975, fit$k - 1) else if (fit$k > 2) qt(0.975, fit$k - 2) else NA
  own <- predict(fit)
  if (test == "knha") stopifnot(abs(own$pi.lb - (fit$b[1] - quantile * spread)) < 1e-10)
  if (test == "z" && fit$k > 2) {
    riley <- predict(fit, pi.type = "riley")
    stopifnot(abs(riley$pi.lb - (fit$b[1] - quantile * spread)) < 1e-10)
  }
  profile <- confint(fit, control = list(tol = 1e-12, tau2.max = 1000))$random
  rows[[length(rows) + 1]] <- data.frame(
    set = name, method = method, test = test, k = fit$k, estimate = fit$b[1], std_error = fit$se,
    ci_lower = fit$ci.lb, ci_upper = fit$ci.ub, statistic = fit$zval, p_value = fit$pval,
    tau_squared = fit$tau2, tau_squared_lower = profile["tau^2", "ci.lb"],
    tau_squared_upper = profile["tau^2", "ci.ub"], i_squared = fit$I2 / 100,
    q = fit$QE, q_p_value = fit$QEp,
    prediction_lower = fit$b[1] - quantile * spread, prediction_upper = fit$b[1] + quantile * spread
  )
}
write.csv(do.call(rbind, rows), "fits.csv", row.names = FALSE)
studies <- do.call(rbind, lapply(names(sets), function(name) cbind(set = name, sets[[name]])))
write.csv(studies, "studies.csv", row.names = FALSE)
writeLines(paste("metafor", packageVersion("metafor"), "on", R.version.string), "version.txt")
