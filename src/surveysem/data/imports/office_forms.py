"""Exports of Google Forms and Microsoft Forms: question texts as headers, labels as answers."""

from __future__ import annotations

from surveysem.data.imports.tools import Glance, SurveyTool, lower

_TIMESTAMPS = frozenset(
    {
        "timestamp",
        "carimbo de data/hora",
        "carimbo de hora",
        "marca temporal",
        "horodateur",
        "zeitstempel",
        "informazioni cronologiche",
        "tijdstempel",
    }
)
_TIMES = (
    ("Start time", "Completion time"),
    ("Hora de início", "Hora de conclusão"),
    ("Hora de inicio", "Hora de finalización"),
    ("Heure de début", "Heure de fin"),
    ("Startzeit", "Fertigstellungszeit"),
)


def _google_marks(glance: Glance) -> tuple[str, ...]:
    first, others = glance.names[0], glance.names[1:]
    if first.casefold() in _TIMESTAMPS and any(" " in name for name in others):
        return (f"column {first}",)
    return ()


def _microsoft_marks(glance: Glance) -> tuple[str, ...]:
    for pair in _TIMES:
        if len(glance.having(pair)) == 2:
            return tuple(f"column {name}" for name in pair)
    return ()


GOOGLE_FORMS = SurveyTool(name="google_forms", title="Google Forms", marks=_google_marks, own=_TIMESTAMPS)
MICROSOFT_FORMS = SurveyTool(
    name="microsoft_forms",
    title="Microsoft Forms",
    marks=_microsoft_marks,
    own=lower("ID", "Email", "Name", *(name for pair in _TIMES for name in pair)),
)
