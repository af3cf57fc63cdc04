"""The embedded tagger, and its command for CoNLL files."""

from __future__ import annotations

import io
import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rasd.extraction.entities import conll
from rasd.extraction.entities.statistical import StatisticalTagger, viterbi
from rasd.extraction.entities.vocabulary import MODEL
from rasd.schema import ENTITY_TYPES

SENTENCES = [["قال", "وزير", "الخارجية", "سيرغي", "لافروف", "في", "موسكو", "."], ["أعلنت", "الأمم", "المتحدة", "ذلك"], [], ["نعم"]]


@pytest.fixture(scope="module")
def tagger() -> StatisticalTagger:
    return StatisticalTagger()


def test_names_of_a_plain_sentence(tagger: StatisticalTagger) -> None:
    names = tagger.tag(SENTENCES[:2])
    assert [[name[:3] for name in found] for found in names] == [[(3, 4, "PERSON"), (6, 6, "LOCATION")], [(1, 2, "ORGANIZATION")]]
    assert all(0 < score <= 1 for found in names for *_, score in found)


def test_a_sentence_does_not_depend_on_its_neighbours(tagger: StatisticalTagger) -> None:
    crowd = [[f"{word}{i % 7}" if i % 3 else word for word in words] for i, words in enumerate(SENTENCES * 40)]
    together = tagger.tag(crowd)
    # To the last bit: how articles are spread over shards must not show in the rows.
    assert together == [tagger.tag([words])[0] for words in crowd]
    assert together == [names for i in range(0, len(crowd), 7) for names in tagger.tag(crowd[i : i + 7])]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.text(min_size=1, max_size=20), max_size=30), max_size=8))
def test_any_words_get_names_in_order(sentences: list[list[str]]) -> None:
    tagged = StatisticalTaggerOnce.tagger().tag(sentences)
    assert len(tagged) == len(sentences)
    for words, names in zip(sentences, tagged, strict=True):
        bounds = [bound for first, last, _, _ in names for bound in (first, last + 1)]
        assert bounds == sorted(bounds)
        assert all(0 <= bound <= len(words) for bound in bounds)
        assert {kind for *_, kind, _ in names} <= set(ENTITY_TYPES)


class StatisticalTaggerOnce:
    """One tagger for all examples: loading it for each would take minutes."""

    _tagger: StatisticalTagger | None = None

    @classmethod
    def tagger(cls) -> StatisticalTagger:
        cls._tagger = cls._tagger or StatisticalTagger()
        return cls._tagger


def test_words_that_were_forgotten_are_learned_anew(monkeypatch: pytest.MonkeyPatch, tagger: StatisticalTagger) -> None:
    monkeypatch.setattr("rasd.extraction.entities.statistical._MOST_WORDS", 1)
    assert tagger.tag(SENTENCES) == tagger.tag(SENTENCES) == StatisticalTagger().tag(SENTENCES)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_viterbi_finds_the_best_path(seed: int, lengths: list[int]) -> None:
    random = np.random.default_rng(seed)
    scores = random.normal(size=(sum(lengths) + len(lengths), 3)).astype(np.float32)
    transitions, starts = random.normal(size=(3, 3)).astype(np.float32), random.normal(size=3).astype(np.float32)
    begins = np.cumsum([0, *[n + 1 for n in lengths[:-1]]])
    found = viterbi(scores, transitions, starts, begins, np.array(lengths))
    for begin, length in zip(begins.tolist(), lengths, strict=True):
        path = found[begin : begin + length].tolist()

        def total(labels: tuple[int, ...], begin: int = begin) -> float:
            steps = sum(float(transitions[a, b]) for a, b in itertools.pairwise(labels))
            return float(starts[labels[0]]) + steps + sum(float(scores[begin + t, label]) for t, label in enumerate(labels))

        assert total(tuple(path)) == pytest.approx(max(total(labels) for labels in itertools.product(range(3), repeat=length)), abs=1e-4)


def test_conll_tokens_come_back_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "sample.conll"
    path.write_text("قال O\nسيرغي B-PERS\nلافروف I-PERS\n. O\n\n\nفي\nموسكو\n", encoding="utf-8")
    out = io.StringIO()
    conll.tag_file(path, out)
    lines = out.getvalue().split("\n")
    assert [line.split("\t")[0] for line in lines] == ["قال", "سيرغي", "لافروف", ".", "", "في", "موسكو", "", ""]
    assert [line.split("\t")[1] for line in lines if line] == ["O", "B-PERS", "I-PERS", "O", "O", "B-LOC"]


def test_the_model_is_small_enough_to_ship() -> None:
    assert MODEL.stat().st_size <= 25_000_000
