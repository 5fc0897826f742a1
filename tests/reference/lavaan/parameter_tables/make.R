# lavaan's parameter table of each model in models.txt, with the automatic parameters of sem().
source("../reference.R")

read_models <- function() {
  lines <- readLines("models.txt", encoding = "UTF-8")
  heads <- grep("^%%", lines)
  ends <- c(heads[-1] - 1, length(lines))
  Map(function(from, to) {
    words <- strsplit(lines[from], " +")[[1]][-1]
    list(name = words[1], options = words[-1], text = paste(lines[(from + 1):to], collapse = "\n"))
  }, heads, ends)
}

# Values of an option such as equal=loadings,intercepts; character(0) where it is not given.
values_of <- function(model, name) {
  given <- grep(paste0("^", name, "="), model$options, value = TRUE)
  if (length(given) == 0) character(0) else strsplit(sub(paste0("^", name, "="), "", given), ",")[[1]]
}

table_of <- function(model) {
  groups <- max(1, as.integer(values_of(model, "groups")))
  std <- "std.lv" %in% model$options
  auto <- !("as.written" %in% model$options)
  table <- suppressWarnings(lavaanify(
    model$text, int.ov.free = auto, auto.fix.first = auto && !std, auto.fix.single = auto, auto.var = auto,
    auto.cov.lv.x = auto, auto.cov.y = auto, fixed.x = auto, std.lv = std, as.data.frame. = TRUE,
    meanstructure = "means" %in% model$options, int.lv.free = FALSE, ngroups = groups,
    group.equal = values_of(model, "equal"), group.partial = values_of(model, "partial")
  ))
  columns <- c("group", "lhs", "op", "rhs", "user", "free", "exo", "label", "plabel", "ustart")
  table <- cbind(model = model$name, table[, columns], df = lavaan:::lav_partable_df(table))
  table
}

write_table(do.call(rbind, lapply(read_models(), table_of)), "parameter_tables.csv")
