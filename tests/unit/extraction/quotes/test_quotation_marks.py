"""Every mark style, however badly placed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasd.extraction.quotes import marks
from rasd.extraction.quotes.marks import pair


def held(text: str) -> list[str]:
    return [text[s.start : s.end] for s in pair(text)[0]]


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("“", "”"),
        ("„", "”"),
        ("«", "»"),
        ("‹", "›"),
        ("<<", ">>"),
        ("((", "))"),
        ('"', '"'),
        ("''", "''"),
        ("'", "'"),
        ("”", "“"),
        ("»", "«"),
        ("”", "”"),
    ],
)
def test_each_style_holds_its_words(opening: str, closing: str) -> None:
    text = f"قال الوزير {opening}الطريق مفتوح أمام الجميع{closing} أمس."
    (span,) = pair(text)[0]
    assert text[span.start : span.end] == "الطريق مفتوح أمام الجميع"
    assert span.style == opening + closing
    assert text[span.outer_start : span.outer_end] == f"{opening}الطريق مفتوح أمام الجميع{closing}"


def test_turned_marks_are_mended_on_record() -> None:
    assert pair("قال ”نعم لكل شيء“ ثم خرج")[0][0].repaired
    assert not pair("قال “نعم لكل شيء” ثم خرج")[0][0].repaired


def test_an_opening_mark_may_follow_a_proclitic() -> None:
    assert held("شارك و”حركة البناء” في الاجتماع") == ["حركة البناء"]
    assert held("وصفها بـ«فرصة نادرة» للجميع") == ["فرصة نادرة"]


def test_white_space_inside_the_marks_is_left_out() -> None:
    assert held('قال " سنعمل معا " ثم خرج') == ["سنعمل معا"]


def test_marks_nest() -> None:
    text = "قال «قرأت كتاب «البحر» مرتين» أمس"
    outer, inner = pair(text)[0]
    assert text[inner.start : inner.end] == "البحر"
    assert inner.parent == 0 and outer.parent == -1


def test_a_missing_closing_mark_ends_with_the_paragraph() -> None:
    text = 'قال "سنعمل معا من أجل البلاد.\nوأضاف "لن نتوقف أبدا".'
    first, second = pair(text)[0]
    assert text[first.start : first.end] == "سنعمل معا من أجل البلاد."
    assert first.repaired and not second.repaired


def test_a_mark_never_closed_ends_before_the_next_long_stretch() -> None:
    text = "قال إن «المصنع يعمل ليل نهار منذ العام الماضي وأضاف أن «الإنتاج سيتضاعف خلال أشهر قليلة» أمس"
    spans = [s for s in pair(text)[0] if s.parent < 0]
    assert [text[s.start : s.end] for s in spans][1] == "الإنتاج سيتضاعف خلال أشهر قليلة"


def test_a_quotation_runs_over_line_breaks() -> None:
    assert held("قال: «السطر الأول\nوالسطر الثاني» ثم خرج") == ["السطر الأول\nوالسطر الثاني"]


def test_a_closing_mark_without_an_opening_one_is_told() -> None:
    text = 'قال الرئيس سنعود غدا". وخرج'
    assert pair(text) == ([], [text.index('"')])


def test_apostrophes_are_no_marks() -> None:
    assert pair("شركة l'Oréal وكتاب O'Neil")[0] == []


@given(st.text(alphabet="اب و\n.،:\"'“”«»‹›<>()", max_size=120))
def test_stretches_nest_and_stay_inside(text: str) -> None:
    spans, orphans = pair(text)
    assert all(0 <= at < len(text) for at in orphans)
    for number, span in enumerate(spans):
        assert 0 <= span.outer_start <= span.start < span.end <= span.outer_end <= len(text)
        assert span.parent < number
        for other in spans[number + 1 :]:
            apart = other.outer_start >= span.outer_end
            within = other.outer_start >= span.outer_start and other.outer_end <= span.outer_end
            assert apart or within


@given(st.text(alphabet="<>()'‘’“”«»\"〝 وابتx\n", max_size=40))
def test_marks_are_found_where_a_search_for_whole_marks_finds_them(text: str) -> None:
    assert [m.span() for m in marks._marks_of(text)] == [m.span() for m in marks._MARK.finditer(text)]
