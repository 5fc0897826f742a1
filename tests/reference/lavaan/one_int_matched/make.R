source("../reference.R")
items <- function(letter) paste0(letter, 1:3)
write_reference(with_products(read_data("oneInt"), items("x"), items("z"), matched = TRUE), estimators = c("ML", "MLR"))
