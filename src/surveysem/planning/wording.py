"""What a paper says about a study's power, in English and Portuguese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from surveysem.errors import UnsupportedError

Language: TypeAlias = Literal["en", "pt"]

_TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "method": "Power was determined by simulation (Muthén & Muthén, 2002): {reps} samples of each size "
        "(n = {sizes}) were drawn from the assumed population of the study, answered on the scales of the "
        "questionnaire, and analysed as the study will be ({estimator}{interaction}{missing}); a proposition counted "
        "as supported where its declared decision rule said so.",
        "needed": "A power of {target} requires {list}.",
        "each": "n = {n}{interval} for {names}",
        "below": "no more than n = {n}, the smallest size analysed, for {names}",
        "above": "more than n = {n}, the largest size analysed, for {names}",
        "never": "The assumed effect of {names} is zero, so that its support would be an error.",
        "out_of_reach": "The support of {names} needs that of every part and is thereby out of reach.",
        "refused": "Samples of n = {sizes} cannot be analysed at all.",
        "too_few": "Samples of n = {sizes} cannot be analysed at all: the measurement model alone has {parameters} "
        "free parameters, more than there are respondents.",
        "lost": "Of the samples that can be analysed, {failed} had no solution and {inadmissible} an inadmissible "
        "one; they count as not supporting any proposition.",
        "none_lost": "All analysable samples had a proper solution.",
        "assumed": "Power holds for the assumed effects: {effects}.",
        "interval": " ({level} interval {lower} to {upper})",
        "and": "and",
        "product_indicator": ", product indicators",
        "lms": ", latent moderated structural equations",
        "qml": ", quasi-maximum likelihood",
        "holes": ", {share} of answers missing at random, {missing}",
        "thousands": ",",
        "point": ".",
    },
    "pt": {
        "method": "O poder estatístico foi determinado por simulação (Muthén & Muthén, 2002): {reps} amostras de cada "
        "tamanho (n = {sizes}) foram extraídas da população pressuposta pelo estudo, respondidas nas escalas do "
        "questionário e analisadas como o estudo será ({estimator}{interaction}{missing}); uma proposição contou como "
        "apoiada quando a sua regra de decisão declarada assim o disse.",
        "needed": "Um poder de {target} requer {list}.",
        "each": "n = {n}{interval} para {names}",
        "below": "não mais do que n = {n}, o menor tamanho analisado, para {names}",
        "above": "mais do que n = {n}, o maior tamanho analisado, para {names}",
        "never": "O efeito pressuposto de {names} é zero, pelo que o seu apoio seria um erro.",
        "out_of_reach": "O apoio de {names} exige o de todas as partes e fica, assim, fora de alcance.",
        "refused": "Amostras de n = {sizes} não podem sequer ser analisadas.",
        "too_few": "Amostras de n = {sizes} não podem sequer ser analisadas: só o modelo de medida tem {parameters} "
        "parâmetros livres, mais do que respondentes.",
        "lost": "Das amostras que podem ser analisadas, {failed} não tiveram solução e {inadmissible} tiveram uma "
        "inadmissível; contam como não apoiando nenhuma proposição.",
        "none_lost": "Todas as amostras analisáveis tiveram uma solução própria.",
        "assumed": "O poder vale para os efeitos pressupostos: {effects}.",
        "interval": " (intervalo de {level} de {lower} a {upper})",
        "and": "e",
        "product_indicator": ", produtos de indicadores",
        "lms": ", equações estruturais latentes moderadas",
        "qml": ", quasi-máxima verossimilhança",
        "holes": ", {share} das respostas ausentes ao acaso, {missing}",
        "thousands": ".",
        "point": ",",
    },
}


@dataclass(frozen=True, kw_only=True)
class Phrases:
    """Sentences and numbers of one language."""

    language: Language

    def __post_init__(self) -> None:
        if self.language not in _TEXTS:
            raise UnsupportedError(f"There is no language {self.language!r}. Available: {', '.join(_TEXTS)}.")

    def text(self, key: str, **values: object) -> str:
        """A phrase with its values filled in."""
        return _TEXTS[self.language][key].format(**values)

    def count(self, value: float) -> str:
        """A whole number."""
        return f"{value:,.0f}".replace(",", self.text("thousands"))

    def decimal(self, value: float) -> str:
        """An effect, with two decimals and a true minus."""
        return f"{value:.2f}".replace(".", self.text("point")).replace("-", "−")

    def share(self, value: float) -> str:
        """A percentage, with as many decimals as it has, two at most."""
        return f"{100 * value:.2f}".rstrip("0").rstrip(".").replace(".", self.text("point")) + "%"

    def listed(self, parts: Sequence[str]) -> str:
        """Parts joined by commas and a last "and"."""
        if len(parts) < 2:
            return "".join(parts)
        return f"{', '.join(parts[:-1])} {self.text('and')} {parts[-1]}"
