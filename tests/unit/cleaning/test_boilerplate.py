"""Boilerplate learnt from what recurs in a source, and the offsets that move with it."""

from __future__ import annotations

import pyarrow as pa
import pytest

from rasd.arabic import code_points
from rasd.cleaning.articles import measures
from rasd.cleaning.boilerplate import Trimmed, learn, line_occurrences, remove, shift_spans
from rasd.settings import Settings
from tests.unit.cleaning.files import Clean

NOTICE = "نسخة تجريبية من خدمة ورشة الأخبار المسائية"
PROSE = "قال صاحب الورشة رقم {} إن العمل بدأ قبل {} عاما، وأضاف أن الزبائن يأتون من كل المدن."
SETTINGS = Settings(min_article_words=5, boilerplate_min_articles=4, boilerplate_min_share=0.1)


@pytest.fixture
def articles(clean: Clean) -> pa.Table:
    """Ten articles, of which six hold the notice: at the start, in the middle and at the end."""
    files = {}
    for i in range(10):
        lines = [PROSE.format(i, i + 20), PROSE.format(i, i + 50)]
        if i < 6:
            lines.insert(i % 3, NOTICE)
        files[f"{i}.txt"] = "\n".join([f"عنوان الخبر {i}", "", *lines])
    return clean(files).articles


def trim(articles: pa.Table) -> Trimmed:
    return remove(articles, learn(line_occurrences(articles), SETTINGS))


def test_a_line_that_recurs_is_taken_out(articles: pa.Table) -> None:
    kept = [text for text in articles["text"].to_pylist() if NOTICE in text]
    assert len(kept) >= 4
    trimmed = trim(articles).articles
    assert not any(NOTICE in text for text in trimmed["text"].to_pylist())
    assert trimmed["article_id"] == articles["article_id"]
    assert sum((text or "").endswith(f"boilerplate\t{NOTICE}") for text in trimmed["removed_text"].to_pylist()) == len(kept)
    for name, values in measures(*code_points(trimmed["text"].to_pylist())).items():
        assert trimmed[name].to_pylist() == values.tolist()
    assert trimmed.schema.equals(articles.schema)
    assert [text.count("\n") for text in trimmed["text_normalized"].to_pylist()] == [t.count("\n") for t in trimmed["text"].to_pylist()]


def test_shards_do_not_show(articles: pa.Table) -> None:
    whole = learn(line_occurrences(articles), SETTINGS)
    for size in (1, 3, 7):
        shards = [line_occurrences(articles.slice(start, size)) for start in range(0, articles.num_rows, size)]
        assert learn(pa.concat_tables(reversed(shards)), SETTINGS).equals(whole)
    assert learn(pa.concat_tables([line_occurrences(articles)] * 3), SETTINGS).equals(whole)


def test_a_rare_line_and_another_sources_line_stay(articles: pa.Table) -> None:
    assert learn(line_occurrences(articles), SETTINGS.model_copy(update={"boilerplate_min_articles": 7})).num_rows == 0
    other = articles.set_column(articles.schema.get_field_index("source_id"), "source_id", pa.array(["other"] * articles.num_rows))
    untouched = remove(other, learn(line_occurrences(articles), SETTINGS))
    assert untouched.articles.equals(other)
    assert untouched.removed.num_rows == 0


def test_an_article_of_boilerplate_alone_is_left(articles: pa.Table) -> None:
    index = articles.schema.get_field_index("text")
    alone = articles.set_column(index, articles.schema.field(index), pa.array([NOTICE] * articles.num_rows))
    assert remove(alone, learn(line_occurrences(articles), SETTINGS)).articles["text"].to_pylist() == [NOTICE] * articles.num_rows


def test_an_article_keeps_a_word(articles: pa.Table) -> None:
    index = articles.schema.get_field_index("text")
    marked = f"{NOTICE}\n»»»»"
    alone = articles.set_column(index, articles.schema.field(index), pa.array([marked] * articles.num_rows))
    trimmed = remove(alone, learn(line_occurrences(articles), SETTINGS))
    assert trimmed.articles["text"].to_pylist() == [marked] * articles.num_rows
    assert trimmed.removed.num_rows == 0


def test_offsets_move_with_the_text(articles: pa.Table) -> None:
    trimmed = trim(articles)
    ids, before = articles["article_id"].to_pylist(), articles["text"].to_pylist()
    after = dict(zip(ids, trimmed.articles["text"].to_pylist(), strict=True))
    spans = []
    for article, text in zip(ids, before, strict=True):
        for word in ("صاحب الورشة", "الزبائن", "تجريبية"):
            position = text.find(word)
            while position >= 0:
                spans.append((article, position, position + len(word), word))
                position = text.find(word, position + 1)
    columns = list(zip(*spans, strict=True))
    starts, ends, keep = shift_spans(pa.array(columns[0]), pa.array(columns[1]), pa.array(columns[2]), trimmed.removed)
    for (article, _, _, word), start, end, kept in zip(spans, starts.to_pylist(), ends.to_pylist(), keep.to_pylist(), strict=True):
        assert kept == (word != "تجريبية")
        if kept:
            assert after[article][start:end] == word


def test_null_offsets_stay_null(articles: pa.Table) -> None:
    trimmed = trim(articles)
    one = trimmed.removed["article_id"][0].as_py()
    null = pa.array([None], pa.int32())
    starts, ends, keep = shift_spans(pa.array([one]), null, null, trimmed.removed)
    assert (starts.to_pylist(), ends.to_pylist(), keep.to_pylist()) == ([None], [None], [True])
