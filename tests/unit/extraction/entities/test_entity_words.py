"""Forms of words: keys, proclitics, stems, name keys, and the place where a name begins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasd.arabic import fold
from rasd.extraction.entities.gazetteer import lexicon_keys, name_key, nationalities
from rasd.extraction.entities.mentions import is_nationality
from rasd.extraction.entities.proclitics import Splitter, letters_to_offset
from rasd.extraction.entities.vocabulary import count
from rasd.extraction.entities.words import cached_fold, cached_key, key, splits, stem, with_proclitics

LETTERS = st.text(alphabet="ابتوفكلمنيه", min_size=1, max_size=9)


@given(LETTERS)
def test_splits_keep_every_letter(word: str) -> None:
    for proclitics, rest in splits(word):
        hidden_article = not word.endswith(rest)
        assert proclitics + (rest[1:] if hidden_article else rest) == word
        assert not hidden_article or (proclitics.endswith("ل") and rest.startswith("ال"))


@given(LETTERS.filter(lambda word: len(word) > 4))
def test_splits_take_apart_what_with_proclitics_puts_together(word: str) -> None:
    for form in with_proclitics(word):
        assert word in [rest for _, rest in splits(form)]


@given(st.text(alphabet="ولبَ\u200fـسا", min_size=1, max_size=10))
def test_an_offset_covers_the_letters_and_their_signs(word: str) -> None:
    letters = len(key(word))
    for n in range(letters + 1):
        offset = letters_to_offset(word, n)
        assert len(key(word[:offset])) == n
        assert len(key(word[offset:])) == letters - n


BEGINS = {
    "LOCATION": {
        "وموسكو": 1, "بسوريا": 1, "للسعوديه": 1, "للندن": 1, "ولليمن": 2, "وبباريس": 2, "لبنان": 0, "بيروت": 0, "فلسطين": 0, "كندا": 0,
        "واشنطن": 0, "وواشنطن": 1, "والقاهره": 1, "بالقاهره": 1,
    },
    "PERSON": {"وليد": 0, "بوتين": 0, "وبوتين": 1, "كيري": 0, "وكيري": 1, "لافروف": 0, "فلاديمير": 0, "بشار": 0},
    "ORGANIZATION": {"وزاره": 0, "ووزاره": 1, "لوزاره": 1, "فرقه": 0, "كتايب": 0, "فيسبوك": 0, "لداعش": 1},
}  # fmt: skip


@pytest.mark.parametrize(("kind", "word", "letters"), [(kind, *item) for kind, words in BEGINS.items() for item in words.items()])
def test_where_a_name_begins(kind: str, word: str, letters: int) -> None:
    assert Splitter(count).cut(word, kind) == letters


@pytest.mark.parametrize(("word", "letters"), [("وزرنباد", 1), ("ورزازات", 0), ("بزرنباد", 1)])
def test_a_city_is_evidence_for_what_stands_before_it(word: str, letters: int) -> None:
    splitter = Splitter(lambda word: 10 * word.startswith(("و", "ب")), {"زرنباد", "ورزازات", "رزازات"})
    assert splitter.cut(word, "LOCATION") == letters
    assert splitter.cut(word, "PERSON") == 0


def test_an_article_hides_in_a_doubled_lam() -> None:
    splitter = Splitter(count)
    assert splitter.hides_article("للسعوديه", 1)
    assert splitter.hides_article("وللعراق", 2)
    assert not splitter.hides_article("للندن", 1)
    assert not splitter.hides_article("لسوريا", 1)


def test_another_name_of_the_article_is_evidence() -> None:
    splitter = Splitter(lambda word: 0)
    assert splitter.cut("لشنواح", "PERSON") == 0
    assert splitter.cut("لشنواح", "PERSON", {"شنواح"}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("عبد الله صالح", "عبدالله صالح"), ("أبي بكر", "ابو بكر"), ("القاهرة", "قاهره"), ("الأمم  المتحدة", "الامم المتحده"),
        ("كيم جونغ-أون", "كيم جونغ أون"), ("داعش", "«داعش»"),
    ],
)  # fmt: skip
def test_spellings_meet_in_a_name_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


def test_an_article_is_cut_and_the_first_letters_of_a_name_are_not() -> None:
    assert name_key("ألباريس") != name_key("باريس")
    assert name_key("الكسندر") == name_key("ألكسندر")
    assert set(lexicon_keys(["ألمانيا"])) == {name_key("ألمانيا"), name_key("المانيا")}


def test_nationalities_in_all_forms() -> None:
    forms = {"سوري", "السوريه", "سوريين", "الروس", "الامريكي", "الاميركيه", "اتراك"}
    assert {form: nationalities()[form] for form in forms} == {
        "سوري": "SY", "السوريه": "SY", "سوريين": "SY", "الروس": "RU", "الامريكي": "US", "الاميركيه": "US", "اتراك": "TR",
    }  # fmt: skip
    assert "الماليه" not in nationalities()
    assert is_nationality("السوري")
    assert not is_nationality("سوريه")


def test_a_stem_needs_a_frequent_rest() -> None:
    counts = {"وليد": 50, "ليد": 1, "وموسكو": 5, "موسكو": 100, "السوريين": 20}
    assert stem("وليد", lambda word: counts.get(word, 0)) == "وليد"
    assert stem("وموسكو", lambda word: counts.get(word, 0)) == "موسكو"
    assert stem("والسوريين", lambda word: counts.get(word, 0)) == "سوريين"


@given(st.text(max_size=12))
def test_what_is_remembered_is_what_is_computed(word: str) -> None:
    assert (cached_fold(word), cached_key(word)) == (fold(word), key(word))
    assert (cached_fold(word), cached_key(word)) == (fold(word), key(word))
