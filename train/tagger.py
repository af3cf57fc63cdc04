"""Train the statistical tagger: three dilated convolutions over words, with a CRF for each annotation scheme.

    python -m train.tagger SHARED VECTORS OUT [--seed N] [--epochs N] [--hold-back] [--taught FOLDER] [--width N] [--dropout F]

`--hold-back` keeps the last tenth of ANERcorp's training part and every tenth annotated article out, and reports on them. `--taught` adds
sentences that teachers have labelled (see train.teach).
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from rasd.extraction.entities.features import FLAGS, LABELS, SCHEMES, WordFlags, letters, stems
from rasd.extraction.entities.words import cached_key
from train.corpus import Sentence, annotated_articles, conll

WIDTH, CHARACTER_WIDTH, CHARACTER_FILTERS, DILATIONS = 128, 24, 64, (1, 2, 4)
LONGEST, BATCH_TOKENS, RATE = 100, 1600, 2e-3
TAUGHT_WEIGHT = 0.5
INVALID = -1e4


@dataclass(frozen=True)
class Example:
    """A training sentence in one annotation scheme, with what is to be learnt of it."""

    words: npt.NDArray[np.int64]
    """[words]: rows of the word table."""

    labels: npt.NDArray[np.float32]
    """[words, LABELS]: how likely each label is; one is certain where a person annotated."""

    pairs: npt.NDArray[np.float32]
    """[LABELS, LABELS]: how often one label is expected right before another in the sentence."""

    scheme: int


class Vectors:
    """Vectors by key: of each kind the unit vector, side by side."""

    def __init__(self, path: Path) -> None:
        data = np.load(path)
        self.keys: list[str] = data["keys"].tolist()
        self.counts: list[int] = data["counts"].tolist()
        kinds = [data[kind] / np.maximum(np.linalg.norm(data[kind], axis=1, keepdims=True), 1e-6) * 3 for kind in ("vectors", "neighbours")]
        table = np.concatenate(kinds, 1)
        # The last row is the vector of what is unknown.
        self.table = np.concatenate([table, np.zeros((1, table.shape[1]), np.float32)]).astype(np.float32)
        self.row = {key: i for i, key in enumerate(self.keys)}
        self.unknown = len(self.keys)


class WordTable:
    """Inputs of all distinct words."""

    def __init__(self, words: list[str], word_vectors: Vectors, stem_vectors: Vectors, alphabet: dict[str, int]) -> None:
        count = dict(zip(word_vectors.keys, word_vectors.counts, strict=True))
        self.word_rows = torch.tensor([word_vectors.row.get(word, word_vectors.unknown) for word in words])
        stem_of = stems(words, lambda form: count.get(form, 0))
        self.stem_rows = torch.tensor([stem_vectors.row.get(stem, stem_vectors.unknown) for stem in stem_of])
        self.letters = torch.from_numpy(letters(words, alphabet)).long()
        self.flags = torch.from_numpy(WordFlags()(words))


@dataclass(frozen=True)
class Shape:
    """What distinguishes one network from another. The width of the default is what Rasd runs; wider ones only teach."""

    width: int = 128
    dropout: float = 1.0
    """Factor of all dropout rates."""


class Tagger(nn.Module):
    """The network. Word inputs are computed once per distinct word of a batch."""

    def __init__(self, word_vectors: Tensor, stem_vectors: Tensor, alphabet: int, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        width = shape.width
        self.word_vectors = nn.Embedding.from_pretrained(word_vectors)
        self.stem_vectors = nn.Embedding.from_pretrained(stem_vectors)
        self.character = nn.Embedding(alphabet + 2, CHARACTER_WIDTH, padding_idx=0)
        self.character_filters = nn.Linear(3 * CHARACTER_WIDTH, CHARACTER_FILTERS)
        size = word_vectors.shape[1] + stem_vectors.shape[1] + CHARACTER_FILTERS + FLAGS
        self.project = nn.Linear(size, width)
        self.convolutions = nn.ModuleList(nn.Linear(3 * width, width) for _ in DILATIONS)
        self.heads = nn.ModuleList(nn.Linear(width, len(LABELS)) for _ in SCHEMES)
        self.transitions = nn.ParameterList(nn.Parameter(torch.zeros(len(LABELS), len(LABELS))) for _ in SCHEMES)
        self.starts = nn.ParameterList(nn.Parameter(torch.zeros(len(LABELS))) for _ in SCHEMES)
        invalid = torch.zeros(len(LABELS), len(LABELS))
        for i, before in enumerate(LABELS):
            for j, after in enumerate(LABELS):
                if after[0] == "I" and before[1:] != after[1:]:
                    invalid[i, j] = INVALID
        self.register_buffer("invalid", invalid)
        self.register_buffer("invalid_start", torch.tensor([INVALID if label[0] == "I" else 0.0 for label in LABELS]))

    def _drop(self, x: Tensor, rate: float) -> Tensor:
        """Dropout of `rate`, of the same features in a whole sentence where x is [sentences, length, features]."""
        rate *= self.shape.dropout
        if not self.training or not rate:
            return x
        kept = torch.empty(x.shape[0], *[1] * (x.dim() - 2), x.shape[-1]).uniform_() > rate
        return x * kept / (1 - rate)

    def words(self, table: WordTable, rows: Tensor) -> Tensor:
        """[rows, width]: what the network knows of single words."""
        word_vectors = self.word_vectors(table.word_rows[rows])
        if self.training:
            # Names that no text holds: they have letters and maybe a stem.
            word_vectors = word_vectors * (torch.rand(len(rows), 1) > 0.1)
        characters = nn.functional.pad(self.character(table.letters[rows]), (0, 0, 1, 1))
        length = characters.shape[1] - 2
        windows = torch.cat([characters[:, k : k + length] for k in range(3)], 2)
        filtered = torch.relu(self.character_filters(windows).amax(1))
        inputs = torch.cat([word_vectors, self.stem_vectors(table.stem_rows[rows]), filtered, table.flags[rows]], 1)
        return torch.tanh(self.project(self._drop(inputs, 0.1)))

    def emissions(self, table: WordTable, words: Tensor, mask: Tensor, scheme: int) -> Tensor:
        """[sentences, length, LABELS]: scores of labels at words."""
        distinct, inverse = torch.unique(words, return_inverse=True)
        x = self._drop(self.words(table, distinct)[inverse], 0.25)
        live = mask.unsqueeze(2)
        x = x * live
        for dilation, convolution in zip(DILATIONS, self.convolutions, strict=True):
            before = nn.functional.pad(x, (0, 0, dilation, 0))[:, : x.shape[1]]
            after = nn.functional.pad(x, (0, 0, 0, dilation))[:, dilation:]
            x = x + self._drop(torch.relu(convolution(torch.cat([before, x, after], 2))), 0.15)
            x = x * live
        return self.heads[scheme](x)

    def loss(self, table: WordTable, batch: Batch) -> Tensor:
        """Cross-entropy between the labels' distribution that is to be learnt and the network's, a word."""
        scores, transitions, starts = self.scores(table, batch)
        return CrossEntropy.apply(scores, transitions, starts, batch)

    def scores(self, table: WordTable, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """Scores of labels at words, of transitions and of first labels."""
        scheme = batch.scheme
        emissions = self.emissions(table, batch.words, batch.mask, scheme)
        return emissions, self.transitions[scheme] + self.invalid, self.starts[scheme] + self.invalid_start


@dataclass(frozen=True)
class Batch:
    """Sentences of one scheme, the longest first, filled up to one length."""

    words: Tensor
    """[sentences, length]"""

    mask: Tensor
    """[sentences, length]: 1 for a word."""

    labels: npt.NDArray[np.float32]
    """[sentences, length, LABELS]"""

    pairs: npt.NDArray[np.float32]
    """[LABELS, LABELS], over all sentences."""

    scheme: int

    @classmethod
    def of(cls, examples: list[Example]) -> Batch:
        examples = sorted(examples, key=lambda e: -len(e.words))
        size = len(examples), len(examples[0].words)
        words, mask, labels = np.zeros(size, np.int64), np.zeros(size, np.float32), np.zeros((*size, len(LABELS)), np.float32)
        pairs = np.zeros((len(LABELS), len(LABELS)), np.float32)
        for i, example in enumerate(examples):
            n = len(example.words)
            words[i, :n], mask[i, :n], labels[i, :n] = example.words, 1, example.labels
            pairs += example.pairs
        return cls(torch.from_numpy(words), torch.from_numpy(mask), labels, pairs, examples[0].scheme)


@dataclass(frozen=True)
class Posterior:
    """What a linear-chain CRF thinks of sentences."""

    log_partition: npt.NDArray[np.float32]
    """[sentences]"""

    labels: npt.NDArray[np.float32]
    """[sentences, length, LABELS]: probabilities; 0 behind a sentence's end."""

    pairs: npt.NDArray[np.float32]
    """[sentences, LABELS, LABELS]: expected numbers of one label right before another."""

    @classmethod
    def of(cls, scores: Tensor, transitions: Tensor, starts: Tensor, mask: Tensor) -> Posterior:
        """By the forward and backward recursions, scaled at each word; sentences are ordered by falling length."""
        emissions = scores.detach().numpy().transpose(1, 0, 2)
        live = mask.sum(0).long().tolist()
        highest = emissions.max(2, keepdims=True)
        here = np.exp(emissions - highest)
        matrix = np.exp(transitions.detach().numpy())
        forward, backward = np.zeros_like(here), np.zeros_like(here)
        total = np.ones((*here.shape[:2], 1), np.float32)
        last = len(live) - 1
        forward[0] = here[0] * np.exp(starts.detach().numpy())
        for t in range(len(live)):
            n = live[t]
            if t:
                np.multiply(forward[t - 1, :n] @ matrix, here[t, :n], out=forward[t, :n])
            total[t, :n] = forward[t, :n].sum(1, keepdims=True)
            forward[t, :n] /= total[t, :n]
        here /= total
        behind = np.zeros_like(here)
        for t in range(last, -1, -1):
            n = live[t]
            after = live[t + 1] if t < last else 0
            backward[t, after:n] = 1
            if after:
                backward[t, :after] = behind[t + 1, :after] @ matrix.T
            np.multiply(here[t, :n], backward[t, :n], out=behind[t, :n])
        words = mask.numpy().T
        partition = ((np.log(total[:, :, 0]) + highest[:, :, 0]) * words).sum(0)
        pairs = np.matmul(forward[:-1].transpose(1, 2, 0), behind[1:].transpose(1, 0, 2)) * matrix
        return cls(partition, (forward * backward).transpose(1, 0, 2), pairs)


class CrossEntropy(torch.autograd.Function):
    """Cross-entropy of a CRF with the distribution of labels of a batch, a word; its gradient is the difference of expectations."""

    @staticmethod
    def forward(ctx: Any, scores: Tensor, transitions: Tensor, starts: Tensor, batch: Batch) -> Tensor:
        posterior = Posterior.of(scores, transitions, starts, batch.mask)
        words = float(batch.mask.sum())
        labels, pairs = torch.from_numpy(batch.labels), torch.from_numpy(batch.pairs)
        expected = (labels * scores).sum() + (pairs * transitions).sum() + (labels[:, 0] * starts).sum()
        difference = torch.from_numpy(np.ascontiguousarray(posterior.labels)) - labels
        ctx.save_for_backward(difference / words, (torch.from_numpy(posterior.pairs.sum(0)) - pairs) / words)
        return (float(posterior.log_partition.sum()) - expected) / words

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:  # type: ignore[override]
        labels, pairs = ctx.saved_tensors
        return labels * gradient, pairs * gradient, labels[:, 0].sum(0) * gradient, None


def viterbi(scores: Tensor, transitions: Tensor, starts: Tensor, mask: Tensor) -> list[list[int]]:
    """The best label ids of each sentence."""
    lengths = mask.sum(1).long().tolist()
    best = scores[:, 0] + starts
    back = []
    for t in range(1, scores.shape[1]):
        value, source = (best.unsqueeze(2) + transitions).max(1)
        live = mask[:, t : t + 1] > 0
        best = torch.where(live, value + scores[:, t], best)
        back.append(torch.where(live, source, torch.arange(scores.shape[2])))
    paths = [best.argmax(1)]
    for source in reversed(back):
        paths.append(source.gather(1, paths[-1].unsqueeze(1)).squeeze(1))
    rows = torch.stack(paths[::-1], 1).tolist()
    return [row[:length] for row, length in zip(rows, lengths, strict=True)]


def spans(labels: list[str]) -> set[tuple[int, int, str]]:
    """(first, last, type) of BIO labels."""
    found: list[tuple[int, int, str]] = []
    for i, label in enumerate(labels):
        bio, _, kind = label.partition("-")
        if bio == "I" and found and found[-1][1] == i - 1 and found[-1][2] == kind:
            found[-1] = (found[-1][0], i, kind)
        elif bio != "O":
            found.append((i, i, kind))
    return set(found)


def f1(gold: list[list[str]], predicted: list[list[str]]) -> dict[str, float]:
    """Exact-match F1 over all types (micro) and by type."""
    count: Counter[tuple[str, str]] = Counter()
    for a, b in zip(gold, predicted, strict=True):
        wanted, got = spans(a), spans(b)
        for name, items in (("gold", wanted), ("predicted", got), ("both", wanted & got)):
            for _, _, kind in items:
                count[name, kind] += 1
                count[name, "all"] += 1
    return {
        kind: round(2 * count["both", kind] / max(count["gold", kind] + count["predicted", kind], 1), 4)
        for kind in sorted({kind for _, kind in count})
    }


def batches(examples: list[Example], shuffle: np.random.Generator) -> list[list[Example]]:
    """Batches of one scheme and about one length, in random order."""
    noisy = sorted(examples, key=lambda e: (e.scheme, len(e.words) + shuffle.random() * 6))
    found: list[list[Example]] = []
    size = 0
    for example in noisy:
        size += len(example.words)
        if not found or size > BATCH_TOKENS or found[-1][0].scheme != example.scheme:
            found.append([])
            size = len(example.words)
        found[-1].append(example)
    shuffle.shuffle(found)
    return found


def chunks(sentence: Sentence) -> list[Sentence]:
    """The sentence in pieces of at most LONGEST words, cut outside of names."""
    pieces: list[Sentence] = []
    start = 0
    while len(sentence.words) - start > LONGEST:
        end = start + LONGEST
        while end > start + 1 and sentence.labels[end].startswith("I-"):
            end -= 1
        pieces.append(Sentence(sentence.words[start:end], sentence.labels[start:end]))
        start = end
    pieces.append(Sentence(sentence.words[start:], sentence.labels[start:]))
    return [piece for piece in pieces if piece.words]


def example(sentence: Sentence, scheme: int, rows: dict[str, int]) -> Example:
    """An annotated sentence as an example; `rows` grows by its new words."""
    words = np.array([rows.setdefault(cached_key(word), len(rows)) for word in sentence.words])
    ids = [LABELS.index(label) for label in sentence.labels]
    pairs = np.zeros((len(LABELS), len(LABELS)), np.float32)
    np.add.at(pairs, (ids[:-1], ids[1:]), 1)
    return Example(words, np.eye(len(LABELS), dtype=np.float32)[ids], pairs, scheme)


def taught(folder: Path, rows: dict[str, int]) -> list[Example]:
    """The sentences that teachers labelled; `rows` grows by their new words."""
    found = []
    for path in sorted(folder.glob("taught.*.npz")):
        data = np.load(path)
        words = np.array([rows.setdefault(word, len(rows)) for word in data["words"].tobytes().decode().split("\n")])
        ends = np.cumsum(data["lengths"])[:-1]
        scheme = SCHEMES.index(path.name.split(".")[1])
        found += [
            Example(*parts, scheme) for parts in zip(np.split(words, ends), np.split(data["labels"], ends), data["pairs"], strict=True)
        ]
    return found


Weighted = list[tuple[Example, float]]


def read(shared: Path, hold_back: bool, rows: dict[str, int]) -> tuple[Weighted, dict[str, tuple[int, list[Sentence]]]]:
    """Annotated sentences with their weights, and by name those held back with their scheme."""
    articles = annotated_articles(shared / "gold" / "train.json")
    anercorp = conll(shared / "ner" / "anercorp.train.conll")
    cut = len(anercorp) * 9 // 10 if hold_back else len(anercorp)
    aqmar = [s for name in ("train", "dev", "test") for s in conll(shared / "ner" / f"aqmar.{name}.conll")]
    news = [s for i, article in enumerate(articles) if not (hold_back and i % 10 == 5) for s in article]
    parts = ((news, 0, 3.0), (anercorp[:cut], 1, 1.0), (aqmar, 2, 0.5))
    train = [
        (example(piece, scheme, rows), weight)
        for sentences, scheme, weight in parts
        for sentence in sentences
        for piece in chunks(sentence)
    ]
    held = {"news": (0, [s for article in articles[5::10] for s in article]), "anercorp": (1, anercorp[cut:])} if hold_back else {}
    return train, held


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("shared", type=Path)
    arguments.add_argument("vectors", type=Path)
    arguments.add_argument("out", type=Path)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--epochs", type=int, default=8)
    arguments.add_argument("--hold-back", action="store_true")
    arguments.add_argument("--taught", type=Path)
    arguments.add_argument("--width", type=int, default=Shape.width)
    arguments.add_argument("--dropout", type=float, default=Shape.dropout)
    args = arguments.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    shuffle = np.random.default_rng(args.seed)

    word_vectors, stem_vectors = Vectors(args.vectors / "words.npz"), Vectors(args.vectors / "stems.npz")
    alphabet_counts: Counter[str] = Counter("".join(word_vectors.keys))
    alphabet = {letter: i + 2 for i, (letter, _) in enumerate(alphabet_counts.most_common(90))}
    rows: dict[str, int] = {}
    train, held_back = read(args.shared, args.hold_back, rows)
    if args.taught:
        train += [(e, TAUGHT_WEIGHT) for e in taught(args.taught, rows)]
    held = {
        name: [(piece, example(piece, scheme, rows)) for sentence in sentences for piece in chunks(sentence)]
        for name, (scheme, sentences) in held_back.items()
    }
    table = WordTable(list(rows), word_vectors, stem_vectors, alphabet)
    shape = Shape(args.width, args.dropout)
    model = Tagger(torch.from_numpy(word_vectors.table), torch.from_numpy(stem_vectors.table), len(alphabet), shape)
    parameters = {name: p for name, p in model.named_parameters() if p.requires_grad}
    average = {name: p.detach().clone() for name, p in parameters.items()}
    optimiser = torch.optim.AdamW(parameters.values(), lr=RATE, weight_decay=0.01, betas=(0.9, 0.98))
    print(f"{len(train):,} sentences, {len(rows):,} distinct words", flush=True)

    def sample() -> list[Example]:
        """One epoch: each example as often as its weight says, fractions by chance."""
        return [e for e, weight in train for _ in range(int(weight) + (shuffle.random() < weight % 1))]

    steps = args.epochs * len(batches(sample(), np.random.default_rng(0)))
    step = 0
    began = time.time()
    for epoch in range(args.epochs):
        model.train()
        total = 0.0
        epoch_batches = batches(sample(), shuffle)
        for examples in epoch_batches:
            for group in optimiser.param_groups:
                group["lr"] = RATE * min(1.0, (step + 1) / 200) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(step / steps, 1.0))))
            loss = model.loss(table, Batch.of(examples))
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 2.0)
            optimiser.step()
            step += 1
            decay = min(0.999, step / (step + 10))
            torch._foreach_lerp_(list(average.values()), [p.detach() for p in parameters.values()], 1 - decay)
            total += loss.item()
        report = {}
        if held:
            raw = {name: p.detach().clone() for name, p in parameters.items()}
            load(model, average)
            report = {name: evaluate(model, table, sentences) for name, sentences in held.items()}
            load(model, raw)
        print(f"epoch {epoch + 1} loss {total / len(epoch_batches):.4f} {time.time() - began:.0f}s {json.dumps(report)}", flush=True)
    load(model, average)
    args.out.mkdir(parents=True, exist_ok=True)
    state = {k: v for k, v in model.state_dict().items() if "vectors" not in k}
    torch.save({"state": state, "alphabet": alphabet, "shape": asdict(shape)}, args.out / "model.pt")


def load(model: Tagger, parameters: dict[str, Tensor]) -> None:
    """Set the model's trainable parameters."""
    with torch.no_grad():
        for name, p in model.named_parameters():
            if name in parameters:
                p.copy_(parameters[name])


def restore(run: Path, word_vectors: Vectors, stem_vectors: Vectors) -> tuple[Tagger, dict[str, int]]:
    """The trained network of a run, ready to tag, and its alphabet."""
    saved = torch.load(run / "model.pt", weights_only=True)
    shape = Shape(**saved["shape"])
    model = Tagger(torch.from_numpy(word_vectors.table), torch.from_numpy(stem_vectors.table), len(saved["alphabet"]), shape)
    model.load_state_dict(saved["state"], strict=False)
    return model.eval(), saved["alphabet"]


@torch.no_grad()
def evaluate(model: Tagger, table: WordTable, sentences: list[tuple[Sentence, Example]]) -> dict[str, float]:
    """F1 on held-back sentences."""
    model.eval()
    ordered = sorted(sentences, key=lambda pair: -len(pair[0].words))
    predicted: list[list[str]] = []
    for i in range(0, len(ordered), 64):
        batch = Batch.of([e for _, e in ordered[i : i + 64]])
        predicted += [[LABELS[j] for j in row] for row in viterbi(*model.scores(table, batch), batch.mask)]
    model.train()
    return f1([s.labels for s, _ in ordered], predicted)


if __name__ == "__main__":
    main()
