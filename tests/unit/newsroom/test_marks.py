"""Marks in an article: every letter once, nothing but text from the text, elements well nested."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from rasd.newsroom.marks import excerpt, paragraphs, plain, shorten

TEXTS = st.text(alphabet="ab<>&\"'\n اأَُـ\u202e\u2067😀", max_size=40)
SPANS = st.lists(st.tuples(st.integers(0, 45), st.integers(0, 45)), max_size=6)


class Reader(HTMLParser):
    """The text of a page without what we add, the elements in it, and whether they are well nested."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.open, self.seen, self.quoted = "", [], [], {}
        self.feed(str(html))
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        assert tag in {"p", "a", "q"}
        assert tag == "q" or tag not in [name for name, _ in self.open], f"{tag} in {tag}"
        self.open.append((tag, values))
        self.seen.append((tag, values))

    def handle_endtag(self, tag: str) -> None:
        name, _ = self.open.pop()
        assert name == tag
        self.text += "\n" if tag == "p" else ""

    def handle_data(self, data: str) -> None:
        if self.open and "ref" not in (self.open[-1][1].get("class") or ""):
            self.text += data
            for name, values in self.open:
                if name == "q":
                    self.quoted[values["data-quote"]] = self.quoted.get(values["data-quote"], "") + data


def mention(start: int, end: int) -> dict[str, object]:
    return {"start": start, "end": end, "entity_type": "PERSON", "entity_id": "aa"}


def marked(text: str, mentions: list[tuple[int, int]], quotes: list[tuple[int, int]]) -> Reader:
    rows = [{"start": start, "end": end, "ordinal": i} for i, (start, end) in enumerate(quotes)]
    return Reader(paragraphs(text, [mention(*m) for m in mentions], rows, lambda i: f"/e/{i}", lambda q: '"><script>'))


@given(TEXTS, SPANS, SPANS)
def test_marks_leave_the_text_as_it_is(text: str, mentions: list[tuple[int, int]], quotes: list[tuple[int, int]]) -> None:
    reader = marked(text, mentions, quotes)
    assert reader.text == "".join(f"{line}\n" for line in text.split("\n") if line.strip())
    labels = {values["aria-label"] for _, values in reader.seen if values.get("class") == "ref"}
    assert labels <= {'"><script>'}
    for number, (start, end) in enumerate(quotes):
        lines = text.split("\n")
        shown = [at + i for at, line in zip(_starts(lines), lines, strict=True) if line.strip() for i in range(len(line))]
        assert reader.quoted.get(str(number), "") == "".join(text[i] for i in shown if start <= i < end)


def _starts(lines: list[str]) -> list[int]:
    starts, at = [], 0
    for line in lines:
        starts.append(at)
        at += len(line) + 1
    return starts


def test_a_quote_over_two_paragraphs_has_one_reference() -> None:
    reader = marked("قال الأول\nوالثاني هنا", [], [(4, 17)])
    assert [tag for tag, _ in reader.seen] == ["p", "q", "p", "q", "a"]


def test_a_name_across_the_end_of_a_quote_is_no_link_in_a_link() -> None:
    reader = marked("abcdef", [(2, 5)], [(0, 3)])
    assert reader.text == "abcdef\n"


@given(TEXTS, st.lists(st.text(alphabet="ab<اء", min_size=1, max_size=3), max_size=3))
def test_an_excerpt_is_text_of_the_article(text: str, words: list[str]) -> None:
    html = excerpt(" ".join(text.split()), words, 20)
    bare = html.striptags().strip("… ")
    assert bare in " ".join(text.split())
    assert "<" not in html.replace("<mark>", "").replace("</mark>", "")


def test_an_excerpt_shows_what_was_found_as_it_is_written() -> None:
    text = "كلام كثير " * 50 + "زارت الوزيرةُ مَدينةً بعيدة " + "ثم عادت " * 50
    html = excerpt(text, ["مدينه"])
    assert "<mark>مَدينة</mark>" in html
    assert html.startswith("… ")
    assert len(html) < 320


def test_plain_and_shorten() -> None:
    assert plain("a\u202eb\u2067c\u200f\nd") == "abc d"
    assert len(plain("ا" * 1_000_000)) < 210
    assert shorten("abc", 3) == "abc"
    assert shorten("abcd", 3) == "abc …"
