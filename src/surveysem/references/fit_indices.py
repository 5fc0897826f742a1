"""Works that fit indices come from."""

from __future__ import annotations

from surveysem.references.reference import Reference, work

FIT_INDEX_WORKS: tuple[Reference, ...] = (
    work(
        "bentler_bonett_1980",
        "Bentler, P. M.; Bonett, D. G.",
        "Significance tests and goodness of fit in the analysis of covariance structures",
        "Psychological Bulletin, 88(3), 588–606",
        "10.1037/0033-2909.88.3.588",
    ),
    work(
        "bollen_1986",
        "Bollen, K. A.",
        "Sample size and Bentler and Bonett's nonnormed fit index",
        "Psychometrika, 51(3), 375–377",
        "10.1007/BF02294061",
    ),
    work(
        "bollen_incremental_1989",
        "Bollen, K. A.",
        "A new incremental fit index for general structural equation models",
        "Sociological Methods & Research, 17(3), 303–316",
        "10.1177/0049124189017003004",
    ),
    work(
        "browne_cudeck_1989",
        "Browne, M. W.; Cudeck, R.",
        "Single sample cross-validation indices for covariance structures",
        "Multivariate Behavioral Research, 24(4), 445–455",
        "10.1207/s15327906mbr2404_4",
    ),
    work(
        "hoelter_1983",
        "Hoelter, J. W.",
        "The analysis of covariance structures: Goodness-of-fit indices",
        "Sociological Methods & Research, 11(3), 325–344",
        "10.1177/0049124183011003003",
    ),
    work(
        "joreskog_sorbom_1982",
        "Jöreskog, K. G.; Sörbom, D.",
        "Recent developments in structural equation modeling",
        "Journal of Marketing Research, 19(4), 404–416",
        "10.1177/002224378201900402",
    ),
    work(
        "mcdonald_1989",
        "McDonald, R. P.",
        "An index of goodness-of-fit based on noncentrality",
        "Journal of Classification, 6(1), 97–103",
        "10.1007/BF01908590",
    ),
    work(
        "mcdonald_marsh_1990",
        "McDonald, R. P.; Marsh, H. W.",
        "Choosing a multivariate model: Noncentrality and goodness of fit",
        "Psychological Bulletin, 107(2), 247–255",
        "10.1037/0033-2909.107.2.247",
    ),
    work(
        "sclove_1987",
        "Sclove, S. L.",
        "Application of model-selection criteria to some problems in multivariate analysis",
        "Psychometrika, 52(3), 333–343",
        "10.1007/BF02294360",
    ),
    work(
        "zhang_savalei_2023",
        "Zhang, X.; Savalei, V.",
        "New computations for RMSEA and CFI following FIML and TS estimation with missing data",
        "Psychological Methods, 28(2), 263–283",
        "10.1037/met0000445",
    ),
)
