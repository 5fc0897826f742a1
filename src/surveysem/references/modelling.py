"""Works on estimation, fit, latent interactions, tests and software."""

from surveysem.references.reference import Reference, work

MODELLING_WORKS: tuple[Reference, ...] = (
    work(
        "aguinis_2005",
        "Aguinis, H.; Beaty, J. C.; Boik, R. J.; Pierce, C. A.",
        "Effect size and power in assessing moderating effects of categorical variables using multiple regression: "
        "A 30-year review",
        "Journal of Applied Psychology, 90(1), 94–107",
        "10.1037/0021-9010.90.1.94",
    ),
    work(
        "akaike_1974",
        "Akaike, H.",
        "A new look at the statistical model identification",
        "IEEE Transactions on Automatic Control, 19(6), 716–723",
        "10.1109/TAC.1974.1100705",
    ),
    work(
        "bauer_curran_2005",
        "Bauer, D. J.; Curran, P. J.",
        "Probing interactions in fixed and multilevel regression: Inferential and graphical techniques",
        "Multivariate Behavioral Research, 40(3), 373–400",
        "10.1207/s15327906mbr4003_5",
    ),
    work(
        "benjamini_hochberg_1995",
        "Benjamini, Y.; Hochberg, Y.",
        "Controlling the false discovery rate: A practical and powerful approach to multiple testing",
        "Journal of the Royal Statistical Society: Series B (Methodological), 57(1), 289–300",
        "10.1111/j.2517-6161.1995.tb02031.x",
    ),
    work(
        "bentler_1990",
        "Bentler, P. M.",
        "Comparative fit indexes in structural models",
        "Psychological Bulletin, 107(2), 238–246",
        "10.1037/0033-2909.107.2.238",
    ),
    work("bentler_1995", "Bentler, P. M.", "EQS structural equations program manual", "Multivariate Software"),
    work(
        "bollen_1989",
        "Bollen, K. A.",
        "Structural equations with latent variables",
        "Wiley",
        "10.1002/9781118619179",
    ),
    work(
        "brosseau_liard_2012",
        "Brosseau-Liard, P. E.; Savalei, V.; Li, L.",
        "An investigation of the sample performance of two nonnormality corrections for RMSEA",
        "Multivariate Behavioral Research, 47(6), 904–930",
        "10.1080/00273171.2012.715252",
    ),
    work(
        "brosseau_liard_2014",
        "Brosseau-Liard, P. E.; Savalei, V.",
        "Adjusting incremental fit indices for nonnormality",
        "Multivariate Behavioral Research, 49(5), 460–470",
        "10.1080/00273171.2014.933697",
    ),
    work(
        "browne_cudeck_1992",
        "Browne, M. W.; Cudeck, R.",
        "Alternative ways of assessing model fit",
        "Sociological Methods & Research, 21(2), 230–258",
        "10.1177/0049124192021002005",
    ),
    work(
        "cohen_1988",
        "Cohen, J.",
        "Statistical power analysis for the behavioral sciences (2nd ed.)",
        "Lawrence Erlbaum",
    ),
    work(
        "efron_1987",
        "Efron, B.",
        "Better bootstrap confidence intervals",
        "Journal of the American Statistical Association, 82(397), 171–185",
        "10.1080/01621459.1987.10478410",
    ),
    work(
        "holm_1979",
        "Holm, S.",
        "A simple sequentially rejective multiple test procedure",
        "Scandinavian Journal of Statistics, 6(2), 65–70",
    ),
    work(
        "hu_bentler_1999",
        "Hu, L.; Bentler, P. M.",
        "Cutoff criteria for fit indexes in covariance structure analysis: Conventional criteria versus new "
        "alternatives",
        "Structural Equation Modeling, 6(1), 1–55",
        "10.1080/10705519909540118",
    ),
    work(
        "igolkina_meshcheryakov_2020",
        "Igolkina, A. A.; Meshcheryakov, G.",
        "semopy: A Python package for structural equation modeling",
        "Structural Equation Modeling, 27(6), 952–963",
        "10.1080/10705511.2019.1704289",
    ),
    work(
        "klein_moosbrugger_2000",
        "Klein, A.; Moosbrugger, H.",
        "Maximum likelihood estimation of latent interaction effects with the LMS method",
        "Psychometrika, 65(4), 457–474",
        "10.1007/BF02296338",
    ),
    work(
        "klein_muthen_2007",
        "Klein, A. G.; Muthén, B. O.",
        "Quasi-maximum likelihood estimation of structural equation models with multiple interaction and quadratic "
        "effects",
        "Multivariate Behavioral Research, 42(4), 647–673",
        "10.1080/00273170701710205",
    ),
    work(
        "lakens_2017",
        "Lakens, D.",
        "Equivalence tests: A practical primer for t tests, correlations, and meta-analyses",
        "Social Psychological and Personality Science, 8(4), 355–362",
        "10.1177/1948550617697177",
    ),
    work(
        "lin_2010",
        "Lin, G.-C.; Wen, Z.; Marsh, H. W.; Lin, H.-S.",
        "Structural equation models of latent interactions: Clarification of orthogonalizing and "
        "double-mean-centering strategies",
        "Structural Equation Modeling, 17(3), 374–391",
        "10.1080/10705511.2010.488999",
    ),
    work(
        "little_2006",
        "Little, T. D.; Bovaird, J. A.; Widaman, K. F.",
        "On the merits of orthogonalizing powered and product terms: Implications for modeling interactions among "
        "latent variables",
        "Structural Equation Modeling, 13(4), 497–519",
        "10.1207/s15328007sem1304_1",
    ),
    work(
        "maccallum_1996",
        "MacCallum, R. C.; Browne, M. W.; Sugawara, H. M.",
        "Power analysis and determination of sample size for covariance structure modeling",
        "Psychological Methods, 1(2), 130–149",
        "10.1037/1082-989X.1.2.130",
    ),
    work(
        "mackinnon_2004",
        "MacKinnon, D. P.; Lockwood, C. M.; Williams, J.",
        "Confidence limits for the indirect effect: Distribution of the product and resampling methods",
        "Multivariate Behavioral Research, 39(1), 99–128",
        "10.1207/s15327906mbr3901_4",
    ),
    work(
        "marsh_wen_hau_2004",
        "Marsh, H. W.; Wen, Z.; Hau, K.-T.",
        "Structural equation models of latent interactions: Evaluation of alternative estimation strategies and "
        "indicator construction",
        "Psychological Methods, 9(3), 275–300",
        "10.1037/1082-989X.9.3.275",
    ),
    work(
        "mcneish_wolf_2023",
        "McNeish, D.; Wolf, M. G.",
        "Dynamic fit index cutoffs for confirmatory factor analysis models",
        "Psychological Methods, 28(1), 61–88",
        "10.1037/met0000425",
    ),
    work(
        "rosseel_2012",
        "Rosseel, Y.",
        "lavaan: An R package for structural equation modeling",
        "Journal of Statistical Software, 48(2), 1–36",
        "10.18637/jss.v048.i02",
    ),
    work(
        "satorra_bentler_1994",
        "Satorra, A.; Bentler, P. M.",
        "Corrections to test statistics and standard errors in covariance structure analysis",
        "In A. von Eye & C. C. Clogg (Eds.), Latent variables analysis: Applications for developmental research "
        "(pp. 399–419). Sage",
    ),
    work(
        "satorra_bentler_2001",
        "Satorra, A.; Bentler, P. M.",
        "A scaled difference chi-square test statistic for moment structure analysis",
        "Psychometrika, 66(4), 507–514",
        "10.1007/BF02296192",
    ),
    work(
        "savalei_2018",
        "Savalei, V.",
        "On the computation of the RMSEA and CFI from the mean-and-variance corrected test statistic with nonnormal "
        "data in SEM",
        "Multivariate Behavioral Research, 53(3), 419–429",
        "10.1080/00273171.2018.1455142",
    ),
    work(
        "schuirmann_1987",
        "Schuirmann, D. J.",
        "A comparison of the two one-sided tests procedure and the power approach for assessing the equivalence of "
        "average bioavailability",
        "Journal of Pharmacokinetics and Biopharmaceutics, 15(6), 657–680",
        "10.1007/BF01068419",
    ),
    work(
        "schwarz_1978",
        "Schwarz, G.",
        "Estimating the dimension of a model",
        "The Annals of Statistics, 6(2), 461–464",
        "10.1214/aos/1176344136",
    ),
    work(
        "sobel_1982",
        "Sobel, M. E.",
        "Asymptotic confidence intervals for indirect effects in structural equation models",
        "Sociological Methodology, 13, 290–312",
        "10.2307/270723",
    ),
    work(
        "steiger_1990",
        "Steiger, J. H.",
        "Structural model evaluation and modification: An interval estimation approach",
        "Multivariate Behavioral Research, 25(2), 173–180",
        "10.1207/s15327906mbr2502_4",
    ),
    work(
        "tucker_lewis_1973",
        "Tucker, L. R.; Lewis, C.",
        "A reliability coefficient for maximum likelihood factor analysis",
        "Psychometrika, 38(1), 1–10",
        "10.1007/BF02291170",
    ),
    work(
        "wen_marsh_hau_2010",
        "Wen, Z.; Marsh, H. W.; Hau, K.-T.",
        "Structural equation models of latent interactions: An appropriate standardized solution and its scale-free "
        "properties",
        "Structural Equation Modeling, 17(1), 1–22",
        "10.1080/10705510903438872",
    ),
    work(
        "yuan_bentler_2000",
        "Yuan, K.-H.; Bentler, P. M.",
        "Three likelihood-based methods for mean and covariance structure analysis with nonnormal missing data",
        "Sociological Methodology, 30(1), 165–200",
        "10.1111/0081-1750.00078",
    ),
)
