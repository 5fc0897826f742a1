# %% [markdown]
# # 8 · Coming from lavaan
#
# Six analyses that every user of lavaan has run, in lavaan and here, side by side. The R code stands as text; its
# numbers were made by lavaan 0.6-14 with exactly that code (`notebooks/lavaan/coming_from_lavaan.R`) and are kept in
# a file, so you need no R to follow. Our numbers are computed while the notebook runs.
#
# The questions it answers: is it the same syntax (yes), are they the same numbers (see for yourself), and where must
# you unlearn something (last section).
#
# ## The data and a way to compare
#
# Holzinger and Swineford (1939) gave nine tests of ability to 301 pupils of two schools: x1–x3 visual, x4–x6 textual,
# x7–x9 speed. Load them and the numbers lavaan gave.

# %%
import pandas as pd

import surveysem as ss

pupils = pd.read_csv("lavaan/holzinger_swineford.csv")
lavaan = pd.read_csv("lavaan/results.csv").set_index(["analysis", "quantity"])["value"]
pupils.head(3)

# %% [markdown]
# One row a pupil. Next, a small helper that puts our value of each quantity beside lavaan's. You need not read it;
# `difference` in the tables below is ours minus lavaan's.


# %%
def beside(analysis, ours):
    table = pd.DataFrame({"lavaan": lavaan[analysis], "surveysem": pd.Series(ours)}).loc[list(ours)]
    return table.assign(difference=table["surveysem"] - table["lavaan"]).round(5) + 0


def estimates(fit, op, column="estimate", short="est"):
    rows = fit.estimates[fit.estimates["op"].isin(op)]
    names = rows["lhs"] + " " + rows["op"] + " " + rows["rhs"] + f" {short}"
    return dict(zip(names, rows[column], strict=True))


# %% [markdown]
# ## Three factors
#
# The example of lavaan's own tutorial. In R:
#
# ```r
# model <- "
#   visual  =~ x1 + x2 + x3
#   textual =~ x4 + x5 + x6
#   speed   =~ x7 + x8 + x9
# "
# fit <- cfa(model, data = HolzingerSwineford1939)
# fitMeasures(fit, c("chisq", "df", "pvalue", "cfi", "tli", "rmsea", "srmr"))
# parameterEstimates(fit)
# modindices(fit, sort = TRUE, maximum.number = 3)
# ```
#
# Here the model is the same text. Names of options take an underscore where R has a point.

# %%
model = """
  visual  =~ x1 + x2 + x3
  textual =~ x4 + x5 + x6
  speed   =~ x7 + x8 + x9
"""
fit = ss.cfa(model, pupils)
fit

# %% [markdown]
# A fit shows itself: indices, then estimates by kind. `std_lv` and `std_all` are lavaan's columns. Fit indices are
# asked for by lavaan's names; here beside lavaan's:

# %%
names = ("chisq", "df", "cfi", "tli", "rmsea", "srmr")
beside("three factors", {name: fit.fit_indices[name] for name in names})

# %% [markdown]
# The same to five decimals. `fit.estimates` is what `parameterEstimates()` gives, a table to filter by `lhs`, `op`
# and `rhs`. Loadings and their standard errors (a loading fixed to 1 has none):

# %%
beside("three factors", estimates(fit, ["=~"]) | estimates(fit, ["=~"], "std_error", "se"))

# %% [markdown]
# Whatever difference is left in the fifth decimal stems from optimisers that stop at slightly different moments.
# Modification indices come sorted:

# %%
top = fit.modification_indices().head(3)
names = top["lhs"] + " " + top["op"] + " " + top["rhs"]
beside("modification", dict(zip(names, top["mi"], strict=True)))

# %% [markdown]
# As in lavaan: the largest index is the cross-loading of x9 on visual. (An index is no licence to add the parameter.)
#
# ## Groups: invariance across schools
#
# In lavaan each level is a fit of its own, and they are compared afterwards:
#
# ```r
# configural <- cfa(model, data = HolzingerSwineford1939, group = "school")
# metric <- cfa(model, data = HolzingerSwineford1939, group = "school", group.equal = "loadings")
# scalar <- cfa(model, data = HolzingerSwineford1939, group = "school", group.equal = c("loadings", "intercepts"))
# lavTestLRT(configural, metric, scalar)
# ```
#
# The same works here with `group_equal=("loadings",)` and `ss.compare`. There is also one call for all of it, which
# stops at the first level that fails:

# %%
invariance = ss.measurement_invariance(model, pupils, group="school")
invariance

# %% [markdown]
# Loadings may be taken as equal, intercepts may not: means of the factors must not be compared between the schools
# before the offending intercepts are freed. Beside lavaan's numbers:

# %%
levels = invariance.table
names = ("chisq", "df", "cfi")
ours = {f"{level} {name}": levels.loc[level, name] for level in levels.index for name in names}
for level in ("metric", "scalar"):
    ours[f"{level} chisq_difference"] = levels.loc[level, "chisq_diff"]
    ours[f"{level} p_value"] = levels.loc[level, "p_value"]
beside("groups", ours)

# %% [markdown]
# ## Residual covariances, labels and a defined effect
#
# Bollen's (1989) industrialisation and democracy, with robust maximum likelihood:
#
# ```r
# model <- "
#   ind60 =~ x1 + x2 + x3
#   dem60 =~ y1 + y2 + y3 + y4
#   dem65 =~ y5 + y6 + y7 + y8
#   dem60 ~ a*ind60
#   dem65 ~ c*ind60 + b*dem60
#   y1 ~~ y5
#   y2 ~~ y4 + y6
#   y3 ~~ y7
#   y4 ~~ y8
#   y6 ~~ y8
#   indirect := a*b
# "
# fit <- sem(model, data = PoliticalDemocracy, estimator = "MLR")
# fitMeasures(fit, c("chisq.scaled", "df.scaled", "cfi.robust", "rmsea.robust", "srmr"))
# standardizedSolution(fit)
# ```
#
# The same text again; the data are part of the toolkit.

# %%
countries = ss.load_study("political_democracy").bundled_data()
measures = "ind60 =~ x1 + x2 + x3 \n dem60 =~ y1 + y2 + y3 + y4 \n dem65 =~ y5 + y6 + y7 + y8"
residuals = "y1 ~~ y5 \n y2 ~~ y4 + y6 \n y3 ~~ y7 \n y4 ~~ y8 \n y6 ~~ y8"
paths = "dem60 ~ a*ind60 \n dem65 ~ c*ind60 + b*dem60 \n indirect := a*b"
democracy = ss.sem("\n".join([measures, residuals, paths]), countries, estimator="MLR")
democracy.standardized().query("op in ['~', ':=']").round(3)

# %% [markdown]
# `standardized()` is `standardizedSolution()`: values with standard errors and intervals of their own. The indirect
# effect is the last row. Beside lavaan, fit with the suffixes `.scaled` and `.robust` as you know them:

# %%
names = ("chisq.scaled", "df.scaled", "cfi.robust", "rmsea.robust", "srmr")
ours = {name: democracy.fit_indices[name] for name in names}
ours |= estimates(democracy, ["~", ":="]) | estimates(democracy, ["~", ":="], "std_error", "se")
beside("democracy", ours | estimates(democracy, ["~", ":="], "std_all", "std"))

# %% [markdown]
# For an indirect effect, an interval by bootstrap is the usual choice: `democracy.bootstrap(5000, seed=1)`.
#
# ## Ordered items
#
# Cut six tests into four categories each, as a questionnaire would have done, and declare them ordered. lavaan then
# uses WLSMV:
#
# ```r
# ordinal <- as.data.frame(lapply(HolzingerSwineford1939[, paste0("x", 1:9)], cut,
#                                 breaks = c(-Inf, 2, 4, 6, Inf), labels = FALSE))
# model <- "
#   visual  =~ x1 + x2 + x3
#   textual =~ x4 + x5 + x6
# "
# fit <- cfa(model, data = ordinal, ordered = TRUE)
# fitMeasures(fit, c("chisq.scaled", "df.scaled", "cfi.scaled", "rmsea.scaled", "srmr"))
# parameterEstimates(fit)
# ```
#
# So do we. The first line does the cutting:

# %%
tests = [f"x{number}" for number in range(1, 10)]
infinite = float("inf")
cut = pupils[tests].apply(pd.cut, bins=[-infinite, 2, 4, 6, infinite], labels=False)
ordered = ss.cfa("visual =~ x1 + x2 + x3 \n textual =~ x4 + x5 + x6", cut, ordered=True)
names = ("chisq.scaled", "df.scaled", "cfi.scaled", "rmsea.scaled", "srmr")
beside("ordered", {name: ordered.fit_indices[name] for name in names} | estimates(ordered, ["=~", "|"]))

# %% [markdown]
# Rows such as `x1 | t1` are thresholds: where, on the latent response, one answer gives way to the next. Items x2, x3
# and x6 have two, since one of the four categories was never reached.
#
# ## Missing answers
#
# Delete some values by a rule that depends on what was observed (missing at random), and use all that remains:
#
# ```r
# incomplete <- HolzingerSwineford1939
# incomplete$x5[incomplete$x1 < 4.5] <- NA
# incomplete$x9[incomplete$x4 < 2.5] <- NA
# model <- "
#   visual  =~ x1 + x2 + x3
#   textual =~ x4 + x5 + x6
#   speed   =~ x7 + x8 + x9
# "
# fit <- cfa(model, data = incomplete, missing = "fiml", estimator = "MLR")
# fitMeasures(fit, c("chisq.scaled", "cfi.robust", "rmsea.robust", "logl"))
# parameterEstimates(fit)
# ```
#
# In Python, `where` keeps what satisfies a condition and empties the rest.

# %%
incomplete = pupils.copy()
incomplete["x5"] = pupils["x5"].where(pupils["x1"] >= 4.5)
incomplete["x9"] = pupils["x9"].where(pupils["x4"] >= 2.5)
fiml = ss.cfa(model, incomplete, missing="fiml", estimator="MLR")
names = ("chisq.scaled", "cfi.robust", "rmsea.robust", "logl")
ours = {name: fiml.fit_indices[name] for name in names} | estimates(fiml, ["=~"])
beside("missing", ours | estimates(fiml, ["=~"], "std_error", "se"))

# %% [markdown]
# Robust CFI and RMSEA with missing answers are those of Zhang and Savalei (2023), as in lavaan; they differ in the
# fifth decimal because lavaan's EM algorithm stops early by default (with `em.h1.tol = 1e-11` they are the same). With
# `missing="listwise"`, the default here as there, every row with a gap is left out; we also say how many:

# %%
[str(finding) for finding in ss.cfa(model, incomplete).findings]

# %% [markdown]
# ## A latent interaction
#
# Does verbal ability change the effect of visual ability on speed? lavaan has no products of latent variables, so
# products of items are made first, with semTools:
#
# ```r
# products <- indProd(HolzingerSwineford1939, var1 = c("x1", "x2", "x3"), var2 = c("x4", "x5", "x6"),
#                     match = TRUE, doubleMC = TRUE)
# model <- "
#   visual  =~ x1 + x2 + x3
#   textual =~ x4 + x5 + x6
#   speed   =~ x7 + x8 + x9
#   product =~ x1.x4 + x2.x5 + x3.x6
#   speed ~ visual + textual + product
# "
# fit <- sem(model, data = products, estimator = "MLR")
# parameterEstimates(fit)
# ```
#
# Here the product is written where it belongs, and the product indicators are made on the way.

# %%
moderated = model + "speed ~ visual + textual + visual:textual"
interaction = ss.sem(moderated, pupils, estimator="MLR", pairs="matched")
ours = {name: interaction.fit_indices[name] for name in ("chisq.scaled", "df.scaled")}
for short, column in (("est", "estimate"), ("se", "std_error")):
    found = estimates(interaction, ["~"], column, short)
    ours |= {name.replace("visual:textual", "product"): value for name, value in found.items()}
beside("interaction", ours)

# %% [markdown]
# The row `speed ~ product` is the interaction, which is far from significant in these data. (What differs in the
# fifth decimal: lavaan ends its search a trifle before the minimum is reached.) What lavaan cannot do, latent
# moderated structural equations, is one option away:

# %%
lms = ss.sem(moderated, pupils, interaction="lms")
ss.moderation_effects(lms).round(3).T

# %% [markdown]
# Far from significant here, too. `std_all` is standardised as Wen, Marsh and Hau (2010) advise. [Notebook
# 5](05_propositions_and_moderation.ipynb) says when to prefer which method and how to draw the result.
#
# ## What to unlearn
#
# * **Unknown options are errors.** A misspelt option or variable is never ignored, and all mistakes of a kind are
#   listed at once. Below, two columns that the data do not have:

# %% tags=["raises-exception"]
ss.cfa("visual =~ x1 + x2 + x33 \n textual =~ x4 + x5 + X6", pupils)

# %% [markdown]
# * **A model that did not converge raises an error** instead of printing numbers that look like results.
# * **Nothing is dropped in silence.** Rows left out, fixed variances, products that were made: all is in
#   `fit.findings`.
# * **`ss.compare` scales the test** where the estimator calls for it, as `lavTestLRT` does.
# * **A study is more than a model.** Questionnaire, rules and report come with it: [notebook
#   7](07_your_own_framework.ipynb).
#
# The way back is open as well: `study.model_syntax("lavaan")` gives any study's model as text that lavaan reads
# unchanged, and a result bundle holds an R script that refits it ([notebook 6](06_the_report.ipynb)). A table of
# equivalents stands in the documentation, under *Beside other software*.
#
# ### References
#
# Bollen, K. A. (1989). *Structural equations with latent variables*. Wiley. · Holzinger, K. J., & Swineford, F.
# (1939). *A study in factor analysis: The stability of a bi-factor solution*. University of Chicago. · Rosseel, Y.
# (2012). lavaan: An R package for structural equation modeling. *Journal of Statistical Software, 48*(2), 1–36. ·
# Wen, Z., Marsh, H. W., & Hau, K.-T. (2010). Structural equation models of latent interactions: An appropriate
# standardized solution and its scale-free properties. *Structural Equation Modeling, 17*(1), 1–22. · Zhang, X., &
# Savalei, V. (2023). New computations for RMSEA and CFI following FIML and TS estimation with missing data.
# *Psychological Methods, 28*(2), 263–283.
