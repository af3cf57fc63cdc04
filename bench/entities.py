"""How fast entities are found: whole extraction with each tagger, and camel_tools' own NERecognizer, in one run on one core.

    python bench/entities.py FOLDER [--articles N] [--backends statistical rules] [--camel-sentences N]

FOLDER holds articles as UTF-8 text files. With `--camel-sentences` (needs requirements-neural.txt) the recogniser of camel_tools tags that
many sentences with a network of BERT-base size and random weights, because speed does not depend on the weights, and its words per second
are compared with those of our taggers on the same articles. BLAS and torch get one thread each. Memory is the process's own peak, read
before torch is loaded.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

LOAD = """
import time
began = time.perf_counter()
from rasd.extraction.entities import extract_entities, load_tagger
import pyarrow as pa
from rasd import schema
pa.array(["a"])  # pyarrow looks for pandas at its first array: that is no part of loading the tagger
imported = time.perf_counter()
extract_entities(schema.ARTICLES.table({"article_id": ["a"], "text": ["وصل إلى دمشق."]}), load_tagger("BACKEND"))
print(imported - began, time.perf_counter() - imported)
"""


def ours(texts: list[str], backend: str) -> dict[str, Any]:
    """Words a second of the whole stage, by the wall's clock and by the processor's; the first pass meets all words for the first time."""
    from rasd import schema
    from rasd.extraction.entities import extract_entities, load_tagger
    from rasd.extraction.tokens import tokenise

    articles = schema.ARTICLES.table({"article_id": [str(i) for i in range(len(texts))], "text": texts})
    words = sum(len(tokenise(text).words) for text in texts)
    tagger = load_tagger(backend)
    extract_entities(articles.slice(0, 1), tagger)
    result: dict[str, Any] = {"backend": backend, "words": words}
    for name in ("first", "second"):
        wall, processor = time.perf_counter(), time.process_time()
        result["mentions"] = extract_entities(articles, tagger).num_rows
        result[f"{name}_pass_words_per_second"] = round(words / (time.perf_counter() - wall))
        result[f"{name}_pass_words_per_cpu_second"] = round(words / (time.process_time() - processor))
    result["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    output = subprocess.run([sys.executable, "-c", LOAD.replace("BACKEND", backend)], capture_output=True, text=True, check=True).stdout
    result["import_s"], result["load_s"] = (round(float(value), 2) for value in output.split())
    return result


def camel(texts: list[str], sentences: int) -> dict[str, Any]:
    """The same for camel_tools' NERecognizer on some of the sentences."""
    import torch
    import transformers

    from rasd.extraction.tokens import tokenise

    torch.set_num_threads(1)
    by_sentence = [words for text in texts for words in tokenise(text).by_sentence()]
    step = max(1, len(by_sentence) // sentences)
    chosen = by_sentence[::step][:sentences]
    counts = Counter(word for words in by_sentence for word in words)
    letters = sorted({letter for word in counts for letter in word})
    # The size of AraBERT's vocabulary; its pieces a word are about as many.
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *("##" + letter for letter in letters)]
    pieces += [word for word, _ in counts.most_common(64_000) if len(word) > 1]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "vocab.txt").write_text("\n".join(pieces), encoding="utf-8")
        labels = ["B-LOC", "B-ORG", "B-PERS", "B-MISC", "I-LOC", "I-ORG", "I-PERS", "I-MISC", "O"]
        config = transformers.BertConfig(vocab_size=max(64_000, len(pieces)), id2label=dict(enumerate(labels)))
        transformers.BertForTokenClassification(config).save_pretrained(folder)
        transformers.BertTokenizer(f"{folder}/vocab.txt", do_lower_case=False).save_pretrained(folder)
        from camel_tools.ner import NERecognizer

        recogniser = NERecognizer(folder, use_gpu=False)
        words = sum(map(len, chosen))
        wall, processor = time.perf_counter(), time.process_time()
        recogniser.predict(chosen)
        return {
            "backend": "camel_tools.ner.NERecognizer",
            "words": words,
            "words_per_second": round(words / (time.perf_counter() - wall), 1),
            "words_per_cpu_second": round(words / (time.process_time() - processor), 1),
        }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--articles", type=int, default=1000)
    arguments.add_argument("--backends", nargs="*", default=["statistical", "rules"])
    arguments.add_argument("--camel-sentences", type=int, default=0)
    args = arguments.parse_args()
    files = sorted(args.folder.rglob("*.txt"))
    step = max(1, len(files) // args.articles)
    texts = [file.read_text(encoding="utf-8") for file in files[::step][: args.articles]]
    results = [ours(texts, backend) for backend in args.backends]
    if args.camel_sentences:
        neural = camel(texts, args.camel_sentences)
        for result in results:
            result["times_camel_tools"] = round(result["first_pass_words_per_cpu_second"] / neural["words_per_cpu_second"])
        results.append(neural)
    for result in results:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
