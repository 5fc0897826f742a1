# %% [markdown]
# # 1 · The framework and its questionnaire
#
# Lima (2026) argues that micro-influencers, professionals with a small and specialised audience, build trust in
# brands that sell to organisations, and puts this into ten propositions. The article is conceptual: **no data set
# exists for it.** This notebook shows what somebody who wants to collect one can start from: constructs, questions,
# propositions with the rules that decide them, a model, files for survey tools, a codebook, and the network relevance
# ratio.
#
# Nothing here is estimated, but for one picture near the end, and that is marked as simulated.

# %% [markdown]
# ## Ten propositions
#
# Load the toolkit and the study that comes with it. (`pandas` holds tables, `GT` sets tables of words for reading.)

# %%
import pandas as pd
from great_tables import GT

import surveysem as ss

study = ss.load_study("b2b_micro_influencer")
study

# %% [markdown]
# The counts come first, then the propositions, in the words that a report will use. P9 and a part of P10 are
# interactions: they say that an effect is stronger or weaker under certain conditions.
#
# ## Constructs
#
# A construct is what a proposition talks about and nobody can see directly: credibility, trust, risk. Here is what
# each means in this study; settle definitions before you read any item.

# %%
constructs = study.instrument.constructs
rows = [(each.label["en"], each.id, each.role, each.definition["en"]) for each in constructs]
GT(pd.DataFrame(rows, columns=["construct", "name", "role", "definition"]))

# %% [markdown]
# `role` says what part a construct plays: *antecedents* come first, *mediators* carry the effect on, *outcomes*
# receive it, *moderators* change its strength. The *mechanism*, organizational echo, and the *control* go beyond P1
# to P10. `name` is the one used in the model.
#
# How many questions measure each, and which sides (facets) they must cover:

# %%
study.instrument

# %% [markdown]
# No construct has fewer than four items, which leaves room to drop one that fails in a pilot. Respondents also meet
# attention checks and screening questions; observed measures, such as the length of the sales cycle, come mostly from
# records, not from memory.
#
# ## Questions
#
# Look at the items of a construct as respondents see them. Perceived credibility has two facets.

# %%
items = study.instrument.items_of("perceived_credibility")
rows = [(each.id, each.facet, each.text["en"], each.text["pt"], "yes" if each.reverse else "") for each in items]
GT(pd.DataFrame(rows, columns=["item", "facet", "English", "Portuguese", "reverse-keyed"]))

# %% [markdown]
# One idea each, in the past tense, about one purchase that the respondent names. A reverse-keyed item is worded
# against the others; the toolkit turns its answers round once, when they are read. The wordings are the authors' of
# this toolkit and **not yet validated**: run a pilot first. Each item names the work its idea comes from:

# %%
works = [study.instrument.reference(key) for key in dict.fromkeys(key for each in items for key in each.sources)]
rows = [(" & ".join(each.families), each.year, each.title, each.source) for each in works]
GT(pd.DataFrame(rows, columns=["authors", "year", "title", "source"]))

# %% [markdown]
# Cite these works for the scale, and say that items were adapted.
#
# ## Rules that decide
#
# "Supported" should mean the same before and after the data are seen. So each proposition carries its rule.

# %%
every = [part for each in study.propositions for part in (each, *each.parts)]
rows = [(each.id, each.statement, each.expected, str(each.rule)) for each in every]
GT(pd.DataFrame(rows, columns=["id", "statement", "expected", "rule"]))

# %% [markdown]
# How to read a rule: the estimate must have the expected sign; its *p*-value, adjusted for the number of propositions
# tested (Holm), must be below α; and if the whole 90 % interval lies within the *smallest effect of interest*, the
# verdict is "negligible", which is a finding, unlike a test that fails to reach significance. P10 is decided by its
# parts.
#
# If you would decide otherwise, change the study file *before* you collect data. It is text that anybody can read;
# this is the passage on rules:

# %%
lines = study.files["study.yaml"].splitlines()
start = next(number for number, line in enumerate(lines) if line.startswith("decision:"))
lines[start : start + 7]

# %% [markdown]
# ## The model
#
# Items and propositions together make a structural equation model. It is written here in the language of lavaan,
# which reads it unchanged; P1 to P10c mark the paths that propositions are about.

# %%
syntax = study.model_syntax("lavaan").splitlines()
syntax[syntax.index("# structural model") : syntax.index("# residual covariances")]

# %% [markdown]
# Read `brand_trust ~ P6*risk_reduction + …` as "brand trust is predicted by risk reduction, and this path is called
# P6". The names with `_x_` are interactions: products of credibility with complexity (P9) and with regulation (P10c),
# measured by products of items.
#
# A picture of the model needs estimates, and estimates need answers. So draw 400 respondents from the population that
# the study file *assumes* for planning:

# %%
study.population_note

# %% [markdown]
# Assumptions, not results: they say what a data set would look like if the framework held with effects of usual size.

# %%
simulated = ss.simulate_responses(study, n=400, seed=7)
result = ss.fit_study(study, simulated, bootstrap=0, rivals=False)
result.figures["path_diagram"]

# %% [markdown]
# The mark says that these are simulated data. Arrows are effects with standardised estimates; with your own answers
# the same picture shows your results.
#
# ## Into a survey tool
#
# Typing 66 items into a survey tool invites mistakes, so the questionnaire is exported: for LimeSurvey, Qualtrics,
# REDCap, XLSForm (KoboToolbox, ODK, SurveyCTO), or Word for paper. Answers then come back under the same ids.

# %%
formats = {
    "limesurvey": "survey.txt",
    "qualtrics": "survey_qualtrics.txt",
    "redcap": "survey.csv",
    "xlsform": "survey.xlsx",
}
exports = [ss.export_survey(study, file, format=name) for name, file in formats.items()]
exports.append(ss.export_survey(study, "survey.docx", format="docx", language="pt"))
notes = [" ".join(each.message for each in export.findings) for export in exports]
rows = [(export.path.name, export.n_questions, note) for export, note in zip(exports, notes, strict=True)]
GT(pd.DataFrame(rows, columns=["file", "questions", "left to do by hand"]))

# %% [markdown]
# The files lie beside this notebook. The last column is what a tool's format cannot say and you must set by hand,
# such as the logic that ends the survey for people who are not eligible. It is empty where nothing is left to do.
#
# ## The codebook
#
# A codebook tells a reader, or yourself in two years, what each variable is. It is written from the same source as
# the questionnaire, so that the two cannot disagree. Here as an Excel file, of which we look at the first sheet with
# variables.

# %%
file = ss.codebook(study, "codebook.xlsx")
variables = pd.read_excel(file, sheet_name="variables", keep_default_na=False)
GT(variables.loc[9:12, ["variable", "sort", "wording (en)", "codes", "missing", "construct", "remarks"]])

# %% [markdown]
# One row a variable: wording, codes, which code means "no answer", and the construct it belongs to. Deposit it with
# the data.
#
# ## The network relevance ratio
#
# P1 is about the *relevance* of a network, not its size. Beside the survey items, Lima (2026) proposes an observed
# companion, the network relevance ratio: followers in relevant decision roles divided by all followers. The article's
# example is an influencer with 1,500 relevant followers out of 5,000. Such a list comes from a follower export,
# enriched with roles:

# %%
roles = ["Head of procurement"] * 900 + ["Technical evaluator"] * 600 + ["Student"] * 3500
followers = pd.DataFrame({"influencer": "ana", "account": range(5000), "role": roles})
relevant = ["Head of procurement", "Technical evaluator"]
ss.network_relevance(followers, relevant_roles=relevant).table.round(3)

# %% [markdown]
# `nrr` is the ratio, .30 as in the article. The interval (Wilson, 1927) treats the followers as a sample of those the
# influencer could have. Not every role matters alike: weights, from 0 to 1, say how much each counts.

# %%
weights = {"Head of procurement": 1.0, "Technical evaluator": 0.5}
weighted = ss.network_relevance(followers, relevant_roles=relevant, weights=weights)
weighted.table[["nrr", "nrr_weighted", "nrr_weighted_ci_lower", "nrr_weighted_ci_upper"]].round(3)

# %% [markdown]
# With half weight for technical evaluators the ratio is lower. State weights with their reasons before you see
# outcomes. Real lists have gaps and doubles; what was noticed is told in sentences:

# %%
messy = pd.concat([followers, followers.head(3)], ignore_index=True)
messy.loc[[4000, 4001, 4002], "role"] = None
GT(pd.DataFrame(ss.network_relevance(messy, relevant_roles=relevant).findings)[["severity", "message"]])

# %% [markdown]
# People listed twice are counted once; people whose role is unknown stay among all followers, and the sentence says
# how far the ratio could rise if they were all relevant.
#
# ## A study of your own
#
# `surveysem init my_study` on the command line makes a folder with a questionnaire, a study file and example answers,
# all of which run at once. Edit them: the keys are those you have seen here. When something in a file does not fit,
# the error names file, line and remedy.
#
# Next: [2 · How many respondents](02_how_many_respondents.ipynb).
#
# ### References
#
# Lima, A. (2026). Micro-influencers as catalysts for brand building: Transforming B2B marketing strategies in the
# digital age. *Premier Journal of Business and Management, 8*, 100015. https://doi.org/10.70389/PJBM.100015 · Wilson,
# E. B. (1927). Probable inference, the law of succession, and statistical inference. *Journal of the American
# Statistical Association, 22*(158), 209–212.
