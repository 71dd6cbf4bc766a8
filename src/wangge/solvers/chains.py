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
    """Entries as a graph by days; who has no line is left out. Whoever hangs on somebody goes on in
    their lane when it is free to the right, the next in one of their own: no line runs along a lane
    through somebody it does not concern, unless days go backwards."""
    first = {entry.id: entry for entry in reversed(entries)}
    lines = lines_of([entry for entry in entries if first[entry.id] is entry])
    after: defaultdict[str, list[str]] = defaultdict(list)
    beside: defaultdict[str, list[str]] = defaultdict(list)
    for line in lines:
        after[line.a].append(line.b)
        beside[line.a].append(line.b)
        beside[line.b].append(line.a)
    named = [id_ for id_ in dict.fromkeys(entry.id for entry in entries) if id_ in beside]
    dated = {id_: day_of(first[id_]) for id_ in named}
    days: list[date | None] = [*sorted({day for day in dated.values() if day})]
    if None in dated.values():
        days.append(None)
    column = {day: at for at, day in enumerate(days)}
    place = {id_: (column[dated[id_]], at) for at, id_ in enumerate(named)}
    lane = _lanes(place, after, beside)
    spots = tuple(Spot(id_, place[id_][0], lane[id_], dated[id_]) for id_ in named)
    return Drawing(tuple(days), spots, tuple(lines), max(lane.values(), default=-1) + 1)


def _lanes(
    place: Mapping[str, tuple[int, int]],
    after: Mapping[str, Sequence[str]],
    beside: Mapping[str, Sequence[str]],
) -> dict[str, int]:
    """A lane for each entry, walked from the earliest along the lines, without recursion."""
    lane: dict[str, int] = {}
    last: list[str] = []  # who stands at the end of each lane
    for root in sorted(place, key=place.__getitem__):
        waits: list[tuple[str, str]] = [(root, "")]
        while waits:
            id_, before = waits.pop()
            if id_ in lane:
                continue
            at = lane.get(before, -1)
            if at < 0 or last[at] != before or place[before][0] >= place[id_][0]:
                at = len(last)
                last.append(id_)
            lane[id_], last[at] = at, id_
            following = [*after.get(id_, ()), *beside[id_]]
            near = sorted(dict.fromkeys(following), key=place.__getitem__, reverse=True)
            waits += [(other, id_) for other in near if other not in lane]
    return lane
