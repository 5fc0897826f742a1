"""Works on moderation: probing of interactions, moderated mediation, sizes of effects."""

from __future__ import annotations

from surveysem.references.reference import Reference, work

MODERATION_WORKS: tuple[Reference, ...] = (
    work(
        "algina_moulder_2001",
        "Algina, J.; Moulder, B. C.",
        "A note on estimating the Jöreskog–Yang model for latent variable interaction using LISREL 8.3",
        "Structural Equation Modeling, 8(1), 40–52",
        "10.1207/S15328007SEM0801_3",
    ),
    work(
        "ayturk_2020",
        "Aytürk, E.; Cham, H.; Jennings, P. A.; Brown, J. L.",
        "Latent variable interactions with ordered-categorical indicators: Comparisons of unconstrained product "
        "indicator and latent moderated structural equations approaches",
        "Educational and Psychological Measurement, 80(2), 262–292",
        "10.1177/0013164419865017",
    ),
    work(
        "cham_2012",
        "Cham, H.; West, S. G.; Ma, Y.; Aiken, L. S.",
        "Estimating latent variable interactions with nonnormal observed data: A comparison of four approaches",
        "Multivariate Behavioral Research, 47(6), 840–876",
        "10.1080/00273171.2012.732901",
    ),
    work(
        "embretson_1996",
        "Embretson, S. E.",
        "Item response theory models and spurious interaction effects in factorial ANOVA designs",
        "Applied Psychological Measurement, 20(3), 201–212",
        "10.1177/014662169602000302",
    ),
    work(
        "cham_2017",
        "Cham, H.; Reshetnyak, E.; Rosenfeld, B.; Breitbart, W.",
        "Full information maximum likelihood estimation for latent variable interactions with incomplete indicators",
        "Multivariate Behavioral Research, 52(1), 12–30",
        "10.1080/00273171.2016.1245600",
    ),
    work(
        "kelava_brandt_2009",
        "Kelava, A.; Brandt, H.",
        "Estimation of nonlinear latent structural equation models using the extended unconstrained approach",
        "Review of Psychology, 16(2), 123–131",
    ),
    work(
        "hayes_2015",
        "Hayes, A. F.",
        "An index and test of linear moderated mediation",
        "Multivariate Behavioral Research, 50(1), 1–22",
        "10.1080/00273171.2014.962683",
    ),
    work(
        "johnson_neyman_1936",
        "Johnson, P. O.; Neyman, J.",
        "Tests of certain linear hypotheses and their application to some educational problems",
        "Statistical Research Memoirs, 1, 57–93",
    ),
    work(
        "kenny_2018",
        "Kenny, D. A.",
        "Moderator variables: Introduction",
        "Retrieved from http://davidakenny.net/cm/moderation.htm",
    ),
    work(
        "potthoff_1964",
        "Potthoff, R. F.",
        "On the Johnson–Neyman technique and some extensions thereof",
        "Psychometrika, 29(3), 241–256",
        "10.1007/BF02289721",
    ),
    work(
        "preacher_rucker_hayes_2007",
        "Preacher, K. J.; Rucker, D. D.; Hayes, A. F.",
        "Addressing moderated mediation hypotheses: Theory, methods, and prescriptions",
        "Multivariate Behavioral Research, 42(1), 185–227",
        "10.1080/00273170701341316",
    ),
    work(
        "aiken_west_1991",
        "Aiken, L. S.; West, S. G.",
        "Multiple regression: Testing and interpreting interactions",
        "Sage",
    ),
    work(
        "busemeyer_jones_1983",
        "Busemeyer, J. R.; Jones, L. E.",
        "Analysis of multiplicative combination rules when the causal variables are measured with error",
        "Psychological Bulletin, 93(3), 549–562",
        "10.1037/0033-2909.93.3.549",
    ),
    work(
        "byrne_shavelson_muthen_1989",
        "Byrne, B. M.; Shavelson, R. J.; Muthén, B.",
        "Testing for the equivalence of factor covariance and mean structures: The issue of partial measurement "
        "invariance",
        "Psychological Bulletin, 105(3), 456–466",
        "10.1037/0033-2909.105.3.456",
    ),
    work(
        "cameron_miller_2015",
        "Cameron, A. C.; Miller, D. L.",
        "A practitioner's guide to cluster-robust inference",
        "Journal of Human Resources, 50(2), 317–372",
        "10.3368/jhr.50.2.317",
    ),
    work(
        "hancock_2001",
        "Hancock, G. R.",
        "Effect size, power, and sample size determination for structured means modeling and MIMIC approaches to "
        "between-groups hypothesis testing of means on a single latent construct",
        "Psychometrika, 66(3), 373–388",
        "10.1007/BF02294440",
    ),
    work(
        "long_ervin_2000",
        "Long, J. S.; Ervin, L. H.",
        "Using heteroscedasticity consistent standard errors in the linear regression model",
        "The American Statistician, 54(3), 217–224",
        "10.1080/00031305.2000.10474549",
    ),
    work(
        "maccallum_2002",
        "MacCallum, R. C.; Zhang, S.; Preacher, K. J.; Rucker, D. D.",
        "On the practice of dichotomization of quantitative variables",
        "Psychological Methods, 7(1), 19–40",
        "10.1037/1082-989X.7.1.19",
    ),
    work(
        "mackinnon_white_1985",
        "MacKinnon, J. G.; White, H.",
        "Some heteroskedasticity-consistent covariance matrix estimators with improved finite sample properties",
        "Journal of Econometrics, 29(3), 305–325",
        "10.1016/0304-4076(85)90158-7",
    ),
    work(
        "skrondal_laake_2001",
        "Skrondal, A.; Laake, P.",
        "Regression among factor scores",
        "Psychometrika, 66(4), 563–575",
        "10.1007/BF02296196",
    ),
)
