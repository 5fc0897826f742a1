"""Options that would do nothing are refused, not ignored."""

import pandas as pd
import pytest

import surveysem as ss
from surveysem.errors import UnsupportedError

MODEL = "X =~ x1 + x2\nZ =~ z1 + z2\nY =~ y1 + y2\nY ~ X + Z + X:Z"


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"interaction": "product_indicator", "nodes": 5}, "nodes: 5 does nothing"),
        ({"interaction": "lms", "centering": "residual"}, "centering: 'residual' does nothing"),
        ({"interaction": "qml", "pairs": "matched", "nodes": 9}, "pairs: 'matched' does nothing"),
        ({"group_equal": ("loadings",)}, "without groups"),
        ({"group_partial": ("X=~x2",)}, "without groups"),
    ],
)
def test_options_that_would_do_nothing_are_refused(options, found):
    with pytest.raises(UnsupportedError, match=found):
        ss.sem(MODEL, pd.DataFrame(), **options)
