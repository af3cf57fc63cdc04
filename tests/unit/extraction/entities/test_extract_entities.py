"""Mentions of whole articles: offsets, proclitics, canonical names, roles, stability."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rasd import schema
from rasd.extraction.backend import EntityTagger
from rasd.extraction.entities import extract_entities, load_tagger
from rasd.extraction.entities.coreference import resolve
from rasd.extraction.entities.gazetteer import name_key
from rasd.extraction.entities.mentions import Mention

SAMPLE = "قال وزير الخارجية الروسي سيرغي لافروف وكيري بسوريا للأمم المتحدة وموسكو لـ«داعش» فلاديمير بوتين، . \n ( ) ـ وَ ال و ل ب عُمان ١٢"
WORDS = SAMPLE.split(" ")
TEXTS = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join),
    st.text(alphabet='ابتوسفكلمنيةى ،.؟«»"\n#_ًَـ1٢A\u200f\u202b', max_size=120),
    st.text(max_size=60),
)


def articles(*texts: str, **columns: list[str | None]) -> pa.Table:
    return schema.ARTICLES.table({"article_id": [f"a{i}" for i in range(len(texts))], "text": list(texts), **columns})


def mentions(text: str, backend: str = "statistical", **columns: list[str | None]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = extract_entities(articles(text, **columns), load_tagger(backend)).to_pylist()
    return rows


def named(rows: list[dict[str, Any]], surface: str) -> dict[str, Any]:
    found = [row for row in rows if row["surface"] == surface]
    assert found, [row["surface"] for row in rows]
    return found[0]


@pytest.mark.parametrize("backend", ["rules", "statistical"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=TEXTS, title=TEXTS)
def test_every_mention_is_the_text_at_its_place(backend: str, text: str, title: str) -> None:
    table = extract_entities(articles(text, title=[title]), load_tagger(backend))
    assert table.schema.equals(schema.ENTITIES.arrow)
    sections = {"title": title, "text": text}
    for row in table.to_pylist():
        section = sections[row["section"]]
        assert section[row["start"] : row["end"]] == row["surface"] != ""
        if row["proclitic"]:
            assert section[row["start"] - len(row["proclitic"]) : row["start"]] == row["proclitic"]
        assert all(row[column.name] is not None for column in schema.ENTITIES.columns if column.required and column.name != "ingested_on")
        assert 0 <= row["confidence"] <= 1


def test_same_rows_twice_and_in_any_batch() -> None:
    texts = ["زار الرئيس الروسي فلاديمير بوتين مدينة حلب في سوريا.", "قالت الأمم المتحدة إن الوضع في اليمن خطير.", "وصل ترامب إلى باريس."]
    tagger: EntityTagger = load_tagger("statistical")
    together = extract_entities(articles(*texts), tagger)
    assert together.equals(extract_entities(articles(*texts), tagger))
    alone = pa.concat_tables([extract_entities(articles(*texts).slice(i, 1), tagger) for i in range(len(texts))])
    assert together.to_pylist() == alone.to_pylist()


def test_no_articles_no_rows() -> None:
    empty = extract_entities(articles(), load_tagger("statistical"))
    assert empty.num_rows == 0
    assert empty.schema.equals(schema.ENTITIES.arrow)


@pytest.mark.parametrize(
    ("text", "surface", "proclitic"),
    [
        ("اتفقت واشنطن وموسكو على عقد لقاء.", "موسكو", "و"),
        ("أعلن الوزير بسوريا عن اتفاق جديد.", "سوريا", "ب"),
        ("قال الأمين العام للأمم المتحدة إن الاتفاق مهم.", "لأمم المتحدة", "ل"),
        ("وصل الوفد إلى لبنان اليوم.", "لبنان", None),
        ("وصل وليد جنبلاط إلى بيروت.", "وليد جنبلاط", None),
        ("التقى الوزير بكيري في جنيف، وقال جون كيري إن المحادثات مفيدة.", "كيري", "ب"),
    ],
)
def test_proclitics_are_split_off(text: str, surface: str, proclitic: str | None) -> None:
    assert named(mentions(text), surface)["proclitic"] == proclitic


def test_the_canonical_name_is_the_fullest_of_the_article() -> None:
    rows = mentions(
        "التقى وزير الخارجية الروسي سيرغي لافروف نظيره الأميركي جون كيري في جنيف.\nوقال لافروف إن اللقاء مع كيري كان مفيدا.",
        title=["كيري ولافروف يبحثان الملف السوري"],
    )
    persons = [(row["surface"], row["canonical_name"]) for row in rows if row["entity_type"] == "PERSON"]
    assert set(persons) == {
        ("كيري", "جون كيري"), ("لافروف", "سيرغي لافروف"), ("سيرغي لافروف", "سيرغي لافروف"), ("جون كيري", "جون كيري"),
    }  # fmt: skip
    assert len({row["entity_id"] for row in rows if row["canonical_name"] == "جون كيري"}) == 1


def test_a_short_form_of_an_organisation_finds_the_long_one() -> None:
    rows = mentions("أعلنت وزارة الطاقة والمعادن الخطة أمس. وقالت وزارة الطاقة إن الخطة جاهزة.")
    assert [(row["canonical_name"]) for row in rows if row["surface"] == "وزارة الطاقة"] == ["وزارة الطاقة والمعادن"]


def test_the_canonical_name_is_in_the_nominative() -> None:
    rows = mentions("تلقى رئيس الوزراء رسالة من الأمين العام لأبي الفضل الخطابي أمس.")
    assert named(rows, "أبي الفضل الخطابي")["canonical_name"] == "أبو الفضل الخطابي"


def test_a_namesake_is_resolved_to_the_one_mentioned_last() -> None:
    rows = mentions("التقى سعيد الحمداني المدير سالم الحمداني في بغداد. وقال الحمداني إن العمل مستمر.")
    last = [row for row in rows if row["entity_type"] == "PERSON"][-1]
    assert (last["surface"], last["canonical_name"]) == ("الحمداني", "سالم الحمداني")


@pytest.mark.parametrize(
    ("text", "person", "role", "resolved"),
    [
        ("قال وزير الخارجية الروسي سيرغي لافروف إن اللقاء مفيد.", "سيرغي لافروف", "وزير الخارجية الروسي", "وزير الخارجية الروسي"),
        ("وقال سيرغي لافروف، وزير الخارجية الروسي، إن اللقاء مفيد.", "سيرغي لافروف", "وزير الخارجية الروسي", "وزير الخارجية الروسي"),
        ("التقى وزير الخارجية الروسي سيرغي لافروف نظيره الأميركي جون كيري أمس.", "جون كيري", "نظيره الأميركي", "وزير الخارجية الأميركي"),
        (
            "اجتمع الرئيس الروسي فلاديمير بوتين مع وزير خارجيته سيرغي لافروف أمس.",
            "سيرغي لافروف", "وزير خارجيته", "وزير الخارجية الروسي",
        ),
        (
            "عقد وزيرا الخارجية الروسي سيرغي لافروف والأميركي جون كيري لقاء أمس.",
            "سيرغي لافروف", "وزيرا الخارجية الروسي", "وزير الخارجية الروسي",
        ),
        ("عقد وزيرا الخارجية الروسي سيرغي لافروف والأميركي جون كيري لقاء أمس.", "جون كيري", "الأميركي", "وزير الخارجية الأميركي"),
        ("سلم السفير رسالة للرئيس الأمريكي باراك أوباما أمس.", "باراك أوباما", "الرئيس الأمريكي", "الرئيس الأمريكي"),
        ("وصل جون كيري إلى باريس.", "جون كيري", None, None),
        ("وقال ديمتري بيسكوف، المتحدث باسم الكرملين، إن اللقاء مفيد.", "ديمتري بيسكوف", "المتحدث باسم الكرملين", "المتحدث باسم الكرملين"),
        (
            "قال تيم كوك الرئيس التنفيذي لشركة آبل إن الأرباح زادت.",
            "تيم كوك", "الرئيس التنفيذي لشركة آبل", "الرئيس التنفيذي لشركة آبل",
        ),
        ("وقال سامر الخطيب، الوزير السابق الذي زار لبنان، إن اللقاء مفيد.", "سامر الخطيب", "الوزير السابق", "الوزير السابق"),
        ("زار سامر الخطيب، الوزير السابق والذي استقال أمس، لبنان.", "سامر الخطيب", "الوزير السابق", "الوزير السابق"),
        ("اتهم جون كيري رئيس الوزراء الروسي دميتري ميدفيديف بالكذب.", "جون كيري", None, None),
        (
            "اتهم جون كيري رئيس الوزراء الروسي دميتري ميدفيديف بالكذب.",
            "دميتري ميدفيديف", "رئيس الوزراء الروسي", "رئيس الوزراء الروسي",
        ),
        ("استقبل جون كيري السفير الروسي في واشنطن.", "جون كيري", None, None),
        ("قال سامر الخطيب، مستشار الرئيس الروسي فلاديمير بوتين، نعم.", "فلاديمير بوتين", "الرئيس الروسي", "الرئيس الروسي"),
        (
            "قال سامر الخطيب، مستشار الرئيس الروسي فلاديمير بوتين، نعم.",
            "سامر الخطيب", "مستشار الرئيس الروسي فلاديمير بوتين", "مستشار الرئيس الروسي فلاديمير بوتين",
        ),
        ("قال محامي ترامب إن اللقاء مفيد.", "ترامب", None, None),
    ],
)  # fmt: skip
def test_roles(text: str, person: str, role: str | None, resolved: str | None) -> None:
    row = named(mentions(text), person)
    assert (row["role_text"], row["role_resolved"]) == (role, resolved)


def test_nationalities_are_no_entities() -> None:
    rows = mentions("قال مسؤول أميركي إن القوات السورية والجنود الروس انسحبوا، وأكد مصدر فرنسي ذلك.")
    assert not {"أميركي", "السورية", "الروس", "فرنسي"} & {row["surface"] for row in rows}


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("وصل الوزير إلى عمان أمس.", None),
        ("التقى الوفد الأردني نظيره السوري في عمان.", "JO"),
        ("قالت عمان إن المحادثات في مسقط مفيدة.", "OM"),
    ],
)
def test_oman_or_amman_is_a_place_in_any_case(text: str, country: str | None) -> None:
    row = named(mentions(text), "عمان")
    assert (row["entity_type"], row["country_code"]) == ("LOCATION", country)


def test_coordinated_names_are_two_mentions() -> None:
    surfaces = [row["surface"] for row in mentions("التقى جون كيري وسيرغي لافروف في جنيف.")]
    assert surfaces[:2] == ["جون كيري", "سيرغي لافروف"]


def test_an_unknown_backend_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="statistical, rules, camel"):
        load_tagger("oracle")


def organisation(name: str) -> Mention:
    return Mention("text", 0, 1, "ORGANIZATION", 1.0, 0, len(name), name, "", 0, name, name_key(name))


@pytest.mark.parametrize(
    ("names", "canonical"),
    [
        (["الأرصاد", "الهيئة العليا للأرصاد والمناخ"], "الهيئة العليا للأرصاد والمناخ"),
        (["أثير الخليج", "أثير الخليج للاتصالات"], "أثير الخليج للاتصالات"),
        (["الداخلية", "وزارة الداخلية", "وزارة الداخلية والبلديات"], "وزارة الداخلية والبلديات"),
        (["الداخلية", "وزارة الداخلية التونسية", "وزارة الداخلية المصرية"], "الداخلية"),
        (["البنك", "البنك الزراعي"], "البنك"),
    ],
)
def test_a_short_form_finds_the_only_longer_name(names: list[str], canonical: str) -> None:
    found = [organisation(name) for name in names]
    resolve(found)
    assert found[0].canonical == canonical
