# %% [markdown]
# # 3 · From a survey tool's export to clean data
#
# You have collected answers and downloaded them from Qualtrics, LimeSurvey, REDCap or a form. Before any model is
# fitted, four questions need an answer that a reviewer will accept:
#
# 1. Was every cell understood as the respondent meant it?
# 2. Who is analysed, who is not, and by which rule?
# 3. Would the conclusions be others if the rules were?
# 4. What is missing, and how are the answers distributed?
#
# **No person answered anything here.** No data exist for the framework of Lima (2026), so this notebook draws answers
# from assumed population values and plants, on purpose, the trouble that real exports have. Because it was planted,
# we know the truth and can see what each check finds, and what it misses.

# %% [markdown]
# ## An export with trouble
#
# Load the toolkit and the study. A study is a questionnaire, a model and rules settled before data are read.
# (`pandas` holds tables, `GT` sets tables of words for reading.)

# %%
import pandas as pd
from great_tables import GT

import surveysem as ss

study = ss.load_study("b2b_micro_influencer")

# %% [markdown]
# Draw 420 respondents. Some answer at random, some tick the same option everywhere, some race through; some are not
# eligible; some choose "does not apply"; and the larger the firm, the more gaps its people leave (`depends_on`).

# %%
answers = ss.simulate_responses(
    study,
    n=420,
    seed=11,
    careless={"random": 0.03, "straight_lining": 0.03, "too_fast": 0.03},
    ineligible=0.02,
    does_not_apply={"da_2": 0.03, "da_3": 0.03},
    missing={"share": 0.004, "depends_on": "firm_size", "strength": 0.8},
)
careless = answers.attrs["surveysem"]["careless_respondents"]
{kind: len(who) for kind, who in careless.items()}

# %% [markdown]
# These are the careless respondents we planted, by kind. Next, two people submit twice, and the answers are written
# as Qualtrics would export them: three header rows, and labels ("Somewhat agree") instead of codes.

# %%
twice = pd.concat([answers, answers.iloc[[5, 91]]], ignore_index=True)
ss.write_responses(twice, "export.csv", study.instrument, format="qualtrics", labels=True)
export = pd.read_csv("export.csv", dtype=str, keep_default_na=False)
GT(export.iloc[:5, 17:22])

# %% [markdown]
# The first two rows are not people: they are question texts and Qualtrics' own ids. Many analyses have been spoilt by
# leaving them in. Now the damage that humans add: a renamed column, a comment typed into a cell, a code that no scale
# has, and a cell that a spreadsheet turned into a date.

# %%
spoilt = export.rename(columns={"tv_3": "Q12_3"})
spoilt.loc[10, "bt_1"] = "don't know"
spoilt.loc[12, "pc_2"] = "9"
spoilt.loc[30, "nr_1"] = "5-Jan"
spoilt.to_csv("spoilt.csv", index=False)

# %% [markdown]
# ## Reading
#
# `ss.read_responses` checks every cell against the questionnaire. What it cannot understand without guessing it
# refuses, all at once, with column and row as your spreadsheet shows them.

# %% tags=["raises-exception"]
ss.read_responses("spoilt.csv", study)

# %% [markdown]
# Nothing was read, and nothing was silently turned into a missing value. Each line says what to do:
#
# * the date comes from a spreadsheet, so the cell of the original export is taken;
# * 9 is on no scale; the original cell is taken there too;
# * "don't know" is an answer of sorts. It is declared as missing in the call (or, better, once in the study file).

# %%
corrected = spoilt.copy()
corrected.loc[12, "pc_2"] = export.loc[12, "pc_2"]
corrected.loc[30, "nr_1"] = export.loc[30, "nr_1"]
corrected.to_csv("corrected.csv", index=False)
data = ss.read_responses("corrected.csv", study, missing=["don't know"])
data

# %% [markdown]
# Read the notes once, from top to bottom: they are what the toolkit *understood*. The renamed column was found by the
# text of its question; confirm that it is the right one. Cells that were turned into "no answer" are counted. The
# warning on top says that the answers are simulated; with your data it is not there.
#
# ## Who is analysed
#
# Below the notes stands the flow from rows imported to rows analysed: the numbers of a participant-flow diagram,
# ready for the paper. One line deserves attention: `duplicate_ids` was *not applied*, since nobody told which column
# identifies a person. The two who submitted twice are still in. Reverse-keyed items were turned round once:

# %%
", ".join(data.reverse_keyed)

# %% [markdown]
# Rules of screening should be declared before the data are seen, in the study file under `screening:`. There is no
# universal cut-off for carelessness (Meade & Craig, 2012; Curran, 2016), so the toolkit presets none. Here every rule
# only *flags*, to see what each would catch: duplicates, less than two seconds an item (Huang et al., 2012), runs of
# twelve equal answers.

# %%
flagging = ss.ScreeningRules(
    id_column="respondent",
    duplicate_ids="exclude",
    attention_checks="flag",
    completion_time="flag",
    time_column="completion_seconds",
    minimum_seconds_per_item=2,
    straight_lining="flag",
    longest_run=12,
    incomplete="flag",
)

# %% [markdown]
# Reading again with these rules takes a second; the file stays as it is.

# %%
flagged = ss.read_responses("corrected.csv", study, missing=["don't know"], screening=flagging)
flagged.screening

# %% [markdown]
# Every row of this table is a rule in words, what was done, how many it touched and how many remained. Who exactly,
# and why, is kept as well; `row` is the row of the file, so that anybody can look it up.

# %%
flagged.screening.flagged.query("step != 'incomplete'").head(5)

# %% [markdown]
# With real data the next table is impossible, since nobody knows who was careless. Here we do: rules against the
# truth.

# %%
kinds = {number: kind for kind, who in careless.items() for number in who}
truth = flagged.coded["respondent"].astype(int).map(kinds).fillna("attentive")
marks = flagged.screening.flagged.query("step != 'incomplete'")
found = pd.crosstab(marks["step"], truth[marks["row"]].to_numpy(), colnames=["truth"])
found.reindex(columns=["attentive", *careless], fill_value=0)

# %% [markdown]
# How to read it: rows are rules, columns what the respondents really did, cells how many a rule flagged. Completion
# time finds those who raced, runs of equal answers those who ticked straight down, and attention checks catch all
# three kinds. A number in the column *attentive* is a good respondent suspected wrongly: the price of a stricter
# cut-off. (Careless people who are not eligible either were left out a step before; so a count may be one or two
# short of what was planted.) Our simulated careless people are careless from the first item to the last. Real ones
# are careless for a while, and are harder to find.
#
# Indices without any cut-off show how differently the kinds answer. They look at answers as given, before
# reverse-keyed items are turned round.

# %%
items = list(study.specification.indicators)
scales = {latent.name: latent.indicators for latent in study.specification.latent_variables}
reverse = dict.fromkeys(flagged.reverse_keyed, 8)
indices = ss.careless_indices(flagged.coded[items], scales=scales, reverse_keyed=reverse)
columns = ["longest_run", "irv", "mahalanobis", "even_odd", "missing"]
indices[columns].groupby(truth).median().round(2)

# %% [markdown]
# Medians by kind. `longest_run`: the longest run of equal answers. `irv`: how much one person's answers vary.
# `mahalanobis`: how unusual the whole pattern is. `even_odd`: whether the halves of the scales agree, near 1 for a
# consistent person. Who ticks the same option everywhere agrees with a statement and with its reverse, which is why
# reverse-keyed items are worth having.
#
# ## Does it matter?
#
# Screening is a choice, so show that conclusions do not hang on it. The same study is fitted under the declared
# rules, with nobody but the ineligible and the duplicates left out, and with every rule applied.

# %%
everyone = ss.ScreeningRules(id_column="respondent", attention_checks="flag", incomplete="flag")
strict = ss.ScreeningRules(
    id_column="respondent",
    completion_time="exclude",
    time_column="completion_seconds",
    minimum_seconds_per_item=2,
    straight_lining="exclude",
    longest_run=12,
    incomplete="flag",
)

# %% [markdown]
# One call fits all three and puts the verdicts side by side; each fit takes about a second.

# %%
rules = {"declared": study.screening, "everyone": everyone, "strict": strict}
comparison = ss.compare_screening(study, data, rules)
comparison

# %% [markdown]
# The first line says it in a sentence for the paper. The first table counts who was left out by which rule; *missing
# answers* are rows that listwise deletion loses, which is the next topic. The second table has, for each proposition,
# verdict, standardised estimate and *p* under each screening; `changed` is True where the verdicts differ. (*p* is
# that of the single test; the verdict rests on *p* adjusted for the number of propositions, so that .04 need not be
# "supported".)
#
# P9 is worth a pause. It says that credibility counts more where products are complex: an interaction, and it is
# there in the population we drew from. A few dozen careless people in the sample are enough to hide it, while
# positive effects come out as before or even stronger, and the negative one weaker: whoever ticks the same option
# everywhere makes everything correlate with everything. Report such a change whichever way it goes; do not pick the
# screening you like.
#
# ## What is missing
#
# From here on we keep the rows that the strict rules leave, and ask how much is missing and where.

# %%
clean = ss.read_responses("corrected.csv", study, missing=["don't know"], screening=strict)
gaps = ss.missingness(clean, items)
gaps.items.sort_values("share_missing", ascending=False).head(8).round(3)

# %% [markdown]
# The items asked about the disclosure come first: "does not apply" is a legitimate answer there, and the
# questionnaire has a code for it. The picture below shows which gaps come together: one row a pattern, dark where an
# answer is missing.

# %%
ss.plot_missingness(clean, items, most=12)

# %% [markdown]
# Most respondents answered everything; the others have a gap here and there. So few gaps, and yet, spread over 66
# items, they cost listwise deletion a good part of the rows (`missing answers` above). Little's test asks whether
# answers are missing completely at random:

# %%
gaps.little

# %% [markdown]
# A large *p* is no proof of randomness: the test looks at the items alone. We planted gaps that depend on the size of
# the firm, which is no item. A look at the share missing by firm size is worth more than the test:

# %%
share = clean.frame[items].isna().mean(axis=1).groupby(clean.frame["firm_size"]).mean()
sizes = {code: label["en"] for code, label in study.instrument.scale("employee_ranges").options.items()}
share.rename(sizes).to_frame("share of answers missing").round(4)

# %% [markdown]
# The larger the firm, the more is missing. So there is reason to use all answers that were given instead of complete
# rows only. `missing="fiml"` does that by maximum likelihood: `ss.fit_study(study, clean, missing="fiml")`. With 66
# items and 8 product indicators this takes a while, so it is not run here; on one scale the difference is quickly
# seen.

# %%
scale = "brand_trust =~ bt_1 + bt_2 + bt_3 + bt_4 + bt_5 + bt_6"
fits = {kind: ss.cfa(scale, clean.frame, missing=kind) for kind in ("listwise", "fiml")}
loadings = {kind: fit.estimates.query("op == '=~'").set_index("rhs")["std_all"] for kind, fit in fits.items()}
pd.DataFrame(loadings).assign(difference=lambda each: each["fiml"] - each["listwise"]).round(3)

# %% [markdown]
# Standardised loadings by listwise deletion and by full information. With so few gaps in one scale they are nearly
# the same; the more is missing, the more they part.
#
# ## How the answers are distributed
#
# Means, spread, skewness and kurtosis, and the shares at the ends of the scale. Look for items on which nearly
# everybody agrees (`ceiling_share`): they tell little apart.

# %%
described = ss.item_descriptives(clean, instrument=study.instrument)
described.loc["bt_1":"bt_6", ["n", "mean", "sd", "skewness", "kurtosis", "floor_share", "ceiling_share"]].round(2)

# %% [markdown]
# The same as a picture, around the middle of the scale: what leans to the right is agreed with.

# %%
trust = [item.id for item in study.instrument.items_of("brand_trust")]
echo = [item.id for item in study.instrument.items_of("organizational_echo")]
headings = {trust[0]: "Brand trust", echo[0]: "Organizational echo"}
ss.plot_items(clean, [*trust, *echo], instrument=study.instrument, headings=headings)

# %% [markdown]
# Items of one construct should correlate with each other more than with those of another. In the map below that is a
# dark block on the diagonal; an item that is light within its block was perhaps misunderstood, or not reversed.

# %%
ss.plot_correlations(clean, [*trust, *echo])

# %% [markdown]
# Survey answers are hardly ever normally distributed. The remedy is not to throw people out, but an estimator that
# does not need normality; `ss.advise_estimator` looks at the data and names one, with its reason.

# %%
GT(pd.DataFrame(ss.advise_estimator(clean, items).reasons))

# %% [markdown]
# Robust maximum likelihood (MLR) is what the study declares anyway, and what it should have declared: the estimator,
# too, is chosen before the results are seen.
#
# ## What to keep
#
# * the export, untouched, and the study file with its rules: together they reproduce everything above;
# * the flow of screening and the sentence of the comparison, for the paper;
# * `clean`, which goes into `ss.fit_study(study, clean)`.
#
# The report that `result.write_report("folder")` writes holds the flow, descriptives, distributions and missing
# answers without further work. Next: [4 · Measurement](04_measurement.ipynb).
#
# ### References
#
# Curran, P. G. (2016). Methods for the detection of carelessly invalid responses in survey data. *Journal of
# Experimental Social Psychology, 66*, 4–19. · Huang, J. L., Curran, P. G., Keeney, J., Poposki, E. M., & DeShon, R.
# P. (2012). Detecting and deterring insufficient effort responding to surveys. *Journal of Business and Psychology,
# 27*(1), 99–114. · Lima, A. (2026). Micro-influencers as catalysts for brand building: Transforming B2B marketing
# strategies in the digital age. *Premier Journal of Business and Management, 8*, 100015. · Meade, A. W., & Craig, S.
# B. (2012). Identifying careless responses in survey data. *Psychological Methods, 17*(3), 437–455.
