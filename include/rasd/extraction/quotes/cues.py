"""Reporting expressions: every form of the verbs, participles and nouns that introduce speech.

The lexicon `reporting_verbs` holds a lemma a row with its present, participle and verbal noun; all other forms are made here: person,
gender, number, tense, passive, the accusative participle («مؤكدة»), and the noun with a pronoun («قوله»). Proclitics (و ف س ب) and object
pronouns («وصفها») are taken off when a word is looked up. Words are compared folded (`rasd.arabic.fold`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from rasd.arabic import fold
from rasd.resources import lexicon

FINITE, PARTICIPLE, NOUN, ATTRIBUTIVE = "finite", "participle", "noun", "attributive"
MASCULINE, FEMININE = "m", "f"
SINGULAR, DUAL, PLURAL = "s", "d", "p"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one form of a reporting word is. `gender` and `number` are those of its subject, "" where the form does not tell."""

    lemma: str
    cue_class: str
    polarity: str
    strong: bool
    kind: str
    person: int = 3
    gender: str = ""
    number: str = ""
    present: bool = False
    passive: bool = False
    conjunction: bool = False
    """Written together with و or ف."""
    future: bool = False
    jussive: bool = False
    """A short form that only a particle such as «لم» brings about («يقل», «يشر»)."""
    object_pronoun: bool = False


_ENCLITICS = ("هما", "هم", "هن", "ها", "ه", "نا", "ني")
_PRONOUN = {"ه": ("m", "s"), "ها": ("f", "s"), "هم": ("m", "p"), "هن": ("f", "p"), "هما": ("", "d"), "نا": ("", "p")}


def _is_hollow(past: str) -> bool:
    return len(past) >= 3 and past[-2] == "ا" and past[-1] not in "ايه"


def _past(past: str) -> list[tuple[str, int, str, str]]:
    """Forms of the past (folded) with person, gender, number."""
    if past[-1] in "اي":  # defective: نفى, دعا
        short = past[:-1]
        third = [(past, "m", "s"), (short + "ت", "f", "s"), (short + "وا", "m", "p"), (short + "يا", "m", "d"), (short + "تا", "f", "d")]
        return [(f, 3, g, n) for f, g, n in third] + [(short + "يت", 1, "", "s"), (short + "ينا", 1, "", "p"), (short + "ين", 3, "f", "p")]
    third = [(past, "m", "s"), (past + "ت", "f", "s"), (past + "وا", "m", "p"), (past + "ا", "m", "d"), (past + "تا", "f", "d")]
    base = past[:-2] + past[-1] if _is_hollow(past) else past
    return [(f, 3, g, n) for f, g, n in third] + [(base + "نا", 1, "", "p"), (base + "ن", 3, "f", "p")]


def _present(present: str) -> list[tuple[str, int, str, str]]:
    """Forms of the present (folded) with person, gender, number."""
    stem = present[1:]
    weak = stem[-1] in "يوا"
    plural = stem[:-1] if weak else stem
    return [
        ("ي" + stem, 3, "m", "s"), ("ت" + stem, 3, "f", "s"), ("ن" + stem, 1, "", "p"), ("ا" + stem, 1, "", "s"),
        ("ي" + plural + "ون", 3, "m", "p"), ("ي" + plural + "وا", 3, "m", "p"), ("ت" + plural + "ون", 2, "m", "p"),
        ("ي" + stem + "ان", 3, "m", "d"), ("ت" + stem + "ان", 3, "f", "d"), ("ي" + stem + "ن", 3, "f", "p"),
    ]  # fmt: skip


def _jussives(present: str) -> list[tuple[str, str]]:
    """Forms of the jussive (folded) that spelling tells from the present, with gender; all are singular."""
    stem = present[1:]
    if stem[-1] in "يوا":
        short = stem[:-1]
    elif len(stem) >= 3 and stem[-2] in "يوا":
        short = stem[:-2] + stem[-1]
    else:
        return []
    return [("ي" + short, "m"), ("ت" + short, "f")]


def _passives(past: str, present: str) -> tuple[str, str]:
    """The third person masculine of the passive, past and present, where spelling tells it from the active; else ""."""
    if past[-1] == "ا":
        return past[:-1] + "ي", present[:-1] + "ي"
    if _is_hollow(past):
        return past[:-2] + "ي" + past[-1], present[:-2] + "ا" + present[-1]
    if past[-1] == "ي":
        return "", present[:-1] + "ي" if present[-1] != "ي" else ""
    return "", ""


@lru_cache
def word_set(name: str) -> frozenset[str]:
    """The folded words of one set of the lexicon `quote_words`."""
    return frozenset(fold(word) for row in lexicon("quote_words") if row["set"] == name for word in row["words"].split())


@lru_cache(maxsize=1)
def _forms() -> dict[str, tuple[Reading, ...]]:
    table: dict[str, list[Reading]] = {}

    def put(form: str, reading: Reading) -> None:
        readings = table.setdefault(form, [])
        if all((r.kind, r.lemma) != (reading.kind, reading.lemma) for r in readings):
            readings.append(reading)

    rows = lexicon("reporting_verbs")
    for row in rows:
        base = Reading(row["lemma"], row["class"], row["polarity"], row["frame"] == "strong", FINITE)
        past, present = fold(row["lemma"]), fold(row["present"])
        for form, person, gender, number in _past(past):
            put(form, replace(base, person=person, gender=gender, number=number))
        for form, person, gender, number in _present(present):
            put(form, replace(base, person=person, gender=gender, number=number, present=True))
        for form, gender in _jussives(present):
            put(form, replace(base, gender=gender, number="s", present=True, jussive=True))
    for row in rows:
        base = Reading(row["lemma"], row["class"], row["polarity"], row["frame"] == "strong", FINITE)
        for form, is_present in zip(_passives(fold(row["lemma"]), fold(row["present"])), (False, True), strict=True):
            if form:
                put(form, replace(base, passive=True, present=is_present, gender="m", number="s"))
                feminine = "ت" + form[1:] if is_present else form + "ت"
                put(feminine, replace(base, passive=True, present=is_present, gender="f", number="s"))
        base = replace(base, kind=PARTICIPLE)
        participle = row["participle"]
        if participle and participle != "-":
            stem = fold(participle)
            if row["lemma"][-1] in "ىا" and stem[-1] not in "يه":
                stem += "ي"
            for ending, gender, number in (("ا", "m", "s"), ("ه", "f", "s"), ("ين", "m", "p"), ("تين", "f", "d"), ("ات", "f", "p")):
                put(
                    stem[:-1] + ending if stem.endswith("ي") and ending == "ين" else stem + ending,
                    replace(base, gender=gender, number=number),
                )
        if row["noun"]:
            noun = row["noun"]
            stem = fold(noun)
            bound = stem[:-1] + "ت" if noun.endswith("ة") else stem
            base = replace(base, kind=NOUN)
            for pronoun, (gender, number) in _PRONOUN.items():
                put(bound + pronoun, replace(base, gender=gender, number=number))
            put("بال" + stem, base)
            put(stem, base)
            put("ال" + stem, base)
    return {form: tuple(readings) for form, readings in table.items()}


@lru_cache(maxsize=100_000)
def readings(folded: str) -> tuple[Reading, ...]:
    """What a folded word can be as a reporting word; the likeliest first, () for none."""
    forms = _forms()
    if found := forms.get(folded):
        if found[0].kind == NOUN and found[0].number and found[0].lemma != "قال":
            return (*_with_object(folded), *found)  # «وصفها» is more often a verb than a noun
        return found
    if len(folded) < 3:
        return ()
    first = folded[0]
    if first in "وف" and (found := readings(folded[1:])):
        return tuple(replace(r, conjunction=True) for r in found if not r.conjunction)
    if first == "س" and (found := tuple(replace(r, future=True) for r in forms.get(folded[1:], ()) if r.present and not r.jussive)):
        return found
    if first == "ب" and (found := tuple(r for r in forms.get(folded[1:], ()) if r.kind == NOUN)):
        return found
    if first == "ل" and (found := tuple(r for r in forms.get(folded[1:], ()) if r.present)):
        return found
    return _with_object(folded)


@lru_cache(maxsize=100_000)
def is_finite(folded: str) -> bool:
    """Whether a folded word can be a finite verb of the lexicon."""
    return any(reading.kind == FINITE for reading in readings(folded))


def _with_object(folded: str) -> tuple[Reading, ...]:
    """Readings as a verb with an object pronoun («وصفها»)."""
    if not folded.endswith(_ENCLITICS):
        return ()
    forms = _forms()
    for enclitic in _ENCLITICS:
        if folded.endswith(enclitic) and len(folded) > len(enclitic) + 2:
            stem = folded[: -len(enclitic)]
            for form in (stem, stem[:-1] + "ي" if stem[-1] == "ا" else stem, stem + "ا" if stem[-1] == "و" else stem):
                if form in forms and (found := tuple(replace(r, object_pronoun=True) for r in forms[form] if r.kind == FINITE)):
                    return found
    return ()
