"""``surveysem simulate``: answers from the population values a study states, and what they were made from."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

import surveysem as ss
from surveysem.cli.arguments import ForceOption, StudyArgument
from surveysem.cli.console import console
from surveysem.cli.files import refuse_existing
from surveysem.errors import Problem, StudyError
from surveysem.located_yaml import read_located_yaml

_KNOWN = (
    "careless",
    "ineligible",
    "skew",
    "latent_skew",
    "missing",
    "forms",
    "does_not_apply",
    "clusters",
    "groups",
    "waves",
)


class Layout(StrEnum):
    """Layouts of repeated answers."""

    long = "long"
    wide = "wide"


_BY_NAME = "One value, or values by name: random=0.02,straight_lining=0.03."
_OPTIONS_HELP = (
    "File (.yaml) with options of ss.simulate_responses by name: careless, skew, latent_skew, missing, forms, "
    "does_not_apply, clusters, groups, waves. Options given here as well replace those of the file."
)


Careless = Annotated[
    str | None, typer.Option(help=f"Share of respondents who do not read; 0.02 if not given. {_BY_NAME}")
]
Ineligible = Annotated[float | None, typer.Option(help="Share of those ruled out; 0.01 if not given.")]
Skew = Annotated[str | None, typer.Option(help="Skewness of the answers: -1, or by item pc_1=-1.5,pc_2=-1.")]
LatentSkew = Annotated[float | None, typer.Option(help="Skewness of what the latent variables are made of.")]
Missing = Annotated[str | None, typer.Option(help="Share of answers missing: 0.1, or by item pc_1=0.2.")]
DependsOn = Annotated[str | None, typer.Option(help="Question whose answer makes missing answers more likely.")]
Strength = Annotated[
    float | None, typer.Option(help="Change of the log-odds for one standard deviation of it; 1 if not given.")
]
Forms = Annotated[bool, typer.Option("--forms", help="Three forms, each without one of three blocks of items.")]
DoesNotApply = Annotated[str | None, typer.Option(help="Share of answers 'does not apply', or by item.")]
NumberOfClusters = Annotated[int | None, typer.Option(help="Number of clusters, such as influencers.")]
Correlation = Annotated[
    str | None, typer.Option(help="Intraclass correlation of the latent variables, or by latent variable.")
]
ClusterColumn = Annotated[str | None, typer.Option(help="Column of clusters; influencer_id if not given.")]
NumberOfWaves = Annotated[int | None, typer.Option(help="How often the same respondents are asked.")]
Stability = Annotated[
    str | None, typer.Option(help="Correlation of latent variables from wave to wave, or by latent variable.")
]
LayoutOption = Annotated[Layout | None, typer.Option(help="Layout of the waves; long if not given.")]
OptionsFile = Annotated[Path | None, typer.Option(help=_OPTIONS_HELP)]


def simulate(
    study: StudyArgument,
    out: Annotated[Path, typer.Option(help="File to write: .csv, .tsv or .xlsx.")],
    n: Annotated[int, typer.Option(help="Respondents.")] = 400,
    seed: Annotated[int, typer.Option(help="The same seed gives the same answers.")] = 1,
    careless: Careless = None,
    ineligible: Ineligible = None,
    skew: Skew = None,
    latent_skew: LatentSkew = None,
    missing: Missing = None,
    missing_depends_on: DependsOn = None,
    missing_strength: Strength = None,
    forms: Forms = False,
    does_not_apply: DoesNotApply = None,
    clusters: NumberOfClusters = None,
    icc: Correlation = None,
    cluster_column: ClusterColumn = None,
    waves: NumberOfWaves = None,
    stability: Stability = None,
    layout: LayoutOption = None,
    options: OptionsFile = None,
    force: ForceOption = False,
) -> None:
    """Simulate answers from the population values a study states; every row is marked as simulated.

    What they were made from is written beside them, as NAME.population.json.
    """
    record = out.with_name(f"{out.stem}.population.json")
    refuse_existing(out, force=force)
    refuse_existing(record, force=force)
    chosen = _file_options(options)
    given = {
        "careless": _values("--careless", careless),
        "ineligible": ineligible,
        "skew": _values("--skew", skew),
        "latent_skew": latent_skew,
        "forms": forms or None,
        "does_not_apply": _values("--does-not-apply", does_not_apply),
    }
    chosen |= {name: value for name, value in given.items() if value is not None}
    share, correlation = _values("--missing", missing), _values("--icc", icc)
    _merge(chosen, "missing", "share", share=share, depends_on=missing_depends_on, strength=missing_strength)
    _merge(chosen, "clusters", "number", number=clusters, intraclass_correlation=correlation, column=cluster_column)
    shown = None if layout is None else layout.value
    _merge(chosen, "waves", "number", number=waves, stability=_values("--stability", stability), layout=shown)
    frame = ss.simulate_responses(ss.load_study(study), n=n, seed=seed, **chosen)
    ss.write_table(frame, out, force=force)
    record.write_text(json.dumps(frame.attrs["surveysem"], indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    text = f"Wrote {len(frame)} rows of simulated answers to {out}, and what they were made from to {record}."
    console().print(escape(text), soft_wrap=True)


def _values(option: str, text: str | None) -> float | dict[str, float] | None:
    """A number, or numbers by name."""
    if text is None:
        return None
    try:
        if "=" not in text:
            return float(text)
        pairs = [part.split("=", 1) for part in text.split(",")]
        return {name.strip(): float(value) for name, value in pairs}
    except ValueError:
        problem = Problem(where=option, found=text, remedy="Give a number, or numbers by name: a=0.1,b=0.2.")
        raise StudyError("The simulation cannot be run as asked.", [problem]) from None


def _merge(chosen: dict[str, Any], name: str, short: str, **given: object) -> None:
    """Add what was given on the command line to one of the options, whose *short* field may stand for it alone."""
    parts = {key: value for key, value in given.items() if value is not None}
    if parts:
        before = chosen.get(name) or {}
        chosen[name] = {**(before if isinstance(before, dict) else {short: before}), **parts}


def _file_options(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    content = read_located_yaml(path).content
    if not isinstance(content, dict):
        problem = Problem(
            where=str(path), found="it is no mapping", remedy=f"Write options by name: {', '.join(_KNOWN)}."
        )
        raise StudyError("The options cannot be used.", [problem])
    problems = [
        Problem(where=f"{path}, {name}", found="there is no such option", remedy=f"Available: {', '.join(_KNOWN)}.")
        for name in content
        if name not in _KNOWN
    ]
    if problems:
        raise StudyError("The options cannot be used.", problems)
    return dict(content)
