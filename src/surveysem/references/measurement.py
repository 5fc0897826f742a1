"""Works on measurement: reliability, validity, invariance, survey quality and reporting."""

from surveysem.references.reference import Reference, work

MEASUREMENT_WORKS: tuple[Reference, ...] = (
    work(
        "wu_estabrook_2016",
        "Wu, H.; Estabrook, R.",
        "Identification of confirmatory factor analysis models of different levels of invariance for ordered "
        "categorical outcomes",
        "Psychometrika, 81(4), 1014–1045",
        "10.1007/s11336-016-9506-0",
    ),
    work(
        "svetina_2020",
        "Svetina, D.; Rutkowski, L.; Rutkowski, D.",
        "Multiple-group invariance with categorical outcomes using updated guidelines: An illustration using Mplus and "
        "the lavaan/semTools packages",
        "Structural Equation Modeling, 27(1), 111–130",
        "10.1080/10705511.2019.1602776",
    ),
    work(
        "sass_2014",
        "Sass, D. A.; Schmitt, T. A.; Marsh, H. W.",
        "Evaluating model fit with ordered categorical data within a measurement invariance framework: A comparison of "
        "estimators",
        "Structural Equation Modeling, 21(2), 167–180",
        "10.1080/10705511.2014.882658",
    ),
    work(
        "appelbaum_2018",
        "Appelbaum, M.; Cooper, H.; Kline, R. B.; Mayo-Wilson, E.; Nezu, A. M.; Rao, S. M.",
        "Journal article reporting standards for quantitative research in psychology: The APA Publications and "
        "Communications Board task force report",
        "American Psychologist, 73(1), 3–25",
        "10.1037/amp0000191",
    ),
    work(
        "chen_2007",
        "Chen, F. F.",
        "Sensitivity of goodness of fit indexes to lack of measurement invariance",
        "Structural Equation Modeling, 14(3), 464–504",
        "10.1080/10705510701301834",
    ),
    work(
        "cheung_rensvold_2002",
        "Cheung, G. W.; Rensvold, R. B.",
        "Evaluating goodness-of-fit indexes for testing measurement invariance",
        "Structural Equation Modeling, 9(2), 233–255",
        "10.1207/S15328007SEM0902_5",
    ),
    work(
        "cronbach_1951",
        "Cronbach, L. J.",
        "Coefficient alpha and the internal structure of tests",
        "Psychometrika, 16(3), 297–334",
        "10.1007/BF02310555",
    ),
    work(
        "curran_2016",
        "Curran, P. G.",
        "Methods for the detection of carelessly invalid responses in survey data",
        "Journal of Experimental Social Psychology, 66, 4–19",
        "10.1016/j.jesp.2015.07.006",
    ),
    work(
        "fornell_larcker_1981",
        "Fornell, C.; Larcker, D. F.",
        "Evaluating structural equation models with unobservable variables and measurement error",
        "Journal of Marketing Research, 18(1), 39–50",
        "10.1177/002224378101800104",
    ),
    work(
        "henseler_2015",
        "Henseler, J.; Ringle, C. M.; Sarstedt, M.",
        "A new criterion for assessing discriminant validity in variance-based structural equation modeling",
        "Journal of the Academy of Marketing Science, 43(1), 115–135",
        "10.1007/s11747-014-0403-8",
    ),
    work(
        "howard_2024",
        "Howard, M. C.; Boudreaux, M.; Oglesby, M.",
        "Can Harman's single-factor test reliably distinguish between research designs? Not in published management "
        "studies",
        "European Journal of Work and Organizational Psychology",
        "10.1080/1359432X.2024.2393462",
    ),
    work(
        "joreskog_1971",
        "Jöreskog, K. G.",
        "Statistical analysis of sets of congeneric tests",
        "Psychometrika, 36(2), 109–133",
        "10.1007/BF02291393",
    ),
    work(
        "kock_2015",
        "Kock, N.",
        "Common method bias in PLS-SEM: A full collinearity assessment approach",
        "International Journal of e-Collaboration, 11(4), 1–10",
        "10.4018/ijec.2015100101",
    ),
    work("mcdonald_1999", "McDonald, R. P.", "Test theory: A unified treatment", "Lawrence Erlbaum"),
    work(
        "meade_craig_2012",
        "Meade, A. W.; Craig, S. B.",
        "Identifying careless responses in survey data",
        "Psychological Methods, 17(3), 437–455",
        "10.1037/a0028085",
    ),
    work(
        "meredith_1993",
        "Meredith, W.",
        "Measurement invariance, factor analysis and factorial invariance",
        "Psychometrika, 58(4), 525–543",
        "10.1007/BF02294825",
    ),
    work(
        "raykov_1997",
        "Raykov, T.",
        "Estimation of composite reliability for congeneric measures",
        "Applied Psychological Measurement, 21(2), 173–184",
        "10.1177/01466216970212006",
    ),
    work(
        "roemer_2021",
        "Roemer, E.; Schuberth, F.; Henseler, J.",
        "HTMT2 – an improved criterion for assessing discriminant validity in structural equation modeling",
        "Industrial Management & Data Systems, 121(12), 2637–2650",
        "10.1108/IMDS-02-2021-0082",
    ),
)
