# Reference values of the flagship with five-point ordered items and without moderation, by WLSMV.
# answers.csv holds answers simulated by surveysem; *.lav is the model it writes. Rscript make.R, in this folder.
suppressMessages({library(lavaan); library(semTools)})

write_table <- function(table, name) {
  connection <- file(name, open = "wb", encoding = "UTF-8")
  write.csv(table, connection, row.names = FALSE, quote = FALSE, eol = "\n")
  close(connection)
}
number <- function(x) trimws(formatC(x, digits = 12, format = "g"))

answers <- read.csv("answers.csv")
fits <- lapply(c(measurement = "measurement", structural = "structural"), function(name) {
  started <- Sys.time()
  fit <- suppressWarnings(sem(paste(readLines(paste0(name, ".lav")), collapse = "\n"), data = answers,
                              ordered = names(answers), estimator = "WLSMV"))
  message(name, ": ", format(Sys.time() - started))
  estimates <- parameterEstimates(fit)
  standardized <- standardizedSolution(fit)
  table <- data.frame(lhs = estimates$lhs, op = estimates$op, rhs = gsub(" ", "", estimates$rhs),
                      estimate = number(estimates$est), std_error = number(estimates$se),
                      p_value = number(estimates$pvalue), std_all = number(standardized$est.std),
                      std_std_error = number(standardized$se))
  write_table(table, paste0(name, "_estimates.csv"))
  indices <- fitMeasures(fit)
  write_table(data.frame(index = names(indices), value = number(as.numeric(indices))), paste0(name, "_fit.csv"))
  fit
})
save_version <- data.frame(lavaan = as.character(packageVersion("lavaan")),
                           semTools = as.character(packageVersion("semTools")))
write_table(save_version, "version.csv")
fit <- fits$measurement
reliability <- data.frame(latent_variable = names(AVE(fit)), average_variance_extracted = number(AVE(fit)))
write_table(reliability, "convergent_validity.csv")
