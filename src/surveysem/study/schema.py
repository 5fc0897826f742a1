"""The schema of study files as JSON Schema, for editors that complete and check YAML."""

from __future__ import annotations

from typing import Any

from surveysem.study.document import StudyDocument


def study_json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a study file.

    Rules that concern several entries at once, such as paths between latent variables that exist, are not in it; they
    are checked when the file is read.

    Examples
    --------
    >>> study_json_schema()["title"]
    'Study file of surveysem'
    """
    schema = StudyDocument.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema | {"title": "Study file of surveysem"}
