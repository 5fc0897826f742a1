import os
from pathlib import Path

import pytest

from surveysem.errors import InputFileError, UnsupportedError
from surveysem.report import write_report
from surveysem.report.render import writing


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def hidden(folder: Path) -> list[Path]:
    return list(folder.rglob(".surveysem-*"))


ALWAYS = {"paragraphs.md", "references.bib"}
REPORT = {"report.html", "report.md", "figures/propositions.png", "figures/path_diagram.png"} | ALWAYS


def test_a_report_is_written_with_its_figures(small, tmp_path):
    target = tmp_path / "new" / "out"
    paths = write_report(small, target)
    assert tree(target) == REPORT
    assert set(paths) == {target / name for name in REPORT}
    assert (target / "figures/propositions.png").read_bytes().startswith(b"\x89PNG")
    assert hidden(tmp_path) == []


def test_other_files_are_left_alone_and_old_reports_replaced(small, tmp_path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "figures" / "own.png").write_text("mine", encoding="utf-8")
    (tmp_path / "report.html").write_text("old", encoding="utf-8")
    write_report(small, str(tmp_path))
    assert tree(tmp_path) == REPORT | {"notes.txt", "figures/own.png"}
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert hidden(tmp_path) == []


def test_one_format_writes_one_file_beside_paragraphs_and_bibliography(small, tmp_path):
    assert {path.name for path in write_report(small, tmp_path / "out", formats=["html"])} == {"report.html"} | ALWAYS


def test_every_format_is_written_in_its_place(small, tmp_path):
    write_report(small, tmp_path / "out", formats=("docx", "latex"))
    written = tree(tmp_path / "out")
    assert {"report.docx", "latex/main.tex", "latex/references.bib", "latex/figures/path_diagram.pdf"} <= written
    assert "latex/tables/verdicts.tex" in written
    assert (tmp_path / "out" / "report.docx").read_bytes().startswith(b"PK")


@pytest.mark.parametrize("formats", [("html", "odt"), ("pdf",), (), "html"])
def test_formats_that_do_not_exist_are_refused_by_name(small, tmp_path, formats):
    with pytest.raises(UnsupportedError, match=r"html"):
        write_report(small, tmp_path / "out", formats=formats)
    assert list(tmp_path.iterdir()) == []


def test_the_refusal_names_what_was_asked_and_what_there_is(small, tmp_path):
    with pytest.raises(UnsupportedError, match=r"'odt', 'pdf'.*Supported formats: html, docx, latex, markdown"):
        write_report(small, tmp_path / "out", formats=("odt", "pdf"))


def test_a_file_in_place_of_the_folder_is_an_error(small, tmp_path):
    target = tmp_path / "out"
    target.write_text("mine", encoding="utf-8")
    with pytest.raises(InputFileError, match="there is a file of that name"):
        write_report(small, target)
    assert target.read_text(encoding="utf-8") == "mine"


def test_a_folder_that_cannot_be_made_is_an_error(small, tmp_path):
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(InputFileError, match="nothing was changed"):
        write_report(small, tmp_path / "file" / "out")


def test_a_failure_while_rendering_writes_nothing(small, tmp_path, monkeypatch):
    def fail(figure):
        raise RuntimeError("no ink")

    monkeypatch.setattr(writing, "png_bytes", fail)
    with pytest.raises(RuntimeError, match="no ink"):
        write_report(small, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_failure_in_one_format_writes_none(small, tmp_path, monkeypatch):
    def fail(document, figures):
        raise UnsupportedError("Table 1 has 200 columns.")

    monkeypatch.setattr(writing, "render_latex", fail)
    with pytest.raises(UnsupportedError, match="200 columns"):
        write_report(small, tmp_path / "out", formats=("html", "docx", "latex"))
    assert list(tmp_path.iterdir()) == []


def test_a_failure_while_moving_puts_the_old_files_back(small, tmp_path, monkeypatch):
    (tmp_path / "report.html").write_text("old", encoding="utf-8")
    replace = os.replace

    def fail(source, target):
        if Path(target).name == "propositions.png":
            raise PermissionError(13, "disk is locked", str(target))
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(InputFileError, match="disk is locked"):
        write_report(small, tmp_path)
    assert tree(tmp_path) == {"report.html"}
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == "old"
    assert hidden(tmp_path) == []


def test_a_folder_where_a_file_belongs_is_an_error(small, tmp_path):
    (tmp_path / "report.md").mkdir()
    with pytest.raises(InputFileError, match="a folder stands where a file of the report belongs"):
        write_report(small, tmp_path)
    assert tree(tmp_path) == set()
