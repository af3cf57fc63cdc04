"""Near-duplicates by MinHash over word 5-grams.

The signature of an article is the sketch of its 5-grams: the hashes that fall into a fixed eighth of the hash space (FracMinHash). Unlike
the classic MinHash of fixed size, such sketches estimate containment, not only Jaccard similarity: a brief that an update has grown from
is found although it is a fifth of it. Buckets of equal hashes (one band of locality-sensitive hashing per sampled hash) give the
candidates; the shared part of the sketches decides.

Everything is a function of the article texts alone, so clusters do not depend on shards, order or machine.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from rasd.arabic import Codes, Offsets, code_points
from rasd.settings import Settings

SHINGLE = 5
SIGNATURE_TYPE = pa.list_(pa.uint64())

_SAMPLED = np.uint64(2**64 // 4)
_BASE = np.uint64(0x9E3779B97F4A7C15)
_BUCKET = 64
"""Articles of a bucket that are compared with each other pairwise; beyond, each with the next few, which still links copies."""


def _inverse(odd: int) -> int:
    return pow(odd, -1, 2**64)


def _mix(x: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The finaliser of SplitMix64: every input bit moves every output bit."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


_POWERS = np.ones(1, np.uint64)
_INVERSES = np.ones(1, np.uint64)


def _powers(n: int) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    global _POWERS, _INVERSES
    if len(_POWERS) < n:
        size = 1 << n.bit_length()
        with np.errstate(over="ignore"):
            _POWERS = np.concatenate([np.ones(1, np.uint64), np.cumprod(np.full(size - 1, _BASE))])
            _INVERSES = np.concatenate([np.ones(1, np.uint64), np.cumprod(np.full(size - 1, np.uint64(_inverse(int(_BASE)))))])
    return _POWERS, _INVERSES


_LETTER = np.zeros(0x10000, bool)
for _point in range(0x10000):
    _LETTER[_point] = chr(_point).isalnum()


def word_hashes(codes: Codes, offsets: Offsets) -> tuple[npt.NDArray[np.uint64], Offsets]:
    """A 64-bit hash of every word (letters and digits) of texts given as code points, and where each text's words begin."""
    letter = _LETTER[np.minimum(codes, 0xFFFF)]
    edge = np.zeros(len(codes) + 1, np.int8)
    edge[:-1] = letter
    edge[1:] -= letter
    # A word ends where its text does, though the next text follows at once.
    inner = offsets[1:-1]
    inner = inner[(inner > 0) & (inner < len(codes))]
    joined = np.unique(inner[letter[inner] & letter[inner - 1]])
    starts = np.flatnonzero(edge == 1)
    ends = np.flatnonzero(edge == -1)
    if len(joined):
        starts = np.sort(np.concatenate([starts, joined]))
        ends = np.sort(np.concatenate([ends, joined]))
    powers, inverses = _powers(len(codes) + 1)
    with np.errstate(over="ignore"):
        sums = np.zeros(len(codes) + 1, np.uint64)
        np.cumsum(codes.astype(np.uint64) * powers[: len(codes)], out=sums[1:])
        hashes = _mix((sums[ends] - sums[starts]) * inverses[starts])
    return hashes, np.searchsorted(starts, offsets)


def signatures(texts: Sequence[str]) -> pa.Array:
    """The sketch of each text (already folded by `rasd.arabic.fold_all`): sorted distinct hashes, as `SIGNATURE_TYPE`."""
    codes, offsets = code_points(texts)
    words, bounds = word_hashes(codes, offsets)
    n = len(words)
    with np.errstate(over="ignore"):
        grams = np.zeros(n, np.uint64)
        for k in range(SHINGLE):
            grams[: max(n - k, 0)] += words[k:] * np.uint64(2 * k + 3)
        grams = _mix(grams)
    row = np.searchsorted(bounds, np.arange(n), side="right") - 1
    whole = np.arange(n) + SHINGLE <= bounds[row + 1]
    picked = whole & (grams < _SAMPLED)
    order = np.lexsort((grams[picked], row[picked]))
    rows, hashes = row[picked][order], grams[picked][order]
    distinct = np.ones(len(rows), bool)
    distinct[1:] = (rows[1:] != rows[:-1]) | (hashes[1:] != hashes[:-1])
    rows, hashes = rows[distinct], hashes[distinct]
    return pa.ListArray.from_arrays(pa.array(np.searchsorted(rows, np.arange(len(texts) + 1)), pa.int32()), pa.array(hashes))


def near_duplicate_clusters(article_ids: pa.Array, signatures: pa.Array, settings: Settings) -> pa.Array:
    """The cluster of each article: the smallest article_id of the cluster; null for an article without near-duplicates.

    Args:
        article_ids: distinct ids, of the whole partition. Those of the last days may stand with them: their clusters then span days.
        signatures: what `clean_files` gave for the same articles, in the same order (`SIGNATURE_TYPE`).
        settings: `near_duplicate_containment` is the share of the smaller article's 5-grams from which two articles are one cluster.

    The result depends on neither the order of the articles nor how they were sharded.
    """
    if isinstance(article_ids, pa.ChunkedArray):
        article_ids = article_ids.combine_chunks()
    if isinstance(signatures, pa.ChunkedArray):
        signatures = signatures.combine_chunks()
    count = len(article_ids)
    order = pc.sort_indices(article_ids)
    sketches = signatures.take(order)
    lengths = pc.list_value_length(sketches).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    hashes = sketches.flatten().to_numpy(zero_copy_only=False)
    rows = np.repeat(np.arange(count, dtype=np.int32), lengths)
    pairs, shared = _shared(hashes, rows, count)
    left, right = pairs // count, pairs % count
    containment = shared / np.maximum(np.minimum(lengths[left], lengths[right]), 1)
    close = (containment >= settings.near_duplicate_containment - _SLACK) & (shared >= _LEAST)
    root = _components(left[close], right[close], containment[close], count)
    size = np.bincount(root, minlength=count)
    ids = article_ids.take(order)
    clusters = pc.if_else(pa.array(size[root] > 1), ids.take(pa.array(root)), pa.scalar(None, pa.string()))
    back = np.empty(count, np.int64)
    back[order.to_numpy(zero_copy_only=False)] = np.arange(count)
    return clusters.take(pa.array(back))


_SLACK = 0.15
"""A sketch estimates containment with an error of a few hundredths; this much below the threshold still counts."""
_LEAST = 4
"""Sampled 5-grams that two articles must share: fewer are chance, or one common phrase."""


def _shared(hashes: npt.NDArray[np.uint64], rows: npt.NDArray[np.int32], count: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Pairs of rows (as row * count + row) that share hashes, and how many."""
    order = np.lexsort((rows, hashes))
    hashes, rows = hashes[order], rows[order]
    if not len(hashes):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    new = np.ones(len(hashes), bool)
    new[1:] = hashes[1:] != hashes[:-1]
    bucket = np.cumsum(new) - 1
    found = np.zeros(0, np.int64)
    times = np.zeros(0, np.int64)
    chunks: list[npt.NDArray[np.int64]] = []
    held = 0
    for step in range(1, _BUCKET + 1):
        same = bucket[step:] == bucket[:-step]
        if not same.any():
            break
        chunks.append(rows[:-step][same].astype(np.int64) * count + rows[step:][same])
        held += len(chunks[-1])
        if held > 20_000_000:
            found, times = _merge(found, times, chunks)
            chunks, held = [], 0
    return _merge(found, times, chunks)


def _merge(
    found: npt.NDArray[np.int64], times: npt.NDArray[np.int64], chunks: list[npt.NDArray[np.int64]]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    if not chunks:
        return found, times
    new, counts = np.unique(np.concatenate(chunks), return_counts=True)
    pairs, where = np.unique(np.concatenate([found, new]), return_inverse=True)
    return pairs, np.bincount(where, np.concatenate([times, counts]), len(pairs)).astype(np.int64)


def _components(
    left: npt.NDArray[np.int64], right: npt.NDArray[np.int64], weight: npt.NDArray[np.float64], count: int
) -> npt.NDArray[np.int64]:
    """For each row the smallest row that it is connected with."""
    root = np.arange(count)

    def find(x: int) -> int:
        while root[x] != x:
            root[x] = root[root[x]]
            x = root[x]
        return x

    for a, b in zip(left.tolist(), right.tolist(), strict=True):
        x, y = find(a), find(b)
        if x != y:
            root[max(x, y)] = min(x, y)
    return np.array([find(x) for x in range(count)], np.int64) if count else root


def text_hashes(texts: Sequence[str]) -> npt.NDArray[np.uint64]:
    """A 64-bit hash of each text, the same on every machine."""
    codes, offsets = code_points(texts)
    powers, inverses = _powers(len(codes) + 1)
    with np.errstate(over="ignore"):
        sums = np.zeros(len(codes) + 1, np.uint64)
        np.cumsum((codes.astype(np.uint64) + np.uint64(1)) * powers[: len(codes)], out=sums[1:])
        return _mix((sums[offsets[1:]] - sums[offsets[:-1]]) * inverses[offsets[:-1]] + np.uint64(1))
