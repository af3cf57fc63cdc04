"""Small log-linear models: named features with weights learned by `train.quotes`, shipped as the lexicon `quotes_model`."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from itertools import repeat

from rasd.resources import lexicon

_ZEROS = repeat(0.0)


class LogLinear:
    """A sum of feature weights; features that training has not seen weigh nothing."""

    def __init__(self, weights: dict[str, float]) -> None:
        self.weights = weights

    def score(self, features: Iterable[str]) -> float:
        """The log-odds."""
        return sum(map(self.weights.get, features, _ZEROS))

    def probability(self, features: Iterable[str]) -> float:
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, self.score(features)))))


@lru_cache
def load(name: str) -> LogLinear:
    """The model of that name (report, boundary, speaker, confidence); without weights where none were trained."""
    return LogLinear({row["feature"]: float(row["weight"]) for row in lexicon("quotes_model") if row["model"] == name})
