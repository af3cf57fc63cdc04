"""Who said it: the words beside the cue that name the speaker, and whom they mean.

For every report the resolver gathers candidates: names in the subject phrase, the phrase itself, people and organisations that the
article describes with the same words, earlier speakers, and the subjects of the sentence. A log-linear model ranks them by how they were
found, agreement in gender and number, and how long ago they were last spoken of.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rasd.arabic import fold
from rasd.extraction.quotes import model
from rasd.extraction.quotes.cues import ATTRIBUTIVE, FINITE, NOUN, PARTICIPLE, readings, word_set
from rasd.extraction.quotes.finder import COMPLEMENTISERS, TELL, Cue, Report
from rasd.extraction.quotes.model import LogLinear
from rasd.extraction.quotes.sections import COLON, COMMA, OTHER, STOP, WORD, Mention, Section
from rasd.resources import lexicon

_INTERVIEW_CONFIDENCE = 0.7
"""Answers of an interview; too few are annotated to calibrate."""

_MOST_ROLES = 12
"""Descriptions kept of one entity."""

_MOST_DESCRIBED = 40
"""Entities looked at for one word of a role."""

_LONGEST_DESCRIPTION = 9
"""Tokens between a preposition and the name that ends its description."""

_TITLES = ("title", "person_title", "person_noun", "kin", "classifier", "office")
_LONGEST_NAME = 4
"""Words of a name that no mention marks."""

_ADJECTIVE_ENDINGS = ("ي", "يه", "ه", "ين", "ون", "ات", "يا")

HIDDEN, PHRASE = "hidden", "phrase"
_AUXILIARIES = frozenset({"قد", "فقد", "وقد", "لم", "لن", "لا", "كان", "كانت", "وكان", "وكانت", "ايضا", "كانوا", "هو", "هي", "سبق"})
_RELATIVES = frozenset({"الذي", "التي", "الذين", "اللذان", "والذي", "والتي", "ما", "من"})
_NO_SUBJECT = frozenset(
    {"فيما", "بينما", "لكن", "حيث", "كما", "في", "الي", "حين", "ثم", "او", "اذ", "عندما", "بعدما", "بعد", "قبل", "وفيما", "وفي", "اما"}
)
_PERIODS = frozenset({"العام", "الشهر", "الاسبوع", "السنه", "الماضي", "الماضيه", "الجاري", "الحالي"})
_PREPOSITION_PRONOUNS = frozenset(
    {"له", "لها", "لهم", "لنا", "اليه", "اليها", "فيه", "فيها", "عليه", "عليها", "معه", "به", "بها", "عنه", "عنها", "منه", "لي", "لدي"}
)
GOVERNING = frozenset({"في", "الي", "علي", "عن", "مع", "من", "بعد", "قبل", "خلال", "منذ", "عبر", "لدي", "عند"})
_STOPS_BACKWARD = frozenset(
    {"في", "الي", "علي", "عن", "مع", "بعد", "قبل", "خلال", "حيث", "فيما", "بينما", "لكن", "حين", "كما", "او", "ثم", "منذ", "عبر"}
)


@dataclass(slots=True)
class Speaker:
    """The speaker of a report, as far as known. `first:last` are the tokens that name him, -1 where none do."""

    first: int = -1
    last: int = -1
    text: str | None = None
    entity_id: str | None = None
    name: str | None = None
    type: str | None = None
    role: str | None = None
    attribution: str = "none"
    rule: str = "none"
    confidence: float = 0.0


@dataclass(slots=True)
class Referent:
    """Someone who can speak: an entity of the article, or a phrase that describes one («مصدر دبلوماسي»)."""

    entity_id: str | None
    name: str
    type: str
    words: frozenset[str]
    """Bare words of the name."""
    roles: list[frozenset[str]] = field(default_factory=list)
    """For each mention that is described: the bare words that stand beside it («وزير الخارجية الروسي»), with those of the name."""
    places: list[int] = field(default_factory=list)
    """Tokens at which it is mentioned, ascending."""
    role: str | None = None
    head: str = ""
    """What kind of phrase describes it (see `Subject.head_class`); media for an outlet."""
    gender: str = ""
    number: str = ""
    spoken: int = 0
    certainty: float = -1.0
    """Confidence of the last time it was found to speak; -1 before."""


@dataclass(slots=True)
class Turn:
    """Somebody's turn to speak (or to be the subject of a cue that reports nothing)."""

    referent: Referent
    place: int
    sentence: int
    kind: str
    """reports, silent (a cue that reports nothing), attributive, or inside (within what somebody else says)."""


Candidate = tuple[Referent, list[str], str]
"""Who, by which features, and the rule that found him first."""


@lru_cache(maxsize=100_000)
def bare(word: str) -> str:
    """A folded word without its article, and without a proclitic before the article."""
    if word.startswith("لل") and len(word) > 4:
        return word[2:]
    if word.startswith(("وال", "بال", "فال")) and len(word) > 5:
        return word[3:]
    return word[2:] if word.startswith("ال") and len(word) > 4 else word


def _gender_of_titles(words: Sequence[str]) -> str:
    """Gender of a person by the titles beside the name («الوزيرة», «رئيس»); "" where they disagree or there are none."""
    nouns = word_set("person_noun") | word_set("person_title")
    found = {"f" if word.endswith("ه") else "m" for word in words if word in nouns}
    return found.pop() if len(found) == 1 else ""


def gender_and_number(word: str) -> tuple[str, str]:
    """What the ending of a folded noun tells."""
    stem = bare(word)
    if stem in word_set("broken_plural"):
        return "", "p"
    if stem.endswith("ات") and len(stem) > 4:
        return "f", "p"
    if stem.endswith(("ون", "ين")) and len(stem) > 4:
        return "m", "p"
    if stem.endswith("ه"):
        return "f", "s"
    return "m", "s"


def phrase_after(s: Section, first: int, last: int, *, addressees: bool = True) -> tuple[int, int]:
    """The subject phrase within the tokens first:last that follow a verb, without the adverbials around it; (-1, -1) for none."""
    ends, venues = word_set("phrase_end"), word_set("venue")
    i, begin, skipped = first, -1, -1
    named = False
    while i < last:
        word, kind, mention = s.folds[i], s.kinds[i], s.mention[i]
        if kind == STOP and begin >= 0 and s.words[i] == "." and len(s.words[i - 1]) == 1:
            i += 1  # «د. فلان»
            continue
        if kind in (COLON, STOP) or (begin >= 0 and kind == OTHER and s.words[i] in "-–—" and s.starts[i] > s.ends[i - 1]):
            break
        if kind == COMMA:
            if begin >= 0:
                follows = s.mention[i + 1] if i + 1 < last else -1
                unmarked = _head_class(s.folds[begin], s.mention[begin] >= 0) == "person_noun"
                if named or not (_apposition(s, i + 1, last) or (unmarked and _names_itself(s, i + 1, last))):
                    break
                if follows >= 0 and s.mentions[follows].entity_type == "LOCATION":
                    break
            i += 1
            continue
        if mention >= 0:
            if addressees and s.mentions[mention].first == i and "ل" in s.mentions[mention].proclitic and (begin < 0 or is_media(s, i)):
                if begin >= 0:
                    break
                i = s.mentions[mention].last
                continue
            if begin < 0:
                begin = i
            if s.mentions[mention].entity_type == "PERSON":
                # «محامي فلان، علان»: the first name belongs to the description.
                construct = i - begin == 1 and _head_class(s.folds[begin], s.mention[begin] >= 0) in ("person_noun", "office")
                named = named or not construct or s.folds[begin].startswith("ال")
                i = s.mentions[mention].last
                continue
            i += 1
            continue
        if kind == WORD:
            if (
                begin >= 0
                and word in GOVERNING
                and (
                    bare(s.folds[i - 1]) in word_set("takes_preposition")
                    or (i + 1 < last and s.folds[i + 1] in ("درايه", "صله", "علم", "اطلاع"))
                )
            ):
                i += 1
                continue
            if word == "عن" and i > first and bare(s.folds[i - 1]) in ("صادر", "صادره", "صدر", "صدرت") and begin >= 0:
                i += 1
                continue
            to_place = word == "الي" and begin >= 0 and not named and i + 1 < last and s.mention[i + 1] >= 0
            if to_place and s.mentions[s.mention[i + 1]].entity_type == "LOCATION":
                i += 1  # «المبعوث إلى …»
                continue
            if begin >= 0 and word == "لم":
                break  # «مسؤول لم تسمه»
            if begin >= 0 and word in _PERIODS and (i + 1 < last and s.folds[i + 1] in _PERIODS):
                break  # «أعلنت الشركة الأسبوع الماضي»
            if begin >= 0 and word == "علي" and s.kinds[i - 1] == COMMA and s.words[i].endswith("ي") and not named:
                i += 1  # «رئيس اللجنة، علي …»: the name, written as the preposition may be
                continue
            if word in COMPLEMENTISERS or word in ends:
                if begin >= 0:
                    name = _name_beyond(s, i, last) if word in ("علي", "هذا") and not named else -1
                    if name >= 0:
                        i = name
                        continue
                    break
                i = _skip_adverbial(s, i, last)
                continue
            if word in ("في", "من", "لدي", "مع", "ب"):
                following = s.folds[i + 1] if i + 1 < last else ""
                if begin < 0:
                    i = _skip_adverbial(s, i, last)
                    continue
                if (
                    (following in venues and word != "من")
                    or (following in ends and following != "هذا")
                    or named
                    or (word == "مع" and s.folds[i - 1] != "متعاطف")
                ):
                    name = _name_beyond(s, i, last) if word in ("في", "من") and not named else -1
                    if name >= 0:
                        i = name
                        continue
                    break
            elif addressees and _addresses(s, i, last):
                if begin >= 0:
                    break
                i = skipped = _skip_addressee(s, i, last)
                continue
            elif begin < 0 and (word in _PREPOSITION_PRONOUNS or word in _PERIODS or _is_adverbial(word)):
                i += 1
                continue
            elif word in ("التي", "الذي", "الذين") and begin >= 0 and (i - begin > 1 or s.folds[begin].startswith("ال")):
                break
            if begin < 0:
                begin = i
        i += 1
    while begin >= 0 and i > begin and (s.kinds[i - 1] == COMMA or (s.mention[i - 1] < 0 and s.folds[i - 1] in GOVERNING)):
        i -= 1
    if skipped >= 0 and i - begin == 1 and begin == skipped and s.mention[begin] < 0:
        return -1, -1  # «قال للتلفزيون الحكومي»: the adjective of the one spoken to
    return (begin, i) if 0 <= begin < i and not _is_object(s, begin, i) else (-1, -1)


def _name_beyond(s: Section, i: int, last: int) -> int:
    """The token of the person whom a description names after a preposition («المشرف العام على المهرجان فلان أن»); -1 for none."""
    for k in range(i + 1, min(last, i + _LONGEST_DESCRIPTION)):
        word, number = s.folds[k], s.mention[k]
        if number >= 0 and s.mentions[number].entity_type == "PERSON":
            m = s.mentions[number]
            after = m.last + 1 if m.last < last and s.folds[m.last].startswith("ال") and m.last - m.first == 1 else m.last
            ends = after >= last or s.kinds[after] != WORD or s.folds[after] in COMPLEMENTISERS or s.folds[after] in ("الي", "علي")
            tied = s.folds[k - 1] in GOVERNING or s.folds[k - 1] in word_set("on_behalf") or bool(m.proclitic.strip("وف"))
            return k if ends and not tied else -1
        if number < 0 and (s.kinds[k] != WORD or word in COMPLEMENTISERS or word in word_set("venue") or word in word_set("time_hint")):
            return -1
        if number < 0 and not word.startswith("ال") and any(r.kind == FINITE for r in readings(word)):
            return -1
    return -1


def _end_of_source(s: Section, first: int, last: int) -> int:
    """Where an indefinite source ends and the object of its verb begins («أعلن مصدر أمني مقتل …»)."""
    if s.mention[first] >= 0 or s.folds[first].startswith("ال") or _head_class(s.folds[first], False) not in ("person_noun", "source"):
        return last
    if any(s.mention[k] >= 0 and s.mentions[s.mention[k]].entity_type == "PERSON" for k in range(first, last)):
        return last
    k = first + 1
    if k < last and (s.folds[k].startswith("ال") or s.mention[k] >= 0):
        return last  # «وزير الخارجية»
    while k < last and s.kinds[k] == WORD:
        word = s.folds[k]
        if word in GOVERNING or word[:1] in "بل":
            k += 1  # what it governs: a noun and the definite words after it
            k += word in GOVERNING
            while k < last and (s.folds[k].startswith("ال") or s.mention[k] >= 0):
                k += 1
        elif word.endswith(_ADJECTIVE_ENDINGS) or word[:1] == "و":
            k += 1
        else:
            return last if k == first + 1 or word in _given_names() else k
    return last


def _before_object(s: Section, first: int, last: int) -> int:
    """Where the subject ends in «أبلغ الوزير الأمريكي الرئيس …»: before a second title."""
    titles = word_set("title")
    for k in range(first + 2, last):
        if s.mention[k] < 0 and s.folds[k] in titles and s.folds[k].startswith("ال") and s.folds[first].startswith("ال"):
            return k
    return last


def _is_adverbial(word: str) -> bool:
    """Whether a word is a noun after ب («بشدة»)."""
    return word[:1] == "ب" and len(word) > 3 and word not in word_set("starts_with_b") and word[1:2] != "ن"


def _is_object(s: Section, first: int, last: int) -> bool:
    """Whether a phrase is a noun of somebody's («ملابساتها»), which no speaker is unless it says a kinship or an office («والدها»)."""
    word = s.words[first]
    if last - first > 1 or s.mention[first] >= 0 or s.folds[first] in word_set("honorific"):
        return False
    stem = next((s.folds[first][: -len(e)] for e in ("هما", "هم", "ها", "ه", "نا") if word.endswith(e)), None)
    if stem is None:
        return False
    kin = word_set("kin")
    return not (stem in kin or stem[:-1] + "ه" in kin or (stem[:1] == "و" and stem[1:] in kin))


def _definiteness(s: Section, first: int, last: int) -> str:
    """yes («المصدر»), construct («مدير الشركة»), or no («مصدر أمني»)."""
    if s.folds[first].startswith("ال") or s.folds[first] in word_set("honorific") or s.mention[first] >= 0:
        return "yes"
    if first + 1 < last and (s.folds[first + 1].startswith("ال") or s.mention[first + 1] >= 0):
        return "construct"
    if first + 2 < last and s.folds[first + 1] not in GOVERNING and s.folds[first + 2].startswith("ال"):
        return "construct"
    return "no"


def is_media(s: Section, i: int) -> bool:
    """Whether token i, after ل, names a newspaper, an agency or the like."""
    word = s.folds[i]
    media = word_set("media")
    return word in media or (word[:1] == "ل" and (word[1:] in media or bare(word) in media)) or bare(word) in media


def _addresses(s: Section, i: int, last: int) -> bool:
    """Whether the words from i say to whom («لصحيفة …», «لـ«…»»)."""
    word = s.folds[i]
    if word in ("ل", "لـ"):
        return True
    return word[:1] == "ل" and len(word) > 3 and word not in _PREPOSITION_PRONOUNS and is_media(s, i)


def _skip_addressee(s: Section, i: int, last: int) -> int:
    i += 1
    if i < last and s.span[i] < 0 and s.kinds[i] not in (WORD, COMMA):
        i += 1
    number = s.span[i] if i < last else -1
    if number >= 0:
        while i < last and s.span[i] == number:
            i += 1
        return i + 1
    while i < last and s.mention[i] >= 0:
        i += 1
    return i


def _skip_adverbial(s: Section, i: int, last: int) -> int:
    """The token after an adverbial that stands between a verb and its subject («في تصريح صحفي»)."""
    if s.folds[i] in ("امس", "اليوم", "ايضا", "كذلك", "بدوره", "بدورها", "بدورهم", "قد", "مساء", "صباح", "هنا", "هناك"):
        return i + 1
    i += 1
    if i < last and bare(s.folds[i]) in word_set("venue") and i + 1 < last and s.kinds[i + 1] == WORD and s.mention[i + 1] < 0:
        told = any(r.kind == FINITE and r.object_pronoun for r in readings(s.folds[i + 1]))
        i += 1 if told else 2  # «في مؤتمر صحفي», but «في تصريح نشرته …»
    while i < last and s.kinds[i] not in (COMMA, COLON) and s.folds[i] not in COMPLEMENTISERS:
        governed = s.folds[i - 1] in GOVERNING
        number = s.mention[i]
        if number >= 0:
            if not governed and not s.mentions[number].proclitic.strip("وف"):
                break
            i = s.mentions[number].last
            continue
        if not governed and bare(s.folds[i]) in word_set("source"):
            break
        if any(r.kind == FINITE and r.object_pronoun for r in readings(s.folds[i])):
            # «في بيان نشرته وكالة …»: the agency is the subject of the relative clause.
            while i < last and s.kinds[i] not in (COMMA, COLON) and s.folds[i] not in COMPLEMENTISERS:
                i += 1
            break
        i += 1
    return i


def _apposition(s: Section, i: int, last: int) -> bool:
    """Whether a name goes on after a comma («رئيس اللجنة، فلان»)."""
    for k in range(i, min(last, i + 4)):
        if s.kinds[k] != WORD:
            return False
        if s.mention[k] >= 0:
            return s.mentions[s.mention[k]].entity_type == "PERSON"
        if s.folds[k] not in word_set("title") and s.folds[k] not in _given_names() and not s.folds[k].startswith("ال"):
            return False
    return False


@lru_cache(1)
def _given_names() -> frozenset[str]:
    return frozenset(word for row in lexicon("given_names") if len(word := fold(row["name"])) > 2)


def _names_itself(s: Section, i: int, last: int) -> bool:
    """Whether the words from i up to the next mark are a name that nobody has marked («مدير المركز، زيدون الناصري، إن»)."""
    end = next((k for k in range(i, min(last, i + _LONGEST_NAME + 1)) if s.kinds[k] != WORD or s.folds[k] in COMPLEMENTISERS), last)
    return _may_be_name(s, i, end)


def _may_be_name(s: Section, first: int, last: int) -> bool:
    """Whether the tokens, in no mention, could be a person's full name."""
    if not 2 <= last - first <= _LONGEST_NAME or s.folds[first].startswith("ال"):
        return False
    known = ("phrase_end", "person_noun", "title", "person_title", "venue", "source", "office", "classifier")
    return not any(
        s.kinds[k] != WORD
        or s.mention[k] >= 0
        or s.span[k] != s.span[first]
        or len(s.folds[k]) < 2
        or s.words[k].isdigit()
        or s.folds[k] in GOVERNING
        or s.folds[k] in COMPLEMENTISERS
        or s.folds[k] in _STOPS_BACKWARD
        or bool(readings(s.folds[k]))
        or any(bare(s.folds[k]) in word_set(name) for name in known)
        for k in range(first, last)
    )


def _unmarked_name(s: Section, subject: Subject) -> tuple[int, int, str]:
    """A person's name in a subject phrase that is no mention: its tokens, and whether a comma or a given name tells it; (-1, -1, "")."""
    if subject.head_class not in ("person_noun", "source", "other", "honorific") or subject.number == "p":
        return -1, -1, ""
    first, last = subject.first, subject.last
    for k in range(first + 1, last - 1):
        if s.kinds[k] == COMMA and subject.head_class == "person_noun" and _may_be_name(s, k + 1, last):
            return k + 1, last, "comma"
        before = s.folds[k - 1]
        if s.folds[k] not in _given_names() or s.folds[k] in word_set("on_behalf") or s.mention[k] >= 0:
            continue
        if before not in GOVERNING and before not in word_set("on_behalf") and _may_be_name(s, k, last):
            return k, last, "given"
    return -1, -1, ""


def phrase_before(s: Section, begin: int, cue: int) -> tuple[int, int, bool]:
    """The subject phrase that ends right before a verb («وكان فلان قد قال»), and whether a relative («الذي») stands between."""
    i, relative = cue, False
    while i > begin and (s.folds[i - 1] in _AUXILIARIES or s.kinds[i - 1] == COMMA or s.folds[i - 1] in _RELATIVES):
        relative = relative or s.folds[i - 1] in _RELATIVES
        i -= 1
    if i < cue and s.kinds[i] == COMMA and not relative and not (i > begin and s.mention[i - 1] >= 0):
        # A comma before the verb: no subject, unless a name opens the sentence and is described («فلان، رئيس اللجنة، قال»).
        number = next((s.mention[k] for k in range(begin, min(i, begin + 2)) if s.mention[k] >= 0), -1)
        if number >= 0 and s.mentions[number].entity_type == "PERSON":
            m = s.mentions[number]
            if (
                m.last < i
                and s.kinds[m.last] == COMMA
                and not any(r.kind == FINITE for k in range(m.last, i) for r in readings(s.folds[k]))
            ):
                return m.first, m.last, relative
        return -1, -1, relative
    last = i
    while i > begin and last - i < 14:
        word = s.folds[i - 1]
        quoted = s.kinds[i - 1] == OTHER and ((i > 1 and s.mention[i - 2] >= 0) or (i < last and s.mention[i] >= 0))
        if (
            s.mention[i - 1] < 0
            and not quoted
            and (s.kinds[i - 1] != WORD or word in COMPLEMENTISERS or word in _STOPS_BACKWARD or word in _AUXILIARIES)
            and not (word == "في" and i - 1 > begin and bare(s.folds[i - 2]) in word_set("person_noun"))  # «لكن محللين في المصرف قالوا»
        ):
            break
        i -= 1
    if last == i or s.folds[i] in _NO_SUBJECT or (i > begin and s.folds[i - 1] in GOVERNING):
        return -1, -1, relative
    word = s.folds[i]
    if s.mention[i] < 0:
        rest = word[1:] if word[:1] in "وف" else word
        if (
            not rest
            or rest in GOVERNING
            or rest in _NO_SUBJECT
            or rest.startswith("لكن")
            or rest in ("ليس", "حول", "ما", "مما")
            or _is_adverbial(word)
        ):
            return -1, -1, relative
        if any(r.kind == FINITE for r in readings(word)) or _is_object(s, i, last):
            return -1, -1, relative
    if s.mention[i] >= 0 and s.mentions[s.mention[i]].proclitic.strip("وف"):
        return -1, -1, relative
    return i, last, relative


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject phrase: its tokens first:last, text, bare words, the words that tell (`content`), and what kind of phrase it is.

    `definite` is yes, construct («مدير الشركة») or no; `head_class` the set that the first word belongs to; `named` person, other or no;
    `where` how the phrase stands to the cue.
    """

    first: int
    last: int
    where: str
    text: str
    words: list[str]
    content: frozenset[str]
    head_class: str
    definite: str
    named: str
    gender: str
    number: str


def describe(s: Section, first: int, last: int, where: str) -> Subject | None:
    """The subject phrase of the tokens first:last; None where they hold no noun."""
    low = first
    while low < last and (s.kinds[low] != WORD or s.folds[low] in word_set("demonstrative")):
        low += 1
    if low >= last:
        return None
    kinds = {s.mentions[s.mention[k]].entity_type for k in range(first, last) if s.mention[k] >= 0}
    start, end = s.slice(low, last)
    text = " ".join(s.text[start:end].split())
    head = s.folds[low]
    definite = _definiteness(s, low, last)
    if s.mention[low] < 0 and len(head) > 3:
        if where == "attributive" and head[:1] == "ل":  # «وفقا للشرطة», «وفقا لمصدر»
            text, head = ("ا" + text[1:], "ا" + head[1:]) if head[1] == "ل" else (text[1:], head[1:])
        elif (
            where.startswith("before")
            and head[:1] == "و"
            and _head_class(head, False) == "other"
            and _head_class(head[1:], False) != "other"
        ):
            text, head = text[1:], head[1:]
        definite = "yes" if head.startswith("ال") else definite
    words = [bare(head), *(bare(s.folds[k]) for k in range(low + 1, last) if s.kinds[k] == WORD)]
    gender, number = gender_and_number(head) if s.mention[low] < 0 else ("", "")
    named = "person" if "PERSON" in kinds else "other" if kinds else "no"
    content = frozenset(w for w in words if w not in _SAME)
    return Subject(first, last, where, text, words, content, _head_class(head, s.mention[low] >= 0), definite, named, gender, number)


def _head_class(head: str, is_name: bool) -> str:
    """What kind of word a subject phrase begins with."""
    if is_name:
        return "name"
    forms = {head, bare(head)}
    return next((name for name in _HEAD_CLASSES if forms & word_set(name)), "other")


_HEAD_CLASSES = ("document", "person_noun", "classifier", "office", "honorific", "source")


def _link(s: Section, m: Mention, first: int) -> str:
    """How a mention is tied to the words of its phrase before it."""
    if m.first == first:
        return "start"
    if m.proclitic.strip("وف"):
        return "proclitic"
    before = s.folds[m.first - 1]
    if before[:1] == "ل" and before[1:] in word_set("classifier"):
        before = before[1:]
    if before in word_set("title"):
        return "title"
    if before in word_set("on_behalf"):
        return "behalf"
    if s.kinds[m.first - 1] != WORD:
        return "comma" if s.kinds[m.first - 1] == COMMA else "mark"
    if before in GOVERNING:
        return "preposition"
    if before in word_set("classifier"):
        return "classifier"
    if before in word_set("document"):
        return "document"
    if before.startswith("ال"):
        return "definite"
    return "adjective" if before.endswith(("ي", "يه")) else "word"


def _complete(s: Section, m: Mention, subject: Subject, referent: Referent) -> None:
    """Give a person known by one name the words that follow it up to the end of the subject phrase («قال خالد الفلاني إن»)."""
    rest = [k for k in range(m.last, subject.last) if s.words[k] != "#"]
    if (
        subject.where == "headline"
        or not 1 <= len(rest) <= 2
        or any(s.kinds[k] != WORD or (s.mention[k] >= 0 and s.words[k - 1] != "#") for k in rest)
    ):
        return
    if any(s.folds[k] in word_set(name) for k in rest for name in ("phrase_end", "person_noun", "title")) or any(
        readings(s.folds[k]) for k in rest
    ):
        return
    referent.name = " ".join([s.text[m.start : m.end], *(s.words[k] for k in rest)])
    referent.words = frozenset(bare(fold(word)) for word in referent.name.split())


def _add(found: dict[int, Candidate], referent: Referent, rule: str, *features: str) -> None:
    entry = found.setdefault(id(referent), (referent, [], rule))
    entry[1].extend(features)


def _is_relayed(s: Section, begin: int, i: int) -> bool:
    """Whether «نقل» governs the عن at i («نقلت الصحيفة عن مسؤول القول»)."""
    return any(r.lemma == "نقل" for k in range(max(begin, i - 8), i) for r in readings(s.folds[k]))


def turn_kind(report: Report) -> str:
    return "attributive" if report.how == "attributive" else "reports"


def _may_mean(subject: Subject, referent: Referent) -> bool:
    """Whether a description that shares no word with a speaker can stand for it at all."""
    if subject.head_class in ("classifier", "office"):
        return referent.type not in ("PERSON", "LOCATION")
    if subject.head_class == "person_noun" and subject.words[0] not in ("مصدر", "مصادر"):
        return referent.type not in ("ORGANIZATION", "LOCATION")
    return referent.type != "LOCATION" or subject.head_class == "document"


def _may_be_subject(cue: Cue, referent: Referent) -> bool:
    """Whether a person agrees with a verb or participle whose subject is hidden."""
    reading = cue.reading
    if referent.type != "PERSON" or reading.kind == ATTRIBUTIVE:
        return True
    if reading.number in ("p", "d"):
        return False
    return not (reading.gender and referent.gender and reading.gender != referent.gender)


class Resolver:
    """Resolves the speakers of one article. Sections are added in the order in which they are to be resolved."""

    def __init__(self, judge: LogLinear | None = None, calibration: LogLinear | None = None) -> None:
        """Args: the models `speaker` and `confidence`; by default those that ship with Rasd."""
        self.judge = judge if judge is not None else model.load("speaker")
        self.calibration = calibration if calibration is not None else model.load("confidence")
        self.referents: dict[str, Referent] = {}
        self.phrases: list[Referent] = []
        self.phrase_of: dict[str, Referent] = {}
        self.described: dict[str, list[Referent]] = {}
        """Entities by the bare words that stand beside their mentions."""
        self.turns: list[Turn] = []
        self.base: dict[str, int] = {}
        self.size = 0
        self.sentence_base: dict[str, int] = {}
        self.sentence_count = 0
        self.inside = False
        """Whether the cue at hand stands inside what somebody else says."""

    def read(self, s: Section) -> None:
        """Take in the entities of a section and how they are described. Call it for all sections before resolving any."""
        self.base[s.name], self.sentence_base[s.name] = self.size, self.sentence_count
        self.size += s.size
        self.sentence_count += len(s.sentences)
        for m in s.mentions:
            referent = self.referents.get(m.entity_id)
            if referent is None:
                words = frozenset(bare(fold(w)) for w in m.name.split())
                referent = self.referents[m.entity_id] = Referent(m.entity_id, m.name, m.entity_type, words)
                if m.entity_type == "ORGANIZATION":
                    referent.head = "media" if words & word_set("media") else ""
                    head = fold(m.name.split()[0]) if m.name.split() else ""
                    if head:
                        referent.gender, referent.number = gender_and_number(head)
                elif m.entity_type == "LOCATION":
                    referent.gender, referent.number = "f", "s"
                else:
                    referent.number = "s"
            if m.entity_type == "PERSON" and m.name == m.surface and self._is_cut(s, m):
                referent.name = f"{s.words[m.first - 1]} {m.name}"
                referent.words |= {bare(s.folds[m.first - 1])}
            referent.places.append(self.base[s.name] + m.first)
            if m.role and not referent.role:
                referent.role = m.role
            if m.entity_type != "LOCATION":
                nearby = self._beside(s, m)
                if m.entity_type == "PERSON" and not referent.gender:
                    referent.gender = _gender_of_titles([*nearby, *(bare(fold(w)) for w in m.role.split())])
                beside = frozenset(nearby) | {bare(fold(w)) for w in m.role.split()} | referent.words
                if len(referent.roles) < _MOST_ROLES and beside not in referent.roles:
                    referent.roles.append(beside)
                    for word in beside:
                        entities = self.described.setdefault(word, [])
                        if not entities or entities[-1] is not referent:
                            entities.append(referent)

    def _is_cut(self, s: Section, m: Mention) -> bool:
        """Whether the given name before a mention belongs to it («علي» of «رئيس اللجنة، علي أكبر …»)."""
        k = m.first - 1
        if k < 0 or s.mention[k] >= 0 or m.proclitic or s.words[k] in m.name.split():
            return False
        if s.folds[k] not in _given_names():
            # A word with the article that opens the sentence before a surname and its description («الطيب سعداوي، رئيس …»).
            return (
                s.folds[k].startswith("ال")
                and k == s.sentences[s.sentence[k]][0]
                and m.last - m.first == 1
                and m.last < s.size
                and s.kinds[m.last] == COMMA
                and not any(s.folds[k] in word_set(name) or bare(s.folds[k]) in word_set(name) for name in _TITLES)
            )
        if fold(s.words[k]) == "علي":  # also the preposition
            return k > 0 and (s.kinds[k - 1] == COMMA or s.folds[k - 1] in word_set("title"))
        return s.sentence[k] == s.sentence[m.first]

    def _beside(self, s: Section, m: Mention) -> list[str]:
        """Bare words of the noun phrase that leads up to a mention, and of an apposition after it."""
        out: list[str] = []
        k = m.first - 1
        if k >= 0 and s.kinds[k] == COMMA:
            k -= 1
        while k >= 0 and m.first - k <= 10 and s.sentence[k] == s.sentence[m.first]:
            word, number = s.folds[k], s.mention[k]
            if number >= 0:
                if s.mentions[number].entity_type == "PERSON" and m.entity_type == "PERSON":
                    break
            elif (
                s.kinds[k] in (COMMA, STOP, COLON)
                or word in COMPLEMENTISERS
                or (word in _STOPS_BACKWARD and word not in ("في",))
                or (any(r.kind == FINITE for r in readings(word)) and not word.startswith("ال"))
            ):
                break
            out.append(bare(word))
            k -= 1
        if m.last + 1 < s.size and s.kinds[m.last] == COMMA:
            k = m.last + 1
            while (
                k < min(s.size, m.last + 9)
                and s.kinds[k] == WORD
                and s.folds[k] not in COMPLEMENTISERS
                and s.folds[k] not in _STOPS_BACKWARD
            ):
                if s.mention[k] >= 0 and s.mentions[s.mention[k]].entity_type == "PERSON":
                    break
                if s.folds[k] in word_set("phrase_end"):
                    break
                if any(r.kind in (FINITE, PARTICIPLE) for r in readings(s.folds[k])) and not s.folds[k].startswith("ال"):
                    break
                out.append(bare(s.folds[k]))
                k += 1
        elif m.last < s.size and s.folds[m.last].startswith("ال") and s.mention[m.last] < 0:
            out += [bare(s.folds[k]) for k in range(m.last, min(s.size, m.last + 3)) if s.folds[k].startswith("ال")]
        return out

    # turns

    def resolve(self, s: Section, reports: Sequence[Report], cues: Sequence[Cue]) -> list[Speaker]:
        """The speakers of the reports of one section, in the order of `reports`."""
        speakers: list[Speaker | None] = [None] * len(reports)
        by_cue: dict[int, Speaker] = {}
        reporting = {id(r.cue) for r in reports if r.cue is not None}
        places = [report.cue.first if report.cue else report.first for report in reports]
        silent = [cue for cue in cues if cue.reading.kind == FINITE and id(cue) not in reporting]
        events = sorted(
            [*((place, number) for number, place in enumerate(places)), *((cue.first, len(reports) + k) for k, cue in enumerate(silent))]
        )
        until, owner = -1, -1
        for place, number in events:
            report = reports[number] if number < len(reports) else None
            said_by = report.cue if report else silent[number - len(reports)]
            self.inside = place < until and (said_by is None or said_by.first != owner)
            if report is None:
                self._silent(s, silent[number - len(reports)], place)
                continue
            if said_by is not None and report.how in ("clause", "colon", "marks") and report.last > until:
                until, owner = report.last, said_by.first
            if said_by is not None and id(said_by) in by_cue:
                speakers[number] = by_cue[id(said_by)]
                continue
            speakers[number] = speaker = self._speaker(s, report)
            if said_by is not None:
                by_cue[id(said_by)] = speaker
        return [speaker or Speaker() for speaker in speakers]

    def _silent(self, s: Section, cue: Cue, place: int) -> None:
        """A cue that reports nothing («أكد فلان حرص بلاده») still says who is being spoken of, unless somebody else is telling it."""
        if self.inside:
            return
        end = s.sentences[s.sentence[cue.first]][1]
        report = Report(cue.first, cue.last, cue, "silent", phrase=(cue.last, min(end, cue.last + 10)))
        first, last, _ = self._phrase(s, report)
        if first < 0 and cue.reading.conjunction:
            return
        if first >= 0 and not any(s.mention[k] >= 0 for k in range(first, last)) and _head_class(s.folds[first], False) == "other":
            return
        candidates, first, last, _mode = self.candidates(s, report)
        if first < 0 or not candidates or (abs(first - cue.last) > 2 and abs(last - cue.first) > 2):
            return
        referent = max(candidates, key=lambda c: self.judge.score(c[1]))[0]
        described = referent.entity_id is not None or _head_class(s.folds[first], s.mention[first] >= 0) in (
            "person_noun",
            "source",
            "office",
            "classifier",
            "document",
        )
        if described:
            self._remember(referent)
            self._turn(s, referent, place, "silent")

    def _turn(self, s: Section, referent: Referent, place: int, kind: str) -> None:
        kind = "inside" if self.inside else kind
        self.turns.append(Turn(referent, self.base[s.name] + place, self.sentence_base[s.name] + s.sentence[place], kind))

    def _speaker(self, s: Section, report: Report) -> Speaker:
        if report.how == "interview":
            return self._interviewee(s, report)
        candidates, first, last, mode = self.candidates(s, report)
        place = report.cue.first if report.cue else report.first
        if not candidates:
            return Speaker()
        scores = [self.judge.score(features) for _, features, _ in candidates]
        best = max(range(len(candidates)), key=lambda k: scores[k])
        top = max(scores)
        probability = 1 / sum(math.exp(value - top) for value in scores)
        referent, _features, rule = candidates[best]
        if mode == HIDDEN and first >= 0:
            # The words before the verb are its subject where the speaker was found in them.
            mode = PHRASE if rule in ("name", "organisation", "phrase", "anaphor", "role") else HIDDEN
        explicit = mode == PHRASE and rule in ("name", "organisation")
        speaker = Speaker(
            entity_id=referent.entity_id,
            name=referent.name,
            type=referent.type,
            role=referent.role,
            attribution="explicit" if explicit else "role" if mode == PHRASE else "pronoun",
            rule=rule,
        )
        if mode == PHRASE:
            start, end = s.slice(first, last)
            speaker.first, speaker.last, speaker.text = first, last, s.text[start:end]
        speaker.confidence = self.calibration.probability(self.confidence_features(report, referent, rule, mode, probability))
        referent.certainty = speaker.confidence
        self._learn(s, report, referent, mode)
        self._turn(s, referent, place, turn_kind(report))
        return speaker

    def _interviewee(self, s: Section, report: Report) -> Speaker:
        """Answers belong to the person whom the article names most before them; questions to nobody it names."""
        assert report.cue is not None
        place = self.base[s.name] + report.cue.first
        people = [(bisect_left(r.places, place), r) for r in self.referents.values() if r.type == "PERSON"]
        best = max((count for count, _ in people), default=0)
        if report.cue.reading.cue_class == "ask" or not best:
            return Speaker()
        referent = next(r for count, r in people if count == best)
        self._turn(s, referent, report.cue.first, "reports")
        return Speaker(
            -1, -1, None, referent.entity_id, referent.name, referent.type, referent.role, "pronoun", "interview", _INTERVIEW_CONFIDENCE
        )

    def confidence_features(self, report: Report, referent: Referent, rule: str, mode: str, probability: float) -> list[str]:
        """What tells how far a choice of speaker can be trusted. `probability` is the share that the ranking gives him."""
        level = sum(probability >= limit for limit in (0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.995))
        name = min(len(referent.words), 3)
        known = "new" if referent.certainty < 0 else str(sum(referent.certainty >= limit for limit in (0.5, 0.7, 0.8, 0.9, 0.95)))
        out = ["1", f"level={level}", f"rule={rule}", f"{rule}|level={level}", f"{rule}|{referent.type}", f"{referent.type}|words={name}"]
        out += [f"how={report.how}", f"{mode}|known={known}", f"known={known}|level={level}", f"{rule}|words={name}"]
        if self.inside:
            out.append("inside")
        return out

    def _learn(self, s: Section, report: Report, referent: Referent, mode: str) -> None:
        """Keep what the sentence tells about a speaker's gender."""
        referent.spoken += 1
        self._remember(referent)
        if report.cue is not None and report.cue.reading.gender and referent.type == "PERSON" and mode == PHRASE:
            referent.gender = referent.gender or report.cue.reading.gender

    def _remember(self, referent: Referent) -> None:
        """A description can be taken up later («المصدر»)."""
        if referent.entity_id is None and referent.name not in self.phrase_of:
            self.phrases.append(referent)
            self.phrase_of[referent.name] = referent

    # candidates

    def _phrase(self, s: Section, report: Report) -> tuple[int, int, str]:
        """Tokens of the subject phrase and where it stands; (-1, -1, …) where the clause names nobody."""
        cue = report.cue
        if cue is None:
            return -1, -1, "bare"
        begin = s.sentences[s.sentence[cue.first]][0]
        kind = cue.reading.kind
        if report.how == "headline":
            start = next((k + 1 for k in range(report.phrase[1] - 1, report.phrase[0], -1) if s.kinds[k] == STOP), report.phrase[0])
            first, last = phrase_after(s, start, report.phrase[1])
            return (first, last, "headline") if first >= 0 else (*report.phrase, "headline")
        if kind == ATTRIBUTIVE or report.how in ("after", "middle"):
            # «وفقا لرويترز»: this ل names the source, not the one spoken to.
            phrase = phrase_after(s, *report.phrase, addressees=kind != ATTRIBUTIVE)
            return *phrase, "attributive" if kind == ATTRIBUTIVE else "after"
        if kind == PARTICIPLE:
            return -1, -1, "participle"
        if kind == NOUN:
            for i in range(cue.first - 1, max(begin, cue.first - 15) - 1, -1):
                if s.folds[i] in ("عن", "لسان") and (cue.reading.number or _is_relayed(s, begin, i)):
                    return (*phrase_after(s, i + 1, cue.first), "about") if not cue.reading.number else (i + 1, cue.first, "about")
            if not cue.reading.number:
                return *phrase_after(s, cue.last, report.phrase[1]), "noun"
            return -1, -1, "noun"
        limit = max(cue.last, report.opener if report.opener >= 0 else report.phrase[1])
        if s.folds[begin] in ("وكان", "كان", "وكانت", "كانت") and begin + 2 < cue.first <= begin + 14:
            return -1, -1, "verb"  # «وكان فلان قد قال»
        if cue.reading.number in ("p", "d") and not cue.reading.passive:
            return -1, -1, "verb"  # before its subject a verb is singular
        if cue.reading.lemma == "نقل" and cue.last < limit and s.folds[cue.last] in ("عنه", "عنها", "عنهم"):
            return -1, -1, "verb"
        if cue.reading.lemma == "نقل":
            quoted = next((k for k in range(cue.last, limit) if s.folds[k] == "عن"), -1)
            if quoted >= 0:
                return *phrase_after(s, quoted + 1, limit), "about"
        first, last = phrase_after(s, cue.last, limit)
        if first >= 0 and cue.reading.lemma in TELL:
            last = _before_object(s, first, last)
        if first >= 0:
            last = _end_of_source(s, first, last)
        if first < 0 and s.folds[begin] in ("اما", "واما") and s.folds[cue.first][:1] == "ف" and cue.first - begin > 1:
            return begin + 1, cue.first, "topic"
        return first, last, "after" if first >= 0 else "verb"

    def candidates(self, s: Section, report: Report) -> tuple[list[Candidate], int, int, str]:
        """Who may have said it: (referent, features, rule) each; the tokens of the subject phrase; HIDDEN or PHRASE."""
        cue = report.cue
        first, last, where = self._phrase(s, report)
        if first < 0 and cue is not None:
            begin = s.sentences[s.sentence[cue.first]][0]
            if s.name != "text":
                # In a headline the subject opens the line: «الوزير يحذر …: …».
                limit = min(cue.first, begin + 6)
                last = next((k for k in range(begin, limit) if s.mention[k] < 0 and s.folds[k][:1] in "يتس"), limit)
                first, where = (begin, "headline subject") if last > begin else (-1, where)
            elif cue.reading.kind == FINITE and not cue.reading.conjunction:
                low, high, relative = phrase_before(s, begin, cue.first)
                if low >= 0:
                    first, last = low, high
                    where = "relative" if relative else "before opens" if low - begin <= 1 else "before later"
        subject = describe(s, first, last, where) if first >= 0 else None
        mode = PHRASE if subject is not None and where not in ("headline subject", "relative") else HIDDEN
        found: dict[int, Candidate] = {}
        if subject is not None and not self._add_unmarked(s, subject, found):
            self._add_names(s, subject, found)
            self._add_description(subject, found)
        if mode == HIDDEN or not any(rule == "name" for _, _, rule in found.values()):
            self._add_turns(s, report, where, subject if mode == PHRASE else None, found)
        if mode == HIDDEN:
            self._add_near(s, report, where, found)
        if mode == HIDDEN and cue is not None:
            agreeing = {key: c for key, c in found.items() if _may_be_subject(cue, c[0])}
            found = agreeing or found
        for referent, features, rule in found.values():
            features += self._agreement(s, report, referent, rule, where, mode, subject)
        return list(found.values()), first, last, mode

    def _add_names(self, s: Section, subject: Subject, found: dict[int, Candidate]) -> None:
        """Those whom the subject phrase names."""
        first, last, where, head_class = subject.first, subject.last, subject.where, subject.head_class
        on_behalf = word_set("on_behalf")
        low = next((k for k in range(first, last) if s.kinds[k] == WORD and s.folds[k] not in word_set("demonstrative")), first)
        seen: set[int] = set()
        for i in range(first, last):
            number = s.mention[i]
            if number < 0 or number in seen:
                continue
            order = len(seen)
            seen.add(number)
            m = s.mentions[number]
            kind = m.entity_type
            if kind == "MISC":
                continue
            link = _link(s, m, first)
            features = [
                f"name|{where}|{kind}",
                f"name|{where}|{kind}|{link}",
                f"name|{kind}|{link}|{min(m.first - first, 2)}",
                f"name|{kind}|order={min(order, 3)}",
                f"name|{kind}|ends={m.last >= last - 1}|order={min(order, 2)}",
                f"name|{where}|ends={m.last >= last - 1}",
            ]
            if m.first > first:
                governed = any(s.folds[k] in GOVERNING or s.folds[k] in on_behalf for k in range(first, m.first))
                governed = governed or link in ("proclitic", "preposition", "behalf")
                described = kind != "PERSON" or (governed and subject.definite == "no" and link not in ("comma", "title"))
                if (
                    kind == "PERSON"
                    and link == "word"
                    and m.first == low + 1
                    and subject.definite == "construct"
                    and head_class in ("person_noun", "office")
                ):
                    continue  # «محامي فلان», «مكتب فلان»
                if head_class == "person_noun" and described:
                    # «المتحدث باسم الشركة», «مصدر مقرب من فلان»: the description speaks, not what it names.
                    continue
                if kind == "LOCATION" and governed and (head_class == "office" or link in ("proclitic", "preposition")):
                    continue
                if kind == "PERSON" and link not in ("comma", "mark"):
                    titled = s.folds[low] in word_set("title")  # «الفريق فلان»
                    if head_class == "office" and subject.definite == "construct" and not titled:
                        continue  # «إدارة الرئيس فلان»
                    if subject.number == "p" and head_class in ("person_noun", "source"):
                        continue  # «مسؤولون بإدارة الرئيس فلان»
                features += [
                    f"name|{kind}|{head_class}|governed={governed}",
                    f"name|{kind}|head={subject.words[0]}",
                    f"name|{kind}|{head_class}|{link}",
                ]
            referent = self.referents[m.entity_id]
            if kind == "PERSON" and len(referent.words) == 1:
                _complete(s, m, subject, referent)
            _add(found, referent, "name" if kind == "PERSON" else "organisation", *features)

    def _add_unmarked(self, s: Section, subject: Subject, found: dict[int, Candidate]) -> bool:
        """The person whom the subject phrase names though no mention marks the name."""
        begin, end, told = _unmarked_name(s, subject) if subject.named != "person" else (-1, -1, "")
        if begin < 0:
            return False
        referent = self._unmarked(" ".join(s.words[begin:end]), subject)
        _add(found, referent, "name", f"unmarked|{told}", f"unmarked|{told}|{subject.head_class}", f"unmarked|{told}|{end - begin}")
        return True

    def _unmarked(self, name: str, subject: Subject) -> Referent:
        """The person of a name that no mention marks; one whom a mention knows by a part of it gets the whole name."""
        words = frozenset(bare(fold(word)) for word in name.split())
        for referent in self.referents.values():
            if referent.type == "PERSON" and referent.words <= words and not referent.words <= subject.content - words:
                referent.name, referent.words = name, words
                return referent
        known = self.phrase_of.get(name)
        return known or Referent(None, name, "PERSON", words | subject.content, gender=subject.gender, number="s")

    def _add_description(self, subject: Subject, found: dict[int, Candidate]) -> None:
        """The phrase itself, earlier phrases that it may take up, and entities that the article describes with its words."""
        head_class, definite, where = subject.head_class, subject.definite, subject.where
        size = min(len(subject.words), 5)
        itself = self.phrase_of.get(subject.text)
        if itself is None:
            kind = "GROUP" if subject.number == "p" else "SOURCE"
            itself = Referent(None, subject.text, kind, subject.content, head=head_class, gender=subject.gender, number=subject.number)
        _add(
            found,
            itself,
            "phrase",
            f"itself|{where}|{definite}|{subject.named}|{head_class}",
            f"itself|{head_class}",
            f"itself|{head_class}|{definite}",
            f"itself|{size}|{definite}",
            f"itself|{where}|{definite}",
            f"itself|head={subject.words[0]}",
        )
        if subject.named == "person" and not where.startswith("before"):
            return
        for age, old in enumerate(self.phrases[:-9:-1]):
            if old is not itself and subject.content & old.words:
                coverage = "all" if subject.content <= old.words else "inside" if old.words <= subject.content else "part"
                tag = f"old phrase|{coverage}|{definite}"
                _add(found, old, "anaphor", tag, f"{tag}|age={min(age, 2)}", f"old phrase|head={subject.words[0] in old.words}|{coverage}")
        described = {
            id(referent): referent for word in sorted(subject.content) for referent in self.described.get(word, ())[-_MOST_DESCRIBED:]
        }
        matches: list[tuple[float, str, int, Referent]] = []
        for referent in described.values():
            if id(referent) in found:
                continue
            if head_class in (("classifier", "office", "document") if referent.type == "PERSON" else ("person_noun", "honorific")):
                continue
            best, inside, excess = 0.0, "no", 9
            for role in referent.roles:
                share = len(subject.content & role) / len(subject.content)
                others = len(role - subject.content - referent.words)
                if share > best or (share == best and others < excess):
                    best, excess = share, others
                    inside = "name" if subject.words[0] in referent.words else "beside" if subject.words[0] in role else "no"
            matches.append((best, inside, excess, referent))
        least = 1.0 if any(best == 1 for best, *_ in matches) else 0.5
        tightest = min((excess for best, _, excess, _ in matches if best >= least), default=0)
        for best, inside, excess, referent in matches:
            if best >= least:
                coverage = "all" if best == 1 else "most" if best > 0.6 else "half"
                tag = f"role|{referent.type}|{coverage}|head={inside}"
                _add(
                    found,
                    referent,
                    "role",
                    tag,
                    f"{tag}|{definite}",
                    f"{tag}|{min(size, 3)}|{definite}",
                    f"role|{referent.type}|{definite}|{head_class}",
                    f"role|{referent.type}|{coverage}|excess={min(excess, 4)}",
                    f"role|{coverage}|tightest={excess == tightest}",
                )
        for _, features, rule in found.values():
            features.append(f"{rule}|{where}|{definite}|{subject.named}|{head_class}")

    def _add_turns(self, s: Section, report: Report, where: str, subject: Subject | None, found: dict[int, Candidate]) -> None:
        """Those who spoke before, latest first."""
        place = report.cue.first if report.cue else report.first
        sentence = self.sentence_base[s.name] + s.sentence[place]
        distinct: list[int] = []
        reporting = 0
        for turn in reversed(self.turns[-12:]):
            if id(turn.referent) in distinct:
                continue
            rank = len(distinct)
            if rank >= 5:
                break
            distinct.append(id(turn.referent))
            if subject is not None and id(turn.referent) not in found:
                # Nothing in the phrase points at this speaker: only a general word («المسؤول») may mean him.
                size = min(len(subject.words), 3)
                if size > 1 and subject.head_class in ("office", "classifier"):
                    continue  # «الرئاسة التركية» is said in full
                if not _may_mean(subject, turn.referent):
                    continue
                person = subject.head_class == "person_noun" and turn.referent.type == "PERSON"
                if (
                    subject.head_class == "document"
                    or subject.definite == "construct"
                    or (subject.definite == "yes" and len(subject.words) < (5 if person else 3))
                    or s.name != "text"
                ):
                    shape = f"{min(len(subject.words), 5)}|{subject.definite}"
                    _add(
                        found,
                        turn.referent,
                        "unlinked",
                        f"unlinked|rank={min(rank, 2)}",
                        f"unlinked|{shape}",
                        f"unlinked|{where}|{subject.definite}",
                        f"unlinked|{subject.definite}|{subject.head_class}",
                        f"unlinked|{shape}|rank={min(rank, 2)}",
                        f"unlinked|head={subject.words[0]}",
                        f"unlinked|{s.name}|{subject.definite}|{turn.referent.type}",
                        f"unlinked|{subject.head_class}|{turn.referent.type}|{turn.referent.head}",
                        f"unlinked|{subject.head_class}|{shape}",
                        f"unlinked|{subject.named}|{subject.definite}|{turn.referent.type}",
                    )
                continue
            distance = sentence - turn.sentence
            near = "same" if distance == 0 else "next" if distance == 1 else "near" if distance <= 3 else "far"
            tag = f"turn|{'hidden' if subject is None else 'linked'}|rank={min(rank, 3)}"
            features = [
                tag,
                f"{tag}|{near}",
                f"{tag}|{turn.kind}|{near}",
                f"{tag}|{where}",
                f"{tag}|{where}|{near}",
                f"{tag}|{turn.referent.type}",
            ]
            if turn.referent.entity_id is None or turn.referent.head == "media":
                features += [f"{tag}|{turn.referent.head}", f"{tag}|{turn.referent.head}|{turn.kind}"]
            if subject is not None:
                features.append(f"turn|{subject.definite}|{near}")
            if turn.kind == "reports":
                features.append(f"report turn|{subject is None}|rank={min(reporting, 2)}|{near}")
                reporting += 1
            _add(found, turn.referent, "last speaker" if rank == 0 else "earlier speaker", *features)

    def _add_near(self, s: Section, report: Report, where: str, found: dict[int, Candidate]) -> None:
        """Those whom this sentence and the one before name."""
        place = report.cue.first if report.cue else report.first
        number = s.sentence[place]
        begin = s.sentences[number][0]
        earlier = s.sentences[number - 1][0] if number else begin
        starts = s.mention_starts
        names = s.mentions[bisect_left(starts, earlier) : bisect_left(starts, place)]
        here = [
            m
            for m in names
            if m.first >= begin and (m.entity_type in ("PERSON", "ORGANIZATION") or (m.entity_type == "LOCATION" and m.first - begin <= 1))
        ]
        here = here if len(here) <= 8 else [*here[:3], *here[-5:]]
        # Nobody has spoken in this sentence yet: its subject is likelier than an earlier speaker.
        fresh = not self.turns or self.turns[-1].sentence != self.sentence_base[s.name] + number
        for order, m in enumerate(here):
            tag = f"sentence|{m.entity_type}"
            side = "first" if order == 0 else "last" if order == len(here) - 1 else "between"
            gap = self._gap(s, m.last, place)
            opening = "first" if m.first - begin <= 1 else "opens" if m.first - begin <= 4 else "later"
            link = "proclitic" if m.proclitic.strip("وف") else "free"
            _add(
                found,
                self.referents[m.entity_id],
                "sentence",
                tag,
                f"{tag}|{side}",
                f"{tag}|{side}|{where}",
                f"{tag}|{opening}|{link}",
                f"{tag}|{opening}|{where}",
                f"{tag}|{side}|fresh={fresh}",
                f"{tag}|{opening}|fresh={fresh}|{where}",
                f"{tag}|gap={gap}|{where}",
                f"{tag}|gap={gap}|{link}",
                f"{tag}|gap={gap}|fresh={fresh}",
            )
        before = [m for m in names if m.first < begin and m.entity_type in ("PERSON", "ORGANIZATION")]
        before = before if len(before) <= 6 else [*before[:3], *before[-3:]]
        for order, m in enumerate(before):
            tag = f"sentence before|{m.entity_type}"
            side = "first" if order == 0 else "last" if order == len(before) - 1 else "between"
            _add(found, self.referents[m.entity_id], "sentence", tag, f"{tag}|{side}")

    def _gap(self, s: Section, last: int, place: int) -> str:
        """What stands between a name and the verb after it: a relative, nothing, only words, or a comma."""
        between = range(last, place)
        if len(between) <= 2 and all(s.folds[k] in _RELATIVES or s.kinds[k] == COMMA for k in between):
            return "relative" if any(s.folds[k] in _RELATIVES for k in between) else "comma next" if between else "none"
        return "comma" if any(s.kinds[k] in (COMMA, COLON) for k in between) else "words"

    def _agreement(
        self, s: Section, report: Report, referent: Referent, rule: str, where: str, mode: str, subject: Subject | None
    ) -> list[str]:
        """Features of a candidate beside the cue's form and the words of its subject phrase."""
        place = self.base[s.name] + (report.cue.first if report.cue else report.first)
        how = mode if mode == HIDDEN else rule
        known = bisect_left(referent.places, place) > 0
        out = [
            f"{how}|type={referent.type}",
            f"{how}|{where}|type={referent.type}",
            f"{how}|{referent.type}|mentions={min(len(referent.places), 4)}",
            f"{how}|{referent.type}|known={known}",
            f"{how}|spoken={min(referent.spoken, 3)}",
        ]
        if mode == PHRASE and subject is not None and rule not in ("name", "organisation", "phrase"):
            if subject.gender and referent.gender:
                out.append(f"{how}|same gender={subject.gender == referent.gender}")
            if subject.number and referent.number:
                out.append(f"{how}|same number={subject.number == referent.number}")
        if report.cue is not None:
            reading = report.cue.reading
            if reading.gender and referent.gender:
                out.append(f"{how}|gender={reading.gender == referent.gender}|{referent.type}")
            elif reading.gender:
                out.append(f"{how}|gender={reading.gender}|{referent.type}")
            if mode == HIDDEN and reading.number:
                out.append(f"number={reading.number}{referent.number or '?'}|{referent.type}")
                if reading.number == "s" and reading.gender == "f" and referent.number == "p":
                    out.append(f"collective|{referent.gender}")
        return out


_SAME = frozenset({"ذات", "ذاته", "ذاتها", "نفسه", "نفسها", "نفس", "عينها", "عينه", "مذكور", "سالف", "مشار", "ذاتهم", "نفسهم"})
