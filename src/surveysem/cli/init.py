"""``surveysem init``: a folder in which a study of one's own works at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

import surveysem as ss
from surveysem.bundled_files import bundled_folder, bundled_names
from surveysem.cli.console import console
from surveysem.errors import InputFileError, Problem, UnsupportedError

_EXAMPLE = "answers/simulated.csv"
_N_EXAMPLE, _SEED = 400, 7
_README = """# {title}

A study folder for surveysem. Its questionnaire and model are copies of the bundled study `{name}`:
edit them, they are yours.

| file | what it holds |
|---|---|
| `{instrument}` | the questionnaire: constructs, items, response scales, translations |
| `{model}` | the model, the propositions and the rules that decide them |
{answers_row}
## Next steps

1. Read it: `surveysem show {model}`
2. Write your own items and propositions in the two files; `show` lists every mistake with its line. Give the study and
   the questionnaire an `id` of their own and leave the rules alone once data are in.
3. Put it in the field (`limesurvey`, `qualtrics`, `redcap`, `xlsform`, or `docx` for paper):
   `surveysem export-survey {model} --format limesurvey --out survey.txt`
4. Keep a codebook: `surveysem codebook {model} --out codebook.html`
{steps}"""
_STEPS_SIMULATED = """5. Try it on simulated answers: `surveysem fit {model} {example} --out report`
6. Look at your own answers: `surveysem check {model} export.csv`
7. Fit and judge: `surveysem fit {model} export.csv --out report`

Every row of `{example}` is marked as simulated in its column `simulated`, and so is each report made of it.
The answers come from nobody: they show how the tool works, and nothing about the world.
"""
_STEPS_REAL = """5. Look at the answers: `surveysem check {model} export.csv`
6. Fit and judge: `surveysem fit {model} export.csv --out report`

{note}
"""


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make; what is in it is never overwritten.")],
    study: Annotated[str, typer.Option(help=f"Bundled study to begin with: {', '.join(bundled_names('models'))}.")] = (
        "b2b_micro_influencer"
    ),
) -> None:
    """Make a folder for a study of your own: questionnaire, model, next steps, and simulated answers to try it on."""
    files = _files(study)
    _check(folder, files)
    for name, content in files.items():
        _write(folder / name, content)
        console().print(escape(f"Wrote {folder / name}"), soft_wrap=True)
    ss.load_study(folder / "models" / f"{study}.yaml")
    console().print(escape(f"Next: read {folder / 'README.md'}"), soft_wrap=True)


def _files(name: str) -> dict[str, str]:
    """Content of every file by its place in the folder."""
    if name not in bundled_names("models"):
        remedy = f"Choose one of: {', '.join(bundled_names('models'))}."
        problem = Problem(where="--study", found=f"no bundled study is named {name!r}", remedy=remedy)
        raise UnsupportedError("A study folder begins with a bundled study.", [problem])
    loaded = ss.load_study(name)
    files = {f"instruments/{loaded.instrument.id}.yaml": _bundled("instruments", loaded.instrument.id)}
    files[f"models/{name}.yaml"] = _bundled("models", name)
    if loaded.population is not None:
        frame = ss.simulate_responses(loaded, n=_N_EXAMPLE, seed=_SEED)
        files[_EXAMPLE] = frame.to_csv(index=False, lineterminator="\n")
    elif loaded.bundled_data_name:
        files["answers/bundled.csv"] = loaded.bundled_data().to_csv(index=False, lineterminator="\n")
    return files | {"README.md": _readme(loaded, name, list(files))}


def _bundled(kind: str, name: str) -> str:
    """A bundled file without the line that points editors to a schema elsewhere."""
    text = (bundled_folder(kind) / f"{name}.yaml").read_text(encoding="utf-8")
    return "".join(line for line in text.splitlines(keepends=True) if "yaml-language-server" not in line)


def _readme(study: ss.Study, name: str, files: list[str]) -> str:
    answers = files[2] if len(files) > 2 else ""
    content = "simulated answers, marked as such" if answers == _EXAMPLE else "the data that come with the study"
    names = {"model": files[1], "example": answers}
    if answers == _EXAMPLE:
        steps = _STEPS_SIMULATED.format(**names)
    else:
        note = study.data_note.strip() or "This study states no population values, so there are no simulated answers."
        steps = _STEPS_REAL.format(note=note, **names).replace("export.csv", answers or "export.csv")
    return _README.format(
        title=study.title,
        name=name,
        instrument=files[0],
        model=files[1],
        answers_row=f"| `{answers}` | {content} |\n" if answers else "",
        steps=steps,
    )


def _write(path: Path, content: str) -> None:
    """A file that must not exist yet."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(content)
    except OSError as error:
        remedy = "Choose a folder that may be written."
        problem = Problem(where=str(path), found=error.strerror or str(error), remedy=remedy)
        raise InputFileError(f"{path} was not written.", [problem]) from None


def _check(folder: Path, files: dict[str, str]) -> None:
    """Refuse before anything is written: to a file of that name, and over files that exist."""
    problems = []
    if folder.exists() and not folder.is_dir():
        problems.append(Problem(where=str(folder), found="it is a file", remedy="Name a folder."))
    for name in files:
        if (folder / name).exists():
            remedy = "Choose another folder; nothing is overwritten."
            problems.append(Problem(where=str(folder / name), found="it exists already", remedy=remedy))
    if problems:
        raise InputFileError(f"No study folder was made: {folder}", problems)
