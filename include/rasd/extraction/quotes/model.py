"""Small log-linear models: named features with weights learned by `train.quotes`, shipped as the lexicon `quotes_model`."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Models:
    """What judges: is a candidate a quote, does a reported clause end here, which candidate speaks, is the chosen speaker right."""

    report: LogLinear
    boundary: LogLinear
    speaker: LogLinear
    confidence: LogLinear


@lru_cache(1)
def shipped() -> Models:
    """The models that ship with Rasd."""
    weights: dict[str, dict[str, float]] = {}
    for row in lexicon("quotes_model"):
        weights.setdefault(row["model"], {})[row["feature"]] = float(row["weight"])
    return Models(**{name: LogLinear(part) for name, part in weights.items()})
