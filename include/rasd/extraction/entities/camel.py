"""The neural backend: the named entity recogniser of camel_tools (a fine-tuned AraBERT), where the user has installed it.

Only the loading is camel_tools': its own `predict` pads every sentence to 256 word pieces. Here sentences of one length share a batch that
is as long as its longest, and the labels are the same.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rasd.extraction.backend import Name, names_of

_TYPES = {"PERS": "PERSON", "LOC": "LOCATION", "ORG": "ORGANIZATION", "MISC": "MISC"}
_PIECES = 254
"""Word pieces of a segment: camel_tools' limit of 256 less the two that open and close it."""

_BATCH_PIECES = 4096
_SETUP = "pip install --no-deps --require-hashes -r requirements-neural.txt"


class BackendUnavailableError(RuntimeError):
    """The neural backend was asked for, but is not installed; the message says what to do."""


def model_folder() -> Path:
    """Folder of camel_tools' recogniser, after a check of everything that it needs.

    Raises:
        BackendUnavailableError: naming what is missing and the command that installs it.
    """
    missing = [name for name in ("torch", "transformers") if importlib.util.find_spec(name) is None]
    if missing:
        raise BackendUnavailableError(f"extraction_backend=camel needs {' and '.join(missing)}; install: {_SETUP}")
    data = Path(os.environ.get("CAMELTOOLS_DATA") or Path.home() / ".camel_tools").expanduser().absolute()
    if not (data / "catalogue.json").is_file():
        # Importing camel_tools.data without it would reach for the network in the middle of a run.
        raise BackendUnavailableError(f"{data} has no camel_tools catalogue; install it and the model: camel_data -i ner-arabert")
    from camel_tools.data import CATALOGUE

    component = CATALOGUE.components["NamedEntityRecognition"]
    folder = Path(str(component.datasets[component.default].path))
    if not (folder / "config.json").is_file():
        raise BackendUnavailableError(f"{folder} has no model; install it: camel_data -i ner-arabert")
    return folder


class CamelTagger:
    """camel_tools' NERecognizer with batches of one length and bounded threads."""

    name = "camel"

    def __init__(self, threads: int | None = None) -> None:
        """Load the model.

        Args:
            threads: threads of torch; by default OMP_NUM_THREADS, else 1, because Airflow runs several tasks on a machine.

        Raises:
            BackendUnavailableError: when torch, transformers, the catalogue or the model is missing.
        """
        folder = model_folder()
        import camel_tools
        from camel_tools.ner import NERecognizer

        torch: Any = importlib.import_module("torch")
        torch.set_num_threads(threads or int(os.environ.get("OMP_NUM_THREADS", "1")))
        self.version = str(camel_tools.__version__)
        self._torch = torch
        recogniser: Any = NERecognizer(str(folder), use_gpu=False)
        self._model = recogniser.model.eval()
        self._tokenizer = recogniser.tokenizer
        self._labels = {i: _label(label) for i, label in recogniser.labels_map.items()}
        self._pieces: dict[str, list[int]] = {}

    def tag(self, sentences: Sequence[Sequence[str]]) -> list[list[Name]]:
        """The names of each sentence."""
        labels = [["O"] * len(words) for words in sentences]
        scores = [[1.0] * len(words) for words in sentences]
        segments = [(i, *segment) for i, words in enumerate(sentences) for segment in self._segments(words)]
        segments.sort(key=lambda segment: -len(segment[2]))
        begin = 0
        while begin < len(segments):
            length = len(segments[begin][2]) + 2
            batch = segments[begin : begin + max(1, _BATCH_PIECES // length)]
            begin += len(batch)
            predicted, certain = self._predict([pieces for _, _, pieces in batch], length)
            for row, (sentence, places, _) in enumerate(batch):
                for word, piece in places:
                    labels[sentence][word] = self._labels[predicted[row][piece + 1]]
                    scores[sentence][word] = certain[row][piece + 1]
        return [names_of(*sentence) for sentence in zip(labels, scores, strict=True)]

    def _segments(self, words: Sequence[str]) -> Iterator[tuple[list[tuple[int, int]], list[int]]]:
        """The sentence in segments: (word, its first piece) pairs and the ids of all pieces. A word without pieces stays O."""
        places: list[tuple[int, int]] = []
        pieces: list[int] = []
        for i, word in enumerate(words):
            ids = self._pieces.get(word)
            if ids is None:
                ids = self._tokenizer.convert_tokens_to_ids(self._tokenizer.tokenize(word))[:_PIECES]
                self._pieces[word] = ids
            if not ids:
                continue
            if len(pieces) + len(ids) > _PIECES:
                yield places, pieces
                places, pieces = [], []
            places.append((i, len(pieces)))
            pieces.extend(ids)
        if pieces:
            yield places, pieces

    def _predict(self, batch: list[list[int]], length: int) -> tuple[list[list[int]], list[list[float]]]:
        """Label ids and probabilities of all pieces of a batch, padded to `length`."""
        torch, tokenizer = self._torch, self._tokenizer
        filler = tokenizer.pad_token_id
        rows = [[tokenizer.cls_token_id, *pieces, tokenizer.sep_token_id] for pieces in batch]
        ids = torch.tensor([row + [filler] * (length - len(row)) for row in rows])
        mask = torch.tensor([[1] * len(row) + [0] * (length - len(row)) for row in rows])
        with torch.inference_mode():
            logits = self._model(input_ids=ids, attention_mask=mask, token_type_ids=torch.zeros_like(ids))[0]
            certain, predicted = torch.softmax(logits, 2).max(2)
        return predicted.tolist(), certain.tolist()


def _label(label: str) -> str:
    bio, _, kind = label.partition("-")
    return f"{bio}-{_TYPES[kind]}" if kind else label
