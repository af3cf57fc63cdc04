"""One thing has one id across the articles of the development corpora, and two things have two."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from rasd import schema
from rasd.extraction.entities import extract_entities, load_tagger
from rasd.extraction.entities.gazetteer import name_key

pytestmark = pytest.mark.corpus

ONE = {
    "PERSON": [
        "دونالد ترامب|دونالد ترمب|ترمب|ترامب", "كيم جونغ أون|كيم يونغ أون|كيم جونج أون", "سلمان بن عبدالعزيز|سلمان بن عبد العزيز",
        "إيمانويل ماكرون|ايمانيول ماكرون", "بشار الأسد|بشار الاسد", "رجب طيب أردوغان|رجب طيب اردوغان", "تميم بن حمد|تميم بن حمد آل ثاني",
        "أنغيلا ميركل|أنجيلا ميركل", "محمد بن سلمان|محمد بن سلمان بن عبدالعزيز", "باراك أوباما|باراك اوباما",
        "بنيامين نتنياهو|بنيامين نتانياهو", "جواد ظريف|محمد جواد ظريف", "عبد ربه منصور هادي|عبدربه منصور هادي",
        "ستيفان دي ميستورا|ستافان دي ميستورا", "جوزيه مورينيو|مورينيو", "عبد الله الثاني|عبدالله الثاني",
    ],
    "LOCATION": [
        "الولايات المتحدة|الولايات المتحدة الأمريكية|أمريكا|أميركا", "الإمارات|الإمارات العربية المتحدة|دولة الإمارات العربية المتحدة",
        "بريطانيا|المملكة المتحدة", "الأردن|المملكة الأردنية الهاشمية|الاردن", "إيران|ايران", "ألمانيا|المانيا", "البحرين|مملكة البحرين",
        "أوروبا|اوروبا", "أستراليا|استراليا", "الشرق الأوسط|الشرق الاوسط", "المغرب|المملكة المغربية", "بيونغيانغ|بيونغ يانغ",
        "أبوظبي|أبو ظبي", "لوس أنجلوس|لوس أنجليس", "أفريقيا|إفريقيا", "إسطنبول|اسطنبول", "هضبة الجولان|مرتفعات الجولان",
        "الخليج|الخليج العربي", "شمال أفريقيا|شمال إفريقيا",
    ],
    "ORGANIZATION": [
        "الأمم المتحدة|منظمة الأمم المتحدة|المنظمة الدولية|الامم المتحدة", "مجلس الأمن|مجلس الأمن الدولي|مجلس الامن الدولي",
        "داعش|تنظيم الدولة الإسلامية|تنظيم الدولة الاسلامية", "الأناضول|وكالة أنباء الأناضول", "الناتو|حلف شمال الأطلسي|حلف الناتو",
        "وزارة الخارجية الأميركية|وزارة الخارجية الأمريكية|الخارجية الأمريكية", "الحوثيون|الحوثيين", "فيسبوك|الفيس بوك", "جوجل|غوغل",
        "وكالة الأنباء السعودية|واس", "فيفا|الاتحاد الدولي لكرة القدم", "اليونيسف|منظمة الأمم المتحدة للطفولة", "برشلونة|نادي برشلونة",
    ],
}  # fmt: skip
"""Spellings and names of one thing, as they stand in the annotated articles."""

TWO = {
    "PERSON": [
        "محمد بن سلمان|محمد بن نايف", "بشار الأسد|حافظ الأسد", "دونالد ترامب|إيفانكا ترامب", "سلمان بن عبدالعزيز|عبدالله بن عبدالعزيز",
        "بيل كلينتون|هيلاري كلينتون", "تميم بن حمد|خليفة بن حمد آل ثاني", "خالد طاهر|خالد مطر", "حسن الشريف|حسين الشريف",
        "عبدالله الثاني|عبدالله البرقان", "فيصل بن خالد بن عبدالعزيز|فيصل بن سلمان بن عبدالعزيز",
    ],
    "LOCATION": [
        "كوريا الشمالية|كوريا الجنوبية", "السودان|جنوب السودان", "القدس|القدس الشرقية", "غزة|قطاع غزة", "أمريكا|أميركا الشمالية",
        "الأردن|عمان", "المغرب|الصحراء المغربية", "المدينة المنورة|مكة المكرمة",
    ],
    "ORGANIZATION": [
        "الأمم المتحدة|مجلس الأمن", "الجيش السوري|الجيش المصري", "وزارة الخارجية الروسية|وزارة الخارجية الأمريكية",
        "الاتحاد الأوروبي|الاتحاد الأفريقي",
        "الأهلي|النادي الأهلي المصري", "حزب الله|حزب العدالة والتنمية",
    ],
}  # fmt: skip

SEEDS = ["سيرغي لافروف|سيرجي لافروف", "جون كيري", "فلاديمير بوتين", "ستيفان دي ميستورا|استيفان دي ميستورا", "سوريا", "الأمم المتحدة"]


def ids_by_name(texts: list[str]) -> dict[tuple[str, str], set[str]]:
    """Entity ids by type and name key of the canonical name."""
    articles = schema.ARTICLES.table({"article_id": [str(i) for i in range(len(texts))], "text": texts})
    table = extract_entities(articles, load_tagger("statistical"))
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    columns = (table[name].to_pylist() for name in ("entity_type", "canonical_name", "entity_id"))
    for kind, name, entity in zip(*columns, strict=True):
        found[kind, name_key(name)].add(entity)
    return found


@pytest.fixture(scope="module")
def annotated(shared: Path) -> dict[tuple[str, str], set[str]]:
    documents = json.loads((shared / "gold" / "train.json").read_text(encoding="utf-8"))
    return ids_by_name([document["text"] for document in documents])


def ids(found: dict[tuple[str, str], set[str]], kind: str, names: str) -> list[set[str]]:
    """Ids of those of the names that the articles have."""
    return [found[kind, key] for name in names.split("|") if (kind, key := name_key(name)) in found]


@pytest.mark.parametrize(("kind", "names"), [(kind, names) for kind, groups in ONE.items() for names in groups])
def test_one_id(annotated: dict[tuple[str, str], set[str]], kind: str, names: str) -> None:
    found = ids(annotated, kind, names)
    assert found
    assert len(set.union(*found)) == 1


@pytest.mark.parametrize(("kind", "names"), [(kind, names) for kind, groups in TWO.items() for names in groups])
def test_two_ids(annotated: dict[tuple[str, str], set[str]], kind: str, names: str) -> None:
    found = ids(annotated, kind, names)
    assert all(not one & other for i, one in enumerate(found) for other in found[:i])


def test_the_seeds_share_their_entities(shared: Path) -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted((shared / "seeds").glob("*.txt"))]
    found = ids_by_name(texts)
    for names in SEEDS:
        per_name = [ids for name in names.split("|") for (_, key), ids in found.items() if key == name_key(name)]
        assert len(set.union(*per_name)) == 1, names
