# Remakes the references for the probing of interactions: Rscript make.R, in this folder.
source("../lavaan/reference.R")

shared <- function(name) read.csv(file.path("..", "..", "..", "..", "shared", "data", paste0(name, ".csv")))
number <- function(value) sprintf("(%.17g)", value)
definition <- function(name, ...) paste0(name, " := ", ...)

# A model of a file, fitted twice: once for the values of the moderator, once with definitions made of them.
probed <- function(case, data, definitions, estimator = "ML") {
  text <- paste(readLines(paste0(case, ".txt"), encoding = "UTF-8"), collapse = "\n")
  latent <- lavInspect(tight_fit(text, data, estimator = estimator), "cov.lv")
  fit <- tight_fit(paste(c(text, definitions(sqrt(diag(latent)))), collapse = "\n"), data, estimator = estimator)
  rows <- parameterEstimates(fit)
  rows <- rows[rows$op == ":=", c("lhs", "est", "se", "pvalue", "ci.lower", "ci.upper")]
  list(fit = fit, rows = cbind(case = case, estimator = estimator, quantity = rows$lhs, rows[, -1]))
}

points <- c(low = -1, mean = 0, high = 1)

one_int <- function(sd) {
  outcome <- paste("b1^2*vX + b2^2*vZ + b3^2*vP + 2*b1*b2*cXZ + 2*b1*b3*cXP + 2*b2*b3*cZP + vY")
  unlist(lapply(names(points), function(at) {
    z <- number(points[[at]] * sd[["Z"]])
    c(definition(paste0("slope_", at), "b1 + b3*", z),
      definition(paste0("std_slope_", at), "(b1 + b3*", number(points[[at]]), "*sqrt(vZ))*sqrt(vX)/sqrt(", outcome, ")"),
      definition(paste0("predicted_mean_", at), "b2*", z, " - b3*cXZ"),
      definition(paste0("predicted_high_", at), "b1*", number(sd[["X"]]), " + b2*", z, " + b3*(",
                 number(sd[["X"]]), "*", z, " - cXZ)"))
  }))
}

# Where |b1 + b3 z| is the quantile times its standard error.
boundaries <- function(fit, alpha) {
  b <- coef(fit)[c("b1", "b3")]
  v <- vcov(fit)[c("b1", "b3"), c("b1", "b3")]
  c2 <- qnorm(alpha / 2)^2
  sort(Re(polyroot(c(b[1]^2 - c2 * v[1, 1], 2 * (b[1] * b[2] - c2 * v[1, 2]), b[2]^2 - c2 * v[2, 2]))))
}

second_stage <- function(sd) {
  z <- number(points * sd[["PBC"]])
  c(definition("indirect_low", "a1*(c1 + c3*", z[1], ")"),
    definition("indirect_mean", "a1*c1"),
    definition("indirect_high", "a1*(c1 + c3*", z[3], ")"),
    definition("index", "a1*c3"),
    definition("difference", "indirect_high - indirect_low"))
}

both_stages <- function(sd) {
  z <- number(points * sd[["PBC"]])
  c(definition("indirect_low", "(a1 + a3*", z[1], ")*(c1 + c3*", z[1], ")"),
    definition("indirect_mean", "a1*c1"),
    definition("indirect_high", "(a1 + a3*", z[3], ")*(c1 + c3*", z[3], ")"),
    definition("difference", "indirect_high - indirect_low"))
}

items <- function(stem, k) paste0(stem, seq_len(k))
one <- with_products(shared("oneInt"), items("x", 3), items("z", 3))
tpb <- with_products(shared("TPB"), items("int", 3), items("pbc", 3), matched = TRUE)
tpb <- with_products(tpb, items("att", 5), items("pbc", 3), matched = TRUE)

regions <- NULL
rows <- NULL
for (estimator in c("ML", "MLR")) {
  case <- probed("one_int", one, one_int, estimator)
  rows <- rbind(rows, case$rows)
  for (alpha in c(0.05, 0.01)) {
    limits <- boundaries(case$fit, alpha)
    regions <- rbind(regions, data.frame(estimator = estimator, alpha = alpha, lower = limits[1], upper = limits[2]))
  }
  rows <- rbind(rows, probed("second_stage", tpb, second_stage, estimator)$rows)
  rows <- rbind(rows, probed("both_stages", tpb, both_stages, estimator)$rows)
}
write_table(rows, "quantities.csv")
write_table(regions, "boundaries.csv")
