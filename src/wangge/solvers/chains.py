"""Chains of contacts as graphs by days: who hangs together, and where each is drawn. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from wangge.solvers.contacts import Entry


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an entry is drawn: the column of its day (from 0, in order), its lane; `day` is when it
    fell ill, or else its last contact; None where nothing is said, in the last column."""

    id: str
    column: int
    lane: int
    day: date | None


@dataclass(frozen=True, slots=True)
class Line:
    """A contact between two entries; `directed` from a source to whoever had the contact."""

    a: str
    b: str
    directed: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """The dated graph of a chain: a column a day that something is dated to."""

    days: tuple[date | None, ...]
    spots: tuple[Spot, ...]
    lines: tuple[Line, ...]
    lanes: int


def day_of(entry: Entry) -> date | None:
    """When an entry fell ill, else its last contact, else its first."""
    return entry.onset or entry.end or entry.start


def lines_of(entries: Sequence[Entry]) -> list[Line]:
    """Every contact between two entries, once; one that a source explains is that."""
    there = {entry.id for entry in entries}
    lines: dict[tuple[str, str], bool] = {}
    for entry in entries:
        for source in entry.sources:
            if source in there and source != entry.id:
                lines[source, entry.id] = True
    for entry in entries:
        for other in entry.linked:
            if (
                other in there
                and other != entry.id
                and (other, entry.id) not in lines
                and (entry.id, other) not in lines
            ):
                lines[entry.id, other] = False
    return [Line(a, b, directed) for (a, b), directed in lines.items()]


def chains(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Entries that hang together, the longest chain first; who names nobody and whom nobody names is
    in none. Of entries with one number the first counts."""
    first: dict[str, Entry] = {}
    for entry in entries:
        first.setdefault(entry.id, entry)
    head: dict[str, str] = {}

    def find(id_: str) -> str:
        while head.setdefault(id_, id_) != id_:
            head[id_] = head[head[id_]]
            id_ = head[id_]
        return id_

    for line in lines_of(list(first.values())):
        head[find(line.b)] = find(line.a)
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    for id_, entry in first.items():
        if id_ in head:
            found[find(id_)].append(entry)
    return sorted(found.values(), key=len, reverse=True)


def earliest(entries: Sequence[Entry], most: int) -> list[Entry]:
    """So many of a chain, by their days; those without a day last."""
    if len(entries) <= most:
        return list(entries)
    dated = sorted(entries, key=lambda one: day_of(one) or date.max)
    return dated[:most]


def draw(entries: Sequence[Entry]) -> Drawing:
    """Entries as a graph by days; who has no line is left out. In a column, whoever hangs on somebody
    further left is drawn near them."""
    first = {entry.id: entry for entry in reversed(entries)}
    lines = lines_of([entry for entry in entries if first[entry.id] is entry])
    beside: defaultdict[str, list[str]] = defaultdict(list)
    for line in lines:
        beside[line.a].append(line.b)
        beside[line.b].append(line.a)
    named = [id_ for id_ in dict.fromkeys(entry.id for entry in entries) if id_ in beside]
    dated = {id_: day_of(first[id_]) for id_ in named}
    days: list[date | None] = [*sorted({day for day in dated.values() if day})]
    if None in dated.values():
        days.append(None)
    column_of = {day: at for at, day in enumerate(days)}
    columns: list[list[str]] = [[] for _ in days]
    for id_ in named:
        columns[column_of[dated[id_]]].append(id_)
    lane: dict[str, int] = {}
    for column in columns:
        column.sort(key=lambda id_: _near(beside[id_], lane))
        lane |= {id_: at for at, id_ in enumerate(column)}
    spots = tuple(Spot(id_, column_of[dated[id_]], lane[id_], dated[id_]) for id_ in named)
    return Drawing(tuple(days), spots, tuple(lines), max(map(len, columns), default=0))


def _near(others: Sequence[str], lane: Mapping[str, int]) -> float:
    placed = [lane[other] for other in others if other in lane]
    return sum(placed) / len(placed) if placed else float("inf")
