"""Mentions of one thing in one article: surnames find their full names, short forms their long ones."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from rasd.extraction.entities.gazetteer import Organisation, Place, countries, organisations, places
from rasd.extraction.entities.mentions import Mention
from rasd.extraction.entities.names import shortens, sounds

_ARTICLE = re.compile("^(?:[وفبك]?ال|[وف]?لل)(?=..)")
_OBLIQUE = frozenset(("أبي", "ابي", "أبا", "ابا"))


def resolve(mentions: list[Mention]) -> None:
    """Set `canonical` of the mentions of one article (in reading order): the fullest form that the article uses for the same thing."""
    for kind in ("PERSON", "LOCATION", "ORGANIZATION", "MISC"):
        of_kind = [mention for mention in mentions if mention.kind == kind]
        if kind == "PERSON":
            _persons(of_kind)
        elif of_kind:
            _others(of_kind)


def _persons(mentions: list[Mention]) -> None:
    forms: dict[tuple[str, ...], list[int]] = {}
    for position, mention in enumerate(mentions):
        forms.setdefault(sounds(mention.key), []).append(position)
    best = {form: _display(form, [mentions[i] for i in positions]) for form, positions in forms.items()}
    fullest: dict[tuple[tuple[str, ...], int], tuple[str, ...]] = {}
    for form, positions in forms.items():
        longer = [other for other in forms if shortens(form, other)]
        for position in positions:
            if longer:
                fullest[form, position] = _nearest(longer, position, forms)
    for form, positions in forms.items():
        for position in positions:
            target = form
            for _ in range(4):
                # A chain: surname → two names → full name, each by the nearest mention.
                step = fullest.get((target, position)) or fullest.get((target, forms[target][0]))
                if step is None:
                    break
                target = step
            mentions[position].canonical = best[target]


def _nearest(candidates: list[tuple[str, ...]], position: int, forms: dict[tuple[str, ...], list[int]]) -> tuple[str, ...]:
    """The candidate last mentioned before the position; when none was, the one mentioned first after it."""
    before = [(max(p for p in forms[form] if p < position), form) for form in candidates if forms[form][0] < position]
    if before:
        return max(before)[1]
    return min((forms[form][0], form) for form in candidates)[1]


def _display(form: tuple[str, ...], mentions: list[Mention]) -> str:
    """The commonest spelling, the first one where several are; «أبي فلان» of an oblique case as «أبو فلان»."""
    counts = Counter(mention.name for mention in mentions)
    name = max(counts, key=lambda name: counts[name])
    first, _, rest = name.partition(" ")
    # «أبيّ بن …» is a given name.
    return f"{first[:2]}و {rest}" if first in _OBLIQUE and rest and not rest.startswith("بن ") else name


def _others(mentions: list[Mention]) -> None:
    groups: dict[str, dict[str, int]] = {}
    identities: list[str] = []
    longer = _longer_names(mentions)
    for mention in mentions:
        known = _known(mention)
        key = longer.get(mention.key, mention.key) if known is None else mention.key
        known = known or (organisations().get(key) if mention.kind == "ORGANIZATION" else None)
        identity = known.id if known is not None and known.id else key
        identities.append(identity)
        names = groups.setdefault(identity, {})
        names[mention.name] = names.get(mention.name, 0) + 1
    fullest = {
        identity: max(names, key=lambda name, names=names: (len(name.split()), names[name], len(name)))  # type: ignore[misc]
        if len(names) > 1
        else next(iter(names))
        for identity, names in groups.items()
    }
    for mention, identity in zip(mentions, identities, strict=True):
        mention.canonical = fullest[identity]


def _longer_names(mentions: list[Mention]) -> dict[str, str]:
    """Keys of organisations' names that are cut short («الأرصاد» for «الرئاسة العامة للأرصاد»), and the longest name of the article that
    holds all their words, where there is but one. One word that only opens a longer name («البنك») cuts none short."""
    words = {mention.key: _name_words(mention.key) for mention in mentions if mention.kind == "ORGANIZATION"}
    with_word: dict[str, list[str]] = {}
    for key, held in words.items():
        for word in held:
            with_word.setdefault(word, []).append(key)
    found: dict[str, str] = {}
    for key, short in words.items():
        rarest = min((with_word[word] for word in short), key=len, default=[])
        longer = [other for other in rarest if short < words[other] and (len(short) > 1 or not other.startswith(key + " "))]
        longest = max(longer, key=lambda other: len(words[other]), default="")
        if longest and all(words[other] <= words[longest] for other in longer):
            found[key] = longest
    return found


@lru_cache(50_000)
def _name_words(key: str) -> frozenset[str]:
    """The words of a name key without the article and what is written together with it («للأرصاد»)."""
    return frozenset(_ARTICLE.sub("", word) for word in key.split())


def _known(mention: Mention) -> Place | Organisation | None:
    if mention.kind == "ORGANIZATION":
        return organisations().get(mention.key)
    return countries().get(mention.key) or places().get(mention.key)
