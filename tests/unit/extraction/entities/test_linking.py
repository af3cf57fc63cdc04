"""What names stand for: countries, cities, organisations and persons, and where linking holds back."""

from __future__ import annotations

import pytest

from rasd.extraction.entities.gazetteer import name_key
from rasd.extraction.entities.linking import Link, Linker
from rasd.extraction.entities.mentions import Mention, read_section
from rasd.extraction.entities.names import sounds
from rasd.extraction.tokens import tokenise


def mention(name: str, kind: str, role: str = "") -> Mention:
    return Mention("text", 0, 0, kind, 1.0, 0, len(name), name, "", 0, name, name_key(name), role, role, name)


def link(name: str, kind: str, *, others: str = "", words: str = "", role: str = "", article: str = "a") -> Link:
    """The link of a name in an article that also names the places `others` («،» between them) and holds `words`."""
    mentions = [mention(name, kind, role), *(mention(other, "LOCATION") for other in others.split("،") if other)]
    return Linker().link(article, mentions, [read_section("text", words, tokenise(words), [], [])])[0]


AMBIGUOUS = [
    # name, other places, other words, country, GeoNames id
    ("طرابلس", "", "", None, None),
    ("طرابلس", "ليبيا", "", "LY", 2210247),
    ("طرابلس", "لبنان", "", "LB", 266826),
    ("طرابلس", "", "الجيش اللبناني", "LB", 266826),
    ("طرابلس", "ليبيا،لبنان", "", None, None),
    ("الإسكندرية", "", "", "EG", 361058),
    ("الاسكندرية", "مصر", "", "EG", 361058),
    ("الإسكندرية", "العراق", "", None, None),
    ("القدس", "", "", None, 281184),
    ("القدس", "إسرائيل", "", None, 281184),
    ("القدس الشرقية", "", "", "PS", 7303419),
    ("فيكتوريا", "", "", None, None),
    ("فيكتوريا", "سيشل", "", "SC", 241131),
    ("فيكتوريا", "كندا", "", None, None),
    ("سان خوسيه", "", "", "CR", 3621849),
    ("سان خوسيه", "كوستاريكا", "", "CR", 3621849),
    ("القنيطرة", "المغرب", "", "MA", 2544571),
    ("القنيطرة", "", "القوات السورية", "SY", 173334),
    ("المنصورة", "", "", None, None),
    ("المنصورة", "مصر", "", "EG", 360761),
    ("عمان", "", "", None, None),
    ("عمان", "الأردن", "", "JO", 250441),
    ("عمان", "", "الحكومة الأردنية", "JO", 250441),
    ("عمان", "مسقط", "", "OM", None),
    ("عُمان", "", "", "OM", None),
    ("عمّان", "", "", "JO", 250441),
    ("سلطنة عمان", "", "", "OM", None),
    ("جورجيا", "", "", "GE", None),
    ("جورجيا", "الولايات المتحدة", "", "US", None),
    ("الكونغو", "", "", None, None),
    ("الكونغو الديمقراطية", "", "", "CD", None),
    ("كوريا", "", "", None, None),
    ("كوريا الشمالية", "", "", "KP", None),
    ("غينيا", "", "", "GN", None),
    ("النيجر", "", "", "NE", None),
    ("نيجيريا", "", "", "NG", None),
    ("تونس", "", "", "TN", None),
    ("الكويت", "", "", "KW", None),
    ("صور", "", "", None, None),
    ("صور", "لبنان", "", "LB", 267008),
    ("حيدر آباد", "", "", None, None),
    ("حيدر آباد", "باكستان", "", "PK", 1176734),
    ("حيدر آباد", "الهند", "", "IN", 1269843),
    ("لندن", "كندا", "", "GB", 2643743),
    ("برمنغهام", "", "", "GB", 2655603),
    ("برمنغهام", "الولايات المتحدة", "", None, None),
    ("فالنسيا", "فنزويلا", "", None, None),
    ("كامبريدج", "", "", None, None),
    ("البيضاء", "ليبيا", "", None, None),
    ("الجولان", "سوريا", "", None, None),
    ("القرم", "روسيا", "", None, None),
    ("كشمير", "الهند", "", None, None),
    ("جنيف", "الولايات المتحدة", "", "CH", 2660646),
    ("ألباريس", "", "", None, None),
    ("إنجلترا", "", "", "GB", None),
]


@pytest.mark.parametrize(("name", "others", "words", "country", "geonames_id"), AMBIGUOUS)
def test_ambiguous_places(name: str, others: str, words: str, country: str | None, geonames_id: int | None) -> None:
    found = link(name, "LOCATION", others=others, words=words)
    assert (found.country_code, found.geonames_id) == (country, geonames_id)
    assert (found.latitude is None) == (geonames_id is None)


SAME = [
    ("PERSON", "سيرغي لافروف", "سيرجي لافروف"),
    ("PERSON", "سيرغي لافروف", "لافروف"),
    ("PERSON", "جون كيري", "كيري"),
    ("PERSON", "فلاديمير بوتين", "فلاديمير بوتن"),
    ("PERSON", "فلاديمير بوتين", "بوتين"),
    ("PERSON", "ستيفان دي ميستورا", "استيفان دي ميستورا"),
    ("PERSON", "ستيفان دي ميستورا", "ستافان دي مستورا"),
    ("PERSON", "ستيفان دي ميستورا", "دي ميستورا"),
    ("PERSON", "دونالد ترامب", "دونالد ترمب"),
    ("PERSON", "دونالد ترامب", "ترمب"),
    ("PERSON", "باراك أوباما", "باراك اوباما"),
    ("PERSON", "أنغيلا ميركل", "أنجيلا ميركل"),
    ("PERSON", "إيمانويل ماكرون", "ايمانويل ماكرون"),
    ("PERSON", "بنيامين نتنياهو", "بنيامين نتانياهو"),
    ("PERSON", "كيم جونغ أون", "كيم جونج أون"),
    ("PERSON", "كيم جونغ أون", "كيم جونغ-أون"),
    ("PERSON", "أنطونيو غوتيريش", "أنطونيو جوتيريش"),
    ("PERSON", "عبد الفتاح السيسي", "عبدالفتاح السيسي"),
    ("PERSON", "سلمان بن عبد العزيز", "سلمان بن عبدالعزيز آل سعود"),
    ("PERSON", "أبو بكر البغدادي", "أبي بكر البغدادي"),
    ("PERSON", "رجب طيب أردوغان", "رجب طيب إردوغان"),
    ("PERSON", "تميم بن حمد", "تميم بن حمد آل ثاني"),
    ("PERSON", "محمد جواد ظريف", "جواد ظريف"),
    ("PERSON", "فيديريكا موغيريني", "فيديريكا موجيريني"),
    ("PERSON", "عبد الإله بنكيران", "عبدالإله بنكيران"),
    ("PERSON", "ليونيل ميسي", "ميسي"),
    ("PERSON", "غريغوري هوفمان", "جريجوري هوفمان"),
    ("PERSON", "أبو سامي الورداني", "أبي سامي الورداني"),
    ("LOCATION", "سوريا", "سورية"),
    ("LOCATION", "سوريا", "الجمهورية العربية السورية"),
    ("LOCATION", "الولايات المتحدة", "أمريكا"),
    ("LOCATION", "الولايات المتحدة", "الولايات المتحدة الأميركية"),
    ("LOCATION", "بريطانيا", "المملكة المتحدة"),
    ("LOCATION", "السعودية", "المملكة العربية السعودية"),
    ("LOCATION", "الإمارات", "الامارات العربية المتحدة"),
    ("LOCATION", "المغرب", "المملكة المغربية"),
    ("LOCATION", "إسطنبول", "اسطنبول"),
    ("LOCATION", "إسطنبول", "إستانبول"),
    ("LOCATION", "أفريقيا", "إفريقيا"),
    ("LOCATION", "ألمانيا", "المانيا"),
    ("LOCATION", "مكة", "مكة المكرمة"),
    ("LOCATION", "حلب", "مدينة حلب"),
    ("ORGANIZATION", "الأمم المتحدة", "الامم المتحدة"),
    ("ORGANIZATION", "الأمم المتحدة", "المنظمة الدولية"),
    ("ORGANIZATION", "مجلس الأمن", "مجلس الأمن الدولي"),
    ("ORGANIZATION", "حلف شمال الأطلسي", "الناتو"),
    ("ORGANIZATION", "داعش", "تنظيم الدولة الإسلامية"),
    ("ORGANIZATION", "فرانس برس", "وكالة فرانس برس"),
    ("ORGANIZATION", "فيسبوك", "فيس بوك"),
    ("ORGANIZATION", "وزارة الخارجية الأمريكية", "وزارة الخارجية الأميركية"),
    ("ORGANIZATION", "وزارة النقل السعودية", "وزارة النقل السعوديه"),
]


@pytest.mark.parametrize(("kind", "one", "other"), SAME)
def test_one_thing_has_one_id(kind: str, one: str, other: str) -> None:
    assert link(one, kind).entity_id == link(other, kind, article="b").entity_id


APART = [
    ("PERSON", "جورج بوش الابن", "جورج حبش"),
    ("PERSON", "بشار الأسد", "حافظ الأسد"),
    ("PERSON", "سعد الحريري", "رفيق الحريري"),
    ("PERSON", "بيل كلينتون", "هيلاري كلينتون"),
    ("PERSON", "محمد علي", "محمود علي"),
    ("PERSON", "سالم الحربي", "سليم الحربي"),
    ("PERSON", "حسن نصر الله", "حسين نصر الله"),
    ("PERSON", "محمد بن سلمان", "محمد بن نايف"),
    ("PERSON", "محمد بن راشد", "محمد بن زايد"),
    ("PERSON", "سيرغي لافروف", "سيرغي شويغو"),
    ("PERSON", "دونالد ترامب", "إيفانكا ترامب"),
    ("PERSON", "جون كيري", "جون كوري"),
    ("PERSON", "عبد الله الثاني", "عبد الله بن زايد"),
    ("LOCATION", "كوريا الشمالية", "كوريا الجنوبية"),
    ("LOCATION", "غينيا", "غينيا الاستوائية"),
    ("LOCATION", "السودان", "جنوب السودان"),
    ("LOCATION", "النيجر", "نيجيريا"),
    ("LOCATION", "إنجلترا", "بريطانيا"),
    ("LOCATION", "غزة", "قطاع غزة"),
    ("LOCATION", "حمص", "حماة"),
    ("ORGANIZATION", "الجيش السوري", "الجيش السوري الحر"),
    ("ORGANIZATION", "وزارة الخارجية الروسية", "وزارة الخارجية الأمريكية"),
    ("ORGANIZATION", "مجلس الأمن", "مجلس الشيوخ الأمريكي"),
    ("ORGANIZATION", "ريال مدريد", "أتلتيكو مدريد"),
]


@pytest.mark.parametrize(("kind", "one", "other"), APART)
def test_two_things_have_two_ids(kind: str, one: str, other: str) -> None:
    assert link(one, kind).entity_id != link(other, kind).entity_id


def test_namesakes_of_different_roles_stay_apart() -> None:
    player, general = (link("محمد صلاح", "PERSON", role=role) for role in ("لاعب المنتخب", "اللواء"))
    assert player.entity_id != general.entity_id
    assert player.entity_id == link("محمد صلاح", "PERSON").entity_id


def test_a_given_name_alone_is_a_person_of_its_article() -> None:
    assert link("محمد", "PERSON", article="a").entity_id != link("محمد", "PERSON", article="b").entity_id
    assert link("محمد", "PERSON", article="a").entity_id == link("محمد", "PERSON", article="a").entity_id


def test_the_white_house_is_one_thing_as_a_place_and_as_an_institution() -> None:
    assert link("البيت الأبيض", "LOCATION").entity_id == link("البيت الأبيض", "ORGANIZATION").entity_id


@pytest.mark.parametrize(("name", "kind"), [("حلف شمال الأطلسي", "ORGANIZATION"), ("البيت الأبيض", "LOCATION")])
def test_a_well_known_organisation_is_no_place_buildings_apart(name: str, kind: str) -> None:
    place = mention(name, "LOCATION")
    Linker().link("a", [place], [])
    assert place.kind == kind


def test_an_organisation_has_the_country_of_its_adjective() -> None:
    assert link("وزارة النقل السعودية", "ORGANIZATION").country_code == "SA"
    assert link("قسم المالية", "ORGANIZATION").country_code is None


@pytest.mark.parametrize(("one", "other"), [("كيري", "كوري"), ("محمد", "محمود"), ("سالم", "سليم")])
def test_short_and_arabic_names_keep_their_vowels(one: str, other: str) -> None:
    assert sounds(one) != sounds(other)
