# Descriptives and Mardia's tests by psych and semTools, intraclass correlations by aov and lme4.
# Run in this folder: Rscript make.R
suppressMessages({library(psych); library(semTools); library(lme4)})
attitude <- datasets::attitude
chicks <- datasets::chickwts
write.csv(attitude, "attitude.csv", row.names = FALSE, quote = FALSE)
write.csv(chicks, "chickwts.csv", row.names = FALSE, quote = FALSE)
d <- describe(attitude, type = 2)
m <- mardia(attitude, plot = FALSE)
skew <- mardiaSkew(attitude); kurt <- mardiaKurtosis(attitude)
x <- scale(as.matrix(attitude), scale = FALSE); g <- x %*% solve(crossprod(x) / nrow(x)) %*% t(x)
groups <- as.integer(table(chicks$feed)); n <- sum(groups); J <- length(groups)
ms <- summary(aov(weight ~ feed, chicks))[[1]][["Mean Sq"]]
k0 <- (n - sum(groups^2) / n) / (J - 1)
fit <- lmer(weight ~ 1 + (1 | feed), chicks, REML = FALSE,
            control = lmerControl(optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-14)))
v <- as.data.frame(VarCorr(fit))$vcov
vec <- function(x) paste0("[", paste(sprintf("%.12g", x), collapse = ", "), "]")
writeLines(c("{",
  sprintf('"mean": %s,', vec(d$mean)), sprintf('"sd": %s,', vec(d$sd)), sprintf('"median": %s,', vec(d$median)),
  sprintf('"skewness": %s,', vec(d$skew)), sprintf('"kurtosis": %s,', vec(d$kurtosis)),
  sprintf('"psych": %s,', vec(c(m$b1p, m$skew, m$p.skew, m$small.skew, m$p.small, m$b2p, m$kurtosis, m$p.kurt))),
  sprintf('"semTools_skew": %s,', vec(skew)), sprintf('"semTools_kurtosis": %s,', vec(kurt)),
  sprintf('"mardia": %s,', vec(c(mean(g^3), mean(diag(g)^2)))),
  sprintf('"icc": %.12g,', (ms[1] - ms[2]) / (ms[1] + (k0 - 1) * ms[2])),
  sprintf('"icc_ml": %.12g', v[1] / sum(v)), "}"), "values.json")
