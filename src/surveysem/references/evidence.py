"""Works on preregistration and on evidence across studies."""

from surveysem.references.reference import Reference, work

EVIDENCE_WORKS: tuple[Reference, ...] = (
    work(
        "becker_wu_2007",
        "Becker, B. J.; Wu, M.-J.",
        "The synthesis of regression slopes in meta-analysis",
        "Statistical Science, 22(3), 414–429",
        "10.1214/07-STS243",
    ),
    work(
        "dersimonian_laird_1986",
        "DerSimonian, R.; Laird, N.",
        "Meta-analysis in clinical trials",
        "Controlled Clinical Trials, 7(3), 177–188",
        "10.1016/0197-2456(86)90046-2",
    ),
    work(
        "hartung_knapp_2001",
        "Hartung, J.; Knapp, G.",
        "A refined method for the meta-analysis of controlled clinical trials with binary outcome",
        "Statistics in Medicine, 20(24), 3875–3889",
        "10.1002/sim.1009",
    ),
    work(
        "higgins_thompson_2002",
        "Higgins, J. P. T.; Thompson, S. G.",
        "Quantifying heterogeneity in a meta-analysis",
        "Statistics in Medicine, 21(11), 1539–1558",
        "10.1002/sim.1186",
    ),
    work(
        "higgins_thompson_spiegelhalter_2009",
        "Higgins, J. P. T.; Thompson, S. G.; Spiegelhalter, D. J.",
        "A re-evaluation of random-effects meta-analysis",
        "Journal of the Royal Statistical Society: Series A, 172(1), 137–159",
        "10.1111/j.1467-985X.2008.00552.x",
    ),
    work(
        "inthout_2014",
        "IntHout, J.; Ioannidis, J. P. A.; Borm, G. F.",
        "The Hartung-Knapp-Sidik-Jonkman method for random effects meta-analysis is straightforward and considerably "
        "outperforms the standard DerSimonian-Laird method",
        "BMC Medical Research Methodology, 14, 25",
        "10.1186/1471-2288-14-25",
    ),
    work(
        "nosek_2018",
        "Nosek, B. A.; Ebersole, C. R.; DeHaven, A. C.; Mellor, D. T.",
        "The preregistration revolution",
        "Proceedings of the National Academy of Sciences, 115(11), 2600–2606",
        "10.1073/pnas.1708274114",
    ),
    work(
        "paule_mandel_1982",
        "Paule, R. C.; Mandel, J.",
        "Consensus values and weighting factors",
        "Journal of Research of the National Bureau of Standards, 87(5), 377–385",
        "10.6028/jres.087.022",
    ),
    work(
        "viechtbauer_2005",
        "Viechtbauer, W.",
        "Bias and efficiency of meta-analytic variance estimators in the random-effects model",
        "Journal of Educational and Behavioral Statistics, 30(3), 261–293",
        "10.3102/10769986030003261",
    ),
    work(
        "viechtbauer_2007",
        "Viechtbauer, W.",
        "Confidence intervals for the amount of heterogeneity in meta-analysis",
        "Statistics in Medicine, 26(1), 37–52",
        "10.1002/sim.2514",
    ),
)
