# Estimates, robust standard errors and p of twenty simulated samples of the bundled study: Rscript make.R [folder]
# Products of matched indicators are double-mean-centred by hand; the model is the one the study exports for lavaan.
suppressMessages(library(lavaan))
folder <- commandArgs(trailingOnly = TRUE)
if (!length(folder)) folder <- "."
samples <- read.csv("samples.csv.xz")
model <- paste(readLines("../snapshots/b2b_micro_influencer.structural.lavaan.txt"), collapse = "\n")
centred <- function(v) v - mean(v)

numbers <- lapply(split(samples, samples$sample), function(data) {
  for (moderator in c("px", "ri")) for (i in 1:4) {
    factors <- paste0(c("pc", moderator), "_", i)
    data[[paste(factors, collapse = ".")]] <- centred(centred(data[[factors[1]]]) * centred(data[[factors[2]]]))
  }
  fit <- sem(model, data, estimator = "MLR", test = "none", baseline = FALSE) # neither is compared, both take long
  rows <- parameterEstimates(fit, ci = FALSE)
  rows <- rows[grepl("^(P|E)[0-9]", rows$label) & rows$op == "~", ]
  data.frame(sample = data$sample[1], proposition = rows$label, estimate = rows$est, std_error = rows$se,
             p_value = rows$pvalue)
})
numbers <- do.call(rbind, numbers)
numbers[3:5] <- lapply(numbers[3:5], function(v) formatC(v, digits = 10, format = "g"))
write.csv(numbers, file.path(folder, "numbers.csv"), row.names = FALSE, quote = FALSE)
write.csv(data.frame(lavaan = as.character(packageVersion("lavaan"))), file.path(folder, "version.csv"),
          row.names = FALSE, quote = FALSE)
