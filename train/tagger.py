"""Train the statistical tagger: three dilated convolutions over words, with a CRF for each annotation scheme.

    python -m train.tagger SHARED VECTORS OUT [--seed N] [--epochs N] [--recurrent] [--hold-back] [--extra LABELLED.conll …]

`--hold-back` keeps the last tenth of ANERcorp's training part and every tenth annotated article out, and reports on them. `--extra` adds
sentences that teachers have labelled (see train.teach).
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from rasd.extraction.entities.features import FLAGS, LABELS, SCHEMES, WordFlags, letters, stems
from rasd.extraction.entities.words import cached_key
from train.corpus import Sentence, annotated_articles, conll

WIDTH, CHARACTER_WIDTH, CHARACTER_FILTERS, DILATIONS = 128, 24, 64, (1, 2, 4)
LONGEST, BATCH_TOKENS, RATE = 100, 1600, 2e-3
INVALID = -1e4


@dataclass(frozen=True)
class Example:
    """A training sentence: rows of the word table, label ids, and the scheme that it is labelled in."""

    words: list[int]
    labels: list[int]
    scheme: int


class Vectors:
    """Skip-gram vectors of unit length by key."""

    def __init__(self, path: Path) -> None:
        data = np.load(path)
        self.keys: list[str] = data["keys"].tolist()
        self.counts: list[int] = data["counts"].tolist()
        vectors = data["vectors"]
        # The last row is the vector of what is unknown.
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True) * 3
        self.table = np.concatenate([unit, np.zeros((1, vectors.shape[1]), np.float32)]).astype(np.float32)
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


class Tagger(nn.Module):
    """The network. Word inputs are computed once per distinct word of a batch."""

    def __init__(self, word_vectors: Tensor, stem_vectors: Tensor, alphabet: int, recurrent: bool = False) -> None:
        super().__init__()
        # A recurrent teacher errs in other places than the convolutions do; it is never shipped.
        self.recurrent = nn.LSTM(WIDTH, WIDTH // 2, batch_first=True, bidirectional=True) if recurrent else None
        self.word_vectors = nn.Embedding.from_pretrained(word_vectors)
        self.stem_vectors = nn.Embedding.from_pretrained(stem_vectors)
        self.character = nn.Embedding(alphabet + 2, CHARACTER_WIDTH, padding_idx=0)
        self.character_filters = nn.Conv1d(CHARACTER_WIDTH, CHARACTER_FILTERS, 3, padding=1)
        size = word_vectors.shape[1] + stem_vectors.shape[1] + CHARACTER_FILTERS + FLAGS
        self.project = nn.Linear(size, WIDTH)
        self.convolutions = nn.ModuleList(nn.Conv1d(WIDTH, WIDTH, 3, padding=d, dilation=d) for d in DILATIONS)
        self.heads = nn.ModuleList(nn.Linear(WIDTH, len(LABELS)) for _ in SCHEMES)
        self.transitions = nn.ParameterList(nn.Parameter(torch.zeros(len(LABELS), len(LABELS))) for _ in SCHEMES)
        self.starts = nn.ParameterList(nn.Parameter(torch.zeros(len(LABELS))) for _ in SCHEMES)
        invalid = torch.zeros(len(LABELS), len(LABELS))
        for i, before in enumerate(LABELS):
            for j, after in enumerate(LABELS):
                if after[0] == "I" and before[1:] != after[1:]:
                    invalid[i, j] = INVALID
        self.register_buffer("invalid", invalid)
        self.register_buffer("invalid_start", torch.tensor([INVALID if label[0] == "I" else 0.0 for label in LABELS]))

    def words(self, table: WordTable, rows: Tensor) -> Tensor:
        """[rows, WIDTH]: what the network knows of single words."""
        word_vectors = self.word_vectors(table.word_rows[rows])
        if self.training:
            keep = (torch.rand(len(rows), 1) > 0.1).float()
            word_vectors = word_vectors * keep
        characters = self.character(table.letters[rows]).transpose(1, 2)
        filtered = torch.relu(self.character_filters(characters)).amax(2)
        inputs = torch.cat([word_vectors, self.stem_vectors(table.stem_rows[rows]), filtered, table.flags[rows]], 1)
        return torch.tanh(self.project(nn.functional.dropout(inputs, 0.1, self.training)))

    def emissions(self, table: WordTable, words: Tensor, mask: Tensor) -> Tensor:
        """[sentences, length, WIDTH] before the heads."""
        distinct, inverse = torch.unique(words, return_inverse=True)
        x = self.words(table, distinct)[inverse]
        x = nn.functional.dropout(x, 0.25, self.training)
        if self.recurrent is not None:
            packed = nn.utils.rnn.pack_padded_sequence(x, mask.sum(1).long(), batch_first=True, enforce_sorted=False)
            outputs, _ = nn.utils.rnn.pad_packed_sequence(self.recurrent(packed)[0], batch_first=True, total_length=x.shape[1])
            return nn.functional.dropout(outputs, 0.35, self.training)
        x = (x * mask.unsqueeze(2)).transpose(1, 2)
        for convolution in self.convolutions:
            x = x + nn.functional.dropout(torch.relu(convolution(x)), 0.15, self.training)
            x = x * mask.unsqueeze(1)
        return x.transpose(1, 2)

    def loss(self, table: WordTable, words: Tensor, labels: Tensor, mask: Tensor, scheme: int) -> Tensor:
        """Negative log-likelihood of the labels, a word."""
        scores = self.heads[scheme](self.emissions(table, words, mask))
        transitions = self.transitions[scheme] + self.invalid
        alpha = scores[:, 0] + self.starts[scheme] + self.invalid_start
        gold = alpha.gather(1, labels[:, :1]).squeeze(1)
        for t in range(1, words.shape[1]):
            step = torch.logsumexp(alpha.unsqueeze(2) + transitions, 1) + scores[:, t]
            alpha = torch.where(mask[:, t : t + 1] > 0, step, alpha)
            here = scores[:, t].gather(1, labels[:, t : t + 1]).squeeze(1) + transitions[labels[:, t - 1], labels[:, t]]
            gold = gold + here * mask[:, t]
        return (torch.logsumexp(alpha, 1) - gold).sum() / mask.sum()

    @torch.no_grad()
    def decode(self, table: WordTable, words: Tensor, mask: Tensor, scheme: int) -> list[list[int]]:
        """The best label ids of each sentence."""
        return viterbi(*self.scores(table, words, mask, scheme), mask)

    @torch.no_grad()
    def scores(self, table: WordTable, words: Tensor, mask: Tensor, scheme: int) -> tuple[Tensor, Tensor, Tensor]:
        """Scores of labels at words, of transitions and of first labels."""
        emissions = self.heads[scheme](self.emissions(table, words, mask))
        return emissions, self.transitions[scheme] + self.invalid, self.starts[scheme] + self.invalid_start


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


def pad(examples: list[Example]) -> tuple[Tensor, Tensor, Tensor]:
    """Words, labels and mask of a batch, [sentences, longest]."""
    length = max(len(example.words) for example in examples)
    words = torch.zeros(len(examples), length, dtype=torch.long)
    labels = torch.zeros(len(examples), length, dtype=torch.long)
    mask = torch.zeros(len(examples), length)
    for i, example in enumerate(examples):
        n = len(example.words)
        words[i, :n] = torch.tensor(example.words)
        labels[i, :n] = torch.tensor(example.labels)
        mask[i, :n] = 1
    return words, labels, mask


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


@dataclass
class Data:
    """Labelled sentences by use: (scheme, sentence, weight)."""

    train: list[tuple[int, Sentence, float]]
    held: dict[str, tuple[int, list[Sentence]]]


def read(shared: Path, hold_back: bool, extra: list[Path]) -> Data:
    train: list[tuple[int, Sentence, float]] = []
    articles = annotated_articles(shared / "gold" / "train.json")
    kept = [a for i, a in enumerate(articles) if not (hold_back and i % 10 == 5)]
    train += [(0, s, 3.0) for article in kept for s in article]
    anercorp = conll(shared / "ner" / "anercorp.train.conll")
    cut = len(anercorp) * 9 // 10 if hold_back else len(anercorp)
    train += [(1, s, 1.0) for s in anercorp[:cut]]
    for name in ("train", "dev", "test"):
        train += [(2, s, 0.5) for s in conll(shared / "ner" / f"aqmar.{name}.conll")]
    for path in extra:
        scheme = SCHEMES.index(path.stem.split(".")[-1])
        train += [(scheme, s, 0.5) for s in conll(path)]
    held = {"news": (0, [s for i, a in enumerate(articles) if hold_back and i % 10 == 5 for s in a]), "anercorp": (1, anercorp[cut:])}
    return Data(train, {name: value for name, value in held.items() if value[1]})


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("shared", type=Path)
    arguments.add_argument("vectors", type=Path)
    arguments.add_argument("out", type=Path)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--epochs", type=int, default=8)
    arguments.add_argument("--threads", type=int, default=1)
    arguments.add_argument("--recurrent", action="store_true")
    arguments.add_argument("--hold-back", action="store_true")
    arguments.add_argument("--extra", type=Path, nargs="*", default=[])
    args = arguments.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    shuffle = np.random.default_rng(args.seed)

    data = read(args.shared, args.hold_back, args.extra)
    word_vectors, stem_vectors = Vectors(args.vectors / "words.npz"), Vectors(args.vectors / "stems.npz")
    seen: dict[str, int] = {}
    alphabet_counts: Counter[str] = Counter("".join(word_vectors.keys))
    alphabet = {letter: i + 2 for i, (letter, _) in enumerate(alphabet_counts.most_common(90))}

    def example(scheme: int, sentence: Sentence) -> Example:
        words = [seen.setdefault(cached_key(word), len(seen)) for word in sentence.words]
        return Example(words, [LABELS.index(label) for label in sentence.labels], scheme)

    train = [(example(scheme, piece), weight) for scheme, sentence, weight in data.train for piece in chunks(sentence)]
    held = {
        name: (scheme, [(s, example(scheme, s)) for x in sentences for s in chunks(x)]) for name, (scheme, sentences) in data.held.items()
    }
    table = WordTable(list(seen), word_vectors, stem_vectors, alphabet)
    model = Tagger(torch.from_numpy(word_vectors.table), torch.from_numpy(stem_vectors.table), len(alphabet), args.recurrent)
    average = {name: p.detach().clone() for name, p in model.named_parameters() if p.requires_grad}
    optimiser = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=RATE, weight_decay=0.01, betas=(0.9, 0.98))
    print(f"{len(train):,} sentences, {len(seen):,} distinct words", flush=True)

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
        for batch in epoch_batches:
            for group in optimiser.param_groups:
                group["lr"] = RATE * min(1.0, (step + 1) / 200) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(step / steps, 1.0))))
            words, labels, mask = pad(batch)
            loss = model.loss(table, words, labels, mask, batch[0].scheme)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 2.0)
            optimiser.step()
            step += 1
            decay = min(0.999, step / (step + 10))
            with torch.no_grad():
                for name, p in model.named_parameters():
                    if name in average:
                        average[name].mul_(decay).add_(p, alpha=1 - decay)
            total += loss.item()
        report = {}
        if held:
            raw = {name: p.detach().clone() for name, p in model.named_parameters() if name in average}
            load(model, average)
            report = {name: evaluate(model, table, scheme, sentences) for name, (scheme, sentences) in held.items()}
            load(model, raw)
        print(f"epoch {epoch + 1} loss {total / len(epoch_batches):.4f} {time.time() - began:.0f}s {json.dumps(report)}", flush=True)
    load(model, average)
    args.out.mkdir(parents=True, exist_ok=True)
    torch.save(
        {"state": {k: v for k, v in model.state_dict().items() if "vectors" not in k}, "alphabet": alphabet, "recurrent": args.recurrent},
        args.out / "model.pt",
    )


def load(model: Tagger, parameters: dict[str, Tensor]) -> None:
    """Set the model's trainable parameters."""
    with torch.no_grad():
        for name, p in model.named_parameters():
            if name in parameters:
                p.copy_(parameters[name])


def evaluate(model: Tagger, table: WordTable, scheme: int, sentences: list[tuple[Sentence, Example]]) -> dict[str, float]:
    """F1 on held-back sentences."""
    model.eval()
    predicted: list[list[str]] = []
    for i in range(0, len(sentences), 64):
        words, _, mask = pad([e for _, e in sentences[i : i + 64]])
        predicted += [[LABELS[j] for j in row] for row in model.decode(table, words, mask, scheme)]
    model.train()
    return f1([s.labels for s, _ in sentences], predicted)


if __name__ == "__main__":
    main()
