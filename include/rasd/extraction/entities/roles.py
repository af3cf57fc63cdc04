"""Titles and offices beside a person's name, with relative words resolved.

`find_roles` reads the words around a name («وزير الخارجية الروسي سيرغي لافروف», «سيرغي لافروف، وزير الخارجية الروسي»); `resolve_roles`
puts what relative words stand for («نظيره الأمريكي», «وزير خارجيته», «وزيري الخارجية الروسي فلان والأميركي فلان»).
"""

from __future__ import annotations

import re
from functools import lru_cache

from rasd.extraction.entities.gazetteer import nationalities, title_words
from rasd.extraction.entities.mentions import Mention, Section
from rasd.extraction.entities.proclitics import letters_to_offset
from rasd.extraction.entities.words import cached_key, splits

_REACH = 14
_SKIPPED = frozenset("،,-–—:\"“”«»'()")
_LINK_WORDS = "في لدى إلى باسم لشؤون شؤون ب ل السابق السابقة الأسبق السابقين"
_LINKS = frozenset(map(cached_key, _LINK_WORDS.split()))
_DUALS = {"وزيري": "وزير", "وزيرا": "وزير", "رئيسي": "رئيس", "رئيسا": "رئيس", "مندوبي": "مندوب", "مندوبا": "مندوب", "سفيري": "سفير"}
_COUNTERPART = re.compile("^نظير(?:ه|ها|ته|تها|هما|تيه|يه|يها)$")
_OWN_PORTFOLIO = re.compile("^(.{3,}?)(?:ته|تها)$")


@lru_cache(100_000)
def _head(word: str) -> tuple[str, int]:
    """Class of a title word and the letters of its proclitics; ("", 0) for another word."""
    titles = title_words()
    for proclitics, rest in splits(word):
        if rest in titles:
            return titles[rest], len(proclitics)
        if rest in _DUALS or _COUNTERPART.match(rest):
            return "office", len(proclitics)
    return "", 0


def _continues(word: str) -> bool:
    """Whether a folded word can stand inside an office phrase: definite, a nationality, or one of a few links."""
    return word.startswith(("ال", "وال", "لل", "بال")) or word in nationalities() or word in _LINKS


def find_roles(mentions: list[Mention], section: Section) -> None:
    """Set `role` of the persons among one section's mentions (in order)."""
    if not any(mention.kind == "PERSON" for mention in mentions):
        return
    text, tokens = section.text, section.tokens
    owner: dict[int, Mention] = {}
    for mention in mentions:
        owner.update(dict.fromkeys(range(mention.first, mention.last + 1), mention))
    for mention in mentions:
        if mention.kind != "PERSON" or mention.proclitic.endswith(("ب", "ك")):
            continue
        span = _before(mention, section, owner) or _after(mention, section, owner)
        if span is None:
            continue
        first, last = span
        word = section.keys[first]
        _, cut = _head(word)
        if not cut and word.startswith("وال"):
            cut = 1
        start = tokens.starts[first] + letters_to_offset(tokens.words[first], cut)
        hidden_article = "ا" if cut and word.startswith("لل", cut - 1) else ""
        mention.role = hidden_article + " ".join(text[start : tokens.ends[last]].split())


def _before(mention: Mention, section: Section, owner: dict[int, Mention]) -> tuple[int, int] | None:
    words, keys, tokens = section.tokens.words, section.keys, section.tokens
    last = mention.first - 1
    while last >= 0 and mention.first - last <= 3 and (words[last] in _SKIPPED or _head(keys[last])[0] == "honorific"):
        last -= 1
    if last < 0 or (words[mention.first - 1] in ("(", ":", "-") and mention.first - 1 > last):
        return None
    head: int | None = None
    i = last
    while i >= 0 and last - i < _REACH and tokens.sentences[i] == mention.sentence:
        other = owner.get(i)
        word = keys[i]
        kind = "" if other is not None and other.first != i else _head(word)[0]
        if kind in ("office", "title") and other is None:
            if head is not None and kind == "title":
                break
            head = i
        elif other is not None:
            if other.kind == "PERSON":
                break
        elif kind != "honorific" and not _continues(word) and not (i and owner.get(i - 1) is None and _head(keys[i - 1])[0] == "office"):
            break
        i -= 1
    if head is not None:
        return head, last
    # «… الروسي سيرغي لافروف والأميركي جون كيري»: the office stands before the first name.
    adjective = keys[last]
    if (
        adjective.startswith("وال")
        and adjective[1:] in nationalities()
        and last
        and (before := owner.get(last - 1))
        and before.kind == "PERSON"
    ):
        return last, last
    return None


def _after(mention: Mention, section: Section, owner: dict[int, Mention]) -> tuple[int, int] | None:
    words, keys, tokens = section.tokens.words, section.keys, section.tokens
    first = mention.last + 1
    if first < len(words) and words[first] in ("،", ",", "(", "-", "–", '"', "”", "»"):
        first += 1
    if first >= len(words) or tokens.sentences[first] != mention.sentence or first in owner:
        return None
    if _head(keys[first]) != ("office", 0):
        return None
    last = first
    while last + 1 < len(words) and last - first < _REACH and tokens.sentences[last + 1] == mention.sentence:
        other = owner.get(last + 1)
        word = keys[last + 1]
        if other is None and not _continues(word) and not (last == first and words[last + 1].isalpha()):
            break
        if other is not None and other.kind == "PERSON":
            break
        last += 1
    while last > first and keys[last] in _LINKS and not keys[last].startswith("ال"):
        last -= 1
    return (first, last) if last > first else None


def _without_nationality(role: str) -> tuple[str, str]:
    """A role and the nationality adjective that ends it ("" for none)."""
    base, _, last = role.rpartition(" ")
    return (base, last) if base and cached_key(last) in nationalities() else (role, "")


def resolve_roles(mentions: list[Mention]) -> None:
    """Set `role_resolved` of one article's mentions (in reading order, coreference done)."""
    known: dict[str, str] = {}
    latest: Mention | None = None
    for mention in mentions:
        if mention.kind != "PERSON":
            continue
        if mention.role:
            mention.role_resolved = _resolved(mention, latest, known) or mention.role
            known.setdefault(mention.canonical, mention.role_resolved)
        if mention.canonical in known:
            latest = mention


def _resolved(mention: Mention, latest: Mention | None, known: dict[str, str]) -> str:
    """What a relative role stands for, "" where nothing says it."""
    first, _, rest = mention.role.partition(" ")
    head = cached_key(first)
    dual = _DUALS.get(head)
    if dual is not None:
        return f"{dual} {rest}"
    if latest is None or latest.canonical == mention.canonical:
        return ""
    base, nationality = _without_nationality(known[latest.canonical])
    if _COUNTERPART.match(head) or (not rest and head in nationalities()):
        own = rest or (first if head in nationalities() else "")
        return f"{base} {own.removeprefix('و')}".strip() if not own or cached_key(own.split()[0]) in nationalities() else ""
    portfolio, _, more = rest.partition(" ")
    own_portfolio = _OWN_PORTFOLIO.match(portfolio)
    if own_portfolio and not more and nationality and own_portfolio.group(1).endswith("ي"):
        return f"{first} ال{own_portfolio.group(1)}ة {nationality}"
    return ""
