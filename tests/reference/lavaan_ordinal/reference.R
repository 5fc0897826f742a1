# What the scripts make.R share. They run in the folder of their case; an argument names another folder for the output.
# data.csv is simulated by the script from its seed and stored, so that the tests need no R.
suppressMessages(library(lavaan))

output_folder <- function() {
  arguments <- commandArgs(trailingOnly = TRUE)
  if (length(arguments) > 0) arguments[1] else "."
}

# Normal scores with one common factor.
one_factor_scores <- function(n, loadings) {
  factor <- rnorm(n)
  scores <- outer(factor, loadings) + matrix(rnorm(n * length(loadings)), n) %*% diag(sqrt(1 - loadings^2))
  as.data.frame(scores)
}

# Categories 1, 2 ... of normal scores.
categories <- function(scores, thresholds) findInterval(scores, thresholds) + 1L

format_number <- function(x) trimws(formatC(x, digits = 15, format = "g"))

write_table <- function(table, name) {
  connection <- file(file.path(output_folder(), name), open = "wb", encoding = "UTF-8")
  write.csv(table, connection, row.names = FALSE, quote = FALSE, eol = "\n")
  close(connection)
}

# The statistics a WLSMV model is fitted to: statistics.csv in the order of lavaan's wls.obs, gamma.csv in full,
# correlations and thresholds as lavInspect(fit, "sampstat") reports them.
write_ordinal_reference <- function(data, ordered) {
  data[] <- lapply(data, function(column) if (is.integer(column)) column else round(column, 6))
  model <- paste("f =~", paste(names(data), collapse = " + "))
  fit <- suppressWarnings(cfa(model, data = data, ordered = ordered, estimator = "WLSMV", do.fit = FALSE))
  sample <- lavInspect(fit, "sampstat")
  write_table(data, "data.csv")
  write_table(data.frame(value = format_number(lavTech(fit, "wls.obs")[[1]])), "statistics.csv")
  write_table(as.data.frame(apply(lavTech(fit, "gamma")[[1]], 2, format_number)), "gamma.csv")
  write_table(as.data.frame(apply(unclass(sample$cov), 2, format_number)), "covariance.csv")
  write_table(data.frame(name = names(sample$th), value = format_number(as.numeric(sample$th))), "thresholds.csv")
  empty <- fit@SampleStats@zero.cell.tables[[1]]
  write_table(data.frame(first = as.character(empty[, 1]), second = as.character(empty[, 2])), "empty_cells.csv")
  write_table(data.frame(lavaan = as.character(packageVersion("lavaan"))), "version.csv")
}
