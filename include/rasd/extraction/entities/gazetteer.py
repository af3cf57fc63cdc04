"""What the lexicons know of names: countries, places, organisations, persons and nationality adjectives, looked up by name key."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from babel import Locale

from rasd.arabic import WORD
from rasd.extraction.entities.words import key
from rasd.resources import lexicon

_NO_COUNTRIES = frozenset(("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"))
"""Two-letter codes of the CLDR that ISO 3166-1 does not assign."""

_COMPOUNDS = {"ابي": "ابو", "ابا": "ابو"}


@lru_cache(100_000)
def name_key(name: str) -> str:
    """The form under which two spellings of a name meet: folded words without article, «عبد الله» as one word, «أبي» as «أبو».

    The «أل» of «ألباريس» and the «ال» of a foreign given name («الكسندر») are no articles.
    """
    out: list[str] = []
    for raw in WORD.findall(name):
        word = key(raw)
        article = word.startswith("ال") and len(word) > 4 and not raw.startswith("أل") and word not in given_names()
        bare = word[2:] if article else word
        if out and out[-1] == "عبد":
            out[-1] = "عبد" + word
        else:
            out.append(_COMPOUNDS.get(bare, bare))
    return " ".join(out)


def lexicon_keys(names: list[str]) -> list[str]:
    """Name keys of a lexicon's names, and of those with «أل» also as many write them, with «ال»."""
    return list(dict.fromkeys(name_key(variant) for name in names for variant in (name, name.replace("أل", "ال"))))


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
def first_words() -> frozenset[str]:
    """Folded first words of the names in all lexicons, with their articles, and given names."""
    cells = [row[column] for name in ("places", "organisations") for row in lexicon(name) for column in ("name", "variants")]
    cells += [row["names"] for row in lexicon("countries")]
    cells += [row[column] for row in lexicon("persons") for column in ("name", "variants", "aliases")]
    cells += [row[column] for name, column in (("given_names", "name"), ("name_heads", "word")) for row in lexicon(name)]
    names = [name for cell in cells for name in _list(cell)] + [name for code, name in Locale("ar").territories.items() if len(code) == 2]
    firsts = {key(name.split()[0]) for name in names}
    return frozenset(firsts | {"ال" + key(row["word"]) for row in lexicon("name_heads")})


@lru_cache(1)
def countries() -> dict[str, Place]:
    """Countries by name key: the names of the CLDR (through Babel) and those of the lexicon `countries`."""
    arabic, english = Locale("ar").territories, Locale("en").territories
    names: dict[str, list[str]] = {}
    for row in lexicon("countries"):
        names.setdefault(row["code"], []).extend(_list(row["names"]))
    found: dict[str, Place] = {}
    for code, name in arabic.items():
        if len(code) != 2 or code in _NO_COUNTRIES:
            continue
        known = names.get(code, [])
        place = Place(f"country:{code}", (known or [name])[0], english[code], code)
        for variant in lexicon_keys([*known, name]):
            found.setdefault(variant, place)
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
        for variant in lexicon_keys([name, *_list(row["variants"])]):
            found.setdefault(variant, place)
    return found


@lru_cache(1)
def organisations() -> dict[str, Organisation]:
    """Organisations of the lexicon `organisations` by name key."""
    found: dict[str, Organisation] = {}
    for row in lexicon("organisations"):
        name = row["name"].removeprefix("?")
        organisation = Organisation(f"org:{row['id']}", name, row["name_en"], row["country_code"])
        for variant in lexicon_keys([name, *_list(row["variants"])]):
            found.setdefault(variant, organisation)
    return found


@lru_cache(1)
def long_names() -> dict[tuple[str, ...], str]:
    """Entity type by the words of names of several words that name one thing wherever they stand («الشرق الأوسط»).

    Variants need three words, because shorter ones are often descriptions too («القارة الأوروبية»), and must not begin with the kind of
    thing («صحيفة وول ستريت جورنال»). A name of a place and of an organisation is taken for the place.
    """
    found: dict[tuple[str, ...], str] = {}
    for lexicon_name, kind in (("organisations", "ORGANIZATION"), ("places", "LOCATION")):
        for row in lexicon(lexicon_name):
            names = [row["name"].split(), *(variant.split() for variant in row["variants"].split(","))]
            for position, words in enumerate(names):
                descriptive = position > 0 and (len(words) < 3 or key(words[0]) in head_words())
                if len(words) > 1 and not descriptive and not words[0].startswith("?"):
                    found[tuple(words)] = kind
    names = [name.split() for row in lexicon("countries") for name in row["names"].split(",")]
    return found | {tuple(words): "LOCATION" for words in names if len(words) > 1 and not words[0].startswith("?")}


@lru_cache(1)
def short_places() -> frozenset[str]:
    """Folded names of one word, with their articles, of countries and places that are no other words."""
    names = [row["name"] for row in lexicon("places")] + [name.strip() for row in lexicon("countries") for name in row["names"].split(",")]
    return frozenset(key(name) for name in names if name and " " not in name and not name.startswith("?"))


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
        for variant in lexicon_keys([row["name"], *_list(row["variants"])]):
            full.setdefault(variant, person)
        for alias in lexicon_keys(_list(row["aliases"])):
            alone.setdefault(alias, person)
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
