"""A tagger of lexicons and triggers: the fallback that needs no model, and the measure that a model has to beat."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rasd.arabic import WORD
from rasd.extraction.backend import Name
from rasd.extraction.entities import gazetteer
from rasd.extraction.entities.words import key, splits

_LONGEST = 6
_PARTICLES = frozenset(map(key, ("بن", "بنت", "ابن", "آل", "أبو", "أبي", "عبد", "دي", "دو", "فان", "فون", "دا", "ولد", "أم", "لو", "بان")))
_STOP_WORDS = (
    "في من إلى على عن أن إن أنه إنه أنها إنها التي الذي الذين قال قالت وقال أكد أعلن بعد قبل مع بين خلال حول ضد أو أم ثم لا لم لن ما هو هي "
    "هم هذا هذه ذلك تلك كان كانت كما حيث حين عند عندما لكن كل بعض أمس اليوم غدا الاثنين الأحد الثلاثاء الأربعاء الخميس الجمعة السبت يوم "
    "عام إذ إذا قد ليس عبر منذ نحو حتى لدى سابقا إلا غير أي أكثر نفسه وقد وكان أيضا الماضي المقبل الجاري الحالي أضاف وأضاف وأكد"
)
_STOP = frozenset(map(key, _STOP_WORDS.split()))
_AFTER_TITLE_WORDS = "السابق السابقة الأسبق الراحل الراحلة العام العامة الحالي الجديد الجديدة المخلوع المنتخب الأعلى الدولي الأممي"
_AFTER_TITLE = frozenset(map(key, _AFTER_TITLE_WORDS.split()))


@lru_cache(1)
def _phrases() -> dict[tuple[str, ...], str]:
    """Entity type by the folded words of a name."""
    found: dict[tuple[str, ...], str] = {}
    for kind, lexicon in (
        ("LOCATION", gazetteer.countries()),
        ("LOCATION", gazetteer.places()),
        ("ORGANIZATION", gazetteer.organisations()),
    ):
        for name in lexicon:
            words = tuple(name.split())
            if sum(map(len, words)) > 2 and name not in gazetteer.doubtful():
                found.setdefault(words, kind)
    return found


def _bare(word: str) -> str:
    return word[2:] if word.startswith("ال") and len(word) > 4 else word


class RuleTagger:
    """Names from lexicons, persons after titles and given names, organisations after their first words."""

    name = "rules"
    version = "1"

    def __init__(self) -> None:
        self._phrases = _phrases()
        self._firsts = {words[0] for words in self._phrases}
        self._titles = gazetteer.title_words()
        self._heads = gazetteer.head_words()
        self._given = gazetteer.given_names()
        self._nationalities = gazetteer.nationalities()

    def tag(self, sentences: Sequence[Sequence[str]]) -> list[list[Name]]:
        return [self._sentence([key(word) for word in words]) for words in sentences]

    def _sentence(self, words: list[str]) -> list[Name]:
        names: list[Name] = []
        i = 0
        while i < len(words):
            kind, length = self._name_at(words, i)
            if length:
                names.append((i, i + length - 1, kind, 0.5))
            i += max(length, 1)
        return names

    def _name_at(self, words: list[str], i: int) -> tuple[str, int]:
        """Type and number of words of the name that begins at word i; length 0 for none."""
        for _, first in splits(words[i]):
            if _bare(first) in self._firsts:
                for length in range(min(_LONGEST, len(words) - i), 0, -1):
                    candidate = (_bare(first), *(_bare(word) for word in words[i + 1 : i + length]))
                    if candidate in self._phrases and (length > 1 or first not in self._nationalities):
                        return self._phrases[candidate], length
        for _, first in splits(words[i]):
            if self._heads.get(first) == "ORGANIZATION" and (length := self._organisation(words, i)):
                return "ORGANIZATION", length
            if first in self._given and not (first == words[i][1:] and words[i] in self._given):
                length = self._person(words, i)
                if length > 1:
                    return "PERSON", length
        if self._titled(words, i) and (length := self._person(words, i)):
            return "PERSON", length
        return "", 0

    def _organisation(self, words: list[str], i: int) -> int:
        end = i + 1
        while end < len(words) and end < i + 4 and words[end].startswith("ال") and len(words[end]) > 4:
            end += 1
        return end - i if end > i + 1 else 0

    def _titled(self, words: list[str], i: int) -> bool:
        """A title stands before word i, with nothing but nationalities and «السابق» between."""
        j = i - 1
        while j >= 0 and i - j < 5:
            for _, word in splits(words[j]):
                if self._titles.get(word) in ("honorific", "title"):
                    return words[i] not in self._nationalities and not words[i].startswith("ال")
            if words[j] not in self._nationalities and words[j] not in _AFTER_TITLE:
                return False
            j -= 1
        return False

    def _person(self, words: list[str], i: int) -> int:
        end = i
        names = 0
        while (end < len(words) and names < 2) or (end < len(words) and end > i and words[end - 1] in _PARTICLES):
            word = words[end]
            if not WORD.fullmatch(word) or word in _STOP or word in self._nationalities or word in self._titles or word[0].isdigit():
                break
            names += word not in _PARTICLES
            end += 1
        while end > i and words[end - 1] in _PARTICLES:
            end -= 1
        return end - i
