"""A labelled corpus of addresses, and the peer that is trained on it.

The public corpus (Li and others, NAACL 2019: 14,927 addresses, 21 labels) is a folder with
`train.txt`, `dev.txt` and `test.txt`: a piece and its BIO label a line, an empty line between
addresses. It states no licence; it is read at run time and never shipped.
"""

import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from wangge.matching import Element
from wangge.matching.addresses.labelled import read_labelled

Address = list[tuple[str, str]]

_TOKEN = re.compile(r"[0-9]+|[A-Za-z]+|\S")


@dataclass(frozen=True, slots=True)
class Corpus:
    train: list[Address]
    test: list[Address]


def read_corpus(folder: Path) -> Corpus:
    """Train and test; where there is one file only, every fifth address of it is the test."""
    files = {name: folder / f"{name}.txt" for name in ("train", "dev", "test")}
    there = {name: _addresses(path) for name, path in files.items() if path.is_file()}
    if not there:
        raise FileNotFoundError(f"{folder} has no train.txt, dev.txt or test.txt")
    if "train" in there and len(there) > 1:
        return Corpus(there["train"], there.get("test") or there["dev"])
    every = next(iter(there.values()))
    return Corpus([one for n, one in enumerate(every) if n % 5], every[::5])


def _addresses(path: Path) -> list[Address]:
    return read_labelled(path.read_text(encoding="utf-8"))


def plain_crf(train: Sequence[Address]) -> Callable[[str], list[Element]]:
    """python-crfsuite with the usual features: pieces and shapes two to either side, pairs and
    triples of them; BIO labels."""
    crfsuite: Any = import_module("pycrfsuite")
    trainer: Any = crfsuite.Trainer(verbose=False)
    for address in train:
        words: list[str] = []
        labels: list[str] = []
        for piece, kind in address:
            split = _TOKEN.findall(piece)
            words += split
            labels += [f"{'I' if n else 'B'}-{kind}" for n in range(len(split))]
        trainer.append(_usual(words), labels)
    trainer.set_params({"c1": 0.1, "c2": 0.05, "max_iterations": 120})
    tagger: Any = crfsuite.Tagger()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weights"
        trainer.train(str(path))
        weights = path.read_bytes()
    # The tagger reads these bytes where they lie; the function below keeps them.
    tagger.open_inmemory(weights)

    def apart(text: str, _kept: bytes = weights) -> list[Element]:
        pieces = list(_TOKEN.finditer(text))
        labels: list[str] = tagger.tag(_usual([piece[0] for piece in pieces]))
        found: list[Element] = []
        for piece, label in zip(pieces, labels, strict=True):
            kind = label[2:]
            if label[0] == "I" and found and found[-1].kind == kind:
                start = found[-1].start
                found[-1] = Element(kind, text[start : piece.end()], start)
            else:
                found.append(Element(kind, piece[0], piece.start()))
        return found

    return apart


def _usual(words: Sequence[str]) -> list[list[str]]:
    shapes = [
        f"D{min(len(word), 5)}"
        if word.isdigit()
        else "A"
        if word.isascii() and word.isalpha()
        else "H"
        if word.isalnum()
        else "P"
        for word in words
    ]
    plain = ["#" if s[0] == "D" else w for w, s in zip(words, shapes, strict=True)]
    w, s = ["<", "<", *plain, ">", ">"], ["_", "_", *shapes, "_", "_"]
    return [
        [
            "bias",
            *(f"w{o}={w[i + o]}" for o in range(-2, 3)),
            *(f"s{o}={s[i + o]}" for o in range(-2, 3)),
            *(f"2{o}={w[i + o]}{w[i + o + 1]}" for o in range(-2, 2)),
            *(f"3{o}={w[i + o]}{w[i + o + 1]}{w[i + o + 2]}" for o in range(-2, 1)),
        ]
        for i in range(2, len(words) + 2)
    ]
