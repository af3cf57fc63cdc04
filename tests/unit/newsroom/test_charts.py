"""Charts as a reader sees them."""

from __future__ import annotations

import re

import pytest

from rasd.newsroom.charts import Bar, columns


@pytest.mark.parametrize("largest", [1, 3, 5, 7, 19, 45, 99, 101, 4999, 123456])
def test_the_axis_names_whole_numbers_where_its_lines_are(largest: int) -> None:
    chart = str(columns([Bar("1 Nov", largest, "", "")], "Articles a day"))
    zero, half, top = (int(tick.replace(",", "")) for tick in re.findall(r'<text class="tick" x="0"[^>]*>([\d,]+)</text>', chart))
    assert (zero, 2 * half) == (0, top)
    assert largest <= top <= 2 * max(largest, 2)
