# Makes the numbers that notebook 08 sets beside ours: cd notebooks/lavaan && Rscript coming_from_lavaan.R
# R with lavaan 0.6-14 and semTools. The lines between "shown" and "kept" are the ones the notebook shows.
suppressPackageStartupMessages({library(lavaan); library(semTools)})

rows <- list()
keep <- function(analysis, values) {
  rows[[length(rows) + 1]] <<- data.frame(analysis = analysis, quantity = names(values), value = unname(as.numeric(values)))
}
keep_estimates <- function(analysis, fit, op, column = "est") {
  table <- standardizedSolution(fit)[, c("lhs", "op", "rhs", "est.std")]
  table <- merge(table, parameterEstimates(fit)[, c("lhs", "op", "rhs", "est", "se")], sort = FALSE)
  table <- table[table$op %in% op, ]
  names(table)[names(table) == "est.std"] <- "std"
  for (each in column) keep(analysis, setNames(table[[each]], paste(table$lhs, table$op, table$rhs, each)))
}
write.csv(HolzingerSwineford1939[, c("school", paste0("x", 1:9))], "holzinger_swineford.csv", row.names = FALSE, quote = FALSE)

# shown: three factors
model <- "
  visual  =~ x1 + x2 + x3
  textual =~ x4 + x5 + x6
  speed   =~ x7 + x8 + x9
"
fit <- cfa(model, data = HolzingerSwineford1939)
fitMeasures(fit, c("chisq", "df", "pvalue", "cfi", "tli", "rmsea", "srmr"))
parameterEstimates(fit)
modindices(fit, sort = TRUE, maximum.number = 3)
# kept
keep("three factors", fitMeasures(fit, c("chisq", "df", "pvalue", "cfi", "tli", "rmsea", "srmr")))
keep_estimates("three factors", fit, "=~", c("est", "se"))
indices <- modindices(fit, sort = TRUE, maximum.number = 3)
keep("modification", setNames(indices$mi, paste(indices$lhs, indices$op, indices$rhs)))

# shown: groups
configural <- cfa(model, data = HolzingerSwineford1939, group = "school")
metric <- cfa(model, data = HolzingerSwineford1939, group = "school", group.equal = "loadings")
scalar <- cfa(model, data = HolzingerSwineford1939, group = "school", group.equal = c("loadings", "intercepts"))
lavTestLRT(configural, metric, scalar)
# kept
for (level in c("configural", "metric", "scalar"))
  keep("groups", setNames(fitMeasures(get(level), c("chisq", "df", "cfi", "rmsea", "srmr")),
                          paste(level, c("chisq", "df", "cfi", "rmsea", "srmr"))))
test <- lavTestLRT(configural, metric, scalar)
keep("groups", setNames(test[["Chisq diff"]][-1], paste(c("metric", "scalar"), "chisq_difference")))
keep("groups", setNames(test[["Pr(>Chisq)"]][-1], paste(c("metric", "scalar"), "p_value")))

# shown: democracy
model <- "
  ind60 =~ x1 + x2 + x3
  dem60 =~ y1 + y2 + y3 + y4
  dem65 =~ y5 + y6 + y7 + y8
  dem60 ~ a*ind60
  dem65 ~ c*ind60 + b*dem60
  y1 ~~ y5
  y2 ~~ y4 + y6
  y3 ~~ y7
  y4 ~~ y8
  y6 ~~ y8
  indirect := a*b
"
fit <- sem(model, data = PoliticalDemocracy, estimator = "MLR")
fitMeasures(fit, c("chisq.scaled", "df.scaled", "cfi.robust", "rmsea.robust", "srmr"))
standardizedSolution(fit)
# kept
keep("democracy", fitMeasures(fit, c("chisq.scaled", "df.scaled", "cfi.robust", "rmsea.robust", "srmr")))
keep_estimates("democracy", fit, c("~", ":="), c("est", "se", "std"))

# shown: ordered
ordinal <- as.data.frame(lapply(HolzingerSwineford1939[, paste0("x", 1:9)], cut,
                                breaks = c(-Inf, 2, 4, 6, Inf), labels = FALSE))
model <- "
  visual  =~ x1 + x2 + x3
  textual =~ x4 + x5 + x6
"
fit <- cfa(model, data = ordinal, ordered = TRUE)
fitMeasures(fit, c("chisq.scaled", "df.scaled", "cfi.scaled", "rmsea.scaled", "srmr"))
parameterEstimates(fit)
# kept
keep("ordered", fitMeasures(fit, c("chisq.scaled", "df.scaled", "cfi.scaled", "rmsea.scaled", "srmr")))
keep_estimates("ordered", fit, c("=~", "|"), c("est", "se"))

# shown: missing
incomplete <- HolzingerSwineford1939
incomplete$x5[incomplete$x1 < 4.5] <- NA
incomplete$x9[incomplete$x4 < 2.5] <- NA
model <- "
  visual  =~ x1 + x2 + x3
  textual =~ x4 + x5 + x6
  speed   =~ x7 + x8 + x9
"
fit <- cfa(model, data = incomplete, missing = "fiml", estimator = "MLR")
fitMeasures(fit, c("chisq.scaled", "cfi.robust", "rmsea.robust", "logl"))
parameterEstimates(fit)
# kept
keep("missing", fitMeasures(fit, c("chisq.scaled", "cfi.robust", "rmsea.robust", "logl")))
keep_estimates("missing", fit, "=~", c("est", "se"))

# shown: interaction
products <- indProd(HolzingerSwineford1939, var1 = c("x1", "x2", "x3"), var2 = c("x4", "x5", "x6"),
                    match = TRUE, doubleMC = TRUE)
model <- "
  visual  =~ x1 + x2 + x3
  textual =~ x4 + x5 + x6
  speed   =~ x7 + x8 + x9
  product =~ x1.x4 + x2.x5 + x3.x6
  speed ~ visual + textual + product
"
fit <- sem(model, data = products, estimator = "MLR")
parameterEstimates(fit)
# kept
keep("interaction", fitMeasures(fit, c("chisq.scaled", "df.scaled", "cfi.robust", "rmsea.robust")))
keep_estimates("interaction", fit, "~", c("est", "se"))

write.csv(do.call(rbind, rows), "results.csv", row.names = FALSE, quote = FALSE)
writeLines(as.character(packageVersion("lavaan")), "version.txt")
