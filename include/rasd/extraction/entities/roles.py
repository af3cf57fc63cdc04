"""Titles and offices beside a person's name, with relative words resolved."""

from __future__ import annotations

from rasd.extraction.entities.gazetteer import nationalities, title_words
from rasd.extraction.entities.mentions import Mention
from rasd.extraction.entities.words import cached_key, splits
from rasd.extraction.tokens import Tokens

_REACH = 12
_LINKS = frozenset(map(cached_key, ("في", "لدى", "إلى", "باسم", "لشؤون", "شؤون", "من", "على", "ل", "بن", "عن")))


def _head(word: str) -> str | None:
    """Class of a title word, its proclitics cut off."""
    titles = title_words()
    for _, rest in splits(word):
        if rest in titles:
            return titles[rest]
    return None


def find_roles(mentions: list[Mention], text: str, tokens: Tokens) -> None:
    """Set `role` of the persons among one section's mentions (in order)."""
    words = [cached_key(word) for word in tokens.words]
    inside: dict[int, Mention] = {}
    for mention in mentions:
        for i in range(mention.first, mention.last + 1):
            inside[i] = mention
    for mention in mentions:
        if mention.kind == "PERSON":
            span = _before(mention, words, tokens, inside) or _after(mention, words, tokens, inside)
            if span is not None:
                first, last = span
                start = tokens.starts[first]
                word = words[first]
                for proclitics, rest in splits(word)[1:]:
                    if rest in title_words() and word not in title_words():
                        start += len(proclitics)
                        break
                mention.role = " ".join(text[start : tokens.ends[last]].split())


def _before(mention: Mention, words: list[str], tokens: Tokens, inside: dict[int, Mention]) -> tuple[int, int] | None:
    last = mention.first - 1
    while last >= 0 and (words[last] in ("،", ",", ".") or title_words().get(words[last]) == "honorific") and last >= mention.first - 3:
        last -= 1
    head = None
    i = last
    while i >= 0 and last - i < _REACH and tokens.sentences[i] == mention.sentence:
        other = inside.get(i)
        kind = _head(words[i]) if other is None else None
        if kind in ("office", "title"):
            head = i
        elif kind == "honorific":
            pass
        elif other is not None:
            if other.kind == "PERSON":
                break
        elif not (
            words[i].startswith("ال")
            or words[i] in nationalities()
            or words[i] in _LINKS
            or words[i].startswith(("وال", "لل", "بال", "لشوون"))
        ):
            break
        i -= 1
    return (head, last) if head is not None else None


def _after(mention: Mention, words: list[str], tokens: Tokens, inside: dict[int, Mention]) -> tuple[int, int] | None:
    first = mention.last + 1
    if first >= len(words) or words[first] not in ("،", ",", "(", "-"):
        return None
    first += 1
    if first >= len(words) or tokens.sentences[first] != mention.sentence or title_words().get(words[first]) not in ("office", "title"):
        return None
    last = first
    while (
        last + 1 < len(words)
        and last - first < _REACH
        and tokens.sentences[last + 1] == mention.sentence
        and (
            words[last + 1].startswith(("ال", "وال", "لل"))
            or words[last + 1] in nationalities()
            or (last + 1 in inside and inside[last + 1].kind != "PERSON")
        )
    ):
        last += 1
    return first, last
