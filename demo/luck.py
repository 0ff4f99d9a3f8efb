"""Chance, product by product and day by day: what falls to one product on one day depends on nothing else.

So a product that is added moves no other's luck, and a market in which somebody bought differs from the one in which
nobody did by that purchase alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, pdtr, pdtrik  # type: ignore[import-untyped,unused-ignore]

Numbers = NDArray[np.float64]
BLOCK_DAYS = 64


def key(text: str) -> int:
    """64 bits that stand for a text."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


class Luck:
    """Uniform numbers for each of `names`, `draws` of them a day."""

    def __init__(self, seed: int, names: Sequence[str], draws: int) -> None:
        self._keys = [key(name) for name in names]
        self._seed, self._draws = seed, draws
        self._block = lru_cache(maxsize=2)(self._drawn)

    def on(self, day: int) -> Numbers:
        """Shape (draws, names), in (0, 1), for a day from -BLOCK_DAYS on."""
        block, within = divmod(day + BLOCK_DAYS, BLOCK_DAYS)
        return self._block(block)[:, within, :].T

    def _drawn(self, block: int) -> Numbers:
        shape = (BLOCK_DAYS, self._draws)
        drawn = np.empty((len(self._keys), *shape))
        for row, one in enumerate(self._keys):
            np.random.default_rng((self._seed, one, block)).random(shape, out=drawn[row])
        return np.clip(drawn, 1e-12, 1 - 1e-12)


def normal(uniform: Numbers) -> Numbers:
    """Standard normal numbers."""
    return np.asarray(ndtri(uniform), dtype=np.float64)


def between(uniform: Numbers, low: float, high: float) -> Numbers:
    """Numbers spread evenly from low to high."""
    return low + (high - low) * uniform


def poisson(uniform: Numbers, mean: Numbers) -> Numbers:
    """Poisson numbers of these means by the inverse of the distribution function: more luck, never fewer."""
    some = np.maximum(mean, 1e-9)
    found = np.ceil(pdtrik(uniform, some))
    lower = np.maximum(found - 1, 0)
    found = np.where(pdtr(lower, some) >= uniform, lower, found)
    return np.where(mean > 1e-9, np.maximum(np.nan_to_num(found), 0), 0.0)
