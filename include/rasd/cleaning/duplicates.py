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

from rasd.arabic import Codes, Offsets, code_points, entries
from rasd.settings import Settings

SHINGLE = 5
SIGNATURE_TYPE = pa.list_(pa.uint64())

_SAMPLED = np.uint64(2**64 // 4)
_HASH_BITS = np.uint64(54)
_MOST_TEXTS = 2**10 - 1
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
    letter = entries(_LETTER, codes)
    inside = np.zeros(len(codes) + 2, bool)
    inside[1:-1] = letter
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    # A word ends where its text does, though the next text follows at once.
    inner = offsets[1:-1]
    inner = inner[(inner > 0) & (inner < len(codes))]
    joined = np.unique(inner[letter[inner] & letter[inner - 1]])
    starts, ends = edges[::2], edges[1::2]
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
    if len(texts) > _MOST_TEXTS:
        return pa.concat_arrays([signatures(texts[i : i + _MOST_TEXTS]) for i in range(0, len(texts), _MOST_TEXTS)])
    return sketches(*code_points(texts))


def sketches(codes: Codes, offsets: Offsets) -> pa.Array:
    """`signatures` of at most 1,023 texts that are given as code points."""
    count = len(offsets) - 1
    words, bounds = word_hashes(codes, offsets)
    n = len(words)
    with np.errstate(over="ignore"):
        grams = np.zeros(n, np.uint64)
        for k in range(SHINGLE):
            grams[: max(n - k, 0)] += words[k:] * np.uint64(2 * k + 3)
        grams = _mix(grams)
    picked = np.flatnonzero(grams < _SAMPLED)
    row = np.searchsorted(bounds, picked, side="right") - 1
    whole = picked + SHINGLE <= bounds[row + 1]
    picked, row = picked[whole], row[whole].astype(np.uint64)
    # One sort for all texts: the text's number in the top bits, the hash in the others.
    keys = np.sort(row << _HASH_BITS | grams[picked] >> np.uint64(62 - 54))
    keys = keys[np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))] if len(keys) else keys
    starts = np.searchsorted(keys, np.arange(count + 1, dtype=np.uint64) << _HASH_BITS)
    return pa.ListArray.from_arrays(pa.array(starts, pa.int32()), pa.array(keys & np.uint64(2**54 - 1)))


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
    strength = np.lexsort((right[close], left[close], -containment[close]))
    bounds = np.concatenate([[0], np.cumsum(lengths)])
    root = _clusters(left[close][strength].tolist(), right[close][strength].tolist(), hashes, bounds, count)
    size = np.bincount(root, minlength=count)
    ids = article_ids.take(order)
    clusters = pc.if_else(pa.array(size[root] > 1), ids.take(pa.array(root)), pa.scalar(None, pa.string()))
    back = np.empty(count, np.int64)
    back[order.to_numpy(zero_copy_only=False)] = np.arange(count)
    return clusters.take(pa.array(back))


_SLACK = 0.12
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


def _clusters(
    left: list[int], right: list[int], hashes: npt.NDArray[np.uint64], bounds: npt.NDArray[np.int64], count: int
) -> npt.NDArray[np.int64]:
    """For each row the smallest row of its cluster, from pairs of rows with the closest first.

    A chain of updates ends where its ends have little in common: two clusters become one only if their first members all share half of
    their 5-grams with one another.
    """
    root = np.arange(count)
    members: dict[int, list[int]] = {}

    def sketch(row: int) -> npt.NDArray[np.uint64]:
        return hashes[bounds[row] : bounds[row + 1]]

    def alike(one: int, other: int) -> bool:
        a, b = sketch(one), sketch(other)
        return 2 * len(np.intersect1d(a, b, assume_unique=True)) >= min(len(a), len(b))

    for a, b in zip(left, right, strict=True):
        x, y = int(root[a]), int(root[b])
        if x == y:
            continue
        mine, others = members.get(x, [x]), members.get(y, [y])
        if all(alike(one, other) for one in mine[:_COMPARED] for other in others[:_COMPARED] if (one, other) != (a, b)):
            joined = sorted(mine + others)
            members[joined[0]] = joined
            root[joined] = joined[0]
    return root


_COMPARED = 6
"""Members of a cluster that newcomers are compared with."""


def text_hashes(texts: Sequence[str]) -> npt.NDArray[np.uint64]:
    """A 64-bit hash of each text, the same on every machine."""
    codes, offsets = code_points(texts)
    powers, inverses = _powers(len(codes) + 1)
    with np.errstate(over="ignore"):
        sums = np.zeros(len(codes) + 1, np.uint64)
        np.cumsum((codes.astype(np.uint64) + np.uint64(1)) * powers[: len(codes)], out=sums[1:])
        return _mix((sums[offsets[1:]] - sums[offsets[:-1]]) * inverses[offsets[:-1]] + np.uint64(1))
