"""The parts of an article: which line is what.

A file is read as header, body and footer. The body reaches from the first to the last line of prose (long, or a finished sentence).
Every line gets a role: title, subtitle, byline, dateline, caption, body, subhead, related, source, section or boilerplate. Lines are taken
out only on evidence: a phrase of the lexicon `layout_phrases`, a line of interface words alone, the structure of a credit
(`rasd.cleaning.credits`), or the place of a headline-like line among lines that are known. What is not known stays in the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from rasd.arabic import LETTERS, fold
from rasd.cleaning.credits import Credit, is_given_name, is_place, looks_like_name, read_credit, source_kind
from rasd.cleaning.dates import TimeOfDay
from rasd.resources import lexicon
from rasd.schema import SEPARATOR
from rasd.settings import Settings

TITLE, SUBTITLE, BYLINE, DATELINE, CAPTION = "title", "subtitle", "byline", "dateline", "caption"
BODY, SUBHEAD, RELATED, SOURCE, BOILERPLATE, SECTION = "body", "subhead", "related", "source", "boilerplate", "section"

_ARABIC = re.compile(f"[{LETTERS}]")
_WORDS = re.compile(r"[^\W_]+(?:['’][^\W_]+)*[+]?")
_FINAL = ".!?؟…"
_CLOSING = "\"'”»)]"
_TERMINAL = _FINAL + ":؛"
_LONG = 140
_SHORT = 110
_LONGEST_NOISE = 260
"""Code points; whatever a longer line begins or ends with, it is kept."""
_LONGEST_SMALL = 160
"""Code points; a longer line is no counter, no line of interface words and no caption without a credit."""

_ADDRESS = re.compile(
    r"^[\s*•-]*(?:(?:e-?mail|البريد|بريد|ايميل|إيميل|تويتر|حساب|twitter)[^:]{0,20}:\s*)?"
    r"(?:\[?[\w.+-]+@[\w-]+(?:\.[\w-]+)+\]?|\[email.protected\]|@\w+|\w+@|(?:https?://|www\.)\S+|"
    r"[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|info|tv|sa|eg|ma|tn|dz|lb|jo)(?:/\S*)?)"
    r"[\s.*]*$",
    re.I,
)
_FIRST_WORD = re.compile(r"[\W_]*?([^\W_]+|©)")
_SMALL_HEADS = frozenset(
    ("منذ", "قبل", "تعليقات", "التعليقات", "مشاهدات", "مشاهده", "المشاهدات", "قراءات", "القراءات", "الزيارات", "تعليق")
)
_ADDRESS_HEADS = frozenset(("البريد", "بريد", "ايميل", "تويتر", "حساب"))
_END_HEADS = frozenset(("انتهي", "النهايه", "يتبع", "للخبر"))
_COUNTER = re.compile(r"^\W*\d+\s*(?:/|من|of)\s*\d+\W*$")
_STAMP = re.compile(r"^\W*\d{1,2}[:.]\d{2}\s*(?:ت\s*م|ت\s*غ|ص|م|gmt|جمت|ج م ت|بتوقيت\s.{3,25})?\W*$", re.I)
_AGO = re.compile(
    r"^\W*(?:منذ|قبل)\s+(?:\d+\s+)?(?:ثوان|ثانيه|دقيقه|دقائق|دقيقتين|ساعه|ساعات|ساعتين|يوم|يومين|ايام|اسبوع|اسابيع|شهر|اشهر|سنه|سنوات)\W*$"
)
_COUNT = re.compile(
    r"^\W*\d[\d,.]*\s*(?:تعليقا?|تعليقات|مشاهده|مشاهدات|قراءه|قراءات|مشاركه|مشاركات|زياره|اعجاب|دقائق قراءه|دقيقه قراءه|"
    r"دقائق للقراءه|دقيقه للقراءه|"
    r"shares?|comments?|views?|likes?)\W*$|^\W*(?:تعليقات|التعليقات|مشاهدات|مشاهده|المشاهدات|قراءات|القراءات|الزيارات|"
    r"تعليق)\W*\d[\d,.]*\W*$"
)
_INITIALS = re.compile(rf"^\W*(?:(?:[{LETTERS}][\s./|،-]+){{1,8}}[{LETTERS}]|[{LETTERS}]{{1,2}}(?:[./]+[{LETTERS}]{{1,2}})+)\W*$")
_END_MARK = re.compile(r"^\W*(?:انتهي|النهايه|انتهي التقرير|يتبع|للخبر بقيه)(?:\W+(?:\w{1,2}\W*){0,6})?$")
_HASHTAGS = re.compile(r"^(?:#\S+\s*){2,}$")
_TRAIL = re.compile(r"^\W*(?:الرييسيه|home)\s*[>»›/\\|«-].+|^[^>»›]{2,30}(?:\s*[>›]\s*[^>»›]{2,40}){1,5}$", re.I)
_CREDIT_IN_BRACKETS = re.compile(r"[(\[]\s*(?:تصوير\s*:?\s*)?([^()\[\]]{2,40})[)\]]\s*$")
_CITES = re.compile(r"وكاله[^()]{0,40}\([^()]*\)$|^(?:و|ف)?(?:قال|اعلن|اكد|ذكر|افاد|كشف|نقل|اضاف|اوضح)(?:ت)?\s")
_BY_PHOTOGRAPHER = re.compile(
    r"(?:^|[\s(\-–—])(?:تصوير|عدسه|بعدسه)\s*[:/-]|^\W*(?:تصوير|بعدسه|عدسه)\s+\S+(?:\s+\S+){0,3}\W*$|\(تصوير\s[^)]+\)\s*$"
)
_ARCHIVE = re.compile(r"(?:[-–—(]\s*)(?:صوره\s+)?(?:ارشيفيه?|من الارشيف|ارشيف)\s*\)?$")
_CAPTION_HEAD = re.compile(
    r"^\W*(?:صوره (?:ارشيفيه|تعبيريه|من|ل|توضيحيه|متداوله|نشر)|جانب من |لقطه (?:من|شاشه|ل)|من اليمين|من اليسار|الصوره[:\s]|تعليق الصوره|"
    r"مصدر الصوره|صوره:|صور:|image |photo|في الصوره)"
)
_CAPTION_VERB = re.compile(r"\s(?:كما (?:يبدو|تبدو|بدا|بدت|ظهر|ظهرت)|في صوره (?:ارشيفيه|التقطت|من)|في لقطه)\s")
_UPDATE = re.compile(r"^\W*(?:اخر تحديث|تم التحديث|تاريخ التحديث|تم تحديثه)")
_RIGHTS = re.compile(r"^\W*(?:©|\([cC]\)\s*\d{4}|copyright\b)|^.{0,40}©", re.I)
_DESK = re.compile(
    r"^\W*\((?:اعداد|تغطيه|ترجمه|تحرير|شارك في|شاركت في|كتب|كتابه|اعدته|اعده|حرره|حررته)\s[^()]{3,160}\)?\W*$"
    r"|^\W*(?:اعداد|تغطيه)\s[^()]{3,40}\sللنشره العربيه.{0,60}$"
)
_COMMENTS = re.compile(
    r"^\W*(?:[1-9]\d*\s+تعليق(?:ا|ات)?|(?:ال)?تعليقات\W*(?:\(?\s*[1-9]\d*\s*\)?)?|تعليقات القراء|اراء القراء|ردود القراء)\W*$"
)
_NOTE = re.compile(
    r"^\s*[*•]+\s*(?:ال)?(?:كاتب|استاذ|باحث|اعلامي|صحفي|صحافي|محلل|رييس|اكاديمي|خبير|مستشار|سفير|وزير|عضو|نايب|محام|طبيب|"
    r"روايي|شاعر|ناقد|مدير|"
    r"مفكر|دبلوماسي|مهندس|ناشط|مخرج|داعيه|مراسل|كاتبه|باحثه|استاذه|صحفيه|اعلاميه|مهتم|متخصص|مدرب|دكتور)\w*(?:\s|$)"
)
_QUOTED_FROM = re.compile(r"^\s*[*(•-]+\s*(?:نقلا عن|عن|المصدر|بالاتفاق مع|ينشر بالاتفاق|ينشر بالتزامن|ينشر بترتيب|خاص ب|خدمه)\s")
_OPENERS = re.compile(
    r"^(?:و|ف)?(?:قال|اضاف|اكد|اوضح|ذكر|اشار|تابع|اعلن|كشف|افاد|شدد|بين|نفي|راي|يري|اعتبر|لفت|نقل|كان|كانت|جاء|ياتي|يذكر|"
    r"يشار|اردف|زاد|صرح|حذر|دعا|طالب|"
    r"اعرب|يقول|تقول|يضيف|بحسب|وفق|وفقا|حسب|من جهته|من جهتها|من جانبه|من جانبها|من ناحيته|من ناحيه|الي ذلك|في المقابل|"
    r"بدوره|بدورها|في غضون|في سياق|علي صعيد|"
    r"هذا و|كما |لكن|غير ان|يذكر|جدير|تجدر|عن|حول|بشان|خلال|في|بعد|منذ|اما)\w*(?:\s|$)"
)


@dataclass(slots=True)
class Layout:
    """The parts of one article, named as the columns of `articles`; `flags` are quality flags."""

    text: str
    title: str | None = None
    subtitle: str | None = None
    byline: str | None = None
    dateline: str | None = None
    captions: str | None = None
    source_credit: str | None = None
    section_name: str | None = None
    published_date: date | None = None
    published_at: datetime | None = None
    published_precision: str | None = None
    published_source: str | None = None
    removed_text: str | None = None
    flags: list[str] = field(default_factory=list)


class _Line:
    """One line with what is known of it; the costly answers are worked out once."""

    role: str | None = None
    credit: Credit | None = None
    names: Sequence[str] = ()
    runs_on = False
    """A hard wrap parts the line from the next one of the file."""
    is_plain = False
    """Surely prose, no noise and no caption: what most lines are."""
    _noise: str | Literal[False] | None = False
    _is_prose: bool | None = None
    _is_caption: bool | None = None

    def __init__(self, text: str, folded: str, *, after_blank: bool) -> None:
        self.text, self.folded, self.after_blank = text, folded, after_blank
        self.ends = text[-1] in _TERMINAL or _ends(text)
        if _is_plain(text, folded):
            self.is_plain, self._noise, self._is_prose, self._is_caption = True, None, True, False

    def make_boilerplate(self) -> None:
        """Settles that the line is boilerplate, whatever its words."""
        self.is_plain, self._noise, self._is_prose, self._is_caption = False, BOILERPLATE, False, False

    @property
    def words(self) -> int:
        return self.text.count(" ") + 1

    @property
    def noise(self) -> str | None:
        """The role of a line that its own words give away, wherever it stands; None for any other."""
        if self._noise is False:
            self._noise = _noise(self)
        return self._noise

    @property
    def is_prose(self) -> bool:
        """Long, or a finished sentence of some length."""
        if self._is_prose is None:
            self._is_prose = _is_prose(self)
        return self._is_prose

    @property
    def is_caption(self) -> bool:
        """A photograph's line by its own words."""
        if self._is_caption is None:
            self._is_caption = _is_caption(self)
        return self._is_caption


@lru_cache(maxsize=1)
def _phrases() -> dict[tuple[str, str], frozenset[str]]:
    """(role, match) to the folded words of each phrase, joined by spaces."""
    found: dict[tuple[str, str], set[str]] = {}
    for row in lexicon("layout_phrases"):
        found.setdefault((row["role"], row["match"]), set()).add(_key(fold(row["phrase"].lower())))
    return {key: frozenset(value - {""}) for key, value in found.items()}


@lru_cache(maxsize=1)
def _first_words() -> frozenset[str]:
    """First words of all phrases and of lines of interface words: what begins otherwise is no phrase."""
    words = {phrase.split()[0] for (_, match), phrases in _phrases().items() for phrase in phrases}
    return frozenset(words | _interface_words().keys() | {"copyright", "نقلا", "عن", "ينشر", "خدمه", "بالاتفاق", "خاص", "اعداد", "تغطيه"})


@lru_cache(maxsize=1)
def _heads() -> frozenset[str]:
    """First words of whatever is known by its words."""
    return _first_words() | _SMALL_HEADS | _END_HEADS | _ADDRESS_HEADS | {"الرييسيه"}


@lru_cache(maxsize=1)
def _whole_lines() -> dict[str, str]:
    """Folded words of a whole line to its role."""
    return {phrase: role for (role, match), phrases in _phrases().items() if match == "line" and role != SECTION for phrase in phrases}


@lru_cache(maxsize=1)
def _interface_words() -> dict[str, bool]:
    """Folded words of buttons and share bars; True for those that mean a button by themselves."""
    return {word: kind in ("button", "network") for word, kind in _kinds_of_interface().items()}


@lru_cache(maxsize=1)
def _kinds_of_interface() -> dict[str, str]:
    return {fold(row["word"].lower()): row["kind"] for row in lexicon("interface_words")}


@lru_cache(maxsize=1)
def _glued_heads() -> frozenset[str]:
    """First words of buttons that may be glued to the beginning of a line."""
    phrases = _phrases().get((BOILERPLATE, "head"), frozenset())
    return frozenset({phrase.split()[0] for phrase in phrases} | {word for word, button in _interface_words().items() if button})


@lru_cache(maxsize=1)
def _tags() -> re.Pattern[str]:
    """The end of a sentence, then a list of tags up to the end of the line: what names it, and words without a mark."""
    names = sorted(_phrases().get((BOILERPLATE, "tail"), frozenset()), key=len, reverse=True)
    if not names:
        return re.compile(r"(?!)")
    return re.compile(
        rf"[{_FINAL}][{re.escape(_CLOSING)}]*\s*(?P<tags>(?:{'|'.join(map(re.escape, names))})"
        rf"(?:\s*:\s*(?P<list>[^{_FINAL}:؛\"()«»“”]+)|\s(?P<words>[^{_FINAL}:؛،,\"()«»“”]+)))$"
    )


def _is_interface(words: list[str]) -> bool:
    known = _interface_words()
    return all(word in known or word.isdigit() for word in words) and any(known.get(word) for word in words)


@lru_cache(maxsize=1)
def _unfinished_words() -> frozenset[str]:
    """Folded words that no heading and no sentence ends with."""
    return frozenset(fold(word) for row in lexicon("layout_words") if row["set"] == "unfinished" for word in row["words"].split())


def _beginnings(role: str) -> set[str]:
    """Folded phrases that lines of a role begin with; a colon at the end of one has to be there."""
    return {
        _key(fold(row["phrase"].lower())) + (":" if row["phrase"].endswith(":") else "")
        for row in lexicon("layout_phrases")
        if row["role"] == role and row["match"] == "start" and _WORDS.search(row["phrase"])
    }


@lru_cache(maxsize=16)
def _start(role: str, after: str) -> re.Pattern[str]:
    """A folded line that begins with a phrase of the role, then `after`."""
    phrases = sorted(_beginnings(role), key=len, reverse=True)
    body = "|".join(re.escape(phrase.rstrip(":")).replace(r"\ ", r"\s+") + (r"\s*:" if phrase.endswith(":") else "") for phrase in phrases)
    return re.compile(rf"^[\W_]*(?P<phrase>{body})(?!\w){after}", re.I)


def _key(folded: str) -> str:
    return " ".join(_WORDS.findall(folded))


def read_layout(text: str, folded: str, *, file_name: str, sidecar: dict[str, str], settings: Settings) -> Layout:
    """The parts of the article `text`, whose characters are clean.

    Args:
        text: what `rasd.cleaning.characters.clean_characters` gave.
        folded: the same in lower case and folded (`rasd.arabic.fold_lines`), with the same line breaks.
        file_name: may begin with a date («2016-08-31_x.txt»).
        sidecar: fields of the JSON file beside the article: title, author, published_at, category and source are used. They win.
        settings: `zone` is that of stated times that name none.
    """
    lines = _split(text, folded)
    if not lines:
        return Layout(text="")
    stated_title = _string(sidecar, "title")
    first, last = _body_span(lines)
    first = _read_header(lines[:first], lines[first:], stated_title)
    _read_body(lines[first : last + 1])
    _read_footer(lines[last + 1 :], lines[: last + 1])
    return _assemble(lines, file_name, sidecar, settings)


def _split(text: str, folded: str) -> list[_Line]:
    lines: list[_Line] = []
    blank = False
    for line, plain in zip(text.split("\n"), folded.split("\n"), strict=True):
        if line:
            lines.append(_Line(line, plain, after_blank=blank))
        blank = not line
    return _unglued(lines)


_MOST_TAGS = 16
"""Words; what follows a name of tags without its colon is prose where it has more."""
_LEAST_AFTER_BUTTONS = 30
"""Code points; share bars go on with words that no list knows, which are no text yet."""


def _unglued(lines: list[_Line]) -> list[_Line]:
    """The lines with buttons at their beginning, and tags after the last sentence, as lines of their own."""
    parted: list[_Line] = []
    heads = _glued_heads()
    for line in lines:
        words = _buttons(line.folded) if line.folded.partition(" ")[0] in heads else 0
        parted += _part(line, words, noise=0) if words else [line]
    for i in range(len(parted) - 1, -1, -1):
        line = parted[i]
        match = _tags().search(line.folded, max(0, len(line.folded) - _LONGEST_NOISE))
        if match and _is_tags(match):
            parted[i : i + 1] = _part(line, line.folded.count(" ", 0, match.start("tags")), noise=1)
        if match or (line.noise is None and line.is_prose):
            break
    return parted


def _part(line: _Line, words: int, *, noise: int) -> list[_Line]:
    """The first `words` words and the others, of which part `noise` is boilerplate; the line itself where folding moved words."""
    pieces, folded = line.text.split(" "), line.folded.split(" ")
    if len(pieces) != len(folded) or not 0 < words < len(pieces):
        return [line]
    parts = [
        _Line(" ".join(pieces[:words]), " ".join(folded[:words]), after_blank=line.after_blank),
        _Line(" ".join(pieces[words:]), " ".join(folded[words:]), after_blank=line.after_blank and not noise),
    ]
    parts[noise].make_boilerplate()
    return parts


def _is_tags(match: re.Match[str]) -> bool:
    if match["list"]:
        return all(len(tag.split()) <= 5 for tag in re.split("[،,|#-]", match["list"]))
    return len(match["words"].split()) <= _MOST_TAGS


def _buttons(folded: str) -> int:
    """How many words at the beginning of a line are a share bar or other buttons that the text is glued to; 0 for none."""
    words = folded.split(" ")
    kinds = _kinds_of_interface()
    networks = end = 0
    side_by_side = False  # prose says «و» or a comma between them
    for i, word in enumerate(words):
        kind = kinds.get(word)
        if kind is None:
            break
        if kind == "network":
            networks += 1
            side_by_side = side_by_side or (networks > 1 and end == i)
            end = i + 1
        elif kind == "part" and end == i:
            end = i + 1
    if not side_by_side or (networks == 2 and kinds[words[0]] == "network"):
        end = 0
    phrases = _phrases().get((BOILERPLATE, "head"), frozenset())
    while count := next((n for n in (3, 2) if " ".join(words[end : end + n]) in phrases), 0):
        end += count
    rest = words[end:]
    if not end or all(word in kinds for word in rest) or (networks and len(" ".join(rest)) < _LEAST_AFTER_BUTTONS):
        return 0
    return end


def _is_plain(text: str, folded: str) -> bool:
    """A long line in which nothing hints at anything but prose; False where only `_noise`, `_is_prose` and `_is_caption` can tell."""
    if len(text) <= _LONGEST_SMALL:
        return False
    if len(text) > _LONGEST_NOISE:
        return text[0] >= "\u0600"
    if "©" in text or text[-1] in ")]" or "تصوير" in folded or "عدسه" in folded:
        return False
    return _begins_plainly(folded)


def _begins_plainly(folded: str) -> bool:
    """The first word is an Arabic one that begins no phrase, counter or initials."""
    first = folded.partition(" ")[0]
    return first.isalpha() and "\u0620" <= first[0] <= "\u064a" and len(first) > 1 and first not in _heads()


def _is_prose(line: _Line) -> bool:
    length = len(line.text)
    if length >= _LONG:
        return _ARABIC.search(line.text) is not None
    return length >= 35 and line.words >= 7 and line.text.rstrip(_CLOSING + " ")[-1:] in (".", "؟", "!") and not line.text.endswith("..")


def _noise(line: _Line) -> str | None:
    text, folded = line.text, line.folded
    length = len(text)
    if length > _LONGEST_NOISE:
        return None
    if _begins_plainly(folded) and not ("©" in text or ">" in text or "›" in text):
        return None
    head = _FIRST_WORD.match(folded)
    if head is None:
        return BOILERPLATE
    first = head[1]
    if first == "©" or first == "copyright" or "©" in text[:40] or (text[0] == "(" and (_RIGHTS.match(text) or _DESK.match(folded))):
        return BOILERPLATE
    if length <= _LONGEST_SMALL:
        known = first in _first_words()
        if known and length <= 90:
            words = _WORDS.findall(folded)
            key = " ".join(words)
            role = _whole_lines().get(key)
            if role:
                return role
            if len(words) <= 16 and not words[0].isdigit() and _is_interface(words):
                return BOILERPLATE
            if key in _phrases()["related", "heading"]:
                return RELATED
        if length <= 100 and (role := _small(text, folded, first)):
            return role
        if first[0] < "\u0600" and not _ARABIC.search(text):
            return _foreign(line)
    if first not in _first_words():
        return None
    if _DESK.match(folded):
        return BOILERPLATE
    finished = length > 90 and text.endswith(".")
    start = _start(RELATED, r"\s*(?:[:/|»>]|\.\.+|[-–—]\s)\s*\S").match(folded)
    if start and not finished:
        return RELATED
    if _start(BOILERPLATE, "").match(folded) and (length <= 200 and not (finished and line.words > 24)):
        return BOILERPLATE
    if length <= 120:
        match = _start(SOURCE, r"\s*[:/|]").match(folded)
        if match and (match["phrase"] != "مصدر" or not read_credit(text[match.end() :]).unknown):
            return SOURCE
        if length <= 90 and _QUOTED_FROM.match(folded):
            return SOURCE
        match = _start(SOURCE, r"\s").match(folded)
        if match and match["phrase"].startswith("نقلا") and line.words <= 6 and not text.endswith("."):
            return SOURCE
    return None


def _small(text: str, folded: str, first: str) -> str | None:
    """Counters, time stamps, addresses, initials and the like."""
    if first.isdigit() and (_COUNTER.match(text) or _STAMP.match(folded) or _COUNT.match(folded)):
        return BOILERPLATE
    if ("@" in text or "." in text) and _ADDRESS.match(text):
        return BOILERPLATE
    if text[0] == "#" and _HASHTAGS.match(text):
        return BOILERPLATE
    if (first in _SMALL_HEADS and (_AGO.match(folded) or _COUNT.match(folded))) or (first in _END_HEADS and _END_MARK.match(folded)):
        return BOILERPLATE
    if len(first) <= 2 and _INITIALS.match(folded):
        return SOURCE if source_kind(text) else BOILERPLATE
    if (">" in text or "›" in text or "»" in text or first in ("الرييسيه", "home")) and _TRAIL.match(folded):
        return BOILERPLATE
    return None


def _foreign(line: _Line) -> str | None:
    """A line without Arabic letters in an Arabic article."""
    text = line.folded
    if re.search(r"share|tweet|whatsapp|print|e-?mail|envoyer|imprimer|partager|app store|addthis|cookie|subscribe", text):
        return BOILERPLATE
    if line.words >= 6 and len(text) >= 40:
        return CAPTION
    return BOILERPLATE if len(text) <= 3 else None


def _is_caption(line: _Line) -> bool:
    text, folded = line.text, line.folded
    if len(text) > _LONGEST_NOISE:
        return False
    if text[-1] in ")]":
        bracket = _CREDIT_IN_BRACKETS.search(text)
        if bracket and line.words >= 3 and _credits_photo(bracket.group(1)) and not _CITES.search(folded):
            return True
    if ("تصوير" in folded or "عدسه" in folded) and _BY_PHOTOGRAPHER.search(folded):
        return True
    if len(text) > _LONGEST_SMALL:
        return False
    if "رشيف" in folded and _ARCHIVE.search(folded):
        return True
    if line.is_prose:
        return False
    return _CAPTION_HEAD.match(folded) is not None or (
        ("كما " in folded or "في صوره" in folded or "لقطه" in folded) and _CAPTION_VERB.search(folded) is not None
    )


def _credits_photo(text: str) -> bool:
    pieces = [piece for piece in re.split(r"\s*[-–—/،,:]\s*", text) if piece]
    return any(source_kind(piece) in ("agency", "outlet") for piece in pieces) or fold(text).strip() in (
        "ارشيفيه",
        "ارشيف",
        "الارشيف",
        "انترنت",
        "خاص",
    )


def _body_span(lines: list[_Line]) -> tuple[int, int]:
    """Indices of the first and the last line of prose; lines that a hard wrap parts count as the one that they were."""
    units: list[tuple[int, int]] = []
    start = 0
    unit = lines[0]
    for i, line in enumerate(lines):
        line.runs_on = not unit.ends and i + 1 < len(lines) and _continues(unit, lines[i + 1])
        if line.runs_on:
            unit = _together(unit, lines[i + 1])
        else:
            units.append((start, i))
            start = i + 1
            unit = lines[start] if start < len(lines) else unit
    first = next((k for k, unit in enumerate(units) if _holds_prose(lines, unit)), None)
    if first is None:
        known = [i for i, line in enumerate(lines) if line.noise is None]
        middle = known[1:] if len(known) > 1 else known
        return (middle[0], middle[-1]) if middle else (0, len(lines) - 1)
    last = next(k for k in range(len(units) - 1, -1, -1) if _holds_prose(lines, units[k]))
    if last > first == 0 and units[0] == (0, 0) and len(lines[0].text) < _LONG and lines[1].after_blank and not lines[0].text.endswith("."):
        first = next(k for k in range(1, len(units)) if _holds_prose(lines, units[k]))  # a headline that asks or cries
    last = _before_comments(lines, units, first, last)
    while first > 0 and units[first - 1][1] > units[first - 1][0] and not lines[units[first][0]].after_blank:
        first -= 1  # a wrapped sentence without its end is prose as well
    return units[first][0], units[last][1]


def _holds_prose(lines: list[_Line], unit: tuple[int, int]) -> bool:
    start, end = unit
    if start == end:
        line = lines[start]
        return line.is_plain or (line.is_prose and line.noise is None and not line.is_caption)
    return _is_prose(_Line(" ".join(line.text for line in lines[start : end + 1]), "", after_blank=False))


def _together(line: _Line, following: _Line) -> _Line:
    """The line that a hard wrap broke."""
    return _Line(f"{line.text} {following.text}", f"{line.folded} {following.folded}", after_blank=line.after_blank)


def _before_comments(lines: list[_Line], units: list[tuple[int, int]], first: int, last: int) -> int:
    """The last unit of prose before a heading of readers' comments, where that part is the greater one; else `last`."""
    for k in range(first + 1, last):
        line = lines[units[k][0]]
        if not line.is_plain and _COMMENTS.match(line.folded):
            prose = [i for i in range(first, last + 1) if _holds_prose(lines, units[i])]
            size = {i: sum(len(line.text) for line in lines[units[i][0] : units[i][1] + 1]) for i in prose}
            if sum(size[i] for i in prose if i < k) >= 0.6 * sum(size.values()):
                return max(i for i in prose if i < k)
    return last


def _ends(text: str) -> bool:
    """The text ends as a sentence or an announcement («قال:») does."""
    last = text[-1:]
    return last in _TERMINAL or (last in _CLOSING and text[-4:].rstrip(_CLOSING + " ")[-1:] in _TERMINAL)


def _unfinished(text: str) -> bool:
    """The text, which no mark ends, cannot be the end of anything: its last word, or a comma, asks for more."""
    if text[-1] in "،,":
        return True
    last = text.rsplit(" ", 1)[-1]
    return text.count(" ") >= 2 and fold(last).strip('«"“(') in _unfinished_words()


def _continues(line: _Line, following: _Line) -> bool:
    """Strong evidence that a hard wrap parts `line`, which no mark ends, from `following`."""
    if (following.after_blank and len(line.text) < _SHORT) or line.noise or following.noise:
        return False
    if _unfinished(line.text):
        return True
    if line.words < 3:
        return False
    text, after = line.text, following.text
    if any(text.count(a) > text.count(b) and after.count(b) > after.count(a) for a, b in ("()", "«»", "“”")):
        return True
    if after[0] in "،.؛:)»" and not after.startswith(".."):
        return True
    if following.words <= 4 and after.endswith(".") and line.words >= 5:
        return True
    last = text.rsplit(" ", 1)[-1]
    return line.words >= 4 and is_given_name(last) and not _OPENERS.match(following.folded) and following.words <= 40


def _read_header(header: list[_Line], body: list[_Line], stated_title: str | None) -> int:
    """Roles before the report; gives how many lines that are."""
    plain: list[_Line] = []
    below: list[_Line] = []
    seen_credit = False
    after_heading = False
    for i, line in enumerate(header):
        if stated_title and _key(line.folded) == _key(fold(stated_title.lower())):
            line.role = TITLE
            continue
        role = line.noise
        if role == RELATED and i == 0:
            role = None
        if role == SOURCE or (role == BOILERPLATE and _UPDATE.match(line.folded)):
            line.credit = read_credit(re.sub(r"^[^:]{2,14}:", "", line.text) if role == SOURCE else line.text)
            if role == SOURCE and line.credit.names:
                role, line.names = BYLINE, line.credit.names
        if role is None and line.is_caption and (i > 0 or len(header) > 1) and not _dated(line):
            role = CAPTION
        if role is None:
            role = _credit_role(line, alone=not plain, following=header[i + 1 :] or body[:1])
        if role is None and after_heading:
            role = RELATED
        after_heading = role == RELATED and _key(line.folded) in _phrases()["related", "heading"]
        line.role = role
        if role is None:
            plain.append(line)
            beside = [header[k] for k in (i - 1, i + 1) if 0 <= k < len(header)]
            titled = any(not _is_section(other) for other in plain[:-1])
            if (titled or stated_title) and _opens_report(line, [*header[i + 1 :], *body]):
                plain.pop()
                header, body = header[:i], [*header[i:], *body]
                break
            if titled and _stands_as_name(line, beside):
                line.role, line.names = BYLINE, [line.text]
                plain.pop()
            elif seen_credit and titled and not line.ends and line.words <= 16:
                below.append(line)
                plain.pop()
            elif seen_credit and titled and line.words > 16:
                line.role = BODY
                plain.pop()
        elif role in (BYLINE, DATELINE, BOILERPLATE):
            seen_credit = True
    for line in below:  # one line between the credits and the report is a photograph's; several are points that sum it up
        line.role = CAPTION if len(below) == 1 and line.text[0] not in "•*-–" else SUBTITLE
    _choose_title([line for line in plain if line.role is None], header, body)
    return len(header)


def _stands_as_name(line: _Line, beside: list[_Line]) -> bool:
    """Two to four words beside a line of date or place: the author, though no list knows his name."""
    if line.words > 4 or line.folded.startswith("ال") or not looks_like_name(line.text, strict=False):
        return False
    return any(len(other.text) <= _SHORT and _dated(other) for other in beside)


def _opens_report(line: _Line, following: list[_Line]) -> bool:
    """A dateline begins the line, and a hard wrap parts it from what follows; marks such wraps up to the next blank line."""
    if line.ends or following[0].after_blank:
        return False
    prefix = _read_prefix(line.text)
    if prefix is None or not (prefix[1].has_date or prefix[1].agencies):
        return False
    for wrapped, later in pairwise([line, *following]):
        if later.after_blank:
            break
        wrapped.runs_on = not wrapped.ends
    return True


def _dated(line: _Line) -> bool:
    credit = line.credit or read_credit(line.text)
    return credit.has_date and not credit.unknown and not credit.names


_PUBLISHED = re.compile(r"^\W*(?:تم )?(?:نشره?|نشرت|اضيف|التاريخ|تاريخ)\s")
_GLUED = re.compile(r"^(?P<name>.{4,40}?)\s*نشر في .{2,30}?\s+يوم\s+\d")
_CREDIT_CHARACTER = re.compile(r"[\d|/(–—•*:-]")
_CREDIT_MARK = re.compile(r"\d{4}|\d\s?[:/.-]\s?\d|:$|[|/(–—•*]|(?<!\w)-|-(?!\w)")
_CREDIT_WORD = re.compile(r"كتب|بقلم|اعداد|مراسل|بواسطه|ترجمه|تحرير|تقرير|حوار")


def _may_credit(folded: str) -> bool:
    """A line of more than five words has a mark or a first word that credits have."""
    marked = _CREDIT_CHARACTER.search(folded) and _CREDIT_MARK.search(folded)
    return bool(marked or _CREDIT_WORD.match(folded))


def _credit_role(line: _Line, *, alone: bool, following: list[_Line]) -> str | None:
    """Byline, dateline or source, for a header line that credits; None for any other."""
    if len(line.text) > _SHORT or line.words > 22 or (line.words > 5 and not _may_credit(line.folded)):
        return None
    head = _FIRST_WORD.match(line.folded)
    known = head is not None and head[1] in _first_words()
    marked = _start(BYLINE, r"(?:\s*[:/|]|\s+[-–—]|\s)\s*").match(line.folded) if known else None
    if marked:
        rest = line.text[marked.end() :].strip() if len(line.folded) == len(line.text) else _after(line.text, marked["phrase"])
        credit = read_credit(rest)
        clear = marked.group().rstrip()[-1:] in ":/|-–—"
        names = credit.names + [
            piece for piece in credit.unknown if looks_like_name(piece, strict=False) or (clear and len(piece.split()) <= 5)
        ]
        whole = len(names) == len(credit.names) + len(credit.unknown)
        if names and whole and (clear or not line.ends) and (clear or credit.names or marked["phrase"] in ("بقلم", "اعداد")):
            line.credit, line.names = credit, names[:3]
            return BYLINE
        if not credit.unknown and (credit.knows_source or credit.has_date):
            line.credit = credit
            return BYLINE
    glued = _GLUED.match(line.text) if "نشر في" in line.text else None
    credit = read_credit(line.text)
    if credit.day and _PUBLISHED.match(line.folded):
        line.credit = credit
        return DATELINE
    if glued and credit.day:
        line.credit, line.names = credit, [glued["name"]]
        return BYLINE
    return _judge_credit(line, credit, alone=alone, following=following)


def _judge_credit(line: _Line, credit: Credit, *, alone: bool, following: list[_Line]) -> str | None:
    line.credit = credit
    unknown = credit.unknown
    if not unknown:
        if credit.names:
            if credit.knows_source or credit.has_date or (not alone or not following or following[0].after_blank is False):
                line.names = credit.names
                return BYLINE
            return None
        if credit.is_update and credit.has_date and not credit.knows_source and credit.day is None:
            return BOILERPLATE
        if credit.has_date or credit.time:
            return DATELINE
        if credit.places and (credit.agencies or credit.outlets or credit.generic):
            return DATELINE
        if credit.places:
            return DATELINE if not alone else None
        return SOURCE if credit.knows_source and not alone else None
    if len(unknown) == 1 and len(unknown[0].split()) <= 4:
        piece = unknown[0]
        if credit.day is not None and not credit.names and _signs(piece, line.text, credit):
            credit.agencies.append(piece)
            return DATELINE
        if len(credit.names) == 1 and len(piece.split()) <= 2 and not alone:
            credit.places.append(piece)
            line.names = credit.names
            return BYLINE
        name = looks_like_name(piece, strict=False)
        if credit.day is not None and (name or len(piece.split()) == 1) and not alone:
            if name:
                line.names = [piece]
                return BYLINE
            credit.places.append(piece)
            return DATELINE
        if credit.day is not None and credit.agencies:
            credit.places.append(piece)
            return DATELINE
        if not alone and (credit.places or credit.agencies or credit.outlets or credit.generic):
            if name and not (credit.agencies and len(piece.split()) <= 2 and not is_given_name(piece.split()[0])):
                line.names = [piece]
                return BYLINE
            if credit.places and piece.startswith("ال"):
                credit.outlets.append(piece)
                return DATELINE
            if len(piece.split()) <= 2:
                credit.places.append(piece)
                return DATELINE
        if alone and credit.agencies and len(piece.split()) <= 2 and "(" in line.text:
            credit.places.append(piece)
            return DATELINE
    line.credit = None
    return None


def _after(text: str, phrase: str) -> str:
    """What follows a phrase of folded words in a text with diacritics."""
    count = len(phrase.split())
    return " ".join(text.split()[count:]).lstrip(":/|-–— ")


def _is_section(line: _Line) -> bool:
    """The line names a section of the paper, or a country that heads a page."""
    return _key(line.folded) in _phrases()[SECTION, "line"] or (line.words == 1 and is_place(line.text))


def _choose_title(plain: list[_Line], header: list[_Line], body: list[_Line]) -> None:
    """Title, subtitle and section among the header's lines that are nothing else."""
    if any(line.role == TITLE for line in header):
        for line in plain:
            line.role = SUBTITLE
        return
    while len(plain) > 1 and _is_section(plain[0]):
        plain.pop(0).role = SECTION
    if len(plain) > 1 and any(_ARABIC.search(line.text) for line in plain):
        for line in plain:
            if not _ARABIC.search(line.text):
                line.role = SUBTITLE
        plain = [line for line in plain if line.role is None]
    if not plain:
        return
    alone = header[-1] is plain[0] and not (body and body[0].after_blank)
    if alone and not plain[0].ends and _unfinished(plain[0].text):
        for line in plain:
            line.role = BODY
        return
    title = 0
    if (
        len(plain) > 1
        and not plain[1].text.endswith(".")
        and len(plain[1].text) <= _LONG
        and _topic(plain[1], body) > _topic(plain[0], body)
    ):
        title = 1
    for i, line in enumerate(plain):
        if i == title:
            line.role = TITLE
        elif line.words > 16 or (len(line.text) > 70 and line.text.endswith(".")):
            line.role = BODY
        else:
            line.role = SUBTITLE


def _topic(line: _Line, body: list[_Line]) -> float:
    """How much a line names what the article is about: the share of its words in the lead; places and marks that headlines have."""
    stems = [_stem(word) for word in _WORDS.findall(line.folded) if len(word) > 3]
    lead = " ".join(b.folded or fold(b.text[:400]) for b in body[:2])
    known = {_stem(word) for word in _WORDS.findall(lead)}
    share = sum(stem in known for stem in stems) / len(stems) if stems else 0.0
    if _ADVERBIAL.match(line.folded) and line.words <= 7 and not re.search(r"\.\.|:", line.text):
        share -= 0.6
    if any(is_place(re.sub(r"^[وفبلك](?=\w{4})", "", word)) for word in line.folded.split()):
        share += 0.15
    return share + (0.45 if re.search(r"\.\.|[«“\"].+[»”\"]|\w\s?:\s", line.text) else 0.0)


_ADVERBIAL = re.compile(
    r"^(?:بعد|قبل|في|علي|من|رغم|وسط|خلال|عبر|مع|بمشاركه|بحضور|برعايه|بسبب|بهدف|ضمن|عقب|اثر|بينهم|بينها|لاول مره|للمره|"
    r"تزامنا|تحت|بتكلفه|بقيمه)\s"
)


def _stem(word: str) -> str:
    word = re.sub(r"^[وف]?(?:ال|لل|بال|كال|[بلوف])(?=\w{3})", "", word)
    return re.sub(r"(?:ات|ون|ين|ها|هم|ه|ا)$", "", word) if len(word) > 4 else word


def _read_body(body: list[_Line]) -> None:
    """Roles from the first to the last line of prose."""
    listing = False
    for i, line in enumerate(body):
        if line.is_plain:
            line.role, listing = BODY, False
            continue
        role = line.noise
        if role is None and line.is_caption:
            role = CAPTION
        if role == RELATED:
            listing = _key(line.folded) in _phrases()["related", "heading"]
        elif role is None and listing and not line.is_prose and len(line.text) <= _SHORT and not line.text.endswith("."):
            later = body[i + 1] if i + 1 < len(body) else None
            role = SUBHEAD if later and line.words <= 3 and later.text and later.is_prose and line.after_blank else RELATED
        else:
            listing = False
        if role is None:
            heading = not line.ends and line.words <= 9 and len(line.text) <= 70
            role = SUBHEAD if heading and 0 < i < len(body) - 1 else BODY
        line.role = role


def _read_footer(footer: list[_Line], before: list[_Line]) -> None:
    framed = False
    closed = False
    for i, line in enumerate(footer):
        role = line.noise
        if role is None and len(line.text) <= 90:
            role = _footer_credit(line, signed=i == 0 or footer[i - 1].role == SOURCE, before=before)
        if role is None and line.text[0] in "*•" and _NOTE.match(line.folded) and sum(b.text[0] in "*•" for b in before) < 3:
            role = BYLINE
        if role is None and line.is_caption:
            role = CAPTION
        if role is None and framed:
            role = BOILERPLATE if closed else RELATED
        if role is None and not framed:
            role = SUBHEAD if i + 1 < len(footer) and line.words <= 6 and not line.ends else BODY
        if role in (SOURCE, RELATED, BOILERPLATE):
            framed = True
            closed = closed or _COMMENTS.match(line.folded) is not None
        line.role = role


def _footer_credit(line: _Line, *, signed: bool, before: list[_Line]) -> str | None:
    credit = read_credit(line.text)
    if not credit.unknown:
        if credit.names and (signed or credit.has_date) and not any(b.role == BYLINE for b in before):
            line.names, line.credit = credit.names, credit
            return BYLINE
        if credit.names:
            return None
        if credit.has_date or credit.time:
            line.credit = credit
            return BOILERPLATE if credit.is_update else DATELINE
        if credit.knows_source:
            line.credit = credit
            return SOURCE if not credit.places else (DATELINE if credit.agencies or credit.generic else None)
    elif credit.agencies and all(re.fullmatch(rf"[{LETTERS}]{{1,2}}(?:\.[{LETTERS}]{{1,2}})*\.?", piece) for piece in credit.unknown):
        line.credit = credit
        return SOURCE
    marked = _start(BYLINE, r"\s*[:/|]").match(line.folded)
    if marked and line.words <= 8:
        line.credit = read_credit(line.text[marked.end() :])
        line.names = line.credit.names or [p for p in line.credit.unknown if looks_like_name(p, strict=False)]
        return BYLINE
    return None


_SIGNED = re.compile(r"^(?:كتبت?|بقلم|د\s?\.|أ\.\s?د\.)\s*:?\s")
_SLASHED = r"/\s*[^/\s\d]{2,12}\s*/"
_PREFIX_CUT = re.compile(_SLASHED + r"\s+|\)\s*[-–—]+\s*|\s*(?::|\)\s*[-–—:]*|[-–—]+)(?=\s|[\"«“])\s*|\s*[-–—]{2,}\s*|:(?=\S)")
_PREFIX_END = re.compile(r"(?:[ :–—-]|(?<!\S)ـ)+$")  # «هـ» keeps its tatweel
_UNMARKED = re.compile(rf"(?P<name>[{LETTERS}]+(?: [{LETTERS}]+){{1,3}}) ?[-–—] ?(?P<words>[{LETTERS}]+ [{LETTERS}]+) ")
_DIGIT = re.compile(r"\d")
_MAY_HAVE_PREFIX = re.compile(r"^[^:()/\-–—]{0,75}[:()/\-–—]")


def _read_prefix(text: str) -> tuple[str, Credit] | None:
    """The dateline that a paragraph begins with, as written, and what it says; None for none."""
    head = text[:130]
    opening = _MAY_HAVE_PREFIX.match(head)
    if opening is None or (opening.group().count(" ") > 5 and not _DIGIT.search(opening.group())):
        return None
    best: tuple[str, Credit] | None = None
    for match in _PREFIX_CUT.finditer(head):
        prefix = _PREFIX_END.sub("", head[: match.end()])
        if match.end() > 100 or len(text) - match.end() < 15 or len(prefix.split()) > 16:
            break
        credit = read_credit(prefix)
        if len(credit.unknown) > 1 or any(len(piece.split()) > 4 for piece in credit.unknown):
            break
        if credit.unknown:
            piece = credit.unknown[0]
            bracketed = "(" in prefix and (credit.agencies or credit.outlets)
            dashed = (credit.agencies or credit.outlets) and re.search(rf"[-–—]\s*{re.escape(piece)}$", prefix)
            if not credit.places and (bracketed or (credit.agencies and credit.has_date)):
                (credit.names if looks_like_name(piece, strict=True) else credit.places).append(piece)
            elif dashed and credit.names and set(credit.places) <= set(credit.outlets) and not is_given_name(piece.split()[0]):
                credit.places.append(piece)  # author, paper, then a town that no list knows
            elif match.group().strip() != ")" and _signs(piece, prefix, credit):  # prose has brackets as well, and goes on without a mark
                credit.agencies.append(piece)
            elif (credit.places or credit.agencies or credit.outlets) and looks_like_name(piece, strict=False):
                credit.names.append(piece)
            elif bracketed and credit.places and not credit.names and "،" in prefix and prefix.count("(") == 1:
                credit.places.append(piece)  # a town that no list knows and its country, as written here
            else:
                continue
            credit.unknown = []
        signed = credit.names and _SIGNED.match(prefix)
        if credit.places or credit.agencies or credit.outlets or signed or (credit.generic and credit.names):
            best = prefix, credit
    return best or _unmarked_prefix(head)


def _signs(piece: str, text: str, credit: Credit) -> bool:
    """A piece that no list knows is an agency: beside a place, in brackets or, where a date stands there too, between slashes."""
    if not credit.places or looks_like_name(piece, strict=credit.has_date):
        return False
    before, after = (r"[(\[/]", r"[)\]/]") if credit.has_date else (r"[(\[]", r"[)\]]")
    return re.search(rf"{before}\s*{re.escape(piece)}\s*{after}", text) is not None


def _unmarked_prefix(head: str) -> tuple[str, Credit] | None:
    """An author, a dash and a town or a paper, after which the sentence begins without a mark; None for anything else."""
    match = _UNMARKED.match(head)
    if match is None or not looks_like_name(match["name"], strict=True):
        return None
    words = match["words"].split()
    for count in (2, 1):
        credit = read_credit(" ".join(words[:count]))
        if credit.knows_source and not (credit.unknown or credit.names):
            credit.names.append(match["name"])
            return head[: match.start("words")] + " ".join(words[:count]), credit
    return None


def _joined(body: list[_Line]) -> list[str]:
    """Paragraphs and headings, with hard-wrapped lines rejoined."""
    # Two broken lines, and the file is wrapped: then a line that ends in the middle of nothing goes on as well, unless it is a heading.
    breaks = [line.runs_on for line in body].count(True)
    if not breaks:
        return [line.text for line in body]
    wrapped = breaks >= 2
    paragraphs: list[str] = []
    unit = body[0]
    for line, following in zip(body, [*body[1:], None], strict=True):
        runs_on = following is not None and (
            line.runs_on or (wrapped and _runs_on(unit, following)) or (unit is not line and not unit.ends and _continues(unit, following))
        )
        if following is not None and runs_on:
            unit = _together(unit, following)
        else:
            paragraphs.append(unit.text)
            unit = following or unit
    return paragraphs


def _runs_on(line: _Line, following: _Line) -> bool:
    if following.after_blank or line.ends or line.text[-1] in _CLOSING:
        return False
    return not (_OPENERS.match(following.folded) or line.words <= 4)


def _assemble(lines: list[_Line], file_name: str, sidecar: dict[str, str], settings: Settings) -> Layout:
    body: list[_Line] = []
    by_role: dict[str, list[_Line]] = {}
    removed: list[str] = []
    for line in lines:
        role = line.role
        if role in (BODY, SUBHEAD, None):
            body.append(line)
        else:
            by_role.setdefault(role, []).append(line)
            if role != TITLE and role != SUBTITLE:
                removed.append(f"{role}\t{line.text}")
    paragraphs = _joined(body)
    title = by_role[TITLE][0].text if TITLE in by_role else None
    layout = Layout(text="\n".join(paragraphs), title=_string(sidecar, "title") or title)
    layout.subtitle = "\n".join(line.text for line in by_role.get(SUBTITLE, [])) or None
    layout.captions = "\n".join(line.text for line in by_role.get(CAPTION, [])) or None
    layout.section_name = _string(sidecar, "category") or (by_role[SECTION][0].text if SECTION in by_role else None)
    prefix = _read_prefix(paragraphs[0]) if paragraphs else None
    _fill_credits(layout, lines, prefix, sidecar)
    _fill_date(layout, lines, prefix, file_name, sidecar, settings)
    layout.removed_text = "\n".join(removed) or None
    layout.flags = _flags(paragraphs, lines)
    return layout


def _unique(values: list[str]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))


def _fill_credits(layout: Layout, lines: list[_Line], prefix: tuple[str, Credit] | None, sidecar: dict[str, str]) -> None:
    author = _string(sidecar, "author")
    if prefix is None and all(line.credit is None and line.role != SOURCE for line in lines):
        layout.byline = author
        return
    names: list[str] = []
    datelines: list[str] = []
    sources: list[str] = []
    header = True
    for line in lines:
        header = header and line.role not in (BODY, SUBHEAD)
        credit = line.credit
        if line.role == BYLINE:
            names += line.names
            if credit is not None and header:
                datelines += [SEPARATOR.join(credit.places)]
        if line.role == DATELINE and header:
            datelines.append(line.text)
        if line.role in (SOURCE, DATELINE, BYLINE) and credit is not None:
            sources += _credited(credit) if line.role != SOURCE else credit.agencies + credit.outlets + credit.generic
        elif line.role == SOURCE:
            rest = re.sub(r"^[\W_]*(?:المصدر|المصادر|مصدر الخبر|مصدر|نقلا[ً]? عن)\s*[:/|]?\s*", "", line.text)
            sources.append(rest.strip(' "«»“”.*'))
    if prefix:
        text, credit = prefix
        names += [name for name in credit.names if not names]
        where = text
        for name in credit.names:
            where = where.replace(name, "")
        datelines.append(where.strip(" -–—:،" if re.search(_SLASHED, where) else " -–—:،/"))
        sources += _credited(credit)
    layout.byline = author or "، ".join(_unique([_name(name) for name in names])) or None
    layout.dateline = SEPARATOR.join(_unique(datelines)) or None
    layout.source_credit = SEPARATOR.join(_unique(sources)) or None


def _credited(credit: Credit) -> list[str]:
    """Agencies and outlets of a line that may also say where the report was written: there a paper's town is the town."""
    return credit.agencies + [outlet for outlet in credit.outlets if outlet not in credit.places] + credit.generic


def _name(text: str) -> str:
    return re.sub(r"^(?:أ\.?\s?د\s?\.|د\s?\.|د\s?/|م\s?\.|أ\s?\.|الدكتورة?|المهندس|الأستاذة?)\s*", "", text).strip(" .:-–—*")


def _fill_date(
    layout: Layout, lines: list[_Line], prefix: tuple[str, Credit] | None, file_name: str, sidecar: dict[str, str], settings: Settings
) -> None:
    stated = _string(sidecar, "published_at")
    if stated and (moment := _moment(stated, settings)):
        layout.published_date, layout.published_at, layout.published_precision = moment
        layout.published_source = "sidecar"
        return
    best: tuple[Credit, str] | None = None
    for line in lines:
        credit = line.credit
        if credit is None or credit.day is None or line.role not in (DATELINE, BYLINE, SOURCE, BOILERPLATE):
            continue
        if best is None or (best[0].is_update and not credit.is_update):
            best = credit, "dateline"
    if prefix and prefix[1].day and (best is None or best[0].is_update):
        best = prefix[1], "dateline"
    if best:
        credit, source = best
        layout.published_date, layout.published_source, layout.published_precision = credit.day, source, "day"
        if credit.time and credit.day:
            layout.published_at = _utc(credit.day, credit.time, settings)
            layout.published_precision = "minute" if credit.time.second is None else "second"
        return
    match = re.match(r"(?:.*[_\s])?((?:19|20)\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?=[^\d]|$)", file_name)
    if match:
        try:
            layout.published_date = date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            return
        layout.published_source, layout.published_precision = "file_name", "day"


def _utc(day: date, at: TimeOfDay, settings: Settings) -> datetime:
    zone = settings.zone if at.utc_offset is None else timezone(timedelta(hours=at.utc_offset))
    return datetime.combine(day, time(at.hour, at.minute, at.second or 0), zone).astimezone(UTC)


def _moment(stated: str, settings: Settings) -> tuple[date, datetime | None, str] | None:
    """The date, time and precision of a sidecar's `published_at` (ISO 8601 or RFC 2822); None where it is neither."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", stated):
            return date.fromisoformat(stated), None, "day"
        moment = datetime.fromisoformat(stated)
    except ValueError:
        try:
            moment = parsedate_to_datetime(stated)
        except ValueError:
            return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=settings.zone)
    return moment.date(), moment.astimezone(UTC), "second" if moment.second else "minute"


def _flags(paragraphs: list[str], lines: list[_Line]) -> list[str]:
    flags = []
    long = [p for p in paragraphs if len(p) >= 40]
    if len(set(long)) < len(long):
        flags.append("repeated_lines")
    last = paragraphs[-1] if paragraphs else ""
    if last.endswith(("...", "…", "[...]", "[…]")) or (last and not _ends(last) and _unfinished(last)):
        flags.append("truncated")
    return flags


def _string(sidecar: dict[str, str], name: str) -> str | None:
    return sidecar.get(name, "").strip() or None
