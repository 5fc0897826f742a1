# Remakes the references for what is asked of a fitted model: Rscript make.R, in this folder.
source("../lavaan/reference.R")

models <- function() {
  lines <- readLines("models.txt", encoding = "UTF-8")
  starts <- grep("^%%", lines)
  ends <- c(starts[-1] - 1, length(lines))
  texts <- mapply(function(from, to) paste(lines[(from + 1):to], collapse = "\n"), starts, ends)
  setNames(texts, trimws(sub("^%%", "", lines[starts])))
}

# name = list(model, data, options of sem())
cases <- list(
  democracy = list("democracy", "political_democracy", list()),
  democracy_means = list("democracy", "political_democracy", list(meanstructure = TRUE)),
  democracy_equal = list("democracy_equal", "political_democracy", list()),
  democracy_mlr = list("democracy", "political_democracy", list(estimator = "MLR")),
  holzinger = list("holzinger", "holzinger", list()),
  holzinger_std_lv = list("holzinger", "holzinger", list(std.lv = TRUE)),
  second_order = list("second_order", "holzinger", list()),
  covariates = list("covariates", "holzinger", list()),
  covariates_random = list("covariates", "holzinger", list(fixed.x = FALSE)),
  observed_paths = list("observed_paths", "political_democracy", list()),
  observed_paths_random = list("observed_paths", "political_democracy", list(fixed.x = FALSE)),
  holzinger_missing = list("holzinger", "holzinger_missing", list(missing = "fiml", em.h1.tol = 1e-13)),
  configural = list("holzinger", "holzinger", list(group = "school")),
  metric = list("holzinger", "holzinger", list(group = "school", group.equal = "loadings")),
  scalar = list("holzinger", "holzinger", list(group = "school", group.equal = c("loadings", "intercepts"))),
  configural_mlr = list("holzinger", "holzinger", list(group = "school", estimator = "MLR")),
  metric_mlr = list("holzinger", "holzinger", list(group = "school", estimator = "MLR", group.equal = "loadings")),
  scalar_mlr = list("holzinger", "holzinger",
                    list(group = "school", estimator = "MLR", group.equal = c("loadings", "intercepts")))
)

rows_with_case <- function(case, table) if (is.null(table) || nrow(table) == 0) NULL else cbind(case = case, table)

as_plain <- function(table, columns) {
  table <- as.data.frame(table)
  if (is.null(table$group)) table$group <- 1L
  table[, columns]
}

modification <- function(fit) {
  as_plain(modindices(fit), c("lhs", "op", "rhs", "group", "mi", "epc", "sepc.lv", "sepc.all"))
}

standardized <- function(fit) {
  do.call(rbind, lapply(c("std.all", "std.lv", "std.nox"), function(type) {
    table <- standardizedSolution(fit, type = type)
    cbind(kind = type, as_plain(table, c("lhs", "op", "rhs", "group", "est.std", "se", "z", "pvalue", "ci.lower", "ci.upper")))
  }))
}

residual_rows <- function(fit) {
  do.call(rbind, lapply(c("raw", "cor.bollen", "standardized"), function(type) {
    groups <- residuals(fit, type = type)
    if (lavInspect(fit, "ngroups") == 1) groups <- list(groups)
    do.call(rbind, lapply(seq_along(groups), function(g) {
      block <- groups[[g]]
      covariance <- unclass(block$cov)
      at <- which(lower.tri(covariance, diag = TRUE), arr.ind = TRUE)
      rows <- data.frame(kind = type, group = g, first = rownames(covariance)[at[, 1]],
                         second = colnames(covariance)[at[, 2]], value = covariance[at])
      if (is.null(block$mean)) return(rows)
      rbind(rows, data.frame(kind = type, group = g, first = names(block$mean), second = "", value = as.numeric(block$mean)))
    }))
  }))
}

# Every 15th row of each group, to keep the file small.
score_rows <- function(fit) {
  do.call(rbind, lapply(c("regression", "Bartlett"), function(method) {
    groups <- lavPredict(fit, method = method)
    if (lavInspect(fit, "ngroups") == 1) groups <- list(groups)
    do.call(rbind, lapply(seq_along(groups), function(g) {
      scores <- unclass(groups[[g]])
      keep <- seq(1, nrow(scores), by = 15)
      do.call(rbind, lapply(colnames(scores), function(name) {
        data.frame(method = tolower(method), group = g, row = keep - 1L, latent = name, value = scores[keep, name])
      }))
    }))
  }))
}

released <- function(fit) {
  test <- suppressWarnings(lavTestScore(fit))
  table <- parTable(fit)
  name <- function(plabel) {
    at <- match(plabel, table$plabel)
    ifelse(is.na(at), plabel, paste0(table$lhs[at], table$op[at], table$rhs[at], ifelse(table$group[at] > 1, paste0(".g", table$group[at]), "")))
  }
  uni <- as.data.frame(test$uni)
  total <- as.data.frame(test$test)
  rbind(data.frame(first = name(uni$lhs), second = name(uni$rhs), X2 = uni$X2, df = uni$df, p.value = uni$p.value),
        data.frame(first = "total", second = "", X2 = total$X2, df = total$df, p.value = total$p.value))
}

difference_tests <- function(fits, sets) {
  do.call(rbind, lapply(names(sets), function(set) {
    names_of <- sets[[set]]
    arguments <- c(unname(fits[names_of]), list(model.names = names_of))
    table <- as.data.frame(do.call(lavTestLRT, arguments))
    if (is.null(table$RMSEA)) table$RMSEA <- NA
    data.frame(set = set, model = rownames(table), df = table$Df, aic = table$AIC, bic = table$BIC, chisq = table$Chisq,
               chisq_diff = table$`Chisq diff`, df_diff = table$`Df diff`, rmsea_diff = table$RMSEA, p_value = table$`Pr(>Chisq)`)
  }))
}

wald_tests <- function() {
  text <- models()[["democracy_labelled"]]
  hypotheses <- c("a == b", "a == 1.5\nb == 0.5", "p1*p3 == p2", "log(p3) == 0\na == b\np1 == 1.4")
  do.call(rbind, lapply(c("ML", "MLR"), function(estimator) {
    fit <- tight_fit(text, PoliticalDemocracy, estimator = estimator)
    do.call(rbind, lapply(hypotheses, function(hypothesis) {
      test <- lavTestWald(fit, constraints = hypothesis)
      data.frame(estimator = estimator, hypothesis = gsub("\n", "; ", hypothesis), stat = test$stat, df = test$df, p.value = test$p.value)
    }))
  }))
}

text <- models()
# The first row of the incomplete data is empty; lavaan would keep a place for its scores.
data_of <- function(name) {
  if (name == "holzinger_missing") read.csv("../lavaan_missing/holzinger/data.csv")[-1, ] else read_data(name)
}
fits <- lapply(cases, function(case) do.call(tight_fit, c(list(text[[case[[1]]]], data_of(case[[2]])), case[[3]])))
gather <- function(make, names_of = names(fits)) {
  do.call(rbind, lapply(names_of, function(case) rows_with_case(case, make(fits[[case]]))))
}
write_table(gather(modification, setdiff(names(fits), c("democracy_means", "democracy_mlr", "metric_mlr"))), "modification_indices.csv")
write_table(gather(standardized, c("democracy", "democracy_mlr", "democracy_means", "second_order", "covariates", "observed_paths",
                                   "scalar_mlr")), "standardized.csv")
write_table(gather(residual_rows, c("democracy_means", "democracy_equal", "second_order", "covariates", "observed_paths", "scalar",
                                    "configural")), "residuals.csv")
write_table(gather(score_rows, c("democracy", "democracy_means", "second_order", "covariates", "scalar", "holzinger_missing")),
            "factor_scores.csv")
write_table(gather(released, c("democracy_equal", "metric", "scalar")), "score_tests.csv")
sets <- list(ml = c("configural", "metric", "scalar"), mlr = c("scalar_mlr", "configural_mlr", "metric_mlr"),
             democracy = c("democracy_equal", "democracy"))
write_table(difference_tests(fits, sets), "difference_tests.csv")
write_table(wald_tests(), "wald_tests.csv")
