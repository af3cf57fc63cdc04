"""From landed files to article rows: decode, clean the characters, read the layout, and measure what is left."""

from __future__ import annotations

import hashlib
import json
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from rasd.arabic import Codes, Offsets, code_points, counts, fold_all, fold_codes, fold_lines, sentence_counts, texts_of, word_counts
from rasd.cleaning import duplicates
from rasd.cleaning.characters import clean_characters
from rasd.cleaning.language import arabic_ratios, foreign_letters, language_of
from rasd.cleaning.layout import Layout, read_layout
from rasd.landing.decoding import Undecodable, decode
from rasd.schema import ARTICLES, REJECT_REASONS, REJECTS, SEPARATOR
from rasd.settings import Settings

_BATCH = 256
"""Files that are worked on at once: enough to spread numpy's overhead, few enough for the processor's cache."""


@dataclass(frozen=True)
class CleanedFiles:
    """What cleaning made of files: rows of `articles` and of `rejects`, and one signature (`duplicates.SIGNATURE_TYPE`) per article row."""

    articles: pa.Table
    rejects: pa.Table
    signatures: pa.Array


class _RejectedError(ValueError):
    def __init__(self, reason: str, stage: str = "cleaning", message: str | None = None, **details: Any) -> None:
        super().__init__(reason)
        self.reason, self.stage, self.details = reason, stage, details
        self.message = message or REJECT_REASONS[reason]


@dataclass(slots=True)
class _File:
    """One file on its way: row in the input, decoded text, what was odd, sidecar, then its layout."""

    row: int
    text: str
    encoding: str
    flags: list[str]
    sidecar: dict[str, str]
    layout: Layout | None = None


def clean_files(files: pa.Table, settings: Settings) -> CleanedFiles:
    """Articles and rejects of landed files.

    A file is one article. A file that no article comes from is a row of `rejects`; no input raises.

    Args:
        files: schema `rasd.schema.LANDED_FILES`, `content` never null.

    Returns:
        articles: `ARTICLES`, one row per accepted file in the input's order (the same text in two files is two rows with one article_id);
            copies, near_duplicate_cluster, entity_count, quote_count, ingested_on, article_date and extractor_version are null.
        rejects: `REJECTS`, with reject_id and ingested_on null.
        signatures: one per row of articles.
    """
    articles: list[pa.Table] = []
    rejects: dict[str, list[Any]] = {"stage": [], "reason": [], "message": [], "source_uri": [], "source_sha256": [], "details": []}
    signatures: list[pa.Array] = []
    for start in range(0, files.num_rows, _BATCH):
        batch = files.slice(start, _BATCH)
        accepted, sketch, refused = _clean_batch(batch, settings)
        articles.append(accepted)
        signatures.append(sketch)
        uris, digests = batch["source_uri"].to_pylist(), batch["source_sha256"].to_pylist()
        for row, problem in sorted(refused.items()):
            rejects["stage"].append(problem.stage)
            rejects["reason"].append(problem.reason)
            rejects["message"].append(problem.message)
            rejects["source_uri"].append(uris[row])
            rejects["source_sha256"].append(digests[row])
            rejects["details"].append(json.dumps(problem.details, ensure_ascii=False) if problem.details else None)
    return CleanedFiles(
        pa.concat_tables(articles) if articles else ARTICLES.arrow.empty_table(),
        REJECTS.table(rejects),
        pa.concat_arrays(signatures) if signatures else pa.array([], duplicates.SIGNATURE_TYPE),
    )


def _clean_batch(batch: pa.Table, settings: Settings) -> tuple[pa.Table, pa.Array, dict[int, _RejectedError]]:
    refused: dict[int, _RejectedError] = {}
    work: list[_File] = []
    for row, (content, sidecar) in enumerate(zip(batch["content"].to_pylist(), batch["sidecar"].to_pylist(), strict=True)):
        try:
            decoded = decode(content)
            work.append(_File(row, decoded.text, decoded.encoding, list(decoded.flags), _sidecar(sidecar)))
        except Undecodable as error:
            refused[row] = _RejectedError(error.reason, "landing", error.message)
        except _RejectedError as error:
            refused[row] = error
        except Exception as error:  # one bad file never stops the others
            refused[row] = _failure(error)
    try:
        texts = clean_characters([file.text for file in work])
    except Exception:
        texts = []
        for file in work.copy():
            try:
                texts += clean_characters([file.text])
            except Exception as error:
                refused[file.row] = _failure(error)
                work.remove(file)
    uris = batch["source_uri"].to_pylist()
    for file, text, folded in zip(work, texts, fold_lines(texts), strict=True):
        try:
            file.layout = read_layout(text, folded, file_name=uris[file.row].rsplit("/", 1)[-1], sidecar=file.sidecar, settings=settings)
        except Exception as error:
            refused[file.row] = _failure(error)
    work = [file for file in work if file.layout is not None]
    return *_judge(work, batch, settings, refused), refused


def _judge(work: list[_File], batch: pa.Table, settings: Settings, refused: dict[int, _RejectedError]) -> tuple[pa.Table, pa.Array]:
    layouts = [file.layout for file in work if file.layout is not None]
    texts = [layout.text for layout in layouts]
    codes, offsets = code_points(texts)
    measured = measures(codes, offsets)
    foreign = foreign_letters(codes, offsets).tolist()
    words, ratios = measured["word_count"].tolist(), measured["arabic_ratio"].tolist()
    keep: list[int] = []
    languages: list[str] = []
    for i, file in enumerate(work):
        language, ratio = language_of(texts[i], ratios[i], foreign[i]), ratios[i]
        if not words[i]:  # nothing was left: then the file as a whole says what it is
            whole = code_points([file.text])
            ratio = arabic_ratios(*whole).item()
            language = language_of(file.text, ratio, foreign_letters(*whole).item())
        if language != "ar" or ratio < settings.min_arabic_ratio:
            refused[file.row] = _RejectedError("not_arabic", language=language, arabic_ratio=round(ratio, 4), words=words[i])
        elif words[i] < max(settings.min_article_words, 1):
            refused[file.row] = _RejectedError("too_short", words=words[i], least=settings.min_article_words)
        elif words[i] > settings.max_article_words:
            refused[file.row] = _RejectedError("too_long", words=words[i], most=settings.max_article_words)
        else:
            keep.append(i)
            languages.append(language)
    kept = [work[i] for i in keep]
    layouts = [layouts[i] for i in keep]
    if len(kept) < len(work):
        texts = [texts[i] for i in keep]
        codes, offsets = code_points(texts)
    codes, offsets = fold_codes(texts, codes, offsets)
    normalized = pa.array(texts_of(codes, offsets), pa.string())
    titles = fold_all([layout.title or "" for layout in layouts])
    rows = pa.array([file.row for file in kept], pa.int64())
    columns: dict[str, Any] = {
        "article_id": article_ids(titles, normalized),
        **{name: batch[name].take(rows) for name in ("source_id", "source_uri", "source_sha256")},
        "source_encoding": [file.encoding for file in kept],
        **{name: [getattr(layout, name) for layout in layouts] for name in _FROM_LAYOUT},
        "language": languages,
        "text_normalized": normalized,
        **{name: values[keep] for name, values in measured.items()},
        "quality_flags": [SEPARATOR.join([*file.flags, *layout.flags]) or None for file, layout in zip(kept, layouts, strict=True)],
    }
    return ARTICLES.table(columns), duplicates.sketches(codes, offsets)


_FROM_LAYOUT = (
    "title", "subtitle", "byline", "dateline", "captions", "source_credit", "section_name", "published_date", "published_at",
    "published_precision", "published_source", "text", "removed_text",
)  # fmt: skip


def measures(codes: Codes, offsets: Offsets) -> dict[str, npt.NDArray[Any]]:
    """The columns of `articles` that measure `text`, from the texts' `code_points`."""
    return {
        "paragraph_count": counts(codes == ord("\n"), offsets) + 1,
        "sentence_count": sentence_counts(codes, offsets),
        "word_count": word_counts(codes, offsets),
        "character_count": np.diff(offsets),
        "arabic_ratio": arabic_ratios(codes, offsets),
    }


def article_ids(titles: Sequence[str], texts: pa.StringArray) -> list[str]:
    """32 hexadecimal digits each that stand for an article's folded title and folded text, wherever its lines break."""
    if not titles:
        return []
    _, bounds, content = texts.buffers()
    unbroken = np.frombuffer(content, np.uint8).copy()  # the texts in UTF-8, one after the other
    unbroken[unbroken == ord("\n")] = ord(" ")
    spans = pairwise(np.frombuffer(bounds, np.int32)[texts.offset : texts.offset + len(texts) + 1].tolist())
    ids = []
    for title, (start, end) in zip(titles, spans, strict=True):
        digest = hashlib.blake2b(f"{title}\n".encode(), digest_size=16)
        digest.update(unbroken.data[start:end])
        ids.append(digest.hexdigest())
    return ids


def _sidecar(content: str | None) -> dict[str, str]:
    """The fields of a sidecar that are strings, with clean characters and without line breaks."""
    if content is None:
        return {}
    try:
        fields = json.loads(content)
    except ValueError as error:
        raise _RejectedError("sidecar_invalid", "landing", error=str(error)) from error
    if not isinstance(fields, dict):
        raise _RejectedError("sidecar_invalid", "landing", error="The file holds no JSON object.")
    stated = {name: value for name, value in fields.items() if isinstance(value, str)}
    return dict(zip(stated, (value.replace("\n", " ") for value in clean_characters(list(stated.values()))), strict=True))


def _failure(error: Exception) -> _RejectedError:
    return _RejectedError("processing_failed", error=traceback.format_exception_only(error)[-1].strip())
