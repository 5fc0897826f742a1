"""Files a fitted study writes."""

import pandas as pd
import pytest
from docx import Document

import surveysem as ss
from surveysem.errors import UnsupportedError


@pytest.fixture(scope="module")
def result():
    study = ss.load_study("political_democracy")
    return ss.fit_study(study, study.bundled_data())


def test_reports_for_word_and_latex(result, tmp_path):
    paths = result.write_report(tmp_path, formats=("docx", "latex"))
    assert {"report.docx", "main.tex", "references.bib"} <= {path.name for path in paths}
    word = Document(str(tmp_path / "report.docx"))
    assert len(word.tables) == len(result.tables) + len([result.jars])
    main = (tmp_path / "latex" / "main.tex").read_text(encoding="utf-8")
    assert all(rf"\input{{tables/{name}}}" in main for name in result.tables)


def test_tables_as_data_hold_the_unrounded_estimates(result, tmp_path):
    result.write_tables(tmp_path, formats=("csv",))
    paths = pd.read_csv(tmp_path / "paths.csv")
    estimates = result.structural.estimates.query("op == '~'")["estimate"]
    written = paths["estimate"].dropna()
    assert sorted(written) == pytest.approx(sorted(estimates), rel=1e-12)


def test_other_formats_are_refused(result, tmp_path):
    with pytest.raises(UnsupportedError, match=r"'pdf'.*html, docx, latex, markdown"):
        result.write_report(tmp_path / "out", formats=("pdf",))
    with pytest.raises(UnsupportedError, match="a word, not a sequence"):
        result.write_tables(tmp_path / "out", formats="csv")
    assert list(tmp_path.iterdir()) == []
