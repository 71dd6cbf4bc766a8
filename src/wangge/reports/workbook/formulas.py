"""What becomes of a formula when rows are put in, and when a row is repeated.

Only references are touched; whatever else a formula says is passed on as it was written.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

#: A reference such as 'Sheet 1'!$A$1:B2, A5, 3:9; texts in quotes are skipped by the first arm.
_REFERENCE = re.compile(
    r"""(?P<text>"(?:[^"]|"")*")
      | (?P<sheet>(?:'(?:[^']|'')+'|[A-Za-z_\u00a1-\uffff][\w.\u00a1-\uffff]*)!)?
        (?:
          (?P<c1>\$?[A-Z]{1,3})(?P<r1>\$?[0-9]{1,7})
          (?::(?P<c2>\$?[A-Z]{1,3})(?P<r2>\$?[0-9]{1,7}))?
        | (?P<w1>\$?[0-9]{1,7}):(?P<w2>\$?[0-9]{1,7})
        )
        (?![\w(\u00a1-\uffff])
    """,
    re.VERBOSE,
)
_BEFORE = re.compile(r"[\w.$\u00a1-\uffff]$")


@dataclass(frozen=True, slots=True)
class Shift:
    """`delta` rows are put in after row `last` (as the spreadsheet counts) of a sheet; rows from
    `first` to `last` are the ones filled."""

    sheet: str
    first: int
    last: int
    delta: int

    def row(self, row: int) -> int:
        """Where a row lies afterwards."""
        return row + self.delta if row > self.last else row

    def span(self, begin: int, end: int) -> tuple[int, int]:
        """A range that reaches the last filled row grows with it."""
        if begin <= self.last <= end and self.last >= self.first:
            return self.row(begin), end + self.delta
        return self.row(begin), self.row(end)

    def formula(self, text: str, here: str) -> str:
        """A formula that stands on sheet `here`."""
        return _rewritten(text, here, self)

    def ref(self, ref: str) -> str:
        """A1 or A1:B2 of the sheet itself."""
        return self.formula(ref, self.sheet)

    def refs(self, refs: str) -> str:
        """Several with blanks between them (sqref)."""
        return " ".join(self.ref(one) for one in refs.split())


def _rewritten(text: str, here: str, shift: Shift) -> str:
    def change(found: re.Match[str]) -> str:
        if found["text"] is not None or _BEFORE.search(text[: found.start()]):
            return found[0]
        sheet = found["sheet"]
        named = sheet[:-1].strip("'").replace("''", "'") if sheet else here
        if named != shift.sheet:
            return found[0]
        if found["w1"]:
            one, two = shift.span(_number(found["w1"]), _number(found["w2"]))
            return f"{sheet or ''}{_like(found['w1'], one)}:{_like(found['w2'], two)}"
        if found["c2"]:
            one, two = shift.span(_number(found["r1"]), _number(found["r2"]))
            left = f"{found['c1']}{_like(found['r1'], one)}"
            return f"{sheet or ''}{left}:{found['c2']}{_like(found['r2'], two)}"
        row = shift.row(_number(found["r1"]))
        return f"{sheet or ''}{found['c1']}{_like(found['r1'], row)}"

    return _REFERENCE.sub(change, text)


def _number(written: str) -> int:
    return int(written.lstrip("$"))


def _like(written: str, row: int) -> str:
    return f"${row}" if written.startswith("$") else str(row)


def repeated(text: str, row: int) -> Callable[[int], str]:
    """A formula of row `row`, as it reads on another row: rows without a $ move along."""
    pieces: list[str] = []
    moves: list[int] = []
    end = 0
    for found in _REFERENCE.finditer(text):
        if found["text"] is not None or _BEFORE.search(text[: found.start()]):
            continue
        for group in ("r1", "r2", "w1", "w2"):
            written = found[group]
            if written and not written.startswith("$"):
                pieces.append(text[end : found.start(group)])
                moves.append(int(written) - row)
                end = found.end(group)
    tail = text[end:]

    def at(other: int) -> str:
        made = [
            f"{piece}{max(1, other + move)}" for piece, move in zip(pieces, moves, strict=True)
        ]
        return "".join(made) + tail

    return at
