# What the scripts make.R of latent interactions share: products of indicators by semTools, or by hand.
source("../../lavaan/reference.R")
suppressMessages(library(semTools))

items <- function(name, k = 3) paste0(name, seq_len(k))

# Products of all items of x and z, or of matched ones, with the centring semTools offers.
products <- function(data, x, z, match = FALSE, residual = FALSE, double = TRUE) {
  indProd(data, var1 = x, var2 = z, match = match, meanC = !residual, residualC = residual,
          doubleMC = double && !residual)
}

# The same within the groups of a column: means are those of the group.
products_within <- function(data, group, ...) {
  parts <- lapply(unique(data[[group]]), function(value) products(data[data[[group]] == value, ], ...))
  do.call(rbind, parts)
}

# Products of incomplete items, centred at the means of the rows that have a value.
incomplete_products <- function(data, x, z) {
  centre <- function(v) v - mean(v, na.rm = TRUE)
  for (i in x) for (j in z) data[[paste(i, j, sep = ".")]] <- centre(centre(data[[i]]) * centre(data[[j]]))
  data
}

# Covariances of the residuals of products that have an item in common, leaving aside items in "single".
sharing <- function(names, single = NULL) {
  parts <- strsplit(names, ".", fixed = TRUE)
  lines <- NULL
  for (i in seq_along(names)) for (j in seq_along(names)) {
    if (i < j && length(setdiff(intersect(parts[[i]], parts[[j]]), single))) lines <- c(lines, paste(names[i], "~~", names[j]))
  }
  lines
}

pairs_of <- function(x, z) as.vector(t(outer(x, z, paste, sep = ".")))

measured_by <- function(latent, names) paste(latent, "=~", paste(names, collapse = " + "))

# Fits the lines of a model and writes what write_reference writes.
write_moderated <- function(data, ..., lines, estimators = c("ML", "MLR")) {
  model <- tempfile()
  writeLines(lines, model)
  write_reference(data, estimators = estimators, model = model, ...)
}

measurement <- c("X =~ x1 + x2 + x3", "Z =~ z1 + z2 + z3", "Y =~ y1 + y2 + y3")
