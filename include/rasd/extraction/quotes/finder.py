"""Where the quotes of a section are: which cue reports what, from which word to which.

One pass over the tokens of each sentence keeps the cues that still wait for their content. A complementiser (أن, إن, بأن …), a colon or a
quoted stretch gives content to the latest cue that can take it; the content runs until the clause evidently ends. Every token is looked
at a bounded number of times, so the pass is linear in the length of the text.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from rasd.extraction.quotes import cues
from rasd.extraction.quotes.cues import ATTRIBUTIVE, FINITE, NOUN, PARTICIPLE, Reading, word_set
from rasd.extraction.quotes.sections import COLON, COMMA, OTHER, STOP, WORD, Section

MOST_WORDS_TO_CONTENT = 45
"""A cue that finds no content within so many tokens has none."""

QUOTED_WORDS = 3
"""A quoted stretch of fewer words is a name, a term or a scare quote."""

_PRONOUNS = ("", "ه", "ها", "هم", "هما", "هن", "ني", "نا", "ي", "كم")
_PLAIN = frozenset(p + s for p in ("ان", "بان") for s in _PRONOUNS)
COMPLEMENTISERS = _PLAIN | frozenset(p + s for p in ("فان", "وان", "وبان") for s in _PRONOUNS) | {"لكن", "ولكن", "انما", "بانما"}
_NOT_AFTER = word_set("no_clause_after")
_NEGATIONS = word_set("negation")
_ATTRIBUTIVES = word_set("attributive")
_CONJUNCTION_ATTRIBUTIVES = word_set("attributive_with_verb")
_TRAILERS = word_set("trailer")


@dataclass(slots=True)
class Cue:
    """A reporting expression at the tokens first:last."""

    first: int
    last: int
    reading: Reading
    negated: bool = False
    prefix: str = ""
    """The attributive expression before it («حسبما قال»)."""


@dataclass(slots=True)
class Report:
    """A candidate quote: its content are the tokens first:last; `spans` the quoted stretches inside that hold QUOTED_WORDS or more."""

    first: int
    last: int
    cue: Cue | None
    how: str
    """complementiser, colon, marks, after (the cue follows), attributive, headline, bare."""
    quote_type: str = "indirect"
    span: int = -1
    phrase: tuple[int, int] = (-1, -1)
    """Tokens between the cue and the content (or around it), which may name the speaker."""
    spans: list[int] = field(default_factory=list)


class Finder:
    """Finds the reports of one section."""

    def __init__(self, section: Section, *, headline: bool) -> None:
        self.s = section
        self.headline = headline
        self.reports: list[Report] = []
        self.owned: set[int] = set()
        self.cues: list[Cue] = []
        self.span_words = [sum(1 for k in range(first, last) if section.kinds[k] == WORD) for _, first, last, _ in section.span_tokens]
        self.opening = {outer: number for number, (outer, *_) in enumerate(section.span_tokens)}

    def find(self) -> list[Report]:
        for number in range(len(self.s.sentences)):
            self._sentence(number)
        self._bare()
        self.reports.sort(key=lambda r: (r.first, -r.last))
        return self.reports

    # cues ------------------------------------------------------------------------------------------------------------------------

    def _cue_at(self, i: int, begin: int) -> Cue | None:
        s = self.s
        word = s.folds[i]
        if word in _ATTRIBUTIVES:
            return self._attributive(i)
        if s.mention[i] >= 0:
            return None
        found = cues.readings(word)
        if not found:
            return None
        before = s.folds[i - 1] if i > begin else ""
        for reading in found:
            if reading.kind == NOUN:
                if not (reading.number or word.startswith("بال") or word in ("القول", "بقول", "قول")):
                    continue
            elif reading.kind == FINITE:
                if reading.lemma == "بين" and not (
                    "ّ" in s.words[i]
                    or reading.present
                    or (reading.gender == "f" and not reading.object_pronoun)
                    or (i == begin and reading.conjunction)
                    or (i == begin and not reading.conjunction)
                ):
                    continue
                if reading.passive and not reading.object_pronoun:
                    continue
            if before in ("الذي", "التي") and reading.kind == NOUN:
                continue
            negated = before in _NEGATIONS
            return Cue(i, i + 1, reading, negated)
        return None

    def _attributive(self, i: int) -> Cue | None:
        """«بحسب», «وفقا لما ذكره», «حسبما قالت», «نقلا عن»: the preposition alone, or with the verb that follows."""
        s = self.s
        word = s.folds[i]
        end = min(s.size, i + 5)
        k = i + 1
        while k < end and s.folds[k] in ("ما", "لما", "الي", "ل", "عن", "لـ"):
            k += 1
        if k < end and s.kinds[k] == WORD and s.mention[k] < 0:
            for reading in cues.readings(s.folds[k]):
                if reading.kind == FINITE and not reading.conjunction:
                    if word in _CONJUNCTION_ATTRIBUTIVES or s.folds[k - 1] in ("ما", "لما"):
                        last = k + 2 if k + 1 < s.size and s.folds[k] in ("جاء", "ورد") and s.folds[k + 1] in ("في", "علي") else k + 1
                        return Cue(
                            i,
                            last,
                            Reading(
                                reading.lemma,
                                reading.cue_class,
                                reading.polarity,
                                True,
                                ATTRIBUTIVE,
                                gender=reading.gender,
                                number=reading.number,
                            ),
                        )
                    break
        if word in _CONJUNCTION_ATTRIBUTIVES:
            return None
        bare = word[1:] if word[0] == "و" and word[1:] in _ATTRIBUTIVES else word
        if bare == "نقلا":
            if k == i + 1 or s.folds[i + 1] != "عن":
                return None
            return Cue(i, i + 2, Reading("نقلا عن", "attribute", "neutral", True, ATTRIBUTIVE))
        return Cue(i, i + 1, Reading(bare, "attribute", "neutral", True, ATTRIBUTIVE))

    # one sentence ----------------------------------------------------------------------------------------------------------------

    def _sentence(self, number: int) -> None:
        s = self.s
        begin, end = s.sentences[number]
        pending: list[Cue] = []
        opened: list[Report] = []
        found: list[Report] = []
        attributives: list[Cue] = []
        i = begin
        last_cue: Cue | None = None
        while i < end:
            span = s.span[i]
            opens = self.opening.get(i, -1)
            if opens >= 0:
                outer, first, last, after = s.span_tokens[opens]
                if last <= first:
                    i += 1
                    continue
                if self.span_words[opens] >= QUOTED_WORDS:
                    if opened:
                        opened[-1].spans.append(opens)
                        for report in opened[:-1]:
                            report.spans.append(opens)
                    else:
                        owner = self._owner_of_marks(pending, i)
                        if owner is not None:
                            colon = s.kinds[i - 1] == COLON if i > begin else False
                            found.append(Report(first, last, owner, "colon" if colon else "marks", "direct", opens, (owner.last, outer)))
                            self.owned.add(opens)
                            pending = []
                            last_cue = owner
                        elif (
                            last_cue is not None
                            and found
                            and found[-1].how in ("marks", "colon", "after")
                            and 0 < outer - found[-1].last < 25
                            and found[-1].span >= 0
                        ):
                            pass
                i = max(after, i + 1)
                continue
            if span >= 0:
                i += 1
                continue
            kind = s.kinds[i]
            if kind == WORD:
                word = s.folds[i]
                if word in COMPLEMENTISERS and s.mention[i] < 0:
                    if word in _PLAIN and self._introduces(i, begin):
                        owner = self._owner_of_clause(pending, i)
                        if owner is not None:
                            if opened and owner.first > opened[-1].last - 1 and False:
                                pass
                            report = Report(i + 1, end, owner, "complementiser", "indirect", -1, (owner.last, i))
                            opened.append(report)
                            found.append(report)
                            pending = []
                            last_cue = owner
                    i += 1
                    continue
                cue = self._cue_at(i, begin)
                if cue is not None:
                    self.cues.append(cue)
                    if cue.reading.kind == ATTRIBUTIVE:
                        attributives.append(cue)
                        self._end(opened, cue.first, begin)
                        opened = []
                        i = cue.last
                        continue
                    if opened and self._ends_content(cue, i, begin, opened):
                        self._end(opened, i, begin)
                        opened = []
                    pending.append(cue)
                elif opened and self._trailer(i, begin):
                    self._end(opened, i, begin)
                    opened = []
            elif kind == COLON and pending and i + 1 < end and self.opening.get(i + 1, -1) < 0:
                owner = pending[-1]
                if i - owner.last < 25 and owner.reading.strong and not opened:
                    stop = self._colon_end(number)
                    found.append(Report(i + 1, stop, owner, "colon", "direct", -1, (owner.last, i)))
                    pending = []
                    i = end
                    continue
            i += 1
        self._end(opened, end, begin)
        self._after(number, found)
        if self.headline or number == 0 or s.paragraph_start[number]:
            self._name_colon(number, found)
        for cue in attributives:
            self._attributed(cue, number, found)
        for report in found:
            self._finish(report)
        self.reports += [r for r in found if r.last > r.first]

    def _introduces(self, i: int, begin: int) -> bool:
        """Whether the complementiser at i can open a reported clause."""
        s = self.s
        before = s.folds[i - 1] if i > begin else ""
        if before in _NOT_AFTER:
            return False
        return not (before in ("الي", "علي") and i - 2 >= begin and s.kinds[i - 2] == COMMA)

    def _owner_of_clause(self, pending: list[Cue], i: int) -> Cue | None:
        s = self.s
        near = [c for c in pending if i - c.last <= MOST_WORDS_TO_CONTENT]
        if not near:
            return None
        word = s.words[i]
        if word.startswith("إ"):
            for cue in reversed(near):
                if cue.reading.lemma == "قال":
                    return cue
        for cue in reversed(near):
            if cue.reading.strong or i - cue.last <= 12:
                return cue
        return None

    def _owner_of_marks(self, pending: list[Cue], i: int) -> Cue | None:
        near = [c for c in pending if i - c.last <= 30]
        return near[-1] if near else None

    def _ends_content(self, cue: Cue, i: int, begin: int, opened: list[Report]) -> bool:
        """Whether a cue inside reported content starts something of its own."""
        s = self.s
        reading = cue.reading
        comma = s.kinds[i - 1] == COMMA if i > begin else True
        if reading.kind == PARTICIPLE:
            return comma or s.folds[i - 1] in ("و", "وذلك") or reading.conjunction
        if reading.kind == FINITE:
            return (reading.conjunction and reading.strong and not reading.present) or (comma and reading.strong and reading.conjunction)
        return False

    def _trailer(self, i: int, begin: int) -> bool:
        s = self.s
        return i > begin and s.kinds[i - 1] == COMMA and s.folds[i] in _TRAILERS

    def _end(self, opened: list[Report], end: int, begin: int) -> None:
        s = self.s
        while end > begin and ((s.kinds[end - 1] != WORD and not self._closes(end - 1)) or (s.folds[end - 1] == "و" and end > begin)):
            end -= 1
        for report in opened:
            report.last = max(report.first, end)

    def _closes(self, i: int) -> bool:
        """Whether token i is (the end of) a closing mark, a bracket or a sign that belongs to the content."""
        return self.s.words[i] in "”“»«\"›‹')%)]’" or self.s.words[i] == ">"

    def _colon_end(self, number: int) -> int:
        return self.s.sentences[number][1]

    # marks whose cue follows them -------------------------------------------------------------------------------------------------

    def _after(self, number: int, found: list[Report]) -> None:
        s = self.s
        begin, end = s.sentences[number]
        k = begin
        while k < end:
            opens = self.opening.get(k, -1)
            if opens < 0:
                k += 1
                continue
            _outer, first, last, after = s.span_tokens[opens]
            k = max(after, k + 1)
            if opens in self.owned or self.span_words[opens] < QUOTED_WORDS or any(opens in r.spans for r in found):
                continue
            i = after
            while i < s.size and s.kinds[i] in (COMMA, OTHER) and i - after < 3:
                i += 1
            if i < s.size and s.mention[i] < 0 and s.kinds[i] == WORD and self.s.sentence[i] == number:
                cue = self._cue_at(i, begin)
                if cue is not None and cue.reading.kind == FINITE and not cue.reading.conjunction and cue.reading.strong:
                    stop = cue.last
                    while stop < end and s.kinds[stop] == WORD and stop - cue.last < 12:
                        stop += 1
                    found.append(Report(first, last, cue, "after", "direct", opens, (cue.last, stop)))
                    self.owned.add(opens)
                    continue
            if found and found[-1].span >= 0 and found[-1].cue is not None and s.sentence[found[-1].first] == number:
                found.append(Report(first, last, found[-1].cue, "again", "direct", opens, found[-1].phrase))
                self.owned.add(opens)

    def _name_colon(self, number: int, found: list[Report]) -> None:
        """«كيري: نأمل …»: a name or an office, a colon, words."""
        s = self.s
        begin, end = s.sentences[number]
        for i in range(begin, min(end, begin + 14)):
            if s.kinds[i] == STOP or (s.span[i] >= 0 and self.span_words[s.span[i]] >= QUOTED_WORDS):
                return
            if s.kinds[i] == COLON:
                break
        else:
            return
        if i == begin or i + 1 >= end or any(r.first <= i + 2 for r in found):
            return
        named = any(s.mention[k] >= 0 for k in range(begin, i))
        if not (named or self.headline):
            return
        cue = Cue(i, i + 1, Reading(":", "say", "neutral", True, ATTRIBUTIVE))
        opens = self.opening.get(i + 1, -1)
        report = Report(i + 1, end, cue, "headline", "direct", -1, (begin, i))
        if opens >= 0:
            _, first, last, after = s.span_tokens[opens]
            if after >= end or s.kinds[after] != WORD:
                report = Report(first, last, cue, "headline", "direct", opens, (begin, i))
            elif self.span_words[opens] >= QUOTED_WORDS:
                report.quote_type = "mixed"
            self.owned.add(opens)
        self._end([report], report.last, begin)
        found.append(report)

    def _attributed(self, cue: Cue, number: int, found: list[Report]) -> None:
        s = self.s
        begin, end = s.sentences[number]
        stop = cue.last
        while stop < end and s.kinds[stop] not in (COMMA, STOP) and s.folds[stop] not in COMPLEMENTISERS and stop - cue.last < 20:
            stop += 1
        phrase = (cue.last, stop)
        lead = cue.first - begin <= 2
        if lead:
            first = stop
            while first < end and (s.kinds[first] == COMMA or s.folds[first] in COMPLEMENTISERS or s.folds[first] in ("فقد", "قد")):
                first += 1
            report = Report(first, end, cue, "attributive", "indirect", -1, phrase)
            self._end([report], end, begin)
        else:
            report = Report(begin, cue.first, cue, "attributive", "indirect", -1, phrase)
            self._end([report], cue.first, begin)
        for k in range(report.first, report.last):
            opens = self.opening.get(k, -1)
            if opens >= 0 and self.span_words[opens] >= QUOTED_WORDS and opens not in self.owned:
                report.spans.append(opens)
        found.append(report)

    # ends and types ---------------------------------------------------------------------------------------------------------------

    def _finish(self, report: Report) -> None:
        """The type by the quoted stretches inside, and a content that is one quoted stretch stripped of its marks."""
        s = self.s
        if report.span >= 0:
            return
        first, last = report.first, report.last
        while first < last and s.kinds[first] in (COMMA, COLON):
            first += 1
        report.first = first
        if report.spans:
            opens = report.spans[0]
            outer, inner, inner_last, after = s.span_tokens[opens]
            if outer <= first and after >= last:
                report.first, report.last, report.span, report.quote_type = inner, inner_last, opens, "direct"
                self.owned.add(opens)
                return
            report.spans = [o for o in report.spans if s.span_tokens[o][0] < last]
            if report.spans and report.how != "headline":
                report.quote_type = "mixed"
                self.owned.update(report.spans)

    def _bare(self) -> None:
        """A sentence or paragraph that is one quoted stretch goes on with what was said before."""
        s = self.s
        for _number, (begin, end) in enumerate(s.sentences):
            opens = self.opening.get(begin, -1)
            if opens < 0 or opens in self.owned or self.span_words[opens] < 5:
                continue
            _outer, first, last, after = s.span_tokens[opens]
            if end - after <= 2 and self.reports:
                self.reports.append(Report(first, last, None, "bare", "direct", opens))
