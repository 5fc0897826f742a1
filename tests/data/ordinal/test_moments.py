import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from surveysem.data.ordinal import ordinal_moments
from surveysem.errors import DataError

CUTS = {"a": [0.2], "b": [-0.8, 0.4], "c": [-1.1, -0.2, 0.5, 1.3]}


def _scores(n_obs: int, correlation: np.ndarray, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).multivariate_normal(
        np.zeros(len(correlation)), correlation, size=n_obs, method="cholesky"
    )


@pytest.fixture
def frame() -> pd.DataFrame:
    scores = _scores(250, 0.5 + 0.5 * np.eye(4), seed=3)
    items = {name: np.searchsorted(cut, scores[:, column]) for column, (name, cut) in enumerate(CUTS.items())}
    return pd.DataFrame(items).assign(y=7 + 2 * scores[:, 3])


def _moments(frame: pd.DataFrame):
    return ordinal_moments(frame, ["a", "b", "y", "c"], ["a", "b", "c"])


def test_what_the_moments_hold(frame):
    moments = _moments(frame)
    assert moments.variables == ("a", "b", "y", "c")
    assert moments.ordered == ("a", "b", "c")
    assert moments.n_obs == 250
    assert moments.categories["b"] == (0, 1, 2)
    assert moments.means["y"] == pytest.approx(frame["y"].mean())
    assert moments.variances["y"] == pytest.approx(frame["y"].var(ddof=0))
    assert moments.statistics[3] == -moments.means["y"]
    np.testing.assert_array_equal(np.diag(moments.correlation), 1.0)
    assert moments.covariance[2, 2] == pytest.approx(moments.variances["y"])
    assert moments.gamma.shape == (len(moments.statistics),) * 2
    np.testing.assert_allclose(moments.gamma, moments.gamma.T, rtol=1e-12, atol=1e-12)


def test_arrays_and_tables_are_read_only(frame):
    moments = _moments(frame)
    for array in (moments.correlation, moments.statistics, moments.gamma, moments.thresholds["b"]):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    for table in (moments.categories, moments.thresholds, moments.means, moments.variances):
        with pytest.raises(TypeError):
            table["new"] = 1


@pytest.mark.parametrize("codes", [[1, 2, 3, 4, 5], [10, 20, 30, 40, 50], [-2.5, 0.0, 0.1, 7.0, 100.0]])
def test_only_the_order_of_the_codes_counts(frame, codes):
    recoded = frame.assign(**{name: np.array(codes)[frame[name]] for name in CUTS})
    first, second = _moments(frame), _moments(recoded)
    np.testing.assert_array_equal(second.statistics, first.statistics)
    np.testing.assert_array_equal(second.gamma, first.gamma)
    assert second.categories["c"] == tuple(codes)


def test_the_order_of_the_rows_does_not_count(frame):
    first, second = _moments(frame), _moments(frame.sample(frac=1, random_state=4))
    np.testing.assert_allclose(second.statistics, first.statistics, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(second.gamma, first.gamma, rtol=1e-9, atol=1e-10)


def test_the_order_of_the_variables_only_moves_the_statistics(frame):
    first = _moments(frame)
    second = ordinal_moments(frame, ["y", "c", "a", "b"], {"c", "b", "a"})
    keys = [frozenset((name.lhs, name.op, name.rhs)) for name in first.statistic_names]
    places = [keys.index(frozenset((name.lhs, name.op, name.rhs))) for name in second.statistic_names]
    np.testing.assert_allclose(second.statistics, first.statistics[places], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(second.gamma, first.gamma[np.ix_(places, places)], rtol=1e-9, atol=1e-10)


def test_a_reversed_item_turns_its_correlations_and_thresholds(frame):
    first, second = _moments(frame), _moments(frame.assign(c=6 - frame["c"]))
    sign = np.array([1, 1, 1, -1])
    np.testing.assert_allclose(second.correlation, first.correlation * np.outer(sign, sign), rtol=1e-9)
    np.testing.assert_allclose(second.thresholds["c"], -first.thresholds["c"][::-1], rtol=1e-12)
    variances = [np.diag(moments.gamma)[-6:] for moments in (first, second)]
    np.testing.assert_allclose(variances[1], variances[0], rtol=1e-9)


def test_units_of_a_continuous_variable_do_not_touch_correlations(frame):
    first, second = _moments(frame), _moments(frame.assign(y=1000 * frame["y"] - 3e5))
    np.testing.assert_allclose(second.correlation, first.correlation, rtol=1e-8)
    scale = np.array([1000.0 if "y" in (name.lhs, name.rhs) else 1.0 for name in first.statistic_names])
    scale *= [1000.0 if str(name) == "y~~y" else 1.0 for name in first.statistic_names]
    np.testing.assert_allclose(second.gamma, first.gamma * np.outer(scale, scale), rtol=1e-6, atol=1e-4)


def test_correlations_and_thresholds_of_a_large_sample_are_the_true_ones():
    """Four standard errors at n = 100 000 are at most 0.02."""
    truth = np.array([[1, 0.6, -0.3, 0.5], [0.6, 1, -0.8, 0.2], [-0.3, -0.8, 1, -0.1], [0.5, 0.2, -0.1, 1]])
    scores = _scores(100_000, truth, seed=12)
    frame = pd.DataFrame({name: np.searchsorted(cut, scores[:, i]) for i, (name, cut) in enumerate(CUTS.items())})
    moments = ordinal_moments(frame.assign(y=5 * scores[:, 3]), ["a", "b", "c", "y"], list(CUTS))
    np.testing.assert_allclose(moments.correlation, truth, atol=0.02)
    for name, cut in CUTS.items():
        np.testing.assert_allclose(moments.thresholds[name], cut, atol=0.02)


def test_independent_items_with_two_categories_have_a_known_variance():
    """For τ = 0 and ρ = 0 the tetrachoric correlation is sin(2π(p₁₁ − ¼)), so that Γ = π²/4."""
    frame = pd.DataFrame({"a": [0, 0, 1, 1] * 25, "b": [0, 1, 0, 1] * 25})
    moments = ordinal_moments(frame, ["a", "b"], ["a", "b"])
    np.testing.assert_allclose(moments.statistics, 0, atol=1e-12)
    np.testing.assert_allclose(moments.gamma, np.diag([np.pi / 2, np.pi / 2, np.pi**2 / 4]), atol=1e-10)


def test_everything_in_the_way_is_named_in_one_error(frame):
    many = np.arange(len(frame)) % 21
    two = (np.arange(len(frame)) % 2).astype(float)
    broken = frame.assign(fixed=3, many=many, two=two, double=frame["y"] * 2)
    with pytest.raises(DataError) as caught:
        ordinal_moments(broken, ["a", "fixed", "many", "two", "y", "double"], ["a", "fixed", "many"])
    text = str(caught.value)
    assert len(caught.value.problems) == 4
    assert "variable fixed: it does not vary (always 3)" in text
    assert "ordered variable many: 21 different values" in text
    assert "continuous variable two: two different values only" in text
    assert "variables y and double: one repeats the other" in text


def test_missing_infinite_and_unknown_are_refused(frame):
    broken = frame.astype(float)
    broken.iloc[[2, 5], 0] = np.nan
    broken.iloc[7, 1] = np.inf
    with pytest.raises(DataError) as caught:
        ordinal_moments(broken, ["a", "b"], ["a", "b"])
    assert "variable a, rows 2, 5: 2 cells missing" in str(caught.value)
    assert "variable b, row 7: 1 cell infinite" in str(caught.value)
    with pytest.raises(DataError) as caught:
        ordinal_moments(frame, ["a", "bb"], ["a", "c"])
    assert "ordered variable c: it is not among the variables" in str(caught.value)
    assert "variable bb: the data have no such column" in str(caught.value)


def test_a_single_item_has_thresholds_alone(frame):
    moments = ordinal_moments(frame, ["c"], ["c"])
    shares = frame["c"].value_counts(normalize=True).sort_index().cumsum()
    np.testing.assert_allclose(moments.statistics, norm.ppf(shares[:-1]), rtol=1e-12)
    assert moments.correlation.tolist() == [[1.0]]
    assert moments.findings == ()


def test_without_ordered_variables_or_rows_there_is_nothing_to_do(frame):
    with pytest.raises(DataError, match="Use sample_moments instead"):
        ordinal_moments(frame, ["y"], [])
    with pytest.raises(DataError, match="1 complete row"):
        ordinal_moments(frame.iloc[:1], ["a", "b"], ["a", "b"])


def _from_table(counts: list[list[int]]) -> pd.DataFrame:
    table = np.array(counts)
    rows, columns = np.indices(table.shape)
    return pd.DataFrame({"a": np.repeat(rows.ravel(), table.ravel()), "b": np.repeat(columns.ravel(), table.ravel())})


@pytest.mark.parametrize(("sign", "limit"), [(1, 0.999), (-1, -0.999)])
def test_items_that_repeat_each_other_are_a_serious_finding(frame, sign, limit):
    moments = ordinal_moments(frame.assign(copy=sign * frame["c"]), ["c", "copy", "b"], ["c", "copy", "b"])
    assert moments.correlation[0, 1] == limit
    (finding,) = [found for found in moments.findings if found.severity == "serious"]
    assert "c with copy" in finding.message
    assert "±0.999" in finding.message
    assert np.isfinite(moments.gamma).all()


def test_two_empty_cells_on_a_diagonal_are_at_the_limit():
    moments = ordinal_moments(_from_table([[40, 0], [0, 60]]), ["a", "b"], ["a", "b"])
    assert moments.correlation[0, 1] == 0.999
    assert [found.severity for found in moments.findings] == ["note", "serious"]


def test_a_correlation_the_data_do_not_determine_is_a_serious_finding():
    """No row joins the rarer categories: the likelihood rises towards −1 for ever, more and more slowly."""
    moments = ordinal_moments(_from_table([[126, 26, 9], [29, 0, 0], [10, 0, 0]]), ["a", "b"], ["a", "b"])
    assert -0.999 < moments.correlation[0, 1] < -0.95
    assert moments.gamma[-1, -1] > moments.n_obs
    (finding,) = [found for found in moments.findings if found.severity == "serious"]
    assert "do not determine the correlation" in finding.message


def test_an_all_but_impossible_row_is_reported():
    cells = [[200, 2, 0, 0, 1], [2, 900, 20, 0, 0], [0, 20, 1200, 20, 0], [0, 0, 20, 900, 2], [0, 0, 0, 2, 200]]
    frame = _from_table(cells)
    moments = ordinal_moments(frame, ["a", "b"], ["a", "b"])
    assert "all but impossible" in " ".join(found.message for found in moments.findings if found.severity == "warning")
    assert np.isfinite(moments.gamma).all()


def test_an_outlier_lowers_a_polyserial_correlation():
    """One gross outlier counts in full, however small its probability."""
    scores = _scores(400, np.array([[1, 0.9], [0.9, 1]]), seed=9)
    frame = pd.DataFrame({"u": np.searchsorted([-1, 0, 1], scores[:, 0]), "y": scores[:, 1]})
    plain = ordinal_moments(frame, ["u", "y"], ["u"]).correlation[0, 1]
    frame.loc[frame["u"].idxmin(), "y"] = 4.0
    assert ordinal_moments(frame, ["u", "y"], ["u"]).correlation[0, 1] < plain - 0.02


def test_an_indefinite_matrix_is_reported_and_kept(frame):
    """Items far apart in their marginals: tetrachoric correlations need not fit together in a small sample."""
    scores = _scores(60, 0.8 + 0.2 * np.eye(6), seed=5)
    items = pd.DataFrame({f"x{i}": (scores[:, i] > 0.3 * i - 0.8).astype(int) for i in range(6)})
    moments = ordinal_moments(items, list(items), list(items))
    smallest = np.linalg.eigvalsh(moments.correlation)[0]
    assert smallest < 0
    assert f"not positive definite (smallest eigenvalue {smallest:.3g})" in moments.findings[-1].message
    assert moments.findings[-1].severity == "warning"
    assert not any("positive definite" in found.message for found in _moments(frame).findings)
