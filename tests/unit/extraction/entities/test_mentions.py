"""What becomes of a tagger's labels: repairs, agreement over the article, spans."""

from __future__ import annotations

import pytest

from rasd.extraction.backend import names_of
from rasd.extraction.entities.mentions import Harmoniser, Section, mentions_of, read_section
from rasd.extraction.entities.proclitics import Splitter
from rasd.extraction.entities.vocabulary import count
from rasd.extraction.tokens import tokenise

KINDS = {"P": "PERSON", "L": "LOCATION", "O": "ORGANIZATION", "M": "MISC"}


def section(text: str, labels: str) -> Section:
    """A section of one sentence. `labels` has a sign a token: «.» for none, P L O M for a first word, p l o m for a later one."""
    tokens = tokenise(text)
    bio = ["O" if sign == "." else f"{'B' if sign.isupper() else 'I'}-{KINDS[sign.upper()]}" for sign in labels]
    assert len(bio) == len(tokens.words) == tokens.sentences.count(0)
    return read_section("text", text, tokens, [tokens.words], [names_of(bio, [0.9] * len(bio))])


def found(*sections: Section) -> list[list[tuple[str, str]]]:
    splitter = Splitter(count)
    Harmoniser(splitter, count).harmonise(list(sections))
    return [[(mention.surface, mention.kind) for mention in mentions_of(each, splitter)] for each in sections]


@pytest.mark.parametrize(
    ("text", "labels", "names"),
    [
        ("قال سامر الخطابي وفادي المنياوي نعم", ".Pppp.", ["سامر الخطابي", "فادي المنياوي"]),
        ("لقاء الخطابي - المنياوي غدا", ".Ppp.", ["الخطابي", "المنياوي"]),
        ("قال كي-مون نعم", ".Ppp.", ["كي-مون"]),
        ("قال دونالد ترمبوري نعم", ".PP.", ["دونالد ترمبوري"]),
        ("وصل سيرغي شتيغلوف اليوم", "..P.", ["سيرغي شتيغلوف"]),
        ("عين الملك عبدالله الثاني عمر الرفاعي رئيسا", "..PpPp.", ["عبدالله الثاني", "عمر الرفاعي"]),
        ("رد على الخطابي في بيان", ".Pp..", ["الخطابي"]),
        ("قال الوزيران والروسي نعم", ".PP.", []),
        ("في قرية الشوقانية اليوم", ".Ll.", ["الشوقانية"]),
        ("في مدينة حلب اليوم", ".Ll.", ["حلب"]),
        ("في مدينة جازان الاقتصادية اليوم", ".Lll.", ["مدينة جازان الاقتصادية"]),
        ("ذكرت صحيفة السرادق اليوم", ".Oo.", ["السرادق"]),
        ("أعلنت وزارة الصحة والسكان اليوم", ".Ooo.", ["وزارة الصحة والسكان"]),
        ("قال الكرملين نعم", ".P.", ["الكرملين"]),
        ("بلغ السعر للدولار الواحد", "..M.", []),
        ("وقال سامر الخطابي لفرانس برس أمس", ".Pppp.", ["سامر الخطابي", "فرانس برس"]),
        ("وقال الخطابي لترامب أمس", ".Pp.", ["الخطابي", "ترامب"]),
        ("رسالة سامر للعلاجات الحديثة", ".Pp.", ["سامر"]),
        ("زار جان لوران المدينة", ".Pp.", ["جان لوران"]),
        ("نقل عن سامر الخطابي قوله أمس", "..Ppp.", ["سامر الخطابي"]),
        ("رد سامر الخطابي قائلا نعم", ".Ppp.", ["سامر الخطابي"]),
        ("حافلات الشمال فهد الخطابي أمس", "Oooo.", ["حافلات الشمال", "فهد الخطابي"]),
        ("في جامعة الملك سعود أمس", ".Ooo.", ["جامعة الملك سعود"]),
        ("لجنة الإشراف على الملاعب", "Oooo", ["لجنة الإشراف على الملاعب"]),
        ("وكالة تاس الروسية أمس", ".Oo.", ["تاس"]),
        ("وزارة الخارجية الروسية أمس", "Ooo.", ["وزارة الخارجية الروسية"]),
        ("في حلب السورية أمس", ".Ll.", ["حلب"]),
        ("مكتب شدرافيل الفرنسية أمس", ".Ll.", ["شدرافيل"]),
        ("في الصحراء المغربية أمس", ".Ll.", ["الصحراء المغربية"]),
        ("في الشمال السوري أمس", ".Ll.", ["الشمال السوري"]),
        ("القوات الليبية العاملة في المدينة", "Ooo..", ["القوات الليبية"]),
        ("سافر إلى مسقط أمس", "....", ["مسقط"]),
        ("سافر إلى مسقط رأسه أمس", ".....", []),
        ("حافلات الساحل فهد الخطابي أمس", ".Ooo.", ["الساحل", "فهد الخطابي"]),
        ("سافر إلى صعيد مصر أمس", "...L.", ["صعيد مصر"]),
        ("سافر إلى الشرق الأوسط أمس", ".....", ["الشرق الأوسط"]),
        ("ذكرت الشرق الأوسط أمس", ".Oo.", ["الشرق الأوسط"]),
        ("قال الدكتور سامر الخطابي نعم", ".Ppp.", ["سامر الخطابي"]),
        ("قال سلطان الخطابي نعم", ".Pp.", ["سلطان الخطابي"]),
        ("لجأ إلى علي أكبر خطابزاده أمس", "....P.", ["علي أكبر خطابزاده"]),
        ("يصر علي خطابزاده أمس", "..P.", ["خطابزاده"]),
        ("في الجمهورية العربية السورية أمس", ".Lll.", ["الجمهورية العربية السورية"]),
        ("أعلنت كتائب عز الدين القسام أمس", "..Ppp.", ["كتائب عز الدين القسام"]),
        ("قال لحسن السعدي نعم", ".Pp.", ["لحسن السعدي"]),
        ("قال المتحدث باسم الخطابي نعم", "..Pp.", ["الخطابي"]),
        ("قال الفنان باسم الخطابي نعم", "..Pp.", ["باسم الخطابي"]),
        ("في بريطانيا العظمى أمس", ".L..", ["بريطانيا العظمى"]),
        ("في بريطانيا، العظمى أمس", ".L...", ["بريطانيا"]),
        ("قناة سي إن إن أمس", ".Oo..", ["سي إن إن"]),
        ("حلب وضهيب بن سامر هنا", "LPpp.", ["حلب", "ضهيب بن سامر"]),
        ("قال وهب بن سامر نعم", ".Ppp.", ["وهب بن سامر"]),
        ('شعار " حافظ على بلدك "', "..P...", []),
        ('قال " حافظ الخطابي قادم "', "..Pp..", ["حافظ الخطابي"]),
    ],
)
def test_repairs(text: str, labels: str, names: list[str]) -> None:
    assert [surface for surface, _ in found(section(text, labels))[0]] == names


def test_a_full_name_finds_the_surname_that_the_tagger_missed() -> None:
    title, body = section("الخطلاوي يغادر", ".."), section("غادر سامر الخطلاوي اليوم", ".Pp.")
    assert found(title, body) == [[("الخطلاوي", "PERSON")], [("سامر الخطلاوي", "PERSON")]]


def test_a_surname_keeps_its_particle() -> None:
    one, two = section("غادر سامر ولد خطلاوي اليوم", ".Ppp."), section("رد ولد خطلاوي عليه", "..P.")
    assert found(one, two)[1] == [("ولد خطلاوي", "PERSON")]


def test_a_found_surname_takes_the_given_name_before_it() -> None:
    one, two = section("غادر سامر الخطلاوي اليوم", ".Pp."), section("غادر سليمان الخطلاوي اليوم", "....")
    assert found(one, two)[1] == [("سليمان الخطلاوي", "PERSON")]


def test_a_surname_that_is_a_common_word_is_left_alone() -> None:
    title, body = section("العام المقبل", ".."), section("غادر سامر المقبل اليوم", ".Pp.")
    assert found(title, body)[0] == []


def test_a_name_of_several_words_is_one_wherever_it_stands() -> None:
    one, two = section("حزب الوفاق الشعبي يفوز", "Ooo."), section("فاز بحزب الوفاق الشعبي", "....")
    assert found(one, two)[1] == [("حزب الوفاق الشعبي", "ORGANIZATION")]


def test_a_name_cut_short_gets_its_full_length() -> None:
    one, two = section("حزب الوفاق الشعبي يفوز", "Ooo."), section("فاز حزب الوفاق الشعبي", ".Oo.")
    assert found(one, two)[1] == [("حزب الوفاق الشعبي", "ORGANIZATION")]


def test_the_article_decides_what_a_name_is() -> None:
    sections = [section("قال شنواحي نعم", ".P."), section("رد شنواحي لا", ".P."), section("زار شنواحي أمس", ".L.")]
    assert {kind for names in found(*sections) for _, kind in names} == {"PERSON"}
