"""Labels that look like variables."""

import numpy as np
import pandas as pd
import pytest

import surveysem as ss

MEASUREMENT = "X =~ x1 + x2 + x3\nZ =~ z1 + z2 + z3\nY =~ y1 + y2 + y3\n"


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    x, z, e = rng.normal(size=(3, 200))
    latent = {"x": x, "z": z, "y": 0.4 * x + 0.3 * z + e}
    return pd.DataFrame({f"{name}{i}": latent[name] + 0.5 * rng.normal(size=200) for name in latent for i in (1, 2, 3)})


@pytest.mark.parametrize("estimator", ["ML", "auto"])
def test_a_star_between_variables_is_told_to_be_a_label(data, estimator):
    fit = ss.sem(MEASUREMENT + "Y ~ X + Z + X*Z", data, estimator=estimator)
    told = [each for each in fit.findings if each.severity == "warning"]
    assert [each.where for each in told] == ["Y ~ X*Z"]
    assert told[0].message.endswith("written X:Z.")


def test_labels_of_their_own_are_not_remarked_on(data):
    fit = ss.sem(MEASUREMENT + "Y ~ b1*X + b2*Z + b3*X:Z\nsum := b1 + b2", data, interaction="qml")
    assert not [each for each in fit.findings if each.severity == "warning"]
