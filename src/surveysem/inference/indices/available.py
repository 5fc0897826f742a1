"""Fit indices that say why one of them is not there."""

from __future__ import annotations

from typing import NoReturn

from surveysem.errors import MissingIndexError, Problem


class AvailableIndices(dict[str, float]):
    """Fit indices by lavaan's names; asking for one that a model does not have is answered with those it has."""

    def __missing__(self, key: object) -> NoReturn:
        found = "this model has no χ², and nothing made of it" if "chisq" not in self else "this model does not have it"
        problem = Problem(where=f"fit_indices[{key!r}]", found=found, remedy=f"Available: {', '.join(self)}.")
        raise MissingIndexError("There is no such fit index.", [problem])
