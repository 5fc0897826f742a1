"""What a reader must be told of main effects and observed moderators where products are modelled themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from surveysem.data.moments import SampleMoments
from surveysem.findings import Finding
from surveysem.specification import ParameterTable
from surveysem.typing import FloatArray

_ROUNDING = 1e-9
"""Mean, in standard deviations, that counts as 0."""


def moderator_notes(table: ParameterTable, samples: Sequence[SampleMoments]) -> tuple[Finding, ...]:
    """Findings on what main effects beside products mean, and on moderators that covary with no latent predictor.

    Parameters
    ----------
    table : ParameterTable
        A model with products.
    samples : sequence of SampleMoments
        Data of each group; observed factors of products have no missing value.

    Returns
    -------
    tuple of Finding
        A main effect is that where the other factor is 0: a warning where no observed value lies near 0.
    """
    return (
        *(note for product, factors in table.products.items() for note in _meaning(table, samples, product, factors)),
        *_uncorrelated(table),
    )


def _meaning(
    table: ParameterTable, samples: Sequence[SampleMoments], product: str, factors: tuple[str, str]
) -> Iterator[Finding]:
    first, second = (_at_zero(table, samples, name) for name in factors)
    if factors[0] == factors[1]:
        message = f"Beside this product the effect of {factors[0]} is its slope at {first}."
    else:
        message = (
            f"Beside this product the effect of {factors[0]} is that at {second}, and the effect of {factors[1]} that "
            f"at {first}."
        )
    yield Finding(severity="note", where=product, message=message)
    for name in dict.fromkeys(factors):
        if name in table.observed and not _reaches_zero(_values(table, samples, name)):
            message = (
                f"No value of {name} reaches 0, so that the effect of the other factor is one that nobody has. "
                f"Subtract the mean of {name} from it before fitting, or look at simple slopes."
            )
            yield Finding(severity="warning", where=product, message=message)


def _at_zero(table: ParameterTable, samples: Sequence[SampleMoments], name: str) -> str:
    if name in table.observed:
        return f"{name} = 0 (its mean{_observed_mean(_values(table, samples, name))})"
    means = [row for row in table if row.op == "~1" and row.lhs == name]
    explained = bool(table.predictors_of(name)) or any(row.op == "=~" and row.rhs == name for row in table)
    is_mean = not explained and all(not row.free and not row.value for row in means)
    return f"{name} = 0 (its mean)" if is_mean else f"{name} = 0"


def _values(table: ParameterTable, samples: Sequence[SampleMoments], name: str) -> FloatArray:
    at = table.observed.index(name)
    return np.concatenate([np.asarray(sample.observations)[:, at] for sample in samples])


def _observed_mean(values: FloatArray) -> str:
    """The mean as words; none where it is 0 but for rounding."""
    mean = float(values.mean())
    return "" if abs(mean) <= _ROUNDING * float(values.std()) else f" is {mean:.3g}"


def _reaches_zero(values: FloatArray) -> bool:
    return float(values.min()) <= 0.0 <= float(values.max())


def _uncorrelated(table: ParameterTable) -> Iterator[Finding]:
    """Observed exogenous factors of products whose covariances with latent predictors are left at 0."""
    covarying = {frozenset((row.lhs, row.rhs)) for row in table if row.op == "~~" and not row.exogenous}
    explained = {row.lhs for row in table if row.op == "~"} | {row.rhs for row in table if row.op == "=~"}
    latent = [name for name in table.latent if name not in explained]
    factors = dict.fromkeys(name for pair in table.products.values() for name in pair)
    moderators = [name for name in factors if name in table.observed and name not in explained]
    listed: set[frozenset[str]] = set()
    for name in moderators:
        lacking = [other for other in latent if frozenset((name, other)) not in covarying]
        if not lacking:
            continue
        others = [each for each in table.exogenous_observed if each != name and frozenset((name, each)) not in listed]
        listed |= {frozenset((name, each)) for each in others}
        message = (
            f"{name} is taken as uncorrelated with {', '.join(lacking)}, as lavaan's defaults have it. Where it is "
            "not, R², ΔR², f² and standardised effects are wrong. To let them covary write "
            f"{name} ~~ {' + '.join((*lacking, *others))}, in the model without the product too."
        )
        yield Finding(severity="warning", where=f"moderator {name}", message=message)
