# Effects, explained variance and rival models by lavaan: Rscript make.R, in this folder.
suppressMessages({library(lavaan); library(semTools)})

blocks <- readLines("models.txt", encoding = "UTF-8")
starts <- grep("^\\[", blocks)
ends <- c(starts[-1] - 1, length(blocks))
models <- setNames(
  mapply(function(from, to) paste(blocks[(from + 1):to], collapse = "\n"), starts, ends),
  gsub("[][]", "", blocks[starts])
)

write_table <- function(table, name) {
  numeric <- vapply(table, is.numeric, logical(1))
  table[numeric] <- lapply(table[numeric], function(x) ifelse(is.na(x), "", trimws(formatC(x, digits = 12, format = "g"))))
  connection <- file(name, open = "wb", encoding = "UTF-8")
  write.csv(table, connection, row.names = FALSE, quote = FALSE, eol = "\n")
  close(connection)
}

# The tightest stop that nlminb does not call "false convergence".
fitted <- function(model, data, ...) {
  for (tolerance in c(1e-15, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10)) {
    tight <- list(rel.tol = tolerance, x.tol = 1e-10, iter.max = 20000, eval.max = 40000)
    # The call holds values, which net() evaluates again.
    fit <- suppressWarnings(do.call("sem", list(model = model, data = data, control = tight, ...)))
    if (lavInspect(fit, "converged")) return(fit)
  }
  stop("lavaan did not converge")
}

chain <- "indirect := a*b\n total := c + a*b"
groups <- "indirect_1 := a1*b1\n total_1 := c1 + a1*b1\n indirect_2 := a2*b2\n total_2 := c2 + a2*b2"
feedback <- "total_dem60 := p/(1 - p*q)\n indirect_dem60 := p/(1 - p*q) - p\n total_dem65 := q/(1 - p*q)\n indirect_dem65 := q/(1 - p*q) - q"

defined <- function(fit, case, estimator) {
  plain <- parameterEstimates(fit)
  standard <- standardizedSolution(fit)
  plain <- plain[plain$op == ":=", ]
  standard <- standard[standard$op == ":=", ]
  data.frame(case = case, estimator = estimator, name = plain$lhs, est = plain$est, se = plain$se,
             est.std = standard$est.std, se.std = standard$se)
}

cases <- list(
  list("chain", chain, PoliticalDemocracy, NULL),
  list("groups", groups, HolzingerSwineford1939, "school"),
  list("feedback", feedback, PoliticalDemocracy, NULL)
)
effects <- NULL
for (case in cases) {
  for (estimator in c("ML", "MLR")) {
    text <- paste(models[[case[[1]]]], case[[2]], sep = "\n")
    fit <- fitted(text, case[[3]], estimator = estimator, group = case[[4]])
    effects <- rbind(effects, defined(fit, case[[1]], estimator))
  }
}
write_table(effects, "effects.csv")

fit <- fitted(paste(models[["chain"]], chain, sep = "\n"), PoliticalDemocracy)
set.seed(1, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
wanted <- function(object) {
  standard <- standardizedSolution(object, se = FALSE)
  c(coef(object, type = "user")[c("indirect", "total")],
    setNames(standard$est.std[standard$op == ":="], c("indirect_std", "total_std")))
}
draws <- suppressWarnings(bootstrapLavaan(fit, R = 2000, FUN = wanted))
colnames(draws) <- c("indirect", "total", "indirect_std", "total_std")
write_table(data.frame(name = colnames(draws), n = colSums(!is.na(draws)), sd = apply(draws, 2, sd, na.rm = TRUE),
  lower = apply(draws, 2, quantile, 0.025, na.rm = TRUE, type = 6),
  upper = apply(draws, 2, quantile, 0.975, na.rm = TRUE, type = 6)), "bootstrap.csv")

r_squared <- function(text) lavInspect(fitted(text, PoliticalDemocracy), "r2")[["dem65"]]
measured <- sub("dem60 ~ .*", "", models[["chain"]])
structural <- c(
  all = "dem60 ~ ind60\n dem65 ~ ind60 + dem60",
  ind60 = "dem60 ~ ind60\n dem65 ~ dem60\n dem65 ~~ ind60\n dem65 ~~ 0*dem60",
  dem60 = "dem60 ~ ind60\n dem65 ~ ind60\n dem65 ~~ dem60"
)
# Without ind60: all three correlated, and dem60 first, so that the residual of dem65 is free of dem60.
structural[["ind60"]] <- "ind60 ~ dem60\n dem65 ~ dem60\n dem65 ~~ ind60"
texts <- vapply(structural, function(part) paste(measured, part, "y1 ~~ y5\n y2 ~~ y4", sep = "\n"), "")
write_table(data.frame(without = names(texts), r_squared = vapply(texts, r_squared, 1)), "explained.csv")

base <- fitted(models[["chain"]], PoliticalDemocracy, estimator = "MLR")
rivals <- NULL
relations <- NULL
for (name in c("full_mediation", "equal", "larger", "reversed", "other")) {
  fit <- fitted(models[[name]], PoliticalDemocracy, estimator = "MLR")
  keys <- c("df", "chisq", "chisq.scaled", "cfi.robust", "rmsea.robust", "srmr", "aic", "bic")
  row <- as.data.frame(as.list(fitMeasures(fit, keys)))
  row <- cbind(name = name, row, chisq_diff = NA_real_, df_diff = NA_real_, p_value = NA_real_)
  if (name %in% c("full_mediation", "equal", "larger")) {
    test <- lavTestLRT(base, fit)
    row[c("chisq_diff", "df_diff", "p_value")] <- unlist(test[2, c("Chisq diff", "Df diff", "Pr(>Chisq)")])
  }
  rivals <- rbind(rivals, row)
  found <- net(base, fitted(models[[name]], PoliticalDemocracy))@test
  relations <- rbind(relations, data.frame(name = name, nested = any(found[lower.tri(found)], na.rm = TRUE)))
}
base_row <- as.data.frame(as.list(fitMeasures(base, c("df", "chisq", "chisq.scaled", "cfi.robust", "rmsea.robust", "srmr", "aic", "bic"))))
rivals <- rbind(cbind(name = "chain", base_row, chisq_diff = NA_real_, df_diff = NA_real_, p_value = NA_real_), rivals)
write_table(rivals, "rivals.csv")
write_table(relations, "nesting.csv")
