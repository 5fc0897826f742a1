from __future__ import annotations

import re
from pathlib import Path

import pytest

from surveysem.errors import SurveySEMError
from surveysem.references import REFERENCES, Reference, bibliography_entry, cite


def test_keys_match_first_author_and_year():
    for key, work in REFERENCES.items():
        assert work.key == key
        assert key.endswith(f"_{work.year}")
        family = work.families[0].lower().translate(str.maketrans("öüéí -", "ouei__"))
        assert key.startswith(family.split("_")[0]), key


def test_fields_are_well_formed():
    for work in REFERENCES.values():
        assert work.authors
        assert all(re.fullmatch(r"[^,]+, [A-ZÁÉ]\.(-?[A-Z]\.| [A-Z]\.)*", author) for author in work.authors), work.key
        assert not work.title.endswith(".")
        assert not work.source.endswith(".")
        assert work.doi is None or re.fullmatch(r"10\.\d{4,}/\S+", work.doi)
        assert work.cited_in is None or work.cited_in in REFERENCES


def test_no_doi_is_given_twice():
    dois = [work.doi.lower() for work in REFERENCES.values() if work.doi]
    assert len(dois) == len(set(dois))


def test_docstrings_cite_known_works():
    section = re.compile(r"References\n +-{10}\n((?: +\S.*\n)+)")
    cited = {}
    for path in sorted((Path(__file__).resolve().parents[1] / "src").rglob("*.py")):
        for match in section.finditer(path.read_text(encoding="utf-8")):
            cited |= dict.fromkeys(re.findall(r"\b[a-z][a-z_]*_(?:19|20)\d\d\b", match[1]), path.name)
    assert len(cited) > 5
    assert {key: name for key, name in cited.items() if key not in REFERENCES} == {}


@pytest.mark.parametrize(
    ("key", "citation"),
    [
        ("ohanian_1990", "Ohanian (1990)"),
        ("hu_bentler_1999", "Hu and Bentler (1999)"),
        ("wen_marsh_hau_2010", "Wen et al. (2010)"),
        ("brosseau_liard_2014", "Brosseau-Liard and Savalei (2014)"),
    ],
)
def test_citations(key, citation):
    assert cite(key) == citation


def test_bibliography_entries_follow_apa():
    assert bibliography_entry("morgan_hunt_1994") == (
        "Morgan, R. M., & Hunt, S. D. (1994). The commitment-trust theory of relationship marketing. "
        "Journal of Marketing, 58(3), 20–38. https://doi.org/10.1177/002224299405800302"
    )
    assert bibliography_entry("king_2022").endswith("(as cited in Lima, 2026)")
    assert "designs? Not in published management studies. European" in bibliography_entry("howard_2024")


def test_an_unknown_key_is_answered_with_the_closest():
    for function in (cite, bibliography_entry):
        with pytest.raises(SurveySEMError, match="Did you mean ohanian_1990"):
            function("ohanian_1991")


def test_references_cannot_be_changed():
    with pytest.raises(TypeError):
        REFERENCES["new"] = REFERENCES["ohanian_1990"]
    with pytest.raises(AttributeError):
        REFERENCES["ohanian_1990"].year = 1
    assert isinstance(REFERENCES["ohanian_1990"], Reference)
