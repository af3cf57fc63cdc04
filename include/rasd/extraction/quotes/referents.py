"""Who can speak: the people and bodies of an article, how it describes them, and who has spoken so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rasd.arabic import fold
from rasd.extraction.entities.gazetteer import nationalities
from rasd.extraction.quotes.cues import FINITE, PARTICIPLE, is_finite, readings, word_set
from rasd.extraction.quotes.finder import COMPLEMENTISERS, DASHES
from rasd.extraction.quotes.phrases import GOVERNING, STOPS_BACKWARD, bare, gender_and_number, given_names, is_attached, is_person_word
from rasd.extraction.quotes.sections import COLON, COMMA, STOP, WORD, Mention, Section

_MOST_ROLES = 12
"""Descriptions kept of one entity."""

_TITLES = ("title", "person_title", "person_noun", "kin", "classifier", "office")


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
    nations: set[str] = field(default_factory=set)
    """Codes of the countries whose adjectives stand beside its mentions («الوزير الروسي»)."""
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


@lru_cache(maxsize=100_000)
def _may_be_surname(word: str) -> bool:
    """Whether a folded word, after a given name, can be the surname: no function word, verb or office."""
    return (
        len(word) > 2
        and word[0].isalpha()
        and word not in GOVERNING
        and word not in COMPLEMENTISERS
        and word not in STOPS_BACKWARD
        and not readings(word)
        and not is_attached(word)
        and not any(word in word_set(name) or bare(word) in word_set(name) for name in (*_TITLES, "phrase_end", "venue", "source"))
    )


def _name_before(s: Section, k: int) -> int:
    """Where the name that ends with the token begins, if a given name, a title or commas around it tell; else -1."""
    first = k - 1
    if s.folds[first] in word_set("on_behalf"):
        return -1
    if s.folds[first] in given_names():
        return first - 1 if first and (s.folds[first - 1] in given_names() or s.folds[first - 1] == "عبد") else first
    if first and not s.folds[first].startswith("ال") and _may_be_surname(s.folds[first]):
        between = s.kinds[first - 1] == COMMA and k + 1 < s.size and s.kinds[k + 1] == COMMA
        if between or (s.mention[first - 1] < 0 and is_person_word(s.folds[first - 1])):
            return first
    return -1


@lru_cache(maxsize=50_000)
def _bare_words(text: str) -> tuple[str, ...]:
    """The words of a name or a role, folded and bare."""
    return tuple(bare(fold(word)) for word in text.split())


@lru_cache(1)
def _nouns_for_people() -> frozenset[str]:
    return word_set("person_noun") | word_set("person_title")


def _gender_of_titles(words: Sequence[str]) -> str:
    """Gender of a person by the titles beside the name («الوزيرة», «رئيس»); "" where they disagree or there are none."""
    found = {"f" if word.endswith(("ه", "ات")) else "m" for word in words if word in _nouns_for_people()}
    return found.pop() if len(found) == 1 else ""


class Discourse:
    """What is known of the speakers of one article. Take in all its sections before resolving any."""

    def __init__(self) -> None:
        self.referents: dict[str, Referent] = {}
        """Entities by id."""
        self.phrases: list[Referent] = []
        """Descriptions that spoke («مصدر أمني»), in the order in which they did first."""
        self.phrase_of: dict[str, Referent] = {}
        self.described: dict[str, list[Referent]] = {}
        """Entities by the bare words that stand beside their mentions."""
        self.turns: list[Turn] = []
        self.base: dict[str, int] = {}
        """By section: the number of its first token in the article."""
        self.size = 0
        self.sentence_base: dict[str, int] = {}
        self.sentence_count = 0
        self._told: list[tuple[int, int]] = []
        self._told_at: list[int] = []
        self._sections: list[Section] = []
        self._full_names: dict[str, str] = {}
        self.inside = False
        """Whether the cue at hand stands inside what somebody else says."""

    def read(self, s: Section) -> None:
        """Take in the entities of a section and how they are described. Call it for all sections before resolving any."""
        self.base[s.name], self.sentence_base[s.name] = self.size, self.sentence_count
        self._sections.append(s)
        self.size += s.size
        self.sentence_count += len(s.sentences)
        nations = nationalities()
        for m in s.mentions:
            referent = self.referents.get(m.entity_id)
            if referent is None:
                words = frozenset(_bare_words(m.name))
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
                nearby = [*self._beside(s, m), *_bare_words(m.role)]
                if m.entity_type == "PERSON" and not referent.gender:
                    referent.gender = _gender_of_titles(nearby)
                beside = referent.words.union(nearby)
                if len(referent.roles) < _MOST_ROLES and beside not in referent.roles:
                    referent.roles.append(beside)
                    for word in beside:
                        if word in nations:
                            referent.nations.add(nations[word])
                        entities = self.described.setdefault(word, [])
                        if not entities or entities[-1] is not referent:
                            entities.append(referent)

    def hear(self, s: Section, told: Sequence[tuple[int, int]]) -> None:
        """Take in which tokens of the section at hand are what somebody says."""
        self._told = sorted(told, key=lambda span: (span[0], -span[1]))
        self._told_at = [-1] * s.size
        for number, (first, last) in enumerate(self._told):
            self._told_at[first:last] = [number] * (last - first)

    def is_told(self, token: int, place: int) -> bool:
        """Whether the token belongs to somebody's words that end before `place`."""
        number = self._told_at[token]
        return number >= 0 and not self._told[number][0] <= place < self._told[number][1]

    def full_name(self, surname: str) -> str:
        """The name that the article gives to one whom it then calls by his folded surname («كامل الهنداوي … قال الهنداوي»); "" for none."""
        if surname not in self._full_names:
            self._full_names[surname] = self._find_full_name(surname) if _may_be_surname(surname) else ""
        return self._full_names[surname]

    def _find_full_name(self, surname: str) -> str:
        for s in self._sections:
            k = 0
            for _ in range(s.folds.count(surname) - (s.folds[:1] == [surname])):
                k = s.folds.index(surname, k + 1)
                first = _name_before(s, k) if s.sentence[k] == s.sentence[k - 1] else -1
                if first >= 0:
                    return " ".join(s.words[first : k + 1])
        return ""

    def _is_cut(self, s: Section, m: Mention) -> bool:
        """Whether the given name before a mention belongs to it («علي» of «رئيس اللجنة، علي أكبر …»)."""
        k = m.first - 1
        if k < 0 or s.mention[k] >= 0 or m.proclitic or s.words[k] in m.name.split() or s.folds[k] in word_set("on_behalf"):
            return False
        if s.folds[k] not in given_names():
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
                or s.words[k] in DASHES
                or word in COMPLEMENTISERS
                or word in word_set("attributive")
                or (word in STOPS_BACKWARD and word not in ("في",))
                or (not word.startswith("ال") and is_finite(word))
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
                and s.folds[k] not in STOPS_BACKWARD
            ):
                if s.mention[k] >= 0 and s.mentions[s.mention[k]].entity_type == "PERSON":
                    break
                if s.folds[k] in word_set("phrase_end"):
                    break
                if not s.folds[k].startswith("ال") and any(r.kind in (FINITE, PARTICIPLE) for r in readings(s.folds[k])):
                    break
                out.append(bare(s.folds[k]))
                k += 1
        elif m.last < s.size and s.folds[m.last].startswith("ال") and s.mention[m.last] < 0:
            out += [bare(s.folds[k]) for k in range(m.last, min(s.size, m.last + 3)) if s.folds[k].startswith("ال")]
        return out

    def take_turn(self, s: Section, referent: Referent, place: int, kind: str) -> None:
        kind = "inside" if self.inside else kind
        self.turns.append(Turn(referent, self.base[s.name] + place, self.sentence_base[s.name] + s.sentence[place], kind))

    def remember(self, referent: Referent) -> None:
        """A description can be taken up later («المصدر»)."""
        if referent.entity_id is None and referent.name not in self.phrase_of:
            self.phrases.append(referent)
            self.phrase_of[referent.name] = referent
