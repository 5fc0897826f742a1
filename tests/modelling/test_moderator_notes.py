"""What is said of main effects and observed moderators by LMS and QML."""

import numpy as np
import pandas as pd
import pytest

import surveysem as ss

MEASUREMENT = "X =~ x1 + x2 + x3\nY =~ y1 + y2 + y3\n"
MODEL = MEASUREMENT + "Y ~ X + w + d + X:w + X:d"


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    """X and w correlate .5; w has mean 5, d is 0 or 1."""
    rng = np.random.default_rng(5)
    x, w = rng.multivariate_normal([0.0, 0.0], [[1.0, 0.5], [0.5, 1.0]], 4000).T
    d = (rng.uniform(size=4000) < 0.4).astype(float)
    y = 0.4 * x + 0.3 * w + 0.2 * d + 0.3 * x * w + 0.2 * x * d + 0.7 * rng.standard_normal(4000)
    latent = {"x": x, "y": y}
    items = {f"{name}{i}": latent[name] + 0.4 * rng.standard_normal(4000) for name in latent for i in (1, 2, 3)}
    return pd.DataFrame(items).assign(w=5.0 + w, d=d)


def warnings_of(fit) -> str:
    return "\n".join(f"{each.where}: {each.message}" for each in fit.findings if each.severity == "warning")


def test_a_moderator_without_covariances_is_told_and_the_remedy_recovers_the_truth(data):
    bare = ss.sem(MODEL, data, interaction="qml")
    assert "w ~~ X + d," in warnings_of(bare)
    assert "d ~~ X," in warnings_of(bare)
    told = ss.sem(MODEL + "\nw ~~ X + d\nd ~~ X", data, interaction="qml")
    assert "uncorrelated" not in warnings_of(told)
    truth = 1.0 - 0.49 / (0.49 + (0.48**2 + 0.09 + 0.48 * 0.3 + 0.09 * 1.25 + 0.24 * (0.04 + 0.04)))
    # Four standard errors of R², and far from what the model without the covariance says.
    assert told.r_squared["Y"] == pytest.approx(truth, abs=0.04)
    assert bare.r_squared["Y"] < truth - 0.05


def test_an_effect_at_a_value_that_nobody_has_is_told(data):
    model = MEASUREMENT + "Y ~ X + w + X:w\nw ~~ X"
    raw, centred = (ss.sem(model, frame, interaction="qml") for frame in (data, data.assign(w=data.w - data.w.mean())))
    assert "No value of w reaches 0" in warnings_of(raw)
    assert "reaches 0" not in warnings_of(centred)
    assert any("the effect of X is that at w = 0 (its mean is 4.9" in each.message for each in raw.findings)
    assert any("the effect of X is that at w = 0 (its mean)," in each.message for each in centred.findings)
    slopes = [ss.simple_slopes(fit, x="X", moderator="w", outcome="Y").slope for fit in (raw, centred)]
    np.testing.assert_allclose(*slopes, atol=1e-5)


def test_factors_are_latent_means_where_these_are_0(data):
    fit = ss.sem(MEASUREMENT + "Y ~ X + X:X", data, interaction="qml")
    assert any(
        each.message == "Beside this product the effect of X is its slope at X = 0 (its mean)." for each in fit.findings
    )
