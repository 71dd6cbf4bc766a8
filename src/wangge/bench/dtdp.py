"""`wangge bench dtdp --data FOLDER`: territory design on the public instances (GraphML), each beside
the results its authors published (`published_results.csv` in the folder).

Instances and results state no licence: they are read where the user has them, never shipped. Every
division is judged anew from its labels alone.
"""

import csv
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from time import perf_counter

from wangge.bench.options import options
from wangge.bench.rows import Row, show
from wangge.solvers import Budget
from wangge.solvers.territories import divide, judge, read_graphml

TERRITORIES = 10
TOLERANCE = 0.05
SECONDS = 60.0
TRIES = 5_000_000


@dataclass(frozen=True, slots=True)
class Designed(Row):
    """`widest` is the objective (mean over a group), `feasible` a share of the instances,
    `published` the objective of `against` on the same instances."""

    widest: float | None = None
    feasible: float | None = None
    published: float | None = None
    stopped: str | None = None


def main(*, as_json: bool, rest: Sequence[str]) -> int:
    """Options: `--data FOLDER`, `--seconds N` for an instance (60), `--only PART` of a name,
    `--most N` instances of a group, `--against METHOD` (LNS-600s), `--tries N`, `--seed N`."""
    asked = options(
        "dtdp",
        rest,
        data=Path,
        seconds=SECONDS,
        only="",
        most=1_000,
        against="LNS-600s",
        tries=TRIES,
        seed=0,
    )
    if asked.data is None:
        sys.stderr.write("--data FOLDER (instances/*/*.graphml, published_results.csv)\n")
        return 2
    folder: Path = asked.data
    files = sorted(folder.rglob("*.graphml"))
    groups: dict[str, list[Path]] = {}
    for file in files:
        if asked.only in file.name:
            groups.setdefault(file.parent.name, []).append(file)
    if not groups:
        sys.stderr.write(f"{folder} has no *.graphml\n")
        return 1
    method: str = asked.against
    published = _published(folder / "published_results.csv", method)
    for name, group in groups.items():
        rows: list[Designed] = []
        for row in _instances(group[: asked.most], published, method, asked):
            show(row, as_json=as_json)
            rows.append(row)
        show(_whole(name, rows, method), as_json=as_json)
    return 0


def _instances(
    files: Sequence[Path],
    published: dict[str, float],
    method: str,
    asked: Namespace,
) -> Iterator[Designed]:
    for file in files:
        network = read_graphml(file.read_bytes())
        budget = Budget(asked.tries, asked.seconds)
        began = perf_counter()
        made = divide(
            network,
            TERRITORIES,
            tolerance=TOLERANCE,
            seed=asked.seed,
            budget=budget,
        )
        took = perf_counter() - began
        widest, beyond, whole = judge(network, made.label, TERRITORIES, TOLERANCE)
        theirs = published.get(file.stem)
        yield Designed(
            f"dtdp {file.stem}",
            made.tries,
            round(took, 2),
            round(made.tries / took, 1),
            against=None if theirs is None else method,
            widest=round(widest, 3),
            feasible=float(whole and beyond == 0.0),
            published=theirs,
            stopped=made.stopped,
        )


def _whole(name: str, rows: Sequence[Designed], method: str) -> Designed:
    """A group in the mean; the objective over its feasible divisions only."""
    right = [row for row in rows if row.feasible == 1.0]
    theirs = [row.published for row in right if row.published is not None]
    seconds = sum(row.seconds for row in rows)
    return Designed(
        f"dtdp {name}",
        len(rows),
        round(seconds, 2),
        round(len(rows) / seconds, 4),
        against=method if theirs else None,
        widest=round(mean(row.widest or 0.0 for row in right), 3) if right else None,
        feasible=round(len(right) / len(rows), 4),
        published=round(mean(theirs), 3) if theirs else None,
    )


def _published(file: Path, method: str) -> dict[str, float]:
    if not file.is_file():
        return {}
    with file.open(encoding="utf-8", newline="") as lines:
        return {
            row["instance"]: float(row["objective"])
            for row in csv.DictReader(lines)
            if row["method"] == method and float(row["infeasibility"]) == 0.0
        }
