"""Rules that single propositions and parts have for themselves."""

import pytest

import surveysem as ss
from surveysem.errors import StudyError

STUDY = """
id: small
title: {en: Small}
instrument: political_democracy
data: political_democracy
latent_variables:
  - id: industrialization_1960
  - id: democracy_1960
  - id: democracy_1965
paths:
  - {id: D1, predictor: industrialization_1960, outcome: democracy_1960}
  - {id: D2, predictor: industrialization_1960, outcome: democracy_1965}
  - {id: D3, predictor: democracy_1960, outcome: democracy_1965}
propositions:
  - {id: H1, statement: {en: One.}, tests: D1, expected: positive, OWN}
  - id: H2
    statement: {en: Two.}
    alpha: 0.001
    smallest_effect: 0.1
    family: later
    parts:
      - {id: H2a, statement: {en: First.}, tests: D2, expected: positive}
      - {id: H2b, statement: {en: Second.}, tests: D3, expected: positive, alpha: 0.1, sides: one}
decision: {alpha: 0.05, sides: two, multiplicity: holm}
"""


def _study(folder, own):
    path = folder / "study.yaml"
    path.write_text(STUDY.replace("OWN", own), encoding="utf-8")
    return ss.load_study(path)


def _rules(study):
    parts = [part for each in study.propositions for part in each.parts or (each,)]
    return {each.id: (each.rule.alpha, each.rule.sides, each.rule.smallest_effect, each.rule.family) for each in parts}


def test_what_is_not_written_comes_from_the_whole_and_then_from_the_study(tmp_path):
    assert _rules(_study(tmp_path, "alpha: 0.01, sides: one")) == {
        "H1": (0.01, "one", None, ""),
        "H2a": (0.001, "two", 0.1, "later"),
        "H2b": (0.1, "one", 0.1, "later"),
    }


def test_verdicts_and_intervals_follow_the_rule_of_the_proposition(tmp_path):
    strict = _study(tmp_path, "alpha: 0.01")
    result = ss.fit_study(strict, strict.bundled_data())
    rows = result.structural.estimates.set_index(["lhs", "rhs"])
    row = rows.loc[("democracy_1960", "industrialization_1960")]
    verdict = result.verdicts.loc["H1"]
    assert verdict["ci_lower"] == pytest.approx(row["estimate"] - 2.5758293035 * row["std_error"])
    assert "99% CI" in verdict["reason"]
    # one test in its own family: no adjustment; two in the other
    assert result.verdicts.loc["H1", "p_adjusted"] == result.verdicts.loc["H1", "p_value"]
    assert result.verdicts.loc["H2a", "verdict"] == "not supported"
    assert result.verdicts.loc["H2a", "p_value"] > 0.001


def test_levels_that_are_none_are_refused_with_their_line(tmp_path):
    with pytest.raises(StudyError, match=r"propositions\.0\.alpha"):
        _study(tmp_path, "alpha: 0.7")
