# Power and sample size of tests of fit by the RMSEA: Rscript make.R
library(semTools)
tests <- data.frame(test = c("close", "not close", "exact"), null = c(.05, .05, 0), alternative = c(.08, .01, .05))
rows <- list()
for (df in c(5, 20, 50, 100)) for (i in 1:3) {
  test <- tests[i, ]
  size <- findRMSEAsamplesize(test$null, test$alternative, df = df, power = .8)
  for (n in c(50, 100, 200, 400))
    rows[[length(rows) + 1]] <- data.frame(test, df = df, n = n,
      power = findRMSEApower(test$null, test$alternative, df = df, n = n), size80 = size)
}
write.csv(format(do.call(rbind, rows), digits = 10), "power.csv", row.names = FALSE, quote = FALSE)
write.csv(data.frame(semTools = as.character(packageVersion("semTools"))), "version.csv", row.names = FALSE)
