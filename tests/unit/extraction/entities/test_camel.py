"""The neural backend: what it says when something is missing, and its labels beside camel_tools' own."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

from rasd.extraction.backend import labels_of, names_of
from rasd.extraction.entities import camel


def test_missing_packages_are_named_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camel.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(camel.BackendUnavailableError, match=r"torch and transformers.*requirements-neural\.txt"):
        camel.CamelTagger()


def test_a_missing_catalogue_is_named_before_anything_reaches_for_the_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(camel.importlib.util, "find_spec", lambda name: object())
    monkeypatch.setenv("CAMELTOOLS_DATA", str(tmp_path))
    with pytest.raises(camel.BackendUnavailableError, match="camel_data -i ner-arabert"):
        camel.CamelTagger()


LABELS = ["B-LOC", "B-ORG", "B-PERS", "B-MISC", "I-LOC", "I-ORG", "I-PERS", "I-MISC", "O"]
WORDS = "قال وزير الخارجية الروسي سيرغي لافروف في موسكو اليوم إن الأمم المتحدة تدعم الحوار . ، بين الأطراف وسوريا لبنان".split()  # noqa: SIM905


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shared: Path) -> Path:
    """A tiny BERT with random weights in the format that camel_tools loads, and the catalogue that leads to it."""
    torch: Any = pytest.importorskip("torch", reason="needs requirements-neural.txt")
    transformers: Any = pytest.importorskip("transformers", reason="needs requirements-neural.txt")
    (tmp_path / "catalogue.json").write_bytes((shared / "camel" / "catalogue.json").read_bytes())
    folder = tmp_path / "data" / "ner" / "arabert"
    folder.mkdir(parents=True)
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *sorted({letter for word in WORDS for letter in word})]
    pieces += ["##" + piece for piece in pieces[5:]] + ["ال", "##ال", "##ية", "موسكو"]
    (folder / "vocab.txt").write_text("\n".join(pieces), encoding="utf-8")
    torch.manual_seed(5)
    config = transformers.BertConfig(
        vocab_size=len(pieces), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        id2label=dict(enumerate(LABELS)), label2id={label: i for i, label in enumerate(LABELS)}, initializer_range=0.8,
    )  # fmt: skip
    network = transformers.BertForTokenClassification(config)
    network.classifier.weight.data.normal_(0, 5)
    network.save_pretrained(folder)
    transformers.BertTokenizer(str(folder / "vocab.txt"), do_lower_case=False).save_pretrained(folder)
    monkeypatch.setenv("CAMELTOOLS_DATA", str(tmp_path))
    # camel_tools reads the variable when it is imported.
    for name in [name for name in sys.modules if name.startswith("camel_tools.")]:
        monkeypatch.delitem(sys.modules, name)
    assert camel.model_folder() == folder
    return folder


@pytest.mark.corpus
def test_labels_are_those_of_camel_tools(model: Path) -> None:
    recogniser: Any = importlib.import_module("camel_tools.ner").NERecognizer(str(model), use_gpu=False)
    sentences = [WORDS[:k] for k in (3, 19, 1, 7)] + [WORDS * 12, []]
    ours = camel.CamelTagger(threads=1).tag(sentences)
    theirs = recogniser.predict(sentences[:5])
    kinds = {"PERS": "PERSON", "LOC": "LOCATION", "ORG": "ORGANIZATION"}
    for words, labels, names in zip(sentences, theirs, ours, strict=False):
        labels = [label[:2] + kinds.get(label[2:], label[2:]) for label in labels]
        assert [name[:3] for name in names] == [name[:3] for name in names_of(labels, [1.0] * len(words))]
    assert len({kind for names in ours for *_, kind, _ in names}) > 1
    assert ours[5] == []
    assert all(0 <= score <= 1 for names in ours for *_, score in names)


@pytest.mark.corpus
def test_a_word_without_pieces_gets_no_label_and_shifts_none(model: Path) -> None:
    tagger = camel.CamelTagger(threads=1)
    broken = [*WORDS[:4], "\u200f", *WORDS[4:]]
    plain, shifted = (labels_of(tagger.tag([words])[0], len(words)) for words in (WORDS, broken))
    assert [label[2:] for label in shifted] == [label[2:] for label in [*plain[:4], "O", *plain[4:]]]
