"""What the lexicons know of names: countries, places, organisations, persons and nationality adjectives, looked up by name key."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from babel import Locale

from rasd.arabic import WORD
from rasd.extraction.entities.words import key
from rasd.resources import lexicon

_COMPOUNDS = {"ابي": "ابو", "ابا": "ابو"}


@lru_cache(100_000)
def name_key(name: str) -> str:
    """The form under which two spellings of a name meet: folded words without article, «عبد الله» as one word, «أبي» as «أبو»."""
    words = [key(word) for word in WORD.findall(name)]
    out: list[str] = []
    for word in words:
        bare = word[2:] if word.startswith("ال") and len(word) > 4 else word
        if out and out[-1] == "عبد":
            out[-1] = "عبد" + word
        else:
            out.append(_COMPOUNDS.get(bare, bare) if len(words) > 1 else bare)
    return " ".join(out)


@dataclass(frozen=True, slots=True)
class Place:
    """A country or another place that a lexicon knows. `id` is "" for a name that stays open."""

    id: str
    name: str
    name_en: str
    country_code: str
    geonames_id: int | None = None


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation that the lexicon knows."""

    id: str
    name: str
    name_en: str
    country_code: str


def _list(cell: str) -> list[str]:
    return [value.strip().removeprefix("?") for value in cell.split(",") if value.strip()]


@lru_cache(1)
def doubtful() -> frozenset[str]:
    """Name keys that the lexicons mark with «?»: ordinary words too, or names of several things."""
    cells = [row[column] for row in (*lexicon("places"), *lexicon("organisations")) for column in ("name", "variants")]
    cells += [row["names"] for row in lexicon("countries")]
    return frozenset(name_key(value.strip()[1:]) for cell in cells for value in cell.split(",") if value.strip().startswith("?"))


@lru_cache(1)
def countries() -> dict[str, Place]:
    """Countries by name key: the names of the CLDR (through Babel) and those of the lexicon `countries`."""
    arabic, english = Locale("ar").territories, Locale("en").territories
    names: dict[str, list[str]] = {}
    for row in lexicon("countries"):
        names.setdefault(row["code"], []).extend(_list(row["names"]))
    found: dict[str, Place] = {}
    for code, name in arabic.items():
        if len(code) != 2 or code in ("EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"):
            continue
        known = names.get(code, [])
        place = Place(f"country:{code}", (known or [name])[0], english[code], code)
        for variant in [*known, name]:
            found.setdefault(name_key(variant), place)
    return found


@lru_cache(1)
def places() -> dict[str, Place]:
    """Places of the lexicon `places` by name key."""
    found: dict[str, Place] = {}
    for row in lexicon("places"):
        geonames_id = int(row["geonames_id"]) if row["geonames_id"] else None
        identity = f"geonames:{geonames_id}" if geonames_id else f"place:{row['name_en'].lower()}" if row["name_en"] else ""
        name = row["name"].removeprefix("?")
        place = Place(identity, name, row["name_en"], row["country_code"], geonames_id)
        for variant in [name, *_list(row["variants"])]:
            found.setdefault(name_key(variant), place)
    return found


@lru_cache(1)
def organisations() -> dict[str, Organisation]:
    """Organisations of the lexicon `organisations` by name key."""
    found: dict[str, Organisation] = {}
    for row in lexicon("organisations"):
        name = row["name"].removeprefix("?")
        organisation = Organisation(f"org:{row['id']}", name, row["name_en"], row["country_code"])
        for variant in [name, *_list(row["variants"])]:
            found.setdefault(name_key(variant), organisation)
    return found


@dataclass(frozen=True, slots=True)
class Person:
    """A person that the lexicon knows."""

    id: str
    name: str
    name_en: str
    field: str


@lru_cache(1)
def persons() -> tuple[dict[str, Person], dict[str, Person]]:
    """Persons of the lexicon `persons` by name key of their full names, and of the surnames that need no first name."""
    full: dict[str, Person] = {}
    alone: dict[str, Person] = {}
    for row in lexicon("persons"):
        person = Person(f"person:{row['id']}", row["name"], row["name_en"], row["field"])
        for variant in [row["name"], *_list(row["variants"])]:
            full.setdefault(name_key(variant), person)
        for alias in _list(row["aliases"]):
            alone.setdefault(name_key(alias), person)
    return full, alone


@lru_cache(1)
def nationalities() -> dict[str, str]:
    """Country codes by folded nationality adjective, in all its forms («سوري», «السورية», «سوريين» …)."""
    found: dict[str, str] = {}
    for row in lexicon("countries"):
        forms: set[str] = set()
        for adjective in map(key, _list(row["adjectives"])):
            first, _, second = adjective.partition(" ")
            if second:
                continue
            forms |= {first, first + "ه", first + "ين", first + "ون", first + "ات", first + "ان", first + "تين", first + "تان"}
        forms |= {key(plural) for plural in _list(row["plurals"])}
        for form in forms:
            found.setdefault(form, row["code"])
            found.setdefault("ال" + form, row["code"])
    return found


@lru_cache(1)
def title_words() -> dict[str, str]:
    """Class (honorific, title, office) by folded title word, with and without article."""
    found: dict[str, str] = {}
    for row in lexicon("titles"):
        found.setdefault(key(row["word"]), row["class"])
    for word, kind in list(found.items()):
        if kind == "office":
            found.setdefault("ال" + word, "title")
    return found


@lru_cache(1)
def title_fields() -> dict[str, str]:
    """Field (sport, art, state, arms, faith) by folded title word, where the title says it."""
    return {key(row["word"]): row["field"] for row in reversed(lexicon("titles")) if row["field"]}


@lru_cache(1)
def head_words() -> dict[str, str]:
    """Entity type by first word of a name («وزارة» → ORGANIZATION)."""
    return {key(row["word"]): row["type"] for row in reversed(lexicon("name_heads"))}


@lru_cache(1)
def given_names() -> dict[str, str]:
    """Script (native, foreign) by folded given name."""
    return {key(row["name"]): row["script"] for row in reversed(lexicon("given_names"))}
