"""JSON Schema of instrument files, for editors that check and complete YAML."""

from __future__ import annotations

from typing import Any

from surveysem.instrument.instrument import Instrument


def instrument_json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of an instrument file.

    It knows keys, types and choices. What holds between the parts (ids, translations, facets) only
    :func:`~surveysem.instrument.read_instrument` checks.

    Examples
    --------
    >>> sorted(instrument_json_schema()["required"])[:3]
    ['constructs', 'id', 'items']
    """
    schema = Instrument.model_json_schema()
    for described in (schema, *schema["$defs"].values()):
        described["description"] = described["description"].partition("\n\n")[0]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
