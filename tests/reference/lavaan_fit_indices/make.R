# Remakes measures.csv, lavaan's fit measures of the models in models.txt with the options in cases.txt: Rscript make.R,
# in this folder. Ordered data are those of ../lavaan_least_squares.
source("../lavaan/reference.R")

models <- function() {
  lines <- readLines("models.txt", encoding = "UTF-8")
  starts <- grep("^%%", lines)
  ends <- c(starts[-1] - 1, length(lines))
  texts <- mapply(function(from, to) paste(lines[(from + 1):to], collapse = "\n"), starts, ends)
  setNames(texts, trimws(sub("^%%", "", lines[starts])))
}

ordered_data <- function(name) read.csv(file.path("..", "lavaan_least_squares", paste0(name, ".csv")))

data_of <- function(name) {
  if (name %in% c("five", "mixed")) return(ordered_data(name))
  if (name == "democracy") return(read_data("political_democracy"))
  if (name == "groups") {
    groups <- ordered_data("groups")
    groups$third <- ifelse(seq_len(nrow(groups)) <= 400, "first", "last")
    return(groups)
  }
  if (name == "copies") {
    groups <- ordered_data("groups")
    return(rbind(cbind(groups, copy = "a"), cbind(groups, copy = "b")))
  }
  data <- read_data(if (name == "missing") "holzinger_missing" else name)
  data$cluster <- data$id %% 40
  data$cohort <- ifelse(seq_len(nrow(data)) <= 180, "first", "last")
  data
}

# Options as Python takes them, under lavaan's names; several values are parted by commas.
options_of <- function(words) {
  values <- strsplit(sub("^[^=]*=", "", words), ",")
  values <- lapply(values, function(value) if (identical(value, "True")) TRUE else value)
  setNames(values, sub("_", ".", sub("=.*", "", words)))
}

measures_of_case <- function(words, texts) {
  options <- options_of(words[-(1:3)])
  text <- texts[[words[2]]]
  data <- data_of(words[3])
  if (isTRUE(options$ordered)) options$ordered <- setdiff(names(data), c("school", "third", "copy"))
  fit <- do.call("tight_fit", c(list(text, data), options))
  # With that stop lavaan says of some baseline models that they did not converge, and prints nothing that needs them.
  if (is.na(fitMeasures(fit, "baseline.chisq"))) {
    fit <- do.call("sem", c(list(text, data, em.h1.tol = 1e-13, em.h1.iter.max = 100000), options))
  }
  # The robust statistics themselves, which fitMeasures does not print: XX3 and c.hat3, of the baseline .null.
  corrected <- NULL
  if (identical(options$missing, "fiml")) {
    version <- if (identical(options$estimator, "MLR")) "V3" else "V6"
    corrected <- unlist(get("lav_fit_fiml_corrected", envir = asNamespace("lavaan"))(fit, version = version))
  }
  if (!is.null(options$ordered) && grepl("M", options$estimator)) {
    corrected <- unlist(get("lav_fit_catml_dwls", envir = asNamespace("lavaan"))(fit))
  }
  values <- c(fitMeasures(fit), corrected)
  data.frame(case = words[1], measure = names(values), value = as.numeric(values))
}

lines <- readLines("cases.txt", encoding = "UTF-8")
cases <- strsplit(lines[!grepl("^#", lines)], " ")
write_table(do.call(rbind, lapply(cases, measures_of_case, texts = models())), "measures.csv")
connection <- file(file.path(output_folder(), "version.csv"), open = "wb", encoding = "UTF-8")
writeLines(c("lavaan", as.character(packageVersion("lavaan"))), connection)
close(connection)
