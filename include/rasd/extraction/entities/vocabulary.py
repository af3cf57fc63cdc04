"""How often words occur in the text that the shipped model was made from."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from rasd.resources import HERE

MODEL = HERE / "ner.npz"


@lru_cache(1)
def word_counts() -> dict[str, int]:
    """Occurrences by folded word; rare words are left out. The order is that of the model's word inputs."""
    with np.load(MODEL) as model:
        words = model["words"].tobytes().decode("utf-8").split("\n")
        return dict(zip(words, model["counts"].tolist(), strict=True))


def count(word: str) -> int:
    """Occurrences of a folded word, 0 for a rare one."""
    return word_counts().get(word, 0)
