# Estimates from resamples whose rows are written out: Rscript make.R, in this folder.
# frequencies.csv says how often each row is in each resample: two of single rows, two of whole clusters.
suppressMessages(library(lavaan))

write_table <- function(table, name) {
  numeric <- vapply(table, is.numeric, logical(1))
  table[numeric] <- lapply(table[numeric], function(x) ifelse(is.na(x), "", trimws(formatC(x, digits = 12, format = "g"))))
  connection <- file(name, open = "wb", encoding = "UTF-8")
  write.csv(table, connection, row.names = FALSE, quote = FALSE, eol = "\n")
  close(connection)
}

model <- "
  visual  =~ x1 + l2*x2 + x3
  textual =~ x4 + x5 + x6
  speed   =~ x7 + x8 + x9
  textual ~ a*visual
  speed ~ b*textual + visual
  indirect := a*b
"
set.seed(1, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
items <- round(HolzingerSwineford1939[paste0("x", 1:9)], 4)
n <- nrow(items)
complete <- items
incomplete <- items
incomplete[as.matrix(items) > -Inf & matrix(runif(n * 9), n) < 0.08] <- NA
categories <- as.data.frame(lapply(items, function(x) as.integer(cut(x, c(-Inf, quantile(x, c(0.2, 0.55, 0.85)), Inf)))))
cluster <- rep(1:60, length.out = n)

drawn <- replicate(2, tabulate(sample(n, n, replace = TRUE), n))
clusters <- replicate(2, tabulate(sample(60, 60, replace = TRUE), 60)[cluster])
frequencies <- cbind(drawn, clusters)
colnames(frequencies) <- paste0("s", 1:4)
write_table(as.data.frame(frequencies), "frequencies.csv")
write_table(cbind(complete, setNames(incomplete, paste0("m", 1:9)), setNames(categories, paste0("o", 1:9))), "data.csv")

# The tightest stop that nlminb does not call "false convergence".
fitted <- function(case, rows) {
  for (tolerance in c(1e-14, 1e-13, 1e-12, 1e-11, 1e-10)) {
    tight <- list(rel.tol = tolerance, x.tol = 1e-10, iter.max = 20000, eval.max = 40000)
    fit <- suppressWarnings(switch(case,
      complete = sem(model, complete[rows, ], control = tight),
      incomplete = sem(model, incomplete[rows, ], missing = "fiml", control = tight, em.h1.tol = 1e-13,
                       em.h1.iter.max = 100000),
      gls = sem(model, complete[rows, ], estimator = "GLS", control = tight),
      ordered = sem(model, categories[rows, ], ordered = TRUE, control = tight)
    ))
    if (lavInspect(fit, "converged")) return(fit)
  }
  stop("lavaan did not converge")
}

estimates <- NULL
for (case in c("complete", "incomplete", "gls", "ordered")) {
  for (number in 1:4) {
    fit <- fitted(case, rep(seq_len(n), frequencies[, number]))
    table <- standardizedSolution(fit)
    table <- merge(parameterEstimates(fit)[c("lhs", "op", "rhs", "est")], table[c("lhs", "op", "rhs", "est.std")], sort = FALSE)
    estimates <- rbind(estimates, cbind(case = case, sample = number, table))
  }
}
write_table(estimates, "estimates.csv")
