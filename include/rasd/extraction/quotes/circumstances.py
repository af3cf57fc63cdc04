"""To whom, where, when and through whom something was said, as far as the cue's own clause states it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from rasd.cleaning.dates import find_dates, resolve
from rasd.extraction.quotes.cues import ATTRIBUTIVE, FINITE, NOUN, PARTICIPLE, readings, word_set
from rasd.extraction.quotes.finder import COMPLEMENTISERS, EXCEPTIVES, Cue, Report, is_described
from rasd.extraction.quotes.phrases import GOVERNING, RELATIVES, bare, is_media, phrase_after
from rasd.extraction.quotes.sections import COLON, COMMA, OTHER, STOP, WORD, Section
from rasd.extraction.quotes.speakers import Speaker

SAID, FUTURE, CONDITIONAL = "said", "future", "conditional"

_PLACE_PREPOSITIONS = frozenset({"في", "خلال", "عبر", "علي", "اثناء", "ضمن", "هامش", "ختام", "مستهل", "وفي", "وخلال", "وعبر", "وعلي", "ب"})
_MOST_PLACE_WORDS, _MOST_LISTENER_WORDS = 10, 7
_MOST_WORDS_BEFORE, _MOST_WORDS_AFTER = 30, 20
_MOST_WORDS_TO_DATE = 8
_MOST_NAME_WORDS = 4
_MOST_ATTRIBUTIONS = 8
_VERSE_LINES = 2
_NO_PLACE = frozenset({"له", "لها", "لهم", "لهما", "به", "بها", "معه", "معها", "معهم"})
_OTHER_TIMES = frozenset({"منذ", "قبل", "حتي", "بحلول", "الي", "بعد", "قبيل", "اعتبارا", "ابتداء", "بدايه"})
"""What leads from or to a day on which nobody spoke («منذ الأحد»)."""
_OF_SOMETHING_ELSE = frozenset(
    {"عن", "علي", "حول", "بشان", "بعد", "عقب", "اثر", "قبل", "ضد", "منذ", "الي", "بين", "رغم", "بسبب", "جراء", "قبيل"}
)
"""Prepositions whose noun a day that follows belongs to («تعليقا على هجوم أمس»)."""
_PARTS_OF_DAY = frozenset(
    {"يوم", "مساء", "صباح", "ظهر", "فجر", "ليل", "ليله", "عصر", "نهار", "وقت", "متاخر", "مبكر", "سابق", "لاحق", "متاخره"}
)
_EXPECTED = frozenset({"المقرر", "المتوقع", "المنتظر", "المرتقب", "المفترض", "المرجح"})
_OPTIONAL = frozenset({"يجب", "يمكن", "ينبغي", "عليه", "عليها", "عليهم", "يريد", "تريد", "بامكانه", "يستطيع", "تستطيع", "يجوز", "حال"})
_TOLD = frozenset({"أبلغ", "أخبر", "خاطب", "طمأن"})
"""Verbs whose object is the one spoken to."""
_CONVERSATIONS = frozenset({"مع", "الي", "امام"})


@dataclass(slots=True)
class Circumstances:
    """What the clause says about the speech; None where it says nothing."""

    addressee: str | None = None
    venue: str | None = None
    said_date: date | None = None
    reported_via: str | None = None
    is_citation: bool = False
    is_negated: bool = False
    """A negation governs the cue («لم يقل»)."""
    modality: str = SAID
    """said, or still to come (future: «سيقول»), or merely possible (conditional: «إذا قال», «قد يقول»)."""


def circumstances_of(
    s: Section, reports: Sequence[Report], speakers: Sequence[Speaker], attributions: Sequence[Report], anchor: date | None
) -> list[Circumstances]:
    """The circumstances of each report of a section.

    Args:
        attributions: all clauses such as «بحسب وكالة …», whether or not they count as reports themselves.
        anchor: the article's day, which «أمس» and the like count from.
    """
    covering: dict[int, list[Report]] = {}
    for attribution in attributions:
        covering.setdefault(s.sentence[attribution.first], []).append(attribution)
    out: list[Circumstances] = []
    main, main_at, main_speaker = Circumstances(), -1, ""
    for report, speaker in zip(reports, speakers, strict=True):
        sentence = s.sentence[report.first]
        own = _circumstances(s, report, speaker, covering.get(sentence, ())[:_MOST_ATTRIBUTIONS], anchor)
        if report.cue is not None and report.cue.reading.kind == PARTICIPLE and sentence == main_at and speaker.name == main_speaker:
            # «قال أمس إن …، مضيفا أن …»: the participle tells more of what its verb said.
            own = replace(
                own,
                addressee=own.addressee or main.addressee,
                venue=own.venue or main.venue,
                said_date=own.said_date or main.said_date,
            )
        elif report.cue is not None and report.cue.reading.kind == FINITE:
            main, main_at, main_speaker = own, sentence, speaker.name or ""
        out.append(own)
    return out


def _circumstances(s: Section, report: Report, speaker: Speaker, outer: Sequence[Report], anchor: date | None) -> Circumstances:
    cue = report.cue
    if cue is None or report.how in ("headline", "interview"):
        return Circumstances()
    begin, _ = s.sentences[s.sentence[cue.first]]
    before, after = _before(s, cue, begin), _after(s, report, cue, begin)
    return Circumstances(
        _addressee(s, cue, after),
        _venue(s, after) or _venue(s, before),
        _said_date(s, after, anchor) or _fronted_date(s, before, cue, anchor),
        _via(s, report, cue, begin, outer, speaker),
        _is_citation(s, report, cue, speaker),
        _is_negated(s, report, cue),
        _modality(s, cue, begin),
    )


def _before(s: Section, cue: Cue, begin: int) -> range:
    """The tokens of the cue's clause that stand before a finite verb; none where a conjunction or another verb cuts them off."""
    if cue.reading.kind != FINITE or cue.reading.conjunction:
        return range(cue.first, cue.first)
    k = cue.first
    while k > max(begin, cue.first - _MOST_WORDS_BEFORE):
        word = s.folds[k - 1]
        if s.kinds[k - 1] == STOP or s.span[k - 1] >= 0:
            break
        if s.mention[k - 1] < 0 and (word in COMPLEMENTISERS or word in RELATIVES or word in word_set("new_clause")):
            break
        if s.mention[k - 1] < 0 and any(r.kind == FINITE and r.strong for r in readings(word)):
            break
        k -= 1
    return range(k, cue.first)


def _after(s: Section, report: Report, cue: Cue, begin: int) -> range:
    """The tokens of the cue's clause that stand behind it, up to what is reported."""
    first = cue.last
    if cue.reading.kind == NOUN:  # «نقلت وكالة … عن فلان أمس قوله»
        first = next((k + 1 for k in range(cue.first - 1, max(begin, cue.first - _MOST_WORDS_BEFORE) - 1, -1) if _relays(s, k)), first)
    if report.first > cue.first:
        stop = report.opener if report.opener > cue.first else report.phrase[1]
        if report.opener > cue.first and report.how == "marks":
            stop += 1  # the word before the mark is the clause's own
        return range(first, max(first, min(stop, report.first)))
    end = min(s.sentences[s.sentence[cue.first]][1], cue.last + _MOST_WORDS_AFTER)
    k = cue.last
    while k < end and s.kinds[k] not in (STOP, COLON) and (s.folds[k] not in COMPLEMENTISERS or s.mention[k] >= 0):
        if s.span[k] >= 0 and s.span_tokens[s.span[k]][2] - s.span_tokens[s.span[k]][1] > _MOST_NAME_WORDS:
            break
        if s.kinds[k] == COMMA and not (k + 1 < end and _is_time(s, k + 1)):
            break
        k += 1
    return range(first, k)


def _relays(s: Section, k: int) -> bool:
    return s.span[k] < 0 and s.mention[k] < 0 and any(r.lemma == "نقل" and r.kind == FINITE for r in readings(s.folds[k]))


def _is_time(s: Section, i: int) -> bool:
    hints = word_set("time_hint")
    return s.folds[i] in hints or bare(s.folds[i]) in hints


def _text(s: Section, first: int, last: int) -> str | None:
    """The words first:last without marks that surround or cut them."""
    while first < last and s.kinds[first] != WORD and s.words[first] not in "([":
        first += 1
    while last > first and s.kinds[last - 1] != WORD and s.words[last - 1] not in ")]":
        last -= 1
    if first >= last:
        return None
    start, end = s.slice(first, last)
    number = s.span[last - 1]
    if number >= 0 and s.span_tokens[number][0] > first and s.spans[number].end == end:
        end = s.spans[number].outer_end  # «صحيفة «…»»: the closing mark of a name
    return " ".join(s.text[start:end].split())


# to whom


def _addressee(s: Section, cue: Cue, words: range) -> str | None:
    """«لرويترز», «للصحفيين», «في تصريح لصحيفة …», «في حديث مع …», «أبلغ الصحفيين»."""
    told = cue.reading.lemma in _TOLD
    attributes = cue.reading.kind == ATTRIBUTIVE and cue.last - cue.first == 1
    addressed, is_addressed = -1, False
    if cue.reading.kind == NOUN:  # «نقل الموقع … عن فلان قوله لـ…»: first stands who relays
        words = range(next((k for k in words if s.folds[k] == "عن"), words.start), words.stop)
    for i in words:
        if s.kinds[i] != WORD or s.span[i] >= 0:
            continue
        word = s.folds[i]
        if bare(word) in word_set("place_of_speech") and s.folds[i - 1] in _PLACE_PREPOSITIONS:
            addressed, is_addressed = i + 1, bare(word) in word_set("addressed")
            continue
        if i == addressed and word in word_set("press"):
            addressed += 1
            continue
        after_venue = i == addressed
        if told and (bare(word) in word_set("listener") or (s.mention[i] >= 0 and is_media(s, i))):
            return _listener(s, i, words.stop, 0)
        if word in _CONVERSATIONS and i + 1 < words.stop and (after_venue or word == "امام") and s.kinds[i + 1] == WORD:
            known = s.mention[i + 1] >= 0 or bare(s.folds[i + 1]) in word_set("listener") or is_media(s, i + 1)
            if known:
                return _listener(s, i + 1, words.stop, 0)
        letters = _dative(s, i, words)
        if letters < 0 or (attributes and not after_venue):
            continue  # «وفقا للوزارة»
        target = i + 1 if letters == 0 else i
        if target >= words.stop:
            return None
        people = bare(s.folds[target]) in word_set("listener") - word_set("institution")
        outlet = s.span[target] >= 0 or is_media(s, target) or (letters == 0 and s.kinds[target] == OTHER)
        named = after_venue and s.mention[target] >= 0 and is_addressed
        outlet = outlet or bare(s.folds[target]) in word_set("institution")
        if people or named or (outlet and _is_free(s, i, words, after_venue)):
            return _listener(s, target, words.stop, letters)
        person = s.mention[i] >= 0 and s.mentions[s.mention[i]].entity_type == "PERSON"
        if person and _is_free(s, i, words, after_venue):
            return _listener(s, i, words.stop, letters)  # «قال لكمال إن …»
    return None


def _dative(s: Section, i: int, words: range) -> int:
    """How many letters of token i are the preposition ل: 0 where it stands alone («لـ «…»»), -1 where it is none."""
    word = s.folds[i]
    if word == "ل":
        return 0
    number = s.mention[i]
    if number >= 0:
        m = s.mentions[number]
        if m.first == i and word[:1] == "ل" and word[1:] in word_set("media"):
            return 1
        return 1 if m.first == i and (m.proclitic.endswith("ل") or (word[:1] == "ل" and m.start > s.starts[i])) else -1
    if word.startswith("لل") and len(word) > 4:
        return 1
    stem = s.folds[i][1:]
    plain = word[:1] == "ل" and len(word) > 3
    return 1 if plain and (stem in word_set("media") or stem in word_set("listener")) else -1


def _is_free(s: Section, i: int, words: range, after_venue: bool) -> bool:
    """Whether ل at token i hangs on the verb rather than on a noun («المدير العام لقناة …»)."""
    if i == words.start or after_venue:
        return True
    before = i - 1
    if s.kinds[before] in (COMMA, OTHER) or s.mention[before] >= 0:
        return True
    word = bare(s.folds[before])
    if any(word in word_set(name) for name in ("person_noun", "person_title", "office", "kin", "title", "role_adjective")):
        return False
    outlet = s.folds[i].removeprefix("ل")
    return not s.folds[before].startswith("ال") or (outlet in word_set("media") and outlet not in word_set("classifier"))


def _listener(s: Section, first: int, stop: int, letters: int) -> str | None:
    """The name of the one spoken to from token `first` on, without `letters` letters at its beginning."""
    last = first
    classifier = False
    while last < stop and last - first < _MOST_LISTENER_WORDS:
        if s.kinds[last] in (COMMA, COLON, STOP):
            break
        number, span = s.mention[last], s.span[last]
        if span >= 0 or s.kinds[last] == OTHER:
            inside = span if span >= 0 else s.span[last + 1] if last + 1 < stop else -1
            if inside < 0 or (last > first and not classifier):
                break
            last = s.span_tokens[inside][2]
            classifier = False
            if s.kinds[first] == OTHER or s.span[first] >= 0:
                break
            last = s.span_tokens[inside][3]
            continue
        if number >= 0:
            if last > first and not classifier and s.mention[last - 1] != number:
                break
            last = s.mentions[number].last
            classifier = False
            continue
        word = s.folds[last]
        if last == first:
            heads = word_set("classifier") | word_set("institution") | {"مراسل", "مراسله", "برنامج"}
            classifier = bare(word.removeprefix("ل")) in heads or bare(word) in heads
        elif word in COMPLEMENTISERS or word in GOVERNING or word in word_set("phrase_end") or not (classifier or _is_adjective(word)):
            break
        elif classifier and not word.startswith("ال"):
            classifier = False
        last += 1
    text = _text(s, first, last)
    return _without_dative(s, first, text) if letters else text


def _is_adjective(word: str) -> bool:
    """Whether a folded word may describe a definite noun before it («الإلكترونية», «للأنباء»)."""
    return word.startswith(("ال", "لل")) and word.endswith(("يه", "ي", "ين", "ات", "نباء"))


def _without_dative(s: Section, first: int, text: str | None) -> str | None:
    """The words from token `first` on without the ل that is written together with the first one («للصحفيين»)."""
    if not text or s.folds[first][:1] != "ل":
        return text
    number = s.mention[first]
    if number >= 0:
        m = s.mentions[number]
        if m.start == s.starts[first] and "ل" not in m.proclitic and s.folds[first][1:] not in word_set("media"):
            return text  # the ل is its own
        rest = text[m.start - s.starts[first] or 1 :]
        return f"ا{rest}" if m.name.startswith("ال") and rest.startswith("ل") else rest
    rest = text[1:].lstrip("ـ ").lstrip("«»\"“”„'")
    return f"ا{rest}" if s.folds[first].startswith("لل") and not s.folds[first].startswith("للجن") else rest


# where


def _venue(s: Section, words: range) -> str | None:
    """«في مؤتمر صحفي في …», «خلال لقائه …», «عبر حسابه على تويتر»: from the noun to the end of its phrase."""
    places = word_set("place_of_speech")
    for i in words:
        if s.folds[i] not in _PLACE_PREPOSITIONS or i + 1 >= words.stop or s.span[i] >= 0:
            continue
        first = i + 1
        known = places if s.folds[i].removeprefix("و") not in ("علي", "ب") else word_set("platform")
        if bare(s.folds[first]) in known and s.folds[first] not in _PLACE_PREPOSITIONS:
            return _text(s, first, _end_of_place(s, first, words.stop))
    return None


def _end_of_place(s: Section, first: int, stop: int) -> int:
    """Where the phrase that begins with a place of speech ends: before its listener, a relative clause, a day, or a new adverbial."""
    last, nested = first + 1, False
    while last < min(stop, first + _MOST_PLACE_WORDS):
        word = s.folds[last]
        if s.kinds[last] in (COMMA, COLON, STOP) or word in COMPLEMENTISERS or word in RELATIVES or _is_time(s, last):
            break
        if s.mention[last] < 0 and s.span[last] < 0:
            if word in word_set("phrase_end") and word not in ("في", "علي", "هذا") and not word.startswith("صحفي"):
                break
            if word in ("مع", "الي", "ل", "من", "عن") or word in word_set("new_clause") or word in word_set("venue_verb"):
                break
            if s.words[last].endswith(("ا", "اً", "ًا")) and len(word) > 3 and not word.startswith("ال"):
                break  # an adverb or an object
            tells = s.words[last].endswith(("ه", "ها")) and word not in _NO_PLACE and bare(word) not in word_set("place_of_speech")
            if tells and not nested and last == first + 1 + int(s.folds[last - 1] in word_set("press")):
                break  # «بيان نشرته …», «مؤتمر صحفي عقده …»
            if _dative(s, last, range(first, stop)) >= 0:
                break
        elif s.mention[last] >= 0 and _dative(s, last, range(first, stop)) >= 0:
            break
        if word in ("في", "علي", "ب"):
            if nested:
                break
            nested = True
        last += 1
    while last - first > 1 and (s.folds[last - 1] in GOVERNING or s.folds[last - 1] in _NO_PLACE or s.kinds[last - 1] != WORD):
        last -= 1
    return last


# when


def _days(s: Section, words: range, anchor: date | None) -> list[tuple[int, int, date]]:
    """Past days that the words state, outside marks and names: first token, token after the last, and which day."""
    if not words or not any(_is_time(s, i) or s.words[i][0].isdigit() for i in words if s.span[i] < 0):
        return []
    start, end = s.slice(words.start, words.stop)
    found = []
    for expression in find_dates(s.text[start:end]):
        day = resolve(expression, anchor) if expression.precision == "day" else None
        first = bisect_right(s.starts, start + expression.start) - 1
        last = bisect_left(s.starts, start + expression.end)
        if day is not None and anchor is not None and day > anchor and expression.weekday is not None and (expression.offset or 0) <= 0:
            day -= timedelta(7)  # «اليوم الاثنين» in an article whose day is not known better than by its arrival
        named = (
            s.span[first] >= 0
            or s.mention[first] >= 0
            or (first > 0 and bare(s.folds[first - 1].removeprefix("ل")) in word_set("classifier"))
        )
        if day is not None and not named and (anchor is None or day <= anchor):
            found.append((first, last, day))
    return found


def _said_date(s: Section, words: range, anchor: date | None) -> date | None:
    return next((day for first, _, day in _days(s, words, anchor) if _is_adverbial_of_cue(s, words, first)), None)


def _is_adverbial_of_cue(s: Section, words: range, first: int) -> bool:
    """Whether the day at token `first` tells when the cue happened: not a day of something that the clause speaks of besides."""
    k = first - 1
    while k >= words.start and s.folds[k] in _PARTS_OF_DAY:
        k -= 1
    if k >= words.start and s.folds[k] in _OTHER_TIMES and not (s.folds[k] == "بعد" and s.folds[k + 1] == "ظهر"):
        return False
    if k >= words.start and s.folds[k] == "من" and not (k > words.start and s.folds[k - 1] in _PARTS_OF_DAY):
        return False
    nouns = word_set("place_of_speech")
    while k >= max(words.start, first - _MOST_WORDS_TO_DATE) and s.kinds[k] != COMMA:
        word = s.folds[k]
        if bare(word) in nouns or word in ("هامش", "سوال"):
            return True  # «في بيان صدر أمس», «عقب اجتماع عقده الأحد»
        if word in ("خلال", "اثناء", "ضمن", "لدي", "عند"):
            return True  # «خلال استضافته اليوم»
        if word in ("الذي", "التي", "الذين", "بعدما", "عندما", "حين"):
            return False
        if word in _OF_SOMETHING_ELSE and s.folds[k + 1] != "هامش":
            return False
        k -= 1
    return True


def _fronted_date(s: Section, words: range, cue: Cue, anchor: date | None) -> date | None:
    """«وفي بيان صدر أمس، قال …», «والخميس، قالت …», «… ، أمس، قال»."""
    days = _days(s, words, anchor)
    for first, last, day in days:
        start = first
        while start > words.start and s.kinds[start - 1] != COMMA:
            start -= 1
        opens = s.folds[start].removeprefix("و")
        fronted = start == words.start and (opens in _PLACE_PREPOSITIONS or opens in _PARTS_OF_DAY or start >= first - 1)
        beside = last >= cue.first - 2 and start >= first - 1
        if (fronted or beside) and _is_adverbial_of_cue(s, words, first):
            return day
    return None


# through whom


def _via(s: Section, report: Report, cue: Cue, begin: int, outer: Sequence[Report], speaker: Speaker) -> str | None:
    """Who passed the words on: the subject of «نقلت … عن …», or an attribution beside another speaker («بحسب …», «نقلا عن …»)."""
    for i in range(cue.first, max(begin, cue.first - _MOST_WORDS_AFTER) - 1, -1):
        if (i == cue.first or cue.reading.kind == NOUN) and _relays(s, i):
            until = next((k for k in range(i + 1, min(s.size, i + 15)) if s.folds[k] == "عن"), -1)
            first, last = phrase_after(s, i + 1, until) if until > i else (-1, -1)
            return _text(s, first, last) if first >= 0 else None
    if report.how == "attributive":
        return None
    for other in outer:
        if other.cue is None or other is report:
            continue
        covers = other.first <= report.first and report.last <= other.last
        beside = cue.last <= other.cue.first < report.first
        if not (covers or beside):
            continue
        first, last = phrase_after(s, *other.phrase, addressees=False)
        if first < 0 or first <= speaker.first < last or (speaker.text and s.folds[first:last] == s.folds[speaker.first : speaker.last]):
            continue
        if other.cue.last - other.cue.first == 1 and not _is_source(s, first):
            continue
        text = _text(s, first, last)
        return _without_dative(s, first, text) if s.folds[other.cue.first].removeprefix("و") in ("وفقا", "طبقا", "فقا") else text
    return None


def _is_source(s: Section, i: int) -> bool:
    """Whether token i names what speaks or writes, not a rule that something goes by («وفق الخطة»)."""
    if s.mention[i] >= 0 or s.span[i] >= 0 or (i + 1 < s.size and s.span[i + 1] >= 0) or is_media(s, i):
        return True
    word = s.folds[i]
    return any(is_described(form) or form in word_set("document") for form in (word, bare(word), word.removeprefix("ل")))


def _is_citation(s: Section, report: Report, cue: Cue, speaker: Speaker) -> bool:
    """Scripture, verse, or the words of a law."""
    near = {s.folds[i] for i in range(max(0, cue.first - 3), min(s.size, cue.last + 4))}
    start, end = s.slice(report.first, report.last)
    if near & word_set("scripture") or "﴿" in s.text[max(0, start - 3) : start + 1]:
        return True
    if cue.reading.lemma == "أنشد" or "**" in s.text[start:end]:
        return True  # verse, its halves parted by asterisks
    if speaker.first >= 0 and s.folds[speaker.first] in word_set("scripture_speaker"):
        return True
    if speaker.first >= 0 and s.folds[speaker.first] in word_set("legal_text"):
        return True
    return report.how == "colon" and report.span < 0 and s.text.count("\n", start, end) >= _VERSE_LINES


# whether at all


def _is_negated(s: Section, report: Report, cue: Cue) -> bool:
    """A negation governs the cue and no exception takes it back («لم يقل سوى إن …»)."""
    if not cue.negated:
        return False
    stop = report.first if report.first > cue.first else min(s.size, cue.last + 3)
    return not any(s.folds[k] in EXCEPTIVES for k in range(cue.last, min(stop, cue.last + _MOST_WORDS_TO_DATE)))


def _modality(s: Section, cue: Cue, begin: int) -> str:
    reading = cue.reading
    if reading.kind in (ATTRIBUTIVE, PARTICIPLE, NOUN):
        return SAID
    before = [s.folds[k] for k in range(max(begin, cue.first - 3), cue.first)]
    last = before[-1] if before else ""
    if reading.future or last in ("سوف", "وسوف"):
        return FUTURE
    if last in word_set("condition") or (last in ("قد", "وقد", "فقد") and reading.present):
        return CONDITIONAL
    if last == "ان" and reading.present and len(before) > 1:
        if any(word in _EXPECTED for word in before):
            return FUTURE
        if any(word.removeprefix("و") in _OPTIONAL for word in before):
            return CONDITIONAL
    return SAID
