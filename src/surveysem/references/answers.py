"""Works on careless responding, missing answers and the distribution of answers."""

from surveysem.references.reference import Reference, work

ANSWER_WORKS: tuple[Reference, ...] = (
    work(
        "barnard_rubin_1999",
        "Barnard, J.; Rubin, D. B.",
        "Small-sample degrees of freedom with multiple imputation",
        "Biometrika, 86(4), 948–955",
        "10.1093/biomet/86.4.948",
    ),
    work(
        "dunn_2018",
        "Dunn, A. M.; Heggestad, E. D.; Shanock, L. R.; Theilgard, N.",
        "Intra-individual response variability as an indicator of insufficient effort responding: Comparison to other "
        "indicators and relationships with individual differences",
        "Journal of Business and Psychology, 33(1), 105–121",
        "10.1007/s10869-016-9479-0",
    ),
    work(
        "huang_2012",
        "Huang, J. L.; Curran, P. G.; Keeney, J.; Poposki, E. M.; DeShon, R. P.",
        "Detecting and deterring insufficient effort responding to surveys",
        "Journal of Business and Psychology, 27(1), 99–114",
        "10.1007/s10869-011-9231-8",
    ),
    work(
        "jackson_1976",
        "Jackson, D. N.",
        "The appraisal of personal reliability",
        "Paper presented at the meetings of the Society of Multivariate Experimental Psychology, University Park, PA",
        cited_in="johnson_2005",
    ),
    work(
        "joanes_gill_1998",
        "Joanes, D. N.; Gill, C. A.",
        "Comparing measures of sample skewness and kurtosis",
        "Journal of the Royal Statistical Society: Series D, 47(1), 183–189",
        "10.1111/1467-9884.00122",
    ),
    work(
        "johnson_2005",
        "Johnson, J. A.",
        "Ascertaining the validity of individual protocols from Web-based personality inventories",
        "Journal of Research in Personality, 39(1), 103–129",
        "10.1016/j.jrp.2004.09.009",
    ),
    work("kish_1965", "Kish, L.", "Survey sampling", "Wiley"),
    work(
        "lai_kwok_2015",
        "Lai, M. H. C.; Kwok, O.-M.",
        "Examining the rule of thumb of not using multilevel modeling: The “design effect smaller than two” rule",
        "Journal of Experimental Education, 83(3), 423–438",
        "10.1080/00220973.2014.907229",
    ),
    work(
        "li_1991",
        "Li, K.-H.; Meng, X.-L.; Raghunathan, T. E.; Rubin, D. B.",
        "Significance levels from repeated p-values with multiply-imputed data",
        "Statistica Sinica, 1(1), 65–92",
    ),
    work(
        "little_1988",
        "Little, R. J. A.",
        "A test of missing completely at random for multivariate data with missing values",
        "Journal of the American Statistical Association, 83(404), 1198–1202",
        "10.1080/01621459.1988.10478722",
    ),
    work(
        "mahalanobis_1936",
        "Mahalanobis, P. C.",
        "On the generalised distance in statistics",
        "Proceedings of the National Institute of Sciences of India, 2(1), 49–55",
    ),
    work(
        "mardia_1970",
        "Mardia, K. V.",
        "Measures of multivariate skewness and kurtosis with applications",
        "Biometrika, 57(3), 519–530",
        "10.1093/biomet/57.3.519",
    ),
    work(
        "marjanovic_2015",
        "Marjanovic, Z.; Holden, R.; Struthers, W.; Cribbie, R.; Greenglass, E.",
        "The inter-item standard deviation (ISD): An index that discriminates between conscientious and random "
        "responders",
        "Personality and Individual Differences, 84, 79–83",
        "10.1016/j.paid.2014.08.021",
    ),
    work(
        "meng_rubin_1992",
        "Meng, X.-L.; Rubin, D. B.",
        "Performing likelihood ratio tests with multiply-imputed data sets",
        "Biometrika, 79(1), 103–111",
        "10.1093/biomet/79.1.103",
    ),
    work(
        "rhemtulla_2012",
        "Rhemtulla, M.; Brosseau-Liard, P. E.; Savalei, V.",
        "When can categorical variables be treated as continuous? A comparison of robust continuous and categorical "
        "SEM estimation methods under suboptimal conditions",
        "Psychological Methods, 17(3), 354–373",
        "10.1037/a0029315",
    ),
    work(
        "robbins_heiberger_2011",
        "Robbins, N. B.; Heiberger, R. M.",
        "Plotting Likert and other rating scales",
        "Proceedings of the Section on Survey Research Methods, American Statistical Association, 1058–1066",
    ),
    work(
        "rubin_1987",
        "Rubin, D. B.",
        "Multiple imputation for nonresponse in surveys",
        "Wiley",
        "10.1002/9780470316696",
    ),
    work("schafer_1997", "Schafer, J. L.", "Analysis of incomplete multivariate data", "Chapman & Hall"),
    work(
        "shrout_fleiss_1979",
        "Shrout, P. E.; Fleiss, J. L.",
        "Intraclass correlations: Uses in assessing rater reliability",
        "Psychological Bulletin, 86(2), 420–428",
        "10.1037/0033-2909.86.2.420",
    ),
    work(
        "west_finch_curran_1995",
        "West, S. G.; Finch, J. F.; Curran, P. J.",
        "Structural equation models with nonnormal variables: Problems and remedies",
        "In R. H. Hoyle (Ed.), Structural equation modeling: Concepts, issues, and applications (pp. 56–75). Sage",
    ),
    work(
        "wilson_1927",
        "Wilson, E. B.",
        "Probable inference, the law of succession, and statistical inference",
        "Journal of the American Statistical Association, 22(158), 209–212",
        "10.1080/01621459.1927.10502953",
    ),
)
