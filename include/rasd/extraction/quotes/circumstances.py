"""To whom, where, when and through whom something was said, as far as the clause around the cue states it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rasd.cleaning.dates import find_dates, resolve
from rasd.extraction.quotes.cues import ATTRIBUTIVE, FINITE, NOUN, readings, word_set
from rasd.extraction.quotes.finder import COMPLEMENTISERS, Cue, Report
from rasd.extraction.quotes.phrases import GOVERNING, bare, is_media, phrase_after
from rasd.extraction.quotes.sections import COLON, COMMA, STOP, WORD, Section
from rasd.extraction.quotes.speakers import Speaker

_PLACE_PREPOSITIONS = frozenset({"في", "خلال", "عبر", "علي", "اثناء", "ضمن", "هامش", "ختام", "عقب", "وفي", "وخلال", "من", "امام"})
_MOST_PLACE_WORDS = 9
_VERSE_LINES = 2


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the clause says about the speech; None where it says nothing."""

    addressee: str | None = None
    venue: str | None = None
    said_date: date | None = None
    reported_via: str | None = None
    is_citation: bool = False
    is_unsaid: bool = False
    """Negated («لم يقل»), conditional or still to come («سيقول»)."""


def circumstances(s: Section, report: Report, speaker: Speaker, outer: Sequence[Report], anchor: date | None) -> Circumstances:
    """The circumstances of one report.

    Args:
        outer: the attributions of the section («بحسب وكالة …»), whether or not they count as reports themselves.
        anchor: the article's day, which «أمس» and the like count from.
    """
    cue = report.cue
    if cue is None:
        return Circumstances()
    begin, end = s.sentences[s.sentence[cue.first]]
    stop = max(cue.last, report.opener if report.opener > cue.first else report.phrase[1])
    head = range(begin, min(stop, end)) if report.first > cue.first else range(cue.first, min(end, cue.last + 20))
    tail = range(cue.last, head.stop)
    return Circumstances(
        _addressee(s, tail),
        _venue(s, head),
        _said_date(s, head, anchor),
        _via(s, report, cue, begin, outer),
        _is_citation(s, report, cue, speaker),
        _is_unsaid(s, cue, begin),
    )


def _text(s: Section, first: int, last: int) -> str:
    start, end = s.slice(first, last)
    return " ".join(s.text[start:end].split())


def _addressee(s: Section, words: range) -> str | None:
    """«لرويترز», «لصحيفة …», «للصحفيين»: the words after ل."""
    for i in words:
        if s.kinds[i] != WORD or s.span[i] >= 0:
            continue
        number = s.mention[i]
        if number >= 0:
            m = s.mentions[number]
            if m.first == i and m.proclitic.endswith("ل") and (is_media(s, i) or i == words.start):
                return m.surface
            continue
        word = s.folds[i]
        if word in word_set("listeners"):
            written = _text(s, i, i + 1)
            return f"ا{written[1:]}" if word.startswith("لل") else written[1:]
        if word == "ل" or (word[:1] == "ل" and len(word) > 3 and is_media(s, i)):
            last = i + 1
            while last < words.stop and last - i < 6:
                named = s.mention[last] >= 0 or s.span[last] >= 0
                if not named and (s.kinds[last] in (COMMA, COLON, STOP) or (s.kinds[last] == WORD and not _goes_on(s, i, last))):
                    break
                last += 1
            text = _text(s, i, last).lstrip("ـ").strip()
            return text[1:].lstrip("ـ ").strip(' «»"“”') or None
    return None


def _goes_on(s: Section, first: int, i: int) -> bool:
    """Whether the word at i still names the one spoken to («لوكالة النخيل»)."""
    word = s.folds[i]
    return (
        word not in COMPLEMENTISERS
        and word not in GOVERNING
        and word not in word_set("phrase_end")
        and i - first < 2
        and s.folds[first] != "ل"
    )


def _venue(s: Section, words: range) -> str | None:
    """«في مؤتمر صحفي …», «خلال لقائه …», «عبر حسابه على تويتر»: from the noun to the end of its phrase."""
    places, ends = word_set("place_of_speech"), word_set("time_hint")
    for i in words:
        if s.folds[i] not in _PLACE_PREPOSITIONS or i + 1 >= words.stop or s.span[i] >= 0:
            continue
        first = i + 1
        if s.folds[first] not in places:
            continue
        last = first + 1
        while last < words.stop and last - first < _MOST_PLACE_WORDS:
            word = s.folds[last]
            if s.kinds[last] in (COMMA, COLON, STOP) or word in COMPLEMENTISERS or word in ends or bare(word) in ends:
                break
            if any(r.kind == FINITE and not r.object_pronoun for r in readings(word)) and not word.startswith("ال"):
                break
            last += 1
        while last - first > 1 and s.folds[last - 1] in GOVERNING:
            last -= 1
        return _text(s, first, last)
    return None


def _said_date(s: Section, words: range, anchor: date | None) -> date | None:
    hints = word_set("time_hint")
    if not any(s.folds[i] in hints or bare(s.folds[i]) in hints for i in words if s.span[i] < 0):
        return None
    start, end = s.slice(words.start, words.stop)
    found = [expression for expression in find_dates(s.text[start:end]) if expression.precision == "day"]
    return resolve(found[-1], anchor) if found else None


def _via(s: Section, report: Report, cue: Cue, begin: int, outer: Sequence[Report]) -> str | None:
    """Who passed the words on: the subject of «نقلت … عن …», or an attribution that covers the report."""
    for i in range(cue.first, max(begin, cue.first - 20) - 1, -1):
        if s.folds[i].lstrip("و").startswith("نقل") and s.span[i] < 0 and (i == cue.first or cue.reading.kind == NOUN):
            until = next((k for k in range(i + 1, min(s.size, i + 15)) if s.folds[k] == "عن"), -1)
            first, last = phrase_after(s, i + 1, until) if until > i else (-1, -1)
            return _text(s, first, last) if first >= 0 else None
    for other in outer:
        covers = other.cue is not None and other is not report and other.first <= report.first and report.last <= other.last
        if covers and report.how != "attributive" and other.cue is not None:
            first, last = phrase_after(s, *other.phrase, addressees=False)
            return _text(s, first, last) if first >= 0 else None
    return None


def _is_citation(s: Section, report: Report, cue: Cue, speaker: Speaker) -> bool:
    """Scripture, verse, or the words of a law."""
    near = {s.folds[i] for i in range(max(0, cue.first - 3), min(s.size, cue.last + 4))}
    if near & word_set("scripture") or "﴿" in s.text[max(0, s.starts[report.first] - 3) : s.starts[report.first] + 1]:
        return True
    if speaker.first >= 0 and s.folds[speaker.first] in word_set("scripture_speaker"):
        return True
    if speaker.first >= 0 and s.folds[speaker.first] in word_set("legal_text"):
        return True
    start, end = s.slice(report.first, report.last)
    return report.how == "colon" and report.span < 0 and s.text.count("\n", start, end) >= _VERSE_LINES


def _is_unsaid(s: Section, cue: Cue, begin: int) -> bool:
    before = s.folds[cue.first - 1] if cue.first > begin else ""
    conditional = before in word_set("condition") or (before == "قد" and cue.reading.present)
    return cue.negated or cue.reading.future or (conditional and cue.reading.kind != ATTRIBUTIVE)
