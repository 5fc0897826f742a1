"""Samples of answers drawn from a simulator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from surveysem.data.answer_draws import careless_answers, draw_answers, screening_answers
from surveysem.data.marking import ATTRIBUTE, MARK_COLUMN, simulation_mark
from surveysem.data.simulation.careless_patterns import (
    SECONDS_COLUMN,
    answer_in_patterns,
    attention_answers,
    careless_kinds,
    completion_seconds,
)
from surveysem.data.simulation.companions import observed_answers
from surveysem.data.simulation.gaps import FORM_COLUMN, form_gaps, form_numbers, gaps, refusals
from surveysem.data.simulation.options import CARELESS_KINDS, Waves
from surveysem.data.simulation.prepared import PreparedSimulation, Respondents
from surveysem.data.simulation.record import as_record
from surveysem.data.simulation.streams import Stream, stream
from surveysem.data.simulation_checks import number_problems
from surveysem.errors import StudyError
from surveysem.typing import FloatArray, IntArray

RESPONDENT_COLUMN, WAVE_COLUMN = "respondent", "wave"
Answers = dict[str, np.ndarray]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Sample:
    """What stays the same from wave to wave: seed, respondents, kinds of carelessness, item-specific residuals."""

    seed: int
    respondents: Respondents
    kinds: IntArray
    specific: FloatArray | None

    @property
    def n(self) -> int:
        return self.kinds.size


def drawn_answers(simulator: PreparedSimulation, *, n: int, seed: int) -> pd.DataFrame:
    """Answers as :meth:`ResponseSimulator.draw` gives them."""
    _check_numbers(n, seed)
    rng = np.random.default_rng(seed)
    respondents = simulator.respondents(n, seed)
    noise = rng.standard_normal((n, len(simulator.indicators)))
    is_careless = _chosen(n, simulator.options.careless.total, rng)
    sample = _Sample(
        seed=seed,
        respondents=respondents,
        kinds=careless_kinds(is_careless, simulator.options.careless, stream(seed, Stream.CARELESS_KINDS)),
        specific=_specific_residuals(simulator, n, seed),
    )
    inputs = simulator.inputs(noise, respondents, seed)
    scores = simulator.scores(inputs, respondents)
    first = _items_and_checks(simulator, sample, scores, rng)
    once = _asked_once(simulator, sample, rng)
    _complete(simulator, sample, once, first, scores, rng, wave=1)
    waves = [first, *_later_waves(simulator, sample, once, inputs)]
    frame = _frame(simulator, sample, once, waves)
    careless = {
        kind: (np.flatnonzero(sample.kinds == place) + 1).tolist()
        for place, kind in enumerate(CARELESS_KINDS)
        if (sample.kinds == place).any()
    }
    frame.attrs[ATTRIBUTE] = as_record({**simulator.record(n=n, seed=seed), "careless_respondents": careless})
    return frame


def drawn_items(simulator: PreparedSimulation, *, n: int, seed: int) -> pd.DataFrame:
    """Coded answers as :meth:`ResponseSimulator.draw_items` gives them."""
    _check_numbers(n, seed)
    if simulator.options.waves is not None:
        raise StudyError("draw_items simulates one wave. Use draw, which simulates several.")
    respondents = simulator.respondents(n, seed)
    rng = stream(seed, Stream.ITEMS)
    scores = simulator.scores(
        simulator.inputs(rng.standard_normal((n, len(simulator.indicators))), respondents, seed), respondents
    )
    errors = rng.standard_normal((len(simulator.items), n))
    items = {
        plan.id: plan.coded(simulator.tendency(place, scores, errors[place], respondents)).astype(np.float64)
        for place, plan in enumerate(simulator.items)
    }
    marks = _group_and_cluster(simulator, respondents)
    others = _needed_for_gaps(simulator, marks, scores, respondents, rng)
    written = {plan.id: plan.turned(items[plan.id]) for plan in simulator.items}
    for name, gone in _gaps(simulator, {**others, **written}, n, seed, wave=1).items():
        items[name] = np.where(gone, np.nan, items[name])
    for name, (_, refused) in _refusals(simulator, n, seed, wave=1).items():
        items[name] = np.where(refused, np.nan, items[name])
    predictor = simulator.options.missing.depends_on if simulator.options.missing is not None else None
    columns = {**items, **marks} | ({predictor: others[predictor]} if predictor in others else {})
    frame = pd.DataFrame(columns)
    frame.attrs[ATTRIBUTE] = {"source": "simulated answers", "simulated": True, "seed": seed, "reverse_coded": True}
    return frame


def _check_numbers(n: int, seed: int) -> None:
    problems = list(number_problems(n=(n, 1), seed=(seed, 0)))
    if problems:
        raise StudyError("The simulation cannot be run as asked.", problems)


def _chosen(n: int, share: float, rng: np.random.Generator) -> np.ndarray:
    """Which respondents belong to a share, rounded to whole respondents."""
    return rng.permutation(n) < round(share * n)


def _specific_residuals(simulator: PreparedSimulation, n: int, seed: int) -> FloatArray | None:
    if simulator.options.waves is None:
        return None
    return stream(seed, Stream.SPECIFIC).standard_normal((len(simulator.items), n))


def _items_and_checks(
    simulator: PreparedSimulation, sample: _Sample, scores: FloatArray, rng: np.random.Generator
) -> Answers:
    """Answers to items and attention checks, those who do not read at random."""
    is_careless = sample.kinds >= 0
    stable = 0.0 if simulator.options.waves is None else simulator.options.waves.residual_stability
    answers: Answers = {}
    for place, plan in enumerate(simulator.items):
        error = rng.standard_normal(sample.n)
        if sample.specific is not None:
            error = np.sqrt(stable) * sample.specific[place] + np.sqrt(1 - stable) * error
        tendency = simulator.tendency(place, scores, error, sample.respondents)
        random = careless_answers(plan.scale, sample.n, rng)
        answers[plan.id] = np.where(is_careless, random, plan.written(tendency))
    return answers | attention_answers(simulator.instrument, is_careless, rng)


def _asked_once(simulator: PreparedSimulation, sample: _Sample, rng: np.random.Generator) -> Answers:
    """Answers to screening and grouping questions, with the columns of groups, clusters and forms."""
    instrument, options = simulator.instrument, simulator.options
    answers = screening_answers(instrument, _chosen(sample.n, options.ineligible, rng), rng)
    for question in instrument.grouping_questions:
        answers[question.id] = draw_answers(question.id, instrument.scale(question.scale), sample.n, rng)
    answers |= _group_and_cluster(simulator, sample.respondents)
    if options.forms is not None:
        answers[FORM_COLUMN] = form_numbers(sample.n, stream(sample.seed, Stream.FORMS))
    return answers


def _group_and_cluster(simulator: PreparedSimulation, respondents: Respondents) -> Answers:
    columns: Answers = {}
    if simulator.options.groups is not None:
        codes = np.array([group.code for group in simulator.groups])
        columns[simulator.options.groups.question] = codes[respondents.groups]
    clusters = simulator.options.clusters
    if clusters is not None and respondents.clusters is not None:
        width = len(str(clusters.number))
        names = [f"{clusters.column.removesuffix('_id')}_{1 + each:0{width}d}" for each in range(clusters.number)]
        columns[clusters.column] = np.array(names, dtype=object)[respondents.clusters]
    return columns


def _complete(
    simulator: PreparedSimulation,
    sample: _Sample,
    once: Answers,
    answers: Answers,
    scores: FloatArray,
    rng: np.random.Generator,
    *,
    wave: int,
) -> None:
    """Add what follows the items of a wave: observed measures, patterns, time, gaps."""
    instrument, seed = simulator.instrument, sample.seed
    answers |= observed_answers(
        instrument, _scores_by_construct(simulator, scores), sample.respondents.clusters, sample.n, rng
    )
    answer_in_patterns(answers, instrument, sample.kinds, stream(seed, Stream.CARELESS_PATTERNS, wave))
    if simulator.options.careless.too_fast > 0:
        answers[SECONDS_COLUMN] = completion_seconds(instrument, sample.kinds, stream(seed, Stream.SECONDS, wave))
    missing = _gaps(simulator, {**once, **answers}, sample.n, seed, wave=wave)
    for name, (code, refused) in _refusals(simulator, sample.n, seed, wave=wave).items():
        answers[name] = np.where(refused, code, answers[name])
    for name, gone in missing.items():
        answers[name] = np.where(gone, np.nan, answers[name])


def _scores_by_construct(simulator: PreparedSimulation, scores: FloatArray) -> dict[str, FloatArray]:
    """Scores of the latent variable that a construct's items reflect, shape (n,) each."""
    constructs = {simulator.instrument.item(plan.id).construct: plan.latent_variable for plan in simulator.items}
    return {construct: scores[:, column] for construct, column in constructs.items()}


def _gaps(simulator: PreparedSimulation, answers: Mapping[str, np.ndarray], n: int, seed: int, *, wave: int) -> Answers:
    """Which answers are not given or not asked for, by item."""
    missing, forms = simulator.options.missing, simulator.options.forms
    predictor = missing.depends_on if missing is not None else None
    found: Answers = {}
    if missing is not None:
        observed = None if predictor is None else np.asarray(answers[predictor], dtype=np.float64)
        names = [plan.id for plan in simulator.items]
        found = gaps(missing, names, observed, n, stream(seed, Stream.MISSING, wave))
    if forms is not None:
        numbers = form_numbers(n, stream(seed, Stream.FORMS))
        for name, not_asked in form_gaps(forms, numbers, answered_by_all=predictor).items():
            found[name] = not_asked | found.get(name, np.zeros(n, dtype=bool))
    return found


def _refusals(simulator: PreparedSimulation, n: int, seed: int, *, wave: int) -> dict[str, tuple[int, np.ndarray]]:
    missing = simulator.options.missing
    predictor = missing.depends_on if missing is not None else None
    rng = stream(seed, Stream.REFUSALS, wave)
    return refusals(simulator.options.does_not_apply, simulator.items, n, rng, answered_by_all=predictor)


def _needed_for_gaps(
    simulator: PreparedSimulation,
    marks: Answers,
    scores: FloatArray,
    respondents: Respondents,
    rng: np.random.Generator,
) -> Answers:
    """Answers to the question gaps depend on, where it is no item."""
    missing, instrument = simulator.options.missing, simulator.instrument
    known = {*marks, *(plan.id for plan in simulator.items)}
    if missing is None or missing.depends_on is None or missing.depends_on in known:
        return marks
    if missing.depends_on in [each.id for each in instrument.observed_measures]:
        n = len(scores)
        return observed_answers(instrument, _scores_by_construct(simulator, scores), respondents.clusters, n, rng)
    question = instrument.question(missing.depends_on)
    return {question.id: draw_answers(question.id, instrument.scale(question.scale), len(scores), rng)}


def _later_waves(
    simulator: PreparedSimulation, sample: _Sample, once: Answers, inputs: FloatArray
) -> Iterator[Answers]:
    waves = simulator.options.waves
    for wave in range(2, (1 if waves is None else waves.number) + 1):
        rng = stream(sample.seed, Stream.WAVES, wave)
        inputs = simulator.next_inputs(inputs, rng.standard_normal(inputs.shape), sample.respondents)
        scores = simulator.scores(inputs, sample.respondents, wave=wave)
        answers = _items_and_checks(simulator, sample, scores, rng)
        _complete(simulator, sample, once, answers, scores, rng, wave=wave)
        yield answers


def _frame(simulator: PreparedSimulation, sample: _Sample, once: Answers, waves: list[Answers]) -> pd.DataFrame:
    """Answers in the order of the questionnaire, marked as simulated."""
    options = simulator.options
    if options.waves is None:
        return _ordered(simulator, sample, {**once, **waves[0]})
    present = _taking_part(options.waves, sample)
    if options.waves.layout == "wide":
        return _wide(simulator, sample, once, waves, present)
    frames = []
    for number, (answers, here) in enumerate(zip(waves, present, strict=True), start=1):
        frame = _ordered(simulator, sample, {**once, **answers})
        frame.insert(1, WAVE_COLUMN, number)
        frames.append(frame[here])
    stacked: pd.DataFrame = pd.concat(frames)
    return stacked.sort_values([RESPONDENT_COLUMN, WAVE_COLUMN], ignore_index=True)


def _ordered(simulator: PreparedSimulation, sample: _Sample, answers: Answers) -> pd.DataFrame:
    asked = [question.id for question in simulator.instrument.questions if question.id in answers]
    extra = [name for name in answers if name not in asked]
    columns = {name: answers[name] for name in (*asked, *extra)}
    mark = simulation_mark(sample.seed)
    return pd.DataFrame({RESPONDENT_COLUMN: np.arange(1, sample.n + 1), **columns, MARK_COLUMN: mark})


def _wide(
    simulator: PreparedSimulation, sample: _Sample, once: Answers, waves: list[Answers], present: np.ndarray
) -> pd.DataFrame:
    """One row a respondent; what is asked at every wave has its number appended."""
    frame = _ordered(simulator, sample, once)
    mark = frame.pop(MARK_COLUMN)
    parts = [frame]
    for number, (answers, here) in enumerate(zip(waves, present, strict=True), start=1):
        part = _ordered(simulator, sample, answers).drop(columns=[RESPONDENT_COLUMN, MARK_COLUMN])
        part = part.add_suffix(f"_w{number}")
        parts.append(part if here.all() else part.where(np.broadcast_to(here[:, None], part.shape)))
    return pd.concat([*parts, mark], axis=1)


def _taking_part(waves: Waves, sample: _Sample) -> np.ndarray:
    """Who takes part in each wave, shape (waves, n); who is lost stays away."""
    present = np.ones((waves.number, sample.n), dtype=bool)
    rng = stream(sample.seed, Stream.ATTRITION)
    for wave in range(1, waves.number):
        left = np.flatnonzero(present[wave - 1])
        lost = rng.permutation(left)[: round(waves.attrition * left.size)]
        present[wave:, lost] = False
    return present
