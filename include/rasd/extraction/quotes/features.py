"""What the models look at: whether a candidate report is one, and where a reported clause ends."""

from __future__ import annotations

from rasd.extraction.quotes import cues
from rasd.extraction.quotes.cues import FINITE, PARTICIPLE, word_set
from rasd.extraction.quotes.finder import Finder, Report, is_described
from rasd.extraction.quotes.phrases import kind_of_head
from rasd.extraction.quotes.sections import COLON, COMMA, OTHER, STOP, WORD, Section
from rasd.extraction.quotes.verbs import verb

_BUCKETS = (1, 2, 3, 5, 8, 12, 18, 26, 40, 60)


def bucket(value: int) -> int:
    """The size class of a count."""
    return next((i for i, limit in enumerate(_BUCKETS) if value <= limit), len(_BUCKETS))


def _word(s: Section, i: int, begin: int, end: int) -> str:
    if not begin <= i < end:
        return "^"
    if s.mention[i] >= 0:
        return s.mentions[s.mention[i]].entity_type
    return s.folds[i]


def report_features(finder: Finder, report: Report) -> list[str]:
    """Features of a candidate report."""
    s = finder.s
    begin, end = s.sentences[s.sentence[report.cue.first if report.cue else report.first]]
    how = report.how
    out = [
        "1",
        f"how={how}",
        f"how={how}|{report.quote_type}",
        f"{how}|length={bucket(report.last - report.first)}",
        f"headline={finder.headline}|{how}",
    ]
    first = _word(s, report.first, 0, s.size)
    out.append(f"first={first}")
    if first[:1] in "يتن" and first.isalpha() and how == "clause":
        out.append("clause|present")
    following = _word(s, report.last, 0, s.size)
    out.append(f"{how}|after={following}" if s.kinds[report.last - 1] != STOP else f"{how}|after=.")
    if report.span >= 0:
        outer, inner, last, after = s.span_tokens[report.span]
        before = _word(s, outer - 1, 0, s.size)
        out += [
            f"{how}|before={before}",
            f"{how}|span={bucket(finder.span_words[report.span])}",
            f"style={s.spans[report.span].style}|{how}",
        ]
        mentions = {s.mention[k] for k in range(inner, last)}
        if len(mentions) == 1 and -1 not in mentions:
            out.append(f"{how}|named")
        if before in word_set("classifier"):
            out.append(f"{how}|classifier")
        out.append(f"{how}|sentence={any(kind in (COMMA, STOP) for kind in s.kinds[inner:last])}")
        out.append(f"{how}|stop={s.kinds[after] if after < s.size else -1}")
    if report.cue is None:
        return out
    cue = report.cue
    reading = cue.reading
    lemma = reading.lemma
    kind = f"{reading.kind}{'s' if reading.strong else 'w'}"
    out += [
        f"lemma={lemma}",
        f"lemma={lemma}|{how}",
        f"lemma={lemma}|{reading.kind}|present={reading.present}",
        f"kind={kind}|{how}",
        f"class={reading.cue_class}|{how}",
        f"present={reading.present}|{kind}|{how}",
        f"conj={reading.conjunction}|{kind}|{how}",
        f"object={reading.object_pronoun}|{kind}|{how}",
        f"number={reading.number}|{how}",
    ]
    if cue.negated:
        out += ["negated", f"negated|{how}"]
    if reading.future:
        out.append("future")
    if cue.first > begin and s.folds[cue.first - 1] in word_set("condition"):
        out.append("conditional")
    out += [
        f"cue-1={_word(s, cue.first - 1, begin, end)}",
        f"cue+1={_word(s, cue.last, begin, end)}",
        f"cue+1={_word(s, cue.last, begin, end)}|{lemma}",
    ]
    out.append(f"{how}|start={cue.first == begin}")
    low, high = report.phrase
    if how == "headline":
        out += [f"headline|head={_head(s, low, high)}", f"headline|head={_head(s, low, high)}|{bucket(high - low)}"]
    if how == "clause" or how == "colon" or how == "marks":
        gap = report.opener - cue.last
        out += [f"{how}|gap={bucket(gap + 1)}", f"{how}|{kind}|gap={bucket(gap + 1)}"]
        if how != "clause":
            gap_commas = s.kinds[cue.last : max(cue.last, report.opener)].count(COMMA)
            out.append(f"{how}|commas={min(gap_commas, 3)}")
        opener = s.words[report.opener] if 0 <= report.opener < s.size else ""
        if how == "clause":
            out += [f"opener={opener[:3]}", f"opener={opener[:2]}|{lemma == 'قال'}", f"opener-1={_word(s, report.opener - 1, begin, end)}"]
    types = (
        {s.mentions[s.mention[k]].entity_type for k in range(max(0, low), min(high, low + 14)) if s.mention[k] >= 0} if low >= 0 else set()
    )
    out.append(f"{how}|phrase={'+'.join(sorted(types))}")
    sources = word_set("source")
    if low >= 0 and any(s.folds[k] in sources or s.folds[k][2:] in sources for k in range(low, min(high, low + 5))):
        out.append(f"{how}|source")
    out.append(f"{how}|phrase length={bucket(high - low)}")
    if how == "headline":
        # A topic or a place before the colon speaks as little as a sentence does («عنيزة: افتتاح السوق»).
        shape = "+".join(sorted(types)) or "none"
        tells = any(s.mention[k] < 0 and verb(s.folds[k]) is not None for k in range(low, high))
        speaks = s.kinds[report.first] == WORD and verb(s.folds[report.first]) is not None
        out += [f"headline|{shape}|verb={tells}", f"headline|{shape}|verb after={speaks}", f"headline|{shape}|words={min(high - low, 4)}"]
        out.append(f"headline|{shape}|starts={kind_of_head(s.folds[low], s.mention[low] >= 0)}")
    return out


def _head(s: Section, low: int, high: int) -> str:
    """What kind of word the words before a headline's colon begin with."""
    first = next((k for k in range(low, high) if s.kinds[k] == WORD), low)
    if s.mention[first] >= 0:
        return s.mentions[s.mention[first]].entity_type
    return "person" if is_described(s.folds[first]) else "other"


def boundaries(s: Section, report: Report) -> list[int]:
    """Tokens before which a reported clause may end, the rules' own end last."""
    found = []
    for i in range(report.first + 1, report.last):
        if s.span[i] >= 0:
            continue
        kind = s.kinds[i]
        if (
            kind == COMMA
            or (kind == OTHER and s.words[i] in "-–—(")
            or (
                kind == WORD
                and (
                    i in s.after_spans
                    or (s.folds[i][:1] == "و" and s.mention[i] < 0 and s.kinds[i - 1] != COMMA and cues.readings(s.folds[i]))
                )
            )
            or (kind == WORD and s.folds[i] in _BREAKS and s.kinds[i - 1] == WORD)
        ):
            found.append(i)
    return [*found, report.last]


_BREAKS = frozenset(
    {
        "فيما",
        "بينما",
        "وذلك",
        "حسب",
        "بحسب",
        "وفق",
        "وفقا",
        "مشيرا",
        "مضيفا",
        "موكدا",
        "معتبرا",
        "حيث",
        "بعدما",
        "كما",
        "وكان",
        "وكانت",
        "وقد",
    }
)


def boundary_features(s: Section, report: Report, at: int, order: int, final: bool) -> list[str]:
    """Features of ending a report before the token `at`, which is its boundary number `order`."""
    sentence_end = s.sentences[s.sentence[report.first]][1]
    i = at
    while i < sentence_end and s.kinds[i] in (COMMA, OTHER):
        i += 1
    one, two = _word(s, i, 0, sentence_end), _word(s, i + 1, 0, sentence_end)
    here = "final" if final else s.words[at] if s.kinds[at] in (COMMA, OTHER) else "word"
    here = "،" if here in ",،" else here
    out = [
        f"here={here}",
        f"here={here}|order={min(order, 6)}",
        f"here={here}|length={bucket(at - report.first)}",
        f"type={report.quote_type}|{here}",
        f"how={report.how}|{here}",
    ]
    if not final:
        out += [f"1={one}", f"2={two}", f"1={one}|2={two}"]
        if one[:1] in "وف" and len(one) > 2:
            out += [f"1~{one[1:3]}", "1~و"]
            if one[1:2] in "يت":
                out.append("1~وي")
        else:
            out.append(f"1^{one[:2]}")
        out.append(f"1${one[-1:]}")
        found = cues.readings(one) if i < sentence_end and s.kinds[i] == WORD and s.mention[i] < 0 else ()
        for reading in found[:1]:
            out += [f"cue={reading.kind}|{reading.strong}|{reading.conjunction}|{reading.present}", f"cue={reading.lemma}|{reading.kind}"]
            if reading.kind in (FINITE, PARTICIPLE):
                out.append(f"cue class={reading.cue_class}")
        out.append(f"closed={s.span[at - 1] < 0 and s.kinds[at - 1] != WORD}|{report.quote_type}")
        colon = any(s.kinds[k] == COLON for k in range(i, min(i + 8, sentence_end)))
        if colon:
            out.append("colon ahead")
        rest = report.last - at
        out.append(f"rest={bucket(rest)}")
    return out
