"""Who said it: the speaker of every report, chosen among the candidates.

A log-linear model ranks the candidates by how they were found, agreement in gender and number, and how long ago they were last spoken of.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from rasd.extraction.quotes.candidates import HIDDEN, PHRASE, candidates, subject_before, subject_phrase
from rasd.extraction.quotes.cues import FINITE, word_set
from rasd.extraction.quotes.finder import Cue, Report
from rasd.extraction.quotes.model import LogLinear
from rasd.extraction.quotes.phrases import kind_of_head
from rasd.extraction.quotes.referents import Discourse, Referent
from rasd.extraction.quotes.sections import Section

_INTERVIEW_CONFIDENCE = 0.7
"""Answers of an interview; too few are annotated to calibrate."""


_SAID = ("name", "organisation", "phrase", "anaphor", "role")
"""Rules that find the one whom a subject phrase itself tells of."""

_TELLING = ("clause", "colon", "marks")
"""How reports are found whose cue stands before their words."""


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


def turn_kind(report: Report) -> str:
    return "attributive" if report.how == "attributive" else "reports"


class Resolver(Discourse):
    """Resolves the speakers of one article. Sections are added in the order in which they are to be resolved."""

    def __init__(self, judge: LogLinear, calibration: LogLinear) -> None:
        """Args: the models `speaker` and `confidence`."""
        super().__init__()
        self.judge = judge
        self.calibration = calibration

    def resolve(self, s: Section, reports: Sequence[Report], cues: Sequence[Cue], *, more: bool = True) -> list[Speaker]:
        """The speakers of the reports of one section, in the order of `reports`.

        Args:
            more: whether a section to come has reports; else nobody asks of whom this one speaks after its last report.
        """
        speakers: list[Speaker | None] = [None] * len(reports)
        by_cue: dict[int, Speaker] = {}
        reporting = {id(r.cue) for r in reports if r.cue is not None}
        places = [report.cue.first if report.cue else report.first for report in reports]
        self.hear(s, [(r.first, r.last) for r in reports if r.how in _TELLING])
        end = s.size if more else max(places, default=0)
        silent = [cue for cue in cues if cue.first < end and cue.reading.kind == FINITE and id(cue) not in reporting]
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
            if said_by is not None and report.how in _TELLING and report.last > until:
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
        phrase = subject_phrase(s, report)
        first, last, _ = phrase
        if first < 0 and cue.reading.conjunction:
            return
        if first >= 0 and not any(s.mention[k] >= 0 for k in range(first, last)) and kind_of_head(s.folds[first], False) == "other":
            return
        phrase = first, last, _ = subject_before(s, report, phrase)
        if first < 0 or (abs(first - cue.last) > 2 and abs(last - cue.first) > 2):
            return
        named = self.referents[s.mentions[s.mention[first]].entity_id] if s.mention[first] >= 0 else None
        if named is not None and len(named.words) > 1:
            referent = named
        elif found := candidates(self, s, report, phrase)[0]:
            said = [c for c in found if c[2] in _SAID] or found
            referent = max(said, key=lambda c: self.judge.score(c[1]))[0]
        else:
            return
        described = referent.entity_id is not None or kind_of_head(s.folds[first], s.mention[first] >= 0) in (
            "person_noun",
            "source",
            "office",
            "classifier",
            "document",
        )
        if described:
            self.remember(referent)
            self._learn_gender(s, cue, referent, doubtful=False)
            self.take_turn(s, referent, place, "silent")

    def _speaker(self, s: Section, report: Report) -> Speaker:
        if report.how == "interview":
            return self._interviewee(s, report)
        found, first, last, mode = candidates(self, s, report)
        place = report.cue.first if report.cue else report.first
        if not found:
            return Speaker()
        scores = [self.judge.score(features) for _, features, _ in found] if len(found) > 1 else [0.0]
        best = max(range(len(scores)), key=lambda k: scores[k])
        top = max(scores)
        probability = 1 / sum(math.exp(value - top) for value in scores)
        referent, _features, rule = found[best]
        if mode == HIDDEN and first >= 0:
            # The words before the verb are its subject where the speaker was found in them.
            mode = PHRASE if rule in _SAID else HIDDEN
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
        self.take_turn(s, referent, place, turn_kind(report))
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
        self.take_turn(s, referent, report.cue.first, "reports")
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
        self.remember(referent)
        if report.cue is not None and mode == PHRASE:
            self._learn_gender(s, report.cue, referent, doubtful=True)

    def _learn_gender(self, s: Section, cue: Cue, referent: Referent, *, doubtful: bool) -> None:
        """Take a person's gender from a verb: surely from one right before the name, `doubtful` from another one, too."""
        if not cue.reading.gender or referent.type != "PERSON":
            return
        named = cue.last
        while named < s.size and s.folds[named] in word_set("title"):
            named += 1
        number = s.mention[named] if named < s.size and cue.reading.kind == FINITE else -1
        sure = number >= 0 and self.referents[s.mentions[number].entity_id] is referent
        if sure or (doubtful and not referent.gender):
            referent.gender = cue.reading.gender
