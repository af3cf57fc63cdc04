"""Bar charts as inline SVG. Places along the axis are percentages, so a chart fills any width and its letters keep their size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

_HEIGHT, _FLOOR, _CEILING = 190, 160, 14
_LABELS = 6
_WIDEST = 6
"""Percent of the width that a bar takes at most, so that few of them are no blocks."""


@dataclass(frozen=True)
class Bar:
    """One bar: what it stands for, how high it is, where a click leads ("" for nowhere), and what a reader hears or sees on hover."""

    label: str
    value: int
    url: str
    title: str


def columns(bars: Sequence[Bar], description: str) -> Markup:
    """Upright bars over a time axis, oldest first."""
    top = _ceiling(max((bar.value for bar in bars), default=0))
    step = 100 / max(len(bars), 1)
    width = min(step * 0.76, _WIDEST)
    axis, parts = [], []
    for share in (0, 0.5, 1):
        y = _FLOOR - share * (_FLOOR - _CEILING)
        axis.append(
            Markup('<line class="grid" x1="0" x2="100%" y1="{0}" y2="{0}"/><text class="tick" x="0" y="{1}">{2}</text>').format(
                f"{y:.1f}", f"{y - 3:.1f}", f"{top * share:,.0f}"
            )
        )
    every = max(1, -(-len(bars) // _LABELS))
    for i, bar in enumerate(bars):
        height = max((_FLOOR - _CEILING) * bar.value / top, 1 if bar.value else 0)
        shape = Markup('<rect class="column" x="{}%" y="{}" width="{}%" height="{}" rx="2"><title>{}</title></rect>').format(
            f"{(i + 0.5) * step - width / 2:.3f}", f"{_FLOOR - height:.1f}", f"{width:.3f}", f"{height:.1f}", bar.title
        )
        parts.append(Markup('<a href="{}" aria-label="{}">{}</a>').format(bar.url, bar.title, shape) if bar.url else shape)
        if i % every == 0:
            kind = "tick" if i == 0 or i + every >= len(bars) else "tick inner"
            parts.append(
                Markup('<text class="{}" x="{}%" y="{}" text-anchor="middle">\u2068{}\u2069</text>').format(
                    kind, f"{(i + 0.5) * step:.2f}", _HEIGHT - 10, bar.label
                )
            )
    return Markup(
        '<div class="chart" dir="ltr" role="group" aria-label="{0}">'
        '<svg class="axis" aria-hidden="true" height="{1}" width="100%">{2}</svg><svg class="plot" height="{1}">{3}</svg></div>'
    ).format(description, _HEIGHT, Markup("").join(axis), Markup("").join(parts))


def share(value: int, largest: int) -> Markup:
    """A lying bar of `value` against the `largest`: decoration beside a number."""
    return Markup(
        '<svg class="share" aria-hidden="true" width="100%" height="8"><rect width="100%" height="8" rx="4" class="rail"/>'
        '<rect width="{}%" height="8" rx="4" class="fill"/></svg>'
    ).format(f"{100 * value / max(largest, 1):.1f}")


def _ceiling(value: int) -> int:
    """The next round number of which the half, which the axis names too, is a whole one: 2, 4, 6 or 10 times a power of ten."""
    power = 1
    while True:
        for factor in (2, 4, 6, 10):
            if value <= factor * power:
                return factor * power
        power *= 10
