"""Write study.schema.json and study-schema.md, from the model that validates study files.

Run it as: python docs/make_study_schema.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from surveysem.study import study_json_schema

FOLDER = Path(__file__).parent
HEAD = """# Study files

A study file (`models/*.yaml`) says what is put to the test, by which model, and which rules turn estimates into
verdicts. It names its questionnaire (see [instrument-schema.md](instrument-schema.md)). Everything in it is settled
before data are read; reports print a fingerprint of both files.

Editors that read `# yaml-language-server: $schema=…/docs/study.schema.json` complete and check as you type. When a file
is read, every mistake is listed at once with its line.

Texts are given per language: `{en: …, pt: …}`. Ids begin with a letter and use letters, digits and underscores.

A small complete study:

```yaml
id: small_study
title: {en: "Does expertise make content valid?"}
instrument: b2b_micro_influencer
latent_variables:
  - id: professional_expertise
  - id: technical_validity
paths:
  - {id: H1, predictor: professional_expertise, outcome: technical_validity}
propositions:
  - id: H1
    statement: {en: "The more expert the influencer, the more valid the content."}
    expected: positive
decision: {alpha: 0.05, sides: two, multiplicity: none}
```
"""


def page(schema: dict[str, Any]) -> str:
    """The page that describes every key."""
    parts = {"Top level": schema} | schema["$defs"]
    return HEAD + "".join(_section(title, part) for title, part in parts.items())


def _section(title: str, part: dict[str, Any]) -> str:
    rows = [_row(name, field, name in part.get("required", [])) for name, field in part["properties"].items()]
    head = f"\n## {title}\n\n{part['description']}\n\n| key | value | needed | meaning |\n|---|---|---|---|\n"
    return head + "".join(rows)


def _row(name: str, field: dict[str, Any], needed: bool) -> str:
    state = "yes" if needed else f"no; `{json.dumps(field['default'])}`" if field.get("default") is not None else "no"
    return f"| `{name}` | {_type(field)} | {state} | {field.get('description', '')} |\n"


def _type(field: dict[str, Any]) -> str:
    if "$ref" in field:
        name = field["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "enum" in field:
        return ", ".join(f"`{choice}`" for choice in field["enum"])
    if "anyOf" in field:
        return " or ".join(_type(option) for option in field["anyOf"] if option.get("type") != "null")
    if field.get("type") == "array":
        return f"list of {_type(field['items'])}" if "items" in field else "pair"
    if field.get("type") == "object":
        return "text per language" if _is_text(field) else f"{_inner_type(field)} per id"
    if "const" in field:
        return f"`{field['const']}`"
    names = {"string": "text", "number": "number", "integer": "whole number", "boolean": "`true` or `false`"}
    return names[field["type"]]


def _inner_type(field: dict[str, Any]) -> str:
    (inner,) = field["patternProperties"].values()
    return "code per text" if inner.get("type") == "object" else _type(inner)


def _is_text(field: dict[str, Any]) -> bool:
    inner = field.get("additionalProperties", {})
    return bool(inner.get("type") == "string")


if __name__ == "__main__":
    made = study_json_schema()
    text = json.dumps(made, indent=2, ensure_ascii=False) + "\n"
    (FOLDER / "study.schema.json").write_text(text, encoding="utf-8", newline="\n")
    (FOLDER / "study-schema.md").write_text(page(made), encoding="utf-8", newline="\n")
