"""Works on power and sample size."""

from __future__ import annotations

from surveysem.references.reference import Reference, work

PLANNING_WORKS: tuple[Reference, ...] = (
    work(
        "maccallum_1996",
        "MacCallum, R. C.; Browne, M. W.; Sugawara, H. M.",
        "Power analysis and determination of sample size for covariance structure modeling",
        "Psychological Methods, 1(2), 130–149",
        "10.1037/1082-989X.1.2.130",
    ),
    work(
        "muthen_muthen_2002",
        "Muthén, L. K.; Muthén, B. O.",
        "How to use a Monte Carlo study to decide on sample size and determine power",
        "Structural Equation Modeling, 9(4), 599–620",
        "10.1207/S15328007SEM0904_8",
    ),
)
