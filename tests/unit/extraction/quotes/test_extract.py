"""Quotes of invented articles: what was said, by whom, in which words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasd import schema
from rasd.extraction.quotes import extract_quotes
from tests.unit.extraction.quotes.pieces import MARKS, ODDITIES, WORDS

Names = dict[str, tuple[str, str]]
"""Surface to (type, canonical name)."""

KAMAL: Names = {"كمال الشاذلي": ("PERSON", "كمال الشاذلي"), "الشاذلي": ("PERSON", "كمال الشاذلي")}
HUDA: Names = {"هدى النجار": ("PERSON", "هدى النجار"), "النجار": ("PERSON", "هدى النجار")}


def mentions(article: dict[str, Any], names: Names) -> list[dict[str, Any]]:
    rows = []
    for section in ("title", "text"):
        content = article.get(section) or ""
        taken: list[range] = []
        for surface in sorted(names, key=len, reverse=True):
            start = content.find(surface)
            while start >= 0:
                if not any(start in span for span in taken):
                    taken.append(range(start, start + len(surface)))
                    kind, name = names[surface]
                    before = content[:start].split(" ")[-1].split("\n")[-1]
                    rows.append(
                        {"section": section, "start": start, "end": start + len(surface), "entity_id": f"id {name}", "entity_type": kind,
                         "canonical_name": name, "surface": surface, "proclitic": before if before in ("و", "ل", "ب") else None}
                    )  # fmt: skip
                start = content.find(surface, start + 1)
    return rows


def quotes(text: str, names: Names | None = None, title: str | None = None, day: date | None = None) -> list[dict[str, Any]]:
    article = {"article_id": "a", "title": title, "text": text, "published_date": day}
    articles = schema.ARTICLES.table({key: [value] for key, value in article.items()})
    rows = mentions(article, names or {})
    columns = {key: [row[key] for row in rows] for key in (rows[0] if rows else ())}
    entities = schema.ENTITIES.table({**columns, "article_id": ["a"] * len(rows)})
    found: list[dict[str, Any]] = extract_quotes(articles, entities).to_pylist()
    for row in found:
        content = article[row["section"]]
        assert isinstance(content, str) and content[row["start"] : row["end"]] == row["quote_text"]
    return found


def one(text: str, names: Names | None = None, **more: Any) -> dict[str, Any]:
    found = quotes(text, names, **more)
    assert len(found) == 1, [row["quote_text"] for row in found]
    return found[0]


def test_direct_quote() -> None:
    row = one("وقال كمال الشاذلي: «سنفتح المعبر أمام الشاحنات صباح الغد».", KAMAL)
    assert row["quote_text"] == "سنفتح المعبر أمام الشاحنات صباح الغد"
    assert (row["quote_type"], row["mark_style"], row["is_repaired"]) == ("direct", "«»", False)
    assert (row["cue_text"], row["cue_lemma"], row["cue_class"]) == ("قال", "قال", "say")
    assert (row["speaker_name"], row["speaker_entity_id"], row["attribution"]) == ("كمال الشاذلي", "id كمال الشاذلي", "explicit")


@pytest.mark.parametrize(("opening", "closing"), [("“", "”"), ("”", "“"), ("<<", ">>"), ("((", "))"), ('"', '"'), ("''", "''"), ("»", "«")])
def test_every_mark_style_is_found(opening: str, closing: str) -> None:
    row = one(f"وأضاف كمال الشاذلي {opening}سنفتح المعبر أمام الشاحنات صباح الغد{closing}.", KAMAL)
    assert row["quote_text"] == "سنفتح المعبر أمام الشاحنات صباح الغد"
    assert row["mark_style"] == opening + closing


def test_indirect_quote_ends_before_the_next_cue() -> None:
    first, second = quotes("وأكد كمال الشاذلي أن الشركة ستبني مصنعا جديدا في المدينة، مضيفا أن العمل يبدأ بعد شهر.", KAMAL)
    assert first["quote_text"] == "الشركة ستبني مصنعا جديدا في المدينة"
    assert second["quote_text"] == "العمل يبدأ بعد شهر"
    assert (first["quote_type"], second["quote_type"]) == ("indirect", "indirect")
    assert (second["speaker_name"], second["attribution"], second["speaker_text"]) == ("كمال الشاذلي", "pronoun", None)


def test_mixed_quote_keeps_its_inner_marks() -> None:
    row = one("وقال كمال الشاذلي إن الاتفاق يمثل «خطوة كبيرة إلى الأمام» في العلاقات.", KAMAL)
    assert row["quote_type"] == "mixed"
    assert "«خطوة كبيرة إلى الأمام»" in row["quote_text"]


def test_a_clause_wholly_in_marks_is_direct() -> None:
    row = one("وقال كمال الشاذلي إن «الاتفاق خطوة كبيرة إلى الأمام».", KAMAL)
    assert (row["quote_type"], row["quote_text"]) == ("direct", "الاتفاق خطوة كبيرة إلى الأمام")


def test_names_and_scare_quotes_are_no_quotes() -> None:
    assert quotes("وزار الوفد معرض «ألوان من الشرق» وتسلم نسخة من كتاب «البحر» في ختام الجولة.") == []


def test_impersonal_reports_are_no_quotes() -> None:
    assert quotes("يذكر أن المصنع افتتح قبل عشرة أعوام في المدينة القديمة.") == []


def test_attribution_after_the_clause() -> None:
    row = one("تراجعت أسعار القمح في الأسواق المحلية إلى أدنى مستوى منذ عام، بحسب مصدر في وزارة التجارة.")
    assert row["quote_text"] == "تراجعت أسعار القمح في الأسواق المحلية إلى أدنى مستوى منذ عام"
    assert row["cue_text"] == "بحسب"
    assert row["speaker_name"].startswith("مصدر") and row["speaker_type"] == "SOURCE" and row["attribution"] == "role"


def test_hidden_subject_agrees_in_gender() -> None:
    text = (
        "وقالت هدى النجار إن المعهد سيبدأ التسجيل في الشهر المقبل.\n"
        "وأكد كمال الشاذلي أن المقاعد محدودة هذا العام.\n"
        "وأضافت أن النتائج ستعلن في نهاية الموسم."
    )
    assert quotes(text, KAMAL | HUDA)[-1]["speaker_name"] == "هدى النجار"


def test_surname_means_the_person_named_before() -> None:
    text = "وقال كمال الشاذلي إن المعهد سيبدأ التسجيل قريبا.\nوتابع الشاذلي أن المقاعد محدودة هذا العام."
    assert quotes(text, KAMAL)[-1]["speaker_name"] == "كمال الشاذلي"


def test_a_source_is_taken_up_again() -> None:
    text = "وقال مصدر أمني إن الحريق اندلع في مخزن قديم.\nوأوضح المصدر أن الأضرار محدودة."
    first, second = quotes(text)
    assert first["speaker_name"] == second["speaker_name"] == "مصدر أمني"
    assert second["speaker_text"] == "المصدر"


def test_a_spokesman_is_not_his_office() -> None:
    names: Names = {"شركة النيل": ("ORGANIZATION", "شركة النيل")}
    assert one("وقال متحدث باسم شركة النيل إن الخط الجديد سيعمل قبل نهاية العام.", names)["speaker_name"] == "متحدث باسم شركة النيل"


def test_plural_verbs_follow_their_subject() -> None:
    text = "لكن خبراء في المعهد قالوا لكمال الشاذلي إن النتائج غير مؤكدة حتى الآن."
    assert one(text, KAMAL)["speaker_name"] != "كمال الشاذلي"


def test_nested_report_has_a_parent() -> None:
    rows = quotes("وقالت هدى النجار إن كمال الشاذلي أكد أن المصنع سيعود إلى العمل قريبا.", KAMAL | HUDA)
    outer, inner = rows
    assert inner["parent_quote_id"] == outer["quote_id"]
    assert (outer["speaker_name"], inner["speaker_name"]) == ("هدى النجار", "كمال الشاذلي")


def test_headline_quote() -> None:
    row = one("زار كمال الشاذلي المصنع أمس.", KAMAL, title="الشاذلي: نأمل في عودة العمال إلى المصنع قريبا")
    assert (row["section"], row["is_headline"], row["cue_text"]) == ("title", True, ":")
    assert row["quote_text"] == "نأمل في عودة العمال إلى المصنع قريبا"
    assert row["speaker_name"] == "كمال الشاذلي"


def test_an_unclosed_mark_is_mended_on_record() -> None:
    rows = quotes('وقال كمال الشاذلي "سنفتح المعبر أمام الشاحنات، مضيفا أن العمل يبدأ بعد شهر.', KAMAL)
    assert rows[0]["quote_text"] == "سنفتح المعبر أمام الشاحنات"
    assert rows[0]["is_repaired"]
    assert rows[1]["quote_text"] == "العمل يبدأ بعد شهر"


def test_a_closing_mark_without_an_opening_one_ends_the_words() -> None:
    row = one('وقال كمال الشاذلي: سنفتح المعبر أمام الشاحنات قريبا".', KAMAL)
    assert (row["quote_text"], row["mark_style"], row["is_repaired"]) == ("سنفتح المعبر أمام الشاحنات قريبا", '"', True)


def test_a_quote_broken_by_its_cue_is_two_rows_of_one_speaker() -> None:
    rows = quotes("«لن نغلق المصنع هذا العام»، قال كمال الشاذلي، «وسنوظف عمالا جددا في الربيع».", KAMAL)
    assert [row["quote_text"] for row in rows] == ["لن نغلق المصنع هذا العام", "وسنوظف عمالا جددا في الربيع"]
    assert {row["speaker_name"] for row in rows} == {"كمال الشاذلي"}


def test_interview() -> None:
    text = "التقينا كمال الشاذلي في مكتبه.\nس: متى يفتح المصنع؟\nج: في الربيع. لم يبق سوى القليل.\nس: ومن يديره؟"
    rows = quotes(text, KAMAL)
    assert [row["quote_text"] for row in rows] == ["متى يفتح المصنع؟", "في الربيع. لم يبق سوى القليل.", "ومن يديره؟"]
    assert [row["speaker_name"] for row in rows] == [None, "كمال الشاذلي", None]
    assert rows[0]["cue_class"] == "ask"


def test_who_passed_the_words_on() -> None:
    row = one("ونقلت وكالة النخيل عن مصدر أمني قوله إن الحريق اندلع في مخزن قديم.")
    assert (row["speaker_name"], row["reported_via"]) == ("مصدر أمني", "وكالة النخيل")


def test_scripture_is_a_citation() -> None:
    assert quotes("واستشهد الخطيب بقوله تعالى: «وتعاونوا على البر والتقوى» في ختام الخطبة.")[0]["is_citation"]


def test_verse_runs_over_short_lines() -> None:
    text = (
        "وأنشد الشاعر عند الوداع وقال:\nيا دار أحباب مضوا وتفرقوا\nهل بعد هذا البعد من لقاء\n"
        "وختم الحضور الأمسية بالتصفيق الطويل على باب القاعة الكبرى في وسط المدينة."
    )
    rows = [row for row in quotes(text) if "\n" in row["quote_text"]]
    assert rows and rows[0]["quote_text"].startswith("يا دار") and rows[0]["quote_text"].endswith("لقاء")


def test_ids_and_order_do_not_depend_on_the_batch() -> None:
    texts = ["وقال كمال الشاذلي إن المصنع سيعود إلى العمل.", "وأكد مصدر أمني أن الحريق اندلع في مخزن قديم."]
    articles = schema.ARTICLES.table({"article_id": ["a", "b"], "text": texts})
    entities = schema.ENTITIES.table({"article_id": []})
    together = extract_quotes(articles, entities)
    apart = pa.concat_tables([extract_quotes(articles.slice(i, 1), entities) for i in range(2)])
    assert together.equals(apart)
    assert len(set(together["quote_id"].to_pylist())) == together.num_rows


def test_no_articles() -> None:
    empty = extract_quotes(schema.ARTICLES.table({"article_id": []}), schema.ENTITIES.table({"article_id": []}))
    assert empty.num_rows == 0 and empty.schema.equals(schema.QUOTES.arrow)


PIECES = [*MARKS, *WORDS, *ODDITIES]


@given(st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join), st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_any_text_is_read(text: str, title: str) -> None:
    rows = quotes(text, {"الوزير": ("PERSON", "الوزير")}, title=title)
    ids = {row["quote_id"] for row in rows}
    assert len(ids) == len(rows)
    by_id = {row["quote_id"]: row for row in rows}
    for row in rows:
        assert row["quote_text"].strip() == row["quote_text"] != ""
        assert 0 <= row["confidence"] <= 1
        if row["parent_quote_id"]:
            parent = by_id[row["parent_quote_id"]]
            assert parent["section"] == row["section"] and parent["start"] <= row["start"] and row["end"] <= parent["end"]
    for name in ("title", "text"):
        spans = sorted((row["start"], -row["end"]) for row in rows if row["section"] == name)
        open_ends: list[int] = []
        for start, minus_end in spans:
            while open_ends and open_ends[-1] <= start:
                open_ends.pop()
            assert not open_ends or -minus_end <= open_ends[-1]
            open_ends.append(-minus_end)


@given(st.text(max_size=80))
def test_any_characters_are_read(text: str) -> None:
    quotes(text)


def test_a_full_stop_after_a_closing_mark_ends_the_sentence() -> None:
    text = "وقال كمال الشاذلي إن “المصنع سيعود إلى العمل”. وبعد الجلسة زار الوفد المدينة القديمة."
    row = one(text, KAMAL)
    assert (row["quote_text"], row["quote_type"]) == ("المصنع سيعود إلى العمل", "direct")


def test_a_name_that_no_mention_marks() -> None:
    found = quotes("وقال رئيس جمعية المزارعين خالد الدوسري إن الموسم بدأ. وأضاف الدوسري أن الأسعار ستنخفض.")
    assert [(row["speaker_name"], row["speaker_entity_id"]) for row in found] == [("خالد الدوسري", None)] * 2


def test_a_given_name_left_out_of_the_mention() -> None:
    row = one("صرح رئيس اللجنة، علي ناصر، للتلفزيون: «سنعود غدا إلى العمل».", {"ناصر": ("PERSON", "ناصر")})
    assert row["speaker_name"] == "علي ناصر"


def test_a_description_goes_on_to_its_name() -> None:
    row = one("أكد المشرف العام على المهرجان كمال الشاذلي أن الدورة المقبلة ستبدأ في موعدها.", KAMAL)
    assert row["speaker_name"] == "كمال الشاذلي"
    assert row["speaker_text"] == "المشرف العام على المهرجان كمال الشاذلي"


def test_the_object_is_no_part_of_an_indefinite_source() -> None:
    found = quotes("أعلن مصدر أمني مقتل شخصين في الحادث. وقال المصدر إن التحقيق مستمر.")
    assert [row["speaker_name"] for row in found] == ["مصدر أمني"]


def test_an_office_is_not_the_person_it_is_named_after() -> None:
    row = one("قالت إدارة الرئيس كمال الشاذلي إن الاتفاق سيوقع غدا.", KAMAL)
    assert row["speaker_name"] == "إدارة الرئيس كمال الشاذلي"


def test_a_contrast_ends_the_clause() -> None:
    found = quotes("أكد كمال الشاذلي أن المصنع سيعود إلى العمل، لكنه أقر بأن العمال لم يتسلموا أجورهم.", KAMAL)
    assert [row["quote_text"] for row in found] == ["المصنع سيعود إلى العمل", "العمال لم يتسلموا أجورهم"]


def test_who_is_relayed() -> None:
    row = one("ونقلت صحيفة النخيل عن مسؤول في الوزارة لم تسمه القول: «هذا أهم قرار منذ سنوات».")
    assert (row["speaker_name"], row["reported_via"]) == ("مسؤول في الوزارة", "صحيفة النخيل")
