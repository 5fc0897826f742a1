import re
import shutil
import subprocess
from pathlib import Path

import pytest

from surveysem.errors import UnsupportedError
from surveysem.references import REFERENCES
from surveysem.report import build_document as report_document
from surveysem.report import paper_figures, paper_tables, render_latex
from surveysem.report.inline import cited
from surveysem.report.render.bibtex import render_bibtex
from surveysem.report.render.latex_text import escape_latex
from surveysem.report.table import Column, Row

SNAPSHOTS = Path(__file__).parent / "snapshots"
NO_PDFLATEX = shutil.which("pdflatex") is None
MISSING = re.compile(r"^!.*|.*Warning.*|.*Overfull.*|.*Missing character.*|.*undefined.*", re.MULTILINE)


@pytest.fixture
def project(make_document, make_figures):
    return render_latex(make_document(), make_figures())


@pytest.fixture(scope="module")
def report(flagship):
    return render_latex(report_document(flagship), paper_figures(flagship))


def compiled(project: dict[str, bytes], folder: Path) -> str:
    """What pdfLaTeX complains about in the second of two runs."""
    for name, content in project.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "main.tex"]
    for _ in range(2):
        subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120)
    log = (folder / "main.log").read_text(encoding="latin-1")
    assert (folder / "main.pdf").exists(), log[-2000:]
    return "\n".join(line for line in MISSING.findall(log) if "infwarerr" not in line)


def test_files(project):
    assert set(project) == {"main.tex", "references.bib", "tables/effects.tex", "figures/slopes.pdf"}
    assert project["figures/slopes.pdf"].startswith(b"%PDF")


@pytest.mark.parametrize("name", ["main.tex", "tables/effects.tex", "references.bib"])
def test_text_of_the_project(project, name):
    assert project[name].decode("utf-8") == (SNAPSHOTS / Path(name).name).read_text(encoding="utf-8")


def test_the_same_report_gives_the_same_bytes(project, make_document, make_figures):
    assert render_latex(make_document(), make_figures()) == project


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a & b_c 5% #1", r"a \& b\_c 5\% \#1"),
        (r"\x{y}$z$", r"\textbackslash{}x\{y\}\$z\$"),
        ("~^", r"\textasciitilde{}\textasciicircum{}"),
        ("<a>", r"\textless{}a\textgreater{}"),
        ("--- ?` ,, don't ''", r"-{}-{}- ?\textasciigrave{} ,{}, don't '{}'"),
        ("理論 \U0001f600", "\\otherscript{CJK script, U+1F600}{理論 \U0001f600}"),
        ("χ² ≤ −.5", r"\ensuremath{\chi}\textsuperscript{2} \ensuremath{\le} \ensuremath{-}.5"),
        ("xᵢ", r"x\textsubscript{i}"),
        ("éßŁő", "éßŁő"),
        ("ạ ế", r"\d{a} \'{\^{e}}"),
        ("e\u0301", "é"),
        ("שלום עולם!", r"\otherscript{Hebrew script}{שלום עולם}!"),
        ("a Привет мир b", r"a \otherscript{Cyrillic script}{Привет мир} b"),
        ("a\u200f\n b", "a b"),
        ("\x07", "\\otherscript{U+0007}{\ufffd}"),
    ],
)
def test_escaping(text, expected):
    assert escape_latex(text) == expected


def test_braces_stay_balanced_and_nothing_runs(make_document, make_figures, make_table, hostile):
    table = make_table(title=hostile, rows=(Row(cells={"name": hostile, "b": 1.0, "reason": hostile}),))
    for name, content in render_latex(make_document(hostile, table=table), make_figures()).items():
        if name.endswith(".pdf"):
            continue
        bare = re.sub(r"\\[{}\\%]", "", content.decode("utf-8"))
        assert bare.count("{") == bare.count("}"), name
        assert "\\f " not in bare
        assert not re.search(
            r"(?<!\\)[$#&_](?![1-9{ ])", re.sub(r"\\input.*|\\include.*|\\label.*|\\cited.*|% .*", "", bare)
        )


@pytest.mark.skipif(NO_PDFLATEX, reason="needs pdflatex")
def test_hostile_texts_compile_without_complaint(make_document, make_figures, make_table, hostile_texts, tmp_path):
    rows = tuple(Row(cells={"name": text, "b": -1.5, "reason": text}, indent=1) for text in hostile_texts)
    document = make_document(" ".join(hostile_texts), table=make_table(title=hostile_texts[0], rows=rows))
    assert compiled(render_latex(document, make_figures()), tmp_path) == ""


@pytest.mark.skipif(NO_PDFLATEX, reason="needs pdflatex")
def test_a_report_compiles_without_complaint(report, tmp_path):
    assert compiled(report, tmp_path) == ""


def test_every_table_has_a_file_that_is_input_once(flagship, report):
    main = report["main.tex"].decode("utf-8")
    assert re.findall(r"\\input\{tables/(\w+)\}", main) == [*paper_tables(flagship), "jars"]
    assert all(b"SIMULATED DATA" in report[f"tables/{name}.tex"] for name in paper_tables(flagship))


def test_citations_have_entries(report):
    text = "".join(content.decode("utf-8") for name, content in report.items() if name.endswith(".tex"))
    used = set(re.findall(r"\\cited\{(\w+)\}", text))
    assert used
    assert used <= set(re.findall(r"\\bibitem\[.*?\]\{(\w+)\}", text))
    assert used <= set(re.findall(r"^@\w+\{(\w+),", report["references.bib"].decode("utf-8"), re.MULTILINE))


def test_counters_are_set_where_numbers_do_not_follow(make_document, make_figures, make_table):
    def table_file(**changes):
        return render_latex(make_document(table=make_table(**changes)), make_figures())["tables/effects.tex"]

    assert b"setcounter" not in table_file()
    assert table_file(number=4).startswith(rb"\setcounter{table}{3}")


def test_long_tables_break_and_wide_ones_turn(make_document, make_figures, make_table):
    rows = tuple(Row(cells={"name": f"[{number}]", "b": 0.5}) for number in range(80))
    long = render_latex(make_document(table=make_table(rows=rows)), make_figures())["tables/effects.tex"].decode(
        "utf-8"
    )
    assert r"\begin{longtable}" in long
    assert "\n{}[0] & 0.50" in long
    columns = tuple(Column(key=str(k), label=str(k), kind="decimal") for k in range(20))
    table = make_table(columns=columns, rows=(Row(cells={str(k): 1234.5678 for k in range(20)}),))
    wide = render_latex(make_document(table=table), make_figures())["tables/effects.tex"].decode("utf-8")
    assert wide.startswith(r"\begin{landscape}")


def test_a_language_babel_is_not_told_is_refused(make_document, make_figures):
    with pytest.raises(UnsupportedError, match=r"'tlh'.*en, pt"):
        render_latex(make_document(language="tlh"), make_figures())


def test_every_work_of_the_package_becomes_an_entry():
    text = render_bibtex([cited(key) for key in REFERENCES])
    assert re.findall(r"^@\w+\{(\w+),", text, re.MULTILINE) == list(REFERENCES)
    bare = re.sub(r"\\[{}]", "", text)
    assert bare.count("{") == bare.count("}")
    assert "  pages = {39--52}" in render_bibtex([cited("ohanian_1990")])
