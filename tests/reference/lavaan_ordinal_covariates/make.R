# Remakes every stored reference of ordered variables beside observed exogenous ones: Rscript make.R, in this folder. An
# argument names another folder for the output. Data are simulated from a seed and stored, so that the tests need no R.
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

# The tightest stop that nlminb does not call "false convergence". With formulas between parameters so tight a stop ends
# away from the minimum and outside the constraints; the default one does not.
tight_fit <- function(model, ...) {
  if (grepl("==", model, fixed = TRUE)) return(sem(model, ...))
  for (tolerance in c(1e-15, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10)) {
    control <- list(rel.tol = tolerance, x.tol = 1e-10, iter.max = 20000, eval.max = 40000)
    fit <- suppressWarnings(sem(model, ..., control = control))
    if (lavInspect(fit, "converged")) return(fit)
  }
  stop("lavaan did not converge")
}

by_group <- function(found) if (is.list(found)) found else list(found)

# One fit: its model, the options as Python takes them, estimates, fit measures and R-squared.
write_case <- function(name, data, model, options, estimator, ...) {
  fit <- tight_fit(model, data = data, estimator = estimator, ...)
  plain <- as.data.frame(parameterEstimates(fit, standardized = TRUE, remove.nonfree = FALSE))
  if (is.null(plain$group)) plain$group <- 1L
  plain <- plain[!plain$op %in% c("==", "<", ">"), ]
  key <- function(table) paste(table$lhs, table$op, table$rhs, if (is.null(table$group)) 1 else table$group)
  kinds <- lapply(c("std.all", "std.nox"), function(kind) as.data.frame(standardizedSolution(fit, type = kind)))
  errors <- lapply(kinds, function(std) std$se[match(key(plain), key(std))])
  write_table(cbind(plain[, c("lhs", "op", "rhs", "group", "est", "se", "std.lv", "std.all", "std.nox")],
                    std.se = errors[[1]], nox.se = errors[[2]]), name, "estimates.csv")
  measures <- fitMeasures(fit)
  write_table(data.frame(measure = c(names(measures), "lavaan.version"),
                         value = c(format_number(as.numeric(measures)), as.character(packageVersion("lavaan")))),
              name, "fit.csv")
  explained <- by_group(lavInspect(fit, "rsquare"))
  write_table(do.call(rbind, lapply(seq_along(explained), function(g)
    data.frame(group = g, variable = names(explained[[g]]), value = as.numeric(explained[[g]])))), name, "rsquare.csv")
  text <- c(trimws(strsplit(model, "\n")[[1]]), paste0("#! ", options), paste0("#! estimator=", estimator))
  connection <- file(file.path(output, name, "model.txt"), open = "wb", encoding = "UTF-8")
  writeLines(text, connection)
  close(connection)
}

# The statistics a model is fitted to, and their asymptotic covariance.
write_statistics <- function(name, data, model, ...) {
  fit <- suppressWarnings(sem(model, data = data, estimator = "WLSMV", do.fit = FALSE, ...))
  found <- lavInspect(fit, "wls.obs")
  write_table(data.frame(statistic = names(found), value = as.numeric(found)), paste0(name, "_statistics.csv"))
  write_table(as.data.frame(lavTech(fit, "gamma")[[1]]), paste0(name, "_gamma.csv"))
}

set.seed(20260611, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
n <- 600
noise <- function() rnorm(n)
cut_at <- function(values, thresholds) findInterval(values, thresholds) + 1L
firm_size <- round(exp(noise() / 2), 4)
age <- round(40 + 10 * noise() + 2 * firm_size, 2)
female <- as.integer(runif(n) < 0.4)
sector <- rep(c("a", "b"), length.out = n)
trust <- 0.03 * (age - 40) - 0.4 * female + 0.25 * firm_size + ifelse(sector == "b", 0.3, 0) + noise()
liking <- 0.5 * trust + 0.4 * firm_size + 0.9 * noise()
shared <- noise()
survey <- data.frame(
  t1 = cut_at(trust + noise(), c(-0.9, 0, 0.7, 1.6)),
  t2 = cut_at(0.8 * trust + noise() + 0.02 * (age - 40), c(-0.5, 0.8)),
  t3 = cut_at(0.9 * trust + noise() + 0.3 * shared, 0.2),
  t4 = cut_at(1.1 * trust + noise(), c(-1, -0.2, 0.6, 1.5)),
  l1 = cut_at(liking + noise(), c(-0.4, 0.4, 1.2, 2)),
  l2 = round(3 + 0.8 * liking + noise(), 4),
  l3 = cut_at(0.9 * liking + noise() + 0.3 * shared, c(0.1, 1)),
  l4 = round(1 + 0.6 * liking + 0.8 * noise() + 0.3 * female, 4),
  bought = cut_at(0.5 * liking + 0.3 * female + noise(), 0.6),
  intent = cut_at(0.4 * trust - 0.02 * (age - 40) + noise(), c(-0.5, 0.6)),
  age = age, female = female, firm_size = firm_size, sector = sector
)
write_table(survey, "survey.csv")
survey <- read.csv(file.path(output, "survey.csv"))

items <- c("t1", "t2", "t3", "t4", "l1", "l3")
everything <- c(items, "bought", "intent")
naming <- function(names) paste0("ordered=", paste(names, collapse = ","))
main <- "trust =~ t1 + t2 + t3 + t4
         liking =~ l1 + l2 + l3 + l4
         trust ~ age + female
         liking ~ b*trust + c*firm_size
         t2 ~ age
         l4 ~ female
         effect := b*c"
for (estimator in c("WLSMV", "WLSM", "WLSMVS", "DWLS", "ULS", "ULSM", "ULSMV", "ULSMVS", "WLS")) {
  write_case(paste0("main_", estimator), survey, main, naming(items), estimator, ordered = items)
}
mimic <- "trust =~ t1 + t2 + t3 + t4
          trust ~ age + female + firm_size"
write_case("mimic", survey, mimic, naming(items[1:4]), "WLSMV", ordered = items[1:4])
write_case("mimic_std_lv", survey, mimic, paste(naming(items[1:4]), "std_lv=True"), "WLSMV", ordered = items[1:4],
           std.lv = TRUE)
write_case("mimic_formula", survey, "trust =~ t1 + p*t2 + q*t3 + t4
  trust ~ r*age + 0.2*firm_size + s*female
  p == q
  s == 2*r - 0.5", naming(items[1:4]), "WLSMV", ordered = items[1:4])
write_case("one_ordered", survey, "liking =~ l1 + l2 + l4
  liking ~ firm_size + female", naming("l1"), "WLSMV", ordered = "l1")
write_case("outcomes", survey, "trust =~ t1 + t2 + t3 + t4
  bought ~ trust + female
  intent ~ trust + age
  trust ~ age + firm_size", naming(c(items[1:4], "bought", "intent")), "WLSMV",
  ordered = c(items[1:4], "bought", "intent"))
write_case("probit_binary", survey, "bought ~ age + female + firm_size", naming("bought"), "WLSMV", ordered = "bought")
write_case("probit_ordered", survey, "intent ~ age + female", naming("intent"), "WLSMV", ordered = "intent")
write_case("probit_WLS", survey, "intent ~ age + female", naming("intent"), "WLS", ordered = "intent")
write_case("regressions", survey, "bought ~ age + female
  intent ~ age + firm_size
  l2 ~ female + firm_size", naming(c("bought", "intent")), "WLSMV", ordered = c("bought", "intent"))
write_case("continuous_mediator", survey, "l2 ~ age + firm_size
  bought ~ l2 + female
  intent ~ l2 + age", naming(c("bought", "intent")), "WLSMV", ordered = c("bought", "intent"))
write_case("second_order", survey, "trust =~ t1 + t2 + t3
  liking =~ l1 + l3 + l2
  outcome =~ bought + intent + t4
  attitude =~ trust + liking + outcome
  attitude ~ age + firm_size
  liking ~ firm_size
  t3 ~~ l3", naming(everything), "WLSMV", ordered = everything)
for (equal in c("", "loadings", "thresholds", "loadings,thresholds", "loadings,thresholds,intercepts,regressions")) {
  name <- paste0("groups_", if (equal == "") "configural" else gsub(",", "_", equal))
  write_case(name, survey, main, paste0(naming(items), " group=sector group_equal=", equal), "WLSMV", ordered = items,
             group = "sector", group.equal = if (equal == "") "" else strsplit(equal, ",")[[1]])
}
write_case("groups_ULSMV", survey, mimic, paste0(naming(items[1:4]), " group=sector group_equal=loadings,thresholds"),
           "ULSMV", ordered = items[1:4], group = "sector", group.equal = c("loadings", "thresholds"))
write_case("groups_WLS", survey, mimic, paste0(naming(items[1:4]), " group=sector group_equal=loadings"), "WLS",
           ordered = items[1:4], group = "sector", group.equal = "loadings")
write_case("groups_probit", survey, "intent ~ c(a, a)*age + female", paste0(naming("intent"), " group=sector"), "WLSMV",
           ordered = "intent", group = "sector")
write_statistics("main", survey, main, ordered = items)
write_statistics("outcomes", survey, "bought ~ age + female + firm_size; intent ~ age; t1 ~ age; t3 ~ age",
                 ordered = c("bought", "intent", "t1", "t3"))

indices <- modindices(tight_fit(main, data = survey, estimator = "WLSMV", ordered = items))
write_table(as.data.frame(indices)[, c("lhs", "op", "rhs", "mi", "epc", "sepc.all")], "main_modification.csv")
two <- list(mimic, sub("t2 + t3", "a*t2 + a*t3", sub("female", "0*female", mimic), fixed = TRUE))
two <- lapply(two, function(model) tight_fit(model, data = survey, estimator = "WLSMV", ordered = items[1:4]))
test <- as.data.frame(lavTestLRT(two[[2]], two[[1]]))[2, ]
write_table(data.frame(df = test[["Df diff"]], chi_square = test[["Chisq diff"]], p_value = test[["Pr(>Chisq)"]]),
            "mimic_difference.csv")
