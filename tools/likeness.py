"""How alike two words are in meaning, by the static vectors that also serve retrieval.

Knows single words. Pure: a word has one vector, whatever was asked before.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from .embedders import Vectors, WordLlama

_LEAST = 0.38
"""Cosine under which two words have nothing in common (`bidder` and `bonus` have 0.16)."""


@lru_cache(maxsize=1)
def _model() -> WordLlama:
    return WordLlama()


@lru_cache(maxsize=32768)
def _vector(word: str) -> Vectors:
    vector: Vectors = _model().embed([word])[0]
    return vector


def likeness(wanted: Sequence[str], words: Sequence[str]) -> list[float]:
    """For each wanted word how well the likest of `words` stands for it: 0, or 0.45 to 0.8."""
    if not wanted or not words:
        return [0.0] * len(wanted)
    ours = np.stack([_vector(word.lower()) for word in wanted])
    theirs = np.stack([_vector(word.lower()) for word in words])
    best = (ours @ theirs.T).max(axis=1)
    return [min(0.8, float(cosine) + 0.12) if cosine >= _LEAST else 0.0 for cosine in best]
