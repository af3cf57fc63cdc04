"""Where the quotes of a section are: which cue reports what, from which word to which.

One pass over the tokens of each sentence keeps the cues that still wait for their content. A complementiser (أن, إن, بأن …), a colon or a
quoted stretch gives content to the latest cue that can take it; the content runs until the clause evidently ends. Every token is looked
at a bounded number of times, so the pass is linear in the length of the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from functools import lru_cache

from rasd.arabic import DIACRITICS, LETTERS, fold
from rasd.extraction.quotes import cues
from rasd.extraction.quotes.cues import ATTRIBUTIVE, FINITE, NOUN, PARTICIPLE, Reading, word_set
from rasd.extraction.quotes.sections import COLON, COMMA, OTHER, STOP, WORD, Section, kind_of_token

MOST_WORDS_TO_CONTENT = 45
"""A cue that finds no content within so many tokens has none."""

MOST_CLAUSE_WORDS = 250
"""Reported clauses are cut at so many tokens."""

_MOST_PENDING, _MOST_NESTED = 6, 4

QUOTED_WORDS = 3
"""A quoted stretch of fewer words is a name, a term or a scare quote."""

_PRONOUNS = ("", "ه", "ها", "هم", "هما", "هن", "ني", "نا", "ي", "كم")
_BEFORE_NOUNS = frozenset({"في", "مع", "الي", "علي", "خلال", "عبر", "بعد", "قبل", "لدي"})
_BEFORE_VERBS = frozenset({"كما", "وقد", "جهته", "جهتها", "جانبه", "جانبها", "جهتهم", "بدوره", "بدورها", "بدورهم"})
_PLAIN = frozenset(p + s for p in ("ان", "بان") for s in _PRONOUNS)
COMPLEMENTISERS = _PLAIN | frozenset(p + s for p in ("فان", "وان", "وبان") for s in _PRONOUNS) | {"لكن", "ولكن", "انما", "بانما"}
DASHES = frozenset("-–—ـ")
_IDENTITY = frozenset({"هويته", "هويتها", "هويتهم", "هويه", "اسمه", "اسمها", "اسمهم", "اسماءهم", "اسمايهم"})
_JUSSIVE_PARTICLES = frozenset({"لم", "ولم", "فلم", "الم"})
_WHERE = frozenset({"حيث", "اذ", "حين", "عندما", "بينما", "فيما"})
TELL = frozenset({"أبلغ", "أخبر", "وصف", "اعتبر", "طالب", "اتهم", "حذر", "سأل", "وعد", "ذكر", "طمأن", "حدث", "دعا"})
"""Verbs whose object pronoun is the one spoken to; with others («أوردته») it is what is told, in a relative clause."""

_INTERVIEW = {"س": ("سأل", "ask"), "ج": ("أجاب", "say"), "سؤال": ("سأل", "ask"), "جواب": ("أجاب", "say"), "سوال": ("سأل", "ask")}
"""Labels of questions and answers, with the lemma and class they stand for."""

EXCEPTIVES = frozenset({"سوي", "الا", "غير"})
"""«لم يقل سوى …»: after a negation, what was said after all."""

_WORDS_OF = frozenset({"قول", "تعبير", "وصف", "زعم", "راي"})
"""«على حد قول فلان»."""

_MOST_NAME_WORDS = 8

_MOST_DATELINE_TOKENS = 16

_ARABIC = re.compile(f"[{LETTERS}]")

_NO_NAME = frozenset(
    {"في", "الي", "علي", "عن", "مع", "من", "بعد", "قبل", "خلال", "منذ", "عبر", "لدي", "عند", "امام", "بعض", "رغم", "بين", "حول", "بشان"}
)
"""Words that open an adverbial, not a name."""

_MOST_WORDS_BETWEEN = 15
"""Tokens between a verb and the manner of speaking that repeats it («وأضاف الناطق باسم الشركة قائلا»)."""

_PREPOSITIONS = {"علي": "takes_on", "الي": "takes_to", "من": "takes_from", "عن": "takes_about", "في": "takes_in"}
"""Folded preposition before a complementiser to the set of the lemmas that it belongs to."""

_STANCES = frozenset({"call_for", "criticise", "accuse", "praise", "deem", "deny", "warn"})
"""Classes of weak verbs that go on telling what a speaker did."""

_OPENS_ASIDE = frozenset({"في", "علي", "حسب", "بحسب", "وفق"})
_TOGETHER = frozenset({"ما", "لما", "الي", "ل", "عن", "لـ"})


@dataclass(slots=True)
class Cue:
    """A reporting expression at the tokens first:last."""

    first: int
    last: int
    reading: Reading
    negated: bool = False


@dataclass(slots=True)
class Report:
    """A candidate quote: its content are the tokens first:last; `spans` the quoted stretches inside that hold QUOTED_WORDS or more.

    `how` says what led to it: clause (a complementiser), colon, marks, after (the cue follows), again (the quotation goes on after its
    cue), attributive, middle (the cue stands inside), headline, bare (no cue). `phrase` are the tokens that may name the speaker.
    """

    first: int
    last: int
    cue: Cue | None
    how: str
    quote_type: str = "indirect"
    span: int = -1
    phrase: tuple[int, int] = (-1, -1)
    spans: list[int] = field(default_factory=list)
    mended: str = ""
    """The closing mark of a quoted stretch whose opening one is missing."""
    opener: int = -1
    """Token that introduces the content (complementiser or colon)."""


def is_described(word: str) -> bool:
    """Whether a folded word is a noun for someone who can speak («الوزير», «مصدر»)."""
    noun = word.removeprefix("ال")
    return any(noun in word_set(name) for name in ("source", "person_noun", "person_title", "office", "kin", "title"))


class _Telling(dict[str, int]):
    """1 for folded words and marks that can be a cue, or begin or end what one reports, 0 for all others; each found once."""

    def __missing__(self, word: str) -> int:
        if len(self) > 200_000:
            self.clear()
        value = self[word] = int(bool(cues.readings(word)) or word in _links() or kind_of_token(word) in (COLON, OTHER))
        return value


@lru_cache(1)
def _links() -> frozenset[str]:
    """Words that tell of a report without being verbs of saying."""
    return COMPLEMENTISERS | word_set("attributive") | word_set("trailer") | _OPENS_ASIDE


_telling = _Telling()


class Finder:
    """Finds the reports of one section."""

    def __init__(self, section: Section, *, headline: bool) -> None:
        self.s = section
        self.headline = headline
        self.reports: list[Report] = []
        self.cues: list[Cue] = []
        """All verbs of saying outside quotation marks, with or without a report."""
        self.owned: set[int] = set()
        self.span_words = [section.kinds[first:last].count(WORD) for _, first, last, _ in section.span_tokens]
        self.telling = bytes(map(_telling.__getitem__, section.folds))
        self.opening = {outer: number for number, (outer, *_) in enumerate(section.span_tokens)}
        self.openings = sorted(self.opening)
        self.not_after = word_set("no_clause_after")
        self.negations = word_set("negation")
        self.attributives = word_set("attributive")
        self.attributives_with_verb = word_set("attributive_with_verb")
        self.trailers = word_set("trailer")
        self.sources = word_set("source")
        self.agency_verbs = word_set("agency_verb")

    def candidates(self) -> list[Report]:
        """The candidate reports in reading order, an outer one before those inside it."""
        for number in range(len(self.s.sentences)):
            self._sentence(number)
        self._bare()
        self.reports.sort(key=lambda r: (r.first, -r.last))
        return self.reports

    # cues

    def _cue_at(self, i: int, begin: int) -> Cue | None:
        s = self.s
        word = s.folds[i]
        if word in self.attributives:
            return self._attributive(i, begin)
        if (
            word == "علي"
            and s.folds[i + 1 : i + 2] == ["حد"]
            and i + 2 < s.size
            and s.folds[i + 2] in _WORDS_OF
            and self._names_source(i + 3)
        ):
            return Cue(i, i + 3, Reading("على حد قول", "attribute", "neutral", True, ATTRIBUTIVE))
        found = cues.readings(word)
        if not found or s.mention[i] >= 0:
            return None
        before = s.folds[i - 1] if i > begin else ""
        ending = s.words[i].rstrip(DIACRITICS)[-1:]
        for reading in found:
            if reading.jussive and before not in _JUSSIVE_PARTICLES:
                continue  # «تقل» (is less) is no «تقل» of «قال»
            if ending == "ة" and (reading.object_pronoun or (reading.kind == NOUN and reading.number)):
                continue  # «تغريدة» is no «تغريده»
            if ending == "ه" and reading.kind == PARTICIPLE:
                continue  # «مقره» is no «مقرة»
            if word == "وسلم" and before == "عليه":
                continue
            if reading.kind == NOUN:
                if not (reading.number or (reading.lemma == "قال" and word.startswith(("بال", "ال", "بقول"))) or word == "التاكيد"):
                    continue
                if before in ("الذي", "التي"):
                    continue
            elif reading.kind == PARTICIPLE:
                if word[-1:] != "ا" and not (i == begin or s.kinds[i - 1] == COMMA or reading.conjunction or self._opens_content(i + 1)):
                    continue
            elif reading.kind == FINITE:
                if reading.person != 3 or (reading.passive and not reading.object_pronoun):
                    continue
                if before in _BEFORE_NOUNS and not word.startswith("و"):
                    continue  # «مع إذاعة …»
                if reading.present and self._impersonal(i, begin, reading):
                    return None
                if reading.lemma == "عقب" and not reading.present and not (i + 1 < s.size and s.folds[i + 1] in ("علي", "قائلا", "قائله")):
                    continue
                if reading.lemma in ("بين", "عبر") and not self._is_verb(i, begin, reading):
                    continue
            negated = self._is_negated(i, begin, reading)
            if negated and any(s.folds[k] in _IDENTITY for k in range(i + 1, min(s.size, i + 4))):
                return None  # «مصدر لم يكشف عن هويته»
            return Cue(i, i + 1, reading, negated)
        return None

    def _is_negated(self, i: int, begin: int, reading: Reading) -> bool:
        """Whether a negation governs the word at i: «لم يقل», «دون أن يقول», «غير مؤكدة أن»; «ما» opens a relative clause («بحسب ما قال»)
        but at the beginning of a sentence."""
        s = self.s
        before = s.folds[i - 1] if i > begin else ""
        if before in self.negations:
            return reading.kind == FINITE
        if before == "غير":
            return reading.kind == PARTICIPLE
        if before in ("ما", "وما"):
            return reading.kind == FINITE and not reading.object_pronoun and i - 1 == begin
        return before == "ان" and i - 2 >= begin and s.folds[i - 2] in ("دون", "بدون") and reading.kind == FINITE

    def _opens_content(self, i: int) -> bool:
        """Whether the words from i introduce what is reported («إلى أن», a mark, a colon)."""
        s = self.s
        if i < s.size and s.folds[i] in ("الي", "علي", "عن", "من", "ب"):
            i += 1
        return i < s.size and (s.folds[i] in COMPLEMENTISERS or s.kinds[i] == COLON or i in self.opening)

    def _impersonal(self, i: int, begin: int, reading: Reading) -> bool:
        """«يذكر أن …», «يشار إلى أن …»: nobody is named."""
        s = self.s
        if reading.lemma not in ("ذكر", "أشار", "ذكّر") or reading.gender != "m" or reading.number != "s":
            return False
        return i - begin <= 1 and i + 1 < s.size and s.folds[i + 1] in COMPLEMENTISERS

    def _is_verb(self, i: int, begin: int, reading: Reading) -> bool:
        """«بيّن» and «عبّر» against the prepositions «بين» and «عبر»."""
        s = self.s
        if "\u0651" in s.words[i] or reading.present or (reading.gender == "f" and not reading.object_pronoun):
            return True
        if reading.lemma == "عبر":
            return (i + 1 < s.size and s.folds[i + 1] == "عن") or any(s.folds[k] == "عن" for k in range(i + 1, min(i + 6, s.size)))
        return i == begin or s.kinds[i - 1] == COMMA or s.folds[i - 1] in _BEFORE_VERBS

    def _attributive(self, i: int, begin: int) -> Cue | None:
        """«بحسب», «وفقا لما ذكره», «حسبما قالت», «نقلا عن»: the preposition alone, or with the verb that follows."""
        s = self.s
        word = s.folds[i]
        end = min(s.size, i + 5)
        k = i + 1
        while k < end and s.folds[k] in _TOGETHER:
            k += 1
        if k >= s.size:
            return None
        if s.kinds[k] == WORD and s.mention[k] < 0:
            for reading in cues.readings(s.folds[k]):
                if reading.kind != FINITE or reading.conjunction or reading.person != 3:
                    continue
                if word in ("كما", "وكما", "مثلما") and (
                    reading.lemma not in self.agency_verbs or i == begin or not self._closes_sentence(k)
                ):
                    return None
                if word in self.attributives_with_verb or s.folds[k - 1] in ("ما", "لما"):
                    placed = k + 1 < s.size and s.folds[k] in ("جاء", "ورد") and s.folds[k + 1] in ("في", "علي")
                    reading = Reading(
                        reading.lemma, reading.cue_class, reading.polarity, True, ATTRIBUTIVE, gender=reading.gender, number=reading.number
                    )
                    return Cue(i, k + 2 if placed else k + 1, reading)
                break
        if word in self.attributives_with_verb:
            return None
        bare = word[1:] if word[0] == "و" and word[1:] in self.attributives else word
        if bare == "نقلا":
            return Cue(i, i + 2, Reading("نقلا عن", "attribute", "neutral", True, ATTRIBUTIVE)) if s.folds[i + 1] == "عن" else None
        if not self._names_source(i + 1):
            return None
        return Cue(i, i + 1, Reading(bare, "attribute", "neutral", True, ATTRIBUTIVE))

    def _closes_sentence(self, k: int) -> bool:
        """Whether the clause that the verb at k opens is short and reports nothing itself («كما قال فلان.»)."""
        s = self.s
        for j in range(k + 1, min(s.size, k + 14)):
            if s.sentence[j] != s.sentence[k] or s.kinds[j] in (COMMA, STOP):
                return True
            if (
                s.folds[j] in COMPLEMENTISERS
                or s.kinds[j] == COLON
                or (self.opening.get(j, -1) >= 0 and self.span_words[self.opening[j]] >= QUOTED_WORDS)
            ):
                return False
        return False

    def _names_source(self, i: int) -> bool:
        """Whether the words from i on name someone who can speak, not what a rule or a plan lays down («وفق الخطة المعتمدة من الوزارة»)."""
        s = self.s
        for k in range(i, min(s.size, i + 4)):
            word = s.folds[k]
            if s.kinds[k] in (COMMA, STOP) or (word in _NO_NAME and k > i):
                return False
            if s.mention[k] >= 0 and s.mentions[s.mention[k]].entity_type != "MISC":
                return True
            for form in (
                word,
                word[2:] if word.startswith(("ال", "لل")) else word,
                word[1:],
                word[3:] if word.startswith(("وال", "بال")) else word,
            ):
                if form in self.sources:
                    return True
        return False

    # one sentence

    def _sentence(self, number: int) -> None:
        s = self.s
        begin, end = s.sentences[number]
        pending: list[Cue] = []
        opened: list[Report] = []
        found: list[Report] = []
        attributives: list[Cue] = []
        i = begin
        while (i := self.telling.find(1, i, end)) >= 0:
            opens = self.opening.get(i, -1)
            if opens >= 0:
                i = self._marks(i, opens, begin, pending, opened, found)
                continue
            if s.span[i] >= 0:
                i += 1
                continue
            kind = s.kinds[i]
            if kind == WORD:
                word = s.folds[i]
                if word in COMPLEMENTISERS:
                    if (
                        word in _PLAIN
                        and s.mention[i] < 0
                        and self._introduces(i, begin, pending)
                        and (owner := self._owner_of_clause(pending, i))
                    ):
                        report = Report(i + 1, end, owner, "clause", "indirect", -1, (owner.last, i), opener=i)
                        if len(opened) == _MOST_NESTED:
                            del opened[0]
                        opened.append(report)
                        found.append(report)
                        pending.clear()
                    i += 1
                    continue
                cue = self._cue_at(i, begin)
                if cue is not None:
                    if cue.reading.kind == ATTRIBUTIVE:
                        attributives.append(cue)
                        if i - begin > 2:
                            self._end(opened, cue.first, begin)
                        i = cue.last
                        continue
                    if self._is_middle(cue, begin, end):
                        stop = cue.last
                        while stop < end and not (s.kinds[stop] == COMMA or s.words[stop] in DASHES):
                            stop += 1
                        found.append(Report(begin, end, cue, "middle", "indirect", -1, (cue.last, stop)))
                        i = stop
                        continue
                    if opened and self._ends_content(cue, i, begin, opened[-1]):
                        self._end(opened, i, begin)
                    if len(pending) == _MOST_PENDING:
                        del pending[0]
                    pending.append(cue)
                    self.cues.append(cue)
                elif opened and i > begin and ((word in self.trailers and s.kinds[i - 1] == COMMA) or self._is_aside(i)):
                    self._end(opened, i, begin)
            elif kind == COLON and not opened and self._colon_opens(i, end):
                owner = self._owner_of_words(pending, i)
                if owner is not None and i - owner.last < 25 and owner.reading.strong:
                    report = Report(i + 1, end, owner, "colon", "direct", -1, (owner.last, self._phrase_end(owner, pending, i)), opener=i)
                    found.append(report)
                    pending.clear()
                    if i + 1 >= end:
                        self._next_paragraph(report, number)
                        break
                    opened.append(report)
            i += 1
        self._end(opened, end, begin, trim_stop=bool(opened) and opened[-1].how != "colon")
        self._after(number, found)
        if self.headline or s.paragraph_start[number]:
            self._name_colon(number, found)
        for cue in attributives:
            self._attributed(cue, number, found)
        for report in found:
            if report.span < 0 and report.how not in ("colon", "interview"):
                report.last = min(report.last, report.first + MOST_CLAUSE_WORDS)
            self._finish(report)
        self.reports += [r for r in found if r.last > r.first]

    def _colon_opens(self, i: int, end: int) -> bool:
        """Whether verbatim words without marks follow the colon at i; «قال: إن …» is a clause like «قال إن …»."""
        return self.opening.get(i + 1, -1) < 0 and not (i + 1 < end and self.s.folds[i + 1] in _PLAIN)

    def _owner_of_words(self, pending: list[Cue], i: int) -> Cue | None:
        """Which of the cues that wait the words after a colon or a mark at i belong to: a verb rather than the manner or the noun that
        repeats it («وتابع قائلا: …», «علق بقوله: …», «كتب في تغريدته: …»)."""
        near = [c for c in pending if i - c.last <= 30 and not self._is_unsaid(c, i)]
        if not near:
            return None
        last = near[-1]
        if not self._repeats(last):
            return last
        for cue in reversed(near[:-1]):
            if cue.reading.kind == FINITE and cue.reading.strong and last.first - cue.last <= _MOST_WORDS_BETWEEN:
                if last.first == cue.last and last.reading.lemma == "قال":
                    return Cue(cue.first, last.last, cue.reading, cue.negated)
                return cue
        return last

    def _repeats(self, cue: Cue) -> bool:
        """Whether a cue may be but the manner of the verb before it («قائلا», «بالقول», «في تغريدته»)."""
        reading = cue.reading
        if reading.kind == PARTICIPLE:
            return not reading.conjunction and not (cue.first and self.s.kinds[cue.first - 1] == COMMA)
        return reading.kind == NOUN or (reading.lemma == "قال" and reading.present and not reading.conjunction)

    def _phrase_end(self, owner: Cue, pending: list[Cue], i: int) -> int:
        """Where the words that may name the speaker end: at the content, or at the manner («قائلا») before it."""
        return next((c.first for c in pending if c.first >= owner.last and c.reading.lemma == "قال" and c.reading.kind != FINITE), i)

    def _is_unsaid(self, cue: Cue, i: int) -> bool:
        """«لم تكشف عن هويته: …»: what was not said is not quoted, but for «لم يقل سوى: …»."""
        return cue.negated and not any(self.s.folds[k] in EXCEPTIVES for k in range(cue.last, i))

    def _marks(self, i: int, opens: int, begin: int, pending: list[Cue], opened: list[Report], found: list[Report]) -> int:
        """A quoted stretch opens at i: give it to the cue that waits, or to the clause that it stands in. Returns the token after it."""
        s = self.s
        outer, first, last, after = s.span_tokens[opens]
        if last <= first:
            return i + 1
        if self.span_words[opens] >= QUOTED_WORDS and not self._is_name(opens, begin):
            colon = i > begin and s.kinds[i - 1] == COLON
            owner = self._owner_of_words(pending, i)
            phrase = (owner.last, self._phrase_end(owner, pending, outer)) if owner else (-1, -1)
            report = Report(first, last, owner, "colon" if colon else "marks", "direct", opens, phrase, opener=i - 1)
            if opened and owner and (colon or i - pending[-1].last <= 2) and owner.first > opened[-1].first and owner.reading.strong:
                cut = owner.first
                if cut > begin and (s.folds[cut - 1] in _WHERE or s.kinds[cut - 1] == COMMA or owner.reading.conjunction):
                    self._end(opened, cut - 1 if s.folds[cut - 1] in _WHERE else cut, begin)
                for around in opened:
                    around.spans.append(opens)
                found.append(report)
                self.owned.add(opens)
                pending.clear()
            elif opened:
                for around in opened:
                    around.spans.append(opens)
            elif owner:
                found.append(report)
                self.owned.add(opens)
                # A fragment in a relative clause («قال فلان الذي وصفه بأنه «…» إن …») leaves the cue before it waiting.
                kept = 0 if owner.reading.strong else next(k for k, c in enumerate(pending) if c.first >= owner.first)
                del pending[kept:]
        return max(after, i + 1)

    def _is_name(self, opens: int, begin: int) -> bool:
        """Whether a quoted stretch is a name: of what the word before it says («جريدة “…”», «تحت عنوان «…»»), or of a person."""
        s = self.s
        outer, first, last, _ = s.span_tokens[opens]
        if last - first <= _MOST_NAME_WORDS and (self._is_person(first, last) or not any(map(_ARABIC.search, s.words[first:last]))):
            return True
        before = outer - 1
        while before >= begin and s.folds[before] in ("ب", "ل", "عليه", "عليها", "اسم", "باسم", "من"):
            before -= 1
        if before < begin:
            return False
        # «مشروع «…»» names, «المشروع «…»» tells of it.
        word = s.folds[before]
        classifiers, named = word_set("classifier"), word_set("named_by_marks")
        return any(form in classifiers for form in (word, word[1:], word[2:])) or word in named or word[1:] in named

    def _is_person(self, first: int, last: int) -> bool:
        """Whether nothing but a person's name, with titles, stands at first:last."""
        s = self.s
        titles = word_set("title") | word_set("person_title")
        named = [s.mention[k] >= 0 for k in range(first, last)]
        return any(named) and all(
            known or s.kinds[k] != WORD or s.folds[k] in titles or s.folds[k].removeprefix("ال") in titles
            for known, k in zip(named, range(first, last), strict=True)
        )

    def _introduces(self, i: int, begin: int, pending: list[Cue]) -> bool:
        """Whether the complementiser at i can open a reported clause."""
        s = self.s
        before = s.folds[i - 1] if i > begin else ""
        if before in self.not_after:
            return before in EXCEPTIVES and bool(pending) and pending[-1].negated
        return not (before in ("الي", "علي") and i - 2 >= begin and s.kinds[i - 2] == COMMA)

    def _owner_of_clause(self, pending: list[Cue], i: int) -> Cue | None:
        near = [c for c in pending if i - c.last <= MOST_WORDS_TO_CONTENT and self._fits(c, i)]
        if self.s.words[i].startswith("إ"):
            for cue in reversed(near):
                if cue.reading.lemma == "قال":
                    return cue
        near = [c for c in near if not c.reading.object_pronoun or c.reading.lemma in TELL] or near
        for cue in reversed(near):
            if cue.reading.strong or i - cue.last <= 2 or all(not c.reading.strong for c in near):
                return cue if cue.reading.strong or i - cue.last <= 12 else None
        return None

    def _fits(self, cue: Cue, i: int) -> bool:
        """Whether the complementiser at i can be that of a cue: «شدد على أن», but «قال … على أن» is «provided that»."""
        lemma = fold(cue.reading.lemma)
        if lemma in word_set("no_clause"):
            return False
        takes = _PREPOSITIONS.get(self.s.folds[i - 1]) if i > cue.last else None
        return takes is None or lemma in word_set(takes)

    def _is_middle(self, cue: Cue, begin: int, end: int) -> bool:
        """«…، يضيف فلان، …»: a cue with its subject between two commas or dashes, inside what it reports."""
        s = self.s
        i, reading = cue.first, cue.reading
        if reading.kind != FINITE or not reading.strong or reading.conjunction or i - begin < 3 or reading.object_pronoun:
            return False
        if not (s.kinds[i - 1] == COMMA or s.words[i - 1] in DASHES):
            return False
        stop = -1
        for k in range(cue.last, min(end, cue.last + 30)):
            if s.folds[k] in COMPLEMENTISERS or s.kinds[k] == COLON:
                return False
            if self.opening.get(k, -1) >= 0:
                return stop >= 0 and reading.present
            if stop < 0 and (s.kinds[k] == COMMA or s.words[k] in DASHES):
                if k - cue.last > 12 or k == cue.last or k + 1 >= end:
                    return False
                stop = k
            if stop < 0 and s.kinds[k] == STOP:
                return False
        return stop >= 0

    def _is_aside(self, i: int) -> bool:
        """«…، في إشارة إلى …», «… على حد قوله.»: words of the narrator behind what is reported."""
        s = self.s
        if s.folds[i] == "في":
            return i + 1 < s.size and s.folds[i + 1] == "اشاره" and s.kinds[i - 1] != WORD
        own = i + 1 if s.folds[i] in ("حسب", "بحسب", "وفق") else i + 2 if s.folds[i : i + 2] == ["علي", "حد"] else s.size
        return own < s.size and s.folds[own] in word_set("own_words") and (own + 1 == s.size or s.kinds[own + 1] == STOP)

    def _ends_content(self, cue: Cue, i: int, begin: int, report: Report) -> bool:
        """Whether a cue inside reported content starts something of its own."""
        s = self.s
        reading = cue.reading
        comma = s.kinds[i - 1] == COMMA if i > begin else True
        if reading.kind == PARTICIPLE:
            if comma or reading.conjunction or s.folds[i - 1] in ("و", "وذلك"):
                return True
            # «قالت الشركة إن المصنع توقف مضيفة أن …»: without a comma, where it can be hers.
            owner = report.cue.reading if report.cue else reading
            return reading.strong and (owner.gender, owner.number) == (reading.gender, reading.number) and self._opens_content(cue.last)
        if reading.kind == FINITE:
            if not reading.conjunction:
                return False
            if reading.strong:
                return comma or not reading.present
            # «قال إن …، وطالب …»: the same subject goes on.
            owner = report.cue.reading if report.cue else reading
            same = (owner.gender, owner.number) == (reading.gender, reading.number) and owner.kind in (FINITE, PARTICIPLE)
            return same and not reading.present and not reading.object_pronoun and reading.cue_class in _STANCES
        return False

    def _end(self, opened: list[Report], end: int, begin: int, *, trim_stop: bool = True) -> None:
        """Close the open reports before token `end`, without the marks and the conjunction that lead on."""
        s = self.s
        while end > begin:
            kind, word = s.kinds[end - 1], s.words[end - 1]
            if (kind == WORD and s.folds[end - 1] not in ("و", "وذلك", "كما", "فيما")) or (kind == OTHER and word not in DASHES):
                break
            if kind == STOP and not trim_stop:
                break
            end -= 1
        for report in opened:
            report.last = max(report.first, end)
        opened.clear()

    def _next_paragraph(self, report: Report, number: int) -> None:
        """A colon that ends its paragraph introduces the next one; short lines that follow are verse."""
        s = self.s
        if number + 1 >= len(s.sentences):
            return
        begin, end = s.sentences[number + 1]
        opens = self.opening.get(begin, -1)
        if opens >= 0:
            _, report.first, report.last, _ = s.span_tokens[opens]
            report.span = opens
            self.owned.add(opens)
            return
        report.first, report.last = begin, end
        k = number + 2
        if end - begin <= 14:
            while k < len(s.sentences) and s.sentences[k][1] - s.sentences[k][0] <= 14 and s.kinds[s.sentences[k][1] - 1] == WORD:
                report.last = s.sentences[k][1]
                k += 1
        self._end([report], report.last, begin, trim_stop=False)

    # cues that follow, names before a colon, attributions

    def _after(self, number: int, found: list[Report]) -> None:
        """Quoted stretches whose cue follows them, or that go on after their cue."""
        s = self.s
        begin, end = s.sentences[number]
        taken = {o for r in found for o in r.spans}
        k = begin
        for outer in self.openings[bisect_left(self.openings, begin) : bisect_left(self.openings, end)]:
            if outer < k:
                continue
            opens = self.opening[outer]
            _, first, last, after = s.span_tokens[opens]
            k = max(after, outer + 1)
            if opens in self.owned or opens in taken or self.span_words[opens] < QUOTED_WORDS or self._is_name(opens, begin):
                continue
            i = after
            while i < end and s.kinds[i] in (COMMA, OTHER) and i - after < 3:
                i += 1
            if i < end and s.kinds[i] == WORD:
                cue = self._cue_at(i, begin)
                if cue is not None and cue.reading.kind == FINITE and not cue.reading.conjunction and cue.reading.strong:
                    stop = cue.last
                    while stop < end and s.kinds[stop] == WORD and stop - cue.last < 12 and s.folds[stop] not in COMPLEMENTISERS:
                        stop += 1
                    if stop < end and (s.folds[stop] in COMPLEMENTISERS or s.kinds[stop] == COLON):
                        continue  # the cue reports something of its own
                    found.append(Report(first, last, cue, "after", "direct", opens, (cue.last, stop)))
                    self.owned.add(opens)
                    continue
            previous = found[-1] if found else None
            if previous is not None and previous.span >= 0 and previous.cue is not None:
                found.append(Report(first, last, previous.cue, "again", "direct", opens, previous.phrase))
                self.owned.add(opens)

    def _name_colon(self, number: int, found: list[Report]) -> None:
        """«كيري: نأمل …»: a name or an office, a colon, words."""
        s = self.s
        begin, end = s.sentences[number]
        if begin + 2 < end and s.folds[begin] in _INTERVIEW and (s.kinds[begin + 1] == COLON or s.words[begin + 1] in DASHES):
            self._interview(number, found)
            return
        for i in range(begin, min(end, begin + 14)):
            if s.kinds[i] == STOP or (s.span[i] >= 0 and self.span_words[s.span[i]] >= QUOTED_WORDS):
                return
            if not self.headline and s.words[i] in DASHES:
                return  # a dateline: «فلان - جدة: …»
            if s.kinds[i] == COLON:
                break
        else:
            return
        if i == begin or i + 1 >= end or any(r.first <= i + 2 for r in found):
            return
        named = any(s.mention[k] >= 0 and s.mentions[s.mention[k]].entity_type == "PERSON" for k in range(begin, i))
        if not (self._may_speak(begin, i) if self.headline else named):
            return
        cue = Cue(i, i + 1, Reading(":", "say", "neutral", True, ATTRIBUTIVE))
        report = Report(i + 1, end, cue, "headline", "direct", -1, (begin, i), opener=i)
        opens = self.opening.get(i + 1, -1)
        if opens >= 0:
            _, first, last, after = s.span_tokens[opens]
            if not any(s.kinds[k] == WORD for k in range(after, end)):
                report = Report(first, last, cue, "headline", "direct", opens, (begin, i), opener=i)
            self.owned.add(opens)
        if report.span < 0:
            self._end([report], report.last, begin)
            inside = {s.span[k] for k in range(report.first, report.last)} - {-1}
            if any(self.span_words[o] >= QUOTED_WORDS and not self._is_name(o, begin) for o in inside):
                report.quote_type = "mixed"
        found.append(report)

    def _may_speak(self, first: int, last: int) -> bool:
        """Whether the words before a headline's colon may name who speaks, rather than a topic («العنف في المدينة: …»)."""
        s = self.s
        words = [k for k in range(first, last) if s.kinds[k] == WORD]
        if not words:
            return False
        head = words[0]
        if s.mention[head] >= 0:
            return True
        word = s.folds[head]
        if word in _NO_NAME or word.removeprefix("ال") in word_set("headline_topic"):
            return False
        return is_described(word) or len(words) <= 2

    def _interview(self, number: int, found: list[Report]) -> None:
        """«س: … ج: …»: a question or an answer, up to the end of its paragraph."""
        s = self.s
        begin, end = s.sentences[number]
        last = number + 1
        while last < len(s.sentences) and not s.paragraph_start[last]:
            end = s.sentences[last][1]
            last += 1
        lemma, cue_class = _INTERVIEW[s.folds[begin]]
        cue = Cue(begin, begin + 1, Reading(lemma, cue_class, "neutral", True, ATTRIBUTIVE))
        found[:] = [r for r in found if r.how != "headline"]
        found.append(Report(begin + 2, end, cue, "interview", "direct", -1, (begin, begin + 1), opener=begin + 1))

    def _attributed(self, cue: Cue, number: int, found: list[Report]) -> None:
        """What an attribution («بحسب …») covers: the rest of the sentence after a leading one, else the sentence up to it."""
        s = self.s
        begin, end = s.sentences[number]
        stop = cue.last
        while stop < end and s.kinds[stop] != STOP and s.folds[stop] not in COMPLEMENTISERS and stop - cue.last < 20:
            if s.folds[stop] in ("فقد", "قد"):
                break
            stop += 1
        comma = next((k for k in range(cue.last, stop) if s.kinds[k] == COMMA), stop)
        report = Report(self._clause_start(begin, cue.first), cue.first, cue, "attributive", "indirect", -1, (cue.last, stop))
        if cue.first - begin <= 2:
            report.first = comma
            while report.first < end and (
                s.kinds[report.first] == COMMA or s.folds[report.first] in COMPLEMENTISERS or s.folds[report.first] in ("فقد", "قد")
            ):
                report.first += 1
            self._end([report], end, begin)
        else:
            self._end([report], cue.first, begin)
        for k in range(report.first, min(report.last, report.first + MOST_CLAUSE_WORDS)):
            opens = self.opening.get(k, -1)
            if opens >= 0 and self.span_words[opens] >= QUOTED_WORDS and opens not in self.owned and not self._is_name(opens, begin):
                report.spans.append(opens)
        found.append(report)

    def _clause_start(self, begin: int, end: int) -> int:
        """Where the narrator's clause that begins a sentence starts, without a dateline and words that tie it to what went before."""
        s = self.s
        first = max(begin, end - MOST_CLAUSE_WORDS)
        if first > begin:
            return first
        if s.mention[begin] >= 0 and s.mentions[s.mention[begin]].entity_type == "LOCATION":
            k, inside = begin, 0
            while k < min(end, begin + _MOST_DATELINE_TOKENS) and (
                inside or s.mention[k] >= 0 or s.kinds[k] in (COMMA, OTHER) or not _ARABIC.search(s.words[k])
            ):
                inside += (s.words[k] == "(") - (s.words[k] == ")")
                if s.words[k][0] in DASHES:
                    first = k + 1
                k += 1
        if first + 1 < end and s.folds[first] == "كما":
            first += 1
        return first + 1 if first + 1 < end and s.folds[first] in COMPLEMENTISERS else first

    def lead(self, report: Report) -> int:
        """How many letters at the beginning of a report are the narrator's own: the «و» that ties a sentence to the one before."""
        s = self.s
        i = report.first
        if report.how not in ("attributive", "middle") or i != s.sentences[s.sentence[i]][0] or s.folds[i][:1] != "و":
            return 0
        if s.mention[i] >= 0:
            return int(s.mentions[s.mention[i]].start > s.starts[i])
        stems = word_set("radical_waw")
        word = s.folds[i]
        forms = {word, *(word.removesuffix(ending) for ending in ("ت", "ا", "وا", "ه", "ها", "هم", "تا"))}
        return int(len(word) > 2 and not forms & stems)

    def _finish(self, report: Report) -> None:
        """The type by the quoted stretches inside; a content that is one quoted stretch loses its marks."""
        s = self.s
        if report.span >= 0:
            return
        while report.first < report.last and s.kinds[report.first] in (COMMA, COLON):
            report.first += 1
        if report.how == "colon" and report.first < report.last and s.words[report.first] == "(":
            closing = next((k for k in range(report.first, report.last) if s.words[k] == ")"), -1)
            if closing - report.first > QUOTED_WORDS:
                report.first, report.last = report.first + 1, closing  # «قال تعالى: (…)»
                return
        report.spans = [o for o in report.spans if s.span_tokens[o][0] < report.last]
        if not report.spans:
            self._mend(report)
            return
        outer, inner, inner_last, after = s.span_tokens[report.spans[0]]
        if outer <= report.first and after >= report.last:
            report.first, report.last, report.span, report.quote_type = inner, inner_last, report.spans[0], "direct"
            self.owned.add(report.span)
        elif report.how != "headline":
            report.quote_type = "mixed"
            self.owned.update(report.spans)

    def _mend(self, report: Report) -> None:
        """«قال إن … .»: a closing mark alone ends words that a complementiser or a colon opened."""
        s = self.s
        k = bisect_left(s.orphans, report.first + QUOTED_WORDS)
        if report.how in ("clause", "colon") and k < len(s.orphans) and s.orphans[k] <= report.last:
            mark = s.orphans[k]
            if mark + 1 < s.sentences[s.sentence[mark]][1] and s.kinds[mark + 1] not in (COMMA, STOP):
                return
            report.last, report.quote_type, report.mended = mark, "direct", s.words[mark]

    def cut(self, report: Report, end: int) -> None:
        """End a report earlier, before token `end`."""
        if report.quote_type == "mixed" and report.how != "headline":
            report.quote_type = "indirect"
        self._end([report], end, report.first + 1)
        self._finish(report)

    def _bare(self) -> None:
        """A sentence that is one quoted stretch goes on with what was said before."""
        s = self.s
        for begin, end in s.sentences:
            opens = self.opening.get(begin, -1)
            if opens < 0 or opens in self.owned or self.span_words[opens] < QUOTED_WORDS + 2:
                continue
            _, first, last, after = s.span_tokens[opens]
            if end - after <= 2 and self.reports:
                self.reports.append(Report(first, last, None, "bare", "direct", opens))
