"""Works behind the framework of B2B micro-influence and behind the bundled instruments."""

from surveysem.references.reference import Reference, work

THEORY_WORKS: tuple[Reference, ...] = (
    work(
        "lima_2026",
        "Lima, A.",
        "Micro-influencers as catalysts for brand building: Transforming B2B marketing strategies in the digital age",
        "Premier Journal of Business and Management, 8, Article 100015",
        "10.70389/PJBM.100015",
    ),
    work(
        "audrezet_2020",
        "Audrezet, A.; de Kerviler, G.; Moulard, J. G.",
        "Authenticity under threat: When social media influencers need to go beyond self-presentation",
        "Journal of Business Research, 117, 557–569",
        "10.1016/j.jbusres.2018.07.008",
    ),
    work(
        "bollen_1980",
        "Bollen, K. A.",
        "Issues in the comparative measurement of political democracy",
        "American Sociological Review, 45(3), 370–390",
        "10.2307/2095172",
    ),
    work(
        "bourdieu_1986",
        "Bourdieu, P.",
        "The forms of capital",
        "In J. G. Richardson (Ed.), Handbook of theory and research for the sociology of education (pp. 241–258). "
        "Greenwood",
    ),
    work(
        "burt_1992",
        "Burt, R. S.",
        "Structural holes: The social structure of competition",
        "Harvard University Press",
    ),
    work(
        "campbell_farrell_2020",
        "Campbell, C.; Farrell, J. R.",
        "More than meets the eye: The functional components underlying influencer marketing",
        "Business Horizons, 63(4), 469–479",
        "10.1016/j.bushor.2020.03.003",
    ),
    work(
        "coleman_1988",
        "Coleman, J. S.",
        "Social capital in the creation of human capital",
        "American Journal of Sociology, 94, S95–S120",
        "10.1086/228943",
    ),
    work(
        "davis_1989",
        "Davis, F. D.",
        "Perceived usefulness, perceived ease of use, and user acceptance of information technology",
        "MIS Quarterly, 13(3), 319–340",
        "10.2307/249008",
    ),
    work(
        "granovetter_1973",
        "Granovetter, M. S.",
        "The strength of weak ties",
        "American Journal of Sociology, 78(6), 1360–1380",
        "10.1086/225469",
    ),
    work(
        "hair_2021",
        "Hair, J. F.; Hult, G. T. M.; Ringle, C. M.; Sarstedt, M.; Danks, N. P.; Ray, S.",
        "Partial least squares structural equation modeling (PLS-SEM) using R: A workbook",
        "Springer",
        "10.1007/978-3-030-80519-7",
    ),
    work(
        "hovland_weiss_1951",
        "Hovland, C. I.; Weiss, W.",
        "The influence of source credibility on communication effectiveness",
        "Public Opinion Quarterly, 15(4), 635–650",
        "10.1086/266350",
    ),
    work(
        "kay_2020",
        "Kay, S.; Mulcahy, R.; Parkinson, J.",
        "When less is more: The impact of macro and micro social media influencers' disclosure",
        "Journal of Marketing Management, 36(3–4), 248–278",
        "10.1080/0267257X.2020.1718740",
    ),
    work(
        "king_2022",
        "King, R.",
        "Professional skepticism and digital evidence",
        "Auditing, 41(2), 150–168",
        cited_in="lima_2026",
    ),
    work(
        "morgan_hunt_1994",
        "Morgan, R. M.; Hunt, S. D.",
        "The commitment-trust theory of relationship marketing",
        "Journal of Marketing, 58(3), 20–38",
        "10.1177/002224299405800302",
    ),
    work(
        "nahapiet_ghoshal_1998",
        "Nahapiet, J.; Ghoshal, S.",
        "Social capital, intellectual capital, and the organizational advantage",
        "Academy of Management Review, 23(2), 242–266",
        "10.5465/amr.1998.533225",
    ),
    work(
        "ohanian_1990",
        "Ohanian, R.",
        "Construction and validation of a scale to measure celebrity endorsers' perceived expertise, "
        "trustworthiness, and attractiveness",
        "Journal of Advertising, 19(3), 39–52",
        "10.1080/00913367.1990.10673191",
    ),
    work("rogers_2003", "Rogers, E. M.", "Diffusion of innovations (5th ed.)", "Free Press"),
    work(
        "suchman_1995",
        "Suchman, M. C.",
        "Managing legitimacy: Strategic and institutional approaches",
        "Academy of Management Review, 20(3), 571–610",
        "10.5465/amr.1995.9508080331",
    ),
    work(
        "williams_2021",
        "Williams, D.",
        "Endorsement ethics in professional services",
        "Journal of Business Ethics, 167(2), 445–460",
        cited_in="lima_2026",
    ),
)
