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

from rasd.extraction.backend import Name
from rasd.extraction.entities.features import LABELS, WordFlags, letters, stems
from rasd.extraction.entities.vocabulary import MODEL, count, word_counts
from rasd.extraction.entities.words import cached_key

Matrix = npt.NDArray[np.float32]

_BLOCK = 500
"""Words whose layers are computed together: few enough to stay in the processor's cache."""

_UNIT, _STEPS = 127, 511
"""The network runs on whole numbers: activations in units of 1/127, weights of an output in so many steps up to its largest one. float32
holds their products and sums exactly, so what a word scores depends neither on the order in which BLAS adds them up nor on the words
beside it, the shard or the machine."""

_MOST_WORDS = 400_000
_SURE = 0.5
_B_MISC = LABELS.index("B-MISC")
_TYPES = [label[2:] for label in LABELS]


def softmax(scores: Matrix) -> Matrix:
    """Row-wise probabilities."""
    shifted: Matrix = np.exp(scores - scores.max(1, keepdims=True))
    probabilities: Matrix = shifted / shifted.sum(1, keepdims=True)
    return probabilities


def _in_steps(weights: Matrix, bias: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """Weights [inputs, outputs] as whole numbers, what a step of each output is worth, and the bias in units of the activations."""
    step = np.abs(weights).max(0) / _STEPS
    return np.rint(weights / step), step, bias * _UNIT


def viterbi(
    scores: Matrix, transitions: Matrix, starts: Matrix, begins: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]
) -> npt.NDArray[np.uint8]:
    """Best label id of each row of `scores` that belongs to a sentence, 0 for the others.

    Sentence i takes the `lengths[i]` rows (at least one) from `begins[i]`; all sentences are searched at once, step by step.
    """
    order = np.argsort(-lengths, kind="stable")
    begins, lengths = begins[order], lengths[order]
    longest = int(lengths[0]) if len(lengths) else 0
    live = np.searchsorted(-lengths, -np.arange(1, longest + 1), side="right").tolist()
    labels = scores.shape[1]
    emissions = np.ascontiguousarray(scores.T)
    room = np.empty(labels * labels * len(begins), np.float32)
    # [labels, sentences]: the score of the best path to each label, word after word.
    best = [emissions[:, begins] + starts[:, None]] if longest else []
    for t in range(1, longest):
        n = live[t]
        paths = np.add(best[-1][None, :, :n], transitions.T[:, :, None], out=room[: labels * labels * n].reshape(labels, labels, n))
        best.append(paths.max(1))
        best[-1] += emissions[:, begins[:n] + t]
    found = np.zeros(len(scores), np.uint8)
    current = best[-1].argmax(0) if best else np.zeros(0, np.int64)
    for t in range(longest - 1, -1, -1):
        n = live[t]
        if t < longest - 1:
            earlier = best[t][:, : live[t + 1]] + transitions[:, current]
            current = np.concatenate([earlier.argmax(0), best[t][:, live[t + 1] :].argmax(0)])
        found[begins[:n] + t] = current
    return found


class StatisticalTagger:
    """Tags words in the scheme of the annotated news (`news`), or in ANERcorp's (`anercorp`)."""

    name = "statistical"

    def __init__(self, scheme: str = "news") -> None:
        with np.load(MODEL) as data:
            model: dict[str, Any] = {name: data[name] for name in data.files}
        self.version = model["version"].item()
        stem_keys = model["stems"].tobytes().decode("utf-8").split("\n")
        self._stem_rows = dict(zip(stem_keys, itertools.count()))
        self._stem_inputs: npt.NDArray[np.int8] = model["stem_inputs"]
        self._stem_scales: Matrix = model["stem_scales"].astype(np.float32)
        self._alphabet = {letter: i + 2 for i, letter in enumerate(model["alphabet"].item())}
        self._flags = WordFlags()
        # What a letter adds to the filters' windows around the letter after it, itself, and the letter before it.
        self._letters = [model["character"] @ part for part in np.split(model["filters"], 3)]
        self._filter_bias: Matrix = model["filter_bias"]
        self._project: Matrix = model["project"]
        self._project_bias: Matrix = model["project_bias"]
        self._dilations: list[int] = model["dilations"].tolist()
        self._convolutions = [_in_steps(*layer) for layer in zip(model["convolutions"], model["convolution_bias"], strict=True)]
        head = np.concatenate([model[f"head_{scheme}"], model["head_anercorp"]], 1)
        head_bias = np.concatenate([model[f"head_bias_{scheme}"], model["head_bias_anercorp"]])
        self._head, step, _ = _in_steps(head, head_bias)
        self._head_step, self._head_bias = step / _UNIT, head_bias
        self._transitions: Matrix = model[f"transitions_{scheme}"]
        self._starts: Matrix = model[f"starts_{scheme}"]
        self._misc_transitions: Matrix = model["transitions_anercorp"]
        self._misc_starts: Matrix = model["starts_anercorp"]
        self._own_misc = scheme != "news"
        # Row 0 is the gap between sentences; then the vocabulary, then the other words met so far.
        self._inputs: npt.NDArray[np.int8] = np.concatenate([np.zeros((1, model["inputs"].shape[1]), np.int8), model["inputs"]])
        self._known = len(self._inputs)
        self._filled = self._known
        self._key_rows = dict(zip(word_counts(), itertools.count(1)))
        self._rows: dict[str, int] = {}

    def tag(self, sentences: Sequence[Sequence[str]]) -> list[list[Name]]:
        """The names of each sentence."""
        lengths = np.array([len(words) for words in sentences], np.int64)
        names: list[list[Name]] = [[] for _ in sentences]
        if not lengths.sum():
            return names
        self._learn(sentences)
        rows = np.fromiter(map(self._rows.__getitem__, itertools.chain.from_iterable(sentences)), np.int64, int(lengths.sum()))
        begins = lengths.cumsum() - lengths
        scores = self._scores(rows, begins, lengths)
        some = lengths > 0
        width = len(LABELS)
        path = viterbi(scores[:, :width], self._transitions, self._starts, begins[some], lengths[some])
        named = np.flatnonzero(path)
        found = path[named].astype(np.int64)
        # How likely the word is in a name of this type, as its first word or a later one.
        probabilities = softmax(scores[named, :width])
        first = np.arange(len(named)), (found - 1) // 2 * 2 + 1
        likely = probabilities[first] + probabilities[first[0], first[1] + 1]
        heads = np.flatnonzero(found % 2)
        if len(heads):
            owners = np.searchsorted(begins, named[heads], side="right") - 1
            starts = named[heads] - begins[owners]
            sizes = np.diff(heads, append=len(named))
            certain = np.minimum.reduceat(likely, heads)
            columns = (column.tolist() for column in (owners, starts, starts + sizes - 1, found[heads], certain))
            for sentence, start, end, label, score in zip(*columns, strict=True):
                names[sentence].append((start, end, _TYPES[label], score))
        if not self._own_misc:
            self._add_misc(names, scores[:, width:], begins, lengths)
        return names

    def _add_misc(self, names: list[list[Name]], scores: Matrix, begins: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> None:
        """MISC is not annotated in the news scheme: where that sees nothing, ANERcorp's may."""
        likely = np.flatnonzero(scores[:, _B_MISC] > scores[:, 0])
        sure = likely[softmax(scores[likely])[:, _B_MISC] > _SURE]
        sentences = np.unique(np.searchsorted(begins, sure, side="right") - 1)
        if not len(sentences):
            return
        path = viterbi(scores, self._misc_transitions, self._misc_starts, begins[sentences], lengths[sentences])
        certain = set(sure.tolist())
        for sentence in sentences.tolist():
            here = names[sentence]
            taken = {word for first, last, _, _ in here for word in range(first, last + 1)}
            begin = int(begins[sentence])
            ids = path[begin : begin + int(lengths[sentence])].tolist()
            for first, label in enumerate(ids):
                if label == _B_MISC and begin + first in certain:
                    last = first
                    while last + 1 < len(ids) and ids[last + 1] == _B_MISC + 1:
                        last += 1
                    if taken.isdisjoint(range(first, last + 1)):
                        here.append((first, last, "MISC", 1.0))
            here.sort()

    def _scores(self, rows: npt.NDArray[np.int64], begins: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> Matrix:
        """Scores of all labels, [words, 2 heads × labels], for words in sentences.

        Sentences of about one length are computed together, word by word: the first words of all, then the second ones, so that what the
        convolutions see of each word's neighbours is a slice, and nothing but the ends of shorter sentences has to be filled up.
        """
        out = np.empty((len(rows), self._head.shape[1]), np.float32)
        # The first layer's products are those of single words: each distinct word's are computed once.
        met = np.zeros(self._filled, bool)
        met[rows] = True
        met[0] = True
        distinct = np.flatnonzero(met)
        places = np.zeros(self._filled, np.int64)
        places[distinct] = np.arange(len(distinct))
        before, here, after = self._products(distinct)
        width = self._inputs.shape[1]
        order = np.argsort(-lengths, kind="stable")
        order = order[lengths[order] > 0]
        # Written over for each group: fresh memory for every product costs as much as some of the products.
        room = [np.empty((max(_BLOCK, int(lengths.max())), width), np.float32) for _ in range(3)]
        taken = 0
        while taken < len(order):
            longest = int(lengths[order[taken]])
            group = order[taken : taken + max(1, _BLOCK // longest)]
            taken += len(group)
            time = np.arange(longest)[:, None]
            live = (time < lengths[group]).ravel()
            words = (begins[group] + time).ravel()[live]
            found = np.zeros(len(live), np.int64)
            found[live] = rows[words]
            behind_end = None if len(words) == len(live) else ~live
            x, y, product = (part[: len(live)] for part in room)
            np.copyto(x, self._inputs[found])
            found = places[found]
            for layer, dilation in enumerate(self._dilations):
                weights, step, bias = self._convolutions[layer]
                shift = len(group) * dilation
                if not layer:
                    here.take(found, 0, y, "clip")
                    y[shift:] += before.take(found, 0, product, "clip")[:-shift]
                    y[:-shift] += after.take(found, 0, product, "clip")[shift:]
                else:
                    np.matmul(x, weights[width : 2 * width], out=y)
                    y[shift:] += np.matmul(x, weights[:width], out=product)[:-shift]
                    y[:-shift] += np.matmul(x, weights[2 * width :], out=product)[shift:]
                y *= step
                y += bias
                np.maximum(y, 0, out=y)
                np.rint(y, out=y)
                if behind_end is not None:
                    y[behind_end] = 0
                x += y
            out[words] = (x @ self._head)[live]
        out *= self._head_step
        out += self._head_bias
        return out

    def _products(self, rows: npt.NDArray[np.int64]) -> list[Matrix]:
        """What words add to the first layer of the word after them, of themselves, and of the word before them."""
        width = self._inputs.shape[1]
        weights = self._convolutions[0][0]
        products = [np.empty((len(rows), width), np.float32) for _ in range(3)]
        for begin in range(0, len(rows), _BLOCK):
            x = self._inputs[rows[begin : begin + _BLOCK]].astype(np.float32)
            for k, product in enumerate(products):
                np.matmul(x, weights[k * width : (k + 1) * width], out=product[begin : begin + _BLOCK])
        return products

    def _learn(self, sentences: Sequence[Sequence[str]]) -> None:
        """Rows for words that were not met before."""
        if self._filled > _MOST_WORDS:
            self._rows.clear()
            self._key_rows = {word: row for word, row in self._key_rows.items() if row < self._known}
            self._inputs = self._inputs[: self._known].copy()
            self._filled = self._known
        new = list(set().union(*sentences).difference(self._rows))
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
        ids = letters(words, self._alphabet)
        windows = self._letters[1][ids]
        windows[:, 1:] += self._letters[0][ids[:, :-1]]
        windows[:, :-1] += self._letters[2][ids[:, 1:]]
        filtered = np.maximum(windows.max(1) + self._filter_bias, 0)
        # Word by word: BLAS may round a word's sums in another way when other words are computed with it.
        projected = np.concatenate([filtered, self._flags(words)], 1)[:, None] @ self._project
        inputs = projected[:, 0] + stem_inputs + self._project_bias
        scaled: Matrix = np.rint(np.tanh(inputs) * _UNIT)
        return scaled.astype(np.int8)
