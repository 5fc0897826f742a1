# Remakes estimates without single cases by lavaan: Rscript make.R, in this folder.
source("../lavaan/reference.R")

models <- list(
  democracy = "
    ind60 =~ x1 + x2 + x3
    dem60 =~ y1 + y2 + y3 + y4
    dem65 =~ y5 + y6 + y7 + y8
    dem60 ~ ind60
    dem65 ~ ind60 + dem60
    y1 ~~ y5
    y2 ~~ y4 + y6",
  holzinger = "
    visual =~ x1 + x2 + x3
    textual =~ x4 + x5 + x6
    speed =~ x7 + x8 + x9",
  products = "
    visual =~ x1 + x2 + x3
    textual =~ x4 + x5 + x6
    speed =~ x7 + x8 + x9
    product =~ x1.x4 + x2.x5 + x3.x6
    speed ~ visual + textual + product"
)

# name = list(model, data, options of sem(), cases left out)
cases <- list(
  democracy = list("democracy", "political_democracy", list(), 1:75),
  holzinger_groups = list("holzinger", "holzinger", list(group = "school", group.equal = "loadings"), seq(1, 301, 12)),
  holzinger_missing = list("holzinger", "holzinger_missing", list(missing = "fiml"), seq(1, 301, 20)),
  products = list("products", "holzinger", list(), seq(1, 301, 12))
)

made <- function(model, data) {
  if (model == "products") with_products(data, paste0("x", 1:3), paste0("x", 4:6), matched = TRUE) else data
}

fitted <- function(case, data) {
  do.call(tight_fit, c(list(models[[case[[1]]]], made(case[[1]], data)), case[[3]]))
}

log_likelihood_of <- function(case, data, estimates) {
  fixed <- do.call("sem", c(
    list(estimates, data = made(case[[1]], data), do.fit = FALSE), case[[3]][setdiff(names(case[[3]]), "group.equal")]
  ))
  as.numeric(logLik(fixed))
}

run <- function(name) {
  case <- cases[[name]]
  data <- read_data(case[[2]])
  whole <- fitted(case, data)
  theta <- coef(whole)
  rows <- lapply(case[[4]], function(i) {
    reduced <- fitted(case, data[-i, ])
    change <- theta - coef(reduced)
    kept <- !duplicated(names(change))
    information <- solve(vcov(reduced)[kept, kept])
    table <- parTable(whole)
    table$est[table$free > 0] <- coef(reduced)[table$free[table$free > 0]]
    table$start <- table$est
    distance <- 2 * (as.numeric(logLik(whole)) - log_likelihood_of(case, data, table))
    data.frame(
      case = name, left_out = i, parameter = names(change)[kept], estimate = coef(reduced)[kept],
      generalized_distance = as.numeric(change[kept] %*% information %*% change[kept]), likelihood_distance = distance
    )
  })
  do.call(rbind, rows)
}

table <- do.call(rbind, lapply(names(cases), run))
for (column in c("estimate", "generalized_distance", "likelihood_distance")) {
  table[[column]] <- sprintf("%.9g", table[[column]])
}
write.csv(table, file.path(output_folder(), "deletions.csv"), row.names = FALSE, quote = FALSE)
