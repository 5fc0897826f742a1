"""A preregistration in sentences, as registries ask for it: Markdown made from its content alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

from surveysem.data.screening_rules import action_names
from surveysem.number_formats import format_bounded, format_decimal
from surveysem.study.registration.phrases import PHRASES
from surveysem.study.registration.registered import HASH

LANGUAGES = tuple(PHRASES)
_RULE_OF = {
    "max_failed_attention_checks": "attention_checks",
    "synonym_correlation": "synonyms",
    "antonym_correlation": "antonyms",
}
"""Values that have a default, by the rule that uses them."""
_TOLD_IN_WORDS = (
    "estimator",
    "missing",
    "interaction",
    "centering",
    "engine",
    "allow_inadmissible",
    "compare_interactions",
)


def preregistration_markdown(content: Mapping[str, Any]) -> str:
    """The plan as Markdown that can be pasted into a registry, in the language the content names.

    Parameters
    ----------
    content : Mapping
        Of a preregistration.
    """
    writer = _Writer(content=content, phrases=PHRASES[content["language"]], language=content["language"])
    lines = [*writer.opening()]
    sections = (
        ("data", writer.data),
        ("hypotheses", writer.hypotheses),
        ("extensions", writer.extensions),
        ("rules", writer.rules),
        ("measures", writer.measures),
        ("model", writer.model),
        ("sample", writer.sample),
        ("exclusions", writer.exclusions),
        ("analysis", writer.analysis),
        ("fit", writer.fit),
        ("robustness", writer.robustness),
        ("notes", writer.notes),
        ("integrity", writer.integrity),
    )
    present = [(heading, make) for heading, make in sections if heading != "extensions" or content["extensions"]]
    for number, (heading, make) in enumerate(present, start=1):
        lines += [f"## {number}. {writer.phrases[heading]}", "", *make(), ""]
    return "\n".join(lines).rstrip() + "\n"


@dataclass(frozen=True, kw_only=True)
class _Writer:
    content: Mapping[str, Any]
    phrases: Mapping[str, str]
    language: str

    @property
    def _study(self) -> Mapping[str, Any]:
        declared: Mapping[str, Any] = self.content["declared"]["study"]
        return declared

    @property
    def _questionnaire(self) -> Mapping[str, Any]:
        declared: Mapping[str, Any] = self.content["declared"]["questionnaire"]
        return declared

    def opening(self) -> Iterator[str]:
        """Title, authors, date."""
        yield f"# {self.phrases['title']}: {self._in_language(self.content['study']['title'])}"
        yield ""
        yield f"{self.phrases['authors']}: {', '.join(self.content['authors']) or self.phrases['unnamed']}"
        yield ""
        named = {name: self.content[name] for name in ("date", "version")}
        yield self.phrases["registered"].format(**named, study=self.content["study"]["id"])
        yield ""

    def data(self) -> Iterator[str]:
        """Whether data exist."""
        yield self.phrases[f"data_{self.content['data_status']}"]

    def hypotheses(self) -> Iterator[str]:
        """Statements, effects and expected signs."""
        yield from (self.phrases["hypotheses_opening"], "")
        yield from self._hypothesis_table(self.content["hypotheses"])

    def extensions(self) -> Iterator[str]:
        """Hypotheses beyond the framework."""
        yield from (self.phrases["extensions_opening"], "")
        yield from self._hypothesis_table(self.content["extensions"])

    def rules(self) -> Iterator[str]:
        """What turns an estimate into a verdict."""
        decision, say = self._study["decision"], self.phrases
        alpha = decision["alpha"]
        yield f"- {say['alpha'].format(alpha=self._number(alpha), sides=say['sides_' + decision['sides']])}"
        for each in self._single():
            if (each["alpha"], each["sides"]) != (alpha, self._usual_sides(each)):
                own = say["own_rule"].format(alpha=self._number(each["alpha"]), sides=say["sides_" + each["sides"]])
                yield f"- {each['id']}: {own}"
        yield f"- {say['multiplicity_' + decision['multiplicity']]}"
        yield from self._families()
        yield f"- {say['supported']}"
        if any("smallest_effect" in each for each in self._single()):
            yield f"- {say['negligible'].format(level=f'{1 - 2 * alpha:.0%}')}"
        yield f"- {say['not_testable']}"
        if decision.get("unmeasured") == "not_testable":
            yield f"- {say['unmeasured']}"
        if decision.get("minimum_quality"):
            words = "; ".join(f"{_words(name)} {value}" for name, value in decision["minimum_quality"].items())
            yield f"- {say['quality'].format(quality=words)}"
        if any("parts" in each for each in self.content["hypotheses"]):
            yield f"- {say['combination']}"

    def _usual_sides(self, each: Mapping[str, Any]) -> str:
        """The sides of a hypothesis by the rule of all; a sign has to be expected for one side."""
        one = self._study["decision"]["sides"] == "one" and each["expected"] != "two-sided"
        return "one" if one else "two"

    def _families(self) -> Iterator[str]:
        """Hypotheses whose p are adjusted apart from the others."""
        named: dict[str, list[str]] = {}
        for each in self._single():
            if each.get("family") and each["multiplicity"] != "none":
                named.setdefault(each["family"], []).append(each["id"])
        for name, ids in named.items():
            yield f"- {self.phrases['family'].format(family=name, ids=', '.join(ids))}"

    def measures(self) -> Iterator[str]:
        """Constructs of the model with their items."""
        asked = self._questionnaire
        yield self.phrases["measures_opening"].format(instrument=asked["id"], version=asked["version"])
        used = {each["id"]: each["indicators"] for each in self._study["latent_variables"]}
        for construct in asked["constructs"]:
            if construct["id"] in used:
                items = [each for each in asked["items"] if each["construct"] == construct["id"]]
                kept = [each for each in items if each["id"] in used[construct["id"]] or not used[construct["id"]]]
                yield from ("", f"**{self._in_language(construct['label'])}** (`{construct['id']}`)", "")
                yield from (self._item(each) for each in kept)

    def model(self) -> Iterator[str]:
        """Both models in lavaan's syntax; the structural one holds the measurement model too."""
        yield from (self.phrases["model_opening"], "", "```")
        yield self.content["model"]["structural"].rstrip()
        yield "```"

    def sample(self) -> Iterator[str]:
        """Sample size and its power."""
        planned = self.content["sample"]
        yield self.phrases["n"].format(**planned) if "n" in planned else self.phrases["no_n"]
        yield ""
        if "power" not in planned:
            yield self.phrases["no_power"]
            return
        if "power_method" in planned:
            yield from (planned["power_method"], "")
        yield from (self.phrases["power"], "")
        headings = [self.phrases[f"{name}_column"] for name in ("hypothesis", "power", "interval")]
        rows = [
            (each["proposition"], str(each["n"]), self._number(each.get("power", nan)), self._interval(each))
            for each in _at_planned_size(planned)
        ]
        yield from _table((headings[0], "n", *headings[1:]), rows)

    def exclusions(self) -> Iterator[str]:
        """Screening rules."""
        rules, names = self.content["exclusions"], action_names()
        acting = [(_words(name), rules[name]) for name in names if rules.get(name, "off") != "off"]
        yield self.phrases["exclusions_opening"] if acting else self.phrases["no_exclusions"]
        if acting:
            yield ""
            yield from _table((self.phrases["rule"], self.phrases["action"]), acting)
        idle = {name for name, rule in _RULE_OF.items() if rules.get(rule, "off") == "off"} | set(names)
        values = ", ".join(f"{_words(name)} {value}" for name, value in rules.items() if name not in idle)
        if acting and values:
            yield from ("", self.phrases["thresholds"].format(values=values))

    def analysis(self) -> Iterator[str]:
        """Estimator, missing answers, latent interactions."""
        chosen, say = self.content["analysis"], self.phrases
        yield f"- {say['estimator']}: {chosen['estimator']}"
        yield f"- {say['missing']}: {say['missing_' + chosen['missing']]}"
        interaction = say["no_interaction"]
        if self._study.get("moderation"):
            interaction = say[f"interaction_{chosen['interaction']}"].format(centering=chosen.get("centering", ""))
        yield f"- {say['interaction']}: {interaction}"
        others: dict[str, Any] = {name: value for name, value in chosen.items() if name not in _TOLD_IN_WORDS}
        yield from (f"- {_words(name)}: {_value(value)}" for name, value in others.items())
        yield f"- {say['software']}: surveysem {self.content['version']}, {chosen['engine']}"
        yield f"- {say['inadmissible']}"

    def fit(self) -> Iterator[str]:
        """Cut-offs of fit."""
        at_least = ("cfi", "tli")
        cutoffs = [
            f"{name.upper()} {'≥' if name in at_least else '≤'} {self._number(value)}"
            for name, value in self.content["fit_criteria"].items()
        ]
        yield self.phrases["fit_opening"].format(cutoffs=", ".join(cutoffs))

    def robustness(self) -> Iterator[str]:
        """Analyses planned beside the main one."""
        planned = list(self.content["robustness"])
        if self._study["analysis"].get("compare_interactions") and self._study.get("moderation"):
            planned.append(self.phrases["compare_interactions"])
        if self._study.get("robustness"):
            planned.append(self.phrases["multiverse"])
        yield from (f"- {each}" for each in planned or [self.phrases["no_robustness"]])

    def notes(self) -> Iterator[str]:
        """Anything else."""
        yield self.content.get("notes") or self.phrases["nothing"]

    def integrity(self) -> Iterator[str]:
        """Fingerprint and hash."""
        yield self.phrases["fingerprint"].format(fingerprint=self.content["study"]["fingerprint"])
        yield ""
        yield self.phrases["hash"].format(hash=self.content[HASH])

    def _single(self) -> Iterator[Mapping[str, Any]]:
        for each in (*self.content["hypotheses"], *self.content["extensions"]):
            yield from each.get("parts", [each])

    def _hypothesis_table(self, hypotheses: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        headings = ("", *(self.phrases[name] for name in ("statement", "effect", "expected", "smallest")))
        rows = [self._hypothesis(part) for each in hypotheses for part in (each, *each.get("parts", ()))]
        yield from _table(headings, rows)

    def _hypothesis(self, each: Mapping[str, Any]) -> tuple[str, ...]:
        smallest = f"±{self._number(each['smallest_effect'])}" if "smallest_effect" in each else ""
        expected = self.phrases["differs" if self._differing(each["id"]) else each["expected"]]
        return (each["id"], self._in_language(each["statement"]), self._effect(each), expected, smallest)

    def _effect(self, each: Mapping[str, Any]) -> str:
        """The effect tested, in readers' names."""
        differing = self._differing(each["id"])
        if differing:
            return self.phrases["differ"].format(paths=", ".join(differing["paths"]), group=differing["group"])
        if "parts" in each:
            return self.phrases["of_parts"]
        cause, _, outcome = each["effect"].partition(" → ")
        return f"{' × '.join(map(self._label, cause.split(' × ')))} → {self._label(outcome)}"

    def _differing(self, name: str) -> Mapping[str, Any]:
        for whole in (*self._study["propositions"], *self._study["extensions"]):
            for each in (whole, *whole["parts"]):
                if each["id"] == name:
                    found: Mapping[str, Any] = each.get("differs", {})
                    return found
        return {}

    def _label(self, name: str) -> str:
        labels = {each["id"]: each["label"] for each in self._questionnaire["constructs"]}
        return self._in_language(labels[name]) if name in labels else name

    def _item(self, item: Mapping[str, Any]) -> str:
        reverse = " (R)" if item["reverse"] else ""
        return f"- `{item['id']}`{reverse} {self._in_language(item['text'])} [{self.phrases['scale']} {item['scale']}]"

    def _in_language(self, text: str | Mapping[str, str]) -> str:
        """A text in the language of the plan; in its own first language where it is not translated."""
        if isinstance(text, str):
            return text
        return text[self.language] if self.language in text else next(iter(text.values()))

    def _number(self, value: float) -> str:
        """A quantity below 1 as the language writes it: .05 in English, 0,05 in Portuguese."""
        if self.language == "en":
            return format_bounded(value)
        return format_decimal(value).replace(".", ",")

    def _interval(self, row: Mapping[str, Any]) -> str:
        if "ci_lower" not in row or "ci_upper" not in row:
            return ""
        between = ", " if self.language == "en" else "; "
        return f"[{self._number(row['ci_lower'])}{between}{self._number(row['ci_upper'])}]"


def _at_planned_size(planned: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Power at the size planned, where the analysis has it; else at all sizes."""
    rows: list[Mapping[str, Any]] = planned["power"]
    return [each for each in rows if each["n"] == planned.get("n")] or rows


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * len(headings)}"
    yield from (f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
