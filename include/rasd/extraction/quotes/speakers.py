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

from rasd.arabic import fold
from rasd.extraction.quotes import model
from rasd.extraction.quotes.cues import ATTRIBUTIVE, FINITE, NOUN, PARTICIPLE, readings, word_set
from rasd.extraction.quotes.finder import COMPLEMENTISERS, Cue, Report
from rasd.extraction.quotes.sections import COLON, COMMA, OTHER, STOP, WORD, Mention, Section

HIDDEN, PHRASE = "hidden", "phrase"
_AUXILIARIES = frozenset({"قد", "فقد", "وقد", "لم", "لن", "لا", "كان", "كانت", "وكان", "وكانت", "ايضا", "كانوا", "هو", "هي", "سبق"})
_RELATIVES = frozenset({"الذي", "التي", "الذين", "اللذان", "والذي", "والتي", "ما", "من"})
_NO_SUBJECT = frozenset({"فيما", "بينما", "لكن", "حيث", "كما", "في", "الي", "حين", "ثم", "او", "اذ", "عندما", "بعدما", "بعد", "قبل", "وفيما", "وفي", "اما"})
_PREPOSITION_PRONOUNS = frozenset({"له", "لها", "لهم", "لنا", "اليه", "اليها", "فيه", "فيها", "عليه", "عليها", "معه", "به", "بها", "عنه", "عنها", "منه", "لي", "لدي"})
_GOVERNING = frozenset({"في", "الي", "علي", "عن", "مع", "من", "بعد", "قبل", "خلال", "منذ", "عبر", "لدي", "عند"})
_STOPS_BACKWARD = frozenset({"في", "الي", "علي", "عن", "مع", "بعد", "قبل", "خلال", "حيث", "فيما", "بينما", "لكن", "حين", "كما", "او", "ثم", "منذ", "عبر"})


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
    gender: str = ""
    number: str = ""
    spoken: int = 0


@dataclass(slots=True)
class Turn:
    """Somebody's turn to speak (or to be the subject of a cue that reports nothing)."""

    referent: Referent
    place: int
    sentence: int
    reports: bool


Candidate = tuple[Referent, list[str], str]
"""Who, by which features, and the rule that found him first."""


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
    if stem.endswith(("ون", "ين")) and len(stem) > 4:
        return "m", "p"
    if stem.endswith("ه"):
        return "f", "s"
    return "m", "s"


def phrase_after(s: Section, first: int, last: int) -> tuple[int, int]:
    """The subject phrase within the tokens first:last that follow a verb, without the adverbials around it; (-1, -1) for none."""
    ends, venues = word_set("phrase_end"), word_set("venue")
    i, begin = first, -1
    named = False
    while i < last:
        word, kind, mention = s.folds[i], s.kinds[i], s.mention[i]
        if kind in (COLON, STOP):
            break
        if kind == COMMA:
            if begin >= 0:
                follows = s.mention[i + 1] if i + 1 < last else -1
                if named or not _apposition(s, i + 1, last):
                    break
                if follows >= 0 and s.mentions[follows].entity_type == "LOCATION":
                    break
            i += 1
            continue
        if mention >= 0:
            if s.mentions[mention].first == i and "ل" in s.mentions[mention].proclitic and (begin < 0 or _is_media(s, i)):
                if begin >= 0:
                    break
                i = s.mentions[mention].last
                continue
            if begin < 0:
                begin = i
            named = named or s.mentions[mention].entity_type == "PERSON"
            i += 1
            continue
        if kind == WORD:
            if word == "عن" and i > first and bare(s.folds[i - 1]) in ("صادر", "صادره", "صدر", "صدرت") and begin >= 0:
                i += 1
                continue
            if word in COMPLEMENTISERS or word in ends:
                if begin >= 0:
                    break
                i = _skip_adverbial(s, i, last)
                continue
            if word in ("في", "من", "لدي", "مع", "ب"):
                following = s.folds[i + 1] if i + 1 < last else ""
                if begin < 0:
                    i = _skip_adverbial(s, i, last)
                    continue
                if following in venues or following in ends or named or (word == "مع" and s.folds[i - 1] != "متعاطف"):
                    break
            elif _addresses(s, i, last):
                if begin >= 0:
                    break
                i = _skip_addressee(s, i, last)
                continue
            elif begin < 0 and (word in _PREPOSITION_PRONOUNS or _is_adverbial(word)):
                i += 1
                continue
            elif word in ("التي", "الذي", "الذين") and begin >= 0 and i - begin > 1:
                break
            if begin < 0:
                begin = i
        i += 1
    while begin >= 0 and i > begin and s.kinds[i - 1] == COMMA:
        i -= 1
    return (begin, i) if 0 <= begin < i and not _is_object(s, begin, i) else (-1, -1)


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


def _is_media(s: Section, i: int) -> bool:
    """Whether token i, after ل, names a newspaper, an agency or the like."""
    word = s.folds[i]
    media = word_set("media")
    return word in media or (word[:1] == "ل" and (word[1:] in media or bare(word) in media)) or bare(word) in media


def _addresses(s: Section, i: int, last: int) -> bool:
    """Whether the words from i say to whom («لصحيفة …», «لـ«…»»)."""
    word = s.folds[i]
    if word in ("ل", "لـ"):
        return True
    return word[:1] == "ل" and len(word) > 3 and word not in _PREPOSITION_PRONOUNS and _is_media(s, i)


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
    while i < last and s.kinds[i] not in (COMMA, COLON) and s.mention[i] < 0 and s.folds[i] not in COMPLEMENTISERS and bare(s.folds[i]) not in word_set("source"):
        i += 1
    return i


def _apposition(s: Section, i: int, last: int) -> bool:
    """Whether a name goes on after a comma («رئيس اللجنة، فلان»)."""
    for k in range(i, min(last, i + 4)):
        if s.kinds[k] != WORD:
            return False
        if s.mention[k] >= 0:
            return s.mentions[s.mention[k]].entity_type == "PERSON"
        if s.folds[k] not in word_set("title") and not s.folds[k].startswith("ال"):
            return False
    return False


def phrase_before(s: Section, begin: int, cue: int) -> tuple[int, int, bool]:
    """The subject phrase that ends right before a verb («وكان فلان قد قال»), and whether a relative («الذي») stands between."""
    i, relative = cue, False
    while i > begin and (s.folds[i - 1] in _AUXILIARIES or s.kinds[i - 1] == COMMA or s.folds[i - 1] in _RELATIVES):
        relative = relative or s.folds[i - 1] in _RELATIVES
        i -= 1
    last = i
    while i > begin and last - i < 14:
        word = s.folds[i - 1]
        quoted = s.kinds[i - 1] == OTHER and ((i > 1 and s.mention[i - 2] >= 0) or (i < last and s.mention[i] >= 0))
        if s.mention[i - 1] < 0 and not quoted and (s.kinds[i - 1] != WORD or word in COMPLEMENTISERS or word in _STOPS_BACKWARD or word in _AUXILIARIES):
            break
        i -= 1
    if last == i or s.folds[i] in _NO_SUBJECT or (i > begin and s.folds[i - 1] in _GOVERNING):
        return -1, -1, relative
    word = s.folds[i]
    if s.mention[i] < 0:
        rest = word[1:] if word[:1] in "وف" else word
        if not rest or rest in _GOVERNING or rest in _NO_SUBJECT or rest.startswith("لكن") or rest in ("ليس", "حول", "ما", "مما") or _is_adverbial(word):
            return -1, -1, relative
        if any(r.kind == FINITE for r in readings(word)) or _is_object(s, i, last):
            return -1, -1, relative
    if s.mention[i] >= 0 and s.mentions[s.mention[i]].proclitic.strip("وف"):
        return -1, -1, relative
    return i, last, relative


class Resolver:
    """Resolves the speakers of one article. Sections are added in the order in which they are to be resolved."""

    def __init__(self) -> None:
        self.referents: dict[str, Referent] = {}
        self.phrases: list[Referent] = []
        self.turns: list[Turn] = []
        self.base: dict[str, int] = {}
        self.size = 0
        self.sentence_base: dict[str, int] = {}
        self.sentence_count = 0

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
                    referent.gender, referent.number = gender_and_number(fold(m.name.split()[0])) if m.name.split() else ("", "")
                elif m.entity_type == "LOCATION":
                    referent.gender, referent.number = "f", "s"
                else:
                    referent.number = "s"
            referent.places.append(self.base[s.name] + m.first)
            if m.role and not referent.role:
                referent.role = m.role
            if m.entity_type != "LOCATION":
                beside = frozenset(self._beside(s, m)) | {bare(fold(w)) for w in m.role.split()} | referent.words
                if beside not in referent.roles:
                    referent.roles.append(beside)

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
            elif s.kinds[k] in (COMMA, STOP, COLON) or word in COMPLEMENTISERS or word in _STOPS_BACKWARD and word not in ("في",):
                break
            elif any(r.kind == FINITE for r in readings(word)) and not word.startswith("ال"):
                break
            out.append(bare(word))
            k -= 1
        if m.last + 1 < s.size and s.kinds[m.last] == COMMA:
            k = m.last + 1
            while k < min(s.size, m.last + 9) and s.kinds[k] == WORD and s.folds[k] not in COMPLEMENTISERS and s.folds[k] not in _STOPS_BACKWARD:
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
        events: list[tuple[int, int, Report | None, Cue | None]] = []
        for number, report in enumerate(reports):
            events.append((report.cue.first if report.cue else report.first, number, report, report.cue))
        for cue in cues:
            if cue.reading.kind == FINITE and id(cue) not in reporting:
                events.append((cue.first, len(reports), None, cue))
        for place, number, report, cue in sorted(events, key=lambda e: (e[0], e[1])):
            if report is None:
                if cue is not None:
                    self._silent(s, cue, place)
                continue
            if cue is not None and id(cue) in by_cue:
                speakers[number] = by_cue[id(cue)]
                continue
            speakers[number] = speaker = self._speaker(s, report)
            if cue is not None:
                by_cue[id(cue)] = speaker
        return [speaker or Speaker() for speaker in speakers]

    def _silent(self, s: Section, cue: Cue, place: int) -> None:
        """A cue that reports nothing («أكد فلان حرص بلاده») still says who is being spoken of."""
        end = s.sentences[s.sentence[cue.first]][1]
        report = Report(cue.first, cue.last, cue, "silent", phrase=(cue.last, min(end, cue.last + 15)))
        candidates, first, last, mode = self.candidates(s, report)
        if first < 0 or not candidates or (abs(first - cue.last) > 2 and abs(last - cue.first) > 2):
            return
        judge = model.load("speaker")
        referent = max(candidates, key=lambda c: judge.score(c[1]))[0]
        if referent.type != "LOCATION":
            self._turn(s, referent, place, reports=False)

    def _turn(self, s: Section, referent: Referent, place: int, *, reports: bool) -> None:
        self.turns.append(Turn(referent, self.base[s.name] + place, self.sentence_base[s.name] + s.sentence[place], reports))

    def _speaker(self, s: Section, report: Report) -> Speaker:
        candidates, first, last, mode = self.candidates(s, report)
        place = report.cue.first if report.cue else report.first
        if not candidates:
            return Speaker()
        judge = model.load("speaker")
        scores = [judge.score(features) for _, features, _ in candidates]
        best = max(range(len(candidates)), key=lambda k: scores[k])
        top = max(scores)
        probability = 1 / sum(math.exp(value - top) for value in scores)
        referent, features, rule = candidates[best]
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
            confidence=probability,
        )
        if mode == PHRASE:
            start, end = s.slice(first, last)
            speaker.first, speaker.last, speaker.text = first, last, s.text[start:end]
        self._learn(s, report, referent, mode)
        self._turn(s, referent, place, reports=True)
        return speaker

    def _learn(self, s: Section, report: Report, referent: Referent, mode: str) -> None:
        """Keep what the sentence tells about a speaker's gender."""
        referent.spoken += 1
        if referent.entity_id is None and all(p is not referent for p in self.phrases):
            self.phrases.append(referent)
        if report.cue is not None and report.cue.reading.gender and referent.type == "PERSON" and mode == PHRASE:
            referent.gender = referent.gender or report.cue.reading.gender

    # candidates

    def _phrase(self, s: Section, report: Report) -> tuple[int, int, str]:
        """Tokens of the subject phrase and where it stands; (-1, -1, …) where the clause names nobody."""
        cue = report.cue
        if cue is None:
            return -1, -1, "bare"
        begin = s.sentences[s.sentence[cue.first]][0]
        kind = cue.reading.kind
        if report.how == "headline":
            return *report.phrase, "headline"
        if kind == ATTRIBUTIVE or report.how in ("after", "middle"):
            return *phrase_after(s, *report.phrase), "attributive" if kind == ATTRIBUTIVE else "after"
        if kind == PARTICIPLE:
            return -1, -1, "participle"
        if kind == NOUN:
            for i in range(cue.first - 1, max(begin, cue.first - 15) - 1, -1):
                if s.folds[i] in ("عن", "لسان"):
                    return i + 1, cue.first, "about"
            if not cue.reading.number:
                return *phrase_after(s, cue.last, report.phrase[1]), "noun"
            return -1, -1, "noun"
        limit = max(cue.last, report.opener if report.opener >= 0 else report.phrase[1])
        first, last = phrase_after(s, cue.last, limit)
        if first < 0 and s.folds[begin] in ("اما", "واما") and s.folds[cue.first][:1] == "ف" and cue.first - begin > 1:
            return begin + 1, cue.first, "topic"
        return first, last, "after" if first >= 0 else "verb"

    def candidates(self, s: Section, report: Report) -> tuple[list[Candidate], int, int, str]:
        """Who may have said it: (referent, features, rule) each; the tokens of the subject phrase; HIDDEN or PHRASE."""
        cue = report.cue
        first, last, where = self._phrase(s, report)
        found: dict[int, Candidate] = {}
        mode = PHRASE if first >= 0 else HIDDEN

        def add(referent: Referent, rule: str, *features: str) -> None:
            entry = found.get(id(referent))
            if entry is None:
                entry = found[id(referent)] = (referent, [], rule)
            entry[1].extend(features)

        if mode == PHRASE:
            self._add_phrase(s, first, last, where, found, add)
        elif cue is not None and s.name != "text":
            begin = s.sentences[s.sentence[cue.first]][0]
            high = next((k for k in range(begin, min(cue.first, begin + 6)) if s.mention[k] < 0 and s.folds[k][:1] in "يتس"), min(cue.first, begin + 6))
            if high > begin:
                where = "headline subject"
                self._add_phrase(s, begin, high, where, found, add)
        elif cue is not None and cue.reading.kind == FINITE and not cue.reading.conjunction:
            begin = s.sentences[s.sentence[cue.first]][0]
            low, high, relative = phrase_before(s, begin, cue.first)
            if low >= 0:
                opens = "opens" if low - begin <= 1 else "later"
                where = "relative" if relative else f"before {opens}"
                self._add_phrase(s, low, high, where, found, add)
                if not relative:
                    first, last, mode = low, high, PHRASE
        if mode == HIDDEN or not any(rule == "name" for _, _, rule in found.values()):
            self._add_turns(s, report, where, mode, found, add)
        if mode == HIDDEN:
            self._add_near(s, report, where, add)
        low = first
        while 0 <= low < last and (s.kinds[low] != WORD or s.folds[low] in word_set("demonstrative")):
            low += 1
        subject = gender_and_number(s.folds[low]) if 0 <= low < last and s.mention[low] < 0 else ("", "")
        for referent, features, rule in found.values():
            features += self._agreement(s, report, referent, rule, where, mode, subject)
        return list(found.values()), first, last, mode

    def _add_phrase(self, s: Section, first: int, last: int, where: str, found: dict[int, Candidate], add: object) -> None:
        assert callable(add)
        titles, on_behalf = word_set("title"), word_set("on_behalf")
        documents, classifiers = word_set("document"), word_set("classifier")
        seen: set[int] = set()
        order = 0
        for i in range(first, last):
            number = s.mention[i]
            if number < 0 or number in seen:
                continue
            seen.add(number)
            m = s.mentions[number]
            if m.entity_type == "MISC":
                continue
            before = s.folds[m.first - 1] if m.first > first else ""
            if before[:1] == "ل" and before[1:] in classifiers:
                before = before[1:]
            kind = m.entity_type
            link = "start"
            if m.first > first:
                link = "title" if before in titles else "behalf" if before in on_behalf else "comma" if s.kinds[m.first - 1] == COMMA else "word"
                if link == "word":
                    if before in ("في", "من", "لدي", "ب", "عن", "علي", "الي"):
                        link = "preposition"
                    elif before in classifiers:
                        link = "classifier"
                    elif before in documents:
                        link = "document"
                    elif before.startswith("ال"):
                        link = "definite"
                    elif before.endswith("ي") or before.endswith("يه"):
                        link = "adjective"
                    elif s.kinds[m.first - 1] != WORD:
                        link = "mark"
            if m.proclitic.strip("وف") and m.first > first:
                link = "proclitic"
            head = s.folds[first]
            place = "0" if m.first == first else "1" if m.first - first == 1 else "2+"
            rule = "name" if kind == "PERSON" else "organisation"
            base = f"{where}|{kind}"
            features = [f"phrase|{base}", f"phrase|{base}|{link}", f"phrase|{kind}|{link}|{place}", f"phrase|{kind}|order={min(order, 3)}"]
            features.append(f"phrase|{kind}|last={m.last >= last - 1}|order={min(order, 2)}")
            if bare(head) in word_set("source") and m.first > first:
                features.append(f"phrase|{kind}|{link}|head={'classifier' if head in classifiers else 'document' if bare(head) in documents else 'source'}")
            add(self.referents[m.entity_id], rule, *features)
            order += 1
        while first < last and (s.kinds[first] != WORD or s.folds[first] in word_set("demonstrative")):
            first += 1
        if first >= last:
            return
        words = [bare(s.folds[i]) for i in range(first, last) if s.kinds[i] == WORD]
        plain = [w for w in words if w not in _SAME]
        if not words:
            return
        definite = s.folds[first].startswith("ال") or s.folds[first] in word_set("honorific")
        people = any(s.mentions[n].entity_type == "PERSON" for n in seen)
        own = f"phrase itself|{where}|definite={definite}|named={'p' if people else 'o' if seen else 'n'}"
        own_words = frozenset(plain)
        start, end = s.slice(first, last)
        text = " ".join(s.text[start:end].split())
        if where == "attributive" and text.startswith("ل") and len(s.folds[first]) > 3 and s.mention[first] < 0:
            text = "ا" + text[1:] if text.startswith("لل") else text[1:]
            words[0] = words[0][1:] if words[0].startswith("ل") and not s.folds[first].startswith("لل") else words[0]
            plain = [w for w in words if w not in _SAME]
            own_words = frozenset(plain)
            definite = text.startswith("ال")
        source = words[0] in word_set("source")
        fresh = next((p for p in self.phrases if p.name == text), None)
        if fresh is None:
            gender, number = gender_and_number(s.folds[first])
            fresh = Referent(None, text, "GROUP" if number == "p" else "SOURCE", own_words, gender=gender, number=number)
        add(fresh, "phrase", own, f"{own}|source={source}", f"phrase itself|words={min(len(words), 5)}|definite={definite}", f"phrase itself|{where}|{definite}", f"phrase itself|head={words[0]}")
        if people and not where.startswith("before"):
            return
        for age, old in enumerate(reversed(self.phrases)):
            if age > 8:
                break
            shared = own_words & old.words
            if shared and old is not fresh:
                coverage = "all" if own_words <= old.words else "part"
                tag = f"old phrase|{coverage}|definite={definite}"
                add(old, "anaphor", tag, f"{tag}|age={min(age, 2)}", f"old phrase|head={words[0] in old.words}|{coverage}")
        for referent in self.referents.values():
            if referent.type == "LOCATION" or not plain:
                continue
            best, inside = 0.0, "no"
            for role in referent.roles:
                hits = sum(1 for w in own_words if w in role)
                if hits and hits / len(own_words) > best:
                    best = hits / len(own_words)
                    inside = "name" if plain[0] in referent.words else "beside" if plain[0] in role else "no"
            if best:
                coverage = "all" if best == 1 else "most" if best >= 0.6 else "few"
                tag = f"role|{referent.type}|{coverage}|head={inside}"
                add(referent, "role", tag, f"{tag}|definite={definite}", f"{tag}|words={min(len(own_words), 3)}|definite={definite}")
        shape = f"definite={definite}|source={source}|named={'p' if people else 'o' if seen else 'n'}"
        for referent, features, rule in found.values():
            features.append(f"{rule}|{where}|{shape}")
            if rule == "role":
                features.append(f"role|{referent.type}|{shape}")

    def _add_turns(self, s: Section, report: Report, where: str, mode: str, found: dict[int, Candidate], add: object) -> None:
        """Those who spoke before, latest first."""
        assert callable(add)
        place = report.cue.first if report.cue else report.first
        sentence = self.sentence_base[s.name] + s.sentence[place]
        distinct: list[int] = []
        reporting = 0
        itself = next((features for _, features, rule in found.values() if rule == "phrase"), [])
        shape = next((f for f in itself if f.startswith("phrase itself|words=")), "")
        head = next((f for f in itself if f.startswith("phrase itself|head=")), "")
        definite = shape.endswith("True")
        for turn in reversed(self.turns[-12:]):
            if id(turn.referent) in distinct:
                continue
            rank = len(distinct)
            distinct.append(id(turn.referent))
            if mode == PHRASE and id(turn.referent) not in found:
                # Nothing in the phrase points at this speaker: only a general word («المسؤول») may mean him.
                add(turn.referent, "unlinked", f"unlinked|rank={min(rank, 2)}", f"unlinked|{shape}", f"unlinked|{where}|{definite}", f"unlinked|{shape}|rank={min(rank, 2)}", f"unlinked|{head}")
                continue
            distance = sentence - turn.sentence
            near = "same" if distance == 0 else "next" if distance == 1 else "near" if distance <= 3 else "far"
            kind = "reports" if turn.reports else "silent"
            tag = f"turn|{mode if mode == HIDDEN else 'linked'}|rank={min(rank, 3)}"
            features = [tag, f"{tag}|{near}", f"{tag}|{kind}|{near}", f"{tag}|{where}", f"{tag}|{where}|{near}", f"{tag}|{turn.referent.type}"]
            if shape:
                features.append(f"turn|{shape}|{near}")
            if turn.reports:
                features.append(f"report turn|{mode}|rank={min(reporting, 2)}|{near}")
                reporting += 1
            add(turn.referent, "last speaker" if rank == 0 else "earlier speaker", *features)
            if len(distinct) >= 5:
                break

    def _add_near(self, s: Section, report: Report, where: str, add: object) -> None:
        """Those whom this sentence and the one before name."""
        assert callable(add)
        place = report.cue.first if report.cue else report.first
        number = s.sentence[place]
        begin = s.sentences[number][0]
        earlier = s.sentences[number - 1][0] if number else begin
        starts = [m.first for m in s.mentions]
        names = s.mentions[bisect_left(starts, earlier) : bisect_left(starts, place)]
        here = [m for m in names if m.first >= begin and m.entity_type in ("PERSON", "ORGANIZATION", "LOCATION")]
        for order, m in enumerate(here):
            tag = f"sentence|{m.entity_type}"
            side = "first" if order == 0 else "last" if order == len(here) - 1 else "between"
            opening = "opens" if m.first - begin <= 4 else "later"
            link = "proclitic" if m.proclitic.strip("وف") else "free"
            add(self.referents[m.entity_id], "sentence", tag, f"{tag}|{side}", f"{tag}|{side}|{where}", f"{tag}|{opening}|{link}", f"{tag}|{opening}|{where}")
        before = [m for m in names if m.first < begin and m.entity_type in ("PERSON", "ORGANIZATION")]
        for order, m in enumerate(before):
            tag = f"sentence before|{m.entity_type}"
            side = "first" if order == 0 else "last" if order == len(before) - 1 else "between"
            add(self.referents[m.entity_id], "sentence", tag, f"{tag}|{side}")

    def _agreement(self, s: Section, report: Report, referent: Referent, rule: str, where: str, mode: str, subject: tuple[str, str]) -> list[str]:
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
        if mode == PHRASE and rule not in ("name", "organisation", "phrase"):
            gender, number = subject
            if gender and referent.gender:
                out.append(f"{how}|same gender={gender == referent.gender}")
            if number and referent.number:
                out.append(f"{how}|same number={number == referent.number}")
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
