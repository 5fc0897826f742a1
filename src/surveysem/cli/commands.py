"""The commands."""

from __future__ import annotations

from enum import StrEnum
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

import surveysem as ss
from surveysem.cli.arguments import (
    USUAL_FORMATS,
    BootstrapInterval,
    BootstrapOption,
    ClusterOption,
    ConfidenceOption,
    DataArgument,
    Format,
    FormatOption,
    ImportFormatOption,
    JsonOption,
    OrderedOption,
    SeedOption,
    SheetOption,
    StudyArgument,
    Unmeasured,
    UnmeasuredOption,
    ordered_items,
)
from surveysem.cli.combine import combine
from surveysem.cli.console import console, frame_table, print_written, verdict_table, working
from surveysem.cli.export_survey import codebook, export_survey
from surveysem.cli.init import init
from surveysem.cli.power import power
from surveysem.cli.preregister import preregister
from surveysem.cli.replicate import replicate
from surveysem.cli.rivals import print_rivals
from surveysem.cli.robustness import JobsOption, RobustnessOption, print_robustness
from surveysem.cli.show import show
from surveysem.cli.simulate import simulate
from surveysem.cli.structured import findings, print_json, result_content

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer(
    name="surveysem",
    help="From a questionnaire to a defensible verdict.",
    epilog="Example: surveysem demo --study political_democracy",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Estimator(StrEnum):
    """Estimators of standard errors and test statistic; auto follows what the answers call for."""

    ML = "ML"
    MLR = "MLR"
    MLM = "MLM"
    MLMV = "MLMV"
    MLMVS = "MLMVS"
    GLS = "GLS"
    WLS = "WLS"
    DWLS = "DWLS"
    WLSM = "WLSM"
    WLSMV = "WLSMV"
    WLSMVS = "WLSMVS"
    ULS = "ULS"
    ULSM = "ULSM"
    ULSMV = "ULSMV"
    ULSMVS = "ULSMVS"
    auto = "auto"


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


class Deviations(StrEnum):
    """What becomes of deviations from a preregistration."""

    list = "list"
    refuse = "refuse"


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
    _fit_and_report(loaded, answers, out, formats=USUAL_FORMATS, estimator=None)


@app.command(epilog="Example: surveysem fit b2b_micro_influencer answers.csv --out report --format html")
def fit(
    study: StudyArgument,
    data: DataArgument,
    out: Annotated[Path, typer.Option(help="Folder for the report.")],
    estimator: Annotated[Estimator | None, typer.Option(help="Instead of the one the study declares.")] = None,
    missing: Annotated[Missing | None, typer.Option(help="Treatment of missing answers, likewise.")] = None,
    interaction: Annotated[Interaction | None, typer.Option(help="Method of latent moderation, likewise.")] = None,
    centering: Annotated[Centering | None, typer.Option(help="How product indicators are made, likewise.")] = None,
    ordered: OrderedOption = None,
    cluster: ClusterOption = None,
    unmeasured: UnmeasuredOption = None,
    compare_interactions: Annotated[
        bool, typer.Option("--compare-interactions", help="Report the latent interactions by all methods.")
    ] = False,
    robustness: RobustnessOption = False,
    jobs: JobsOption = 1,
    bootstrap: BootstrapOption = None,
    seed: SeedOption = None,
    confidence: ConfidenceOption = None,
    formats: FormatOption = USUAL_FORMATS,  # typer copies it
    bundle: Annotated[
        bool, typer.Option("--bundle", help="Write bundle.zip too, from which `surveysem replicate` computes it again.")
    ] = False,
    preregistration: Annotated[
        Path | None, typer.Option(help="preregistration.yaml that the analysis is held against.")
    ] = None,
    deviations: Annotated[
        Deviations, typer.Option(help="Report deviations from it, or refuse to analyse with them.")
    ] = Deviations.list,
    sheet: SheetOption = None,
    import_format: ImportFormatOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fit a study to answers, judge its propositions and write the report."""
    loaded = ss.load_study(study)
    _fit_and_report(
        loaded,
        ss.read_responses(data, loaded, sheet=sheet, format=import_format, unmeasured=unmeasured),
        out,
        formats=formats,
        estimator=estimator,
        missing=missing,
        interaction=interaction,
        centering=centering,
        ordered=ordered_items(ordered),
        cluster=cluster,
        unmeasured=unmeasured,
        compare_interactions=compare_interactions or None,
        robustness=robustness or None,
        jobs=jobs,
        bootstrap=bootstrap,
        seed=seed,
        confidence=confidence,
        bundle=bundle,
        preregistration=preregistration,
        deviations=deviations,
        as_json=as_json,
    )


@app.command(epilog="Example: surveysem check b2b_micro_influencer answers.xlsx --sheet Answers")
def check(
    study: StudyArgument,
    data: DataArgument,
    sheet: SheetOption = None,
    import_format: ImportFormatOption = None,
    unmeasured: UnmeasuredOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import and screen answers, and say what was found; nothing is fitted or written."""
    loaded = ss.load_study(study)
    responses = ss.read_responses(
        data, loaded, sheet=sheet, format=import_format, unmeasured=unmeasured and unmeasured.value
    )
    if as_json:
        counts = {"n_imported": responses.screening.n_imported, "n_analysed": responses.n_obs}
        told = {"simulated": responses.simulated, "flow": responses.screening.flow}
        print_json({"study": loaded.id, **counts, **told, "findings": findings(responses.findings)})
        return
    out = console()
    out.print(frame_table(responses.screening.flow, title=f"{responses.n_obs} respondents would be analysed"))
    for finding in responses.findings:
        out.print(escape(str(finding)))


app.command(epilog="Example: surveysem simulate b2b_micro_influencer --n 400 --seed 7 --out simulated.csv")(simulate)
app.command(epilog="Example: surveysem init my_study")(init)
app.command(epilog="Example: surveysem show political_democracy")(show)
app.command(epilog="Example: surveysem power b2b_micro_influencer --n 300 --n 400 --reps 500")(power)
app.command(epilog="Example: surveysem preregister b2b_micro_influencer --n 400 --out preregistration")(preregister)
app.command(epilog="Example: surveysem combine first.csv second.csv --study my_study.yaml --out combined")(combine)
app.command(epilog="Example: surveysem replicate report/bundle.zip --data answers.csv")(replicate)
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
    ordered: tuple[str, ...] | bool | None = None,
    cluster: str | None = None,
    unmeasured: Unmeasured | None = None,
    compare_interactions: bool | None = None,
    robustness: bool | None = None,
    jobs: int = 1,
    bootstrap: int | None = None,
    seed: int | None = None,
    confidence: BootstrapInterval | None = None,
    bundle: bool = False,
    preregistration: Path | None = None,
    deviations: Deviations = Deviations.list,
    as_json: bool = False,
) -> None:
    result = ss.fit_study(
        study,
        answers,  # type: ignore[arg-type]
        estimator=None if estimator is None else estimator.value,
        missing=None if missing is None else missing.value,
        interaction=None if interaction is None else interaction.value,
        centering=None if centering is None else centering.value,
        ordered=ordered,
        cluster=cluster,
        unmeasured=None if unmeasured is None else unmeasured.value,
        compare_interactions=compare_interactions,
        robustness=robustness,
        n_jobs=jobs,
        bootstrap=bootstrap,
        seed=seed,
        confidence=None if confidence is None else confidence.value,
        preregistration=preregistration,
        deviations=deviations.value,
    )
    with working("Checking the measurement") as step:
        result.check_measurement(step)
    with working("Writing the report"):
        files = result.write_report(out, formats=[each.value for each in formats], bundle=bundle)
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
    print_rivals(out, result)
    print_robustness(out, result)
    if result.methods is not None:
        out.print(frame_table(_methods_frame(result.methods.table), title="Moderation by all methods"))
    for finding in (*result.fit_judgement, *(each for each in result.findings if each.severity != "note")):
        out.print(escape(str(finding)))
    if result.preregistration is not None:
        _print_deviations(result.preregistration.deviations)
    print_written(files)


def _print_deviations(deviations: tuple[Any, ...]) -> None:
    if not deviations:
        console().print("Deviations from the preregistration: none.")
        return
    import pandas as pd

    rows = [
        {"topic": each.topic, "item": each.item, "registered": each.registered, "done": each.done}
        for each in deviations
    ]
    console().print(frame_table(pd.DataFrame(rows), title="Deviations from the preregistration"))


def _methods_frame(table: pd.DataFrame) -> pd.DataFrame:
    """Methods with the numbers a terminal has room for."""
    shown = table[["hypothesis", "method"]].copy()
    for name, heading in (("beta", "β"), ("p_value", "p")):
        shown[heading] = ["" if isnan(value) else f"{value:.3f}" for value in table[name]]
    return shown.assign(problem=table["problem"])
