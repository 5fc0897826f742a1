# Exploratory factor analysis by psych, GPArotation and stats: loadings.csv, correlations.csv, uniquenesses.csv,
# eigenvalues.csv, indices.csv. Run in this folder; an argument names another for the output.
suppressMessages({library(psych); library(GPArotation)})
output_folder <- function() {
  arguments <- commandArgs(trailingOnly = TRUE)
  if (length(arguments) > 0) arguments[1] else "."
}
write_table <- function(table, name) {
  for (column in names(table)) {
    if (is.numeric(table[[column]])) table[[column]] <- trimws(formatC(table[[column]], digits = 12, format = "g"))
  }
  connection <- file(file.path(output_folder(), name), open = "wb", encoding = "UTF-8")
  write.csv(table, connection, row.names = FALSE, eol = "\n")
  close(connection)
}
holzinger <- lavaan::HolzingerSwineford1939[, paste0("x", 1:9)]
bfi <- na.omit(psych::bfi[, 1:25])
sets <- list(holzinger = list(holzinger, 3), bfi = list(bfi, 5))
# The default stops of optim and of the rotations leave 1e-4 in the loadings.
gpa <- list(normalize = FALSE, eps = 1e-9, maxit = 100000)
loadings <- NULL; phi <- NULL; unique <- NULL; eigen_table <- NULL; indices <- NULL
add <- function(set, method, rotation, L, P) {
  L <- unclass(L)
  loadings <<- rbind(loadings, data.frame(set = set, method = method, rotation = rotation, item = rep(rownames(L), ncol(L)),
                     factor = rep(seq_len(ncol(L)), each = nrow(L)), value = as.numeric(L)))
  if (!is.null(P)) phi <<- rbind(phi, data.frame(set = set, method = method, rotation = rotation,
                     row = rep(seq_len(ncol(P)), ncol(P)), column = rep(seq_len(ncol(P)), each = nrow(P)), value = as.numeric(P)))
}
for (set in names(sets)) {
  data <- sets[[set]][[1]]; m <- sets[[set]][[2]]; n <- nrow(data); R <- cor(data)
  for (method in c("minres", "ml")) {
    none <- suppressWarnings(fa(R, m, n.obs = n, rotate = "none", fm = method))
    if (method == "ml") {
      exact <- factanal(covmat = R, n.obs = n, factors = m, rotation = "none", control = list(opt = list(factr = 1, maxit = 10000)))
      L <- unclass(exact$loadings); uniquenesses <- exact$uniquenesses
      indices <- rbind(indices, data.frame(set = set, measure = c("chisq", "df"), value = c(exact$STATISTIC, exact$dof)))
    } else {
      # psych's own function with a tighter stop: its objective minimised from its solution.
      objective <- function(psi) {
        e <- eigen(R - diag(psi), symmetric = TRUE); k <- seq_len(m)
        L <- e$vectors[, k] %*% diag(sqrt(pmax(e$values[k], 0)), m); residual <- R - L %*% t(L); diag(residual) <- 0
        sum(residual^2) / 2
      }
      solved <- nlminb(none$uniquenesses, objective, lower = 0.005, upper = 1, control = list(rel.tol = 1e-14, eval.max = 1e5, iter.max = 1e5))
      uniquenesses <- solved$par; e <- eigen(R - diag(uniquenesses), symmetric = TRUE)
      L <- e$vectors[, 1:m] %*% diag(sqrt(e$values[1:m])); rownames(L) <- colnames(R)
      cat(set, "psych's own differs by", max(abs(none$uniquenesses - uniquenesses)), "\n")
    }
    names(uniquenesses) <- colnames(R)
    unique <- rbind(unique, data.frame(set = set, method = method, item = names(uniquenesses), value = as.numeric(uniquenesses),
                                       psych = as.numeric(none$uniquenesses)))
    add(set, method, "none", L, NULL)
    oblimin <- GPArotation::oblimin(L, normalize = FALSE, eps = 1e-9, maxit = 100000)
    add(set, method, "oblimin", oblimin$loadings, oblimin$Phi)
    add(set, method, "varimax", stats::varimax(L, normalize = TRUE, eps = 1e-14)$loadings, NULL)
    promax <- stats::promax(stats::varimax(L, normalize = TRUE, eps = 1e-14)$loadings, m = 4)
    U <- stats::varimax(L, normalize = TRUE, eps = 1e-14)$rotmat %*% promax$rotmat
    add(set, method, "promax", promax$loadings, solve(crossprod(U)))
  }
  parallel <- suppressMessages(suppressWarnings({set.seed(1); grDevices::pdf(NULL); fa.parallel(data, n.iter = if (set == "bfi") 100 else 1000, quant = 0.95, sim = TRUE, plot = FALSE, SMC = TRUE)}))
  smc <- eigen(R - diag(1 - psych::smc(R)), symmetric = TRUE, only.values = TRUE)$values
  eigen_table <- rbind(eigen_table, data.frame(set = set, rank = seq_along(smc), components = parallel$pc.values, reduced = smc,
             psych_fa = parallel$fa.values, simulated_components = parallel$pc.sim, simulated_factors = parallel$fa.sim,
             n_factors = parallel$nfact, n_components = parallel$ncomp))
}
write_table(loadings, "loadings.csv"); write_table(phi, "correlations.csv"); write_table(unique, "uniquenesses.csv")
write_table(eigen_table, "eigenvalues.csv"); write_table(indices, "indices.csv")
