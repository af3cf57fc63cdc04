"""Noun phrases that may name a speaker: where they begin and end beside a verb, and what kind of phrase they are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rasd.arabic import fold
from rasd.extraction.entities.vocabulary import count
from rasd.extraction.quotes.cues import FINITE, PARTICIPLE, is_finite, readings, word_set
from rasd.extraction.quotes.finder import COMPLEMENTISERS
from rasd.extraction.quotes.sections import COLON, COMMA, OTHER, STOP, WORD, Mention, Section
from rasd.extraction.quotes.verbs import Verb, verb
from rasd.resources import lexicon

_LONGEST_DESCRIPTION = 9
"""Tokens between a preposition and the name that ends its description."""
_LEAST_NOUN_SHARE = 0.15
"""How often a noun has the article, measured by the bare form."""
_LONGEST_NAME = 4
"""Words of a name that no mention marks."""
_ADJECTIVE_ENDINGS = ("ي", "يه", "ه", "ين", "ون", "ات", "يا")
_HEAD_CLASSES = ("document", "person_noun", "classifier", "office", "honorific", "source")
_AUXILIARIES = frozenset({"قد", "فقد", "وقد", "لم", "لن", "لا", "كان", "كانت", "وكان", "وكانت", "ايضا", "كانوا", "هو", "هي", "سبق"})
_WAS = frozenset({"كان", "كانت"})
_NO_SUBJECT = frozenset(
    {"فيما", "بينما", "لكن", "حيث", "كما", "في", "الي", "حين", "ثم", "او", "اذ", "عندما", "بعدما", "بعد", "قبل", "وفيما", "وفي", "اما"}
)
_PERIODS = frozenset({"العام", "الشهر", "الاسبوع", "السنه", "الماضي", "الماضيه", "الجاري", "الحالي"})
PREPOSITION_PRONOUNS = frozenset(
    {"له", "لها", "لهم", "لنا", "اليه", "اليها", "فيه", "فيها", "عليه", "عليها", "معه", "به", "بها", "عنه", "عنها", "منه", "لي", "لدي"}
)
_MARKS = frozenset('"“”«»')
_TIMES = frozenset({"منذ", "بعد", "قبل", "خلال", "عقب", "عبر"})
_OPENINGS = frozenset({"لكن", "ولكن", "فيما", "بينما", "كما", "اما", "غير", "ان", "وان"})
GOVERNING = frozenset({"في", "الي", "علي", "عن", "مع", "من", "بعد", "قبل", "خلال", "منذ", "عبر", "لدي", "عند"})
STOPS_BACKWARD = frozenset(
    {"في", "الي", "علي", "عن", "مع", "بعد", "قبل", "خلال", "حيث", "فيما", "بينما", "لكن", "حين", "كما", "او", "ثم", "منذ", "عبر"}
)
_SAME = frozenset({"ذات", "ذاته", "ذاتها", "نفسه", "نفسها", "نفس", "عينها", "عينه", "مذكور", "سالف", "مشار", "ذاتهم", "نفسهم"})
RELATIVES = frozenset({"الذي", "التي", "الذين", "اللذان", "اللذين", "والذي", "والتي", "والذين", "واللذان", "ما", "من"})


def _described_opening(s: Section, begin: int, end: int) -> tuple[int, int]:
    """The name or noun that opens a sentence and is described between two commas, the second at `end`; (-1, -1) for none."""
    first = begin
    while first < end and first - begin < 2 and s.mention[first] < 0 and s.folds[first] in _OPENINGS:
        first += 1
    if s.mention[first] >= 0:
        m = s.mentions[s.mention[first]]
        last = m.last if m.entity_type in ("PERSON", "ORGANIZATION") and not m.proclitic.strip("وف") else end
    elif s.folds[first] in given_names():
        last = next((k for k in range(first + 2, min(end, first + _LONGEST_NAME + 1)) if s.kinds[k] == COMMA), end)
    else:
        last = first + 1 if s.folds[first].startswith("ال") else end
        while last < end and s.folds[last].startswith("ال"):
            last += 1
    if last >= end or s.kinds[last] != COMMA:
        return -1, -1
    relative = last + 1 < end and s.folds[last + 1] in RELATIVES
    if not relative and any(verb(s.folds[k]) is not None for k in range(last, end) if s.mention[k] < 0):
        return -1, -1
    return first, last


@dataclass(slots=True)
class Clause:
    """A verb at token `at` and the tokens first:last of its subject; `opens` says what the verb follows."""

    at: int
    first: int
    last: int
    verb: Verb
    opens: str


@dataclass(slots=True)
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


@lru_cache(maxsize=100_000)
def bare(word: str) -> str:
    """A folded word without its article, and without a proclitic before the article."""
    if word.startswith("لل") and len(word) > 4:
        return word[2:]
    if word.startswith(("وال", "بال", "فال")) and len(word) > 5:
        return word[3:]
    return word[2:] if word.startswith("ال") and len(word) > 4 else word


def gender_and_number(word: str) -> tuple[str, str]:
    """What the ending of a folded noun tells."""
    stem = bare(word)
    if stem in word_set("broken_plural"):
        return "", "p"
    if stem.endswith("ات") and len(stem) > 4:
        return "f", "p"
    if (stem.endswith(("ون", "ين")) and len(stem) > 4) or (stem.endswith("و") and count(stem + "ن") > 0):
        return "m", "p"
    if stem.endswith("ه"):
        return "f", "s"
    if word.startswith("ال") and stem.endswith("ان") and len(stem) > 4 and count(word[:-2]) > count(word) / 2:
        return "m", "d"
    return "m", "s"


def phrase_after(s: Section, first: int, last: int, *, addressees: bool = True, places: bool = False) -> tuple[int, int]:
    """The subject phrase within the tokens first:last that follow a verb, without the adverbials around it; (-1, -1) for none.

    Args:
        addressees: whether what stands after ل is the one spoken to.
        places: whether a place of speech («بيان») is no adverbial here.
    """
    ends, venues = word_set("phrase_end"), word_set("venue")
    i, begin, skipped = first, -1, -1
    named = False
    while i < last:
        word, kind, mention = s.folds[i], s.kinds[i], s.mention[i]
        if kind == STOP and begin >= 0 and s.words[i] == "." and len(s.words[i - 1]) == 1:
            i += 1  # «د. فلان»
            continue
        if kind == STOP and begin >= 0 and i + 1 < last and s.ends[i - 1] == s.starts[i] and s.ends[i] == s.starts[i + 1]:
            i += 1  # «بي.إم.دبليو»
            continue
        if kind in (COLON, STOP) or (begin >= 0 and kind == OTHER and s.words[i] in "-–—" and s.starts[i] > s.ends[i - 1]):
            break
        if kind == COMMA:
            if begin >= 0:
                follows = s.mention[i + 1] if i + 1 < last else -1
                unmarked = is_person_word(s.folds[begin])
                if named or not (_apposition(s, i + 1, last) or (unmarked and _names_itself(s, i + 1, last))):
                    break
                if follows >= 0 and s.mentions[follows].entity_type == "LOCATION":
                    break
            i += 1
            continue
        if mention >= 0 and begin < 0 and s.mentions[mention].last == i + 1 and is_manner(word):
            i += 1  # «علق ساخرا», taken for a name
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
                construct = i - begin == 1 and kind_of_head(s.folds[begin], s.mention[begin] >= 0) in ("person_noun", "office")
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
            if begin >= 0 and word == "علي" and i + 1 < last and s.folds[i + 1] in word_set("classifier"):
                i += 1  # «صحفية على قناة …»
                continue
            if word == "عن" and i > first and bare(s.folds[i - 1]) in ("صادر", "صادره", "صدر", "صدرت") and begin >= 0:
                i += 1
                continue
            to_place = word == "الي" and begin >= 0 and not named and i + 1 < last and s.mention[i + 1] >= 0
            if to_place and s.mentions[s.mention[i + 1]].entity_type == "LOCATION":
                i += 1  # «المبعوث إلى …»
                continue
            if begin >= 0 and (word == "لم" or word in _TIMES or _reports(word)):
                break  # «مسؤول لم تسمه», «المتحدثة الروسية قائلة»
            if begin < 0 and is_manner(word):
                if i + 1 < last and (s.folds[i + 1] in GOVERNING or is_attached(s.folds[i + 1])):
                    return -1, -1  # «استطرد معقبا على سؤال»
                i += 1
                continue
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
                    (bare(following) in venues and word != "من" and not places)
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
            elif begin < 0 and (
                word in PREPOSITION_PRONOUNS or word in _PERIODS or _is_adverbial(word) or (addressees and _governs_itself(word))
            ):
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
        if number < 0 and not word.startswith("ال") and is_finite(word):
            return -1
    return -1


def end_of_subject(s: Section, first: int, last: int, *, tells: bool = False) -> int:
    """Where the subject first:last of a verb ends and its object begins («طالبت الوزارة الكندية | السلطات …»).

    Args:
        tells: whether the verb's object is the one spoken to («أبلغ الوزير الأمريكي | الرئيس …»).
    """
    while first < last - 1 and s.folds[first] in word_set("demonstrative"):
        first += 1
    last = _before_verb(s, first, last)
    if s.mention[first] >= 0:
        k = s.mentions[s.mention[first]].last
        return k if k < last and _is_noun(s, k) else last
    if s.folds[first].startswith("ال"):
        return _end_of_definite(s, first, last, tells)
    return _end_of_indefinite(s, first, last)


def _before_verb(s: Section, first: int, last: int) -> int:
    """The first verb after the head («مشاهدون روس | نال الفيلم إعجابهم»), else `last`."""
    for k in range(first + 1, last):
        word = s.folds[k]
        if s.mention[k] >= 0 or s.kinds[k] != WORD or word in given_names() or word[:1] == "و" or s.span[k] != s.span[first]:
            continue
        before = s.folds[k - 1]
        complete = s.mention[k - 1] >= 0 or before.startswith("ال") or (k > first + 1 and before.endswith(_ADJECTIVE_ENDINGS))
        complete = complete or before in word_set("plural_adjective")
        if complete and before not in RELATIVES and verb(word) is not None:
            return k
    return last


def _end_of_definite(s: Section, first: int, last: int, tells: bool) -> int:
    """The end of a phrase whose head has the article: adjectives agree with it, and what a preposition governs may follow."""
    gender, number = gender_and_number(s.folds[first])
    head_class = kind_of_head(s.folds[first], False)
    k = first + 1
    while k < last:
        word = s.folds[k]
        if s.mention[k] >= 0:
            if s.mentions[s.mention[k]].entity_type == "PERSON":
                return last
            k = s.mentions[s.mention[k]].last
        elif s.kinds[k] != WORD:
            if s.kinds[k] == COMMA:
                return last
            k += 1
        elif word.startswith("ال"):
            if (tells and k > first + 1 and word in word_set("title")) or not _agrees(word, gender, number):
                return k
            k += 1
        elif word in GOVERNING or word[:2] == "لل" or (word[:1] in "بل" and len(word) > 3 and word not in given_names()):
            governs = word in GOVERNING
            noun = s.folds[min(k + 1, last - 1)] if governs else word[1:]
            body = any(bare(noun) in word_set(name) for name in ("office", "classifier", "source")) or (
                s.mention[min(k + governs, last - 1)] >= 0
            )
            described = word[:2] == "لل" and k > first + 1 and s.folds[k - 1].startswith("ال")  # «الشركة المسوقة للتذاكر»
            if (
                not body
                and not described
                and not (head_class == "person_noun" and word[:1] != "ل")
                and bare(s.folds[k - 1]) not in word_set("takes_preposition")
            ):
                return k  # «رحب المجلس | بالقرار», «أشار الأهالي | للمنظمة»
            k += 1 + governs
            while k < last and (s.folds[k].startswith("ال") or s.mention[k] >= 0):
                k += 1
        elif s.words[k].endswith(("هم", "ها", "ه")) and word not in _SAME and word not in given_names():
            return k  # «ختم الحزب | بيانه»
        elif word in _SAME or word in word_set("on_behalf") or word[:3] == "وال":
            k += 1
        elif word in given_names() or head_class == "person_noun" or s.folds[first] in word_set("title"):
            return last
        else:
            return k
    return last


def _agrees(adjective: str, gender: str, number: str) -> bool:
    """Whether a word with the article can describe a head of that gender and number."""
    stem = bare(adjective)
    if adjective in word_set("title") or stem in word_set("person_title") or stem in word_set("person_noun"):
        return True
    if number == "p":
        return stem.endswith(("ون", "ين", "ات", "ه")) or stem in word_set("plural_adjective") or stem in word_set("broken_plural")
    if gender == "f":
        return stem.endswith("ه") or stem in word_set("feminine_adjective")
    return not stem.endswith(("ه", "ات"))


def _end_of_indefinite(s: Section, first: int, last: int) -> int:
    """The end of an indefinite source, before the object of its verb («أعلن مصدر أمني | مقتل …»)."""
    plural = gender_and_number(s.folds[first])[1] == "p"
    if kind_of_head(s.folds[first], False) not in ("person_noun", "source") and not plural:
        return last
    if any(s.mention[k] >= 0 and s.mentions[s.mention[k]].entity_type == "PERSON" for k in range(first, last)):
        return last
    k = first + 1
    if k < last and (s.folds[k].startswith("ال") or s.mention[k] >= 0):
        while k < last and (s.folds[k].startswith("ال") or s.mention[k] >= 0):
            k += 1
        return k if k < last and _is_noun(s, k) else last  # «وزير الخارجية | دعم بلاده», but «وزير الخارجية فلان»
    while k < last and s.kinds[k] == WORD:
        word = s.folds[k]
        if k > first + 1 and _is_attached_object(s, k, last):
            return k  # «مجموعة من النشطاء | باستئناف الحوار»
        if word in GOVERNING or word[:1] in "بل":
            k += 1  # what it governs: a noun and the definite words after it
            k += word in GOVERNING
            while k < last and (s.folds[k].startswith("ال") or s.mention[k] >= 0):
                k += 1
        elif word.endswith(_ADJECTIVE_ENDINGS) or (word[:1] == "و" and len(word) > 4 and word.endswith(("ي", "يه", "ين", "ون"))):
            k += 1
        else:
            return last if k == first + 1 or word in given_names() else k
    return last


def _is_attached_object(s: Section, k: int, last: int) -> bool:
    """Whether a noun with ب or ل is what the verb governs, and no place or body where the subject works («بمحافظة عدن»)."""
    word = s.folds[k]
    named = k + 1 < last and s.mention[k + 1] >= 0
    body = any(bare(word[1:]) in word_set(name) for name in ("office", "classifier", "source"))
    return is_attached(word) and not word.startswith(("بال", "لل")) and not named and not body


def _is_noun(s: Section, k: int) -> bool:
    """Whether the token, in no mention, is a noun and no name: news often write it with the article, or it has a pronoun («وفاتها»)."""
    word = s.folds[k]
    if s.kinds[k] != WORD or word in given_names() or is_person_word(word):
        return False
    has_pronoun = s.words[k].endswith(("هم", "ها", "ه")) and word not in _SAME and len(word) > 3
    return has_pronoun or count("ال" + word) > _LEAST_NOUN_SHARE * count(word) > 0


def is_attached(word: str) -> bool:
    """Whether a folded word is a noun with ب or ل before it («للحديث», «بجميع»)."""
    if word.startswith(("لل", "بال")):
        return True
    return word[:1] in "بل" and len(word) > 3 and count(word[1:]) > 3 * count(word)


def _reports(word: str) -> bool:
    """Whether a word is a participle of saying, in the accusative («قائلة»)."""
    return any(r.kind == PARTICIPLE and r.strong for r in readings(word))


def is_manner(word: str) -> bool:
    """Whether a folded word is a participle in the accusative, which tells how somebody speaks («ساخرا»): no subject."""
    if len(word) < 5 or word[-1] != "ا" or word in given_names() or word[:-1] in word_set("kin"):
        return False
    return (word[0] == "م" or word[1] == "ا") and count(word[:-1]) > count(word) / 4 and count("ال" + word) == 0


def _governs_itself(word: str) -> bool:
    """Whether a word is a noun after ب or ل with a pronoun or of a manner («لزوجها», «بنبرة»)."""
    return word[:1] in "بل" and word[1:2] != "ل" and word not in word_set("starts_with_b") and is_attached(word)


def _is_adverbial(word: str) -> bool:
    """Whether a word is a noun after ب («بشدة»)."""
    return word[:1] == "ب" and len(word) > 3 and word not in word_set("starts_with_b") and word[1:2] != "ن"


def _is_object(s: Section, first: int, last: int) -> bool:
    """Whether a phrase is a noun of somebody's («ملابساتها»), which no speaker is unless it says a kinship or an office («والدها»)."""
    word = s.words[first]
    whole = last - first == 1 or (s.mention[first + 1] < 0 and (s.folds[first + 1] in GOVERNING or is_attached(s.folds[first + 1])))
    if not whole or s.mention[first] >= 0 or s.folds[first] in word_set("honorific"):
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
    if s.folds[first] in word_set("some"):
        return "no"  # «أحد الموظفين»
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
    return word[:1] == "ل" and len(word) > 3 and word not in PREPOSITION_PRONOUNS and is_media(s, i)


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
        plain = s.folds[k] not in word_set("title") and s.folds[k] not in given_names()
        if plain and (not s.folds[k].startswith("ال") or verb(s.folds[k]) is not None):
            return False
    return False


@lru_cache(1)
def given_names() -> frozenset[str]:
    return frozenset(word for row in lexicon("given_names") if len(word := fold(row["name"])) > 2)


def _names_itself(s: Section, i: int, last: int) -> bool:
    """Whether the words from i up to the next mark are a name that nobody has marked («مدير المركز، زيدون الناصري، إن»)."""
    end = next((k for k in range(i, min(last, i + _LONGEST_NAME + 1)) if s.kinds[k] != WORD or s.folds[k] in COMPLEMENTISERS), last)
    return _may_be_name(s, i, end)


def _may_be_name(s: Section, first: int, last: int) -> bool:
    """Whether the tokens, in no mention, could be a person's full name."""
    opening = s.folds[first]
    if not 2 <= last - first <= _LONGEST_NAME or opening.startswith("ال"):
        return False
    if opening not in given_names() and (is_attached(opening) or verb(opening) is not None or _governs_itself(opening)):
        return False
    known = ("phrase_end", "person_noun", "title", "person_title", "venue", "source", "office", "classifier", "direction")
    return not any(
        s.kinds[k] != WORD
        or s.mention[k] >= 0
        or s.span[k] != s.span[first]
        or len(s.folds[k]) < 2
        or s.words[k].isdigit()
        or s.folds[k] in GOVERNING
        or s.folds[k] in COMPLEMENTISERS
        or s.folds[k] in STOPS_BACKWARD
        or bool(readings(s.folds[k]))
        or any(bare(s.folds[k]) in word_set(name) for name in known)
        for k in range(first, last)
    )


def unmarked_name(s: Section, subject: Subject) -> tuple[int, int, str]:
    """A person's name in a subject phrase that is no mention: its tokens, and whether a comma or a given name tells it; (-1, -1, "")."""
    if subject.head_class not in ("person_noun", "source", "other", "honorific") or subject.number == "p":
        return -1, -1, ""
    first, last = subject.first, subject.last
    if subject.where == "after" and subject.head_class == "other":
        opening = next((k for k in range(first, min(last, first + _LONGEST_NAME + 1)) if describes_person(s, k)), -1)
        if opening > 0 and _may_be_name(s, first, opening):
            return first, opening, "described"  # «قالت سميرة الوافي رئيسة الجمعية»
    for k in range(first + 1, last - 1):
        if s.kinds[k] == COMMA and is_person_word(s.folds[k - 1 if k == first + 1 else first]) and _may_be_name(s, k + 1, last):
            return k + 1, last, "comma"
    opens = subject.where.startswith("before")  # «فلان الفلاني، رئيس الجمعية، قال»
    for k in range(first if opens else first + 1, last - 1):
        before = s.folds[k - 1] if k > first else ""
        if s.folds[k] not in given_names() or s.folds[k] in word_set("on_behalf") or s.mention[k] >= 0:
            continue
        # «الرئيس فلان الفلاني | الولايات المتحدة», «فلان الفلاني | بجميع الوفود»
        end = next((j for j in range(k + 1, last) if s.mention[j] >= 0 or s.kinds[j] != WORD or is_attached(s.folds[j])), last)
        if before not in GOVERNING and before not in word_set("on_behalf") and _may_be_name(s, k, end):
            return k, end, "given"
    return -1, -1, ""


def is_person_word(word: str) -> bool:
    """Whether a folded word, with or without the article, is a title or a noun for a person («الكولونيل», «مدير»)."""
    return word in word_set("title") or bare(word) in word_set("person_noun") or bare(word) in word_set("person_title")


def describes_person(s: Section, k: int) -> bool:
    """Whether an apposition to a name begins at the token: a comma, or a word for a person («رئيسة الجمعية», «الباحث في …»)."""
    return s.kinds[k] == COMMA or s.words[k] in "(-–—" or (s.mention[k] < 0 and is_person_word(s.folds[k]))


def outlet_name(s: Section, subject: Subject) -> str:
    """The name of an outlet or firm that only its classifier tells («صحيفة "الضفة"», «موقع دروب الإخباري»); "" for none."""
    names = word_set("named_thing")
    first = next((k for k in range(subject.first, min(subject.last, subject.first + 2)) if s.folds[k] in names), -1)
    if first < 0 or any(s.mention[k] >= 0 for k in range(subject.first, subject.last)):
        return ""
    k = first + 1
    while k < subject.last and s.kinds[k] != WORD:
        k += 1
    marked = k > first + 1
    low = k
    if low >= subject.last or (not marked and s.words[low].endswith(("ية", "ي", "ات", "ين", "ه", "ها"))):
        return ""  # «صحيفة بريطانية»
    while k < subject.last and s.kinds[k] == WORD and s.span[k] == s.span[low] and s.folds[k] not in GOVERNING:
        if k > low and not marked and (s.folds[k].startswith("ال") or is_attached(s.folds[k])):
            break
        k += 1
    return " ".join(s.words[low:k]) if k - low <= _LONGEST_NAME else ""


def phrase_before(s: Section, begin: int, cue: int) -> tuple[int, int, bool]:
    """The subject phrase that ends right before a verb («وكان فلان قد قال»), and whether a relative («الذي») stands between."""
    i, relative, apart = cue, False, False
    while i > begin and (s.folds[i - 1] in _AUXILIARIES or s.kinds[i - 1] == COMMA or s.folds[i - 1] in RELATIVES):
        relative = relative or s.folds[i - 1] in RELATIVES
        i -= 1
    if i < cue and s.kinds[i] == COMMA and not relative:
        # A comma before the verb: no subject, unless the one who opens the sentence is described («فلان، رئيس اللجنة، قال»).
        first, last = _described_opening(s, begin, i)
        if first >= 0 or not (i > begin and s.mention[i - 1] >= 0):
            return first, last, relative
        apart = True
    last = i
    if i > begin and s.folds[begin].removeprefix("و") in _WAS and s.mention[i - 1] >= 0:
        m = s.mentions[s.mention[i - 1]]
        if m.entity_type == "PERSON" and m.last == i and not m.proclitic:
            return m.first, i, relative  # «وكان المنسق الخاص للمنطقة فلان صرح»
    while i > begin and last - i < 14:
        word = s.folds[i - 1]
        quoted = s.kinds[i - 1] == OTHER and ((i > 1 and s.mention[i - 2] >= 0) or (i < last and s.mention[i] >= 0))
        if (
            s.mention[i - 1] < 0
            and not quoted
            and (s.kinds[i - 1] != WORD or word in COMPLEMENTISERS or word in STOPS_BACKWARD or word in _AUXILIARIES)
            and not (word == "في" and i - 1 > begin and bare(s.folds[i - 2]) in word_set("person_noun"))  # «لكن محللين في المصرف قالوا»
        ):
            break
        i -= 1
    if (
        last == i
        or s.folds[i] in _NO_SUBJECT
        or (i > begin and s.folds[i - 1] in GOVERNING)
        or (apart and i - begin > 1 and s.mention[i] < 0)
    ):
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
            or (rest != word and verb(rest) is not None)
            or _is_adverbial(word)
        ):
            return -1, -1, relative
        if is_finite(word) or _is_object(s, i, last):
            return -1, -1, relative
    if s.mention[i] >= 0 and s.mentions[s.mention[i]].proclitic.strip("وف"):
        return -1, -1, relative
    return i, last, relative


def clauses_before(s: Section, begin: int, end: int) -> list[Clause]:
    """The clauses among the tokens begin:end whose verb has its subject beside it, in order; those within quotation marks left out."""
    found: list[Clause] = []
    for i in range(begin, end):
        if s.span[i] >= 0 or s.mention[i] >= 0 or s.kinds[i] != WORD:
            continue
        known = verb(s.folds[i])
        if known is None:
            continue
        before = s.folds[i - 1] if i > begin else ""
        conjunction = s.folds[i][0] in "وف" and verb(s.folds[i][1:]) is not None
        if i == begin or s.kinds[i - 1] != WORD:
            opens = "start"
        elif conjunction:
            opens = "and"
        elif before in word_set("clause_opener"):
            opens = "conjunction"
        else:
            first, last, relative = phrase_before(s, begin, i) if i - begin <= 14 else (-1, -1, False)
            in_front = first >= 0 and (first - begin <= 1 or s.folds[first - 1].removeprefix("و") in _OPENINGS)
            if in_front and not relative:
                found.append(Clause(i, first, last, known, "subject first"))
            continue
        first, last = phrase_after(s, i + 1, min(end, i + 14))
        if first >= 0 and first - i <= 3:
            found.append(Clause(i, first, end_of_subject(s, first, last), known, opens))
    return found


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
    if not _MARKS.isdisjoint(text) and sum(mark in _MARKS for mark in text) == 1:
        text = text.strip("".join(_MARKS)).strip()
    head = s.folds[low]
    definite = _definiteness(s, low, last)
    if s.mention[low] < 0 and len(head) > 3:
        if where == "attributive" and head[:1] == "ل":  # «وفقا للشرطة», «وفقا لمصدر»
            text, head = ("ا" + text[1:], "ا" + head[1:]) if head[1] == "ل" else (text[1:], head[1:])
        elif (
            where.startswith("before")
            and head[:1] == "و"
            and kind_of_head(head, False) == "other"
            and kind_of_head(head[1:], False) != "other"
        ):
            text, head = text[1:], head[1:]
        definite = "yes" if head.startswith("ال") else definite
    words = [bare(head), *(bare(s.folds[k]) for k in range(low + 1, last) if s.kinds[k] == WORD)]
    gender, number = gender_and_number(head) if s.mention[low] < 0 else ("", "")
    named = "person" if "PERSON" in kinds else "other" if kinds else "no"
    content = frozenset(w for w in words if w not in _SAME)
    return Subject(first, last, where, text, words, content, kind_of_head(head, s.mention[low] >= 0), definite, named, gender, number)


def kind_of_head(head: str, is_name: bool) -> str:
    """What kind of word a subject phrase begins with."""
    if is_name:
        return "name"
    forms = {head, bare(head)}
    return next((name for name in _HEAD_CLASSES if forms & word_set(name)), "other")


def link_of(s: Section, m: Mention, first: int) -> str:
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
    if before in word_set("ruler"):
        return "word"
    if before.startswith("ال"):
        return "definite"
    return "adjective" if before.endswith(("ي", "يه")) else "word"
