# Remakes every stored reference of least squares: Rscript make.R, in this folder. An argument names another folder for
# the output. Data are simulated from seeds and stored, so that the tests need no R.
suppressMessages(library(lavaan))

arguments <- commandArgs(trailingOnly = TRUE)
output <- if (length(arguments) > 0) arguments[1] else "."

format_number <- function(x) ifelse(is.na(x), "", trimws(formatC(x, digits = 12, format = "g")))

write_table <- function(table, ...) {
  path <- file.path(output, ...)
  dir.create(dirname(path), showWarnings = FALSE, recursive = TRUE)
  numeric <- vapply(table, is.numeric, logical(1))
  table[numeric] <- lapply(table[numeric], format_number)
  connection <- file(path, open = "wb", encoding = "UTF-8")
  write.csv(table, connection, row.names = FALSE, quote = FALSE, eol = "\n")
  close(connection)
}

# The tightest stop that nlminb does not call "false convergence".
tight_fit <- function(...) {
  for (tolerance in c(1e-15, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10)) {
    control <- list(rel.tol = tolerance, x.tol = 1e-10, iter.max = 20000, eval.max = 40000)
    fit <- suppressWarnings(sem(..., control = control))
    if (lavInspect(fit, "converged")) return(fit)
  }
  stop("lavaan did not converge")
}

# One fit: its model, the options as Python takes them, estimates, fit measures and R-squared.
write_case <- function(name, data, model, options, estimator, ...) {
  fit <- tight_fit(model, data = data, estimator = estimator, ...)
  plain <- as.data.frame(parameterEstimates(fit, standardized = TRUE, remove.nonfree = FALSE))
  if (is.null(plain$group)) plain$group <- 1L
  plain <- plain[!plain$op %in% c("==", "<", ">"), ]
  std <- as.data.frame(standardizedSolution(fit))
  if (is.null(std$group)) std$group <- 1L
  key <- function(table) paste(table$lhs, table$op, table$rhs, table$group)
  std <- std[match(key(plain), key(std)), ]
  write_table(cbind(plain[, c("lhs", "op", "rhs", "group", "est", "se", "std.lv", "std.all")], std.se = std$se),
              name, "estimates.csv")
  measures <- fitMeasures(fit)
  write_table(data.frame(measure = c(names(measures), "lavaan.version"),
                         value = c(format_number(as.numeric(measures)), as.character(packageVersion("lavaan")))),
              name, "fit.csv")
  explained <- lavInspect(fit, "rsquare")
  if (!is.list(explained)) explained <- list(explained)
  write_table(do.call(rbind, lapply(seq_along(explained), function(g)
    data.frame(group = g, variable = names(explained[[g]]), value = as.numeric(explained[[g]])))), name, "rsquare.csv")
  text <- c(trimws(strsplit(model, "\n")[[1]]), paste0("#! ", options), paste0("#! estimator=", estimator))
  connection <- file(file.path(output, name, "model.txt"), open = "wb", encoding = "UTF-8")
  writeLines(text, connection)
  close(connection)
}

# Ten standardised variables of three factors, one of which predicts the others; a cross-loading and two residuals that
# covary, so that the models fitted are not quite right. No decomposition of matrices, which differ between machines.
normal_scores <- function(n) {
  noise <- function() rnorm(n)
  f1 <- noise()
  f2 <- 0.4 * f1 + 0.9 * noise()
  f3 <- 0.3 * f1 + 0.4 * f2 + 0.8 * noise()
  shared <- noise()
  scores <- data.frame(
    x1 = 0.7 * f1 + 0.2 * f2 + 0.6 * noise(), x2 = 0.7 * f1 + 0.7 * noise(), x3 = 0.6 * f1 + 0.8 * noise(),
    x4 = 0.5 * f1 + 0.8 * noise(), x5 = 0.8 * f2 + 0.6 * noise(), x6 = 0.7 * f2 + 0.3 * shared + 0.6 * noise(),
    x7 = 0.6 * f2 + 0.3 * shared + 0.7 * noise(), x8 = 0.8 * f3 + 0.6 * noise(), x9 = 0.7 * f3 + 0.7 * noise(),
    x10 = 0.5 * f3 + 0.8 * noise()
  )
  scores[] <- lapply(scores, function(column) (column - mean(column)) / sd(column))
  scores
}

cut_at <- function(data, thresholds) {
  data[] <- lapply(data, function(column) findInterval(column, thresholds) + 1L)
  data
}

set.seed(20260501, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
scores <- normal_scores(500)
five <- cut_at(scores, c(-1.2, -0.5, 0.3, 1.1))
two <- cut_at(scores, 0.3)
mixed <- scores
mixed[c("x1", "x3", "x4", "x6", "x8", "x9")] <- cut_at(scores[c("x1", "x3", "x4", "x6", "x8", "x9")], c(-0.6, 0.5))
mixed[c("x2", "x5", "x7", "x10")] <- round(exp(0.1 * scores[c("x2", "x5", "x7", "x10")]) * 10, 5)
groups <- cut_at(normal_scores(600)[, paste0("x", 1:7)] * rep(c(1, 1.3), each = 300) + rep(c(0, 0.3), each = 300),
                 c(-0.8, 0.2, 1.2))
groups$school <- rep(c("a", "b"), each = 300)
write_table(five, "five.csv")
write_table(two, "two.csv")
write_table(mixed, "mixed.csv")
write_table(groups, "groups.csv")
for (name in c("five", "two", "mixed", "groups")) {
  assign(name, read.csv(file.path(output, paste0(name, ".csv"))))
}
holzinger <- HolzingerSwineford1939

factors <- "f1 =~ x1 + x2 + x3 + x4
            f2 =~ x5 + x6 + x7
            f3 =~ x8 + x9 + x10"
structural <- "f1 =~ x1 + x2 + x3 + x4
               f2 =~ x5 + x6 + x7
               f3 =~ x8 + x9 + x10
               f2 ~ a*f1
               f3 ~ b*f2 + c*f1
               indirect := a*b
               total := c + a*b
               x6 ~~ x7"
two_factors <- "f1 =~ x1 + x2 + x3 + x4
                f2 =~ x5 + x6 + x7"
items <- paste0("x", 1:10)
everything <- "data=five ordered=True"
for (estimator in c("WLSMV", "WLSM", "WLSMVS", "DWLS", "ULS", "ULSM", "ULSMV", "ULSMVS", "WLS")) {
  write_case(paste0("five_", estimator), five, factors, everything, estimator, ordered = items)
}
write_case("five_structural", five, structural, everything, "WLSMV", ordered = items)
write_case("five_std_lv", five, factors, paste(everything, "std_lv=True"), "WLSMV", ordered = items, std.lv = TRUE)
write_case("five_equal_thresholds", five, paste(factors, "x1 | a*t1 + t2
  x2 | a*t1
  x3 | 0.25*t3", sep = "\n"), everything, "WLSMV", ordered = items)
write_case("five_formula", five, "f1 =~ x1 + p*x2 + q*x3 + x4
  f2 =~ x5 + r*x6 + x7
  p == q
  r == 2*q - 1", everything, "WLSMV", ordered = items)
write_case("five_outcome", five, "f1 =~ x1 + x2 + x3
  f2 =~ x5 + x6 + x7
  x9 ~ f1 + f2
  x10 ~ f2", everything, "WLSMV", ordered = items)
write_case("two_WLSMV", two, factors, "data=two ordered=True", "WLSMV", ordered = items)
write_case("two_structural", two, structural, "data=two ordered=True", "WLSMV", ordered = items)
some <- c("x1", "x3", "x4", "x6", "x8", "x9")
for (estimator in c("WLSMV", "ULSMV", "WLS")) {
  write_case(paste0("mixed_", estimator), mixed, factors, "data=mixed ordered=x1,x3,x4,x6,x8,x9", estimator, ordered = some)
}
write_case("mixed_structural", mixed, structural, "data=mixed ordered=x1,x3,x4,x6,x8,x9", "WLSMV", ordered = some)
for (equal in c("", "loadings", "thresholds", "loadings,thresholds", "loadings,thresholds,means", "loadings,thresholds,regressions,lv.variances")) {
  name <- paste0("groups_", if (equal == "") "configural" else gsub("[,.]", "_", equal))
  write_case(name, groups, two_factors, paste0("data=groups ordered=True group=school group_equal=", equal), "WLSMV",
             ordered = items[1:7], group = "school", group.equal = if (equal == "") "" else strsplit(equal, ",")[[1]])
}
write_case("groups_std_lv", groups, two_factors, "data=groups ordered=True group=school group_equal=loadings,thresholds std_lv=True",
           "WLSMV", ordered = items[1:7], group = "school", group.equal = c("loadings", "thresholds"), std.lv = TRUE)
write_case("groups_scales", groups, paste(two_factors, "x1 ~*~ c(1, NA)*x1
  x2 ~*~ c(1, 0.9)*x2", sep = "\n"), "data=groups ordered=True group=school group_equal=loadings", "WLSMV",
           ordered = items[1:7], group = "school", group.equal = "loadings")
hs <- "visual =~ x1 + x2 + x3
       textual =~ x4 + x5 + x6
       speed =~ x7 + x8 + x9"
for (estimator in c("GLS", "WLS", "DWLS", "ULS", "WLSM", "WLSMV", "WLSMVS", "ULSM", "ULSMV", "ULSMVS")) {
  write_case(paste0("holzinger_", estimator), holzinger, hs, "data=holzinger", estimator)
}
for (estimator in c("GLS", "WLS", "WLSMV")) {
  write_case(paste0("holzinger_means_", estimator), holzinger, hs, "data=holzinger meanstructure=True", estimator, meanstructure = TRUE)
  write_case(paste0("holzinger_groups_", estimator), holzinger, hs, "data=holzinger group=school group_equal=loadings,intercepts",
             estimator, group = "school", group.equal = c("loadings", "intercepts"))
}
