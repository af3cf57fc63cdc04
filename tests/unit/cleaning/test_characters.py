"""The policy for odd characters, row by row of its table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasd.arabic import fold_all
from rasd.cleaning.characters import clean_characters


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("سطر\r\nسطر\rسطر\x0bسطر\x0cسطر\x85سطر", "سطر\nسطر\nسطر\nسطر\nسطر\nسطر"),
        ("أول\u2028ثان\u2029ثالث", "أول ثان ثالث"),
        ("كلمة\t\u00a0 \u2003كلمة", "كلمة كلمة"),
        ("  كلمة  \n  كلمة  ", "كلمة\nكلمة"),
        ("كل\x00مة\x07\ufffd\ud800", "كلمة"),
        ("\u200fالقاهرة\u200e \u202bمصر\u202c \u2067x\u2069", "القاهرة مصر x"),
        ("مي\u200cخ\u200dوا\u200bهد\ufeff\u00ad", "ميخواهد"),
        ("ﻣﺼﺮ ﷲ ﷼", "مصر الله ريال"),
        ("ﷺ", "صلى الله عليه وسلم"),
        ("﴿آية﴾", "﴿آية﴾"),
        ("ا\u0653لا\u0654", "آلأ"),
        ("الســـلام عليــكم", "السلام عليكم"),
        ("بـ«سوريا» عام 1437 هـ", "بـ«سوريا» عام 1437 هـ"),
        ("لــــ CNN ـــ", "لـ CNN"),
        ("جدة ـ واس ــ وكالات", "جدة - واس - وكالات"),
        ("ـ بند\nـ بند\nــــــ\nنص ـ", "- بند\n- بند\n\nنص"),
        ("&quot;نص&quot; &amp;quot; &#1575;", '"نص" " ا'),
        ("R&D; AT&T", "R&D; AT&T"),
        ("قالَ «نعم» “لا” ١٢٣ ۴۵ 67 …", "قالَ «نعم» “لا” ١٢٣ ۴۵ 67 …"),
    ],
)
def test_policy(text: str, expected: str) -> None:
    assert clean_characters([text]) == [expected]


ODD = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from("\0\r\n\t\v\f\x85\u2028\u00a0\u200f\u200c\u200d\ufeffـبهاﷲﻣ\u0653\u0654\u0651\u064e&#;quotamp1575 \ud800"),
    ),
    max_size=60,
)


@given(st.lists(ODD, max_size=5))
def test_cleaning_clean_text_changes_nothing_and_texts_do_not_mix(texts: list[str]) -> None:
    once = clean_characters(texts)
    assert once == [clean_characters([text])[0] for text in texts]
    assert clean_characters(once) == once


@given(ODD)
def test_nothing_invisible_is_left(text: str) -> None:
    cleaned = clean_characters([text])[0]
    assert not set(cleaned) & set(
        "\0\r\t\v\f\x85\u2028\u2029\u00a0\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2066\u2069\ufeff\ufffd\ud800"
    )
    assert "  " not in cleaned
    cleaned.encode("utf-8")


def test_texts_made_to_keep_a_machine_busy_are_cut_short() -> None:
    """Each took time with the square of its length; a hundred thousand characters took minutes, and now take none."""
    stacked = "م" + "\u0651\u064e\u0301" * 100_000
    hebrew = "א" + "\u05b4\u05bc" * 100_000
    nested = "&" + "amp;" * 100_000 + " " + "&#5" * 50_000 + "&#49;" + ";" * 50_000
    for text in (stacked, hebrew, nested):
        cleaned = clean_characters([text])[0]
        assert len(fold_all([cleaned])[0]) <= len(text)
    assert len(clean_characters([stacked])[0]) == 31
    assert clean_characters(["&amp;amp;quot;"]) == ['"']
