"""Rules inside a response scale."""

from __future__ import annotations

from collections.abc import Iterator

from surveysem.instrument.draft import Draft, Flaw, Location
from surveysem.instrument.scales import ResponseScale


def scale_flaws(draft: Draft) -> Iterator[Flaw]:
    """What is wrong inside the response scales of a draft."""
    for path, scale in draft.of_type(ResponseScale):
        if scale.kind in ("ordinal", "nominal"):
            yield from _option_flaws(path, scale)
        else:
            yield from _open_answer_flaws(path, scale)
        yield from _number_flaws(path, scale)
        yield from _missing_code_flaws(path, scale)


def _option_flaws(path: Location, scale: ResponseScale) -> Iterator[Flaw]:
    if len(scale.options) < 2:
        yield Flaw(
            path=path,
            found=f"the {scale.kind} scale {scale.id} has {len(scale.options)} options",
            remedy="Give it at least two `options`.",
        )
    codes = sorted(scale.options)
    gaps = [code for code in range(codes[0], codes[-1]) if code not in scale.options] if codes else []
    if scale.kind == "ordinal" and gaps:
        yield Flaw(
            path=(*path, "options"),
            found=f"the ordinal scale {scale.id} has codes {', '.join(map(str, codes))}",
            remedy="Number its options with consecutive whole numbers; put codes for no answer under `missing`.",
        )


def _open_answer_flaws(path: Location, scale: ResponseScale) -> Iterator[Flaw]:
    if scale.options:
        yield Flaw(
            path=(*path, "options"),
            found=f"a {scale.kind} scale cannot have options",
            remedy="Remove `options` or make the kind ordinal or nominal.",
        )


def _number_flaws(path: Location, scale: ResponseScale) -> Iterator[Flaw]:
    given = [name for name in ("minimum", "maximum", "integer", "unit") if getattr(scale, name) not in (None, False)]
    if scale.kind != "number":
        for name in given:
            yield Flaw(
                path=(*path, name),
                found=f"`{name}` has no meaning for the {scale.kind} scale {scale.id}",
                remedy="Remove it or make the kind number.",
            )
    elif scale.minimum is not None and scale.maximum is not None and scale.minimum >= scale.maximum:
        yield Flaw(
            path=(*path, "minimum"),
            found=f"the minimum {scale.minimum:g} is not below the maximum {scale.maximum:g}",
            remedy="Exchange or correct them.",
        )


def _missing_code_flaws(path: Location, scale: ResponseScale) -> Iterator[Flaw]:
    if scale.kind == "text" and scale.missing:
        yield Flaw(
            path=(*path, "missing"),
            found=f"the text scale {scale.id} cannot have missing codes",
            remedy="Remove `missing`; an empty answer is missing.",
        )
        return
    for code in scale.missing:
        if code in scale.options or (scale.kind == "number" and _admits(scale, code)):
            yield Flaw(
                path=(*path, "missing", code),
                found=f"the missing code {code} is also a valid answer on {scale.id}",
                remedy="Choose a code that no respondent can give as an answer, such as -99.",
            )


def _admits(scale: ResponseScale, number: int) -> bool:
    above = scale.minimum is None or number >= scale.minimum
    below = scale.maximum is None or number <= scale.maximum
    return above and below
