"""Names and the labels of words say the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rasd.extraction.backend import labels_of, names_of

LABELS = [f"{bio}-{kind}" for bio in "BI" for kind in ("PERSON", "LOCATION")]


def test_names_of_labels() -> None:
    labels = ["B-PERSON", "I-PERSON", "O", "I-LOCATION", "B-LOCATION", "I-PERSON"]
    scores = [0.9, 0.4, 1.0, 0.7, 0.6, 0.5]
    assert names_of(labels, scores) == [(0, 1, "PERSON", 0.4), (3, 3, "LOCATION", 0.7), (4, 4, "LOCATION", 0.6), (5, 5, "PERSON", 0.5)]
    assert names_of(["O", "O"], [1.0, 1.0]) == []


@given(st.lists(st.sampled_from(["O", *LABELS]), max_size=12))
def test_labels_of_names_have_the_same_names(labels: list[str]) -> None:
    names = names_of(labels, [1.0] * len(labels))
    again = labels_of(names, len(labels))
    assert names_of(again, [1.0] * len(labels)) == names
    assert [label[2:] for label in again] == [label[2:] for label in labels]
