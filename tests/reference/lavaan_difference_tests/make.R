# Remakes difference_tests.csv: Rscript make.R, in this folder.
source("../lavaan/reference.R")

measurement <- "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9\n"
near <- paste0(measurement, "textual ~~ 0.2*speed")
far <- paste0(measurement, "visual ~~ 0*speed\nvisual ~~ 0.5*textual")
equal <- "visual =~ x1 + a*x2 + b*x3\ntextual =~ x4 + c*x5 + d*x6\nspeed =~ x7 + x8 + x9\na == b\nc == d"

# name = list(larger, restricted, data, options of both, options of the restricted alone)
cases <- list(
  near_mlm = list(measurement, near, "holzinger", list(estimator = "MLM"), list()),
  near_mlr = list(measurement, near, "holzinger", list(estimator = "MLR"), list()),
  far_mlm = list(measurement, far, "holzinger", list(estimator = "MLM"), list()),
  far_mlr = list(measurement, far, "holzinger", list(estimator = "MLR"), list()),
  equal_mlm = list(measurement, equal, "holzinger", list(estimator = "MLM"), list()),
  equal_mlr = list(measurement, equal, "holzinger", list(estimator = "MLR"), list()),
  loadings_mlm = list(measurement, measurement, "holzinger", list(estimator = "MLM", group = "school"),
                      list(group.equal = "loadings")),
  loadings_mlr = list(measurement, measurement, "holzinger", list(estimator = "MLR", group = "school"),
                      list(group.equal = "loadings")),
  incomplete_mlr = list(measurement, near, "incomplete", list(estimator = "MLR", missing = "fiml"), list())
)
# The first row of the incomplete data is empty.
data_of <- function(name) {
  if (name == "incomplete") read.csv("../lavaan_missing/holzinger/data.csv")[-1, ] else read_data(name)
}
methods <- c("satorra.bentler.2001", "satorra.bentler.2010", "satorra.2000")

tested <- function(case) {
  parts <- cases[[case]]
  data <- data_of(parts[[3]])
  larger <- do.call(tight_fit, c(list(parts[[1]], data), parts[[4]]))
  restricted <- do.call(tight_fit, c(list(parts[[2]], data), parts[[4]], parts[[5]]))
  do.call(rbind, lapply(methods, function(method) {
    table <- as.data.frame(suppressWarnings(lavTestLRT(larger, restricted, method = method)))
    data.frame(case = case, method = gsub(".", "_", method, fixed = TRUE), chisq_diff = table$`Chisq diff`[2],
               df_diff = table$`Df diff`[2], p_value = table$`Pr(>Chisq)`[2])
  }))
}
write_table(do.call(rbind, lapply(names(cases), tested)), "difference_tests.csv")
