"""Pieces of text that are hard on the finder of quotes: for tests and benchmarks to mix at random."""

from __future__ import annotations

MARKS = ["“", "”", "„", "«", "»", "‹", "›", "<<", ">>", "((", "))", '"', "''", "'"]
WORDS = [
    "قال",
    "وأضاف",
    "الوزير",
    "إن",
    "أن",
    "مؤكدا",
    "،",
    ".",
    ":",
    "الشركة",
    "اليوم",
    "كتاب",
    "بحسب",
    "مصدر",
    "سوق",
    "كبير",
    "وفق",
    "لم",
    "\n",
]
ODDITIES = ["(", "ـ", "َ", "🙂", "ل", "12", "x"]
