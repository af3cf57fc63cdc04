"""Invented articles by number, for tests that need many: each is different, Arabic, and names people who speak."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

SEEDS = Path(__file__).resolve().parents[1] / "seeds"

FIRST_NAMES = ("سامي", "ليلى", "ياسر", "هند", "كمال", "نوال", "فارس", "رنا", "طارق", "سلمى", "عادل")
LAST_NAMES = ("الحمداني", "الشريف", "البغدادي", "القرني", "المنصوري", "الزواوي", "الكيلاني")
CITIES = ("بيروت", "عمان", "الرباط", "تونس", "القاهرة", "بغداد", "الدوحة", "مسقط", "الخرطوم")
TOPICS = ("المياه", "الطاقة", "التعليم", "الزراعة", "النقل", "الصحة", "السياحة", "الموانئ")


def article(number: int) -> str:
    """An article of about 90 words; no two numbers below 5,000 give the same."""
    first, last = FIRST_NAMES[number % len(FIRST_NAMES)], LAST_NAMES[number % len(LAST_NAMES)]
    city, topic = CITIES[number % len(CITIES)], TOPICS[number % len(TOPICS)]
    return f"""{city}: خطة جديدة لقطاع {topic} رقمها {number}

أعلن وزير {topic} {first} {last} في مؤتمر صحفي عقده في {city} أن الحكومة أقرت خطة من {number + 3} مشروعا لتطوير القطاع.

وقال {last}: "سننفذ المشروع رقم {number} قبل نهاية العام، ولن نقبل أي تأخير في التسليم إلى البلديات".

وأضاف أن الكلفة تبلغ {number * 7 + 11} مليون دولار، مشيرا إلى أن التمويل جاء من صندوق محلي ومن قروض ميسرة.

من جهتها، طالبت نقابة العاملين في {topic} بنشر تفاصيل العقود، وأكدت أن أعضاءها لم يستشاروا في أي مرحلة من مراحل الإعداد.

ويتوقع أن يبدأ العمل في {number % 28 + 1} موقعا موزعة على أنحاء البلاد خلال الشهور المقبلة، بإشراف لجنة من المهندسين المستقلين.
"""


def land_articles(folder: Path, *, first: int, count: int) -> list[Path]:
    """Write articles `first`, `first + 1` … as text files; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:06}.txt" for number in range(first, first + count)]
    for number, path in enumerate(paths, start=first):
        path.write_text(article(number), encoding="utf-8")
    return paths


@cache
def _seed_lines() -> list[str]:
    """The long lines of the sample articles that are UTF-8."""
    texts = (path.read_bytes().decode("utf-8", errors="ignore") for path in sorted(SEEDS.rglob("*.txt")))
    return [line for text in texts for line in text.splitlines() if len(line.split()) >= 12]


def long_article(number: int) -> str:
    """An article of about 225 words: lines of `article` and of the sample articles, mixed; each number gives another, no near-duplicate."""
    dice = random.Random(number)
    title, *lines = article(number).split("\n\n")
    mixed = [f"{line.strip()} {other}" for line, other in zip(lines, dice.sample(_seed_lines(), len(lines)), strict=True)]
    dice.shuffle(mixed)
    return "\n\n".join([title, *mixed]) + "\n"


def land_long_articles(folder: Path, *, first: int, count: int) -> None:
    """Write long articles `first`, `first + 1` … as text files, 1,000 in a folder."""
    for number in range(first, first + count):
        path = folder / f"{number // 1000:03}" / f"{number:06}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(long_article(number), encoding="utf-8")
