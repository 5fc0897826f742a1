"""Instruments: questionnaires whose items reflect constructs."""

from surveysem.instrument.constructs import Construct, ConstructRole, Facet
from surveysem.instrument.instrument import Instrument
from surveysem.instrument.questions import (
    AttentionCheck,
    GroupingQuestion,
    Item,
    ObservedMeasure,
    Question,
    ScreeningQuestion,
)
from surveysem.instrument.reading import read_instrument
from surveysem.instrument.scales import ResponseScale, ScaleKind
from surveysem.instrument.schema import instrument_json_schema
from surveysem.instrument.works import CitedWork

__all__ = [
    "AttentionCheck",
    "CitedWork",
    "Construct",
    "ConstructRole",
    "Facet",
    "GroupingQuestion",
    "Instrument",
    "Item",
    "ObservedMeasure",
    "Question",
    "ResponseScale",
    "ScaleKind",
    "ScreeningQuestion",
    "instrument_json_schema",
    "read_instrument",
]
