"""The latent interactions of a study, probed as it declares them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from surveysem.estimation import LatentModeration
from surveysem.inference import Fit
from surveysem.inference.bootstrap import Bootstrap
from surveysem.inference.probing import conditional_indirect, johnson_neyman, moderation_effects, simple_slopes
from surveysem.report.moderation import ConditionalEffect, ModerationContent, ProbedModeration
from surveysem.specification import StructuralPath
from surveysem.study.study import Study

if TYPE_CHECKING:
    from surveysem.study.result import StudyResult

__all__ = ["ConditionalEffect", "ProbedModeration", "conditional_effects", "moderation_content", "probe_moderations"]

N_DRAWS = 5_000
"""Monte Carlo draws of the report; limits of a 95% interval have a standard error of a hundredth of its width."""


def probe_moderations(study: Study, fit: Fit) -> tuple[ProbedModeration, ...]:
    """Simple slopes and Johnson–Neyman regions of every latent interaction, in the order of the study.

    Parameters
    ----------
    study : Study
        Whose interactions they are.
    fit : Fit
        Its structural model.
    """
    probed = []
    for each in study.specification.interactions:
        question: dict[str, Any] = {"x": each.predictor, "moderator": each.moderator, "outcome": each.outcome}
        probed.append(
            ProbedModeration(
                label=each.label,
                fit=fit,
                predictor=each.predictor,
                moderator=each.moderator,
                outcome=each.outcome,
                slopes=simple_slopes(fit, **question),
                regions=johnson_neyman(fit, **question),
            )
        )
    return tuple(probed)


def conditional_effects(study: Study, fit: Fit, bootstrap: Bootstrap | None = None) -> tuple[ConditionalEffect, ...]:
    """Indirect effects of a study along each moderator of one of their steps, with Monte Carlo intervals.

    Parameters
    ----------
    study : Study
        Whose indirect effects they are.
    fit : Fit
        Its structural model.
    bootstrap : Bootstrap, optional
        Of that model, whose draws then give the intervals instead.
    """
    return tuple(
        ConditionalEffect(
            label=name,
            title=study.effect_titles.get(name, name),
            result=conditional_indirect(fit, path=path, moderator=moderator, n_draws=N_DRAWS, bootstrap=bootstrap),
        )
        for name, path in _chains(study)
        for moderator in _moderators(study, path)
    )


def moderation_content(result: StudyResult) -> ModerationContent | None:
    """What the report says about moderation; None where the study has no latent interaction."""
    specification, settings = result.study.specification, result.settings
    if not specification.interactions:
        return None
    by_products = settings["interaction"] == "product_indicator"
    return ModerationContent(
        method=settings["interaction"],
        centering=settings["centering"] if by_products else "",
        pairs=dict(specification.product_pairs) if by_products else {},
        nodes=_nodes(result.structural),
        version=_version(),
        sizes=moderation_effects(result.structural),
        tests=result.product_tests,
        probed=result.moderations,
        conditional=result.conditional_effects,
    )


def _chains(study: Study) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Indirect effects by name, each as the latent variables it runs through."""
    paths: Mapping[str, StructuralPath] = {path.label: path for path in study.specification.paths}
    for name, product in study.specification.definitions.items():
        steps = [paths[label] for label in product.split("*")]
        yield name, (steps[0].predictor, *(step.outcome for step in steps))


def _moderators(study: Study, path: tuple[str, ...]) -> tuple[str, ...]:
    steps = set(pairwise(path))
    interactions = study.specification.interactions
    return tuple(dict.fromkeys(each.moderator for each in interactions if (each.predictor, each.outcome) in steps))


def _nodes(fit: Fit) -> int | None:
    """Nodes of quadrature; None where nothing was integrated."""
    kinds = [group.discrepancy for group in fit.solution.groups]
    return max((each.grid.largest for each in kinds if isinstance(each, LatentModeration)), default=None)


def _version() -> str:
    try:
        return version("surveysem")
    except PackageNotFoundError:  # run from a source tree that was not installed
        return ""
