# Remakes the references for groups as moderators, latent means and moderated regression: Rscript make.R, in this folder.
# Needs the R package sandwich too. An argument names another folder for the output.
suppressMessages({library(lavaan); library(sandwich)})
source("../lavaan/reference.R")

holzinger <- read_data("holzinger")
three <- read.csv("../lavaan_ordinal_invariance/three.csv")
influencer <- read.csv(file.path("..", "..", "..", "..", "shared", "data", "influencer_data.csv"))

# ---- paths of groups -----------------------------------------------------------------------------------------------------

# One label a group (free), or one for all (held).
labels_of <- function(name, n_groups, held) {
  labels <- if (held) rep(name, n_groups) else paste0(name, "_", seq_len(n_groups))
  paste0("c(", paste(labels, collapse = ", "), ")")
}

# paths: a matrix with outcome and predictor; held: rows of it that are equal across groups.
with_paths <- function(measurement, paths, n_groups, held = NULL, differences = is.null(held)) {
  lines <- measurement
  for (i in seq_len(nrow(paths))) {
    name <- paste0("b", i)
    lines <- c(lines, paste0(paths[i, 1], " ~ ", labels_of(name, n_groups, i %in% held), "*", paths[i, 2]))
    if (differences) for (first in seq_len(n_groups - 1)) for (second in (first + 1):n_groups) {
      lines <- c(lines, sprintf("d%d_%d_%d := b%d_%d - b%d_%d", i, first, second, i, second, i, first))
    }
  }
  paste(lines, collapse = "\n")
}

path_tables <- function(case, estimator, measurement, paths, data, group, n_groups, ...) {
  fit <- function(...) tight_fit(data = data, estimator = estimator, group = group, ...)
  free <- fit(with_paths(measurement, paths, n_groups), ...)
  plain <- parameterEstimates(free, standardized = TRUE)
  std <- standardizedSolution(free)
  groups <- lavInspect(free, "group.label")
  rows <- NULL
  tests <- NULL
  differences <- NULL
  for (i in seq_len(nrow(paths))) {
    for (g in seq_len(n_groups)) {
      a <- plain[plain$label == paste0("b", i, "_", g), ]
      b <- std[std$label == paste0("b", i, "_", g), ]
      rows <- rbind(rows, data.frame(case = case, estimator = estimator, path = paste(paths[i, 1], "~", paths[i, 2]),
        group = groups[g], estimate = a$est, std_error = a$se, z = a$z, p_value = a$pvalue, ci_lower = a$ci.lower,
        ci_upper = a$ci.upper, std_estimate = b$est.std, std_std_error = b$se, std_ci_lower = b$ci.lower,
        std_ci_upper = b$ci.upper))
    }
    for (first in seq_len(n_groups - 1)) for (second in (first + 1):n_groups) {
      name <- paste("d", i, "_", first, "_", second, sep = "")
      a <- plain[plain$lhs == name, ]
      b <- std[std$lhs == name, ]
      differences <- rbind(differences, data.frame(case = case, estimator = estimator,
        path = paste(paths[i, 1], "~", paths[i, 2]), group = groups[second], other = groups[first], difference = a$est,
        std_error = a$se, z = a$z, p_value = a$pvalue, ci_lower = a$ci.lower, ci_upper = a$ci.upper,
        std_difference = b$est.std, std_std_error = b$se, std_z = b$z, std_p_value = b$pvalue,
        std_ci_lower = b$ci.lower, std_ci_upper = b$ci.upper))
    }
  }
  held <- c(as.list(seq_len(nrow(paths))), if (nrow(paths) > 1) list(seq_len(nrow(paths))))
  for (those in held) {
    equal <- fit(with_paths(measurement, paths, n_groups, those), ...)
    test <- as.data.frame(lavTestLRT(equal, free))[2, ]
    name <- if (length(those) > 1) "all paths" else paste(paths[those, 1], "~", paths[those, 2])
    tests <- rbind(tests, data.frame(case = case, estimator = estimator, path = name, chisq_diff = test[["Chisq diff"]],
                                     df_diff = test[["Df diff"]], p_value = test[["Pr(>Chisq)"]]))
  }
  tests$p_adjusted <- tests$p_value
  single <- tests$path != "all paths"
  tests$p_adjusted[single] <- p.adjust(tests$p_value[single], "holm")
  differences$p_adjusted <- p.adjust(differences$p_value, "holm")
  list(paths = rows, differences = differences, tests = tests)
}

school_factors <- c("visual =~ x1 + x2 + x3", "textual =~ x4 + x5 + x6", "speed =~ x7 + x8 + x9")
school_paths <- rbind(c("textual", "visual"), c("speed", "visual"), c("speed", "textual"))
influencer_factors <- c("PIC =~ pic_1 + pic_2 + pic_3 + pic_4 + pic_5",
  "SIC =~ sic_1 + sic_2 + sic_3 + sic_4 + sic_5 + sic_6 + sic_7", "PQ =~ pq_1 + pq_2 + pq_3 + pq_4",
  "PL =~ pl_1 + pl_2 + pl_3 + pl_4", "PI =~ pi_1 + pi_2 + pi_3 + pi_4 + pi_5")
influencer_paths <- rbind(c("PQ", "PIC"), c("PQ", "SIC"), c("PL", "PIC"), c("PL", "SIC"), c("PI", "PQ"), c("PI", "PL"))

# Ordered indicators, after Wu and Estabrook (2016): thresholds equal; locations and scales of responses are free in later
# groups; at the scalar level locations are equal and factor means free instead.
items <- paste0("x", 1:8)
n_thresholds <- c(x1 = 4, x2 = 4, x3 = 4, x4 = 2, x5 = 4, x6 = 4, x7 = 2, x8 = 2)
ordered_factors <- function(scalar, means = "c(0, NA, NA)") {
  loading <- function(item, marker) if (item == marker) item else sprintf("c(l%1$s, l%1$s, l%1$s)*%1$s", item)
  factor <- function(name, those) paste(name, "=~", paste(sapply(those, loading, marker = those[1]), collapse = " + "))
  threshold <- function(item) paste(item, "|", paste(sprintf("c(t%1$d%2$s, t%1$d%2$s, t%1$d%2$s)*t%1$d",
                                                             seq_len(n_thresholds[[item]]), item), collapse = " + "))
  c(factor("f1", items[1:4]), factor("f2", items[5:8]), sapply(items, threshold),
    paste(items, "~", if (scalar) "c(0, 0, 0)*1" else "c(0, NA, NA)*1"), paste0(items, " ~*~ c(1, NA, NA)*", items),
    paste(c("f1", "f2"), "~", if (scalar) paste0(means, "*1") else "c(0, 0, 0)*1"))
}

made <- list(
  path_tables("holzinger", "ML", school_factors, school_paths, holzinger, "school", 2, group.equal = "loadings"),
  path_tables("holzinger", "MLR", school_factors, school_paths, holzinger, "school", 2, group.equal = "loadings"),
  path_tables("holzinger_partial", "MLR", school_factors, school_paths, holzinger, "school", 2, group.equal = "loadings",
              group.partial = "visual =~ x2"),
  path_tables("influencer", "MLR", influencer_factors, influencer_paths, influencer, "influencer_group", 2,
              group.equal = "loadings"),
  path_tables("three", "WLSMV", ordered_factors(FALSE), rbind(c("f2", "f1")), three, "school", 3, ordered = items))
for (name in c("paths", "differences", "tests")) write_table(do.call(rbind, lapply(made, `[[`, name)), paste0(name, ".csv"))

# ---- latent means --------------------------------------------------------------------------------------------------------

# Labelled means m<factor>_<group> and variances v<factor>_<group>; the mean of the first group is 0.
moment_lines <- function(factors, n_groups, means) {
  unlist(lapply(factors, function(name) c(
    if (means) paste0(name, " ~ c(0, ", paste(rep("NA", n_groups - 1), collapse = ", "), ")*1 + c(",
                      paste0("m", name, "_", seq_len(n_groups), collapse = ", "), ")*1"),
    paste0(name, " ~~ c(", paste0("v", name, "_", seq_len(n_groups), collapse = ", "), ")*", name))))
}

difference_lines <- function(factors, sizes, base) {
  mean_of <- function(name, g) if (g == 1) "0" else paste0("m", name, "_", g)
  unlist(lapply(factors, function(name) unlist(lapply(setdiff(seq_along(sizes), base), function(g) {
    raw <- sprintf("(%s - %s)", mean_of(name, g), mean_of(name, base))
    pooled <- sprintf("((%d*v%s_%d + %d*v%s_%d)/%d)", sizes[g], name, g, sizes[base], name, base, sizes[g] + sizes[base])
    c(sprintf("raw.%s.%d := %s", name, g, raw), sprintf("d.%s.%d := %s/sqrt(v%s_%d)", name, g, raw, name, base),
      sprintf("pooled.%s.%d := %s/sqrt(%s)", name, g, raw, pooled))
  }))))
}

mean_tables <- function(case, estimator, model, equal_model, factors, data, base, ...) {
  fit <- function(...) tight_fit(data = data, estimator = estimator, group = "school", ...)
  sizes <- as.integer(table(factor(data$school, levels = unique(data$school))))
  lines <- c(model, moment_lines(factors, length(sizes), TRUE), difference_lines(factors, sizes, base))
  free <- fit(paste(lines, collapse = "\n"), ...)
  defined <- parameterEstimates(free)
  defined <- defined[defined$op == ":=", ]
  groups <- lavInspect(free, "group.label")
  parts <- do.call(rbind, strsplit(defined$lhs, ".", fixed = TRUE))
  rows <- data.frame(case = case, estimator = estimator, kind = parts[, 1], latent_variable = parts[, 2],
                     group = groups[as.integer(parts[, 3])], reference = groups[base], estimate = defined$est,
                     std_error = defined$se, z = defined$z, p_value = defined$pvalue, ci_lower = defined$ci.lower,
                     ci_upper = defined$ci.upper)
  equal <- fit(paste(equal_model, collapse = "\n"), ...)
  test <- as.data.frame(lavTestLRT(equal, free))[2, ]
  list(means = rows, tests = data.frame(case = case, estimator = estimator, chisq_diff = test[["Chisq diff"]],
                                        df_diff = test[["Df diff"]], p_value = test[["Pr(>Chisq)"]]))
}

strong <- c("loadings", "intercepts")
freed <- c("x3 ~ 1", "x7 ~ 1")
names_of <- c("visual", "textual", "speed")
no_means <- c(school_factors, paste(names_of, "~ c(0, 0)*1"))
without_means <- function(lines) lines[!grepl("^f[12] ~ ", lines)]
scalar <- ordered_factors(TRUE)
made <- list(
  mean_tables("holzinger_partial", "ML", school_factors, no_means, names_of, holzinger, 1, group.equal = strong,
              group.partial = freed),
  mean_tables("holzinger_partial", "MLR", school_factors, no_means, names_of, holzinger, 2, group.equal = strong,
              group.partial = freed),
  mean_tables("three", "WLSMV", without_means(scalar), ordered_factors(TRUE, "c(0, 0, 0)"), c("f1", "f2"), three, 2,
              ordered = items))
write_table(do.call(rbind, lapply(made, `[[`, "means")), "latent_means.csv")
write_table(do.call(rbind, lapply(made, `[[`, "tests")), "mean_tests.csv")

# ---- moderated regression ------------------------------------------------------------------------------------------------

scores <- with(holzinger, data.frame(visual = (x1 + x2 + x3)/3, textual = (x4 + x5 + x6)/3, speed = (x7 + x8 + x9)/3,
                                     ageyr = ageyr, cluster = id %% 40))
centred <- function(v) v - mean(v)
z_score <- function(v) (v - mean(v))/sd(v)

# HC3 by its definition.
hc3 <- function(fit) {
  X <- model.matrix(fit)
  bread <- solve(crossprod(X))
  bread %*% crossprod(X * (residuals(fit)/(1 - hatvalues(fit)))) %*% bread
}

regression_tables <- function(case, code, covariance) {
  x <- code(scores$visual)
  z <- code(scores$textual)
  fit <- lm(scores$speed ~ x + z + I(x * z) + scores$ageyr)
  without <- lm(scores$speed ~ x + z + scores$ageyr)
  V <- switch(covariance, HC3 = vcovHC(fit, type = "HC3"), nonrobust = vcov(fit),
              cluster = vcovCL(fit, cluster = scores$cluster, type = "HC1", cadjust = TRUE))
  if (covariance == "HC3") stopifnot(isTRUE(all.equal(unname(V), unname(hc3(fit)))))
  df <- if (covariance == "cluster") length(unique(scores$cluster)) - 1 else df.residual(fit)
  tested <- function(estimate, error) {
    data.frame(estimate = estimate, std_error = error, t = estimate/error, p_value = 2*pt(-abs(estimate/error), df),
               ci_lower = estimate - qt(.975, df)*error, ci_upper = estimate + qt(.975, df)*error)
  }
  b <- unname(coef(fit))
  terms <- c("intercept", "visual", "textual", "visual:textual", "ageyr")
  spread <- sd(scores$speed)
  beta <- c(NA, b[2]*sd(x), b[3]*sd(z), b[4]*sd(x)*sd(z), b[5]*sd(scores$ageyr))/spread
  at <- c(-1, 0, 1)
  raw <- mean(scores$textual) + at*sd(scores$textual)
  w <- if (identical(code, centred)) at*sd(scores$textual) else if (identical(code, z_score)) at else raw
  variance <- function(w) V[2, 2] + 2*w*V[2, 4] + w^2*V[4, 4]
  # Boundaries by search along the axis, not by the quadratic formula.
  excess <- function(w) (b[2] + b[4]*w)^2 - qt(.975, df)^2*variance(w)
  grid <- seq(-60, 60, by = 0.01)
  change <- which(diff(sign(excess(grid))) != 0)
  roots <- vapply(change, function(i) uniroot(excess, grid[c(i, i + 1)], tol = 1e-13)$root, 0)
  back <- if (identical(code, centred)) roots + mean(scores$textual) else
    if (identical(code, z_score)) mean(scores$textual) + roots*sd(scores$textual) else roots
  gain <- summary(fit)$r.squared - summary(without)$r.squared
  key <- data.frame(case = case, covariance = covariance)
  test <- b[4]^2/V[4, 4]
  list(
    coefficients = cbind(key, term = terms, tested(b, sqrt(diag(V))), beta = beta),
    slopes = cbind(key, at = at, moderator_value = raw, tested(b[2] + b[4]*w, sqrt(variance(w)))),
    summary = cbind(key, r_squared = summary(fit)$r.squared, r_squared_change = gain,
                    f_squared = gain/(1 - summary(fit)$r.squared), F = test, df2 = df,
                    p_value = pf(test, 1, df, lower.tail = FALSE)),
    boundaries = if (length(back)) cbind(key, boundary = back))
}

made <- list(regression_tables("mean", centred, "HC3"), regression_tables("mean", centred, "nonrobust"),
             regression_tables("mean", centred, "cluster"), regression_tables("z", z_score, "HC3"),
             regression_tables("none", identity, "HC3"))
for (name in c("coefficients", "slopes", "summary", "boundaries")) {
  write_table(do.call(rbind, lapply(made, `[[`, name)), paste0("regression_", name, ".csv"))
}

versions <- vapply(c("lavaan", "sandwich"), function(name) as.character(packageVersion(name)), "")
write_table(data.frame(package = names(versions), version = versions), "version.csv")
