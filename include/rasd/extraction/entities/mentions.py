"""From the labels of words to mentions of names, with offsets that hold exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rasd.extraction.backend import Tagged
from rasd.extraction.entities.gazetteer import name_key, nationalities
from rasd.extraction.entities.proclitics import Splitter, letters_to_offset
from rasd.extraction.entities.words import cached_key
from rasd.extraction.tokens import Tokens


@dataclass(slots=True)
class Mention:
    """One mention: words `first` to `last` (inclusive) of a section, its type, and where it stands."""

    section: str
    first: int
    last: int
    kind: str
    score: float
    start: int
    end: int
    surface: str
    proclitic: str
    sentence: int
    name: str
    """The surface on one line, with the article that «لل» swallows."""

    key: str
    """The name key of `name`."""

    role: str = ""
    role_resolved: str = ""
    canonical: str = ""


def spans(labels: Sequence[str]) -> list[tuple[int, int, str]]:
    """(first, last, type) of the names in one sentence's BIO labels; an I- with no name before it begins one."""
    found: list[tuple[int, int, str]] = []
    for i, label in enumerate(labels):
        if label == "O":
            continue
        bio, _, kind = label.partition("-")
        if bio == "I" and found and found[-1][1] == i - 1 and found[-1][2] == kind:
            found[-1] = (found[-1][0], i, kind)
        else:
            found.append((i, i, kind))
    return found


def mentions_of(section: str, text: str, tokens: Tokens, tagged: Tagged, sentences: range, splitter: Splitter) -> list[Mention]:
    """Mentions of one section, in order.

    `tagged` holds a batch of sentences; `sentences` are the indices of those that are this section's, in order.
    """
    candidates: list[tuple[int, int, str, float]] = []
    offset = 0
    for index in sentences:
        labels = tagged.labels[index]
        for first, last, kind in spans(labels):
            scores = tagged.scores[index][first : last + 1]
            candidates.append((offset + first, offset + last, kind, min(scores)))
        offset += len(labels)
    words = tokens.words
    others = {cached_key(words[first]) for first, _, _, _ in candidates}
    found: list[Mention] = []
    for first, last, kind, score in candidates:
        folded = cached_key(words[first])
        if first == last and folded in nationalities():
            continue
        letters = splitter.cut(folded, others)
        cut = letters_to_offset(words[first], letters) if letters else 0
        start, end = tokens.starts[first] + cut, tokens.ends[last]
        if start >= end:
            continue
        surface = text[start:end]
        name = " ".join(surface.split())
        if letters and folded.startswith("لل", letters - 1):
            name = "ال" + name[1:]
        proclitic = text[tokens.starts[first] : start]
        found.append(
            Mention(section, first, last, kind, score, start, end, surface, proclitic, tokens.sentences[first], name, name_key(name))
        )
    return found
