"""Options of a bench: named, of one kind each, and no other is taken in silence."""

import argparse
import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

Default = int | float | str | tuple[str, ...] | type[int] | type[Path]


def options(
    name: str, rest: Sequence[str], *, names: Sequence[str] = (), **known: Default
) -> argparse.Namespace:
    """What stands after `wangge bench NAME`. `known` has a default for each option (its type is the
    option's; a tuple is choices, the first one holds), or Path or int where there is none (then None).
    `names` may be given besides, as many as wanted. `--help` lists them. Exits with 2 on what is wrong."""
    parser = argparse.ArgumentParser(f"wangge bench {name}", allow_abbrev=False)
    if names:
        parser.add_argument("names", nargs="*", metavar="|".join(names), type=_one_of(names))
    for key, value in known.items():
        flag = f"--{key.replace('_', '-')}"
        if isinstance(value, tuple):
            parser.add_argument(flag, choices=value, default=value[0])
        elif value is Path or value is int:
            parser.add_argument(flag, type=_there if value is Path else int)
        else:
            parser.add_argument(flag, type=_reader(value), default=value, help=f"({value})")
    return parser.parse_args(rest)


def _reader(default: object) -> Callable[[str], object]:
    """What reads an option whose default is this."""
    if isinstance(default, str):
        return str
    return float if isinstance(default, float) else int


def _there(text: str) -> Path:
    path = Path(text)
    if not path.exists():
        raise argparse.ArgumentTypeError(f"there is no {text}")
    return path


def _one_of(names: Sequence[str]) -> Any:
    def name(text: str) -> str:
        if text not in names:
            raise argparse.ArgumentTypeError(f"{text}: one of {', '.join(names)}")
        return text

    return name


def table(file: Path, **columns: Callable[[str], Any]) -> Iterator[tuple[Any, ...]]:
    """Rows of a CSV, of these columns only, each as its reader takes it. Exits with 1 and the row's
    number where a column is missing or a cell cannot be read."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), 2):
            for name in columns:
                if row.get(name) is None:
                    raise SystemExit(f"{file}, row {number}: there is no column {name}")
            try:
                yield tuple(read(row[name]) for name, read in columns.items())
            except ValueError as wrong:
                raise SystemExit(f"{file}, row {number}: {wrong}") from wrong
