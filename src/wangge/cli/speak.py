"""Speaking to the person at the terminal: Chinese first, English beside it or instead.

The one who runs a machine has no language preference stored anywhere yet, so both are printed
unless `--lang zh` or `--lang en` (or WANGGE_LANG) chooses.
"""

import os
import sys
import unicodedata
from collections.abc import Sequence
from typing import Any, Literal

from wangge.kernel.i18n import translate
from wangge.kernel.postgres import Words

Mode = Literal["both", "zh", "en"]
MODES: tuple[Mode, ...] = ("both", "zh", "en")


class _Chosen:
    mode: Mode = "both"


def choose(mode: str) -> None:
    """Set the language of everything said from now on."""
    if mode in MODES:
        _Chosen.mode = mode


def chosen() -> Mode:
    """The language chosen."""
    return _Chosen.mode


choose(os.environ.get("WANGGE_LANG", "both"))


def join(zh: str, en: str) -> str:
    """One text from the two languages, as chosen."""
    if _Chosen.mode == "zh" or zh == en:
        return zh
    if _Chosen.mode == "en":
        return en
    return f"{zh} · {en}"


def _(text: str, **values: Any) -> str:
    """The sentence in the chosen language(s)."""
    return join(translate("zh", text, **values), translate("en", text, **values))


def say(text: str = "") -> None:
    """One line to the terminal, at once."""
    print(text, flush=True)


def warn(text: str) -> None:
    """One line to the error channel."""
    print(text, file=sys.stderr, flush=True)


def words(both: Words) -> str:
    """What the database's supervisor says, as chosen."""
    return join(both.zh, both.en)


def say_words(both: Words) -> None:
    """For `Cluster.start(say)`."""
    say(f"… {words(both)}")


class Sorry(Exception):
    """It will not be done, and this is why; printed without a traceback, exit code 1.

    `text` is Chinese with `{names}`, its English lies in the catalogue.
    """

    def __init__(self, text: str, **values: Any) -> None:
        super().__init__(text)
        self.text = text
        self.values = values

    def __str__(self) -> str:
        return _(self.text, **self.values)


def width(text: str) -> int:
    """Columns in a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def table(rows: Sequence[tuple[str, ...]], indent: str = "  ") -> str:
    """Columns aligned for a terminal; the first row is the heading."""
    columns = [max(width(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines: list[str] = []
    for number, row in enumerate(rows):
        cells = [
            cell + " " * (wide - width(cell)) for cell, wide in zip(row, columns, strict=True)
        ]
        lines.append(indent + "  ".join(cells).rstrip())
        if number == 0:
            lines.append(indent + "  ".join("─" * wide for wide in columns))
    return "\n".join(lines)


class Progress:
    """A line that is rewritten on a terminal, and one line now and then elsewhere."""

    def __init__(self) -> None:
        self._live = sys.stdout.isatty()
        self._open = False
        self._last = ""

    def show(self, text: str) -> None:
        """Where it stands."""
        if text == self._last:
            return
        self._last = text
        if self._live:
            print(f"\r\033[K… {text}", end="", flush=True)
            self._open = True
        else:
            say(f"… {text}")

    def done(self, text: str = "") -> None:
        """End the line."""
        if self._open:
            print("\r\033[K", end="")
            self._open = False
        if text:
            say(f"✓ {text}")
