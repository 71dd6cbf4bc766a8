"""A model of addresses learned from labelled ones: a linear-chain conditional random field.

The grammar of `elements` needs no examples; who has a few thousand labelled addresses of the kind
to be read does better with a model of their own. What it looks at, besides the characters around:
the next and the last word that says what a name is (路, 镇, 幢), divisions known by name, names
that stood in the other labelled addresses, and what is said twice.
"""

import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from wangge.matching.addresses.elements import Element, divisions

#: A labelled address: its pieces in order, each with the kind of element it is.
Labelled = Sequence[tuple[str, str]]

_TOKEN = re.compile(r"[0-9]+|[A-Za-z]+|\S")
_KEYS = frozenset(
    "省市区县镇乡村路街道弄巷号幢栋楼室层座园厦城场苑厂司店社组里桥门期庄墩学院站"
)
_LONGEST = 12
_ITERATIONS = 120


class _Model(msgspec.Struct):
    """What a model file holds: names that were seen, by kind, and the field's weights with their
    hash: the library reads them in place and trusts them, so a torn file must not reach it."""

    names: dict[str, str]
    weights: bytes
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Score:
    """How well addresses were taken apart: F1 of elements that agree in text, place and kind, and
    the share of addresses that are right as a whole."""

    f1: float
    whole: float


def score(apart: Callable[[str], Sequence[Element]], labelled: Sequence[Labelled]) -> Score:
    """Hold what takes addresses apart against labelled ones (their pieces joined without gaps)."""
    right = said = meant = whole = 0
    for address in labelled:
        text, expected = "", set[tuple[str, str, int]]()
        for piece, kind in address:
            expected.add((kind, piece, len(text)))
            text += piece
        found = {(one.kind, one.text, one.start) for one in apart(text)}
        right += len(found & expected)
        said += len(found)
        meant += len(expected)
        whole += found == expected
    return Score(2 * right / max(1, said + meant), whole / max(1, len(labelled)))


def tokens(text: str) -> list[str]:
    """An address in the pieces the model labels: a number, a Latin word, any other character."""
    return _TOKEN.findall(text)


class Tagger:
    """Takes addresses apart with a learned model."""

    def __init__(self, model: bytes) -> None:
        """Raises ValueError for what is no model."""
        try:
            read = msgspec.msgpack.decode(model, type=_Model)
        except msgspec.DecodeError as wrong:
            raise ValueError("not a model of addresses") from wrong
        if sha256(read.weights).digest() != read.sha256:
            raise ValueError("not a model of addresses")
        self._names = read.names
        # The tagger reads these bytes where they lie; they must live as long as it does.
        self._weights = read.weights
        self._tagger: Any = import_module("pycrfsuite").Tagger()
        self._tagger.open_inmemory(self._weights)

    def elements(self, text: str) -> tuple[Element, ...]:
        """The parts of an address, in order."""
        pieces = list(_TOKEN.finditer(text))
        tags = self.tags([piece[0] for piece in pieces])
        found: list[Element] = []
        begin = 0
        for n, (mark, kind) in enumerate(tags):
            if mark in "ES" or n + 1 == len(tags) or tags[n + 1][0] in "BS":
                start, end = pieces[begin].start(), pieces[n].end()
                found.append(Element(kind, text[start:end], start))
                begin = n + 1
        return tuple(found)

    def tags(self, words: Sequence[str]) -> list[tuple[str, str]]:
        """For each piece, its mark (B begin, I inside, E end, S single) and its kind."""
        if not words:
            return []
        tagged: list[str] = self._tagger.tag(_features(words, self._names.get))
        return [(tag[0], tag[2:]) for tag in tagged]


def train(labelled: Iterable[Labelled]) -> bytes:
    """A model learned from labelled addresses; the same addresses give the same model."""
    addresses = [list(address) for address in labelled if address]
    seen: dict[str, dict[str, int]] = {}
    for address in addresses:
        _count(seen, address, 1)

    def look(name: str) -> str | None:
        kinds = seen.get(name)
        if not kinds:
            return None
        kind = max(kinds, key=lambda one: (kinds[one], one))
        return kind if kinds[kind] > 0 else None

    trainer: Any = import_module("pycrfsuite").Trainer(verbose=False)
    for address in addresses:
        # An address must not be told by itself which names there are, or it trusts them too much.
        _count(seen, address, -1)
        words = [word for piece, _ in address for word in tokens(piece)]
        trainer.append(_features(words, look), list(_marks(address)))
        _count(seen, address, 1)
    trainer.set_params({"c1": 0.1, "c2": 0.05, "max_iterations": _ITERATIONS})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weights"
        trainer.train(str(path))
        weights = path.read_bytes()
    names = {name: kind for name in sorted(seen) if (kind := look(name)) is not None}
    return msgspec.msgpack.encode(_Model(names, weights, sha256(weights).digest()))


def _marks(address: Labelled) -> Iterable[str]:
    for piece, kind in address:
        count = len(tokens(piece))
        for n in range(count):
            mark = "S" if count == 1 else "B" if n == 0 else "E" if n == count - 1 else "I"
            yield f"{mark}-{kind}"


def _count(seen: dict[str, dict[str, int]], address: Labelled, by: int) -> None:
    for piece, kind in address:
        if 2 <= len(piece) <= _LONGEST and not any(c.isdigit() for c in piece):
            kinds = seen.setdefault(piece, {})
            kinds[kind] = kinds.get(kind, 0) + by


def _shape(word: str) -> str:
    if word.isdigit():
        return f"D{min(len(word), 5)}"
    if word.isascii():
        return "A" if word.isalpha() else "P"
    if word in "一二三四五六七八九十两":
        return "N"
    if word in "东南西北中":
        return "E"
    if word in _KEYS:
        return "K"
    return "H" if word.isalnum() else "P"


def _matched(words: Sequence[str], look: Callable[[str], str | None]) -> list[str]:
    """For each piece, whether it begins, is in or ends the longest name known, and its kind."""
    marks = ["o"] * len(words)
    start = 0
    while start < len(words):
        name, found = words[start], None
        for end in range(start + 1, min(len(words), start + _LONGEST)):
            name += words[end]
            kind = look(name)
            if kind:
                found = end, kind
        if found is None:
            start += 1
            continue
        end, kind = found
        marks[start], marks[end] = f"b{kind}", f"e{kind}"
        marks[start + 1 : end] = [f"m{kind}"] * (end - start - 1)
        start = end + 1
    return marks


def _features(words: Sequence[str], names: Callable[[str], str | None]) -> list[list[str]]:
    """What the model looks at, for each piece."""
    count = len(words)
    shapes = [_shape(word) for word in words]
    plain = [
        "#" if shape[0] == "D" else word for word, shape in zip(words, shapes, strict=True)
    ]
    w = ["<"] * 3 + plain + [">"] * 4
    s = ["_"] * 3 + shapes + ["_"] * 4
    known = ["_", *_matched(words, divisions().get), "_"]
    seen = ["_", *_matched(words, names), "_"]
    keys = [n for n, word in enumerate(words) if word in _KEYS]
    pairs: dict[str, list[int]] = {}
    for n in range(count - 1):
        pairs.setdefault(plain[n] + plain[n + 1], []).append(n)
    rows: list[list[str]] = []
    numbers, at_key = 0, 0
    for n in range(count):
        i = n + 3
        numbers += shapes[n][0] == "D"
        while at_key < len(keys) and keys[at_key] <= n:
            at_key += 1
        ahead = keys[at_key] if at_key < len(keys) else None
        after = keys[at_key + 1] if at_key + 1 < len(keys) else None
        behind = next((k for k in reversed(keys[:at_key]) if k < n), None)
        next_key = words[ahead] if ahead is not None else "$"
        last_key = words[behind] if behind is not None else "^"
        row = ["bias"]
        row += [f"w{o}={w[i + o]}" for o in range(-3, 4)]
        row += [f"s{o}={s[i + o]}" for o in range(-2, 3)]
        row += [f"2{o}={w[i + o]}{w[i + o + 1]}" for o in range(-2, 2)]
        row += [f"3{o}={w[i + o]}{w[i + o + 1]}{w[i + o + 2]}" for o in range(-2, 1)]
        row += [f"4{o}={''.join(w[i + o : i + o + 4])}" for o in (-3, -1, 0)]
        row += [f"ss={''.join(s[i - 1 : i + 2])}", f"sss={' '.join(s[i - 2 : i + 3])}"]
        row += [
            f"nk={next_key}",
            f"nk={next_key}{min(ahead - n, 6) if ahead is not None else 9}",
            f"lk={last_key}",
            f"lk={last_key}{min(n - behind, 6) if behind is not None else 9}",
            f"lnk={last_key}{next_key}",
            f"nnk={next_key}{words[after] if after is not None else '$'}",
        ]
        for mark, found in (("g", known), ("n", seen)):
            here = found[n + 1]
            row += [
                f"{mark}={here}",
                f"{mark}+={here}{found[n + 2]}",
                f"{mark}-={found[n]}{here}",
            ]
        row.append(f"nw={seen[n + 1]}{plain[n]}")
        for side, at in (("R", n), ("L", n - 1)):
            where = pairs.get(plain[at] + plain[at + 1], []) if 0 <= at < count - 1 else []
            if where and where[0] < at:
                row.append(f"{side}before")
            if where and where[-1] > at:
                row.append(f"{side}again")
        row += [f"nd={min(numbers, 4)}", f"nds={min(numbers, 4)}{shapes[n]}"]
        row += [name for name, it in (("first", 0), ("second", 1)) if n == it]
        row += [name for name, it in (("last", 1), ("lastbut1", 2)) if n == count - it]
        rows.append(row)
    return rows
