# %% [markdown]
# # 5 · Propositions and moderation
#
# The framework of Lima (2026) is put to the test: ten propositions, one model, verdicts. Then the two interactions
# are looked at from all sides: by other methods, at values of the moderator, along an indirect effect. Last, we try
# to break the result: with rival models, with other defensible analyses, without the respondents it hangs on most.
#
# The answers are **simulated**. No data exist for this framework, and nothing here says anything about
# micro-influencers. What can be learnt is how a result is read, and how far it can be trusted.

# %% [markdown]
# ## Fit
#
# Load study and answers, and fit. `bootstrap=0` leaves out the bootstrap that the study declares for its intervals,
# to be quick; in a paper leave it in.

# %%
import pandas as pd
from scipy.stats import norm

import surveysem as ss

pd.set_option("display.max_colwidth", None)
study = ss.load_study("b2b_micro_influencer")
data = ss.read_responses(ss.simulate_responses(study, n=400, seed=7), study)
result = ss.fit_study(study, data, bootstrap=0)
result

# %% [markdown]
# One row a proposition, the parts of P10 under it. Read a row from left to right: what was claimed, the verdict, then
# its evidence. β is the standardised effect; *p* adj. is *p* after adjustment for the number of tests; *f*² is what the
# predictor adds to the explained variance, as a share of what is left unexplained.
#
# All but P10 are supported, and P10 is partially so: of its three parts, one (P10c) is not supported. In the
# population these answers were drawn from P10c is exactly zero, so this is as it should be.
#
# ## How a verdict is made
#
# A verdict is a rule applied to numbers, and the rule was in the study file before there were any. Here are three.

# %%
result.verdicts.loc[["P9", "P10", "P10c"], ["rule", "reason"]]

# %% [markdown]
# P9 expects a positive sign, P10c none in particular ("two-sided"); P10 is decided by its parts. Nothing in this is
# magic, so let us do it by hand. The *p*-value comes from the estimate and its standard error. The adjustment is
# Holm's: sort the *p*-values, multiply the smallest by the number of tests, the next by one less, and so on, and let
# no *p* become smaller than the one before it.

# %%
tests = result.verdicts.dropna(subset=["p_value"])
by_hand = pd.DataFrame({"z": tests["estimate"] / tests["std_error"]})
by_hand["p"] = 2 * norm.sf(by_hand["z"].abs())
by_hand = by_hand.sort_values("p")
times = by_hand["p"].rank(ascending=False)
by_hand["p adjusted"] = (by_hand["p"] * times).cummax().clip(upper=1)
by_hand["by the toolkit"] = tests["p_adjusted"]
by_hand.tail(5).round(5)

# %% [markdown]
# The last two columns agree. With an adjusted *p* below .05 and the right sign, P9 is "supported"; P10c is not.
#
# "Not supported" means that the data do not decide. To say that there is *no* effect worth mentioning, the whole 90 %
# interval of β would have to lie within the smallest effect of interest, ±.05 for an interaction. Does it, for P10c?

# %%
beta, error = result.verdicts.loc["P10c", ["std_estimate", "std_std_error"]]
ends = {"lower": beta - norm.ppf(0.95) * error, "upper": beta + norm.ppf(0.95) * error}
pd.DataFrame(ends, index=["90 % interval of β"]).astype(float).round(3)

# %% [markdown]
# It does not: the interval reaches beyond −.05. An effect of −.10 is as compatible with these answers as none at all.
# That is what "not supported" says here, no less and no more.
#
# ## What an interaction is
#
# P9 says that credibility reduces risk *more* where the product is complex: the effect of one construct depends on
# another. Its coefficient alone tells little, so ask for its size in several currencies.

# %%
effects = ss.moderation_effects(result.structural).set_index("product")
effects[["estimate", "std_error", "p_value", "std_all", "f_squared", "delta_r_squared", "benchmark"]].T

# %% [markdown]
# `std_all` for P9, .156, means: where complexity is one standard deviation higher, the standardised effect of
# credibility is .156 larger. `delta_r_squared` is the share of variance that the product explains. `benchmark` follows
# Kenny (2018), who calls an *f*² of .005 small, .01 medium and .025 large: interactions are small by nature, the
# median in management research being .002 (Aguinis et al., 2005).
#
# ## Three methods
#
# The product of two latent variables has no column in the data. There are three ways round that:
#
# * **product indicators** (the default): multiply items, and let the products measure the latent product. Needs no
#   normal latent variables under robust maximum likelihood;
# * **LMS** (Klein & Moosbrugger, 2000): maximum likelihood without products. More precise where latent variables are
#   normal, biased where they are skewed;
# * **QML** (Klein & Muthén, 2007): a quick approximation to LMS, with the same assumption.
#
# Which one decides is declared in the study file. The others are for comparison: where they agree, the finding does
# not hang on the method.

# %%
methods = ss.compare_moderation(study, data, methods=["double_matched", "residual", "lms", "qml"])
columns = ["hypothesis", "method", "estimate", "beta", "ci_lower", "ci_upper", "p_value"]
methods.table[columns].round(3)

# %% [markdown]
# Every row is a method. The intervals of P9 all lie above zero, those of P10c all include it. LMS and QML come out a
# little higher for P9. Here the latent variables *are* normal, so they have the right to; with real answers look at
# the skew of the items first. In words for the paper:

# %%
[finding.message for finding in methods.findings if "agree" in finding.message]

# %% [markdown]
# LMS also offers the likelihood-ratio test of a product, the model with it against the model without. `interaction=`
# chooses the method of a whole study:

# %%
by_lms = ss.fit_study(study, data, interaction="lms", bootstrap=0, rivals=False)
by_lms.product_tests[["product", "chisq_diff", "df_diff", "p_value"]].round(4)

# %% [markdown]
# The model is clearly better with the product of P9 than without; with that of P10c it is not. The last row tests both
# at once. (Under robust maximum likelihood each test is scaled on its own, so the statistics need not add up.)
#
# ## Simple slopes
#
# A reader wants to know: how strong is the effect of credibility for simple products, and for complex ones? Slopes at
# one standard deviation below the mean of complexity, at the mean, and one above:

# %%
where = {"x": "perceived_credibility", "moderator": "product_complexity", "outcome": "risk_reduction"}
slopes = ss.simple_slopes(result.structural, **where)
slopes[["at", "slope", "std_error", "ci_lower", "ci_upper", "p_value", "std_slope"]].round(3)

# %% [markdown]
# Credibility helps everywhere, and about twice as much for complex products (+1) as for simple ones (−1). As a
# picture:

# %%
result.figures["simple_slopes_P9"]

# %% [markdown]
# One line for each level of complexity, with its 95 % band. The lines are not parallel: that is the interaction. The
# steepest is that of complex products. The ticks at the bottom are respondents, so that you see where the lines rest
# on data. (For a model of your own there is `ss.plot_simple_slopes`.)
#
# ## Where the effect begins
#
# One standard deviation is a habit, not a boundary. The Johnson–Neyman technique asks for which values of complexity
# the effect differs from zero at all.

# %%
regions = ss.johnson_neyman(result.structural, **where)
regions

# %% [markdown]
# Read the last column: the share of respondents in each region. The effect is positive and significant for 96 % of
# them. The region where it would be negative begins more than six standard deviations below the mean, where nobody is
# (the text says so): a property of the formula, not of buyers. Do not report such a region as a finding. The same as a
# curve, with readable names in place of ids:

# %%
labels = {each.id: each.label["en"] for each in study.instrument.constructs}
ss.plot_johnson_neyman(result.structural, **where, labels=labels, width=5)

# %% [markdown]
# The line is the effect of credibility along complexity, the band its interval. Where the band includes zero, the
# effect cannot be told from none.
#
# ## A conditional indirect effect
#
# Credibility is supposed to build trust *through* risk reduction. If its first step is stronger for complex products,
# so is the whole indirect effect. Steps are multiplied, so intervals come from simulation (Monte Carlo), which does
# not take products for normal.

# %%
path = ["perceived_credibility", "risk_reduction", "brand_trust"]
along = {"path": path, "moderator": "product_complexity"}
through_risk = ss.conditional_indirect(result.structural, **along)
through_risk.effects[["at", "indirect", "ci_lower", "ci_upper", "std_indirect"]].round(3)

# %% [markdown]
# The indirect effect grows with complexity. Whether it grows *significantly* is the question of the index of moderated
# mediation (Hayes, 2015): by how much it changes for one unit of complexity.

# %%
through_risk.index[["index", "ci_lower", "ci_upper"]].round(3)

# %% [markdown]
# The interval excludes zero, so it does. The picture shows indirect effect and band along complexity:

# %%
ss.plot_conditional_indirect(result.structural, **along, labels=labels, width=5)

# %% [markdown]
# ## What a sceptic would rather believe
#
# A model that fits is not the only one that fits. The study declares three rivals: credibility builds trust through
# risk reduction *alone*; nothing is moderated; network and engagement build trust *directly* too. All are fitted to the
# same answers.

# %%
result.tables["model_comparison"]

# %% [markdown]
# How to read it: a rival that leaves something out fits worse, the question is whether *significantly* so (Δχ² and its
# *p*). Both restricted rivals do: the direct effect of credibility and the interactions are needed. The rival that
# adds two paths is no significant improvement; AIC puts it close to the study's model, and BIC, which charges more for
# parameters, far behind. The weights *w* compare these four models only. They say nothing about models that nobody
# thought of.
#
# ## Other defensible analyses
#
# Estimator, method of moderation, items: somebody else might have chosen otherwise, with good reason. A *multiverse*
# makes all combinations of such choices and judges each by the same rules. Here 2 × 2 × 2, with a short scale of
# credibility (three of six items) as the other measurement.

# %%
short = ss.MeasurementVariant(indicators={"perceived_credibility": ["pc_1", "pc_2", "pc_3"]})
specifications = ss.multiverse(
    study,
    data,
    estimators=["MLR", "ML"],
    interactions=["product_indicator", "lms"],
    measurement={"short credibility": short},
)
specifications

# %% [markdown]
# The sentences on top say it all: no verdict depends on these choices. For a proposition that matters, look at every
# single specification, sorted by size of effect:

# %%
specifications.plot("P9")

# %% [markdown]
# Above, estimate and interval of each specification; below, what was chosen in it. The method makes some difference
# (LMS is higher), and none of it reaches the verdict. Declare such a set in the study file *before* you see data
# (`robustness:`), and report all of it. Specifications share their answers, so the share that supports a proposition
# is no probability.
#
# ## Respondents the result hangs on
#
# Last, is it carried by a few people? Each respondent is left out in turn, 390 refits, and the distance the estimates
# then move is recorded.

# %%
influence = ss.influence(result)
influence

# %% [markdown]
# Δ/SE is the largest change of an effect, in its own standard errors, when that respondent is left out. Here nobody
# moves anything by more than half a standard error, and no verdict changes. Had somebody done so, it would be a reason
# to look at that questionnaire, not to delete it.

# %%
influence.plot()

# %% [markdown]
# One line a respondent, in the order of the file. You look for lines that stand far above all others.
#
# ## What to report
#
# Verdict with estimate, interval and adjusted *p*; the method of the interaction and a second one; slopes at values of
# the moderator that occur; rivals and robustness analyses, whichever way they come out. All of it is in the report,
# the next topic: [6 · The report](06_the_report.ipynb).
#
# ### References
#
# Aguinis, H., Beaty, J. C., Boik, R. J., & Pierce, C. A. (2005). Effect size and power in assessing moderating effects
# of categorical variables using multiple regression. *Journal of Applied Psychology, 90*(1), 94–107. · Hayes, A. F.
# (2015). An index and test of linear moderated mediation. *Multivariate Behavioral Research, 50*(1), 1–22. · Kenny, D.
# A. (2018). *Moderator variables: Introduction*. http://davidakenny.net/cm/moderation.htm · Klein, A., & Moosbrugger,
# H. (2000). Maximum likelihood estimation of latent interaction effects with the LMS method. *Psychometrika, 65*(4),
# 457–474. · Klein, A. G., & Muthén, B. O. (2007). Quasi-maximum likelihood estimation of structural equation models
# with multiple interaction and quadratic effects. *Multivariate Behavioral Research, 42*(4), 647–673. · Lima, A.
# (2026). Micro-influencers as catalysts for brand building: Transforming B2B marketing strategies in the digital age.
# *Premier Journal of Business and Management, 8*, 100015.
