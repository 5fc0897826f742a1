import re
from base64 import b64decode
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from surveysem.findings import Finding
from surveysem.report import build_document, paper_figures, paper_tables, render_html

VOID = {"meta", "img", "br", "hr", "link", "input"}
HOSTILE = "<script>alert('x')</script> & \"quoted\""


class Checker(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.errors, self.ids, self.links, self.text, self.sources = [], [], [], [], [], []
        self.tags = []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.links += [attributes["href"]] if "href" in attributes else []
        self.sources += [attributes["src"]] if "src" in attributes else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.errors.append(tag)

    def handle_data(self, data):
        self.text.append(data)


def render(content):
    return render_html(build_document(content), paper_figures(content))


def check(html):
    checker = Checker()
    checker.feed(html)
    checker.close()
    return checker


@pytest.fixture(scope="module")
def page(flagship):
    return render(flagship)


@pytest.fixture(scope="module")
def checked(page):
    return check(page)


def test_tags_are_balanced_ids_unique_and_links_lead_somewhere(checked):
    assert checked.errors == []
    assert checked.open == []
    assert len(checked.ids) == len(set(checked.ids))
    assert {link[1:] for link in checked.links} <= set(checked.ids)
    assert all(link.startswith("#") for link in checked.links)


def test_the_file_loads_nothing_from_elsewhere(page, checked):
    assert len(checked.sources) == 2
    assert all(source.startswith("data:image/svg+xml;base64,") for source in checked.sources)
    assert not re.search(r"url\(|@import|<link", page)
    assert b64decode(checked.sources[0].split(",")[1]).lstrip().startswith(b"<?xml")


def test_pictures_have_alternative_text(checked):
    pictures = [attributes for tag, attributes in checked.tags if tag == "img"]
    assert all(len(picture["alt"]) > 40 for picture in pictures)
    assert "P1 supported" in pictures[0]["alt"]


def test_every_table_page_and_figure_is_marked_as_simulated(page, checked, flagship):
    n_tables = len(paper_tables(flagship)) + 1  # the checklist
    captions = re.findall(r'<p class="caption".*?</p>', page)
    assert len(captions) == n_tables
    assert all("SIMULATED DATA" in caption for caption in captions)
    assert all("SIMULATED DATA" in caption for caption in re.findall(r"<figcaption>.*?</figcaption>", page))
    assert '@top-center { content: "SIMULATED DATA"' in page
    assert '<div class="page-mark" aria-hidden="true">SIMULATED DATA</div>' in page
    assert re.search(r"@media print.*\.page-mark \{ display: block; position: fixed", page, re.DOTALL)


def test_real_data_carry_no_mark(small):
    assert "SIMULATED" not in render(small)


def test_the_summary_answers_first(checked):
    text = " ".join("".join(checked.text).split())
    assert text.index("5 of 10") < text.index("Contents") < text.index("1. Sample")
    assert "Cut-offs missed" in text


def test_all_user_text_is_shown_and_not_run(small_with):
    content = small_with(wording=HOSTILE)
    proposition = replace(content.verdicts[0].proposition, statement=HOSTILE)
    content = replace(
        content,
        title=HOSTILE,
        study_id=HOSTILE,
        source=f"/data/{HOSTILE.replace('/', '')}.csv",
        labels={name: f"{label} {HOSTILE}" for name, label in content.labels.items()},
        verdicts=(replace(content.verdicts[0], proposition=proposition, reason=HOSTILE),),
        findings=(Finding(severity="note", where=HOSTILE, message=HOSTILE),),
        simulated=True,
        simulated_note=HOSTILE,
        population_note=HOSTILE,
        agreement=HOSTILE,
        settings={HOSTILE: HOSTILE},
        software={HOSTILE: HOSTILE},
    )
    html = render(content)
    checked = check(html)
    assert checked.errors == []
    assert not any(tag == "script" for tag, _ in checked.tags)
    assert "".join(checked.text).count("<script>alert('x')</script>") > 20


def test_folders_of_the_source_stay_private(page):
    assert "answers.csv" in page
    assert "/home/ana" not in page


def test_rendering_twice_gives_the_same_bytes(small):
    assert render(small) == render(small)
