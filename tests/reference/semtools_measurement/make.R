# Reliability, discriminant validity and method bias by semTools, psych and lavaan: coefficients.csv, alphas.csv,
# deletion.csv, ratios.csv, discriminant.csv, method_bias.csv and the models in models.txt. Run in this folder; an argument names another for the output.
suppressMessages({library(lavaan); library(semTools)})

output_folder <- function() {
  arguments <- commandArgs(trailingOnly = TRUE)
  if (length(arguments) > 0) arguments[1] else "."
}

write_table <- function(table, name) {
  for (column in names(table)) {
    if (is.numeric(table[[column]])) table[[column]] <- trimws(formatC(table[[column]], digits = 12, format = "g"))
  }
  connection <- file(file.path(output_folder(), name), open = "wb", encoding = "UTF-8")
  write.csv(table, connection, row.names = FALSE, eol = "\n")
  close(connection)
}

quietly <- function(expression) suppressWarnings(suppressMessages(expression))
tight <- function(model, data = NULL, ...) {
  for (tolerance in c(1e-15, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10)) {
    fit <- quietly(cfa(model, data = data, control = list(rel.tol = tolerance, x.tol = 1e-10, iter.max = 20000,
                                                          eval.max = 40000), ...))
    if (lavInspect(fit, "converged")) return(fit)
  }
  stop("lavaan did not converge")
}

holzinger <- HolzingerSwineford1939
five <- read.csv("../lavaan_least_squares/five.csv")
skewed <- read.csv("../lavaan_ordinal/skewed_three/data.csv")
binary <- read.csv("../lavaan_ordinal/binary/data.csv")

three <- "visual =~ x1 + x2 + x3
textual =~ x4 + x5 + x6
speed =~ x7 + x8 + x9"
models <- list(
  three = three,
  crossed = "visual =~ x1 + x2 + x3 + x9
textual =~ x4 + x5 + x6
speed =~ x7 + x8 + x9
x7 ~~ x8",
  second_order = paste(three, "g =~ visual + textual + speed", sep = "\n"),
  bifactor = paste("g =~ x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9", "textual =~ x4 + x5 + x6",
                   "speed =~ x7 + x8 + x9", "g ~~ 0*textual", "g ~~ 0*speed", "textual ~~ 0*speed", sep = "\n"),
  five = "f1 =~ x1 + x2 + x3 + x4\nf2 =~ x5 + x6 + x7",
  skewed = "f =~ x1 + x2 + x3 + x4 + x5",
  binary = "f =~ x1 + x2 + x3 + x4 + x5"
)
fits <- list(
  three = tight(models$three, holzinger), crossed = tight(models$crossed, holzinger),
  second_order = tight(models$second_order, holzinger), bifactor = tight(models$bifactor, holzinger),
  five = tight(models$five, five, ordered = names(five)), skewed = tight(models$skewed, skewed, ordered = names(skewed)),
  binary = tight(models$binary, binary, ordered = names(binary))
)
writeLines(unlist(lapply(names(models), function(name) c(paste0("# ", name), models[[name]]))), file.path(output_folder(), "models.txt"))

rows_of <- function(case, measure, values) {
  values <- unlist(values)
  data.frame(case = case, latent = names(values), measure = measure, value = as.numeric(values))
}
table_of <- function(case, table) {
  do.call(rbind, lapply(rownames(table), function(measure) {
    data.frame(case = case, latent = colnames(table), measure = paste0("reliability_", measure), value = as.numeric(table[measure, ]))
  }))
}
coefficients <- do.call(rbind, lapply(names(fits), function(case) {
  fit <- fits[[case]]
  ordinal <- case %in% c("five", "skewed", "binary")
  out <- rbind(
    rows_of(case, "compRelSEM_observed", quietly(compRelSEM(fit, obs.var = TRUE))),
    rows_of(case, "compRelSEM_implied", quietly(compRelSEM(fit, obs.var = FALSE))),
    table_of(case, quietly(reliability(fit)))
  )
  if (ordinal) out <- rbind(out,
    rows_of(case, "compRelSEM_latent_observed", quietly(compRelSEM(fit, obs.var = TRUE, ord.scale = FALSE))),
    rows_of(case, "compRelSEM_latent_implied", quietly(compRelSEM(fit, obs.var = FALSE, ord.scale = FALSE))))
  if (case == "second_order") out <- rbind(out,
    rows_of(case, "higher_observed", quietly(compRelSEM(fit, higher = "g", obs.var = TRUE))["g"]),
    rows_of(case, "higher_implied", quietly(compRelSEM(fit, higher = "g", obs.var = FALSE))["g"]),
    rows_of(case, "L2", c(g = NA)),
    { l2 <- quietly(reliabilityL2(fit, "g")); data.frame(case = case, latent = "g", measure = names(l2), value = as.numeric(l2)) })
  if (case == "bifactor") out <- rbind(out,
    rows_of(case, "total_implied", quietly(compRelSEM(fit, return.total = TRUE, obs.var = FALSE))))
  out
}))
write_table(coefficients, "coefficients.csv")

# Alpha: psych's raw and standardised one, Feldt's interval, and of polychoric correlations (Zumbo's ordinal alpha).
scales <- list(visual = c("x1", "x2", "x3"), textual = c("x4", "x5", "x6"), speed = c("x7", "x8", "x9"))
alphas <- do.call(rbind, lapply(names(scales), function(name) {
  items <- holzinger[, scales[[name]]]
  found <- quietly(psych::alpha(items, check.keys = FALSE))
  interval <- psych::alpha.ci(found$total$raw_alpha, n.obs = nrow(items), n.var = 3, digits = 12)
  ninety <- psych::alpha.ci(found$total$raw_alpha, n.obs = nrow(items), n.var = 3, p.val = 0.10, digits = 12)
  data.frame(latent = name, raw = found$total$raw_alpha, standardized = found$total$std.alpha,
             lower = interval$lower.ci, upper = interval$upper.ci, lower_90 = ninety$lower.ci, upper_90 = ninety$upper.ci)
}))
write_table(alphas, "alphas.csv")
deleted <- do.call(rbind, lapply(names(scales), function(name) {
  items <- holzinger[, scales[[name]]]
  found <- quietly(psych::alpha(items, check.keys = FALSE))
  data.frame(latent = name, item = names(items), alpha_if_deleted = found$alpha.drop$raw_alpha,
             item_rest = found$item.stats$r.drop)
}))
# Without x2: the model fitted anew.
for (item in c("x2", "x4", "x9")) {
  anew <- tight(gsub("\\+ \\+", "+", gsub("~ \\+", "~", gsub(paste0(" ", item), "", gsub(paste0(item, " \\+"), "", gsub(paste0("\\+ ", item), "", three))))), holzinger)
  latent <- names(scales)[vapply(scales, function(s) item %in% s, TRUE)]
  deleted[deleted$item == item, "omega"] <- quietly(compRelSEM(anew, obs.var = TRUE))[[latent]]
  deleted[deleted$item == item, "composite_reliability"] <- quietly(compRelSEM(anew, obs.var = FALSE))[[latent]]
  deleted[deleted$item == item, "ave"] <- quietly(AVE(anew, obs.var = FALSE))[[latent]]
}
write_table(deleted, "deletion.csv")

ratios <- do.call(rbind, lapply(list(c("three", "FALSE"), c("three", "TRUE"), c("five", "FALSE"), c("five", "TRUE")), function(what) {
  ordinal <- what[1] == "five"
  data <- if (ordinal) five else holzinger
  found <- quietly(htmt(models[[what[1]]], data = data, htmt2 = what[2] == "TRUE", ordered = if (ordinal) names(five) else NULL))
  at <- which(lower.tri(found), arr.ind = TRUE)
  data.frame(case = what[1], version = if (what[2] == "TRUE") 2 else 1, first = rownames(found)[at[, 1]],
             second = colnames(found)[at[, 2]], value = found[lower.tri(found)])
}))
write_table(ratios, "ratios.csv")

# Roennkoe and Cho's tests: correlations fixed to a cut-off, and factors merged. The function fits anew by the call,
# so that its arguments must be values or global variables.
plain <- cfa(three, data = HolzingerSwineford1939)
robust <- cfa(three, data = HolzingerSwineford1939, estimator = "MLR")
discriminant <- do.call(rbind, lapply(list(list(0.9, FALSE), list(1, FALSE), list(1, TRUE)), function(what) {
  do.call(rbind, lapply(c("ML", "MLR"), function(name) {
    fit <- if (name == "ML") plain else robust
    found <- as.data.frame(quietly(discriminantValidity(fit, cutoff = what[[1]], merge = what[[2]])))
    data.frame(estimator = name, cutoff = what[[1]], merge = what[[2]], first = found$lhs, second = found$rhs,
               estimate = found$est, ci_lower = found$ci.lower, ci_upper = found$ci.upper, df = found$Df,
               chisq = found$Chisq, chisq_diff = found[["Chisq diff"]], df_diff = found[["Df diff"]],
               p_value = found[["Pr(>Chisq)"]])
  }))
}))
write_table(discriminant, "discriminant.csv")

# Method bias: the five models of the CFA marker technique (speed as the marker), and the unmeasured method factor.
substantive <- "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6"
items <- paste0("x", 1:6)
value <- function(fit, left, operator, right) {
  table <- parTable(fit)
  table$est[table$lhs == left & table$op == operator & table$rhs == right]
}
fixed <- function(number, name) paste0(formatC(number, digits = 17, format = "g"), "*", name)
initial <- tight(three, holzinger, std.lv = TRUE)
marker <- paste0("x", 7:9)
measured <- c(
  paste("speed =~", paste(vapply(marker, function(i) fixed(value(initial, "speed", "=~", i), i), ""), collapse = " + ")),
  vapply(marker, function(i) paste(i, "~~", fixed(value(initial, i, "~~", i), i)), ""),
  "speed ~~ 0*visual", "speed ~~ 0*textual")
baseline_syntax <- paste(c(substantive, measured), collapse = "\n")
baseline <- tight(baseline_syntax, holzinger, std.lv = TRUE)
method_c <- paste(baseline_syntax, paste("speed =~", paste0("m*", items, collapse = " + ")), sep = "\n")
method_u <- paste(baseline_syntax, paste("speed =~", paste0(items, collapse = " + ")), sep = "\n")
held <- paste("visual ~~", fixed(value(baseline, "visual", "~~", "textual"), "textual"))
# Method-S: method loadings of Method-C, which is retained, held at the limits of their intervals farther from 0.
at_limits <- function(syntax) {
  table <- parameterEstimates(tight(syntax, holzinger, std.lv = TRUE), level = 0.95)
  table <- table[table$lhs == "speed" & table$op == "=~" & table$rhs %in% items, ]
  limit <- ifelse(table$est > 0, table$ci.upper, table$ci.lower)
  held <- paste("speed =~", paste(mapply(fixed, limit, table$rhs), collapse = " + "))
  tight(paste(baseline_syntax, held, sep = "\n"), holzinger, std.lv = TRUE)
}
ulmc <- paste(three, paste("method =~", paste0("m*", c(items, marker), collapse = " + ")),
              "method ~~ 0*visual", "method ~~ 0*textual", "method ~~ 0*speed", sep = "\n")
biased <- list(cfa = initial, baseline = baseline, method_c = tight(method_c, holzinger, std.lv = TRUE),
               method_u = tight(method_u, holzinger, std.lv = TRUE),
               method_r_u = tight(paste(method_u, held, sep = "\n"), holzinger, std.lv = TRUE),
               method_r_c = tight(paste(method_c, held, sep = "\n"), holzinger, std.lv = TRUE),
               method_s_c = at_limits(method_c),
               one_factor = tight(paste("f =~", paste(c(items, marker), collapse = " + ")), holzinger),
               ulmc_equal = tight(ulmc, holzinger, std.lv = TRUE))
bias <- do.call(rbind, lapply(names(biased), function(name) {
  measures <- fitMeasures(biased[[name]], c("chisq", "df", "cfi", "rmsea", "srmr"))
  data.frame(model = name, measure = names(measures), value = as.numeric(measures))
}))
solutions <- do.call(rbind, lapply(c("baseline", "method_c", "method_u", "method_s_c", "ulmc_equal"), function(name) {
  table <- subset(standardizedSolution(biased[[name]]), op %in% c("=~", "~~"))
  data.frame(model = name, lhs = table$lhs, op = table$op, rhs = table$rhs, value = table$est.std)
}))
write_table(bias, "method_bias.csv")
write_table(solutions, "method_bias_standardized.csv")
