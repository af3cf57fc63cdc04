"""Vectors from the unlabelled text: of folded words, and of the same words without proclitics and article.

    python -m train.vectors SHARED OUT     writes OUT/words.npz and OUT/stems.npz (keys, counts, vectors, neighbours)

Skip-gram vectors bring together what one topic speaks of («وزارة», «وزير»); vectors of neighbours what stands in one place of a sentence
(«وزارة», «منظمة»; «لافروف», «ظريف»), which names need more.
"""

from __future__ import annotations

import sys
from array import array
from collections import Counter
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from gensim.models import Word2Vec
from scipy import sparse

from rasd.extraction.entities.words import key, stem
from rasd.extraction.tokens import tokenise
from train.corpus import unlabelled

SIZE, WINDOW, EPOCHS, LEAST = 100, 5, 5, 5
NEIGHBOURS, PLACES = 10_000, (-2, -1, 1, 2)
"""How many of the commonest words count as neighbours, and where they stand."""


def main(shared: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    cached_key = lru_cache(1_000_000)(key)
    ids: dict[str, int] = {}
    corpus = array("i")
    for text in unlabelled(shared):
        tokens = tokenise(text)
        sentence = 0
        for word, number in zip(tokens.words, tokens.sentences, strict=True):
            if number != sentence:
                corpus.append(-1)
                sentence = number
            corpus.append(ids.setdefault(cached_key(word), len(ids)))
        corpus.append(-1)
    words = list(ids)
    counts = Counter(corpus)
    count = {word: counts[i] for i, word in enumerate(words)}
    stems = [stem(word, lambda form: count.get(form, 0)) for word in words]
    print(f"{len(corpus):,} tokens, {len(words):,} words, {len(set(stems)):,} stems", flush=True)

    def sentences(forms: list[str]) -> list[list[str]]:
        found: list[list[str]] = [[]]
        for i in corpus:
            if i >= 0:
                found[-1].append(forms[i])
            elif found[-1]:
                found.append([])
        return found

    for name, forms in (("stems", stems), ("words", words)):
        model = Word2Vec(
            sentences(forms),
            sg=1,
            vector_size=SIZE,
            window=WINDOW,
            negative=5,
            min_count=LEAST,
            sample=1e-4,
            epochs=EPOCHS,
            seed=1,
            workers=1,
        )
        keys = model.wv.index_to_key
        row = {key: i for i, key in enumerate(keys)}
        # Rare words end no sentence: they get a number of their own.
        numbers = np.array([*(row.get(form, len(keys)) for form in forms), -1])
        np.savez(
            out / f"{name}.npz",
            keys=np.array(keys),
            counts=np.array([model.wv.get_vecattr(k, "count") for k in keys]),
            vectors=model.wv.vectors,
            neighbours=neighbours(numbers[np.frombuffer(corpus, np.int32)], len(keys)),
        )
        print(f"{name}: {len(keys):,} vectors; {model.wv.most_similar('سوريا', topn=6)}", flush=True)


def neighbours(text: npt.NDArray[np.int64], words: int) -> npt.NDArray[np.float32]:
    """[words, SIZE]: singular vectors of the association (PPMI) of words with the words at PLACES around them.

    `text` holds word numbers by falling frequency, `words` for any rarer word, and -1 between sentences.
    """
    known = min(NEIGHBOURS, words)
    # The end of a sentence is a neighbour, too; what is rare is none.
    neighbour = np.where(text < 0, known, np.where(text < known, text, -1))
    columns = known + 1
    counts = sparse.csr_matrix((words, columns * len(PLACES)), dtype=np.float32)
    for k, place in enumerate(PLACES):
        here, there = (text[:-place], neighbour[place:]) if place > 0 else (text[-place:], neighbour[:place])
        valid = (here >= 0) & (here < words) & (there >= 0)
        if abs(place) == 2:
            valid &= text[1:-1] >= 0
        ones = np.ones(valid.sum(), np.float32)
        counts += sparse.csr_matrix((ones, (here[valid], there[valid] + k * columns)), shape=counts.shape)
    by_word = np.asarray(counts.sum(1)).ravel()
    by_neighbour = np.asarray(counts.sum(0)).ravel() ** 0.75
    by_neighbour /= by_neighbour.sum()
    cells = counts.tocoo()
    association = np.log(cells.data / by_word[cells.row] / by_neighbour[cells.col])
    positive = association > 0
    matrix = sparse.csr_matrix((association[positive], (cells.row[positive], cells.col[positive])), shape=counts.shape)
    sample = matrix @ np.random.default_rng(1).standard_normal((matrix.shape[1], SIZE + 20)).astype(np.float32)
    for _ in range(4):
        left, _ = np.linalg.qr(sample)
        right, _ = np.linalg.qr(matrix.T @ left)
        sample = matrix @ right
    vectors, values, _ = np.linalg.svd(sample, full_matrices=False)
    found: npt.NDArray[np.float32] = (vectors[:, :SIZE] * np.sqrt(values[:SIZE])).astype(np.float32)
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
