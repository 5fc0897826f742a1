# Remakes the references for ordinal invariance, difference tests and factor scores: Rscript make.R, in this folder.
# Needs semTools too. An argument names another folder for the output.
suppressMessages({library(lavaan); library(semTools)})
source("../lavaan/reference.R")

write_data <- function(table, name) {
  connection <- file(file.path(output_folder(), name), open = "wb", encoding = "UTF-8")
  write.csv(table, connection, row.names = FALSE, quote = FALSE, eol = "\n")
  close(connection)
  read.csv(file.path(output_folder(), name))
}

# Six items of two factors in groups that differ in factor means and variances; no decomposition of matrices.
responses <- function(n, mean, spread, shift) {
  f1 <- rnorm(n)
  f2 <- 0.5 * f1 + 0.85 * rnorm(n)
  f1 <- mean + spread * f1
  data.frame(x1 = 0.8 * f1 + 0.6 * rnorm(n), x2 = 0.7 * f1 + 0.7 * rnorm(n), x3 = shift + 0.6 * f1 + 0.8 * rnorm(n),
             x4 = 0.7 * f1 + 0.8 * rnorm(n), x5 = 0.8 * f2 + 0.6 * rnorm(n), x6 = 0.7 * f2 + 0.7 * rnorm(n),
             x7 = 0.6 * f2 + 0.8 * rnorm(n), x8 = 0.6 * f2 + 0.7 * rnorm(n))
}

cut_at <- function(column, thresholds) findInterval(column, thresholds) + 1L

set.seed(20261101, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
latent <- rbind(responses(400, 0, 1, 0), responses(350, 0.3, 1.2, 0.4), responses(300, -0.2, 0.9, 0))
school <- rep(c("a", "b", "c"), c(400, 350, 300))
three <- latent
three[c("x1", "x2", "x3", "x5", "x6")] <- lapply(latent[c("x1", "x2", "x3", "x5", "x6")], cut_at, c(-1.1, -0.3, 0.4, 1.2))
three[c("x4", "x7", "x8")] <- lapply(latent[c("x4", "x7", "x8")], cut_at, c(-0.5, 0.6))
three$school <- school
binary <- as.data.frame(Map(cut_at, latent, c(-0.7, -0.2, 0.3, 0.8, -0.6, -0.1, 0.4, 0.9)))
binary$school <- school
some <- latent
some[c("x1", "x2", "x5")] <- lapply(latent[c("x1", "x2", "x5")], cut_at, c(-1.1, -0.3, 0.4, 1.2))
some[c("x3", "x6")] <- lapply(latent[c("x3", "x6")], cut_at, 0.2)
some$x4 <- cut_at(latent$x4, c(-0.5, 0.6))
some[c("x7", "x8")] <- round(10 + 2 * latent[c("x7", "x8")], 5)
some$school <- school
three <- write_data(three, "three.csv")
binary <- write_data(binary[school != "c", ], "binary.csv")
some <- write_data(some[school != "c", ], "some.csv")
groups <- read.csv("../lavaan_least_squares/groups.csv")
five <- read.csv("../lavaan_least_squares/five.csv")
mixed <- read.csv("../lavaan_least_squares/mixed.csv")

version_rows <- data.frame(package = c("lavaan", "semTools"),
                           version = c(as.character(packageVersion("lavaan")), as.character(packageVersion("semTools"))))

# ---- ladders -----------------------------------------------------------------------------------------------------------

seven <- "f1 =~ x1 + x2 + x3 + x4
f2 =~ x5 + x6 + x7"
eight <- "f1 =~ x1 + x2 + x3 + x4
f2 =~ x5 + x6 + x7 + x8"
kinds <- list(configural = "", thresholds = "thresholds", metric = c("thresholds", "loadings"),
              scalar = c("thresholds", "loadings", "intercepts"))

# Syntax of one level after Wu and Estabrook (2016), by semTools.
level_syntax <- function(model, data, items, equal, partial = "") {
  made <- do.call(measEq.syntax, list(configural.model = model, data = data, ordered = items, parameterization = "delta",
                                      ID.fac = "std.lv", ID.cat = "Wu.Estabrook.2016", group = "school",
                                      group.equal = equal, group.partial = partial))
  as.character(made)
}

level_row <- function(set, level, fit, before) {
  values <- fitMeasures(fit)
  take <- function(name) if (name %in% names(values)) as.numeric(values[name]) else NA
  row <- data.frame(set = set, level = level, npar = take("npar"), chisq = take("chisq"), df = take("df"),
                    chisq_scaled = take("chisq.scaled"), cfi = take("cfi.scaled"), rmsea = take("rmsea.scaled"),
                    srmr = take("srmr"), chisq_diff = NA, df_diff = NA, p_value = NA)
  if (!is.null(before)) {
    test <- as.data.frame(lavTestLRT(fit, before))
    row[c("chisq_diff", "df_diff", "p_value")] <- test[2, c("Chisq diff", "Df diff", "Pr(>Chisq)")]
  }
  row
}

ladder <- function(set, syntaxes, data, ...) {
  before <- NULL
  rows <- NULL
  for (level in names(syntaxes)) {
    fit <- tight_fit(syntaxes[[level]], data, group = "school", ...)
    rows <- rbind(rows, level_row(set, level, fit, before))
    before <- fit
  }
  rows
}

polytomous <- function(set, model, data, items, levels = names(kinds), partial = "", ...) {
  syntaxes <- lapply(kinds[levels], function(equal) {
    level_syntax(model, data, items, equal, if (identical(equal, "")) "" else partial)
  })
  ladder(set, syntaxes, data, ordered = items, std.lv = TRUE, ...)
}

# By hand, with first loadings to set scales, where indicators are of several kinds.
items7 <- paste0("x", 1:7)
items8 <- paste0("x", 1:8)
thresholds_of <- function(item, n, equal) {
  paste(item, "|", paste(vapply(seq_len(n), function(t) {
    labels <- if (equal) rep(paste0("t", t, item), 2) else paste0("t", t, item, c("a", "b"))
    sprintf("c(%s, %s)*t%d", labels[1], labels[2], t)
  }, ""), collapse = " + "))
}
loading_of <- function(factor, item, equal, marker) {
  if (marker) return(paste(factor, "=~ 1*", item))
  labels <- if (equal) rep(paste0("l", item), 2) else paste0("l", item, c("a", "b"))
  sprintf("%s =~ c(%s, %s)*%s", factor, labels[1], labels[2], item)
}
factor_of <- function(item) if (item %in% items8[1:4]) "f1" else "f2"
marker_items <- c("x1", "x5")

# some.csv: x1, x2, x5 have five categories, x4 three, x3 and x6 two; x7 and x8 are continuous.
counts <- c(x1 = 4, x2 = 4, x3 = 1, x4 = 2, x5 = 4, x6 = 1)
some_level <- function(level) {
  lines <- character()
  for (item in items8) {
    lines <- c(lines, loading_of(factor_of(item), item, level %in% c("metric", "scalar"), item %in% marker_items))
    if (item %in% names(counts)) {
      equal <- level != "configural"
      lines <- c(lines, thresholds_of(item, counts[[item]], equal),
                 paste(item, "~", if (equal && level != "scalar") "c(0, NA)*1" else "c(0, 0)*1"),
                 paste(item, "~*~", if (equal && (counts[[item]] > 1 || level != "thresholds")) "c(1, NA)*" else "c(1, 1)*", item))
    } else {
      lines <- c(lines, paste(item, "~", if (level == "scalar") paste0("c(i", item, ", i", item, ")*1") else "c(NA, NA)*1"))
    }
  }
  means <- if (level == "scalar") "c(0, NA)*1" else "c(0, 0)*1"
  paste(c(lines, paste("f1 ~", means), paste("f2 ~", means)), collapse = "\n")
}
some_levels <- setNames(lapply(names(kinds), some_level), names(kinds))

ladders <- rbind(
  polytomous("groups", seven, groups, items7),
  polytomous("three", eight, three, items8),
  polytomous("three_ulsmv", eight, three, items8, estimator = "ULSMV"),
  polytomous("three_wlsm", eight, three, items8, estimator = "WLSM"),
  polytomous("three_partial", eight, three, items8, partial = c("x3 ~ 1", "x2 | t4", "f2 =~ x7")),
  ladder("some", some_levels, some, ordered = names(counts)),
  # Thresholds and loadings equal, scales and latent means free in later groups: lavaan's own default.
  {
    first <- tight_fit(eight, binary, ordered = items8, group = "school")
    second <- tight_fit(eight, binary, ordered = items8, group = "school", group.equal = c("thresholds", "loadings"))
    rbind(level_row("binary", "configural", first, NULL), level_row("binary", "scalar", second, first))
  }
)
write_table(ladders, "ladders.csv")

# ---- difference tests --------------------------------------------------------------------------------------------------

free <- "f1 =~ x1 + x2 + x3 + x4
f2 =~ x5 + x6 + x7
f3 =~ x8 + x9 + x10"
equal <- "f1 =~ x1 + a*x2 + a*x3 + a*x4
f2 =~ x5 + b*x6 + b*x7
f3 =~ x8 + x9 + x10"
formula_none <- "f1 =~ x1 + p*x2 + q*x3 + x4
f2 =~ x5 + r*x6 + x7"
formula_one <- paste(formula_none, "p == q", sep = "\n")
formula_two <- paste(formula_one, "r == 2*q - 1", sep = "\n")
hs <- "visual =~ x1 + x2 + x3
textual =~ x4 + x5 + x6
speed =~ x7 + x8 + x9"
hs_equal <- "visual =~ x1 + a*x2 + a*x3
textual =~ x4 + x5 + x6
speed =~ x7 + b*x8 + b*x9"
school_of <- function(...) list(group = "school", group.equal = c(...))

covariates <- "f1 =~ x1 + p*x3 + q*x4
f3 =~ x8 + x9
f1 ~ x2 + x5
f3 ~ f1 + x5"
covariates_equal <- paste(covariates, "p == q", sep = "\n")
some_ordered <- c("x1", "x3", "x4", "x8", "x9")
# set = list(data, options for all, list(model, options) by model)
sets <- list()
for (estimator in c("WLSMV", "WLSMVS", "WLSM", "ULSMV", "ULSMVS", "ULSM", "WLS")) {
  sets[[paste0("five_", estimator)]] <- list(five, list(ordered = paste0("x", 1:10), estimator = estimator),
                                             list(free = list(free), equal = list(equal)))
}
sets$five_formulas <- list(five, list(ordered = items7), list(none = list(formula_none), one = list(formula_one), two = list(formula_two)))
sets$mixed <- list(mixed, list(ordered = c("x1", "x3", "x4", "x6", "x8", "x9")), list(free = list(free), equal = list(equal)))
sets$covariates <- list(mixed, list(ordered = some_ordered), list(free = list(covariates), equal = list(covariates_equal)))
sets$groups <- list(groups, list(ordered = items7), list(
  configural = list(seven, school_of("")), loadings = list(seven, school_of("loadings")),
  both = list(seven, school_of("thresholds", "loadings"))))
for (estimator in c("MLMV", "MLMVS", "MLM", "GLS", "WLS", "WLSMV", "ULSMV")) {
  sets[[paste0("holzinger_", estimator)]] <- list(HolzingerSwineford1939, list(estimator = estimator),
                                                  list(free = list(hs), equal = list(hs_equal)))
}
for (estimator in c("MLMV", "GLS", "WLSMV")) {
  sets[[paste0("schools_", estimator)]] <- list(HolzingerSwineford1939, list(estimator = estimator), list(
    configural = list(hs, school_of("")), metric = list(hs, school_of("loadings")),
    scalar = list(hs, school_of("loadings", "intercepts"))))
}

difference_rows <- function(set) {
  case <- sets[[set]]
  fits <- lapply(case[[3]], function(model) {
    options <- c(case[[2]], if (length(model) > 1) model[[2]])
    do.call(tight_fit, c(list(model[[1]], case[[1]]), options))
  })
  table <- as.data.frame(suppressWarnings(do.call(lavTestLRT, c(unname(fits), list(model.names = names(fits))))))
  if (is.null(table$RMSEA)) table$RMSEA <- NA
  data.frame(set = set, model = rownames(table), df = table$Df, chisq = table$Chisq, chisq_diff = table$`Chisq diff`,
             df_diff = table$`Df diff`, rmsea_diff = table$RMSEA, p_value = table$`Pr(>Chisq)`)
}
write_table(do.call(rbind, lapply(names(sets), difference_rows)), "difference_tests.csv")

# ---- factor scores -----------------------------------------------------------------------------------------------------

# Every 10th row of each group.
score_rows <- function(case, fit, methods = c("EBM", "ML")) {
  do.call(rbind, lapply(methods, function(method) {
    found <- lavPredict(fit, method = method)
    if (lavInspect(fit, "ngroups") == 1) found <- list(found)
    do.call(rbind, lapply(seq_along(found), function(g) {
      scores <- unclass(found[[g]])
      keep <- seq(1, nrow(scores), by = 10)
      do.call(rbind, lapply(colnames(scores), function(name) {
        data.frame(case = case, method = tolower(method), group = g, row = keep - 1L, latent = name, value = scores[keep, name])
      }))
    }))
  }))
}
structural <- paste(free, "f2 ~ f1", "f3 ~ f2 + f1", sep = "\n")
scores <- rbind(
  score_rows("five", tight_fit(free, five, ordered = paste0("x", 1:10))),
  score_rows("structural", tight_fit(structural, five, ordered = paste0("x", 1:10)), "EBM"),
  score_rows("mixed", tight_fit(free, mixed, ordered = c("x1", "x3", "x4", "x6", "x8", "x9"))),
  score_rows("covariates", tight_fit(covariates, mixed, ordered = some_ordered), "EBM"),
  score_rows("groups", tight_fit(seven, groups, ordered = items7, group = "school", group.equal = "loadings"), "EBM"),
  # In later groups lavaan mixes scaled thresholds with unscaled loadings: the first one only.
  subset(score_rows("groups_scaled", tight_fit(seven, groups, ordered = items7, group = "school",
                                               group.equal = c("thresholds", "loadings")), "EBM"), group == 1)
)
write_table(scores, "factor_scores.csv")

# ---- score tests -------------------------------------------------------------------------------------------------------

released <- function(case, fit) {
  test <- suppressWarnings(lavTestScore(fit))
  table <- parTable(fit)
  name <- function(plabel) {
    at <- match(plabel, table$plabel)
    ifelse(is.na(at), plabel, paste0(table$lhs[at], table$op[at], table$rhs[at], ifelse(table$group[at] > 1, paste0(".g", table$group[at]), "")))
  }
  uni <- as.data.frame(test$uni)
  total <- as.data.frame(test$test)
  rbind(data.frame(case = case, first = name(uni$lhs), second = name(uni$rhs), X2 = uni$X2, df = uni$df, p_value = uni$p.value),
        data.frame(case = case, first = "total", second = "", X2 = total$X2, df = total$df, p_value = total$p.value))
}
modification <- function(case, fit) {
  table <- as.data.frame(modindices(fit))
  if (is.null(table$group)) table$group <- 1L
  cbind(case = case, table[, c("lhs", "op", "rhs", "group", "mi", "epc", "sepc.lv", "sepc.all")])
}
tested <- list(
  five = tight_fit(equal, five, ordered = paste0("x", 1:10)),
  five_ULSMV = tight_fit(equal, five, ordered = paste0("x", 1:10), estimator = "ULSMV"),
  mixed = tight_fit(equal, mixed, ordered = c("x1", "x3", "x4", "x6", "x8", "x9")),
  covariates = tight_fit(covariates_equal, mixed, ordered = some_ordered),
  groups = tight_fit(seven, groups, ordered = items7, group = "school", group.equal = "loadings"),
  holzinger_GLS = tight_fit(hs_equal, HolzingerSwineford1939, estimator = "GLS"),
  holzinger_WLS = tight_fit(hs_equal, HolzingerSwineford1939, estimator = "WLS")
)
write_table(do.call(rbind, lapply(names(tested), function(case) released(case, tested[[case]]))), "score_tests.csv")
write_table(do.call(rbind, lapply(names(tested), function(case) modification(case, tested[[case]]))), "modification_indices.csv")
write_table(version_rows, "version.csv")
