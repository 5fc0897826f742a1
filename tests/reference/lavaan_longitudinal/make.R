# Remakes the references for invariance over time: Rscript make.R, in this folder. An argument names another folder for
# the output. The models are written out line by line, wave by wave.
source("../lavaan/reference.R")

write_data <- function(table, name) {
  connection <- file(file.path(output_folder(), name), open = "wb", encoding = "UTF-8")
  write.csv(table, connection, row.names = FALSE, quote = FALSE, na = "", eol = "\n")
  close(connection)
  read.csv(file.path(output_folder(), name))
}

cut_at <- function(column, thresholds) findInterval(column, thresholds) + 1L
set.seed(20261123, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")

# Three waves of two factors with six items; the intercept of x3 rises at wave 3. About one value in five is
# missing, in a few patterns, so that lavaan is done within minutes; in the second wave 3 is absent.
n <- 300
f <- rnorm(n)
g <- 0.5 * f + 0.8 * rnorm(n)
own <- matrix(rnorm(n * 6, sd = 0.45), n)
three <- data.frame(row.names = seq_len(n))
loadings <- c(1, 0.8, 0.9, 1, 0.9, 0.8)
for (wave in 1:3) {
  if (wave > 1) {
    f <- 0.2 + 0.7 * f + 0.7 * rnorm(n)
    g <- -0.1 + 0.6 * g + 0.2 * f + 0.6 * rnorm(n)
  }
  for (j in 1:6) {
    shift <- if (wave == 3 && j == 3) 0.5 else 0
    three[[paste0("x", j, "_", wave)]] <-
      round(3 + shift + loadings[j] * (if (j < 4) f else g) + own[, j] + rnorm(n, sd = 0.6), 4)
  }
}
patterns <- matrix(runif(20 * 18) < 0.22, 20)
patterns[1, ] <- FALSE
patterns[2, ] <- rep(c(FALSE, TRUE), c(12, 6))
three[patterns[sample.int(20, n, replace = TRUE, prob = rep(c(3, 1), c(1, 19))), ]] <- NA
three$team <- rep(1:60, each = 5)
three <- write_data(three, "three.csv")

# Two waves of one factor with five items in five categories and a second with three items in three; x2 shifts.
n <- 800
f <- rnorm(n)
g <- 0.4 * f + 0.9 * rnorm(n)
own <- matrix(rnorm(n * 8, sd = 0.5), n)
ordered <- data.frame(row.names = seq_len(n))
loadings <- c(0.9, 0.8, 0.7, 0.8, 0.7, 0.9, 0.8, 0.7)
for (wave in 1:2) {
  if (wave == 2) {
    f <- 0.3 + 0.8 * f + 0.7 * rnorm(n)
    g <- 0.7 * g + 0.6 * rnorm(n)
  }
  for (j in 1:8) {
    response <- loadings[j] * (if (j < 6) f else g) + own[, j] + rnorm(n, sd = 0.5)
    if (wave == 2 && j == 2) response <- response + 0.35
    ordered[[paste0("x", j, "_", wave)]] <- cut_at(response, if (j < 6) c(-1.3, -0.4, 0.3, 1.2) else c(-0.6, 0.7))
  }
}
ordered <- write_data(ordered, "ordered.csv")

# ---- models ------------------------------------------------------------------------------------------------------------

# factors: list(f = c("x1", ...)); column(item, wave) names a column. What is equal is labelled by the item alone.
level_syntax <- function(level, factors, column, n_waves, categories = NULL, freed = character()) {
  rank <- match(level, if (is.null(categories)) c("configural", "metric", "scalar", "strict")
                       else c("configural", "thresholds", "metric", "scalar"))
  at <- function(kind) match(kind, if (is.null(categories)) c("", "loading", "intercept", "residual")
                                   else c("", "threshold", "loading", "intercept"))
  lines <- character()
  add <- function(...) lines <<- c(lines, paste0(...))
  for (w in seq_len(n_waves)) {
    label <- function(kind, item, name) {
      if (rank >= at(kind) && !(name %in% freed)) paste0(kind, item) else paste0(kind, item, "w", w)
    }
    for (f in names(factors)) for (item in factors[[f]]) {
      x <- column(item, w)
      marker <- item == factors[[f]][1]
      add(f, w, " =~ ", if (marker) "1" else label("loading", item, paste0(f, "=~", item)), "*", x)
      if (is.null(categories)) {
        add(x, " ~ ", label("intercept", item, paste0(item, "~1")), "*1")
        add(x, " ~~ ", label("residual", item, paste0(item, "~~", item)), "*", x)
      } else {
        for (t in seq_len(categories[[item]] - 1)) {
          add(x, " | ", label(paste0("threshold"), paste0(item, "t", t), paste0(item, "|t", t)), "*t", t)
        }
        open <- w > 1 && rank >= 2
        add(x, " ~*~ ", if (open) "NA" else "1", "*", x)
        add(x, " ~ ", if (open && (rank < 4 || paste0(item, "~1") %in% freed)) "NA" else "0", "*1")
      }
    }
    for (f in names(factors)) {
      means <- if (is.null(categories)) rank >= 3 else rank >= 4
      add(f, w, " ~ ", if (w > 1 && means) "NA" else "0", "*1")
      add(f, w, " ~~ NA*", f, w)
    }
  }
  all_factors <- as.vector(outer(names(factors), seq_len(n_waves), paste0))
  for (pair in combn(all_factors, 2, simplify = FALSE)) add(pair[1], " ~~ ", pair[2])
  for (item in unlist(factors)) for (pair in combn(n_waves, 2, simplify = FALSE)) {
    add(column(item, pair[1]), " ~~ ", column(item, pair[2]))
  }
  paste(lines, collapse = "\n")
}

level_row <- function(case, level, fit, before) {
  values <- fitMeasures(fit)
  take <- function(...) {
    for (name in c(...)) if (name %in% names(values) && !is.na(values[name])) return(as.numeric(values[name]))
    NA
  }
  scaled <- "chisq.scaled" %in% names(values)
  row <- data.frame(case = case, level = level, npar = take("npar"), chisq = take("chisq.scaled", "chisq"), df = take("df"),
                    cfi = take("cfi"), rmsea = take("rmsea"), cfi_scaled = take("cfi.scaled"), rmsea_scaled = take("rmsea.scaled"),
                    cfi_robust = take("cfi.robust"), rmsea_robust = take("rmsea.robust"), srmr = take("srmr"),
                    baseline_chisq = take("baseline.chisq"), baseline_df = take("baseline.df"),
                    chisq_diff = NA, df_diff = NA, p_value = NA)
  if (!is.null(before)) {
    test <- as.data.frame(lavTestLRT(fit, before))
    row[c("chisq_diff", "df_diff", "p_value")] <- test[2, c("Chisq diff", "Df diff", "Pr(>Chisq)")]
  }
  row
}

estimate_rows <- function(case, level, fit) {
  table <- as.data.frame(parameterEstimates(fit, remove.nonfree = FALSE))
  data.frame(case = case, level = level, table[, c("lhs", "op", "rhs", "est", "se")])
}

# Score tests of labels that are equal, named by the parameters they stand for.
score_rows <- function(case, level, fit) {
  test <- as.data.frame(suppressWarnings(lavTestScore(fit))$uni)
  table <- parTable(fit)
  name <- function(plabel) {
    at <- match(plabel, table$plabel)
    paste0(table$lhs[at], table$op[at], table$rhs[at])
  }
  data.frame(case = case, level = level, first = name(test$lhs), second = name(test$rhs), chi_square = test$X2)
}

ladders <- NULL
estimates <- NULL
scores <- NULL
ladder <- function(case, data, factors, column, n_waves, categories = NULL, freed = character(), ...) {
  before <- NULL
  for (level in if (is.null(categories)) c("configural", "metric", "scalar", "strict")
                else c("configural", "thresholds", "metric", "scalar")) {
    text <- level_syntax(level, factors, column, n_waves, categories, freed)
    fit <- tight_fit(text, data, meanstructure = TRUE, ...)
    ladders <<- rbind(ladders, level_row(case, level, fit, before))
    estimates <<- rbind(estimates, estimate_rows(case, level, fit))
    if (level != "configural") scores <<- rbind(scores, score_rows(case, level, fit))
    before <- fit
  }
}

democracy <- list(dem = c("a", "b", "c", "d"))
democracy_column <- function(item, w) paste0("y", match(item, letters) + 4 * (w - 1))
suffixed <- function(item, w) paste0(item, "_", w)
six <- list(f = paste0("x", 1:3), g = paste0("x", 4:6))
eight <- list(f = paste0("x", 1:5), g = paste0("x", 6:8))
counts <- as.list(setNames(c(5, 5, 5, 5, 5, 3, 3, 3), paste0("x", 1:8)))
names_ordered <- names(ordered)

ladder("democracy", PoliticalDemocracy, democracy, democracy_column, 2)
ladder("democracy_mlr", PoliticalDemocracy, democracy, democracy_column, 2, estimator = "MLR")
ladder("ordered", ordered, eight, suffixed, 2, categories = counts, ordered = names_ordered)
ladder("ordered_partial", ordered, eight, suffixed, 2, categories = counts, ordered = names_ordered, freed = "x2~1")
ladder("three", three, six, suffixed, 3, missing = "fiml")
ladder("three_mlr", three, six, suffixed, 3, missing = "fiml", estimator = "MLR")
ladder("three_partial", three, six, suffixed, 3, missing = "fiml", freed = c("x3~1", "g=~x5"))
ladder("three_cluster", three, six, suffixed, 3, missing = "fiml", estimator = "MLR", cluster = "team")

write_table(ladders, "ladders.csv")
write_table(estimates, "estimates.csv")
write_table(scores, "score_tests.csv")
write_table(data.frame(package = "lavaan", version = as.character(packageVersion("lavaan"))), "version.csv")
