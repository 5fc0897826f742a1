# A model fitted to five completed data sets and pooled by semTools; scalars pooled by mice (Barnard and Rubin).
# Run in this folder: Rscript make.R   (mice is optional to have, here in a library of its own: R_LIBS=...)
suppressMessages({library(lavaan); library(semTools)})
set.seed(11)
n <- 200; m <- 5
f <- rnorm(n); g <- 0.5 * f + rnorm(n)
x <- cbind(0.8 * f + 0.6 * matrix(rnorm(n * 3), n), 0.8 * g + 0.6 * matrix(rnorm(n * 3), n), 0.4 * f + rnorm(n))
x[, 6] <- x[, 6] + 0.3 * x[, 1]
colnames(x) <- paste0("x", 1:7)
holes <- matrix(runif(n * 7) < 0.15, n); holes[, 1] <- FALSE
complete <- lapply(1:m, function(i) {                 # any completed data sets do: the rules are put to the test
  y <- x; y[holes] <- y[holes] + rnorm(sum(holes), sd = 0.7); as.data.frame(y)
})
write.csv(do.call(rbind, lapply(1:m, function(i) cbind(imputation = i, round(complete[[i]], 6)))),
          "completed.csv", row.names = FALSE, quote = FALSE)
complete <- lapply(complete, round, 6)
vec <- function(x) paste0("[", paste(sprintf("%.12g", x), collapse = ", "), "]")
case <- function(model, ...) {
  fit <- runMI(model, complete, fun = "sem", ...)
  est <- coef(fit); v <- vcov(fit)
  t3 <- suppressMessages(lavTestLRT.mi(fit, test = "D3", asymptotic = FALSE))
  t2 <- suppressMessages(lavTestLRT.mi(fit, test = "D2", asymptotic = FALSE, pool.robust = FALSE))
  indices <- suppressMessages(fitMeasures(fit, c("chisq", "df", "cfi", "tli", "rmsea", "baseline.chisq"), test = "D3"))
  each <- lapply(complete, function(d) sem(model, d, ...))
  q <- sapply(each, coef); se <- sapply(each, function(f) sqrt(diag(vcov(f))))
  scalar <- sapply(seq_len(nrow(q)), function(i) unlist(mice::pool.scalar(q[i, ], se[i, ]^2, n = n, k = nrow(q))[c("df", "r", "fmi", "t")]))
  sprintf('{"estimates": %s, "std_errors": %s, "mice": {"df": %s, "r": %s, "fmi": %s, "t": %s}, "d3": %s, "d2": %s, "indices": %s}',
          vec(est), vec(sqrt(diag(v))), vec(scalar["df", ]), vec(scalar["r", ]), vec(scalar["fmi", ]), vec(scalar["t", ]), vec(t3), vec(t2), vec(indices))
}
factors <- "a =~ x1 + x2 + x3\nb =~ x4 + x5 + x6\nb ~ a"
covariate <- paste0(factors, " + x7\na ~ x7")
writeLines(paste0('{"factors": ', case(factors), ',\n"means": ', case(factors, meanstructure = TRUE),
                  ',\n"covariate": ', case(covariate, meanstructure = TRUE), "}"), "values.json")
