"""The commands."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.markup import escape

import surveysem as ss
from surveysem.cli.arguments import (
    DataArgument,
    ForceOption,
    ImportFormatOption,
    JsonOption,
    SheetOption,
    StudyArgument,
)
from surveysem.cli.console import console, frame_table, verdict_table, working
from surveysem.cli.export_survey import codebook, export_survey
from surveysem.cli.files import refuse_existing
from surveysem.cli.init import init
from surveysem.cli.show import show
from surveysem.cli.structured import findings, print_json, result_content

app = typer.Typer(
    name="surveysem",
    help="From a questionnaire to a defensible verdict.",
    epilog="Example: surveysem demo --study political_democracy",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Format(StrEnum):
    """Formats a report is written in."""

    html = "html"
    docx = "docx"
    latex = "latex"
    markdown = "markdown"


class Estimator(StrEnum):
    """Estimators of standard errors and test statistic."""

    ML = "ML"
    MLR = "MLR"
    MLM = "MLM"
    MLMV = "MLMV"
    MLMVS = "MLMVS"


class Missing(StrEnum):
    """Treatments of missing answers."""

    listwise = "listwise"
    fiml = "fiml"


class Interaction(StrEnum):
    """Methods of latent moderation."""

    product_indicator = "product_indicator"
    lms = "lms"
    qml = "qml"


class Centering(StrEnum):
    """How product indicators are made."""

    double = "double"
    residual = "residual"
    unconstrained = "unconstrained"
    constrained = "constrained"


FormatOption = Annotated[list[Format], typer.Option("--format", help="Format of the report; may be repeated.")]
_USUAL_FORMATS = [Format.html, Format.markdown]


@app.callback(invoke_without_command=True)
def _root(version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False) -> None:
    if version:
        typer.echo(f"surveysem {ss.__version__}")
        raise typer.Exit


@app.command(epilog="Example: surveysem demo --study political_democracy --out democracy")
def demo(
    out: Annotated[Path, typer.Option(help="Folder for the report.")] = Path("surveysem-demo"),
    study: Annotated[str, typer.Option(help="Bundled study to show.")] = "b2b_micro_influencer",
    n: Annotated[int, typer.Option(help="Respondents to simulate, where the study has no data.")] = 400,
    seed: Annotated[int, typer.Option(help="Seed of the simulation.")] = 7,
) -> None:
    """Fit, judge and report a bundled study, on its own data or on simulated answers, in one go."""
    loaded = ss.load_study(study)
    own = bool(loaded.bundled_data_name)
    answers = loaded.bundled_data() if own else ss.simulate_responses(loaded, n=n, seed=seed)
    _fit_and_report(loaded, answers, out, formats=_USUAL_FORMATS, estimator=None)


@app.command(epilog="Example: surveysem fit b2b_micro_influencer answers.csv --out report --format html")
def fit(
    study: StudyArgument,
    data: DataArgument,
    out: Annotated[Path, typer.Option(help="Folder for the report.")],
    estimator: Annotated[Estimator | None, typer.Option(help="Instead of the one the study declares.")] = None,
    missing: Annotated[Missing | None, typer.Option(help="Treatment of missing answers, likewise.")] = None,
    interaction: Annotated[Interaction | None, typer.Option(help="Method of latent moderation, likewise.")] = None,
    centering: Annotated[Centering | None, typer.Option(help="How product indicators are made, likewise.")] = None,
    compare_interactions: Annotated[
        bool, typer.Option("--compare-interactions", help="Report the latent interactions by all methods.")
    ] = False,
    formats: FormatOption = _USUAL_FORMATS,  # typer copies it
    sheet: SheetOption = None,
    import_format: ImportFormatOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fit a study to answers, judge its propositions and write the report."""
    loaded = ss.load_study(study)
    _fit_and_report(
        loaded,
        ss.read_responses(data, loaded, sheet=sheet, format=import_format),
        out,
        formats=formats,
        estimator=estimator,
        missing=missing,
        interaction=interaction,
        centering=centering,
        compare_interactions=compare_interactions or None,
        as_json=as_json,
    )


@app.command(epilog="Example: surveysem check b2b_micro_influencer answers.xlsx --sheet Answers")
def check(
    study: StudyArgument,
    data: DataArgument,
    sheet: SheetOption = None,
    import_format: ImportFormatOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import and screen answers, and say what was found; nothing is fitted or written."""
    loaded = ss.load_study(study)
    responses = ss.read_responses(data, loaded, sheet=sheet, format=import_format)
    if as_json:
        counts = {"n_imported": responses.screening.n_imported, "n_analysed": responses.n_obs}
        told = {"simulated": responses.simulated, "flow": responses.screening.flow}
        print_json({"study": loaded.id, **counts, **told, "findings": findings(responses.findings)})
        return
    out = console()
    out.print(frame_table(responses.screening.flow, title=f"{responses.n_obs} respondents would be analysed"))
    for finding in responses.findings:
        out.print(escape(str(finding)))


@app.command(epilog="Example: surveysem simulate b2b_micro_influencer --n 400 --seed 7 --out simulated.csv")
def simulate(
    study: StudyArgument,
    out: Annotated[Path, typer.Option(help="File to write: .csv, .tsv or .xlsx.")],
    n: Annotated[int, typer.Option(help="Respondents.")] = 400,
    seed: Annotated[int, typer.Option(help="The same seed gives the same answers.")] = 1,
    force: ForceOption = False,
) -> None:
    """Simulate answers from the population values a study states; every row is marked as simulated."""
    refuse_existing(out, force=force)
    frame = ss.simulate_responses(ss.load_study(study), n=n, seed=seed)
    ss.write_table(frame, out, force=force)
    console().print(escape(f"Wrote {len(frame)} simulated answers to {out}."))


app.command(epilog="Example: surveysem init my_study")(init)
app.command(epilog="Example: surveysem show political_democracy")(show)
app.command(epilog="Example: surveysem export-survey b2b_micro_influencer --format redcap --out redcap.csv")(
    export_survey
)
app.command(epilog="Example: surveysem codebook b2b_micro_influencer --out codebook.html")(codebook)


def _fit_and_report(
    study: ss.Study,
    answers: object,
    out: Path,
    *,
    formats: list[Format],
    estimator: Estimator | None,
    missing: Missing | None = None,
    interaction: Interaction | None = None,
    centering: Centering | None = None,
    compare_interactions: bool | None = None,
    as_json: bool = False,
) -> None:
    with working("Fitting the models"):
        result = ss.fit_study(
            study,
            answers,  # type: ignore[arg-type]
            estimator=None if estimator is None else estimator.value,
            missing=None if missing is None else missing.value,
            interaction=None if interaction is None else interaction.value,
            centering=None if centering is None else centering.value,
            compare_interactions=compare_interactions,
        )
    with working("Writing the report"):
        files = result.write_report(out, formats=[each.value for each in formats])
    if as_json:
        print_json(result_content(result, files))
    else:
        _print_result(result, files)


def _print_result(result: ss.StudyResult, files: tuple[Path, ...]) -> None:
    out = console()
    if result.responses.simulated:
        out.print(f"[bold yellow]{escape(result.responses.simulated_note)}: these answers come from nobody.[/]")
    title = f"{result.study.title}, n = {result.structural.n_obs}, {result.structural.estimator}"
    out.print(verdict_table(result.verdicts, title=title))
    if len(result.extensions):
        out.print(verdict_table(result.extensions, title="Extensions, not counted among the propositions"))
    if result.methods is not None:
        out.print(frame_table(_methods_frame(result.methods.table), title="Moderation by all methods"))
    for finding in (*result.fit_judgement, *(each for each in result.findings if each.severity != "note")):
        out.print(escape(str(finding)))
    for path in files:
        out.print(escape(f"Wrote {path}"), soft_wrap=True)


def _methods_frame(table: pd.DataFrame) -> pd.DataFrame:
    """Methods with the numbers a terminal has room for."""
    shown = table[["hypothesis", "method"]].copy()
    for name, heading in (("beta", "β"), ("p_value", "p")):
        shown[heading] = ["" if pd.isna(value) else f"{value:.3f}" for value in table[name]]
    return shown.assign(problem=table["problem"])
