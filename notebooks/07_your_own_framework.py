# %% [markdown]
# # 7 · Your own framework
#
# The toolkit is not tied to one article. Here a framework of our own goes the whole way, from an empty page to a
# report: does good after-sales service keep business customers, and is it because they trust the supplier?
#
# You will write two short text files: the **questionnaire** (what is asked) and the **study** (what is claimed, and
# what decides). Both are YAML, which is an outline with colons; any text editor does. In this notebook we write them
# from Python, piece by piece, to have something to say about each piece. The answers at the end are **simulated**:
# nobody was asked.

# %% [markdown]
# ## The questionnaire
#
# It begins with a name, a title and the languages in which it is asked.

# %%
from pathlib import Path

import pandas as pd

import surveysem as ss

pd.set_option("display.max_colwidth", None)
head = """
id: after_sales
title: {en: After-sales service and loyal customers}
version: "1.0"
languages: [en]
"""

# %% [markdown]
# Next, how people answer. An `ordinal` scale has codes in order, each with a label; `missing` names codes that are no
# answer. `[…]` and `{…}` are YAML's way to put an outline into one line.

# %%
scales = """
response_scales:
  - id: agree5
    kind: ordinal
    options:
      1: {en: Strongly disagree}
      2: {en: Disagree}
      3: {en: Neither agree nor disagree}
      4: {en: Agree}
      5: {en: Strongly agree}
    missing: {-99: {en: Does not apply}}
"""

# %% [markdown]
# Then the constructs: what each is called, which part it plays, and what it *means*. A definition is required,
# because items cannot be judged without one. Add `sources` (keys of works) where a scale exists already.

# %%
constructs = """
constructs:
  - {id: service, label: {en: Service quality}, role: antecedent,
     definition: {en: How well the supplier helps after the purchase.}}
  - {id: switching, label: {en: Switching costs}, role: antecedent,
     definition: {en: What it would cost to move to another supplier.}}
  - {id: trust, label: {en: Trust}, role: mediator,
     definition: {en: How far the buyer relies on the supplier.}}
  - {id: loyalty, label: {en: Loyalty}, role: outcome,
     definition: {en: How firmly the buyer means to stay.}}
"""

# %% [markdown]
# Now the items, one line each: an id (the column of the data), the construct it reflects, the scale, the wording.
# Three per construct is the least to aim for. `reverse: true` marks the one that is worded against its
# construct; its answers are turned round when they are read.

# %%
items_1 = """
items:
  - {id: se_1, construct: service, scale: agree5, text: {en: Problems were solved quickly.}}
  - {id: se_2, construct: service, scale: agree5, text: {en: I reached somebody competent.}}
  - {id: se_3, construct: service, scale: agree5, reverse: true,
     text: {en: I had to explain a problem more than once.}}
  - {id: sw_1, construct: switching, scale: agree5, text: {en: Moving would take us months.}}
  - {id: sw_2, construct: switching, scale: agree5, text: {en: Moving would be expensive.}}
  - {id: sw_3, construct: switching, scale: agree5, text: {en: We would lose what we know.}}
"""

# %% [markdown]
# The other two constructs in the same way:

# %%
items_2 = """
  - {id: tr_1, construct: trust, scale: agree5, text: {en: This supplier kept its promises.}}
  - {id: tr_2, construct: trust, scale: agree5, text: {en: I could believe what they said.}}
  - {id: tr_3, construct: trust, scale: agree5, text: {en: They put our interest first.}}
  - {id: lo_1, construct: loyalty, scale: agree5, text: {en: We will buy there again.}}
  - {id: lo_2, construct: loyalty, scale: agree5, text: {en: It is our first choice.}}
  - {id: lo_3, construct: loyalty, scale: agree5, text: {en: We would recommend it to others.}}
"""

# %% [markdown]
# ## When something is wrong
#
# Everybody makes mistakes in such a file. Here are three typical ones: a construct misspelt, a scale that does not
# exist, and a key that is a word off. We write them on purpose, and read the file.

# %% tags=["raises-exception"]
wrong = items_2.replace("trust, scale", "trsut, scale", 1)
wrong = wrong.replace("loyalty, scale: agree5", "loyalty, scale: agree7", 1)
wrong = wrong.replace("text: {en: It is", "txt: {en: It is")
Path("after_sales.yaml").write_text(head + scales + constructs + items_1 + wrong, encoding="utf-8")
ss.read_instrument("after_sales.yaml")

# %% [markdown]
# The answer comes all at once, not one mistake a run. Each line says where (file and line), what was found, and what
# to do. So the way of working is: write, read, mend what is listed, read again. With the mistakes mended:

# %%
Path("after_sales.yaml").write_text(head + scales + constructs + items_1 + items_2, encoding="utf-8")
instrument = ss.read_instrument("after_sales.yaml")
instrument

# %% [markdown]
# Four constructs with three items each. Is every item where it belongs, and is it worded as you meant?

# %%
items = [item for construct in instrument.constructs for item in instrument.items_of(construct.id)]
rows = [(item.construct, item.text["en"], "yes" if item.reverse else "") for item in items]
pd.DataFrame(rows, columns=["construct", "wording", "reverse-keyed"], index=[each.id for each in items])

# %% [markdown]
# ## The study
#
# The second file says which arrows the framework draws. A `path` goes from a predictor to an outcome and has an id.

# %%
model = """
id: after_sales_study
title: {en: Does after-sales service keep customers?}
instrument: after_sales.yaml
latent_variables: [{id: service}, {id: switching}, {id: trust}, {id: loyalty}]
paths:
  - {id: H1, predictor: service, outcome: trust}
  - {id: H2, predictor: trust, outcome: loyalty}
  - {id: H3, predictor: switching, outcome: loyalty}
  - {id: H4, predictor: service, outcome: loyalty}
"""

# %% [markdown]
# A hypothesis with the id of a path is about that path: H1 is decided by the path H1. Each is a sentence with an
# expected sign. H4 is the direct effect that is left beside trust.

# %%
hypotheses = """
propositions:
  - {id: H1, expected: positive, statement: {en: "The better the service, the greater the trust."}}
  - {id: H2, expected: positive, statement: {en: "The greater the trust, the more loyal the buyer."}}
  - {id: H3, expected: positive,
     statement: {en: "The higher the switching costs, the more loyal the buyer."}}
  - {id: H4, expected: positive,
     statement: {en: "The better the service, the more loyal the buyer, beside the effect through trust."}}
indirect_effects:
  - {id: through_trust, title: {en: Service → trust → loyalty}, through: [H1, H2]}
"""

# %% [markdown]
# Last, what decides, and how it is analysed. Settle this before there are data: `smallest_effect` is the smallest
# standardised effect that would matter to anybody, `holm` adjusts for testing four hypotheses. `population` holds the
# values you *expect*; answers can be simulated from them, to plan the sample and to try out the analysis.

# %%
rules = """
decision: {alpha: 0.05, sides: two, smallest_effect: 0.10, multiplicity: holm}
analysis: {estimator: MLR, missing: listwise}
population:
  note: Guesses made for this notebook; no study has been done.
  effects: {H1: 0.55, H2: 0.45, H3: 0.20, H4: 0.0}
  loading: 0.8
  correlation: 0.1
"""

# %% [markdown]
# Typical mistakes of a study file, to see them once: an outcome that is no latent variable of the model, a
# hypothesis that nothing decides, an indirect effect whose paths do not follow one another, a rule that does not
# exist.

# %% tags=["raises-exception"]
wrong = model.replace("switching, outcome: loyalty", "switching, outcome: loyality")
wrong = wrong + hypotheses.replace("id: H1", "id: H5").replace("[H1, H2]", "[H1, H3]")
wrong = wrong + rules.replace("holm", "bonferoni")
Path("study.yaml").write_text(wrong, encoding="utf-8")
ss.load_study("study.yaml")

# %% [markdown]
# A mistake of form, such as a word that is not among the choices, is found first; mistakes of meaning are looked for
# when the form is right. So mend the rule and read again:

# %% tags=["raises-exception"]
Path("study.yaml").write_text(wrong.replace("bonferoni", "holm"), encoding="utf-8")
ss.load_study("study.yaml")

# %% [markdown]
# And with everything mended, the study:

# %%
Path("study.yaml").write_text(model + hypotheses + rules, encoding="utf-8")
study = ss.load_study("study.yaml")
study

# %% [markdown]
# The model that follows from the two files, as lavaan would read it:

# %%
study.model_syntax("lavaan").splitlines()

# %% [markdown]
# Nothing is hidden: measurement first, then the paths, then the indirect effect as a product.
#
# ## From here you would collect answers
#
# The questionnaire goes into a survey tool or into Word, and the design can be registered and its power computed
# ([notebook 2](02_how_many_respondents.ipynb)). Here is the Word file:

# %%
ss.export_survey(study, "questionnaire.docx", format="docx").path.name

# %% [markdown]
# ## Answers
#
# We have none, so we draw 300 respondents from the population that the file assumes, and save them as a survey tool
# would.

# %%
simulated = ss.simulate_responses(study, n=300, seed=2)
simulated.to_csv("answers.csv", index=False)
simulated.iloc[:3, :8]

# %% [markdown]
# Real files are not that clean. Let somebody type "9" and rename a column, and read the file:

# %% tags=["raises-exception"]
broken = simulated.rename(columns={"tr_2": "trust_b"})
broken.loc[4, "lo_1"] = 9
broken.to_csv("broken.csv", index=False)
ss.read_responses("broken.csv", study)

# %% [markdown]
# Column and row are those of your file, so that you can look the cell up. The good file reads without complaint, and
# says what it is:

# %%
data = ss.read_responses("answers.csv", study)
data

# %% [markdown]
# The warning that these are simulated answers follows them into every table and figure; with your own it is not
# there.
#
# ## Fit
#
# One call fits the measurement model and the structural model. A misspelt option is refused, and never ignored:

# %% tags=["raises-exception"]
ss.fit_study(study, data, estimator="MRL")

# %% [markdown]
# Without the mistake:

# %%
result = ss.fit_study(study, data)
result

# %% [markdown]
# β is the standardised effect, *p* adj. the *p*-value after adjustment for four tests. We know the truth here: .55 for
# H1, .45 for H2, .20 for H3, and no direct effect at all for H4. H1 and H2 are supported, as they
# should be.
#
# **H3 is a lesson**: the effect exists, and the verdict is "not supported". A sample of 300 did not show it. H4 gets
# the same verdict, and there it is the truth. So "not supported" never means "there is no effect"; that would be
# "negligible", which needs an interval that lies within ±.10. How likely was it to miss H3? The expected power says:

# %%
ss.power(study, n=(150, 300, 600), method="analytic")

# %% [markdown]
# In brackets is the power with the strictest adjustment for four tests. At 300 it is .67 to .84 for H3: something
# between one study in three and one in six misses it. Better to know that before collecting.
#
# Before believing any verdict, look at fit and at measurement:

# %%
result.tables["fit"]

# %% [markdown]
# "Scaled or robust" is what counts with robust maximum likelihood. The model fits, as was to be expected: the answers
# were drawn from it. Next, whether three items make a scale:

# %%
ss.reliability(result.measurement).round(2)

# %% [markdown]
# Rows are constructs. `composite_reliability` and `omega` of .70 or more and `average_variance_extracted` of .50 or
# more are the usual conventions. In a paper the model is a picture:

# %%
result.figures["path_diagram"]

# %% [markdown]
# ## A report
#
# The report is a folder of files: a page for the browser, Word, LaTeX or Markdown on request.

# %%
files = result.write_report("report", formats=("html", "docx"))
sorted(file.name for file in files)

# %% [markdown]
# [Notebook 6](06_the_report.ipynb) walks through what it holds.
#
# ## The same with real answers
#
# A study of real answers comes with the toolkit, but not its data, which you bring: 222 people on a social media
# influencer and a product that the influencer endorsed (Hair et al., 2021). The data are part of the R package
# seminr; in R, `write.csv(seminr::influencer_data, "influencer_data.csv", row.names = FALSE)` saves them. Then:
#
# ```python
# study = ss.load_study("influencer_endorsement")
# result = ss.fit_study(study, ss.read_responses("influencer_data.csv", study))
# result
# ```
#
# It is not run here, because the file is not ours to pass on. Expect what real data bring: three of the seven
# hypotheses are not supported, and the model does not fit well.
#
# ## To start your own
#
# `surveysem init my_study`, on the command line, makes a folder with a complete questionnaire, a study and example
# answers to change step by step. Every key of the two files is described in the documentation (*Instrument files*,
# *Study files*). Next: [8 · Coming from lavaan](08_coming_from_lavaan.ipynb).
#
# ### Reference
#
# Hair, J. F., Hult, G. T. M., Ringle, C. M., Sarstedt, M., Danks, N. P., & Ray, S. (2021). *Partial least squares
# structural equation modeling (PLS-SEM) using R: A workbook*. Springer.
