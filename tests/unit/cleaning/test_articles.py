"""`clean_files`: rows, rejects, ids, and that nothing raises."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rasd.cleaning import articles, clean_files
from rasd.cleaning.duplicates import SIGNATURE_TYPE
from rasd.schema import ARTICLES, LANDED_FILES, REJECTS
from rasd.settings import Settings
from tests.unit.cleaning.files import Clean, landed

TITLE = "ورشة في حي قديم تصنع الساعات"
BODY = (
    "قال صاحب الورشة إن العمل بدأ قبل عشرين عاما، وأضاف أن الزبائن يأتون من كل المدن.\n"
    "وكان الحي قد شهد في العام 1998 إغلاق أكثر من ورشة. لكن هذه بقيت على حالها."
)
LATER = ("copies", "near_duplicate_cluster", "entity_count", "quote_count", "ingested_on", "article_date", "extractor_version")


def test_an_article_is_a_row_with_everything_that_cleaning_knows(clean: Clean) -> None:
    cleaned = clean({"press/2016-08-31_x.txt": f"{TITLE}\n\nكتب: سامي الحاج\n{BODY}\nالمصدر: وكالات\n"})
    assert cleaned.articles.schema.equals(ARTICLES.arrow)
    assert cleaned.rejects.num_rows == 0
    assert cleaned.signatures.type == SIGNATURE_TYPE
    assert len(cleaned.signatures) == 1
    row = cleaned.articles.to_pylist()[0]
    assert [name for name in LATER if row[name] is not None] == []
    assert (row["source_id"], row["source_uri"], row["source_encoding"]) == ("press", "press/2016-08-31_x.txt", "utf-8")
    assert (row["title"], row["byline"], row["source_credit"]) == (TITLE, "سامي الحاج", "وكالات")
    assert row["text"] == BODY
    assert row["text_normalized"].startswith("قال صاحب الورشه ان العمل بدا قبل عشرين عاما")
    assert (row["paragraph_count"], row["sentence_count"], row["character_count"]) == (2, 3, len(BODY))
    assert row["word_count"] == len(BODY.split())
    assert row["arabic_ratio"] == 1.0
    assert (row["language"], str(row["published_date"]), row["published_source"]) == ("ar", "2016-08-31", "file_name")


def test_rows_keep_the_order_of_the_files_and_rejects_say_why(clean: Clean) -> None:
    files = {
        "a.txt": f"{TITLE}\n\n{BODY}",
        "b.txt": b"",
        "c.txt": b"%PDF-1.4\n\x00",
        "d.txt": "The quick brown fox jumps over the lazy dog and runs to the river in the valley of the kings.",
        "e.txt": "خبر قصير",
        "f.txt": f"{TITLE}\n\n{BODY}".encode("cp1256"),
        "g.txt": "\u200f\u200b\ufeff",
    }
    cleaned = clean(files)
    assert cleaned.articles["source_uri"].to_pylist() == ["a.txt", "f.txt"]
    assert cleaned.articles["source_encoding"].to_pylist() == ["utf-8", "windows-1256"]
    assert cleaned.rejects.schema.equals(REJECTS.arrow)
    rejects = [(r["source_uri"], r["stage"], r["reason"]) for r in cleaned.rejects.to_pylist()]
    assert rejects == [
        ("b.txt", "landing", "empty_file"),
        ("c.txt", "landing", "not_text"),
        ("d.txt", "cleaning", "not_arabic"),
        ("e.txt", "cleaning", "too_short"),
        ("g.txt", "cleaning", "not_arabic"),
    ]
    assert json.loads(cleaned.rejects["details"].to_pylist()[3]) == {"words": 2, "least": 5}
    assert all(cleaned.rejects["message"].to_pylist())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1256"])
def test_the_id_is_the_contents_alone(clean: Clean, encoding: str) -> None:
    text = f"{TITLE}\n\n{BODY}"
    variants = {"a.txt": text, "b.txt": text.encode(encoding), "c.txt": text.replace("\n", "\r\n"), "d.txt": text.replace("ال", "ا\u200fل")}
    assert len(set(clean(variants).articles["article_id"].to_pylist())) == 1
    assert clean({"a.txt": text}, source_id="other").articles["article_id"] == clean({"z.txt": text}).articles["article_id"]
    other = clean({"a.txt": text.replace("1998", "1999"), "b.txt": text.replace(TITLE, "عنوان آخر للورشة")})
    assert len({*other.articles["article_id"].to_pylist(), *clean({"a.txt": text}).articles["article_id"].to_pylist()}) == 3


def test_id_is_the_same_on_every_machine() -> None:
    texts = pa.array(["نص آخر", "نص", "سطر\nآخر", "سطر آخر"])
    ids = articles.article_ids(["", "عنوان", "عنوان", "عنوان"], texts)
    assert ids[1] == "c754326574185b36c47e25ebee1c0b46"
    assert ids[2] == ids[3]
    assert articles.article_ids(["عنوان"], texts.slice(1, 1)) == ids[1:2]
    assert articles.article_ids([], texts.slice(0, 0)) == []


def test_batches_do_not_show(clean: Clean, monkeypatch: pytest.MonkeyPatch) -> None:
    files: dict[str, str | bytes] = {f"{i}.txt": f"{TITLE} {i}\n\n{BODY} والرقم {i} آخر ما كتب." for i in range(40)}
    files["x.txt"] = b""
    whole = clean(files)
    monkeypatch.setattr(articles, "_BATCH", 7)
    pieces = clean(files)
    assert whole.articles.equals(pieces.articles)
    assert whole.rejects.equals(pieces.rejects)
    assert whole.signatures.equals(pieces.signatures)


def test_sidecar(clean: Clean) -> None:
    text = f"{TITLE}\n\n{BODY}"
    sidecars = {"a.txt": json.dumps({"author": "منى سليم", "published_at": "2017-11-08"}), "b.txt": "{broken", "c.txt": "[1]"}
    cleaned = clean(dict.fromkeys(sidecars, text), sidecars=sidecars)
    assert cleaned.articles["byline"].to_pylist() == ["منى سليم"]
    assert cleaned.rejects["reason"].to_pylist() == ["sidecar_invalid", "sidecar_invalid"]


def test_characters_of_a_sidecar_are_cleaned(clean: Clean) -> None:
    """A lone surrogate, which JSON can hold and no column can, stops neither its file nor the others."""
    sidecar = '{"title": "عنوان \\ud800في\\nسطرين", "author": "\\udc80", "category": "", "published_at": 7}'
    cleaned = clean({"a.txt": f"{TITLE}\n\n{BODY}", "b.txt": f"{TITLE}\n\n{BODY}"}, sidecars={"a.txt": sidecar})
    assert cleaned.articles["title"].to_pylist() == ["عنوان في سطرين", TITLE]
    assert cleaned.articles["byline"].to_pylist() == [None, None]


def test_an_error_of_ours_is_a_reject_of_that_file_alone(clean: Clean, monkeypatch: pytest.MonkeyPatch) -> None:
    original = articles.read_layout

    def fail(text: str, *args: object, **options: object) -> object:
        if "انفجر" in text:
            raise RuntimeError("out of luck")
        return original(text, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(articles, "read_layout", fail)
    cleaned = clean({"a.txt": f"{TITLE}\n\n{BODY}", "b.txt": f"{TITLE}\n\n{BODY} انفجر", "c.txt": f"{TITLE}\n\n{BODY}"})
    assert cleaned.articles["source_uri"].to_pylist() == ["a.txt", "c.txt"]
    reject = cleaned.rejects.to_pylist()[0]
    assert (reject["reason"], json.loads(reject["details"])) == ("processing_failed", {"error": "RuntimeError: out of luck"})


def test_mojibake_is_flagged(clean: Clean) -> None:
    cleaned = clean({"a.txt": f"{TITLE}\n\n{BODY}".encode().decode("cp1256").encode()})
    assert cleaned.articles["quality_flags"].to_pylist() == ["mojibake_mended"]
    assert cleaned.articles["text"].to_pylist() == [BODY]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("این خبر که در تهران منتشر شد می گوید که دولت برای مردم کار می کند و این کار را با خود مردم پیش می برد تا آینده بهتر شود", "fa"),
        ("یہ خبر ہے کہ حکومت نے کہا ہے کہ وہ لوگوں کے لیے کام کر رہی ہے اور اس کا مقصد ملک کی ترقی میں بہتری ہے", "ur"),
        ("ئەم هەواڵە لە هەولێر بڵاو کرایەوە کە حکومەتی هەرێمی کوردستان لەگەڵ خەڵک کار دەکات بۆ ئەوەی ژیان باشتر بێت و ئەو کارە", "ku"),
    ],
)
def test_other_languages_of_the_arabic_script_are_refused(clean: Clean, text: str, language: str) -> None:
    cleaned = clean({"a.txt": f"{text}.\n{text}."})
    assert cleaned.rejects["reason"].to_pylist() == ["not_arabic"]
    assert json.loads(cleaned.rejects["details"].to_pylist()[0])["language"] == language


def test_no_files() -> None:
    cleaned = clean_files(LANDED_FILES.empty_table(), Settings())
    assert cleaned.articles.schema.equals(ARTICLES.arrow)
    assert (cleaned.articles.num_rows, cleaned.rejects.num_rows, len(cleaned.signatures)) == (0, 0, 0)


PIECE = st.one_of(
    st.sampled_from([TITLE.encode(), BODY.encode(), b"\n", b"\r\n", b"\xff\xfe", BODY.encode("cp1256")]), st.binary(max_size=12)
)


@given(st.lists(st.lists(PIECE, max_size=5).map(b"".join), min_size=1, max_size=4))
@hypothesis_settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_every_file_is_an_article_or_a_reject(contents: list[bytes]) -> None:
    files = landed({f"{i}.txt": content for i, content in enumerate(contents)})
    cleaned = clean_files(files, Settings(min_article_words=5))
    uris = cleaned.articles["source_uri"].to_pylist() + cleaned.rejects["source_uri"].to_pylist()
    assert sorted(uris) == sorted(files["source_uri"].to_pylist())
    assert "processing_failed" not in cleaned.rejects["reason"].to_pylist()
    assert pa.compute.all(pa.compute.greater(cleaned.articles["word_count"], 4)).as_py() in (True, None)
