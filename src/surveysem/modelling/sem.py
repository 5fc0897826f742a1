"""From model syntax and a data frame to a fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, get_args

import pandas as pd

from surveysem.errors import DataError, Problem, UnsupportedError
from surveysem.estimation import estimate_model
from surveysem.findings import Finding
from surveysem.inference import Fit, infer
from surveysem.modelling.advice import advise_estimator
from surveysem.modelling.label_notes import label_notes
from surveysem.modelling.latent_moderation import (
    InteractionMethod,
    check_idle_options,
    check_interaction,
    fit_moderated,
)
from surveysem.modelling.least_squares import Weighting, resolve_estimator
from surveysem.modelling.prepare import count_categories, count_groups, prepare_data
from surveysem.modelling.product_indicator import Centering, with_product_indicators
from surveysem.specification import (
    AS_WRITTEN,
    SEM_DEFAULTS,
    Statement,
    ordered_variables,
    parameter_table,
    parse_syntax,
)
from surveysem.specification.defaults import Defaults
from surveysem.specification.expressions import check_definitions
from surveysem.specification.moderation import latent_products, without_products
from surveysem.specification.products import Pairs, ProductPair
from surveysem.specification.roles import variable_roles
from surveysem.typing import EstimatorName, MissingTreatment


def sem(
    syntax: str,
    data: pd.DataFrame,
    *,
    estimator: EstimatorName | Literal["auto"] = "ML",
    missing: str = "listwise",
    group: str | None = None,
    group_equal: Sequence[str] = (),
    group_partial: Sequence[str] = (),
    ordered: Sequence[str] | bool = (),
    cluster: str | None = None,
    meanstructure: bool | None = None,
    std_lv: bool = False,
    orthogonal: bool = False,
    auto: bool = True,
    engine: str = "native",
    interaction: InteractionMethod = "product_indicator",
    centering: Centering = "double",
    pairs: Pairs | None = None,
    nodes: int | None = None,
) -> Fit:
    """A structural equation model fitted by maximum likelihood or least squares, with lavaan's ``sem()`` defaults.

    Parameters
    ----------
    syntax : str
        The model in lavaan's syntax.
    data : pandas.DataFrame
        One row a respondent, one numeric column a variable.
    estimator : str
        Maximum likelihood with normal-theory (ML) or robust standard errors and test statistic: Huber–White with
        Yuan–Bentler (MLR), or Satorra–Bentler with the statistic corrected in mean (MLM), or in mean and variance
        (MLMV, MLMVS). Least squares: GLS (continuous variables only), WLS, DWLS, ULS; and with robust standard errors
        and a corrected statistic WLSM, WLSMV, WLSMVS (weighted as DWLS), ULSM, ULSMV, ULSMVS. Of ordered variables
        the default is WLSMV. ``"auto"`` follows :func:`~surveysem.modelling.advice.advise_estimator` and reports why.
    missing : {"listwise", "fiml"}
        Leave out rows with a missing value in one of the model's variables, or use every row with the values it has
        (full-information maximum likelihood; means are then modelled). ``fit.n_obs`` counts the rows used.
    group : str, optional
        Column whose values part the rows into groups, each with parameters of its own.
    group_equal : sequence of str
        Kinds of parameters held equal across groups: loadings, intercepts, means, regressions, residuals,
        residual_covariances, latent_variances, latent_covariances (lavaan's spellings are understood too). With ordered
        variables thresholds and intercepts go together, unless intercepts of ordered variables are written.
    group_partial : sequence of str
        Parameters freed from that, such as ``"visual=~x2"`` or ``"x3~1"``.
    ordered : sequence of str, or bool
        Observed variables whose values are ordered categories; ``True`` for all that the model explains. Those whose
        thresholds are written (``item | t1 + t2``) are ordered too. Each stands for a normal latent response with
        variance 1, cut at thresholds (the delta parameterisation). Beside observed exogenous variables, everything is
        modelled given these: thresholds, slopes, and covariances of residual responses, whose variance is then 1.
    cluster : str, optional
        Column that names the cluster of each row (the influencer, the firm): standard errors and test statistic then
        allow for dependence within clusters; the estimator is MLR. With ``estimator="ML"`` the statistic rests, as in
        lavaan, on information without the curvature of the model; with ``"MLR"`` it does not leave it out.
    meanstructure : bool, optional
        Model the means; by default where there are groups or clusters or an intercept is written.
    std_lv : bool
        Set scales by unit variances instead of first loadings.
    orthogonal : bool
        Fix covariances of exogenous latent variables to 0 unless they are written.
    auto : bool
        Add lavaan's default parameters; ``False`` gives exactly what is written.
    engine : {"native", "semopy"}
        Software that minimises.
    interaction : {"product_indicator", "lms", "qml"}
        Method for products of latent variables among the predictors (``Y ~ X + Z + X:Z``): products of indicators as
        indicators of the product; latent moderated structural equations (Klein & Moosbrugger 2000), by quadrature;
        or quasi-maximum likelihood (Klein & Muthén 2007).
    centering : {"double", "residual", "unconstrained", "constrained"}
        How product indicators are made; see :func:`~surveysem.modelling.product_indicator.with_product_indicators`.
    pairs : {"all", "matched"}, optional
        Which indicators are multiplied: all of one factor with all of the other (the default), or the first with the
        first, the second with the second … (the default of ``centering="constrained"``).
    nodes : int, optional
        Nodes of quadrature in each dimension, for ``interaction="lms"``; chosen to meet a precision by default.

    Raises
    ------
    ModelSyntaxError, IdentificationError, DataError, EstimationError, UnsupportedError
        Each says where, what was found and what to do.

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> fit = ss.sem("dem60 =~ y1 + y2 + y3 + y4", data)
    >>> fit.fit_indices["df"]
    2.0
    """
    defaults = replace(SEM_DEFAULTS if auto else AS_WRITTEN, standardize_latent=std_lv)
    if orthogonal:
        defaults = replace(defaults, exogenous_covariances=False)
    written: Sequence[Statement] = parse_syntax(syntax)
    statements = written
    products: Mapping[str, tuple[str, str]] = {}
    notes: tuple[Finding, ...] = ()
    recentred: tuple[ProductPair, ...] = ()
    check_interaction(interaction, centering=centering, pairs=pairs or "all")
    check_idle_options(interaction, centering=centering, pairs=pairs, nodes=nodes)
    if group is None and (group_equal or group_partial):
        raise UnsupportedError("group_equal and group_partial do nothing without groups. Name the column: group=….")
    if estimator == "auto":
        estimator, ordered, notes = _advised(statements, data, ordered=ordered, cluster=cluster, missing=missing)
    if interaction == "product_indicator" and latent_products(statements):
        model = with_product_indicators(
            statements,
            data,
            centering=centering,
            pairs=pairs,
            missing=missing,
            group=group,
            group_equal=group_equal,
            ordered=ordered,
            defaults=defaults,
            estimator=estimator,
            cluster=cluster,
        )
        statements, data, products, notes = model.statements, model.frame, model.products, (*notes, *model.notes)
        recentred = model.recentred
    return fit_statements(
        statements,
        data,
        estimator=estimator,
        missing=missing,
        group=group,
        group_equal=_kinds_held_equal(group_equal, statements, _ordered(ordered, statements)),
        group_partial=group_partial,
        ordered=ordered,
        cluster=cluster,
        meanstructure=meanstructure,
        defaults=defaults,
        engine=engine,
        products=products,
        product_indicators=recentred,
        notes=(*label_notes(written), *notes),
        interaction=interaction,
        nodes=nodes,
    )


def cfa(syntax: str, data: pd.DataFrame, **options: object) -> Fit:
    """A confirmatory factor model: :func:`sem` by its other name, as in lavaan."""
    return sem(syntax, data, **options)  # type: ignore[arg-type]


def fit_statements(
    statements: Sequence[Statement],
    data: pd.DataFrame,
    *,
    estimator: EstimatorName = "ML",
    missing: str = "listwise",
    group: str | None = None,
    group_equal: Sequence[str] = (),
    group_partial: Sequence[str] = (),
    ordered: Sequence[str] | bool = (),
    cluster: str | None = None,
    meanstructure: bool | None = None,
    defaults: Defaults = SEM_DEFAULTS,
    engine: str = "native",
    products: Mapping[str, tuple[str, str]] | None = None,
    product_indicators: tuple[ProductPair, ...] = (),
    notes: tuple[Finding, ...] = (),
    interaction: InteractionMethod = "lms",
    nodes: int | None = None,
) -> Fit:
    """A model given as statements, fitted; see :func:`sem`.

    Parameters
    ----------
    statements : sequence of Statement
        The model as written.
    products : Mapping of str to (str, str), optional
        Latent products by name, with the latent variables they are made of.
    product_indicators : tuple of ProductPair
        Observed variables that are double-mean-centred products of others; the bootstrap centres them anew.
    notes : tuple of Finding
        What was noticed about the data before.
    interaction, nodes
        Method for products of latent variables that are still among the predictors; see :func:`sem`.
    """
    if missing not in get_args(MissingTreatment):
        raise UnsupportedError(f"missing={missing!r} is not available. Available: {_choices(MissingTreatment)}.")
    categorical = _ordered(ordered, statements)
    estimator, chosen = resolve_estimator(estimator, ordered=categorical, missing=missing)
    n_groups = count_groups(data, group)
    table = parameter_table(
        statements,
        defaults,
        n_groups=n_groups,
        means=_models_means(
            meanstructure,
            missing=missing,
            groups_or_clusters=(group or cluster) is not None,
            products=bool(latent_products(statements)),
        ),
        equal=group_equal,
        partial=group_partial,
        categories=count_categories(data, variable_roles(_linear(statements)).observed, categorical, group=group),
    )
    check_definitions(table)
    prepared = prepare_data(
        data,
        table.observed,
        group=group,
        cluster=cluster,
        missing=missing,
        exogenous=table.exogenous_observed,
        n_parameters=len({row.free for row in table if row.free and row.op != "|"}),
        weighting=Weighting(
            estimator=estimator, ordered=categorical, has_means=table.has_means, exogenous=table.exogenous_observed
        ),
    )
    if table.products:
        return fit_moderated(
            table,
            prepared,
            estimator=_clustered(estimator, cluster),
            method=interaction,
            nodes=nodes,
            engine=engine,
            notes=(*notes, *chosen),
        )
    solution = estimate_model(table, prepared.samples, discrepancies=prepared.discrepancies, engine=engine)
    return infer(
        solution,
        estimator=_clustered(estimator, cluster),
        # Told of clusters alone, lavaan leaves the curvature out of the statistic's information; told MLR, it does not.
        curved_test=cluster is None or estimator != "ML",
        products=products,
        product_indicators=product_indicators,
        group_labels=prepared.group_labels,
        notes=(*notes, *chosen, *prepared.notes),
        rows=prepared.rows,
    )


def _advised(
    statements: Sequence[Statement],
    data: pd.DataFrame,
    *,
    ordered: Sequence[str] | bool,
    cluster: str | None,
    missing: str,
) -> tuple[EstimatorName, Sequence[str] | bool, tuple[Finding, ...]]:
    """Estimator and ordered variables that the data call for; variables named as ordered stay so."""
    if _ordered(ordered, statements):
        return "ML", ordered, ()
    products = latent_products(statements)
    items = variable_roles(_linear(statements)).observed_not_exogenous
    advice = advise_estimator(data, items, cluster=cluster, missing=missing, categorical=not products)
    return advice.estimator, advice.ordered, advice.findings


def _ordered(ordered: Sequence[str] | bool, statements: Sequence[Statement]) -> tuple[str, ...]:
    """Ordered variables, those whose thresholds are written included, in the order of the observed ones."""
    roles = variable_roles(_linear(statements))
    if isinstance(ordered, bool):
        named = roles.observed_not_exogenous if ordered else ()
    else:
        named = (ordered,) if isinstance(ordered, str) else tuple(ordered)
    unknown = [name for name in named if name not in roles.observed]
    if unknown:
        remedy = f"Observed variables of the model: {', '.join(roles.observed)}."
        problems = [Problem(where="ordered", found=f"{name!r} is not one of them", remedy=remedy) for name in unknown]
        raise DataError("Only observed variables of the model can be ordered.", problems)
    wanted = {*named, *ordered_variables(statements)}
    return tuple(name for name in roles.observed if name in wanted)


def _kinds_held_equal(equal: Sequence[str], statements: Sequence[Statement], ordered: Sequence[str]) -> tuple[str, ...]:
    """Kinds of parameters equal across groups; one of thresholds and intercepts implies the other, as in lavaan."""
    kinds = (equal,) if isinstance(equal, str) else tuple(equal)
    together = {"thresholds", "intercepts"}
    written = any(each.op == "~1" and each.lhs in ordered for each in statements)
    if not ordered or written or not together & set(kinds):
        return kinds
    return (*kinds, *sorted(together - set(kinds)))


def _linear(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    return without_products(statements, latent_products(statements))


def _choices(literal: object) -> str:
    return ", ".join(get_args(literal))


def _models_means(
    meanstructure: bool | None, *, missing: str, groups_or_clusters: bool, products: bool = False
) -> bool:
    """Whether means are modelled: always from incomplete rows and with latent products, else as asked."""
    if missing == "fiml" or products:
        if meanstructure is False:
            what = "missing='fiml'" if missing == "fiml" else "A latent interaction by LMS or QML"
            raise UnsupportedError(f"{what} models the means; leave out meanstructure=False.")
        return True
    return groups_or_clusters if meanstructure is None else meanstructure


def _clustered(estimator: EstimatorName, cluster: str | None) -> EstimatorName:
    """MLR where there are clusters, as in lavaan; other robust estimators know no clusters."""
    if cluster is None:
        return estimator
    if estimator not in ("ML", "MLR"):
        raise UnsupportedError(f"estimator={estimator!r} does not allow for clusters. Available with them: MLR.")
    return "MLR"
