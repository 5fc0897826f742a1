# Remakes strict.csv: Rscript strict.R, in this folder. Residual variances are parameters here (parameterization =
# "theta"), free in later groups at the scalar level and 1 in all groups at the strict level.
suppressMessages(library(lavaan))
source("../lavaan/reference.R")
converging <- function(model, data, ...) {
  for (tolerance in c(1e-13, 1e-12, 1e-11, 1e-10, 1e-9)) {
    fit <- suppressWarnings(cfa(model, data, group = "school", parameterization = "theta",
                                control = list(rel.tol = tolerance, iter.max = 20000, eval.max = 40000), ...))
    if (lavInspect(fit, "converged")) return(fit)
  }
  stop("lavaan did not converge")
}
level <- function(items, ordered, n_groups, strict) {
  later <- function(first, others) sprintf("c(%s)", paste(c(first, rep(others, n_groups - 1)), collapse = ", "))
  factor_of <- function(item) if (item %in% paste0("x", 1:4)) "f1" else "f2"
  lines <- vapply(unique(vapply(items, factor_of, "")), function(f) {
    paste(f, "=~", paste(items[vapply(items, factor_of, "") == f], collapse = " + "))
  }, "")
  for (item in items) {
    if (item %in% ordered) {
      lines <- c(lines, paste0(item, " ~ ", later("0", "0"), "*1"),
                 paste0(item, " ~~ ", later("1", if (strict) "1" else "NA"), "*", item))
    } else if (strict) {
      lines <- c(lines, paste0(item, " ~~ ", later(paste0("r", item), paste0("r", item)), "*", item))
    }
  }
  paste(c(lines, paste0("f1 ~ ", later("0", "NA"), "*1"), paste0("f2 ~ ", later("0", "NA"), "*1")), collapse = "\n")
}
case <- function(name, data, items, ordered, ...) {
  n_groups <- length(unique(data$school))
  fits <- lapply(c(FALSE, TRUE), function(strict) {
    converging(level(items, ordered, n_groups, strict), data, ordered = ordered,
               group.equal = c("thresholds", "loadings", "intercepts"), ...)
  })
  measures <- fitMeasures(fits[[2]])
  test <- as.data.frame(lavTestLRT(fits[[2]], fits[[1]]))
  data.frame(set = name, chisq_scaled = as.numeric(measures["chisq.scaled"]), df = as.numeric(measures["df"]),
             cfi = as.numeric(measures["cfi.scaled"]), rmsea = as.numeric(measures["rmsea.scaled"]),
             chisq_diff = test[2, "Chisq diff"], df_diff = test[2, "Df diff"], p_value = test[2, "Pr(>Chisq)"])
}
eight <- paste0("x", 1:8)
three <- read.csv("three.csv")
groups <- read.csv("../lavaan_least_squares/groups.csv")
write_table(rbind(
  case("groups", groups, eight[1:7], eight[1:7]),
  case("three", three, eight, eight),
  case("three_ulsmv", three, eight, eight, estimator = "ULSMV"),
  case("three_wlsm", three, eight, eight, estimator = "WLSM"),
  case("some", read.csv("some.csv"), eight, eight[1:6]),
  case("binary", read.csv("binary.csv"), eight, eight)
), "strict.csv")
