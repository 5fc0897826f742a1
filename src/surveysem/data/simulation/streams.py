"""Streams of random numbers: each option has one of its own, so that it changes no other number."""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Stream(IntEnum):
    """What a stream is for; the numbers are part of what a seed means and never change."""

    GROUPS = 1
    CLUSTERS = 2
    CLUSTER_NOISE = 3
    CARELESS_KINDS = 4
    CARELESS_PATTERNS = 5
    SECONDS = 6
    MISSING = 7
    FORMS = 8
    REFUSALS = 9
    SPECIFIC = 10
    ATTRITION = 11
    WAVES = 12
    ITEMS = 13


def stream(seed: int, purpose: Stream, number: int = 0) -> np.random.Generator:
    """Source of randomness for one purpose and, of those drawn repeatedly, one wave."""
    return np.random.default_rng([seed, int(purpose), number])
