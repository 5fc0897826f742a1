"""Results of several tables as they show themselves in a notebook."""

import pytest

import surveysem as ss

MODEL = "dem60 =~ y1 + y2 + y3 + y4\ndem65 =~ y5 + y6 + y7 + y8\nind60 =~ x1 + x2 + x3"


@pytest.fixture(scope="module")
def democracy():
    return ss.load_study("political_democracy").bundled_data()


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (lambda data: ss.common_method_bias(MODEL, data), ("method factor, equal loadings", "Collinearity", "Howard")),
        (lambda data: ss.compare_measurement(MODEL, data), ("second order", "Tests")),
        (lambda data: ss.parallel_analysis(data, seed=1, n_samples=50), ("Parallel analysis. Components: 2", "n = 75")),
        (lambda data: ss.efa(data, 2), ("minres, oblimin", "Correlations of factors", "communality")),
    ],
)
def test_everything_is_shown(democracy, made, told):
    html = made(democracy)._repr_html_()
    assert html.count("<table") == html.count("</table>") > 0
    assert all(text in html for text in told)


def test_results_of_one_line_do_not_show_their_fields(democracy):
    assert repr(ss.mardia_test(democracy)).startswith("Mardia: skewness")
    assert repr(ss.advise_estimator(democracy)).startswith("Advice: estimator='MLR'")
