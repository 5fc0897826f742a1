# Indices of careless responding from their published definitions, in base R, and Mahalanobis distances by psych.
# Run in this folder: Rscript make.R
library(psych)
set.seed(3)
n <- 60
factors <- matrix(rnorm(n * 5), n)[, rep(1:5, times = c(4, 3, 4, 5, 2))]
answers <- round(pmin(pmax(4 + 1.3 * factors + 0.7 * matrix(rnorm(n * 18), n), 1), 7))
answers[, c(2, 9, 13, 16)] <- 8 - answers[, c(2, 9, 13, 16)]     # answered as reverse-keyed items are
answers[1, ] <- 4
answers[2, ] <- sample(1:7, 18, replace = TRUE)
incomplete <- answers
incomplete[sample(length(answers), 50)] <- NA
incomplete[5, 1:14] <- NA
scales <- split(1:18, rep(1:5, times = c(4, 3, 4, 5, 2)))

longest <- function(x) max(0, rle(ifelse(is.na(x), -seq_along(x), x)) |> with(lengths[values > 0]))
average <- function(x) rle(ifelse(is.na(x), -seq_along(x), x)) |> with(mean(lengths[values > 0]))
spread <- function(x) sd(x, na.rm = TRUE)
mean_of <- function(x) if (all(is.na(x))) NA else mean(x, na.rm = TRUE)
within <- function(a, b) {
  both <- !is.na(a) & !is.na(b)
  if (sum(both) < 3 || sd(a[both]) == 0 || sd(b[both]) == 0) return(NA)
  cor(a[both], b[both])
}
even_odd <- function(x) {
  odd <- sapply(scales, function(s) mean_of(x[s[seq(1, length(s), 2)]]))
  even <- sapply(scales, function(s) mean_of(x[s[seq(2, length(s), 2)]]))
  r <- within(odd, even)
  max(2 * r / (1 + r), -1)
}
over_pairs <- function(data, beyond) {
  r <- cor(data, use = "pairwise.complete.obs")
  pairs <- which(upper.tri(r) & beyond(r), arr.ind = TRUE)
  apply(data, 1, function(x) within(x[pairs[, 1]], x[pairs[, 2]]))
}
distance <- function(data) {                                       # over the items each row has
  s <- cov(data, use = "pairwise.complete.obs")
  m <- colMeans(data, na.rm = TRUE)
  apply(data, 1, function(x) {
    o <- !is.na(x)
    mahalanobis(x[o], m[o], s[o, o, drop = FALSE])
  })
}
indices <- function(data) {
  reversed <- data
  reversed[, c(2, 9, 13, 16)] <- 8 - reversed[, c(2, 9, 13, 16)]
  d2 <- distance(data)
  data.frame(
    longest_run = apply(data, 1, longest), average_run = apply(data, 1, average), irv = apply(data, 1, spread),
    mahalanobis = d2, mahalanobis_p = pchisq(d2, rowSums(!is.na(data)), lower.tail = FALSE),
    even_odd = apply(reversed, 1, even_odd),
    synonyms = over_pairs(data, function(r) r > 0.6), antonyms = over_pairs(data, function(r) r < -0.6),
    missing = rowMeans(is.na(data))
  )
}
stopifnot(all.equal(unname(distance(answers)), unname(outlier(answers, plot = FALSE))))   # psych agrees
write <- function(x, file) write.csv(format(x, digits = 15), file, row.names = FALSE, quote = FALSE)
colnames(answers) <- colnames(incomplete) <- paste0("i", 1:18)
write(as.data.frame(answers), "answers.csv")
write(as.data.frame(incomplete), "incomplete.csv")
write(indices(answers), "answers_indices.csv")
write(indices(incomplete), "incomplete_indices.csv")
