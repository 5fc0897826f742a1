"""A fit in words and columns, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from surveysem.inference.fit import Fit

_SECTIONS = (
    ("=~", "Loadings"),
    ("~", "Regressions"),
    ("~~", "Variances and covariances"),
    ("~1", "Intercepts and means"),
    ("|", "Thresholds"),
    (":=", "Defined quantities"),
)
_COLUMNS = ["estimate", "std_error", "z", "p_value", "ci_lower", "ci_upper", "std_lv", "std_all"]


def summarize(fit: Fit) -> str:
    """Fit indices, then estimates by kind, then findings."""
    return "\n\n".join([_head(fit), *_blocks(fit), *_findings(fit)])


def _head(fit: Fit) -> str:
    index = fit.fit_indices
    first = f"Estimator {fit.estimator}, n = {fit.n_obs}, {fit.engine}, {index['npar']:.0f} free parameters"
    if "chisq" not in index:
        return f"{first}\nlog-likelihood {index['logl']:.3f}, AIC {index['aic']:.3f}, BIC {index['bic']:.3f}"
    lines = [
        first,
        f"χ²({index['df']:.0f}) = {index['chisq']:.3f}, {_p(index['pvalue'])}",
    ]
    if "chisq.scaled" in index:
        lines.append(
            f"scaled χ²({index['df.scaled']:.0f}) = {index['chisq.scaled']:.3f}, {_p(index['pvalue.scaled'])}, "
            f"scaling factor {index['chisq.scaling.factor']:.3f}"
        )
    for suffix, name in (("", ""), (".robust", "robust ")):
        if f"cfi{suffix}" in index:
            lines.append(
                f"{name}CFI {index[f'cfi{suffix}']:.3f}, {name}TLI {index[f'tli{suffix}']:.3f}, "
                f"{name}RMSEA {index[f'rmsea{suffix}']:.3f} "
                f"[{index[f'rmsea.ci.lower{suffix}']:.3f}, {index[f'rmsea.ci.upper{suffix}']:.3f}]"
            )
    criteria = f", AIC {index['aic']:.3f}, BIC {index['bic']:.3f}" if "aic" in index else ""
    lines.append(f"SRMR {index['srmr']:.3f}{criteria}")
    return "\n".join(lines)


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.0005 else f"p = {value:.3f}"


def _blocks(fit: Fit) -> list[str]:
    """Estimates by kind, under a heading for each group where there are several."""
    if not fit.group_labels:
        return _group_blocks(fit.estimates)
    blocks = []
    for number, label in enumerate(fit.group_labels, start=1):
        rows = fit.estimates[fit.estimates["group"] == number]
        blocks += [f"Group {label} (n = {fit.solution.groups[number - 1].moments.n_obs})", *_group_blocks(rows)]
    return blocks + _group_blocks(fit.estimates[fit.estimates["group"] == 0])


def _group_blocks(estimates: pd.DataFrame) -> list[str]:
    blocks = []
    for op, title in _SECTIONS:
        rows = estimates[estimates["op"] == op]
        if len(rows):
            names = rows["lhs"] if op == ":=" else (rows["lhs"] + f" {op} " + rows["rhs"]).str.strip()
            table = rows[_COLUMNS].set_axis(names.rename(None), axis=0)
            blocks.append(f"{title}\n{table.to_string(float_format=lambda value: f'{value:.3f}', na_rep='')}")
    return blocks


def _findings(fit: Fit) -> list[str]:
    return ["\n".join(str(finding) for finding in fit.findings)] if fit.findings else []
