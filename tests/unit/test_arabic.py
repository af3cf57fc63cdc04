"""Folding: what it does to each letter, and that it agrees with camel_tools."""

from __future__ import annotations

import json
import re
import subprocess
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rasd.arabic import (
    SENTENCE_END,
    WORD,
    code_points,
    fold,
    fold_all,
    fold_lines,
    sentence_counts,
    texts_of,
    word_counts,
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("أإآٱا", "ااااا"),
        ("مدرسةٌ على المرفأِ", "مدرسه علي المرفا"),
        ("مؤتمر بيئي", "موتمر بييي"),
        ("الســلام", "السلام"),
        ("١٢٣ ۴۵۶", "123 456"),
        ("کتاب فارسی", "كتاب فارسي"),
        ("«نعم»", "«نعم»"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold_all([text]) == [folded]


TEXTS = st.lists(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("أإآىةؤئـًَّ١۲…ﷲ½ \n"))), max_size=6)


@given(TEXTS)
def test_batches_fold_as_single_texts(texts: list[str]) -> None:
    whole = [unicodedata.normalize("NFKC", text) for text in texts]
    assert fold_all(texts) == [fold(text) for text in whole]
    assert fold_lines(texts) == [re.sub("[A-Z]", lambda m: m.group().lower(), fold(text)) for text in texts]


@given(TEXTS)
def test_code_points_and_back(texts: list[str]) -> None:
    assert texts_of(*code_points(texts)) == texts


@given(st.lists(st.text(alphabet="ابج دَّـ12.،\n_x"), max_size=5))
def test_words_are_counted_as_they_are_matched(texts: list[str]) -> None:
    assert word_counts(*code_points(texts)).tolist() == [len(WORD.findall(text)) for text in texts]


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("قال. ثم مضى", 1),
        ("قال د. سامي نعم. ثم", 1),
        ("ماذا؟! نعم", 1),
        ("«نعم.» ثم", 1),
        ("3.5 في المئة", 0),
        ("أ. ب", 0),
        ("سطر\n\nسطر", 1),
    ],
)
def test_sentence_ends(text: str, ends: int) -> None:
    assert len(SENTENCE_END.findall(text)) == ends


@given(st.lists(st.text(alphabet='اد.!؟…\n «»"”)(_١😀'), max_size=5))
def test_sentences_are_counted_as_they_are_matched(texts: list[str]) -> None:
    assert sentence_counts(*code_points(texts)).tolist() == [len(SENTENCE_END.findall(text)) + 1 for text in texts]


def chain(text: str) -> str:
    from camel_tools.utils.dediac import dediac_ar
    from camel_tools.utils.normalize import normalize_alef_ar, normalize_alef_maksura_ar, normalize_teh_marbuta_ar, normalize_unicode

    return normalize_teh_marbuta_ar(normalize_alef_maksura_ar(normalize_alef_ar(dediac_ar(normalize_unicode(text)))))  # type: ignore[no-any-return]


# What folding does beyond that chain.
BEYOND = str.maketrans(
    {
        **dict.fromkeys([*range(0x0610, 0x061B), *range(0x0653, 0x0660), 0x0640]),
        **{0x0660 + i: str(i) for i in range(10)},
        **{0x06F0 + i: str(i) for i in range(10)},
        ord("ؤ"): "و",
        ord("ئ"): "ي",
        ord("ی"): "ي",
        ord("ک"): "ك",
    }
)


@given(st.text(alphabet=st.sampled_from("ابأإآٱىةهويؤئءـًٌٍَُِّْٰ١۲3 …ﷲﻣﺼ½«»\n"), max_size=40))
@hypothesis_settings(deadline=None)  # importing camel_tools takes its time
def test_folding_is_camel_tools_chain_and_a_little_more(text: str) -> None:
    assert fold_all([text]) == [chain(text).translate(BEYOND)]


@pytest.mark.corpus
def test_folding_agrees_with_camel_tools_on_a_corpus(shared: Path) -> None:
    with subprocess.Popen(["zstdcat", str(shared / "corpus" / "antcorpus.jsonl.zst")], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        texts = [json.loads(line)["text"] for number, line in zip(range(3000), process.stdout, strict=False)]
        process.kill()
    assert fold_all(texts) == [chain(text).translate(BEYOND) for text in texts]
