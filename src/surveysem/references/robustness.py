"""Works on the many ways to analyse the same data, and on influential cases."""

from surveysem.references.reference import Reference, work

ROBUSTNESS_WORKS: tuple[Reference, ...] = (
    work(
        "steegen_2016",
        "Steegen, S.; Tuerlinckx, F.; Gelman, A.; Vanpaemel, W.",
        "Increasing transparency through a multiverse analysis",
        "Perspectives on Psychological Science, 11(5), 702–712",
        "10.1177/1745691616658637",
    ),
    work(
        "simonsohn_2020",
        "Simonsohn, U.; Simmons, J. P.; Nelson, L. D.",
        "Specification curve analysis",
        "Nature Human Behaviour, 4(11), 1208–1214",
        "10.1038/s41562-020-0912-z",
    ),
    work(
        "cook_1977",
        "Cook, R. D.",
        "Detection of influential observation in linear regression",
        "Technometrics, 19(1), 15–18",
        "10.1080/00401706.1977.10489493",
    ),
    work(
        "cook_1986",
        "Cook, R. D.",
        "Assessment of local influence",
        "Journal of the Royal Statistical Society: Series B (Methodological), 48(2), 133–155",
        "10.1111/j.2517-6161.1986.tb01398.x",
    ),
    work(
        "pek_maccallum_2011",
        "Pek, J.; MacCallum, R. C.",
        "Sensitivity analysis in structural equation models: Cases and their influence",
        "Multivariate Behavioral Research, 46(2), 202–228",
        "10.1080/00273171.2011.561068",
    ),
)
