# %% [markdown]
# # 2 · How many respondents
#
# "Ten per item" and "at least 200" are rules of thumb that know nothing of your study. How many respondents are
# enough depends on how large the effects are, how the answers are measured, and which rule turns an estimate into
# "supported". All three are written in the study file, so the question can be answered by computation, for each
# proposition, before anybody is asked.
#
# **Power holds for assumed effects.** No study of this framework has been published; the effects below are
# assumptions, and a power computed from optimistic assumptions is optimistic.

# %% [markdown]
# ## What is assumed
#
# Load the toolkit and the study, and read where the assumed effects come from. (`pandas` holds tables.)

# %%
import pandas as pd
from IPython.display import Markdown

import surveysem as ss

study = ss.load_study("b2b_micro_influencer")
Markdown(study.population_note)

# %% [markdown]
# The effects stand in the study file, in standard deviations:

# %%
expected = ss.power(study, method="analytic")
effects = expected.table["population"].groupby("proposition", sort=False).first()
effects.to_frame("standardised effect").T

# %% [markdown]
# P9, the interaction of credibility with product complexity, is smaller than the direct effects, as interactions
# usually are. P10c is set to zero on purpose: one proposition for which there is nothing to find. If you know better
# from a pilot or a meta-analysis, change the study file, not the notebook.
#
# ## A first answer, at once
#
# The same call has computed how strong each test will be, from the information that samples of a size carry about
# each effect.

# %%
expected

# %% [markdown]
# How to read a cell: the first number is the power of the test by itself, the one in brackets that with α divided by
# the number of tests. The study adjusts after Holm, which lies between the two. The last columns give the sample for
# a power of 80 % and 90 %.
#
# P9 needs by far the largest sample of the propositions. (E1 to E3 are extensions of the framework, judged apart.)
# The warning matters too: with fewer respondents than free parameters the study cannot be analysed at all, whatever
# the power of its tests.
#
# Can a model that fits badly be told from one that fits well? Power of tests of fit by the RMSEA (MacCallum et al.,
# 1996):

# %%
expected.fit.round(3)

# %% [markdown]
# A model with so many degrees of freedom has no trouble here: fit is not what decides the size of this sample.
#
# ## By simulation
#
# The quick answer looks at each test alone and takes samples for large. Simulation does what you will do: it draws
# samples, fits the model, applies the rules, and counts. 80 replications of each size take seconds and give a rough
# answer; **for a paper take 1,000** (`reps=1000`, which is the default and takes a few minutes) and leave `n_jobs`
# out to use all processors.

# %%
found = ss.power(study, n=(250, 300, 400, 600), reps=80, seed=1, n_jobs=1)
found

# %% [markdown]
# Power is the share of replications with the verdict *supported*; brackets hold its 95 % interval, which is wide
# because replications are few. `n` counts respondents that are *analysed*, after screening. On the right is the
# sample that each proposition needs; `≤ 250` means that the smallest size simulated is enough, `> 600` that the
# largest is not.
#
# P10 can hardly be supported: it asks that all its parts are, and P10c is zero in this population. What stands there
# is the rate of false support. The same as curves:

# %%
found.figure

# %% [markdown]
# Where a curve crosses a dashed line, a target is reached. Compare P9 with the quick answer: by simulation its power
# lies between the two numbers given there, as it should under Holm's adjustment. What verdicts can you expect when
# something is *not* supported? For the two interactions and P10:

# %%
found.verdicts.loc[["P9", "P10", "P10c"]].round(2)

# %% [markdown]
# Shares of each verdict; rows add up to 1. Look at P10c: to conclude that an effect is *negligible* takes far more
# respondents than to find one, since the whole interval has to lie within the smallest effect of interest. P10 mostly
# comes out as partially supported, which is the truth in this population.
#
# Samples for 80 % and 90 % power, as numbers:

# %%
needed = found.required.query("reached == 'inside'")
needed[["n", "lower", "upper"]]

# %% [markdown]
# Only those propositions are listed whose need lies between the sizes simulated; an empty limit (NaN) lies outside of
# them. Your sample is the largest number that a proposition you care about needs.
#
# ## If effects are smaller
#
# The most useful thing to do with a power analysis is to spoil its assumptions. Suppose the interaction P9 is .10
# instead of .18, and P10c is not zero but .15:

# %%
other = ss.power(study, n=(400, 600), reps=50, seed=2, n_jobs=1, effects={"P9": 0.10, "P10c": 0.15})
other.table.loc[["P9", "P10c"], ["population", "power", "ci_lower", "ci_upper"]].round(2)

# %% [markdown]
# For P9, with little more than half the effect, power falls far below any target. If an interaction that small would
# matter to you, such a sample is likely to miss it; say so before, not after. And when there is no effect anywhere?

# %%
null = ss.power(study, n=300, reps=50, seed=3, n_jobs=1, effects="zero")
null.table["power"].rename("false support").to_frame().T.round(2)

# %% [markdown]
# Now every "supported" is an error. The adjustment after Holm keeps the chance of *any* false support among the
# propositions near 5 %, so that the single rates are near zero.
#
# ## How many to invite
#
# `n` is analysed respondents. Some will not be eligible or fail an attention check, and each gap in 66 items costs a
# row if incomplete rows are left out. Put in your own figures:

# %%
analysed, passing, share_missing = 600, 0.90, 0.003
complete = (1 - share_missing) ** len(study.specification.indicators)
invited = {"leaving incomplete rows out": analysed / passing / complete, "using all answers": analysed / passing}
pd.Series(invited).round().astype(int).to_frame("people to invite")

# %% [markdown]
# With only 3 answers in 1,000 missing, nearly a fifth of the rows is incomplete. Full information (`missing="fiml"`)
# uses them all; `ss.power(study, missing="fiml", missing_share=0.003)` shows what that is worth.
#
# ## For the paper
#
# The paragraph says what was done, with every assumption; `paragraph("pt")` in Portuguese. Make it again from 1,000
# replications.

# %%
Markdown(found.paragraph())

# %% [markdown]
# ## Preregister
#
# Fix hypotheses, rules, sample and analysis before you see data. The plan is written from the study file, with the
# power table; the range says when to stop.

# %%
plan = ss.preregister(
    study, "plan", n=600, n_maximum=660, power=found.table.reset_index(), authors=["Ana Lima"], date="2026-12-01"
)
text = plan.files[0].read_text(encoding="utf-8")
[line for line in text.splitlines() if line.startswith("## ")]

# %% [markdown]
# These are the sections, in the order in which AsPredicted and the OSF ask. The one on the sample:

# %%
start = text.index("## 7. Sample size")
Markdown(text[start : text.index("## 8.")].replace("## 7", "#### 7"))

# %% [markdown]
# Upload `preregistration.md` and `preregistration.yaml`, both in the folder `plan`, to a registry that stamps the
# time. When the data are in, `ss.fit_study(study, data, preregistration="plan/preregistration.yaml")` lists what was
# done otherwise, and the report prints it.
#
# Next: [3 · From export to clean data](03_from_export_to_clean_data.ipynb).
#
# ### References
#
# MacCallum, R. C., Browne, M. W., & Sugawara, H. M. (1996). Power analysis and determination of sample size for
# covariance structure modeling. *Psychological Methods, 1*(2), 130–149. · Muthén, L. K., & Muthén, B. O. (2002). How
# to use a Monte Carlo study to decide on sample size and determine power. *Structural Equation Modeling, 9*(4),
# 599–620.
