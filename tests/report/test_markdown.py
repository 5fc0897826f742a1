import re
from dataclasses import replace

import pytest

from surveysem.findings import Finding
from surveysem.report import build_document, paper_tables, render_markdown
from surveysem.report.render.markdown import escape_markdown

HOSTILE = "# <script>x</script> | *a* _b_ `c` [d](e) ~f~ $g$\n- h & i"
SHOWN = (
    r"\# &lt;script&gt;x&lt;/script&gt; \| \*a\* \_b\_ \`c\` \[d\](e) \~f\~ \$g\$ - h &amp; i"  # one line, no markup
)


def render(content):
    return render_markdown(build_document(content))


def test_escaping_leaves_no_markup():
    assert escape_markdown(HOSTILE) == SHOWN


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- item", r"\- item"),
        ("+ item", r"\+ item"),
        ("1. item", r"1\. item"),
        ("12) item", r"12\) item"),
        ("93.0% of all", "93.0% of all"),
        ("===", r"\==="),
        ("---", r"\-\-\-"),
        ("a\\b", r"a\\b"),
        ("−.12 [.1, .2]", r"−.12 \[.1, .2\]"),
    ],
)
def test_what_means_something_at_the_start_of_a_line_is_escaped(text, expected):
    assert escape_markdown(text) == expected


def test_user_text_is_escaped_everywhere(small_with):
    content = small_with(wording=HOSTILE)
    proposition = replace(content.verdicts[0].proposition, statement=HOSTILE)
    content = replace(
        content,
        title=HOSTILE,
        source="/data/<script>_a|b*.csv",
        verdicts=(replace(content.verdicts[0], proposition=proposition, reason=HOSTILE),),
        findings=(Finding(severity="note", where="here", message=HOSTILE),),
    )
    text = render(content)
    assert "<script" not in text
    assert not re.search(r"<(?!br)", text)
    assert text.count(SHOWN) > 10
    assert text.splitlines()[0] == f"# {SHOWN}"
    assert r"&lt;script&gt;\_a\|b\*.csv" in text


def test_rows_have_as_many_cells_as_their_head(flagship):
    text = render(flagship)
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(widths) == 1


def test_every_table_and_figure_is_marked_as_simulated(flagship, small):
    lines = render(flagship).splitlines()
    captions = [line for line in lines if line.startswith(("**Table", "**Figure"))]
    assert len(captions) == len(paper_tables(flagship)) + 3  # two figures and the checklist
    assert all("SIMULATED DATA" in caption for caption in captions)
    assert "> **SIMULATED DATA**" in lines
    assert "SIMULATED" not in render(small)


def test_figures_are_referred_to_relatively(flagship):
    assert re.findall(r"^!\[.*\]\((.*)\)$", render(flagship), re.MULTILINE) == [
        "figures/propositions.png",
        "figures/path_diagram.png",
    ]
