# What the scripts make.R share. They run in the folder of their case; an argument names another folder for the output.
suppressMessages(library(lavaan))

output_folder <- function() {
  arguments <- commandArgs(trailingOnly = TRUE)
  if (length(arguments) > 0) arguments[1] else "."
}

# Data sets that come with lavaan, and those of the folder shared/data beside the project (see data.txt of a case).
read_data <- function(name) {
  switch(name,
    political_democracy = PoliticalDemocracy,
    holzinger = HolzingerSwineford1939,
    holzinger_missing = delete_values(HolzingerSwineford1939, paste0("x", 1:9)),
    read.csv(file.path("..", "..", "..", "..", "..", "shared", "data", paste0(name, ".csv")))
  )
}

# About one value in ten left out, by a rule that the tests follow too.
delete_values <- function(data, columns) {
  row <- seq_len(nrow(data))
  for (j in seq_along(columns)) data[(7 * row^2 + 31 * row * j + 13 * j) %% 101 < 10, columns[j]] <- NA
  data
}

# Products of indicators, centred before and after multiplying; columns "x.z".
with_products <- function(data, x, z, matched = FALSE) {
  pairs <- if (matched) {
    k <- min(length(x), length(z))
    data.frame(x = x[1:k], z = z[1:k])
  } else {
    expand.grid(x = x, z = z, stringsAsFactors = FALSE)
  }
  centre <- function(v) v - mean(v)
  for (i in seq_len(nrow(pairs))) {
    product <- centre(data[[pairs$x[i]]]) * centre(data[[pairs$z[i]]])
    data[[paste(pairs$x[i], pairs$z[i], sep = ".")]] <- centre(product)
  }
  data
}

# lavaan's default stop leaves up to 1e-5 in the estimates. The tightest stop that nlminb does not call
# "false convergence" (it cannot improve for rounding) is used.
tight_fit <- function(model, data, ...) {
  options <- list(...)
  # The unrestricted moments of incomplete rows are right to three or four digits only by default.
  if (identical(options$missing, "fiml") && is.null(options$em.h1.tol)) {
    options <- c(options, em.h1.tol = 1e-13, em.h1.iter.max = 100000)
  }
  for (tolerance in c(1e-15, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10)) {
    control <- list(rel.tol = tolerance, x.tol = 1e-10, iter.max = 20000, eval.max = 40000)
    fit <- suppressWarnings(do.call("sem", c(list(model, data = data, control = control), options)))
    if (lavInspect(fit, "converged")) return(fit)
  }
  stop("lavaan did not converge")
}

write_reference <- function(data, estimators = "ML", model = "model.txt", ...) {
  text <- paste(readLines(model, encoding = "UTF-8"), collapse = "\n")
  estimates <- NULL
  measures <- NULL
  for (estimator in estimators) {
    fit <- tight_fit(text, data, estimator = estimator, ...)
    estimates <- rbind(estimates, cbind(estimator = estimator, estimates_of(fit)))
    measures <- rbind(measures, cbind(estimator = estimator, measures_of(fit)))
  }
  write_table(estimates, "estimates.csv")
  write_table(measures, "fit.csv")
}

estimates_of <- function(fit) {
  plain <- parameterEstimates(fit, standardized = TRUE, remove.nonfree = FALSE)
  if (is.null(plain$label)) plain$label <- ""
  std <- standardizedSolution(fit)
  # Definitions are in group 0 of one table and in none of the other.
  key <- function(table) paste(table$lhs, table$op, table$rhs, if (is.null(table$group)) 1 else pmax(table$group, 1))
  std <- std[match(key(plain), key(std)), ]
  plain <- plain[, c(if (lavInspect(fit, "ngroups") > 1) "group", "lhs", "op", "rhs", "label", "est", "se", "z", "pvalue", "ci.lower", "ci.upper", "std.lv", "std.all")]
  cbind(as.data.frame(plain), est.std = std$est.std, est.std.se = std$se, est.std.ci.lower = std$ci.lower,
        est.std.ci.upper = std$ci.upper)
}

measures_of <- function(fit) {
  values <- fitMeasures(fit)
  rbind(data.frame(measure = names(values), value = format_number(as.numeric(values))),
        data.frame(measure = "lavaan.version", value = as.character(packageVersion("lavaan"))))
}

format_number <- function(x) ifelse(is.na(x), "", trimws(formatC(x, digits = 12, format = "g")))

write_table <- function(table, name) {
  numeric <- vapply(table, is.numeric, logical(1))
  table[numeric] <- lapply(table[numeric], format_number)
  connection <- file(file.path(output_folder(), name), open = "wb", encoding = "UTF-8")
  write.csv(table, connection, row.names = FALSE, quote = TRUE, eol = "\n")
  close(connection)
}
