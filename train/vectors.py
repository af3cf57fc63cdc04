"""Skip-gram vectors of the unlabelled text: of folded words, and of the same words without proclitics and article.

python -m train.vectors SHARED OUT     writes OUT/words.npz and OUT/stems.npz (keys, counts, vectors)
"""

from __future__ import annotations

import sys
from array import array
from collections import Counter
from functools import lru_cache
from pathlib import Path

import numpy as np
from gensim.models import Word2Vec

from rasd.extraction.entities.words import key, stem
from rasd.extraction.tokens import tokenise
from train.corpus import unlabelled

SIZE, WINDOW, EPOCHS, LEAST = 100, 5, 5, 5


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
        np.savez(
            out / f"{name}.npz",
            keys=np.array(keys),
            counts=np.array([model.wv.get_vecattr(k, "count") for k in keys]),
            vectors=model.wv.vectors,
        )
        print(f"{name}: {len(keys):,} vectors; {model.wv.most_similar('سوريا', topn=6)}", flush=True)
    rare = [(word, counts[i]) for i, word in enumerate(words) if counts[i] > 1]
    np.savez(out / "counts.npz", keys=np.array([w for w, _ in rare]), counts=np.array([n for _, n in rare]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
