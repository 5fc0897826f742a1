# %% [markdown]
# # 6 · The report
#
# From a fitted study to what goes to a journal: a registered plan and what was done otherwise, tables, figures,
# paragraphs, the checklist of reporting standards, files for the browser, Word and LaTeX, and a bundle with which a
# stranger computes everything again. At the end several studies are put together.
#
# The answers are **simulated**, and so every table and figure says so.

# %% [markdown]
# ## The plan comes first
#
# Before any answer is seen, the study is registered: hypotheses, model, rules, exclusions and analysis stand in the
# study file already, so it takes one call. `n` is the number of respondents you mean to analyse.

# %%
from zipfile import ZipFile

import pandas as pd
from IPython.display import Markdown

import surveysem as ss

pd.set_option("display.max_colwidth", None)
study = ss.load_study("b2b_micro_influencer")
plan = ss.preregister(study, "plan", n=380, authors=["A. Researcher"], date="2026-01-15")
[file.name for file in plan.files]

# %% [markdown]
# The first file is for people: its questions are those of AsPredicted and the OSF; deposit it there, for only a
# registry proves the date. The second is for the check that follows. What the first answers:

# %%
[line.strip("# ") for line in plan.markdown.splitlines() if line.startswith("## ")]

# %% [markdown]
# ## The analysis, held against the plan
#
# Now the answers are in. The same call as always, with the plan named. To be quick we leave out the bootstrap that
# the study declares (`bootstrap=0`), which is a deviation, and let us see whether it is noticed.

# %%
answers = ss.simulate_responses(study, n=400, seed=7)
answers.to_csv("answers.csv", index=False)
data = ss.read_responses("answers.csv", study)
result = ss.fit_study(study, data, bootstrap=0, preregistration="plan/preregistration.yaml")
result.tables["deviations"]

# %% [markdown]
# It is. What was registered and what was done stand side by side, and the table goes into the report. The number of
# respondents is not in it: 390 were analysed, within the registered range. A deviation is no crime; told with its
# reason, it lets readers judge. With `deviations="refuse"` nothing would have been fitted.
#
# ## Tables
#
# All tables that a paper needs are there by name:

# %%
", ".join(result.tables)

# %% [markdown]
# Each shows itself, numbered as in the report, with a note on what the numbers are. Look at two that reviewers turn to
# first. Are the scales reliable?

# %%
result.tables["reliability"]

# %% [markdown]
# One row a construct. The note says what the letters stand for and which conventions the values are held against; no
# value is marked with a dagger, so none falls short. And how strong are the indirect effects?

# %%
result.tables["effects"]

# %% [markdown]
# One row a route, from antecedent to outcome. Long routes have small effects, for each step multiplies by a number
# below one.
#
# To go on in a spreadsheet, `result.write_tables("tables")` writes all of them as CSV and Excel, unrounded.
#
# ## Figures
#
# Figures by name as well:

# %%
", ".join(result.figures)

# %% [markdown]
# The picture a reader remembers: each proposition with its standardised effect and interval.

# %%
result.figures["propositions"]

# %% [markdown]
# What lies to the right of zero is positive; an interval that crosses zero is no evidence of either sign; grey is what
# would be too small to matter. They are matplotlib figures: `result.figures["propositions"].savefig("figure.pdf")`
# saves one for a journal.
#
# ## Paragraphs
#
# Method and results also come as text. It says what the numbers say, no more; the argument is yours. Two of them:

# %%
Markdown("\n\n".join(result.paragraphs[name] for name in ("sample", "fit")))

# %% [markdown]
# Rewrite them in your voice. There are more:

# %%
", ".join(result.paragraphs)

# %% [markdown]
# ## The checklist
#
# Journals ask for the reporting standards of the American Psychological Association (Appelbaum et al., 2018). The
# checklist goes through them and ticks what this very report holds. How much of it is done?

# %%
checklist = result.jars.to_frame()
checklist["status"].value_counts().to_frame("items")

# %% [markdown]
# "In the report" means that the report says it, and the checklist says where. What is left to you:

# %%
left = checklist[checklist["status"].isin(["author", "in part"])]
left[["item", "status", "author"]].reset_index(drop=True)

# %% [markdown]
# ## The report
#
# One call writes it, in up to four formats, and with a bundle beside it.

# %%
files = result.write_report("report", formats=("html", "docx", "latex", "markdown"), bundle=True)
sorted({file.relative_to("report").parts[0] for file in files})

# %% [markdown]
# * `report.html` opens in any browser, offline, and on a phone;
# * `report.docx` has real Word tables, to be edited by co-authors;
# * `latex` is a project that `pdflatex` compiles; `report.md` with `figures` is plain text;
# * `paragraphs.md` has the text to paste, `references.bib` the works cited, for Zotero and its kin.
#
# ## The bundle: for somebody who was not there
#
# `bundle.zip` holds the study as it was used, all numbers with all their digits, the moments of the answers, and
# scripts that refit the models in lavaan and semopy. The answers themselves are *not* in it, unless you ask for them.
# A stranger can still compute nearly everything again:

# %%
check = ss.replicate("report/bundle.zip")
check

# %% [markdown]
# Each row is a table of the result: how many of its values came out the same, how many differ, how many could not be
# checked without answers. Whoever has the answers checks the rest, from import and screening on:

# %%
ss.replicate("report/bundle.zip", data="answers.csv").sentence

# %% [markdown]
# And if somebody improves a number? Open the bundle, make P10c "supported", and close it again:

# %%
with ZipFile("report/bundle.zip") as source, ZipFile("forged.zip", "w") as forged:
    for name in source.namelist():
        content = source.read(name)
        if name.endswith("verdicts.csv"):
            content = content.replace(b"not supported", b"supported")
        forged.writestr(name, content)

# %% [markdown]
# Then replicate it:

# %% tags=["raises-exception"]
ss.replicate("forged.zip")

# %% [markdown]
# The file is named, and the bundle refused. A bundle shows that results follow from data. It does not show that the
# data were collected; nothing can but the people who collected them.
#
# ## Two studies
#
# One survey seldom settles a proposition. Say a second team has asked 300 others (simulated again) and used the same
# study file. Put both together:

# %%
second = ss.fit_study(study, ss.simulate_responses(study, n=300, seed=8), bootstrap=0, rivals=False)
both = ss.combine({"First study": result, "Second study": second})
columns = ["verdict", "n_studies", "n", "estimate", "ci_lower", "ci_upper", "i_squared"]
both.verdicts[columns].round(2)

# %% [markdown]
# A surprise: nothing is supported, although each study by itself supports nearly everything. It is no error. To speak
# of studies in general one must know how much studies *differ*, and two say next to nothing about that: the intervals
# (Hartung & Knapp, 2001) have one degree of freedom and are very wide, and *p* is adjusted for twelve tests as before.
# That is what two studies are worth. Add four more:

# %%
teams = {f"Team {number}": ss.simulate_responses(study, n=250, seed=number) for number in range(11, 15)}
fits = {name: ss.fit_study(study, each, bootstrap=0, rivals=False) for name, each in teams.items()}
six = ss.combine({"First study": result, "Second study": second, **fits})
six.verdicts[columns].round(2)

# %% [markdown]
# Now the picture is clear. `i_squared` is the share of the variation between studies that looks like more than chance.
# Mind what it is worth: all six samples were drawn from *one* population, so that all variation is chance, and P10a
# still shows .60. With few studies the number is rough. For one proposition, study by study:

# %%
six.figures["forest_P9"]

# %% [markdown]
# Squares are studies with their intervals, larger for the more precise; the diamond is the mean. The dashed line is
# where the effect of a next study is expected. A single study of this size misses an interaction now and then, as
# Team 13 did; six together do not.
#
# `six.write_report("evidence")` writes it up. Studies that you only know from print go in as tables of estimates and
# standard errors; simulated and real studies are never mixed without a serious warning. Next: [7 · Your own
# framework](07_your_own_framework.ipynb).
#
# ### References
#
# Appelbaum, M., Cooper, H., Kline, R. B., Mayo-Wilson, E., Nezu, A. M., & Rao, S. M. (2018). Journal article reporting
# standards for quantitative research in psychology. *American Psychologist, 73*(1), 3–25. · Hartung, J., & Knapp, G.
# (2001). A refined method for the meta-analysis of controlled clinical trials with binary outcome. *Statistics in
# Medicine, 20*(24), 3875–3889.
