"""CVRPLIB files (TSPLIB format, EUC_2D): read, solved, judged, written, so that anybody can compare."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot, isfinite

from wangge.solvers import routing
from wangge.solvers.files import Unreadable, refuse
from wangge.solvers.running import Budget
from wangge.solvers.words import Sentence, said

#: Larger files are refused: their tables of distances would not fit.
POINTS_MAX = 3_000
#: Coordinates and capacities beyond this are mistakes.
NUMBER_MAX = 10_000_000


@dataclass(frozen=True, slots=True)
class Instance:
    """Point 0 is the depot; distances are rounded to whole numbers, as the format says."""

    name: str
    capacity: int
    points: tuple[tuple[float, float], ...]
    demand: tuple[int, ...]


def read_instance(raw: bytes) -> Instance:
    """Unreadable where it is no such file, with the line where that can be said."""
    if not raw.strip():
        raise Unreadable([said("文件是空的。")])
    head, sections = _parts(raw.decode("utf-8-sig", "replace"))
    kind = head.get("EDGE_WEIGHT_TYPE", (0, ""))[1]
    if kind != "EUC_2D":
        raise Unreadable([said("EDGE_WEIGHT_TYPE 要是 EUC_2D,文件里是“{kind}”。", kind=kind)])
    found: list[Sentence] = []
    size, capacity = (_headed(head, name, found) for name in ("DIMENSION", "CAPACITY"))
    places = _rows(sections, "NODE_COORD", 3, found)
    demands = _rows(sections, "DEMAND", 2, found)
    depots = _rows(sections, "DEPOT", 1, found)
    refuse(found)
    if not 2 <= size <= POINTS_MAX:
        raise Unreadable([said("点数要在 2 到 {most} 之间。", most=POINTS_MAX)])
    rows = {int(n): (x, y) for n, x, y in places}
    wants = {int(n): int(demand) for n, demand in demands}
    depot = next((int(n) for (n,) in depots if n != -1), 1)
    if not len(places) == len(rows) == size or set(wants) != set(rows) or depot not in rows:
        raise Unreadable([said("坐标、需求和点数对不上。")])
    if any(one < 0 or one > capacity for one in wants.values()) or not capacity:
        raise Unreadable([said("有一个点的需求是负数,或者超过一车装的。")])
    order = [depot, *(n for n in sorted(rows) if n != depot)]
    name = head.get("NAME", (0, ""))[1].strip('"')
    return Instance(
        name, capacity, tuple(rows[n] for n in order), tuple(wants[n] for n in order)
    )


_Line = tuple[int, str]


def _parts(text: str) -> tuple[dict[str, _Line], dict[str, list[_Line]]]:
    """`NAME : value` by name, and the lines of each `NAME_SECTION`, all with their line's number."""
    head: dict[str, _Line] = {}
    sections: dict[str, list[_Line]] = {}
    rows: list[_Line] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line[:1].isalpha():
            if line and rows is not None:
                rows.append((number, line))
            continue
        key, _, value = line.partition(":")
        key = key.strip()
        if key == "EOF":
            break
        rows = None
        if key.endswith("_SECTION"):
            rows = sections.setdefault(key.removesuffix("_SECTION"), [])
        else:
            head[key] = number, value.strip()
    return head, sections


def _headed(head: dict[str, _Line], name: str, found: list[Sentence]) -> int:
    """A whole number of the file's head."""
    if name not in head:
        found.append(said("文件里没有 {key}。", key=name))
        return 0
    number, text = head[name]
    (value,) = _numbers(number, text, 1, 1, found) or (0.0,)
    return int(value)


def _rows(
    sections: dict[str, list[_Line]], name: str, width: int, found: list[Sentence]
) -> list[tuple[float, ...]]:
    """The rows of a section: so many numbers each, the first a point's; coordinates alone need not
    be whole."""
    whole = 1 if name == "NODE_COORD" else width
    read = (
        _numbers(number, text, width, whole, found) for number, text in sections.get(name, [])
    )
    return [row for row in read if row is not None]


def _numbers(
    line: int, text: str, width: int, whole: int, found: list[Sentence]
) -> tuple[float, ...] | None:
    """The numbers of a line, the first of them whole; what is wrong is added to `found`."""
    words = text.split()[:width]
    try:
        made = tuple(map(float, words))
    except ValueError:
        made = ()
    if len(made) != width or any(one != int(one) for one in made[:whole] if isfinite(one)):
        found.append(
            said(
                "第 {line} 行应有 {width} 个数,前 {whole} 个是整数。",
                line=line,
                width=width,
                whole=whole,
            )
        )
        return None
    if not all(-NUMBER_MAX <= one <= NUMBER_MAX for one in made):
        found.append(said("第 {line} 行的数要在 {most} 以内。", line=line, most=NUMBER_MAX))
        return None
    return made


def solve(instance: Instance, *, budget: Budget, seed: int = 0) -> list[list[int]]:
    """Tours by point number, the depot not named."""
    if not routing.there():
        raise Unreadable([said("这台机器没有装 pyvrp,不能算车的路线。")])
    points = instance.points
    metres = [[_nint(a, b) for b in points] for a in points]
    made = routing.rounds(
        metres,
        [[0.0] * len(points)] * len(points),
        service=[0.0] * len(points),
        demand=instance.demand,
        capacity=instance.capacity,
        vehicles=len(points) - 1,
        fewest=False,
        budget=budget,
        seed=seed,
    )
    return [list(route) for route in made.routes]


def judge(instance: Instance, tours: Sequence[Sequence[int]]) -> tuple[int, list[Sentence]]:
    """(length, what is wrong) of tours, counted anew from the points alone."""
    wrong: list[Sentence] = []
    length = 0
    seen: set[int] = set()
    for number, tour in enumerate(tours, 1):
        at, load = 0, 0
        for point in tour:
            if not 0 < point < len(instance.points):
                wrong.append(
                    said("第 {tour} 车去了不存在的点 {point}。", tour=number, point=point)
                )
                continue
            if point in seen:
                wrong.append(said("点 {point} 去了两次。", point=point))
            seen.add(point)
            load += instance.demand[point]
            length += _whole(instance.points[at], instance.points[point])
            at = point
        length += _whole(instance.points[at], instance.points[0])
        if load > instance.capacity:
            wrong.append(
                said(
                    "第 {tour} 车装了 {load},最多 {most}。",
                    tour=number,
                    load=load,
                    most=instance.capacity,
                )
            )
    missing = len(instance.points) - 1 - len(seen)
    if missing:
        wrong.append(said("有 {missing} 个点没有去。", missing=missing))
    return length, wrong


def _nint(a: tuple[float, float], b: tuple[float, float]) -> int:
    return int(hypot(a[0] - b[0], a[1] - b[1]) + 0.5)


def _whole(a: tuple[float, float], b: tuple[float, float]) -> int:
    return int(((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5 + 0.5)


def solution_text(tours: Sequence[Sequence[int]], length: int) -> str:
    """A CVRPLIB solution file."""
    lines = [
        f"Route #{number}: {' '.join(map(str, tour))}" for number, tour in enumerate(tours, 1)
    ]
    return "\n".join([*lines, f"Cost {length}", ""])


def read_solution(raw: bytes) -> tuple[list[list[int]], float | None]:
    """(tours, the length that the file states) of a CVRPLIB solution file; Unreadable for anything else."""
    text = raw.decode("utf-8-sig", "replace")
    tours: list[list[int]] = []
    stated: float | None = None
    found: list[Sentence] = []
    for number, line in enumerate(text.splitlines(), 1):
        if row := _ROUTE.match(line):
            points = row[1].split()
            # Longer numbers are no points of any file, and Python would not read them.
            if all(one.isascii() and one.isdigit() and len(one) < 10 for one in points):
                tours.append([int(one) for one in points])
            else:
                found.append(
                    said("第 {line} 行应是“Route #1: ”和点的编号,这里读不懂。", line=number)
                )
        elif cost := _COST.match(line):
            stated = float(cost[1])
    if not tours and not found:
        found.append(said("这不是 CVRPLIB 的 .sol 文件:没有“Route #1: …”这样的行。"))
    refuse(found)
    return tours, stated


_ROUTE = re.compile(r"\s*route\b[^:]*:(.*)", re.IGNORECASE)
_COST = re.compile(r"\s*cost\b[\s:]*(\d+(?:\.\d*)?)", re.IGNORECASE)
