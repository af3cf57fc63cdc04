"""Who may have said a report: the words beside the cue, those whom they can mean, earlier speakers, the subjects of the sentence."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace

from rasd.arabic import fold
from rasd.extraction.entities.gazetteer import nationalities
from rasd.extraction.quotes.cues import ATTRIBUTIVE, FINITE, NOUN, PARTICIPLE, Reading, is_finite, readings, word_set
from rasd.extraction.quotes.finder import TELL, Cue, Report
from rasd.extraction.quotes.phrases import (
    GOVERNING,
    PREPOSITION_PRONOUNS,
    RELATIVES,
    Subject,
    bare,
    clauses_before,
    describe,
    describes_person,
    end_of_subject,
    is_attached,
    kind_of_head,
    link_of,
    outlet_name,
    phrase_after,
    phrase_before,
    unmarked_name,
)
from rasd.extraction.quotes.referents import Discourse, Referent
from rasd.extraction.quotes.sections import COLON, COMMA, STOP, WORD, Mention, Section

_MOST_DESCRIBED = 40
"""Entities looked at for one word of a role."""

_FARTHEST_CLAUSE = 60
"""Tokens before a cue in which the verb of its sentence is looked for."""

_ISSUED = frozenset({"اصدره", "اصدرته", "اصدرها", "اصدرتها", "نشره", "نشرته", "نشرها", "نشرتها", "اعده", "اعدته", "اعدها", "اعدتها"})
_WHO = frozenset({"الذي", "التي", "الذين", "والذي", "والتي", "والذين"})

HIDDEN, PHRASE = "hidden", "phrase"

Candidate = tuple[Referent, list[str], str]
"""Who, by which features, and the rule that found him first."""


def candidates(
    discourse: Discourse, s: Section, report: Report, phrase: tuple[int, int, str] | None = None
) -> tuple[list[Candidate], int, int, str]:
    """Who may have said it: (referent, features, rule) each; the tokens of the subject phrase; HIDDEN or PHRASE.

    Args:
        phrase: what `subject_before` makes of what `subject_phrase` gives, where it is known already.
    """
    cue = report.cue
    first, last, where = phrase or subject_before(s, report, subject_phrase(s, report))
    subject = describe(s, first, last, where) if first >= 0 else None
    mode = PHRASE if subject is not None and where not in ("headline subject", "relative") else HIDDEN
    found: dict[int, Candidate] = {}
    if subject is not None and not _add_unmarked(discourse, s, subject, found) and not _add_outlet(discourse, s, subject, found):
        _add_names(discourse, s, subject, found)
        _add_description(discourse, subject, found)
        if subject.head_class == "document":
            _add_issuer(discourse, s, subject, found)
    if mode == HIDDEN or not any(rule == "name" for _, _, rule in found.values()):
        _add_turns(discourse, s, report, where, subject if mode == PHRASE else None, found)
    if mode == PHRASE and subject is not None and _is_general(subject):
        _add_near(discourse, s, report, where, found, subject)
    if mode == HIDDEN:
        _add_near(discourse, s, report, where, found, None)
        interrupted = _add_clause_subjects(discourse, s, report, where, found)
        for _, features, rule in found.values():
            features.append(f"{'speaker' if rule.endswith('speaker') else rule}|{interrupted}|{where}")
    if mode == HIDDEN and cue is not None and not _says(s, cue):
        reading = agreement_of(s, cue)
        agreeing = {key: c for key, c in found.items() if _may_be_subject(reading, c[0])}
        found = agreeing or found
    for referent, features, rule in found.values():
        features += _agreement(discourse, s, report, referent, rule, where, mode, subject)
    return list(found.values()), first, last, mode


def _says(s: Section, cue: Cue) -> bool:
    """«أصدر فلان وثيقة تقول إن»: the verb agrees with what is written, not with the writer."""
    before = s.folds[cue.first - 1] if cue.first else ""
    return cue.reading.kind == FINITE and not before.startswith("ال") and before in word_set("document")


def subject_phrase(s: Section, report: Report) -> tuple[int, int, str]:
    """Tokens of the subject phrase and where it stands; (-1, -1, …) where the clause names nobody."""
    cue = report.cue
    if cue is None:
        return -1, -1, "bare"
    begin = s.sentences[s.sentence[cue.first]][0]
    kind = cue.reading.kind
    if report.how == "headline":
        start = next((k + 1 for k in range(report.phrase[1] - 1, report.phrase[0], -1) if s.kinds[k] == STOP), report.phrase[0])
        first, last = phrase_after(s, start, report.phrase[1])
        return (first, last, "headline") if first >= 0 else (*report.phrase, "headline")
    if kind == ATTRIBUTIVE or report.how in ("after", "middle"):
        # «وفقا لرويترز»: this ل names the source, not the one spoken to.
        told = is_finite(s.folds[cue.last - 1])  # «بحسب ما قاله فلان لرويترز»
        phrase = phrase_after(s, *report.phrase, addressees=kind != ATTRIBUTIVE or told)
        return *phrase, "attributive" if kind == ATTRIBUTIVE else "after"
    if kind == PARTICIPLE:
        return -1, -1, "participle"
    if kind == NOUN:
        for i in range(cue.first - 1, max(begin, cue.first - 25) - 1, -1):
            if s.folds[i] == "عن" and cue.first - i > 15:
                continue
            if s.folds[i] in ("عن", "لسان") and (cue.reading.number or _is_relayed(s, begin, i)):
                return (*phrase_after(s, i + 1, cue.first), "about") if not cue.reading.number else (i + 1, cue.first, "about")
        if not cue.reading.number:
            return *phrase_after(s, cue.last, report.phrase[1]), "noun"
        return -1, -1, "noun"
    limit = max(cue.last, report.opener if report.opener >= 0 else report.phrase[1])
    if s.folds[begin] in ("وكان", "كان", "وكانت", "كانت") and begin + 1 < cue.first <= begin + 14 and s.folds[begin + 1] != "قد":
        return -1, -1, "verb"  # «وكان فلان قد قال»
    who = cue.first > begin and s.folds[cue.first - 1] in _WHO and not cue.reading.object_pronoun
    if who and not any(s.folds[k] in PREPOSITION_PRONOUNS for k in range(cue.last, min(cue.last + 2, s.size))):
        return -1, -1, "verb"  # «الذي وصف الاتفاق», but «الذي رد عليه الوزير»
    if cue.reading.number in ("p", "d") and not cue.reading.passive:
        return -1, -1, "verb"  # before its subject a verb is singular
    if _relays_pronoun(s, cue):
        return -1, -1, "relayed"
    if cue.reading.lemma == "نقل":
        quoted = next((k for k in range(cue.last, limit) if s.folds[k] == "عن"), -1)
        if quoted >= 0:
            return *phrase_after(s, quoted + 1, limit), "about"
    if cue.reading.lemma in ("جاء", "ورد") and cue.last < limit and s.folds[cue.last] in ("في", "ضمن"):
        return *phrase_after(s, cue.last + 1, limit, places=True), "placed"  # «جاء في بيان الوزارة»
    if cue.reading.object_pronoun and cue.reading.lemma not in TELL and cue.last < limit and s.folds[cue.last] in GOVERNING:
        return -1, -1, "verb"  # «في تغريدة نشرها على حسابه»
    first, last = phrase_after(s, cue.last, limit)
    if first >= 0:
        last = end_of_subject(s, first, last, tells=cue.reading.lemma in TELL)
    if first < 0 and s.folds[begin] in ("اما", "واما") and s.folds[cue.first][:1] == "ف" and cue.first - begin > 1:
        return begin + 1, cue.first, "topic"
    return first, last, "after" if first >= 0 else "verb"


def subject_before(s: Section, report: Report, phrase: tuple[int, int, str]) -> tuple[int, int, str]:
    """The subject phrase before the cue where the clause names nobody behind it; else `phrase`, that of `subject_phrase`."""
    first, last, where = phrase
    cue = report.cue
    if first >= 0 or cue is None:
        return phrase
    begin = s.sentences[s.sentence[cue.first]][0]
    if s.name != "text":
        # In a headline the subject opens the line: «الوزير يحذر …: …».
        limit = min(cue.first, begin + 6)
        last = next((k for k in range(begin, limit) if s.mention[k] < 0 and s.folds[k][:1] in "يتس"), limit)
        return (begin, last, "headline subject") if last > begin else (-1, last, where)
    if cue.reading.kind == FINITE and not cue.reading.conjunction:
        low, high, relative = phrase_before(s, begin, cue.first)
        if low >= 0:
            return low, high, "relative" if relative else "before opens" if low - begin <= 1 else "before later"
    return phrase


def _add_names(discourse: Discourse, s: Section, subject: Subject, found: dict[int, Candidate]) -> None:
    """Those whom the subject phrase names."""
    first, last, where, head_class = subject.first, subject.last, subject.where, subject.head_class
    on_behalf = word_set("on_behalf")
    low = next((k for k in range(first, last) if s.kinds[k] == WORD and s.folds[k] not in word_set("demonstrative")), first)
    seen: set[int] = set()
    for i in range(first, last):
        number = s.mention[i]
        if number < 0 or number in seen:
            continue
        order = len(seen)
        seen.add(number)
        m = s.mentions[number]
        kind = m.entity_type
        if subject.words[0] in word_set("anonymous") and m.first > low:
            continue  # «مصدر مقرب من الكاتب، فلان»
        if kind == "MISC" or all(s.folds[k] in word_set("honorific") for k in range(m.first, m.last)):
            continue
        tied = link_of(s, m, first)
        features = [
            f"name|{where}|{kind}",
            f"name|{where}|{kind}|{tied}",
            f"name|{kind}|{tied}|{min(m.first - first, 2)}",
            f"name|{kind}|order={min(order, 3)}",
            f"name|{kind}|ends={m.last >= last - 1}|order={min(order, 2)}",
            f"name|{where}|ends={m.last >= last - 1}",
        ]
        if m.first > first:
            governed = any(s.folds[k] in GOVERNING or s.folds[k] in on_behalf for k in range(first, m.first))
            governed = governed or tied in ("proclitic", "preposition", "behalf")
            described = kind != "PERSON" or (governed and subject.definite == "no" and tied not in ("comma", "title"))
            if (
                kind == "PERSON"
                and tied == "word"
                and m.first == low + 1
                and subject.definite == "construct"
                and head_class in ("person_noun", "office")
            ):
                continue  # «محامي فلان», «مكتب فلان»
            if kind != "PERSON" and governed and subject.definite == "yes" and s.folds[m.first - 1] != "عن":
                continue  # «الصحف المقربة من النادي»
            if kind == "LOCATION" and m.first == low + 1 and tied == "word" and s.folds[low] in word_set("ruler"):
                continue  # «مفتي العراق»
            if kind == "LOCATION" and m.first > low + 1 and bare(s.folds[low]) in word_set("bureau"):
                continue  # «أسرة معلمة القرية»
            if kind == "LOCATION" and governed and head_class != "document":
                continue  # «منتدى التجار في مخيمات المدينة»
            if kind != "PERSON" and tied == "preposition" and head_class not in ("document", "classifier"):
                continue  # «فريق الباحثين في المعهد»
            if kind == "PERSON" and any(
                _is_office(s, k) for k in range(low, m.first) if k == low or (k == low + 1 and head_class == "document")
            ):
                continue  # «المكتب الإعلامي لرئيس الوزراء فلان»
            if head_class == "person_noun" and described:
                # «المتحدث باسم الشركة», «مصدر مقرب من فلان»: the description speaks, not what it names.
                continue
            if kind == "LOCATION" and governed and (head_class == "office" or tied in ("proclitic", "preposition")):
                continue
            if kind == "PERSON" and tied not in ("comma", "mark"):
                titled = s.folds[low] in word_set("title")  # «الفريق فلان»
                if head_class == "office" and subject.definite == "construct" and not titled:
                    continue  # «إدارة الرئيس فلان»
                if subject.number == "p" and head_class in ("person_noun", "source"):
                    continue  # «مسؤولون بإدارة الرئيس فلان»
            features += [
                f"name|{kind}|{head_class}|governed={governed}",
                f"name|{kind}|head={subject.words[0]}",
                f"name|{kind}|{head_class}|{tied}",
            ]
        referent = discourse.referents[m.entity_id]
        if kind == "PERSON" and len(referent.words) == 1:
            _complete(s, m, subject, referent)
            if len(referent.words) == 1:
                _take_name(discourse, referent)
        _add(found, referent, "name" if kind == "PERSON" else "organisation", *features)


def _add_unmarked(discourse: Discourse, s: Section, subject: Subject, found: dict[int, Candidate]) -> bool:
    """The person whom the subject phrase names though no mention marks the name."""
    begin, end, told = unmarked_name(s, subject) if subject.named != "person" else (-1, -1, "")
    name = " ".join(s.words[begin:end]) if begin >= 0 else ""
    if not name and subject.named == "no":
        begin, end, told, name = _surname(discourse, s, subject)
    if not name:
        return False
    referent = _unmarked(discourse, name, subject)
    _add(found, referent, "name", f"unmarked|{told}", f"unmarked|{told}|{subject.head_class}", f"unmarked|{told}|{end - begin}")
    return True


def _surname(discourse: Discourse, s: Section, subject: Subject) -> tuple[int, int, str, str]:
    """The surname that a subject phrase is («الهنداوي», «الدكتور الهنداوي»), where no mention marks it, and the full name elsewhere."""
    low = subject.first
    while low < subject.last - 1 and (s.folds[low] in word_set("title") or s.kinds[low] != WORD):
        low += 1
    word = s.folds[low]
    alone = low + 1 == subject.last or s.kinds[low + 1] == COMMA
    if not alone or s.mention[low] >= 0 or kind_of_head(word, False) != "other" or s.kinds[low] != WORD:
        return -1, -1, "", ""
    name = discourse.full_name(word) or next(
        (r.name for r in discourse.referents.values() if r.type == "PERSON" and len(r.words) > 1 and fold(r.name.split()[-1]) == word), ""
    )
    return low, low + 1, "surname", name


def _add_outlet(discourse: Discourse, s: Section, subject: Subject, found: dict[int, Candidate]) -> bool:
    """The newspaper or firm whose name no mention marks."""
    name = outlet_name(s, subject)
    if not name:
        return False
    referent = discourse.phrase_of.get(name) or Referent(None, name, "SOURCE", subject.content, head="media", gender="f", number="s")
    _add(found, referent, "organisation", "outlet", f"outlet|{subject.where}")
    return True


def _unmarked(discourse: Discourse, name: str, subject: Subject) -> Referent:
    """The person of a name that no mention marks; one whom a mention knows by a part of it gets the whole name."""
    words = frozenset(bare(fold(word)) for word in name.split())
    for referent in discourse.referents.values():
        if referent.type == "PERSON" and referent.words <= words and not referent.words <= subject.content - words:
            referent.name, referent.words = name, words
            return referent
    known = discourse.phrase_of.get(name)
    return known or Referent(None, name, "PERSON", words | subject.content, gender=subject.gender, number="s")


def _add_description(discourse: Discourse, subject: Subject, found: dict[int, Candidate]) -> None:
    """The phrase itself, earlier phrases that it may take up, and entities that the article describes with its words."""
    head_class, definite, where = subject.head_class, subject.definite, subject.where
    size = min(len(subject.words), 5)
    itself = discourse.phrase_of.get(subject.text)
    if itself is None:
        itself = _described_by(subject)
    _add(
        found,
        itself,
        "phrase",
        f"itself|{where}|{definite}|{subject.named}|{head_class}",
        f"itself|{head_class}",
        f"itself|{head_class}|{definite}",
        f"itself|{size}|{definite}",
        f"itself|{where}|{definite}",
        f"itself|head={subject.words[0]}",
    )
    if subject.named == "person" and not where.startswith("before"):
        return
    fresh = definite == "no" and where not in ("headline", "headline subject", "issuer")
    if subject.content & word_set("another"):
        return  # «مصدر آخر»
    for age, old in enumerate(discourse.phrases[:-9:-1]):
        if old is not itself and subject.content & old.words and not (fresh and not subject.content <= old.words):
            if not _same_head(subject, old):
                continue
            coverage = "all" if subject.content <= old.words else "inside" if old.words <= subject.content else "part"
            tag = f"old phrase|{coverage}|{definite}"
            _add(found, old, "anaphor", tag, f"{tag}|age={min(age, 2)}", f"old phrase|head={subject.words[0] in old.words}|{coverage}")
    described = {
        id(referent): referent for word in sorted(subject.content) for referent in discourse.described.get(word, ())[-_MOST_DESCRIBED:]
    }
    matches: list[tuple[float, str, int, Referent]] = []
    for referent in described.values():
        if (
            id(referent) in found
            or (fresh and (referent.type == "PERSON" or head_class == "document"))
            or not _may_be_person(subject, referent)
        ):
            continue
        if head_class in (("classifier", "office", "document") if referent.type == "PERSON" else ("person_noun", "honorific")):
            continue
        best, inside, excess = 0.0, "no", 9
        for role in referent.roles:
            share = len(subject.content & role) / len(subject.content)
            others = len(role - subject.content - referent.words)
            if share > best or (share == best and others < excess):
                best, excess = share, others
                inside = "name" if subject.words[0] in referent.words else "beside" if subject.words[0] in role else "no"
        matches.append((best, inside, excess, referent))
    least = 1.0 if any(best == 1 for best, *_ in matches) else 0.5
    tightest = min((excess for best, _, excess, _ in matches if best >= least), default=0)
    for best, inside, excess, referent in matches:
        if best >= least:
            coverage = "all" if best == 1 else "most" if best > 0.6 else "half"
            tag = f"role|{referent.type}|{coverage}|head={inside}"
            _add(
                found,
                referent,
                "role",
                tag,
                f"{tag}|{definite}",
                f"{tag}|{min(size, 3)}|{definite}",
                f"role|{referent.type}|{definite}|{head_class}",
                f"role|{referent.type}|{coverage}|excess={min(excess, 4)}",
                f"role|{coverage}|tightest={excess == tightest}",
                f"role|{referent.type}|nation={_nation(subject, referent)}",
            )
    for _, features, rule in found.values():
        features.append(f"{rule}|{where}|{definite}|{subject.named}|{head_class}")


def _add_issuer(discourse: Discourse, s: Section, subject: Subject, found: dict[int, Candidate]) -> None:
    """Whose document it is, where a description says so: «بيان للرئاسة», «تقرير صادر عن الشرطة», «بيان أصدرته الوزارة», «برقية الملك»."""
    for k in range(subject.first + 1, subject.last):
        word = s.folds[k]
        if s.mention[k] >= 0 or s.kinds[k] != WORD:
            return
        if (word in ("عن", "من", "ل", "لـ") and k <= subject.first + 2) or word in _ISSUED:
            first = k + 1
        elif word[:2] == "لل" or (k == subject.first + 1 and not s.folds[subject.first].startswith("ال") and word.startswith("ال")):
            first = k
        else:
            continue
        issuer = describe(s, first, subject.last, "attributive" if word[:2] == "لل" else "issuer") if first < subject.last else None
        if issuer is not None and issuer.named == "no":
            _add_description(discourse, replace(issuer, where="issuer"), found)
        return


def _described_by(subject: Subject) -> Referent:
    """One whom only a phrase describes («مصدر أمني»)."""
    kind = "GROUP" if subject.number == "p" else "SOURCE"
    return Referent(None, subject.text, kind, subject.content, head=subject.head_class, gender=subject.gender, number=subject.number)


def _add_turns(discourse: Discourse, s: Section, report: Report, where: str, subject: Subject | None, found: dict[int, Candidate]) -> None:
    """Those who spoke before, latest first."""
    place = report.cue.first if report.cue else report.first
    sentence = discourse.sentence_base[s.name] + s.sentence[place]
    distinct: list[int] = []
    reporting = 0
    for turn in reversed(discourse.turns[-12:]):
        if id(turn.referent) in distinct:
            continue
        rank = len(distinct)
        if rank >= 5:
            break
        distinct.append(id(turn.referent))
        if subject is not None and id(turn.referent) not in found:
            # Nothing in the phrase points at this speaker: only a general word («المسؤول») may mean him.
            size = min(len(subject.words), 3)
            if size > 1 and subject.head_class in ("office", "classifier"):
                continue  # «الرئاسة التركية» is said in full
            if (
                not _may_mean(subject, turn.referent)
                or not _may_be_person(subject, turn.referent)
                or not _may_be_body(subject, turn.referent)
            ):
                continue
            if subject.definite == "no" and s.name == "text":
                continue  # «مسؤول أمريكي» is somebody new
            person = subject.head_class == "person_noun" and turn.referent.type == "PERSON"
            if (
                subject.head_class == "document"
                or subject.definite == "construct"
                or (subject.definite == "yes" and len(subject.words) < (5 if person else 3))
                or s.name != "text"
            ):
                shape = f"{min(len(subject.words), 5)}|{subject.definite}"
                _add(
                    found,
                    turn.referent,
                    "unlinked",
                    f"unlinked|rank={min(rank, 2)}",
                    f"unlinked|{shape}",
                    f"unlinked|{where}|{subject.definite}",
                    f"unlinked|{subject.definite}|{subject.head_class}",
                    f"unlinked|{shape}|rank={min(rank, 2)}",
                    f"unlinked|head={subject.words[0]}",
                    f"unlinked|{s.name}|{subject.definite}|{turn.referent.type}",
                    f"unlinked|{subject.head_class}|{turn.referent.type}|{turn.referent.head}",
                    f"unlinked|{subject.head_class}|{shape}",
                    f"unlinked|{subject.named}|{subject.definite}|{turn.referent.type}",
                    f"unlinked|nation={_nation(subject, turn.referent)}",
                )
            continue
        distance = sentence - turn.sentence
        near = "same" if distance == 0 else "next" if distance == 1 else "near" if distance <= 3 else "far"
        tag = f"turn|{'hidden' if subject is None else 'linked'}|rank={min(rank, 3)}"
        features = [
            tag,
            f"{tag}|{near}",
            f"{tag}|{turn.kind}|{near}",
            f"{tag}|{where}",
            f"{tag}|{where}|{near}",
            f"{tag}|{turn.referent.type}",
        ]
        if turn.referent.entity_id is None or turn.referent.head == "media":
            features += [f"{tag}|{turn.referent.head}", f"{tag}|{turn.referent.head}|{turn.kind}"]
        if subject is not None:
            features.append(f"turn|{subject.definite}|{near}")
        if turn.kind == "reports":
            features.append(f"report turn|{subject is None}|rank={min(reporting, 2)}|{near}")
            reporting += 1
        _add(found, turn.referent, "last speaker" if rank == 0 else "earlier speaker", *features)


def _is_general(subject: Subject) -> bool:
    """Whether a phrase is a general word for a body that the article names («الشركة», «المنظمة الدولية»)."""
    in_full = any(word in nationalities() for word in subject.words)  # «الرئاسة التركية»
    return (
        subject.definite == "yes"
        and subject.named == "no"
        and len(subject.words) <= 2
        and subject.head_class == "classifier"
        and not in_full
    )


def _add_near(discourse: Discourse, s: Section, report: Report, where: str, found: dict[int, Candidate], subject: Subject | None) -> None:
    """Those whom this sentence and the one before name."""
    place = report.cue.first if report.cue else report.first
    number = s.sentence[place]
    begin = s.sentences[number][0]
    earlier = s.sentences[number - 1][0] if number else begin
    starts = s.mention_starts
    names = s.mentions[bisect_left(starts, earlier) : bisect_left(starts, place)]
    here = [
        m
        for m in names
        if m.first >= begin and (m.entity_type in ("PERSON", "ORGANIZATION") or (m.entity_type == "LOCATION" and m.first - begin <= 1))
    ]
    here = here if len(here) <= 8 else [*here[:3], *here[-5:]]
    # Nobody has spoken in this sentence yet: its subject is likelier than an earlier speaker.
    if subject is not None:
        here = [m for m in here if m.entity_type == "ORGANIZATION" and _may_mean(subject, discourse.referents[m.entity_id])]
    kind_of_word = f"{subject.head_class}|" if subject is not None else ""
    last_spoke = discourse.turns[-1].referent if discourse.turns else None
    fresh = not discourse.turns or discourse.turns[-1].sentence != discourse.sentence_base[s.name] + number
    for order, m in enumerate(here):
        tag = f"sentence|{kind_of_word}{m.entity_type}"
        side = "first" if order == 0 else "last" if order == len(here) - 1 else "between"
        gap = _gap(s, m.last, place)
        opening = "first" if m.first - begin <= 1 else "opens" if m.first - begin <= 4 else "later"
        link = "proclitic" if m.proclitic.strip("وف") else "free"
        if link == "proclitic" and m.first > begin and bare(s.folds[m.first - 1]) in word_set("place_of_speech"):
            link = "venue"  # «وفي مداخلة لفلان»
        part = last_spoke is not None and last_spoke.entity_id is None and discourse.referents[m.entity_id].words <= last_spoke.words
        _add(
            found,
            discourse.referents[m.entity_id],
            "sentence",
            tag,
            f"{tag}|{side}",
            f"{tag}|{side}|{where}",
            f"{tag}|{opening}|{link}",
            f"{tag}|{opening}|{where}",
            f"{tag}|{side}|fresh={fresh}",
            f"{tag}|{opening}|fresh={fresh}|{where}",
            f"{tag}|gap={gap}|{where}",
            f"{tag}|gap={gap}|{link}",
            f"{tag}|gap={gap}|fresh={fresh}",
            f"sentence|part={part}",
            f"sentence|{where}|{link}",
            f"sentence|told={discourse.is_told(m.first, place)}|{where}",
        )
    kinds = ("PERSON", "ORGANIZATION") if subject is None else ("ORGANIZATION",)
    before = [m for m in names if m.first < begin and m.entity_type in kinds]
    before = before if len(before) <= 6 else [*before[:3], *before[-3:]]
    for order, m in enumerate(before):
        tag = f"sentence before|{kind_of_word}{m.entity_type}"
        side = "first" if order == 0 else "last" if order == len(before) - 1 else "between"
        _add(found, discourse.referents[m.entity_id], "sentence", tag, f"{tag}|{side}")


def _add_clause_subjects(discourse: Discourse, s: Section, report: Report, where: str, found: dict[int, Candidate]) -> str:
    """The subjects of the verbs before the cue, nearest first: «رفضت الشركة العرض، قائلة …».

    Returns what stands between the last speaker and the cue: nothing, a verb with a subject of its own, one that agrees with the cue.
    """
    place = report.cue.first if report.cue else report.first
    number = s.sentence[place]
    begin = s.sentences[number][0]
    # «قال فلان إن الشركة رفضت العرض، مضيفا …»: what the speaker tells of is no subject of the next cue.
    clauses = [c for c in clauses_before(s, max(begin, place - _FARTHEST_CLAUSE), place) if not discourse.is_told(c.at, place)]
    here = "here"
    if not clauses and number and s.sentences[number - 1][1] == begin:
        # The cue opens its sentence: the one before tells who is being spoken of.
        earlier, end = s.sentences[number - 1]
        clauses, here = clauses_before(s, max(earlier, end - _FARTHEST_CLAUSE), end)[:1], "before"
    reading = report.cue.reading if report.cue else None
    comma = place > begin and s.kinds[place - 1] == COMMA
    interrupted = "on"
    spoke = discourse.turns[-1].place - discourse.base[s.name] if discourse.turns else -1
    for order, clause in enumerate(reversed(clauses)):
        subject = describe(s, clause.first, clause.last, "clause")
        if subject is None:
            continue
        main = "main" if clause is clauses[0] else "nearest" if order == 0 else "between"
        tag = f"clause|{here}|{main}"
        agrees = "?" if reading is None or not reading.gender else str(reading.gender == clause.verb.gender)
        told = is_finite(s.folds[clause.at])
        later = clause.at > spoke
        if order == 0 and later:
            interrupted = f"interrupted {agrees}"
        referent, how = _of_clause(discourse, s, subject)
        _add(
            found,
            referent,
            "clause",
            tag,
            f"{tag}|{where}|{how}",
            f"{tag}|{how}|{referent.type}",
            f"{tag}|{min(order, 2)}|{where}|comma={comma}",
            f"{tag}|gender={agrees}|{reading.number if reading else ''}",
            f"{tag}|gender={agrees}|told={told}|{where}",
            f"{tag}|told={told}|{subject.definite}",
            f"clause|{here}|opens={clause.opens}|{where}",
            f"clause|{how}|{subject.head_class}|{subject.definite}",
            f"clause|{here}|later={later}|{where}|{agrees}",
            f"clause|{here}|later={later}|{how}|{min(order, 1)}",
            f"clause|{here}|only={len(clauses) == 1}|{where}",
        )
    return f"{here} {interrupted}"


def _of_clause(discourse: Discourse, s: Section, subject: Subject) -> tuple[Referent, str]:
    """Whom the subject of a clause means, and how that is known: by a name, as somebody described before, or by itself."""
    for k in range(subject.first, subject.last):
        number = s.mention[k]
        if number >= 0:
            m = s.mentions[number]
            tied = link_of(s, m, subject.first)
            if m.entity_type == "PERSON" and tied not in ("proclitic", "preposition", "behalf"):
                return discourse.referents[m.entity_id], "name"
            if m.entity_type != "MISC" and (k == subject.first or tied == "classifier"):
                return discourse.referents[m.entity_id], "name"
            break
    if known := discourse.phrase_of.get(subject.text):
        return known, "known"
    for old in reversed(discourse.phrases[-8:]):
        if subject.definite == "yes" and subject.content <= old.words:
            return old, "known"
    return _described_by(subject), "itself"


def _gap(s: Section, last: int, place: int) -> str:
    """What stands between a name and the verb after it: a relative, nothing, only words, or a comma."""
    between = range(last, place)
    if len(between) <= 2 and all(s.folds[k] in RELATIVES or s.kinds[k] == COMMA for k in between):
        return "relative" if any(s.folds[k] in RELATIVES for k in between) else "comma next" if between else "none"
    return "comma" if any(s.kinds[k] in (COMMA, COLON) for k in between) else "words"


def _agreement(
    discourse: Discourse, s: Section, report: Report, referent: Referent, rule: str, where: str, mode: str, subject: Subject | None
) -> list[str]:
    """Features of a candidate beside the cue's form and the words of its subject phrase."""
    place = discourse.base[s.name] + (report.cue.first if report.cue else report.first)
    how = mode if mode == HIDDEN else rule
    known = bisect_left(referent.places, place) > 0
    out = [
        f"{how}|type={referent.type}",
        f"{how}|{where}|type={referent.type}",
        f"{how}|{referent.type}|mentions={min(len(referent.places), 4)}",
        f"{how}|{referent.type}|known={known}",
        f"{how}|spoken={min(referent.spoken, 3)}",
    ]
    if mode == PHRASE and subject is not None and rule not in ("name", "organisation", "phrase"):
        if subject.gender and referent.gender:
            out.append(f"{how}|same gender={subject.gender == referent.gender}")
        if subject.number and referent.number:
            out.append(f"{how}|same number={subject.number == referent.number}")
    if report.cue is not None:
        reading = agreement_of(s, report.cue)
        if reading.gender and referent.gender:
            out.append(f"{how}|gender={reading.gender == referent.gender}|{referent.type}")
        elif reading.gender:
            out.append(f"{how}|gender={reading.gender}|{referent.type}")
        if mode == HIDDEN and reading.number:
            out.append(f"number={reading.number}{referent.number or '?'}|{referent.type}")
            if reading.number == "s" and reading.gender == "f" and referent.number == "p":
                out.append(f"collective|{referent.gender}")
    return out


def _complete(s: Section, m: Mention, subject: Subject, referent: Referent) -> None:
    """Give a person known by one name the words that follow it in the subject phrase («قال خالد الفلاني إن», «خالد الفلاني رئيس …»)."""
    if subject.where == "headline":
        return
    k = m.last
    while k < subject.last and not describes_person(s, k) and _goes_on_name(s, k):
        k += 1
    rest = [s.words[i] for i in range(m.last, k) if s.words[i] != "#"]
    if (k < subject.last and not describes_person(s, k)) or not 1 <= len(rest) <= (3 if s.folds[m.last] in _LINKS_NAMES else 2):
        return
    referent.name = " ".join([s.text[m.start : m.end], *rest])
    referent.words = frozenset(bare(fold(word)) for word in referent.name.split())


_LINKS_NAMES = frozenset({"بن", "بنت", "ال", "ابو", "ابن", "ولد"})


def _goes_on_name(s: Section, k: int) -> bool:
    """Whether the token can belong to the name before it."""
    word = s.folds[k]
    if s.words[k] == "#":
        return True
    if s.kinds[k] != WORD or (s.mention[k] >= 0 and s.words[k - 1] != "#"):
        return False
    return not (
        is_attached(word)
        or word.startswith("وال")
        or any(word in word_set(name) for name in ("phrase_end", "person_noun", "title"))
        or readings(word)
    )


def _add(found: dict[int, Candidate], referent: Referent, rule: str, *features: str) -> None:
    entry = found.setdefault(id(referent), (referent, [], rule))
    entry[1].extend(features)


def _relays_pronoun(s: Section, cue: Cue) -> bool:
    """«نقلت عنه الوكالة»: the pronoun speaks, not the verb's subject."""
    return cue.reading.lemma == "نقل" and cue.last < s.size and s.folds[cue.last] in _ABOUT


def agreement_of(s: Section, cue: Cue) -> Reading:
    """The reading of a cue with the gender and number of the one who speaks."""
    if not _relays_pronoun(s, cue):
        return cue.reading
    gender, number = _ABOUT[s.folds[cue.last]]
    return replace(cue.reading, gender=gender, number=number)


_ABOUT = {"عنه": ("m", "s"), "عنها": ("f", "s"), "عنهم": ("m", "p")}


def _take_name(discourse: Discourse, referent: Referent) -> None:
    """Give a person known by a surname the full name that no mention marked («الدكتور فلان السمحان … قال السمحان»)."""
    for old in reversed(discourse.phrases):
        if old.type == "PERSON" and len(old.name.split()) > 1 and referent.words <= {bare(fold(old.name.split()[-1]))}:
            referent.name = old.name
            referent.words = frozenset(bare(fold(word)) for word in old.name.split())
            return
    if name := discourse.full_name(fold(referent.name)):
        referent.name = name
        referent.words = frozenset(bare(fold(word)) for word in name.split())


def _is_relayed(s: Section, begin: int, i: int) -> bool:
    """Whether «نقل» governs the عن at i («نقلت الصحيفة عن مسؤول القول»)."""
    return any(r.lemma == "نقل" for k in range(max(begin, i - 8), i) for r in readings(s.folds[k]))


def _same_head(subject: Subject, old: Referent) -> bool:
    """Whether a phrase can take up an earlier one: «الوزارة» does not mean «متحدث باسم الوزارة»."""
    head = bare(fold(old.name.split()[0])) if old.name.split() else ""
    people = ("person_noun", "source", "honorific", "other")
    return head == subject.words[0] or (old.head in people and subject.head_class in people and subject.words[0] != "مصدر")


def _is_office(s: Section, k: int) -> bool:
    """Whether the token opens a description of an office that somebody heads («مكتب …»), not of himself («الفريق فلان»)."""
    return s.folds[k] not in word_set("title") and bare(s.folds[k]) in word_set("bureau")


def _may_be_person(subject: Subject, referent: Referent) -> bool:
    """Whether a person can be meant by a noun of that gender («المسؤولة»); things («التقرير») and groups («الممثلون») are no person."""
    if referent.type == "PERSON" and (
        subject.words[0] in word_set("thing") or (subject.number in ("p", "d") and subject.head_class != "honorific")
    ):
        return False
    known = subject.head_class == "person_noun" and subject.number == "s" and referent.type == "PERSON" and bool(referent.gender)
    return not known or subject.gender == referent.gender


def _may_be_body(subject: Subject, referent: Referent) -> bool:
    """Whether one body can be meant: several people («عمال الإغاثة») are none."""
    people = subject.number in ("p", "d") and subject.head_class in ("person_noun", "other")
    return referent.type != "ORGANIZATION" or referent.number == "p" or not people


def _nation(subject: Subject, referent: Referent) -> str:
    """Whether a description names the country that stands beside the mentions of a referent («الوزير الروسي»), or another one."""
    codes = {nationalities()[word] for word in subject.words if word in nationalities()}
    if not codes or not referent.nations:
        return "none" if not codes else "unknown"
    return "same" if codes & referent.nations else "other"


def _may_mean(subject: Subject, referent: Referent) -> bool:
    """Whether a description that shares no word with a speaker can stand for it at all."""
    if subject.head_class in ("classifier", "office"):
        outlet = subject.words[0] in word_set("media")
        return referent.type not in ("PERSON", "LOCATION") and (outlet or referent.head != "media")
    if subject.head_class == "person_noun" and subject.words[0] not in ("مصدر", "مصادر"):
        return referent.type not in ("ORGANIZATION", "LOCATION")
    return referent.type != "LOCATION" or subject.head_class == "document"


def _may_be_subject(reading: Reading, referent: Referent) -> bool:
    """Whether a person agrees with a verb or participle whose subject is hidden."""
    if referent.type != "PERSON" or reading.kind == ATTRIBUTIVE:
        return True
    if reading.number in ("p", "d"):
        return False
    return not (reading.gender and referent.gender and reading.gender != referent.gender)
