"""A section of an article as HTML: paragraphs in which mentions are links and quotes are marked. All text is escaped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from rasd.arabic import fold

Row = dict[str, Any]
_BIDI_CONTROLS = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


@dataclass(frozen=True)
class _Span:
    start: int
    end: int
    opening: Markup
    closing: Markup
    after: str = ""
    """Stands behind the end of the span, once."""


def paragraphs(
    text: str, mentions: Sequence[Row], quotes: Sequence[Row], entity_url: Callable[[str], str], quote_label: Callable[[Row], str]
) -> Markup:
    """The paragraphs of a section (one a line), with rows of `entities` and `quotes` of this section marked.

    Spans may lie in one another, overlap, and go over several paragraphs; positions beyond the end of the text are cut.
    """
    spans, taken = [], 0
    for m in sorted(mentions, key=lambda m: (m["start"], -m["end"])):
        if m["start"] >= taken:  # links can't lie in links
            taken = m["end"]
            opening = Markup('<a class="entity {}" href="{}">').format(m["entity_type"].lower(), entity_url(m["entity_id"]))
            spans.append(_Span(m["start"], m["end"], opening, Markup("</a>")))
    for q in quotes:
        opening = Markup('<q class="quote" data-quote="{}">').format(q["ordinal"])
        after = Markup('<a class="ref" id="q{0}" href="#s{0}" data-quote="{0}" aria-label="{1}">{2}</a>').format(
            q["ordinal"], plain(quote_label(q)), q["ordinal"] + 1
        )
        spans.append(_Span(q["start"], q["end"], opening, Markup("</q>"), after))
    return Markup("\n").join(
        Markup('<p dir="auto">{}</p>').format(_line(text, start, end, spans)) for start, end in _lines(text) if text[start:end].strip()
    )


def path(address: str) -> Markup:
    """An address, which may break after its slashes rather than in a name."""
    return Markup("/<wbr>").join(address.split("/"))


def _lines(text: str) -> list[tuple[int, int]]:
    bounds, start = [], 0
    for line in text.split("\n"):
        bounds.append((start, start + len(line)))
        start += len(line) + 1
    return bounds


def _line(text: str, first: int, last: int, spans: Sequence[_Span]) -> Markup:
    """text[first:last] with the parts of the spans that lie in it."""
    inside = sorted((s for s in spans if s.start < last and s.end > first and s.start < s.end), key=lambda s: (s.start, -s.end))
    pieces: list[Markup] = []
    open_spans: list[_Span] = []
    position = first

    def close_until(limit: int) -> None:
        nonlocal position
        while open_spans and (end := min(s.end for s in open_spans)) <= limit:
            pieces.append(escape(text[position:end]))
            position = end
            reopened: list[_Span] = []
            # HTML has no overlapping elements, and no links in links: what is in the way is closed and opened again
            ending = [s for s in open_spans if s.end == end]
            everything = any(s.after for s in ending) and any(not s.after for s in open_spans)
            after = [s.after for s in reversed(ending)]
            while any(s.end == end for s in open_spans) or (everything and open_spans):
                span = open_spans.pop()
                pieces.append(span.closing)
                if span.end != end:
                    reopened.append(span)
            pieces.extend(map(Markup, after))
            for span in reversed(reopened):
                pieces.append(span.opening)
                open_spans.append(span)

    for span in inside:
        start = max(span.start, first)
        close_until(start)
        pieces += [escape(text[position:start]), span.opening]
        open_spans.append(span)
        position = start
    close_until(last)
    pieces.append(escape(text[position:last]))
    pieces += [span.closing for span in reversed(open_spans)]
    return Markup("").join(pieces)


def excerpt(text: str, words: Sequence[str], length: int = 260) -> Markup:
    """About `length` characters of a text around the first of the folded `words`, with every word marked; its beginning for no words."""
    folded, places = _fold_with_places(text)
    found = [place for place in (folded.find(word) for word in words) if place >= 0]
    start = max(0, places[min(found)] - length // 3) if found else 0
    if start:
        start = text.rfind(" ", 0, start) + 1
    end = min(len(text), start + length)
    if end < len(text):
        end = max(text.rfind(" ", start, end), start + length // 2)
    spans: list[_Span] = []
    for word in words:
        at = folded.find(word)
        while at >= 0:
            first, last = places[at], places[at + len(word) - 1] + 1
            if first >= start and last <= end and not any(s.start < last and first < s.end for s in spans):
                spans.append(_Span(first, last, Markup("<mark>"), Markup("</mark>")))
            at = folded.find(word, at + len(word))
    flat = text[:end].replace("\n", " ")
    return Markup("{}{}{}").format("… " if start else "", _line(flat, start, end, spans), " …" if end < len(text) else "")


def _fold_with_places(text: str) -> tuple[str, Sequence[int]]:
    """The text as search sees it, and for each of its letters where it stands in `text`."""
    folded = fold(text).lower()
    if len(folded) == len(text):
        return folded, range(len(text))
    letters = [(fold(letter).lower(), place) for place, letter in enumerate(text)]
    return "".join(letter for letter, _ in letters), [place for letter, place in letters for _ in letter]


def shorten(text: str, length: int) -> str:
    """The text, cut to `length` characters with an ellipsis where it is longer."""
    return text if len(text) <= length else f"{text[:length].rstrip()} …"


def plain(text: str) -> str:
    """A text for an attribute or a window title, where no element can isolate it: without characters that turn the direction of others."""
    return shorten(" ".join(text.translate(_BIDI_CONTROLS).split()), 200)
