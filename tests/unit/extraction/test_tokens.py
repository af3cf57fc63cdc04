"""Tokens and sentences keep their place in the text, whatever the text."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from rasd.arabic import DIACRITICS
from rasd.extraction.tokens import sentence_ends, tokenise

ARABIC = st.text(alphabet='ابتوسفكلمن ي ةى.،؟!«»"()\n#_ًَـ1٢ Aé\u200f', max_size=200)


@given(st.one_of(ARABIC, st.text(max_size=100)))
def test_every_token_is_the_text_at_its_place(text: str) -> None:
    tokens = tokenise(text)
    assert [text[s:e] for s, e in zip(tokens.starts, tokens.ends, strict=True)] == tokens.words
    assert all(a <= b for a, b in zip(tokens.ends, tokens.starts[1:], strict=False))
    assert tokens.sentences == sorted(tokens.sentences)


@given(ARABIC)
def test_tokens_leave_out_nothing_but_white_space_and_format_marks(text: str) -> None:
    assert "".join(tokenise(text).words) == "".join(text.split()) or "\u200f" in text


@given(st.one_of(ARABIC, st.text(max_size=100)))
def test_a_token_is_a_run_of_letters_and_diacritics_or_one_mark(text: str) -> None:
    assert tokenise(text).words == re.findall(rf"(?:[^\W_]|[{DIACRITICS}])+|\S", text)


@given(ARABIC)
def test_sentence_ends_are_sorted_and_cover_the_text(text: str) -> None:
    ends = sentence_ends(text)
    assert ends == sorted(set(ends))
    assert not text[ends[-1] :].strip() if ends else not text


def test_a_hashtag_is_read_as_its_words() -> None:
    assert tokenise("#منى_سالم تفوز").words == ["#", "منى", "_", "سالم", "تفوز"]


def test_the_dot_of_an_initial_ends_no_sentence() -> None:
    assert set(tokenise("قال د. سامي إنه راض.").sentences) == {0}


def test_a_full_stop_and_a_line_break_end_sentences() -> None:
    assert tokenise("وصل الوفد. غادر الوفد\nانتهى").sentences == [0, 0, 0, 1, 1, 2]


def test_diacritics_belong_to_their_word() -> None:
    assert tokenise("عُمَان").words == ["عُمَان"]


def test_a_full_stop_at_the_end_of_a_line_ends_one_sentence_not_two() -> None:
    text = "انتهى الاجتماع.\nوغادر الوفد."
    assert sorted(set(tokenise(text).sentences)) == [0, 1]
    assert len(sentence_ends(text)) == 2
