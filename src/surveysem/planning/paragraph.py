"""The paragraph on power in a paper."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, cast

import pandas as pd

from surveysem.planning.wording import Language, Phrases

if TYPE_CHECKING:
    from surveysem.planning.result import Power


def power_paragraph(power: Power, language: str) -> str:
    """Sentences on how power was found, the samples needed, what was lost and what was assumed.

    Parameters
    ----------
    power : Power
        What was found.
    language : {"en", "pt"}
        English or Portuguese.
    """
    say = Phrases(language=cast(Language, language))
    needed = [_needed(power, target, say) for target in power.required.index.unique("target")]
    sentences = [
        _method(power, say),
        *needed,
        *_never(power, say),
        *_refused(power, say),
        _lost(power, say),
        _assumed(power, say),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _method(power: Power, say: Phrases) -> str:
    settings = power.settings
    interaction, share = str(settings.get("interaction", "")), float(cast(float, settings["missing_share"]))
    missing = say.text("holes", share=say.share(share), missing=settings["missing"]) if share else ""
    return say.text(
        "method",
        reps=say.count(float(cast(int, settings["reps"]))),
        sizes=say.listed([say.count(n) for n in power.sizes]),
        estimator=settings["estimator"],
        interaction=say.text(interaction) if interaction else "",
        missing=missing,
    )


def _needed(power: Power, target: float, say: Phrases) -> str:
    rows = power.required.loc[power.required.index.get_level_values("target") == target].droplevel("target")
    rows = rows.drop(index=[*power.without_effect, *power.out_of_reach])
    sizes = power.analysable_sizes
    if not sizes:
        return ""
    inside = rows[rows["reached"] == "inside"].sort_values("n", kind="stable")
    parts = [_each(str(name), row, sizes, power, say) for name, row in inside.iterrows()]
    for reached, n in (("below", sizes[0]), ("above", sizes[-1])):
        names = [str(name) for name in rows.index[rows["reached"] == reached]]
        if names:
            parts.append(say.text(reached, n=say.count(n), names=say.listed(names)))
    return say.text("needed", target=say.share(target), list="; ".join(parts)) if parts else ""


def _each(name: str, row: pd.Series, sizes: tuple[int, ...], power: Power, say: Phrases) -> str:
    lower = f"< {say.count(sizes[0])}" if isnan(row["lower"]) else say.count(row["lower"])
    upper = f"> {say.count(sizes[-1])}" if isnan(row["upper"]) else say.count(row["upper"])
    level = say.share(float(cast(float, power.settings["level"])))
    interval = say.text("interval", level=level, lower=lower, upper=upper)
    return say.text("each", n=say.count(row["n"]), interval=interval, names=name)


def _never(power: Power, say: Phrases) -> list[str]:
    """Propositions without an effect, which no sample would find."""
    names, wholes = power.without_effect, power.out_of_reach
    said = [say.text("never", names=say.listed(names))] if names else []
    return [*said, say.text("out_of_reach", names=say.listed(wholes))] if wholes else said


def _refused(power: Power, say: Phrases) -> list[str]:
    refused, parameters = power.refused_sizes, int(cast(int, power.settings["parameters"]))
    if not refused:
        return []
    key = "too_few" if max(refused) < parameters else "refused"
    return [say.text(key, sizes=say.listed([say.count(n) for n in refused]), parameters=say.count(parameters))]


def _lost(power: Power, say: Phrases) -> str:
    if not power.analysable_sizes:
        return ""
    counted = power.replications.loc[list(power.analysable_sizes)]
    failed, inadmissible = (int(counted[name].sum()) for name in ("failed", "inadmissible"))
    if not failed + inadmissible:
        return say.text("none_lost")
    return say.text("lost", failed=say.count(failed), inadmissible=say.count(inadmissible))


def _assumed(power: Power, say: Phrases) -> str:
    effects = power.table.groupby(level="proposition", sort=False)["population"].first().dropna()
    if effects.empty:
        return ""
    return say.text("assumed", effects=", ".join(f"{name} {say.decimal(value)}" for name, value in effects.items()))
