"""Small readers of the questionnaire formats, written from their published descriptions and not from our writers.

Each raises AssertionError where the file breaks the format's grammar.
"""

import csv
import html
import io
import re
from types import SimpleNamespace

import pytest

REDCAP_COLUMNS = 18


def read_limesurvey(content, language):
    """Tab-separated survey structure: classes S, SL, G, Q, SQ, A; parts belong to the row of the higher class above."""
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter="\t"))
    assert {row["class"] for row in rows} <= {"S", "SL", "G", "Q", "SQ", "A"}
    settings = {row["name"]: row["text"] for row in rows if row["class"] == "S"}
    assert {row["language"] for row in rows if row["class"] != "S"} == {
        settings["language"],
        *settings.get("additional_languages", "").split(),
    }
    own = [row for row in rows if row["class"] in ("G", "Q", "SQ", "A") and row["language"] == language]
    questions, group = [], None
    for row in own:
        if row["class"] == "G":
            group = row
        elif row["class"] == "Q":
            assert group is not None
            assert re.fullmatch(r"[A-Za-z][A-Za-z0-9]{0,19}", row["name"]), row["name"]
            assert row["type/scale"] in {"L", "F", "N", "S", "X"}
            questions.append({"row": row, "group": group, "subs": [], "answers": {}})
        elif row["class"] == "SQ":
            assert questions[-1]["row"]["type/scale"] == "F"
            assert re.fullmatch(r"[A-Za-z0-9]{1,20}", row["name"])
            questions[-1]["subs"].append(row)
        else:
            assert re.fullmatch(r"[A-Za-z0-9]{1,5}", row["name"])
            assert row["name"] not in questions[-1]["answers"]
            questions[-1]["answers"][row["name"]] = html.unescape(row["text"])
    for question in questions:
        assert bool(question["subs"]) == (question["row"]["type/scale"] == "F")
        assert bool(question["answers"]) == (question["row"]["type/scale"] in {"L", "F"})
    return settings, questions


def read_qualtrics(text):
    """Advanced Format: tags on lines of their own; a question's text follows its ID; choices, then answers."""
    lines = text.split("\n")
    assert lines[0] == "[[AdvancedFormat]]"
    questions, part = [], None
    for line in lines[1:]:
        tag = re.fullmatch(r"\[\[(\w+)(?::(.*))?\]\]", line)
        assert tag or "[[" not in line, line
        if tag and tag.group(1) == "Question":
            questions.append({"type": tag.group(2), "id": None, "text": [], "choices": {}, "answers": {}})
            part = "text"
        elif tag and tag.group(1) == "ID":
            assert questions[-1]["id"] is None
            questions[-1]["id"] = tag.group(2)
        elif tag and tag.group(1) in ("AdvancedChoices", "AdvancedAnswers"):
            part = None
        elif tag and tag.group(1) in ("Choice", "Answer"):
            part = "choices" if tag.group(1) == "Choice" else "answers"
            assert tag.group(2) not in questions[-1][part]
            code = tag.group(2)
            questions[-1][part][code] = None
        elif tag:
            assert tag.group(1) == "Block", tag.group(1)
        elif line and part == "text":
            questions[-1]["text"].append(html.unescape(line))
        elif line:
            assert questions[-1][part][code] is None, "a choice is one line"
            questions[-1][part][code] = html.unescape(line)
    ids = [question["id"] for question in questions]
    assert len(set(ids)) == len(ids)
    return questions


def read_redcap(content):
    """Data dictionary: 18 columns; matrix fields adjacent, of one type, with the same choices."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))
    assert all(len(row) == REDCAP_COLUMNS for row in rows)
    fields, closed, last = [], set(), ""
    for row in rows[1:]:
        name, _, header, kind, label, choices, _, validation, low, high, _, logic, required, _, _, matrix, _, _ = row
        assert re.fullmatch(r"[a-z]([a-z0-9]|_(?!_))*(?<!_)", name), name
        assert kind in {"text", "radio", "descriptive"}
        assert validation in {"", "integer", "number"}
        assert bool(choices) == (kind == "radio")
        assert not matrix or matrix == last or matrix not in closed
        closed |= {last}
        coded = dict(re.fullmatch(r"\s*(-?\w+), (.*?)\s*", each).groups() for each in choices.split("|") if choices)
        fields.append(
            {"name": name, "label": html.unescape(label), "choices": {k: html.unescape(v) for k, v in coded.items()}}
            | {"logic": logic, "required": required == "y", "matrix": matrix, "limits": (validation, low, high)}
            | {"header": header}
        )
        last = matrix
    names = [field["name"] for field in fields]
    assert len(set(names)) == len(names)
    for field in fields:
        assert set(re.findall(r"\[(\w+)\]", field["logic"])) <= set(names[: names.index(field["name"])])
    assert names[0] == "record_id"
    return fields


@pytest.fixture(scope="session")
def readers():
    return SimpleNamespace(limesurvey=read_limesurvey, qualtrics=read_qualtrics, redcap=read_redcap)
