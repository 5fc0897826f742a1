# %% [markdown]
# # 4 · Measurement
#
# Propositions are about constructs; data are answers to items. Unless the items measure what they should, a verdict
# on a proposition means nothing. This notebook goes through what reviewers ask for: confirmatory factor analysis,
# reliability, convergent and discriminant validity, common method bias, invariance between groups, and alternatives
# such as second-order factors; and, for pilots, exploratory analysis.
#
# **No person answered anything here.** Answers are drawn from a population that we know, with two peculiarities
# planted, so that you can see whether the tools find them: people in regulated sectors see more legitimacy (a true
# difference), and agree more readily with one item of brand trust, `bt_6`, for reasons that have nothing to do with
# trust (a flaw of measurement).

# %% [markdown]
# ## Data
#
# Load the toolkit and the study. (`pandas` holds tables, `GT` sets tables of words for reading.)

# %%
import pandas as pd
from great_tables import GT

import surveysem as ss

study = ss.load_study("b2b_micro_influencer")

# %% [markdown]
# Draw 600 respondents, 45 % of them in regulated sectors. Notebook 3 was about cleaning; here everybody is careful
# and eligible.

# %%
planted = {"share": 0.45, "means": {"perceived_legitimacy": 0.5}, "intercepts": {"bt_6": 0.6}}
answers = ss.simulate_responses(study, n=600, seed=21, groups={"regulated": {"Yes": planted}}, careless=0, ineligible=0)
data = ss.read_responses(answers, study)
data.n_obs

# %% [markdown]
# ## Confirmatory factor analysis
#
# The measurement model comes before any path: every item on its own construct, all constructs free to correlate. Its
# syntax is lavaan's; here are the first lines.

# %%
syntax = study.model_syntax("lavaan", model="measurement")
syntax.splitlines()[:5]

# %% [markdown]
# `=~` reads "is measured by". Fit it with the estimator that the study declares, robust maximum likelihood.

# %%
fit = ss.cfa(syntax, data.frame, estimator="MLR")
wanted = ["chisq.scaled", "df.scaled", "cfi.robust", "tli.robust", "rmsea.robust", "srmr"]
pd.Series({name: fit.fit_indices[name] for name in wanted}).round(3).to_frame("value")

# %% [markdown]
# The names are lavaan's, and so are the numbers. CFI and TLI near 1, RMSEA and SRMR near 0 are good; the usual limits
# (.95, .95, .06, .08; Hu & Bentler, 1999) were found for one kind of model and are a convention, not a law. Here fit
# is close, as it must be: the data were made from this very model. With real answers expect less, and look where the
# misfit is.
#
# The loadings say how strongly each item reflects its construct:

# %%
loadings = fit.estimates.query("op == '=~'").set_index("rhs")
loadings.loc["pc_1":"pc_6", ["lhs", "std_all", "std_error", "p_value"]].round(3)

# %% [markdown]
# `std_all` is the standardised loading; .71 and more means that at least half of the item's variance is the
# construct's. (`std_error` and `p_value` belong to the unstandardised loading; the first is fixed to 1 to set the
# scale, so there is nothing to test.)
#
# Where would the model like to be different? Modification indices rank the parameters that were left out:

# %%
fit.modification_indices().head(5).round(3)

# %% [markdown]
# `mi` is about the drop in χ² if that one parameter were freed, `sepc_all` the standardised value it would take.
# Among two thousand candidates some are large by chance. Free one only if you can say why, and say that you did;
# large `mi` with tiny `sepc_all` is not worth a sentence.
#
# ## Reliability and convergent validity
#
# Do the items of a construct go together?

# %%
ss.reliability(fit).round(3)

# %% [markdown]
# `alpha` assumes that all items of a scale are equally good; `omega` and `composite_reliability` do not, and are what
# to report; .70 and more is usual. `average_variance_extracted` (AVE) above .50 means that items share more with
# their construct than with error: convergent validity (Fornell & Larcker, 1981). An interval says how well the sample
# pins a coefficient down:

# %%
coefficients = ss.reliability_coefficients(fit).xs("alpha", level="coefficient")
coefficients[["n_items", "estimate", "ci_lower", "ci_upper", "interval"]].head(6).round(3)

# %% [markdown]
# The 95 % interval of α, with the method in the last column. What would each scale be without one of its items?

# %%
keep = ("perceived_credibility", "brand_trust", "perceived_legitimacy")
three = "\n".join(line for line in syntax.splitlines() if line.startswith(keep))
without = ss.item_deletion(three, data.frame)
without.loc["brand_trust", ["item_rest", "omega", "omega_change", "average_variance_extracted_change"]].round(3)

# %% [markdown]
# Each row is the scale *without* that item. A positive change would mean that the scale is better without it. Omega
# would fall without any of the items; the AVE would gain a hundredth without `bt_6`, the item with the flaw. Nobody
# would find the flaw by that. Never drop an item for such a gain: it narrows what the construct means.
#
# ## Discriminant validity
#
# Are constructs that have two names two things? HTMT (Henseler et al., 2015) estimates the correlation of two
# constructs from the items; the closer to 1, the less they are distinct. The five highest of 105 pairs, with
# intervals (1,000 bootstrap samples here; for a paper use 5,000 and more):

# %%
htmt = ss.htmt_intervals(fit, n_replicates=1000, seed=1)
htmt.nlargest(5, "htmt").round(3)

# %% [markdown]
# `below_0.85` is True if the whole interval lies below .85, the stricter of the usual limits. When even the highest
# pair is far below, there is nothing to discuss. The classic criterion compares √AVE on the diagonal with the
# correlations beside it:

# %%
ss.fornell_larcker(fit).loc[list(keep), list(keep)].round(2)

# %% [markdown]
# Each diagonal number should exceed the others in its row and column. A test of two constructs you fear are one: fix
# their correlation to 1 (and to .9) and see whether the model suffers (Rönkkö & Cho, 2022).

# %%
doubts = [("risk_reduction", "brand_trust"), ("perceived_credibility", "technical_validity")]
tested = ss.discriminant_validity(study, data, pairs=doubts)
tested[["first", "second", "estimate", "restriction", "chisq_diff", "df_diff", "conclusion"]].round(2)

# %% [markdown]
# A large χ² difference says that the restriction hurts, and the pair is *distinct*. The test is a scaled one, since
# the estimator is robust; the columns `method` and `finding` of the table say which. All correlations of the
# constructs at a glance:

# %%
result = ss.fit_study(study, data, bootstrap=0, rivals=False)
result.figures["latent_correlations"]

# %% [markdown]
# The mark says that the data are simulated. `result.tables` has every table of this section ready for a paper:
# `measurement`, `reliability`, `discriminant_validity`, `factor_correlations`, `cross_loadings`, `fit`.
#
# ## Common method bias
#
# All answers come from one person, one questionnaire, one moment. If some people agree more readily with anything,
# constructs correlate that have nothing to do with each other. We make it happen: a third of the people now answer
# one point higher on every statement.

# %%
items = list(study.specification.indicators)
agreeable = answers["respondent"].astype(int) % 3 == 0
biased = answers.copy()
biased[items] = biased[items].add(agreeable.astype(int), axis=0).clip(upper=7)
flagging = ss.ScreeningRules(attention_checks="flag", incomplete="flag")
agreed = ss.read_responses(biased, study, screening=flagging)

# %% [markdown]
# Now the checks that papers report: one factor for everything, and a *method factor* on which all items load beside
# their construct.

# %%
bias = ss.common_method_bias(study, agreed)
bias.table[["chisq.scaled", "df.scaled", "cfi.robust", "rmsea.robust", "srmr", "admissible"]].round(3)

# %% [markdown]
# One row a model. A single factor fits badly; that shows that there is more than one construct, and nothing else. The
# method factor with free loadings fits far better than the measurement model: there is something that the items
# share. What gives it away are the reverse-keyed items, which it moves the other way; in a questionnaire without any,
# the same bias would pass for correlations of constructs, and no model would notice. (Equal loadings have no proper
# solution here, `admissible` 0: where items load about equally on their constructs too, such a factor can hardly be
# told from correlations among these.) What the toolkit thinks a reader must know:

# %%
GT(pd.DataFrame(bias.findings)[["severity", "where", "message"]])

# %% [markdown]
# Mind Harman's share. The usual reading, "below .50, hence no bias", would acquit data that we spoilt ourselves. What
# matters is what the bias does to correlations:

# %%
clean = ss.factor_correlations(fit).set_index(["first", "second"])["estimate"].rename("answers without bias")
spoilt = bias.correlations.rename(columns={"measurement model": "with bias, ignored"})
pairs = spoilt.join(clean).loc[[("perceived_credibility", "brand_trust"), ("technical_validity", "brand_trust")]]
pairs[["answers without bias", *spoilt.columns]].T.round(2)

# %% [markdown]
# Ignored, the bias inflates the correlations; beside a method factor with free loadings they come back near the first
# row. That is the best case, since our bias is of the simple kind that the model supposes. With real answers a method
# factor also takes up substance, often has no proper solution, and proves nothing by its absence (Richardson et al.,
# 2009). Remedies belong into the design: other sources, separation in time, records (Podsakoff et al., 2003). A
# *marker*, a construct that theory relates to nothing, can be named with `marker=`.
#
# ## Invariance between groups
#
# P10 is about regulation, and one way to look at it is to compare regulated with other sectors. Before you compare
# groups, show that the questionnaire means the same in both. The levels are fitted one after the other until one
# fails: same structure (*configural*), same loadings (*metric*), same intercepts (*scalar*), same residuals
# (*strict*).

# %%
invariance = ss.measurement_invariance(three, data.frame, group="regulated", estimator="MLR")
invariance

# %% [markdown]
# The sentence is for the paper. `d_cfi`, `d_rmsea` and `d_srmr` are the changes from the level before; limits are
# those of Chen (2007), such as a CFI lower by more than .01. *Scalar* fails: with equal constructs, the groups still
# differ in how they answer some item. Which?

# %%
invariance.proposals[["parameter", "chi_square", "df", "p_value", "epc"]].head(3).round(3)

# %% [markdown]
# Score tests of the equality constraints, largest first: the intercept of `bt_6`, the item we tampered with, stands
# out. Let it differ between the groups (*partial* invariance), if you can explain it; the proposal is never applied
# by itself.

# %%
partial = ss.measurement_invariance(three, data.frame, group="regulated", estimator="MLR", group_partial=["bt_6~1"])
partial

# %% [markdown]
# With that one intercept free, the scalar level holds, and means of constructs may be compared:

# %%
means = ss.latent_means(three, data.frame, group="regulated", estimator="MLR", partial=["bt_6~1"])
means.differences[
    ["latent_variable", "group", "reference", "difference", "ci_lower", "ci_upper", "p_adjusted", "d"]
].round(3)

# %% [markdown]
# Group 0 is not regulated, group 1 is. Legitimacy is lower where there is no regulation: the true difference that we
# planted, half a standard deviation within sampling error. Trust does not differ. Compare that with what the means of
# the item alone would have said:

# %%
data.frame.groupby("regulated")["bt_6"].agg(["mean", "sem"]).round(2)

# %% [markdown]
# Mean and standard error of `bt_6` in both groups: a clear difference, and not one of trust.
#
# ## Other structures
#
# Credibility has two facets and risk reduction three. Should each be one construct, correlated facets, or a
# second-order factor above its facets? Fit all of them:

# %%
rivals = ss.compare_measurement(study, data, constructs=["perceived_credibility", "risk_reduction"])
rivals.table[["chisq.scaled", "df.scaled", "cfi.robust", "rmsea.robust", "bic", "admissible"]].round(3)

# %% [markdown]
# Compare BIC (lower is better) and look at `admissible`: 0 means that the solution contains impossible values, such
# as facets that correlate beyond 1. Here the facets are one thing, because they are so in our population. Tests of
# the nested pairs:

# %%
rivals.tests[["restricted", "larger", "chisq_diff", "df_diff", "p_value"]].round(3)

# %% [markdown]
# A small *p* says that the restricted model loses fit; `rivals.findings` says what is impossible about the
# inadmissible ones. If facets turn out to be distinct in your data, the study file can declare a second-order factor;
# decide that on a pilot, not on the sample that tests the propositions.
#
# ## Pilots: exploring
#
# A pilot of 150 people asks an earlier question: how many things do these items measure at all? Parallel analysis
# compares the eigenvalues of the items with those of random data.

# %%
pilot = ss.read_responses(ss.simulate_responses(study, n=150, seed=5, careless=0, ineligible=0), study)
chosen = [name for name in items if name[:2] in ("pc", "tv", "rr")]
parallel = ss.parallel_analysis(pilot.frame[chosen], seed=1, n_samples=500)
ss.plot_scree(parallel)

# %% [markdown]
# As many factors as there are observed eigenvalues above the random ones. The items are those of credibility,
# technical validity and risk reduction, so three would be right:

# %%
explored = ss.efa(pilot.frame[chosen], parallel.n_factors)
explored.loadings.round(2).where(explored.loadings.abs() > 0.3, "")

# %% [markdown]
# Loadings of an exploratory analysis with oblique rotation; those below .30 are left blank to read the pattern. Each
# item should load on one factor, and items of a construct together. Factors have no names and no order: that they are
# credibility or risk is your reading. An exploration cannot confirm; the confirmatory analysis needs other people.
#
# ## For the paper
#
# `result.write_report("folder", formats=("html", "docx"))` writes the measurement section with tables, figures and
# references.
#
# Next: [5 · Propositions and moderation](05_propositions_and_moderation.ipynb).
#
# ### References
#
# Chen, F. F. (2007). Sensitivity of goodness of fit indexes to lack of measurement invariance. *Structural Equation
# Modeling, 14*(3), 464–504. · Fornell, C., & Larcker, D. F. (1981). Evaluating structural equation models with
# unobservable variables and measurement error. *Journal of Marketing Research, 18*(1), 39–50. · Henseler, J., Ringle,
# C. M., & Sarstedt, M. (2015). A new criterion for assessing discriminant validity in variance-based structural
# equation modeling. *Journal of the Academy of Marketing Science, 43*(1), 115–135. · Howard, M. C., Boudreaux, M., &
# Oglesby, M. (2024). Can Harman's single-factor test reliably distinguish between research designs? Not in published
# management studies. *European Journal of Work and Organizational Psychology*. · Hu, L., & Bentler, P. M. (1999).
# Cutoff criteria for fit indexes in covariance structure analysis. *Structural Equation Modeling, 6*(1), 1–55. ·
# Podsakoff, P. M., MacKenzie, S. B., Lee, J.-Y., & Podsakoff, N. P. (2003). Common method biases in behavioral
# research. *Journal of Applied Psychology, 88*(5), 879–903. · Richardson, H. A., Simmering, M. J., & Sturman, M. C.
# (2009). A tale of three perspectives. *Organizational Research Methods, 12*(4), 762–800. · Rönkkö, M., & Cho, E.
# (2022). An updated guideline for assessing discriminant validity. *Organizational Research Methods, 25*(1), 6–47.
