"""Titles and offices beside a person's name, with relative words resolved.

`find_roles` reads the words around a name («وزير الخارجية الروسي سيرغي لافروف», «سيرغي لافروف، وزير الخارجية الروسي»); `resolve_roles`
puts what relative words stand for («نظيره الأمريكي», «وزير خارجيته», «وزيري الخارجية الروسي فلان والأميركي فلان»).
"""

from __future__ import annotations

import re
from functools import lru_cache

from rasd.extraction.entities.gazetteer import head_words, nationalities, title_fields, title_words
from rasd.extraction.entities.mentions import Mention, Section
from rasd.extraction.entities.proclitics import letters_to_offset
from rasd.extraction.entities.words import cached_key, splits

_REACH = 14
_SKIPPED = frozenset("،,-–—:\"“”«»'()")
_LINK_WORDS = "في لدى إلى باسم لشؤون شؤون ب ل السابق السابقة الأسبق السابقين"
_PREPOSITION_WORDS = "في لدى إلى باسم لشؤون شؤون ب ل عن"
_PREPOSITIONS = frozenset(map(cached_key, _PREPOSITION_WORDS.split()))
_LINKS = frozenset(map(cached_key, _LINK_WORDS.split()))
_STOP_WORDS = (
    "الذي التي الذين اللذان اللذين اللتان اللتين اللواتي اليوم الآن الليلة السبت الأحد الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة "
    "الماضي الماضية المقبل المقبلة التقى التقت التقيا ألقى ألقت ألغى ألغت التزم التزمت التحق التحقت"
)
_STOPS = frozenset(map(cached_key, _STOP_WORDS.split()))
"""Words with «ال» that no office phrase holds: relative pronouns, days, verbs."""

_UNFINISHED_WORDS = "المعترف المكلف المكلفة المقرب المقربة المقيم المقيمة المعروف المعروفة"
_UNFINISHED = _PREPOSITIONS | frozenset(map(cached_key, _UNFINISHED_WORDS.split()))
_NO_TITLES = frozenset(map(cached_key, ("الوزراء", "الرئيسي")))
_APPOSITION_MARKS = frozenset('،,(-–—"”»')
_ENCOUNTER_WORDS = "استقبل استقبلت التقى التقت اتهم اتهمت زار زارت هاتف هاتفت قابل قابلت انتقد انتقدت هنأ هنأت شكر شكرت"
_ENCOUNTERS = frozenset(map(cached_key, _ENCOUNTER_WORDS.split()))
"""Verbs whose object may stand right behind their subject: «استقبل فلان السفير …»."""

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
    return (
        (word.startswith(("ال", "وال", "لل", "بال")) and word.removeprefix("و") not in _STOPS) or word in nationalities() or word in _LINKS
    )


@lru_cache(100_000)
def _institution(word: str) -> bool:
    """Whether a folded word, maybe behind «ل» or «ب», heads the name of an institution («لشركة»), as an office phrase goes on with."""
    return any(rest in head_words() for _, rest in splits(word))


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
    title: int | None = None
    i = last
    while i >= 0 and last - i < _REACH and tokens.sentences[i] == mention.sentence:
        other = owner.get(i)
        word = keys[i]
        kind = "" if other is not None and other.first != i else _head(word)[0]
        if kind in ("office", "title") and other is None:
            if head is not None and kind == "title":
                break
            head = i
            title = i if kind == "title" and word not in _NO_TITLES else title
        elif other is not None:
            if other.kind == "PERSON":
                break
        elif kind != "honorific" and not _continues(word) and not (i and owner.get(i - 1) is None and _head(keys[i - 1])[0] == "office"):
            break
        i -= 1
    if head is not None:
        if title is not None and title != head and not _head(keys[head])[1] and _behind_a_person(head, words, owner):
            # «فلان، مستشار الرئيس فلان»: the outer office is the first man's.
            head = title
        return None if head == mention.first - 1 and _is_construct(words[head], keys[head]) else (head, last)
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


def _behind_a_person(i: int, words: list[str], owner: dict[int, Mention]) -> bool:
    """Whether a person's name ends right before word i, or before the mark before it."""
    other = owner.get(i - 2 if i and words[i - 1] in _APPOSITION_MARKS else i - 1)
    return other is not None and other.kind == "PERSON"


def _is_construct(word: str, folded: str) -> bool:
    """Whether a title word with a name right behind it is somebody else's office: «مستشار فلان», but «الوزير فلان» and «مستشاره فلان»."""
    if _head(folded)[0] != "office" or word.endswith(("ه", "ها")):
        return False
    return not any(rest in _DUALS or _COUNTERPART.match(rest) for _, rest in splits(folded))


def _wants(keys: list[str], first: int, last: int, kind: str, word: str) -> bool:
    """Whether the office phrase from `first` to `last` is unfinished, so that any word goes on with it."""
    if last == first:
        return kind == "office"
    if keys[last] in _PREPOSITIONS:
        return _head(word)[0] == "office"
    # A construct («بشركة …») wants its second part.
    return not keys[last].startswith(("ال", "وال", "لل", "بال")) and _institution(keys[last])


def _after(mention: Mention, section: Section, owner: dict[int, Mention]) -> tuple[int, int] | None:
    words, keys, tokens = section.tokens.words, section.keys, section.tokens
    first = mention.last + 1
    while first < len(words) and first - mention.last <= 2 and words[first] in _APPOSITION_MARKS:
        first += 1
    set_off = first > mention.last + 1
    if first >= len(words) or tokens.sentences[first] != mention.sentence or first in owner:
        return None
    kind, cut = _head(keys[first])
    if cut or kind not in ("office", "title") or keys[first] in _NO_TITLES:
        return None
    if not set_off and mention.first and keys[mention.first - 1] in _ENCOUNTERS:
        return None
    last = first
    titled = False
    while last + 1 < len(words) and last - first < _REACH and tokens.sentences[last + 1] == mention.sentence:
        other = owner.get(last + 1)
        word = keys[last + 1]
        if other is not None:
            if other.kind == "PERSON" and other.proclitic.startswith(("و", "ف")):
                break
            if other.kind == "PERSON" and not (titled or other.proclitic or (last == first and kind == "office")):
                # «اتهم فلان رئيس الوزراء فلان»: the title belongs to the name that follows.
                return None
            titled = False
            last = other.last
            continue
        if not (_continues(word) or _institution(word) or _wants(keys, first, last, kind, word)) or not words[last + 1][0].isalpha():
            break
        # «مستشار الرئيس الأمريكي فلان»: the name that follows belongs to the inner title.
        titled = (titled and word in nationalities()) or (word.startswith("ال") and _head(word) == ("title", 0) and kind == "office")
        last += 1
    while last > first and keys[last] in _UNFINISHED and last not in owner:
        last -= 1
    if (
        kind == "title"
        and not set_off
        and last > first
        and keys[first + 1] in nationalities()
        and title_fields().get(keys[first]) == "state"
    ):
        # «التقى فلان الرئيس الروسي»: as likely somebody else.
        return None
    return (first, last) if last > first or (kind == "title" and set_off) else None


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
