"""All works by key, and the two ways to name one: in the text and in the bibliography."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from surveysem.errors import Problem, SurveySEMError
from surveysem.references.answers import ANSWER_WORKS
from surveysem.references.evidence import EVIDENCE_WORKS
from surveysem.references.fit_indices import FIT_INDEX_WORKS
from surveysem.references.measurement import MEASUREMENT_WORKS
from surveysem.references.modelling import MODELLING_WORKS
from surveysem.references.moderation import MODERATION_WORKS
from surveysem.references.planning import PLANNING_WORKS
from surveysem.references.reference import Reference
from surveysem.references.robustness import ROBUSTNESS_WORKS
from surveysem.references.theory import THEORY_WORKS

REFERENCES: Mapping[str, Reference] = MappingProxyType(
    {
        work.key: work
        for work in (
            *THEORY_WORKS,
            *MODELLING_WORKS,
            *MEASUREMENT_WORKS,
            *FIT_INDEX_WORKS,
            *ANSWER_WORKS,
            *MODERATION_WORKS,
            *EVIDENCE_WORKS,
            *ROBUSTNESS_WORKS,
            *PLANNING_WORKS,
        )
    }
)


def cite(key: str) -> str:
    """Citation of a work inside a sentence.

    Parameters
    ----------
    key : str
        One of the keys of ``REFERENCES``.

    Raises
    ------
    SurveySEMError
        When no work has that key.

    Examples
    --------
    >>> cite("ohanian_1990")
    'Ohanian (1990)'
    >>> cite("hovland_weiss_1951")
    'Hovland and Weiss (1951)'
    >>> cite("henseler_2015")
    'Henseler et al. (2015)'
    """
    work = _find(key)
    families = work.families
    names = " and ".join(families) if len(families) <= 2 else f"{families[0]} et al."
    return f"{names} ({work.year})"


def bibliography_entry(key: str) -> str:
    """Entry of a work in a reference list, in APA style without italics.

    Parameters
    ----------
    key : str
        One of the keys of ``REFERENCES``.

    Raises
    ------
    SurveySEMError
        When no work has that key.

    Examples
    --------
    >>> bibliography_entry("mcdonald_1999")
    'McDonald, R. P. (1999). Test theory: A unified treatment. Lawrence Erlbaum.'
    """
    work = _find(key)
    names = ", ".join(work.authors[:-1])
    authors = f"{names}, & {work.authors[-1]}" if names else work.authors[-1]
    title = work.title if work.title.endswith(("?", "!")) else f"{work.title}."
    entry = f"{authors} ({work.year}). {title} {work.source}."
    if work.doi is not None:
        entry += f" https://doi.org/{work.doi}"
    if work.cited_in is not None:
        after = _find(work.cited_in)
        entry += f" (as cited in {', '.join(after.families)}, {after.year})"
    return entry


def _find(key: str) -> Reference:
    if key in REFERENCES:
        return REFERENCES[key]
    near = get_close_matches(key, list(REFERENCES), n=1)
    meant = f"Did you mean {near[0]}? " if near else ""
    problem = Problem(
        where="surveysem.references",
        found=f"there is no reference {key!r}",
        remedy=f"{meant}Available: {', '.join(sorted(REFERENCES))}.",
    )
    raise SurveySEMError(f"There is no reference {key!r}.", [problem])
