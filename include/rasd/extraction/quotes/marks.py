"""Quotation marks of every style, paired in one pass.

Writers mix styles, reverse them («”…“»), open with a closing mark, forget one, or let a quotation run over paragraphs. The spacing around
a mark tells more about its side than its shape: a mark opens where a space (or a proclitic such as و or بـ) stands before it and a word
after it. The shape decides where the spacing is silent, and what is open at the moment decides where both are.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

OPEN, CLOSE, EITHER = 1, -1, 0

_MARK = re.compile(r"<<|>>|\(\(|\)\)|''|[“”„‟«»‹›\"″〝〞＂❝❞﴿﴾]|(?:(?<!\w)|(?<=\b[وفبلك]))['‘’](?=\w)|(?<!\s)['‘’](?!\w)")
_BEGINS_MARK = re.compile(r"[<>()'‘’“”„‟«»‹›\"″〝〞＂❝❞﴿﴾]")
_BREAK = re.compile("\n")
_PROCLITIC = re.compile(r"(?:^|[\s(\[،,:.])(?:و|ف|ب|ل|ك|ال|بال|وال|لل|وب|ول|فب)ـ?$")
_FAMILY = {
    "“": "curly", "”": "curly", "„": "curly", "‟": "curly", "❝": "curly", "❞": "curly", "〝": "curly", "〞": "curly",
    "«": "angle", "»": "angle", "<<": "angle", ">>": "angle", "‹": "single angle", "›": "single angle",
    "((": "round", "))": "round", '"': "straight", "″": "straight", "＂": "straight", "''": "straight",
    "'": "single", "‘": "single", "’": "single", "﴿": "ornate", "﴾": "ornate",
}  # fmt: skip
_SHAPE = {
    "“": OPEN, "„": OPEN, "❝": OPEN, "〝": OPEN, "«": OPEN, "<<": OPEN, "‹": OPEN, "((": OPEN, "‘": OPEN,
    "”": CLOSE, "❞": CLOSE, "〞": CLOSE, "»": CLOSE, ">>": CLOSE, "›": CLOSE, "))": CLOSE, "’": CLOSE,
    "﴿": OPEN, "﴾": CLOSE,
}  # fmt: skip
_OPENING_NEIGHBOURS = frozenset("([{،,:؛;.-–—_/،")
_CLOSING_NEIGHBOURS = frozenset(")]}،,:؛;.!?؟…-–—_/")
_MARK_CHARACTERS = frozenset("“”„‟«»‹›\"″〝〞＂❝❞'‘’<>()﴿﴾")

_LONG = 20
"""Code points from which a stretch is speech rather than a name."""

_MOST_MARKS_AHEAD = 12
"""So many marks are looked at to tell what belongs together."""

MOST_LINES = 6
"""A mark that finds no partner within so many line breaks has none."""


@dataclass(slots=True)
class Span:
    """A quoted stretch, in code points.

    `outer_start:outer_end` includes the marks, `start:end` is what they hold without white space at its ends. `style` is the marks as
    written (one where the other is missing), `repaired` says that one was missing or turned, `parent` is the index of the span
    around this one, or -1.
    """

    outer_start: int
    start: int
    end: int
    outer_end: int
    style: str
    repaired: bool
    parent: int


@dataclass(slots=True)
class _Mark:
    start: int
    end: int
    text: str
    family: str
    shape: int
    side: int
    line: int

    @property
    def opens(self) -> bool:
        return self.side == OPEN or (self.side == EITHER and self.shape == OPEN)


@dataclass(slots=True)
class _Open:
    start: int
    inner: int
    mark: str
    family: str
    shape: int
    line: int


def _side_by_spacing(text: str, start: int, end: int) -> int:
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    if before == ":" or (before == " " and start > 1 and text[start - 2] == ":" and not after.isspace()):
        return OPEN
    if after in _CLOSING_NEIGHBOURS and not (before.isspace() and after in "-–—_/"):
        return CLOSE
    free_left = before.isspace() or before in _OPENING_NEIGHBOURS
    free_right = after.isspace()
    if free_left == free_right:
        free_left, free_right = before.isspace(), after.isspace()
        if free_left == free_right:
            free_left, free_right = before in _MARK_CHARACTERS, after in _MARK_CHARACTERS
    if free_left and not free_right:
        return OPEN
    if _PROCLITIC.search(text, max(0, start - 7), start):
        return EITHER if after.isspace() else OPEN
    return CLOSE if free_right and not free_left else EITHER


def _marks_of(text: str) -> Iterator[re.Match[str]]:
    """All matches of `_MARK`, looked for only where one can begin: a search for single characters is many times faster."""
    end = 0
    for beginning in _BEGINS_MARK.finditer(text):
        start = beginning.start()
        if start >= end and (match := _MARK.match(text, start)):
            end = match.end()
            yield match


def pair(text: str) -> tuple[list[Span], list[int]]:
    """The quoted stretches of `text` in order of their opening, which nest and never cross, and where closing marks without an opening one
    stand. Takes time linear in the length of the text."""
    breaks = [m.start() for m in _BREAK.finditer(text)]
    closed: list[tuple[int, int, int, int, str, bool]] = []
    orphans: list[int] = []
    stack: list[_Open] = []

    def close(opened: _Open, end: int, outer_end: int, mark: str) -> None:
        turned = opened.shape == CLOSE or _SHAPE.get(mark, EITHER) == OPEN
        closed.append((opened.start, opened.inner, end, outer_end, opened.mark + mark, turned or not mark))

    def abandon(upto: int) -> None:
        while len(stack) > upto:
            opened = stack.pop()
            stop = breaks[opened.line] if opened.line < len(breaks) else len(text)
            close(opened, stop, stop, "")

    marks = [
        _Mark(
            *match.span(),
            match.group(),
            _FAMILY[match.group()],
            _SHAPE.get(match.group(), EITHER),
            _side_by_spacing(text, *match.span()),
            bisect_left(breaks, match.start()),
        )
        for match in _marks_of(text)
    ]
    for number, current in enumerate(marks):
        start, end, mark = current.start, current.end, current.text
        family, shape, side, line = current.family, current.shape, current.side, current.line
        if stack and line - stack[0].line > MOST_LINES:
            abandon(0)
        partner = next((k for k in range(len(stack) - 1, max(-1, len(stack) - 4), -1) if stack[k].family == family), -1)
        if partner < 0:
            if side == OPEN or (side == EITHER and shape != CLOSE):
                stack.append(_Open(start, end, mark, family, shape, line))
            else:
                orphans.append(start)
            continue
        opened = stack[partner]
        nests = current.opens and line == opened.line and _is_closed_twice(marks, number)
        opens = (side == OPEN and not (shape == CLOSE and opened.shape == OPEN)) or (
            side == EITHER and (nests or (line != opened.line and shape != CLOSE))
        )
        if opens:
            if not nests:
                abandon(partner)
            stack.append(_Open(start, end, mark, family, shape, line))
            continue
        while len(stack) > partner + 1:
            close(stack.pop(), start, start, "")
        close(stack.pop(), start, end, mark)
    abandon(0)
    return _nested(text, closed), orphans


def _is_closed_twice(marks: list[_Mark], number: int) -> bool:
    """Whether the line closes both the mark `number` and the one of its family that is open when it comes: the inner one is then nested,
    else the outer one was never closed."""
    depth = 2
    for mark in marks[number + 1 : number + 1 + _MOST_MARKS_AHEAD]:
        if mark.line != marks[number].line:
            break
        if mark.family == marks[number].family:
            depth += 1 if mark.opens else -1
            if not depth:
                return True
    return False


def _nested(text: str, closed: list[tuple[int, int, int, int, str, bool]]) -> list[Span]:
    closed.sort(key=lambda c: (c[0], -c[3]))
    spans: list[Span] = []
    around: list[int] = []
    for number, (outer_start, start, end, outer_end, style, repaired) in enumerate(closed):
        while around and spans[around[-1]].outer_end <= outer_start:
            around.pop()
        parent = around[-1] if around else -1
        is_unclosed = repaired and end == outer_end
        if is_unclosed:
            # A stretch without a closing mark ends before the next long stretch of the same kind, which stands beside it, not inside.
            for following in closed[number + 1 : number + 1 + _MOST_MARKS_AHEAD]:
                if following[0] >= end:
                    break
                if following[4][:1] == style[:1] and following[2] - following[1] >= _LONG:
                    end = outer_end = following[0]
                    break
        if parent >= 0 and outer_end > spans[parent].outer_end:
            end, outer_end = min(end, spans[parent].end), spans[parent].outer_end
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if start < end:
            spans.append(Span(outer_start, start, end, end if is_unclosed else max(outer_end, end), style, repaired, parent))
            around.append(len(spans) - 1)
    return spans
