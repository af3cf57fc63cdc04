"""From the names that a tagger finds to mentions: consistent over the article, with offsets that hold exactly."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rasd.extraction.backend import Name
from rasd.extraction.entities.gazetteer import (
    countries,
    doubtful,
    given_names,
    head_words,
    long_names,
    name_key,
    nationalities,
    organisations,
    persons,
    places,
    short_places,
    title_words,
)
from rasd.extraction.entities.names import PARTICLES
from rasd.extraction.entities.proclitics import Splitter, letters_to_offset
from rasd.extraction.entities.words import cached_key, with_proclitics
from rasd.extraction.tokens import Tokens
from rasd.resources import lexicon

_SURE, _GIVEN = 0.3, 0.5
_RARE = 400
"""Occurrences in the training text up to which a word that names something in an article names it wherever it stands there."""


_ORDINAL_WORDS = "الاول الثاني الثالث الرابع الخامس السادس السابع الثامن التاسع العاشر"
_ORDINALS = frozenset(_ORDINAL_WORDS.split())
_HASHTAG = frozenset("#_")
_NO_NAME = str.maketrans(dict.fromkeys('#_"“”«»„', " "))
_PLACE_CLASSIFIERS = "قريه بلده محافظه ولايه مديريه ناحيه"
_ORGANISATION_CLASSIFIERS = "صحيفه جريده مجله قناه شبكه موقع شركه ميليشيا ميليشيات مليشيا مليشيات"
_CLASSIFIERS = {"LOCATION": frozenset(_PLACE_CLASSIFIERS.split()), "ORGANIZATION": frozenset(_ORGANISATION_CLASSIFIERS.split())}
_CURRENCY_WORDS = "دولار دولارا دولارات يورو درهم درهما دراهم جنيه جنيها ريال ريالا دينار دينارا ليره شيكل روبل فرنك"
_CURRENCIES = frozenset(_CURRENCY_WORDS.split())
_COMMON = 20_000
_IN_THE_NAME_OF_WORDS = "متحدث متحدثة متحدثين متحدثون ناطق ناطقة ناطقين عرف عرفت يعرف تعرف معروف معروفة مشهور مشهورة حساب"
_IN_THE_NAME_OF = frozenset(form for word in map(cached_key, _IN_THE_NAME_OF_WORDS.split()) for form in (word, "ال" + word))
"""Words before «باسم فلان» that make «باسم» no given name."""

_DESCENT = frozenset(("بن", "بنت"))
_OPENING_MARKS = frozenset('"“«„')
_COMPLEMENTS = frozenset(("على", "علي", "عن", "من", "إلى", "الى", "جدا", "جداً", "بأن", "لأن"))
_IN_OR_TO = frozenset(map(cached_key, ("في", "إلى")))
_NAMED_AFTER = frozenset(("حركه", "كتائب", "كتايب", "كتيبه", "سرايا"))
"""Armed groups and movements: a person's name behind one is the group's."""

_SEPARATORS = frozenset("-–—/،,:؛|")
_BELONGING_WORDS = (
    "التابع التابعة العامل العاملة المنضوي المنضوية الموالي الموالية المدعوم المدعومة المتمركز المتمركزة الواقع الواقعة المطل المطلة "
    "المحاذي المحاذية المتاخم المتاخمة الكائن الكائنة المتواجد المتواجدة الموجود الموجودة المسمى المسماة المعروف المعروفة المنتشر "
    "المنتشرة المكلف المكلفة المنبثق المنبثقة المتحالف المتحالفة المنتمي المنتمية الممتد الممتدة المتخصص المتخصصة المختص المختصة"
)
_BELONGING = frozenset(map(cached_key, _BELONGING_WORDS.split()))
"""Participles that say more about a name before a preposition («القوات العاملة في …»); a name doesn't end with one."""


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


@dataclass(slots=True)
class Span:
    """A name among the words of a section: first and last word, type, score."""

    first: int
    last: int
    kind: str
    score: float


@dataclass(slots=True)
class Section:
    """A section of an article with its tokens, their folded words, and the names found in it, in order."""

    name: str
    text: str
    tokens: Tokens
    keys: list[str]
    spans: list[Span] = field(default_factory=list)
    distinct: frozenset[str] = field(init=False)
    """The folded words, each once: says at once that a section has none of some words."""

    def __post_init__(self) -> None:
        self.distinct = frozenset(self.keys)


def read_section(name: str, text: str, tokens: Tokens, sentences: Sequence[Sequence[str]], names: Sequence[Sequence[Name]]) -> Section:
    """The section with the names that a tagger found in each of its sentences of words."""
    section = Section(name, text, tokens, list(map(cached_key, tokens.words)))
    offset = 0
    for words, found in zip(sentences, names, strict=True):
        section.spans += [Span(offset + first, offset + last, kind, score) for first, last, kind, score in found]
        offset += len(words)
    return section


@lru_cache(1)
def _nationalities() -> frozenset[str]:
    return frozenset(nationalities().keys() - countries().keys())


def is_nationality(word: str) -> bool:
    """A nationality adjective names nothing; «سورية» is also a country's name."""
    return word in _nationalities()


def is_title(word: str) -> bool:
    """A title or its dual («الوزيران») names no person."""
    return word in title_words() or (word.endswith(("ان", "ين")) and word[:-2] in title_words())


@lru_cache(1)
def reporting_words() -> frozenset[str]:
    """Folded forms of reporting verbs that are no names («يقول», «قائلا», «قوله»)."""
    found: set[str] = set()
    for row in lexicon("reporting_verbs"):
        participle, noun = row["participle"], row["noun"]
        forms = [row["present"], participle and participle + "ا", noun and noun + "ه", noun and noun + "ها"]
        found.update(cached_key(form) for form in forms if len(form) > 3)
    return frozenset(found - given_names().keys())


_Names = list[tuple[str, ...]]


class Harmoniser:
    """Makes the names of one article agree: what is a name in one sentence is one in the next.

    `count(word)` is how often a folded word occurs in a large text; `cities` are the country codes of cities by name key.
    """

    def __init__(self, splitter: Splitter, count: Callable[[str], int], cities: Mapping[str, Collection[str]] | None = None) -> None:
        self._splitter = splitter
        self._count = count
        self._cities = cities or {}
        self._surnames = persons()[1]
        self._lexicon = {key: "ORGANIZATION" for key in organisations() if key not in doubtful()}
        self._beginnings: dict[str, int] = {}
        self._later_words: set[str] = set()
        for key in (*organisations(), *countries(), *places()):
            words = key.split()
            for length in range(1, len(words)):
                if key not in doubtful() and not is_nationality(words[-1]):
                    beginning = " ".join(words[:length])
                    self._later_words.add(words[length])
                    self._beginnings[beginning] = max(len(words) - length, self._beginnings.get(beginning, 0))
        self._lexicon |= {key: "LOCATION" for key in (*countries(), *places()) if key not in doubtful()}
        self._long_names = {tuple(map(cached_key, words)): (kind, 1.0) for words, kind in long_names().items()}
        self._long_forms = _by_first_form(self._long_names)
        self._short_places = short_places()

    def harmonise(self, sections: list[Section]) -> None:
        """Change the spans of the sections of one article."""
        for section in sections:
            if section.spans:
                section.spans = self._repaired(section)
                self._lengthen(section)
            self._complete(section, self._long_names, self._long_forms)
            self._add_places(section)
        known = self._known(sections)
        if known:
            forms = _by_first_form(known)
            for section in sections:
                self._complete(section, known, forms)
        surnames = {
            section.keys[span.first] for section in sections for span in section.spans if span.kind == "PERSON" and span.first == span.last
        }
        if surnames:
            for section in sections:
                self._add_surnames(section, surnames)

    def _repaired(self, section: Section) -> list[Span]:
        """Without nationalities, persons whole and one by one, and with the lexicon's type where a person can't be meant."""
        keys = section.keys
        found: list[Span] = []
        for span in section.spans:
            if span.first == span.last:
                if is_nationality(keys[span.first]):
                    continue
                if span.kind != "PERSON":
                    found.append(span)
                    continue
            elif self._is_classifier(keys, span):
                span.first += 1
            while span.first < span.last and keys[span.last] in _BELONGING:
                span.last -= 1
            while span.kind == "PERSON" and span.first < span.last and self._is_honorific(section, span.first):
                span.first += 1
            if span.kind != "PERSON":
                if span.first < span.last and self._is_foreign_adjective(keys, span):
                    span.last -= 1
                    while span.last > span.first and not section.tokens.words[span.last][0].isalnum():
                        span.last -= 1
                person = self._person_inside(section, span)
                found.append(Span(span.first, person - 1, span.kind, span.score) if person else span)
                if not person:
                    continue
                # The score of the whole says nothing of a part that the given name makes certain.
                span = Span(person, span.last, "PERSON", max(span.score, _GIVEN))
            elif self._is_slogan(section, span):
                continue
            elif span.first < span.last and self._in_the_name_of(keys, span.first):
                span.first += 1
            elif span.first and self._splits_to(keys[span.first - 1], _NAMED_AFTER) and self._adjacent(section, span.first):
                found.append(Span(span.first - 1, span.last, "ORGANIZATION", span.score))
                continue
            kind = self._lexicon.get(name_key(" ".join(keys[span.first : span.last + 1])))
            if kind is not None:
                span.kind = kind
                found.append(span)
                continue
            for part in self._persons(section, span):
                if part.kind != "PERSON":
                    found.append(part)
                    continue
                if section.tokens.words[part.first] == "على" and "فى" not in section.tokens.words:
                    # Folding takes the preposition for the name «علي»; only who also writes «فى» may mean the name.
                    part.first += 1
                if part.first > part.last or (part.first == part.last and is_title(keys[part.first])):
                    continue
                before = found[-1] if found else None
                if before is not None and before.kind == "PERSON" and self._joins(section, before, part):
                    before.last = part.last
                    before.score = min(before.score, part.score)
                else:
                    while (before is None or before.last < part.first - 1) and self._follows_given_name(section, part.first):
                        part.first -= 1
                    found.append(part)
        return found

    def _is_classifier(self, keys: list[str], span: Span) -> bool:
        """«قرية», «صحيفة» and the like stay out of a name; «مدينة» is part of a longer one («مدينة … الاقتصادية»)."""
        if span.kind not in _CLASSIFIERS:
            return False
        first = keys[span.first]
        word = first[self._splitter.cut(first, span.kind) :]
        return word in _CLASSIFIERS[span.kind] or (word == "مدينه" and span.last == span.first + 1)

    def _is_honorific(self, section: Section, i: int) -> bool:
        """«الدكتور», «الشيخة», «المدرب» before a name are no part of it; «سلطان» and «أمين» are given names too."""
        word = section.keys[i]
        word = word[self._splitter.cut(word, "PERSON") :]
        return word.startswith("ال") and word in title_words() and word not in given_names()

    def _lengthen(self, section: Section) -> None:
        """Names to their full length where the next words make them a name of the lexicon («سي إن» + «إن», «بريطانيا» + «العظمى»)."""
        spans, keys = section.spans, section.keys
        found: list[Span] = []
        for n, span in enumerate(spans):
            if found and span.last <= found[-1].last:
                continue
            found.append(span)
            i = span.last + 1
            if span.kind not in ("LOCATION", "ORGANIZATION") or i == len(keys) or name_key(keys[i]) not in self._later_words:
                continue
            words = " ".join(self._words(section, span))
            most = self._beginnings.get(name_key(words), 0)
            last = span.last
            for i in range(span.last + 1, min(span.last + 1 + most, len(keys))):
                if not keys[i][:1].isalpha() or not self._adjacent(section, i):
                    break
                words += " " + keys[i]
                if name_key(words) in self._lexicon and not is_nationality(keys[i]):
                    last = i
            if not any(other.first <= last < other.last for other in spans[n + 1 : n + 4]):
                span.last = last
        section.spans = found

    def _is_slogan(self, section: Section, span: Span) -> bool:
        """«"حافظ على …"»: a given name that opens quoted words and takes a complement is an ordinary word."""
        i, words, keys = span.first, section.tokens.words, section.keys
        if span.last > i or not i or i + 1 >= len(words) or words[i - 1] not in _OPENING_MARKS or keys[i] not in given_names():
            return False
        after = words[i + 1]
        return after in _COMPLEMENTS or (after.startswith("ب") and self._splitter.cut(keys[i + 1], "LOCATION") > 0)

    def _in_the_name_of(self, keys: list[str], i: int) -> bool:
        """Word i is the «باسم» of «المتحدث باسم فلان», no given name."""
        return keys[i] == "باسم" and i > 0 and self._splits_to(keys[i - 1], _IN_THE_NAME_OF)

    def _splits_to(self, word: str, words: Collection[str]) -> bool:
        return word in words or word[self._splitter.cut(word, "ORGANIZATION") :] in words

    def _is_foreign_adjective(self, keys: list[str], span: Span) -> bool:
        """«جازان السعودية»: the nationality of a name that is whole without it; but it belongs to «وزارة الخارجية الروسية»."""
        adjective = keys[span.last]
        if not adjective.startswith("ال") or not is_nationality(adjective):
            return False
        name = name_key(" ".join(keys[span.first : span.last]))
        if f"{name} {name_key(adjective)}" in self._lexicon:
            return False
        if span.kind == "LOCATION":
            # «الصحراء المغربية» is a name, «جازان السعودية» a name and where it is.
            before = keys[span.last - 1]
            if span.last - 1 == span.first:
                before = before[self._splitter.cut(before, span.kind) :]
            return not before.startswith("ال") or nationalities()[adjective] in self._cities.get(name, ())
        return name in organisations() and not keys[span.first].startswith("ال") and keys[span.first] not in head_words()

    def _person_inside(self, section: Section, span: Span) -> int:
        """Where a person's name begins that runs together with the organisation or place before it, 0 for nowhere.

        A definite noun that is no title ends a name: after it, a given name is another's («حافلات الساحل فهد …», not «جامعة الملك سعود»).
        """
        if span.kind == "MISC":
            return 0
        keys, words = section.keys, section.tokens.words
        # An organisation may have lost its first words («حافلات الساحل فهد …»).
        for i in range(span.first + (1 if span.kind == "ORGANIZATION" else 2), span.last + 1):
            word, before = keys[i], keys[i - 1]
            if (
                word in given_names()
                and len(word) > 2
                and words[i] != "على"
                and not word.startswith("ال")
                and before.startswith("ال")
                and not is_title(before)
            ):
                return i if self._count(word) < _COMMON or i < span.last else 0
        return 0

    def _addressee(self, words: list[str]) -> str:
        """Type of the name that stands behind «ل» at the end of a person's name, "" for none: «قال فلان لفرانس برس»."""
        cut = self._splitter.cut(words[0], "PERSON")
        first = words[0][cut:]
        kind = self._lexicon.get(name_key(" ".join([first, *words[1:]])))
        return kind or ("PERSON" if first in given_names() or first in self._surnames else "")

    def _persons(self, section: Section, span: Span) -> list[Span]:
        """«زيد وعمرو» and «زيد - عمرو» are two persons; «قائلا» and «لفرانس برس» are no part of a person."""
        keys, tokens = section.keys, section.tokens
        found: list[Span] = []
        begin, kind = span.first, span.kind
        for i in range(span.first + 1, span.last + 1):
            if keys[i][:1] == "و" and len(keys[i]) > 3 and self._splitter.cut(keys[i], "PERSON") == 1:
                found.append(Span(begin, i - 1, kind, span.score))
                begin = i
            elif keys[i - 1] in _ORDINALS and i - 1 > begin and keys[i] not in PARTICLES:
                # «الملك عبدالله الثاني عمر …»: a king's number ends his name.
                found.append(Span(begin, i - 1, kind, span.score))
                begin = i
            elif keys[i] in reporting_words():
                found.append(Span(begin, i - 1, kind, span.score))
                return found
            elif keys[i][:1] == "ل" and len(keys[i]) > 3 and i > begin and self._splitter.cut(keys[i], "PERSON"):
                found.append(Span(begin, i - 1, kind, span.score))
                begin, kind = i, self._addressee(keys[i : span.last + 1])
                if not kind:
                    return found
            elif keys[i] in _SEPARATORS and i < span.last and (keys[i] != "-" or tokens.starts[i] > tokens.ends[i - 1]):
                found.append(Span(begin, i - 1, kind, span.score))
                begin = i + 1
        found.append(Span(begin, span.last, kind, span.score))
        return [part for part in found if part.first <= part.last]

    def _adjacent(self, section: Section, i: int) -> bool:
        """Word i follows the word before it in one sentence, with nothing but a space between, and no conjunction."""
        tokens = section.tokens
        return (
            tokens.sentences[i] == tokens.sentences[i - 1]
            and not section.text[tokens.ends[i - 1] : tokens.starts[i]].strip(" ")
            and not self._splitter.cut(section.keys[i], "PERSON")
        )

    def _joins(self, section: Section, before: Span, span: Span) -> bool:
        """A single name and the one right behind it, maybe as a hashtag, are one person, cut in two by the tagger."""
        if before.first != before.last or not self._adjacent(section, before.last + 1):
            return False
        between = section.keys[before.last + 1 : span.first]
        return all(key in _HASHTAG for key in between) and (not between or self._adjacent(section, span.first))

    def _follows_given_name(self, section: Section, i: int) -> bool:
        """Right before word i stands a given name, one that folding does not mix up with a commoner word («علي» and «على»)."""
        if not i:
            return False
        word, words = section.keys[i - 1], section.tokens.words
        if self._in_the_name_of(section.keys, i - 1):
            return False
        if words[i - 1] == "علي" and ("على" in words or "إلى" in words):
            # Who writes prepositions without dots means the name where there are dots.
            return self._adjacent(section, i)
        return len(word) > 3 and word in given_names() and self._count(word) < _COMMON and self._adjacent(section, i)

    def _known(self, sections: list[Section]) -> dict[tuple[str, ...], tuple[str, float]]:
        """Names that the article is sure of: folded words → type and score."""
        votes: dict[tuple[str, ...], dict[str, float]] = {}
        for section in sections:
            for span in section.spans:
                kinds = votes.setdefault(self._words(section, span), {})
                kinds[span.kind] = kinds.get(span.kind, 0.0) + span.score
        known: dict[tuple[str, ...], tuple[str, float]] = {}
        for words, kinds in votes.items():
            kind = max(kinds, key=kinds.__getitem__)
            score = kinds[kind]
            if kind == "PERSON" and len(words) > 1 and words[0] in given_names():
                score = max(score, _GIVEN)
            if len(kinds) > 1 and "PERSON" in kinds:
                self._settle(sections, words, kind)
            if score >= _SURE and (len(words) > 1 or self._count(words[0]) <= _RARE) and len(words[0]) > 2:
                known[words] = (kind, score)
            if kind == "PERSON" and len(words) > 1 and score + votes.get(words[-1:], {}).get("PERSON", 0.0) >= _SURE:
                surname = words[-1:]
                if len(surname[0]) > 3 and (self._count(surname[0]) <= _RARE or surname[0] in self._surnames):
                    known.setdefault(surname, ("PERSON", score))
                    if len(words) > 2 and words[-2] in PARTICLES:
                        known.setdefault(words[-2:], ("PERSON", score))
        return known

    def _settle(self, sections: list[Section], words: tuple[str, ...], kind: str) -> None:
        for section in sections:
            for span in section.spans:
                if span.kind != kind and self._words(section, span) == words:
                    span.kind = kind

    def _words(self, section: Section, span: Span) -> tuple[str, ...]:
        first = section.keys[span.first]
        cut = self._splitter.cut(first, span.kind)
        return (first[cut:], *section.keys[span.first + 1 : span.last + 1]) if cut else tuple(section.keys[span.first : span.last + 1])

    def _complete(self, section: Section, known: Mapping[tuple[str, ...], tuple[str, float]], forms: Mapping[str, _Names]) -> None:
        """Add the known names that the tagger missed here, and lengthen those that it cut short."""
        here = forms.keys() & section.distinct
        if not here:
            return
        keys = section.keys
        owner: dict[int, Span] = {}
        for span in section.spans:
            for i in range(span.first, span.last + 1):
                owner[i] = span
        added = False
        for i in [i for i, key in enumerate(keys) if key in here]:
            mine = owner.get(i)
            taken = 0 if mine is None else mine.last - i + 1
            for words in forms[keys[i]]:
                length = len(words)
                if length <= taken or (mine is not None and mine.first < i):
                    # The longest names come first: what is a name already holds this one and all others.
                    break
                if length > 1 and tuple(keys[i + 1 : i + length]) != words[1:]:
                    continue
                last = i + length - 1
                inside = {id(owner[j]): owner[j] for j in range(i, last + 1) if j in owner}
                kind, score = known[words]
                if any(span.first < i or span.last > last for span in inside.values()):
                    continue
                if not inside or known is self._long_names or all(span.kind == kind for span in inside.values()):
                    if inside:
                        section.spans = [other for other in section.spans if id(other) not in inside]
                    first = i - 1 if kind == "PERSON" and i - 1 not in owner and self._follows_given_name(section, i) else i
                    span = Span(first, last, kind, min(score, 1.0) / 2)
                    section.spans.append(span)
                    added = True
                    owner.update(dict.fromkeys(range(first, last + 1), span))
                break
        if added:
            section.spans.sort(key=lambda span: span.first)

    def _add_places(self, section: Section) -> None:
        """«في» and «إلى» before the name of a country or place that is no other word make it one; but «مسقط رأسه» is a birthplace."""
        places = section.distinct & self._short_places
        if not places:
            return
        keys = section.keys
        found = [i for i, key in enumerate(keys) if key in places and i and keys[i - 1] in _IN_OR_TO]
        if not found:
            return
        taken = {i for span in section.spans for i in range(span.first, span.last + 1)}
        added = [
            Span(i, i, "LOCATION", 0.5)
            for i in found
            if i not in taken and self._adjacent(section, i) and not (i + 1 < len(keys) and keys[i + 1].startswith("راس"))
        ]
        if added:
            section.spans = sorted([*section.spans, *added], key=lambda span: span.first)

    def _add_surnames(self, section: Section, surnames: Collection[str]) -> None:
        """A given name takes the word behind it that is somebody's name elsewhere in the article, however common («أنطوان رزق», «رزق»)."""
        keys = section.keys
        for n, span in enumerate(section.spans):
            i = span.last + 1
            if span.kind != "PERSON" or span.first != span.last or i == len(keys) or keys[i] not in surnames:
                continue
            free = n + 1 == len(section.spans) or section.spans[n + 1].first > i
            given = keys[span.first][self._splitter.cut(keys[span.first], "PERSON") :] in given_names()
            if free and given and keys[i] not in given_names() and self._adjacent(section, i):
                span.last = i


def _by_first_form(known: Mapping[tuple[str, ...], object]) -> dict[str, _Names]:
    """The names by every form of their first word, with proclitics and without; the longest first."""
    forms: dict[str, _Names] = {}
    for words in sorted(known, key=len, reverse=True):
        for form in with_proclitics(words[0]):
            forms.setdefault(form, []).append(words)
    return forms


@lru_cache(100_000)
def _on_one_line(surface: str) -> str:
    return " ".join(surface.translate(_NO_NAME).split()) or surface


def mentions_of(section: Section, splitter: Splitter) -> list[Mention]:
    """Mentions of one section, in order: its spans without their proclitics."""
    tokens, text = section.tokens, section.text
    others = {section.keys[span.first] for span in section.spans}
    found: list[Mention] = []
    for span in section.spans:
        word, folded = tokens.words[span.first], section.keys[span.first]
        letters = splitter.cut(folded, span.kind, others)
        if not letters and span.kind == "PERSON" and span.first < span.last and section.keys[span.first + 1] in _DESCENT:
            # «وزبن بن …»: a rare Arabic name behind «و»; foreign names with «و» have no «بن».
            letters = splitter.conjunction(folded)
        if letters and span.first == span.last and is_nationality(folded[letters:]):
            continue
        cut = letters_to_offset(word, letters) if letters else 0
        start, end = tokens.starts[span.first] + cut, tokens.ends[span.last]
        if start >= end:
            continue
        surface = text[start:end]
        name = _on_one_line(surface)
        if letters and splitter.hides_article(folded, letters):
            name = "ال" + name[1:]
        proclitic = text[tokens.starts[span.first] : start]
        if span.kind == "MISC" and name_key(name) in _CURRENCIES:
            continue
        sentence = tokens.sentences[span.first]
        found.append(
            Mention(
                section.name, span.first, span.last, span.kind, span.score, start, end, surface, proclitic, sentence, name, name_key(name)
            )
        )
    return found
