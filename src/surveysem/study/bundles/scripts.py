"""Scripts that refit the models of a bundle with other software."""

from __future__ import annotations

from collections.abc import Mapping

from surveysem.inference import Fit
from surveysem.study.bundles.models import CLUSTER, lavaan_can_fit, rests_on_moments, semopy_can_fit

_LAVAAN = """\
# Fits the models of this bundle with lavaan:  Rscript lavaan.R [folder for its estimates]
# From covariances and means where the answers are not in the bundle; then only estimates, the test statistic and
# normal-theory standard errors can be compared, for robust ones need the answers.
suppressMessages(library(lavaan))
out <- commandArgs(trailingOnly = TRUE)
if (length(out)) out <- normalizePath(out[1], mustWork = FALSE)
this_file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
if (length(this_file)) setwd(dirname(this_file[1]))

fit_model <- function(name, n, estimator, missing, means, from_moments, ordered = NULL, cluster = NULL) {
  folder <- file.path("models", name)
  model <- paste(readLines(file.path(folder, "model.lavaan.txt"), encoding = "UTF-8"), collapse = "\\n")
  rows <- file.path(folder, "data.csv")
  if (file.exists(rows)) {
    data <- read.csv(rows, check.names = FALSE, encoding = "UTF-8")
    return(lavaan(model, data = data, estimator = estimator, missing = missing, meanstructure = means,
                  ordered = ordered, cluster = cluster, parameterization = "delta"))
  }
  if (!from_moments) {
    cat("\\n", name, ": needs the answers; write the bundle with include_data=True.\\n", sep = "")
    return(NULL)
  }
  # Covariances are divided by n, as maximum likelihood has them.
  covariance <- as.matrix(read.csv(file.path(folder, "covariance.csv"), row.names = 1, check.names = FALSE))
  averages <- NULL
  if (means) { # given means, lavaan models them
    table <- read.csv(file.path(folder, "means.csv"))
    averages <- setNames(table$mean, table$variable)
  }
  lavaan(model, sample.cov = covariance, sample.mean = averages, sample.nobs = n, sample.cov.rescale = FALSE,
         estimator = "ML", meanstructure = means)
}

report <- function(name, fit) {
  if (is.null(fit)) return(invisible())
  mine <- parameterEstimates(fit, standardized = TRUE)
  stored <- read.csv(file.path("models", name, "parameters.csv"), check.names = FALSE)
  key <- function(table) paste(table$lhs, table$op, ifelse(table$op == ":=", "", table$rhs))
  both <- match(key(stored), key(mine))
  cat("\\n", name, "\\n", sep = "")
  print(as.data.frame(mine), digits = 6)
  cat("Largest difference of an estimate from the bundle's:",
      format(max(abs(mine$est[both] - stored$estimate), na.rm = TRUE)), "\\n")
  if (length(out)) {
    dir.create(out, showWarnings = FALSE, recursive = TRUE)
    write.csv(mine, file.path(out, paste0(name, ".csv")), row.names = FALSE)
  }
}

"""

_SEMOPY = '''\
"""Fits the models of this bundle with semopy, from their covariances:  python fit_semopy.py

semopy knows neither lavaan's robust standard errors nor products of latent variables; estimates can be compared.
"""

from pathlib import Path

import pandas as pd
import semopy

HERE = Path(__file__).resolve().parent


def fit_model(name: str, n_obs: int) -> str:
    """Estimates of one model, as text."""
    folder = HERE / "models" / name
    covariance = pd.read_csv(folder / "covariance.csv", index_col=0)
    model = semopy.Model((folder / "model.semopy.txt").read_text(encoding="utf-8"))
    for parameter in model.parameters.values():
        parameter.bound = (None, None)  # as in lavaan, variances may be negative
    model.fit(cov=covariance, n_samples=n_obs, obj="MLW", solver="SLSQP", options={"ftol": 1e-12, "maxiter": 5000})
    return model.inspect(information="expected").to_string()


'''


def lavaan_script(models: Mapping[str, Fit]) -> str:
    """An R script that refits every model lavaan can fit, and names those it cannot."""
    lines = [_lavaan_call(name, fit) for name, fit in models.items()]
    return _LAVAAN + "\n".join(lines) + "\n"


def _lavaan_call(name: str, fit: Fit) -> str:
    if not lavaan_can_fit(fit):
        return f'cat("\\n{name}: lavaan fits no products of latent variables by LMS or QML.\\n")'
    from_moments = rests_on_moments(fit)
    options = [
        f'"{name}"',
        f"n = {fit.n_obs}",
        f'estimator = "{fit.estimator}"',
        f'missing = "{"ml" if fit.solution.incomplete else "listwise"}"',
        f"means = {_logical(fit.table.has_means)}",
        f"from_moments = {_logical(from_moments)}",
        *([f"ordered = c({', '.join(map(_quoted, fit.table.ordered))})"] if fit.table.ordered else []),
        *([f'cluster = "{CLUSTER}"'] if fit.solution.groups[0].moments.clusters is not None else []),
    ]
    return f'report("{name}", fit_model({", ".join(options)}))'


def _quoted(name: str) -> str:
    return f'"{name}"'


def _logical(value: bool) -> str:
    return "TRUE" if value else "FALSE"


def semopy_script(models: Mapping[str, Fit]) -> str:
    """A Python script that refits the models semopy can fit; empty where there is none."""
    calls = [
        f'print("\\n{name}", fit_model("{name}", {fit.n_obs}), sep="\\n")'
        for name, fit in models.items()
        if semopy_can_fit(fit)
    ]
    return _SEMOPY + "\n".join(calls) + "\n" if calls else ""
