# %% [markdown]
# # First look
#
# From a questionnaire to verdicts in a few steps, on real data: industrialisation and democracy in 75 developing
# countries (Bollen, 1989). The same steps serve the study of B2B micro-influencers; only the name changes. You need
# no Python beyond what stands in the grey cells: put the cursor in one, press Shift + Enter, and read what appears
# below.
#
# The notebooks that follow take one step each: [1 · The framework and its
# questionnaire](01_framework_and_questionnaire.ipynb), [2 · How many respondents](02_how_many_respondents.ipynb), [3
# · From export to clean data](03_from_export_to_clean_data.ipynb), [4 · Measurement](04_measurement.ipynb), and on
# from there.

# %% [markdown]
# ## A study
#
# Load the toolkit (and a helper that sets tables of words), then a study: what was measured, how the constructs
# relate, and what is put to the test. Three studies are part of the toolkit.

# %%
from great_tables import GT

import surveysem as ss

study = ss.load_study("political_democracy")
study

# %% [markdown]
# The list has the propositions. What was measured stands in the questionnaire:

# %%
study.instrument

# %% [markdown]
# One line a construct: what it is called, what part it plays, and how many indicators it has. The model that follows
# from it can be read by lavaan unchanged, so nothing is hidden in this toolkit:

# %%
study.model_syntax("lavaan").splitlines()

# %% [markdown]
# `=~` is "is measured by", `~` "is predicted by", `~~` "correlates with". The words before an asterisk name a path:
# D1 is the path that proposition D1 is about.
#
# ## Answers
#
# Reading checks every cell against the questionnaire and keeps account of who was left out.

# %%
data = ss.read_responses(study.bundled_data(), study)
data

# %% [markdown]
# Here nobody was: the last number of the table equals the first.
#
# ## Fit and verdicts
#
# One call fits the measurement model and the structural model, and judges each proposition by the rule that the study
# declared.

# %%
result = ss.fit_study(study, data)
result.verdicts[["verdict", "estimate", "ci_lower", "ci_upper", "std_estimate", "p_adjusted"]].round(3)

# %% [markdown]
# `estimate` is the effect in the units of the indicators, with its 95 % interval; `std_estimate` the same in standard
# deviations; `p_adjusted` the *p*-value after adjustment for the number of propositions (0 means that it rounds to
# 0). Each verdict gives its reason in a sentence that can be pasted into a paper:

# %%
GT(result.verdicts["reason"].reset_index())

# %% [markdown]
# Does the model fit at all? A verdict within a model that does not fit would mean little, so look at fit first. It is
# one of the tables a paper needs, all of which are there by name.

# %%
result.tables["fit"]

# %% [markdown]
# The notes under the table say how it was estimated. Figures are there by name as well; this one shows the model with
# its estimates.

# %%
result.figures["path_diagram"]

# %% [markdown]
# Boxes are constructs with the share of their variance that is explained, arrows effects with their standardised
# estimates.
#
# ## A report
#
# `result.write_report("folder")` writes all of it, as one HTML page and as text; Word and LaTeX on request. The same
# from the command line: `surveysem demo --study political_democracy --out folder`.
#
# ### Reference
#
# Bollen, K. A. (1989). *Structural equations with latent variables*. Wiley.
