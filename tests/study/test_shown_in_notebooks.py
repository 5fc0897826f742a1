"""A result shows its verdicts in a notebook, without the sentences that the table of verdicts has."""

import surveysem as ss


def test_verdicts_without_rules_and_reasons():
    study = ss.load_study("political_democracy")
    result = ss.fit_study(study, study.bundled_data(), rivals=False)
    html = result._repr_html_()
    assert "The more industrialised a country was in 1960" in html
    assert "supported" in html
    assert "Reason" not in html
    assert "Reason" in result.tables["verdicts"]._repr_html_()
    assert "white-space: nowrap" in html
