"""Near-duplicates: found, told from strangers, and the same whatever the order."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rasd.arabic import fold_all
from rasd.cleaning.duplicates import SIGNATURE_TYPE, near_duplicate_clusters, signatures, text_hashes
from rasd.settings import Settings


def story(seed: int, words: int = 200) -> list[str]:
    """Invented words in an order of their own."""
    dice = random.Random(seed)
    return ["".join(dice.choices("ابتجحدرسصطعفقكلمنهوي", k=dice.randint(3, 7))) for _ in range(words)]


def cluster(texts: dict[str, str], settings: Settings | None = None) -> dict[str, str | None]:
    ids = pa.array(list(texts))
    found = near_duplicate_clusters(ids, signatures(fold_all(list(texts.values()))), settings or Settings())
    return dict(zip(texts, found.to_pylist(), strict=True))


BASE = story(1)
TEXTS = {
    "b": " ".join(BASE),
    "c": " ".join([*BASE[:90], "كلمة", "أخرى", *BASE[92:]]),
    "a": " ".join([*BASE, *story(2, 60)]),
    "d": " ".join(story(3)),
    "e": " ".join(story(4)),
    "f": " ".join(story(4)[:120]),
    "g": "",
    "h": "كلمة",
}
CLUSTERS = {"b": "a", "c": "a", "a": "a", "d": None, "e": "e", "f": "e", "g": None, "h": None}


def test_changed_and_grown_texts_share_the_cluster_of_the_smallest_id() -> None:
    assert cluster(TEXTS) == CLUSTERS


@given(st.permutations(list(TEXTS)))
@hypothesis_settings(deadline=None, max_examples=20)
def test_order_does_not_matter(order: list[str]) -> None:
    assert cluster({name: TEXTS[name] for name in order}) == CLUSTERS


def test_signatures_do_not_depend_on_their_neighbours() -> None:
    texts = fold_all(list(TEXTS.values()))
    assert signatures(texts).equals(pa.concat_arrays([signatures([text]) for text in texts]))
    assert signatures([]).type == SIGNATURE_TYPE


def test_more_texts_than_one_sort_takes() -> None:
    texts = [" ".join(story(seed, 12)) for seed in range(1100)]
    assert signatures(texts)[1050].as_py() == signatures([texts[1050]])[0].as_py()


def test_letter_forms_and_marks_make_no_difference() -> None:
    text = TEXTS["b"].replace("ا", "أ")
    assert cluster({"x": TEXTS["b"], "y": f"«{text}»!"}) == {"x": "x", "y": "x"}


def test_a_chain_of_updates_is_no_one_cluster_from_end_to_end() -> None:
    words = story(9, 900)
    chain = {f"{i:02}": " ".join(words[i * 40 : i * 40 + 260]) for i in range(12)}
    found = cluster(chain)
    assert found["00"] is not None
    assert found["00"] != found["11"]


def test_threshold_is_a_setting() -> None:
    pair = {"x": " ".join(BASE), "y": " ".join([*BASE[:110], *story(5, 90)])}
    assert cluster(pair, Settings(near_duplicate_containment=0.9)) == {"x": None, "y": None}
    assert cluster(pair, Settings(near_duplicate_containment=0.5)) == {"x": "x", "y": "x"}


def test_many_copies_are_one_cluster() -> None:
    copies = {f"{i:04}": " ".join([*BASE, str(i)]) for i in range(400)}
    assert set(cluster(copies).values()) == {"0000"}


def test_none() -> None:
    assert near_duplicate_clusters(pa.array([], pa.string()), pa.array([], SIGNATURE_TYPE), Settings()).to_pylist() == []


@pytest.mark.parametrize("text", ["", "نص", "نصان معا"])
def test_hashes_are_the_same_on_every_machine_and_in_every_batch(text: str) -> None:
    assert text_hashes(["قبل", text, "بعد"])[1] == text_hashes([text])[0]
    assert text_hashes(["نص"]).tolist() == [535045369539245867]
