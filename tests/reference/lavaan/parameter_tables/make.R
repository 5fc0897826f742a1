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

table_of <- function(model) {
  std <- "std.lv" %in% model$options
  auto <- !("as.written" %in% model$options)
  table <- suppressWarnings(lavaanify(
    model$text, int.ov.free = TRUE, auto.fix.first = auto && !std, auto.fix.single = auto, auto.var = auto,
    auto.cov.lv.x = auto, auto.cov.y = auto, fixed.x = auto, std.lv = std, as.data.frame. = TRUE
  ))
  table <- cbind(model = model$name, table[, c("lhs", "op", "rhs", "user", "free", "exo", "label", "plabel", "ustart")])
  table$df <- lavaan:::lav_partable_df(table)
  table
}

write_table(do.call(rbind, lapply(read_models(), table_of)), "parameter_tables.csv")
