"""The embedded tagger: a small convolutional network with a CRF, run in numpy.

What the network knows of a single word is stored (words of the vocabulary) or computed once and kept (other words), so that a sentence
costs three dilated convolutions, which are plain matrix products, and one Viterbi search for all sentences together.
`resources/ner.md` is the model's card, `train/` made it.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from rasd.extraction.backend import Tagged
from rasd.extraction.entities.features import LABELS, WordFlags, letters, stems
from rasd.extraction.entities.vocabulary import MODEL, count, word_counts
from rasd.extraction.entities.words import cached_key

Matrix = npt.NDArray[np.float32]

_BLOCK = 500
"""Words whose layers are computed together: few enough to stay in the processor's cache."""

_MOST_WORDS = 400_000
_SURE = 0.5
_B_MISC = LABELS.index("B-MISC")


def softmax(scores: Matrix) -> Matrix:
    """Row-wise probabilities."""
    shifted: Matrix = np.exp(scores - scores.max(1, keepdims=True))
    probabilities: Matrix = shifted / shifted.sum(1, keepdims=True)
    return probabilities


def viterbi(
    scores: Matrix, transitions: Matrix, starts: Matrix, begins: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]
) -> npt.NDArray[np.uint8]:
    """Best label id of each row of `scores` that belongs to a sentence, 0 for the others.

    Sentence i takes the `lengths[i]` rows (at least one) from `begins[i]`; all sentences are searched at once, step by step.
    """
    order = np.argsort(-lengths, kind="stable")
    begins, lengths = begins[order], lengths[order]
    longest = int(lengths[0]) if len(lengths) else 0
    width = scores.shape[1]
    live = np.searchsorted(-lengths, -np.arange(1, longest + 1), side="right")
    best = scores[begins] + starts
    back = np.zeros((longest, len(begins), width), np.uint8)
    by_target = np.ascontiguousarray(transitions.T)
    for t in range(1, longest):
        n = live[t]
        options = best[:n, None, :] + by_target
        source = options.argmax(2)
        back[t, :n] = source
        best[:n] = np.take_along_axis(options, source[:, :, None], 2)[:, :, 0] + scores[begins[:n] + t]
    found = np.zeros(len(scores), np.uint8)
    current = best.argmax(1).astype(np.uint8)
    for t in range(longest - 1, -1, -1):
        n = live[t]
        found[begins[:n] + t] = current[:n]
        current[:n] = back[t, np.arange(n), current[:n]]
    return found


class StatisticalTagger:
    """Tags words in the scheme of the annotated news (`news`), or in ANERcorp's (`anercorp`)."""

    name = "statistical"

    def __init__(self, scheme: str = "news") -> None:
        with np.load(MODEL) as data:
            model: dict[str, Any] = {name: data[name] for name in data.files}
        self.version = model["version"].item()
        stem_keys = model["stems"].tobytes().decode("utf-8").split("\n")
        self._stem_rows = {stem: row for row, stem in enumerate(stem_keys)}
        self._stem_inputs: npt.NDArray[np.int8] = model["stem_inputs"]
        self._stem_scales: Matrix = model["stem_scales"].astype(np.float32)
        self._alphabet = {letter: i + 2 for i, letter in enumerate(model["alphabet"].item())}
        self._flags = WordFlags()
        self._character: Matrix = model["character"]
        self._filters: Matrix = model["filters"]
        self._filter_bias: Matrix = model["filter_bias"]
        self._project: Matrix = model["project"]
        self._project_bias: Matrix = model["project_bias"]
        self._dilations: list[int] = model["dilations"].tolist()
        self._convolutions: Matrix = model["convolutions"]
        self._convolution_bias: Matrix = model["convolution_bias"]
        self._head: Matrix = np.concatenate([model[f"head_{scheme}"], model["head_anercorp"]], 1)
        self._head_bias: Matrix = np.concatenate([model[f"head_bias_{scheme}"], model["head_bias_anercorp"]])
        self._transitions: Matrix = model[f"transitions_{scheme}"]
        self._starts: Matrix = model[f"starts_{scheme}"]
        self._misc_transitions: Matrix = model["transitions_anercorp"]
        self._misc_starts: Matrix = model["starts_anercorp"]
        self._own_misc = scheme != "news"
        # Row 0 is the gap between sentences; then the vocabulary, then the other words met so far.
        self._inputs: npt.NDArray[np.int8] = np.concatenate([np.zeros((1, model["inputs"].shape[1]), np.int8), model["inputs"]])
        self._known = len(self._inputs)
        self._filled = self._known
        self._key_rows = {word: row for row, word in enumerate(word_counts(), start=1)}
        self._rows: dict[str, int] = {}

    def tag(self, sentences: Sequence[Sequence[str]]) -> Tagged:
        """One BIO label and score a word."""
        lengths = np.array([len(words) for words in sentences], np.int64)
        if not lengths.sum():
            return Tagged([[] for _ in sentences], [[] for _ in sentences])
        self._learn(sentences)
        rows = self._rows
        gap = [0] * max(self._dilations)
        flat: list[int] = list(gap)
        begins = []
        for words in sentences:
            begins.append(len(flat))
            flat += [rows[word] for word in words]
            flat += gap
        scores = self._scores(np.array(flat, np.int64), begins)
        starts = np.array(begins, np.int64)
        some = lengths > 0
        width = len(LABELS)
        path = viterbi(scores[:, :width], self._transitions, self._starts, starts[some], lengths[some])
        labels, certain = [["O"] * n for n in lengths.tolist()], [[1.0] * n for n in lengths.tolist()]
        named = np.flatnonzero(path)
        found = path[named]
        # How likely the word is in a name of this type, as its first word or a later one.
        probabilities = softmax(scores[named, :width])
        first = np.arange(len(named)), (found - 1) // 2 * 2 + 1
        likely = probabilities[first] + probabilities[first[0], first[1] + 1]
        owners = np.searchsorted(starts, named, side="right") - 1
        places = zip(owners.tolist(), (named - starts[owners]).tolist(), found.tolist(), likely.tolist(), strict=True)
        for sentence, at, label, score in places:
            labels[sentence][at] = LABELS[label]
            certain[sentence][at] = score
        if not self._own_misc:
            self._add_misc(labels, scores[:, width:], starts, lengths)
        return Tagged(labels, certain)

    def _add_misc(self, labels: list[list[str]], scores: Matrix, starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> None:
        """MISC is not annotated in the news scheme: where that sees nothing, ANERcorp's may."""
        likely = np.flatnonzero(scores.argmax(1) == _B_MISC)
        sentences = np.unique(np.searchsorted(starts, likely, side="right") - 1)
        sentences = sentences[(sentences >= 0) & (lengths[sentences] > 0)]
        if not len(sentences):
            return
        path = viterbi(scores, self._misc_transitions, self._misc_starts, starts[sentences], lengths[sentences])
        sure = softmax(scores)[:, _B_MISC] > _SURE
        for sentence, begin in zip(sentences.tolist(), starts[sentences].tolist(), strict=True):
            line = labels[sentence]
            ids = path[begin : begin + len(line)].tolist()
            for at, label in enumerate(ids):
                if label == _B_MISC and sure[begin + at]:
                    end = at + 1
                    while end < len(ids) and ids[end] == _B_MISC + 1:
                        end += 1
                    if all(word == "O" for word in line[at:end]):
                        line[at:end] = ["B-MISC", *["I-MISC"] * (end - at - 1)]

    def _scores(self, flat: npt.NDArray[np.int64], begins: list[int]) -> Matrix:
        """Scores of all labels, [rows, 2 heads × labels], block by block; blocks end between sentences."""
        out = np.empty((len(flat), self._head.shape[1]), np.float32)
        gap = max(self._dilations)
        cuts = [0]
        for limit in (begin - gap for begin in begins[1:]):
            if limit - cuts[-1] >= _BLOCK:
                cuts.append(limit)
        cuts.append(len(flat))
        width = self._inputs.shape[1]
        # The first layer's products are those of single words: each distinct word's are computed once.
        distinct, places = np.unique(flat, return_inverse=True)
        before, here, after = self._products(distinct)
        first = self._dilations[0]
        later = list(zip(self._dilations, self._convolutions, self._convolution_bias, strict=True))[1:]
        for begin, end in itertools.pairwise(cuts):
            stop = min(end + gap, len(flat))
            rows, words = flat[begin:stop], places[begin:stop]
            between = rows == 0
            x = self._inputs[rows].astype(np.float32)
            x *= 1 / 127
            y = here[words]
            y[first:] += before[words[:-first]]
            y[:-first] += after[words[first:]]
            np.maximum(y, 0, out=y)
            y[between] = 0
            x += y
            windows = np.empty((len(rows), 3 * width), np.float32)
            for dilation, weights, bias in later:
                windows[:dilation, :width] = 0
                windows[dilation:, :width] = x[:-dilation]
                windows[:, width : 2 * width] = x
                windows[:-dilation, 2 * width :] = x[dilation:]
                windows[-dilation:, 2 * width :] = 0
                y = windows @ weights
                y += bias
                np.maximum(y, 0, out=y)
                y[between] = 0
                x += y
            out[begin:end] = (x @ self._head + self._head_bias)[: end - begin]
        return out

    def _products(self, rows: npt.NDArray[np.int64]) -> list[Matrix]:
        """What words add to the first layer of the word after them, of themselves (with the bias), and of the word before them."""
        width = self._inputs.shape[1]
        products = [np.empty((len(rows), width), np.float32) for _ in range(3)]
        for begin in range(0, len(rows), _BLOCK):
            x = self._inputs[rows[begin : begin + _BLOCK]].astype(np.float32)
            x *= 1 / 127
            for k, product in enumerate(products):
                np.matmul(x, self._convolutions[0][k * width : (k + 1) * width], out=product[begin : begin + _BLOCK])
        products[1] += self._convolution_bias[0]
        return products

    def _learn(self, sentences: Sequence[Sequence[str]]) -> None:
        """Rows for words that were not met before."""
        if self._filled > _MOST_WORDS:
            self._rows.clear()
            self._key_rows = {word: row for word, row in self._key_rows.items() if row < self._known}
            self._inputs = self._inputs[: self._known].copy()
            self._filled = self._known
        distinct = {word for words in sentences for word in words}
        new = [word for word in distinct if word not in self._rows]
        keys = [cached_key(word) for word in new]
        unknown = sorted({key for key in keys if key not in self._key_rows})
        if unknown:
            needed = self._filled + len(unknown)
            if needed > len(self._inputs):
                grown = np.zeros((max(needed, len(self._inputs) * 5 // 4), self._inputs.shape[1]), np.int8)
                grown[: self._filled] = self._inputs[: self._filled]
                self._inputs = grown
            for i in range(0, len(unknown), 4096):
                part = unknown[i : i + 4096]
                self._inputs[self._filled : self._filled + len(part)] = self._unknown_inputs(part)
                self._key_rows.update(zip(part, range(self._filled, self._filled + len(part)), strict=True))
                self._filled += len(part)
        self._rows.update(zip(new, (self._key_rows[key] for key in keys), strict=True))

    def _unknown_inputs(self, words: list[str]) -> npt.NDArray[np.int8]:
        """Inputs of words outside the vocabulary: no word vector, but letters, stem and flags."""
        stem_rows = [self._stem_rows.get(stem, -1) for stem in stems(words, count)]
        stem_inputs = self._stem_inputs[stem_rows].astype(np.float32) * self._stem_scales[stem_rows][:, None]
        stem_inputs[np.array(stem_rows) < 0] = 0
        characters = self._character[letters(words, self._alphabet)]
        padded = np.pad(characters, ((0, 0), (1, 1), (0, 0)))
        length = characters.shape[1]
        windows = np.concatenate([padded[:, k : k + length] for k in range(3)], 2)
        filtered = np.maximum((windows @ self._filters).max(1) + self._filter_bias, 0)
        inputs = np.concatenate([filtered, self._flags(words)], 1) @ self._project + stem_inputs + self._project_bias
        scaled: Matrix = np.rint(np.tanh(inputs) * 127)
        return scaled.astype(np.int8)
