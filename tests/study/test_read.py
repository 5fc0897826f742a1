"""Study files: everything wrong with one is listed at once, with lines."""

import pytest

import surveysem as ss
from surveysem.bundled_files import bundled_folder
from surveysem.errors import InputFileError, StudyError

SMALL = """\
id: small
title: {en: Small}
instrument: political_democracy
latent_variables:
  - id: industrialization_1960
  - id: democracy_1960
paths:
  - {id: D1, predictor: industrialization_1960, outcome: democracy_1960}
propositions:
  - id: D1
    statement: {en: It holds.}
    expected: positive
"""


def load(tmp_path, text):
    file = tmp_path / "study.yaml"
    file.write_text(text, encoding="utf-8")
    return ss.load_study(file)


def problems(tmp_path, text):
    with pytest.raises(StudyError) as caught:
        load(tmp_path, text)
    return [str(problem) for problem in caught.value.problems]


def test_the_small_study_is_valid(tmp_path):
    study = load(tmp_path, SMALL)
    assert study.propositions[0].rule.alpha == 0.05
    assert len(study.specification.indicators) == 7


MISTAKES = [
    ("outcome: democracy_1960", "outcome: democracy_1970", 8, "'democracy_1970' is no latent variable"),
    ("- id: democracy_1960", "- id: democracy", 6, "'democracy' is no construct"),
    ("expected: positive", "expected: up", 12, "'up' is not a choice"),
    ("  - id: D1\n    statement", "  - id: D9\n    statement", 10, "'D9' is no path"),
    ("instrument: political_democracy", "instrument: politics", 3, "there is no instrument 'politics'"),
    ("title: {en: Small}", "titel: {en: Small}", 2, "`titel` is not a key"),
    ("    expected: positive\n", "", 10, "foretells no sign"),
    ("title: {en: Small}", "title: {fr: Petit}", 2, "there is no text in en"),
    ("id: small", "id: small\nsources: [bolen_1989]", 2, "'bolen_1989' is no known reference"),
    ("propositions:", "residual_covariances:\n  - [x1, x1]\npropositions:", 10, "with itself"),
    ("propositions:", "decision: {alpha: 5}\npropositions:", 9, "alpha"),
    ("propositions:", "screening: {longest_run: 1}\npropositions:", 9, "longest_run"),
    (
        "propositions:",
        "moderation:\n  - {id: M, predictor: democracy_1960, moderator: industrialization_1960, "
        "outcome: industrialization_1960}\npropositions:",
        10,
        "no main effect",
    ),
    (
        "propositions:",
        "indirect_effects:\n  - {id: ind, title: {en: T}, through: [D1, D1]}\npropositions:",
        10,
        "does not begin where",
    ),
    (
        "propositions:",
        "population:\n  note: assumed\n  loading: 0.8\n  effects: {D7: 0.1}\npropositions:",
        12,
        "'D7' is no path",
    ),
]


@pytest.mark.parametrize(("old", "new", "line", "message"), MISTAKES)
def test_each_mistake_is_named_with_its_line(tmp_path, old, new, line, message):
    found = problems(tmp_path, SMALL.replace(old, new, 1))
    assert any(f"study.yaml:{line}" in each and message in each for each in found), found


def test_several_mistakes_come_together(tmp_path):
    text = SMALL.replace("outcome: democracy_1960", "outcome: nowhere").replace(
        "title: {en: Small}", "title: {pt: Pequeno}"
    )
    found = problems(tmp_path, text)
    assert len(found) == 2


def test_group_difference_needs_a_grouping_question(tmp_path):
    text = SMALL.replace("    expected: positive", "    differs: {group: sector, paths: [D1]}")
    assert "'sector' is no grouping question" in problems(tmp_path, text)[0]


def test_not_a_mapping_and_not_yaml(tmp_path):
    assert "not a mapping" in problems(tmp_path, "- one\n- two\n")[0]
    with pytest.raises(InputFileError, match="could not be read"):
        load(tmp_path, "id: [small\n")


def test_an_unknown_name_lists_the_bundled_ones():
    with pytest.raises(InputFileError) as caught:
        ss.load_study("b2b")
    assert "b2b_micro_influencer" in str(caught.value)


def test_an_own_instrument_is_found_beside_the_study(tmp_path):
    own = (bundled_folder("instruments") / "political_democracy.yaml").read_text(encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(own.replace("id: political_democracy", "id: mine"), encoding="utf-8")
    study = load(tmp_path, SMALL.replace("instrument: political_democracy", "instrument: mine"))
    assert study.instrument.id == "mine"


def test_the_fingerprint_changes_with_a_rule_and_not_with_line_endings(tmp_path):
    first = load(tmp_path, SMALL).fingerprint
    assert load(tmp_path, SMALL.replace("\n", "\r\n")).fingerprint == first
    assert load(tmp_path, SMALL.replace("positive", "negative")).fingerprint != first


def test_unknown_keys_inside_an_optional_section_are_told_its_own_keys(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text("id: mine\npopulation:\n  paths: {P1: 0.3}\n  efects: {P1: 0.3}\nimports: {}\n", encoding="utf-8")
    with pytest.raises(ss.SurveySEMError) as error:
        ss.load_study(path)
    told = {problem.where.rpartition(", ")[2]: str(problem) for problem in error.value.problems}
    assert "Available: note, effects, loading" in told["population.paths"]
    assert "Did you mean effects?" in told["population.efects"]
    assert "import_" not in told["imports"]


def test_a_path_with_backslashes_is_told_as_it_was_given():
    with pytest.raises(InputFileError) as caught:
        ss.load_study(r"C:\surveys\mine.yaml")
    assert r"'C:\surveys\mine.yaml'" in caught.value.message
