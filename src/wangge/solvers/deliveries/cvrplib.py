"""CVRPLIB files (TSPLIB format, EUC_2D): read, solved, judged, written, so that anybody can compare."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

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
    """Unreadable where it is no such file."""
    text = raw.decode("utf-8", "replace")
    head = dict(re.findall(r"^\s*([A-Z_]+)\s*:\s*(.*?)\s*$", text, re.MULTILINE))
    kind = head.get("EDGE_WEIGHT_TYPE", "")
    if kind != "EUC_2D":
        raise Unreadable([said("EDGE_WEIGHT_TYPE 要是 EUC_2D,文件里是“{kind}”。", kind=kind)])
    try:
        size, capacity = int(head["DIMENSION"]), int(head["CAPACITY"])
        rows = {int(n): (float(x), float(y)) for n, x, y in _section(text, "NODE_COORD", 3)}
        wants = {int(n): int(float(d)) for n, d in _section(text, "DEMAND", 2)}
        depot = next((int(one[0]) for one in _section(text, "DEPOT", 1)), 1)
    except (KeyError, ValueError, OverflowError) as wrong:
        raise Unreadable([said("这个文件读不懂:{what}。", what=str(wrong))]) from wrong
    if not 2 <= size <= POINTS_MAX:
        raise Unreadable([said("点数要在 2 到 {most} 之间。", most=POINTS_MAX)])
    if len(rows) != size or set(wants) != set(rows) or depot not in rows:
        raise Unreadable([said("坐标、需求和点数对不上。")])
    if any(one < 0 or one > capacity for one in wants.values()):
        raise Unreadable([said("有一个点的需求是负数,或者超过一车装的。")])
    if not 0 < capacity <= NUMBER_MAX or any(
        not -NUMBER_MAX <= one <= NUMBER_MAX for point in rows.values() for one in point
    ):
        raise Unreadable([said("坐标和一车装的都要在 {most} 以内。", most=NUMBER_MAX)])
    order = [depot, *(n for n in sorted(rows) if n != depot)]
    name = head.get("NAME", "").strip().strip('"')
    return Instance(
        name, capacity, tuple(rows[n] for n in order), tuple(wants[n] for n in order)
    )


def _section(text: str, name: str, width: int) -> list[list[str]]:
    found = re.search(rf"^\s*{name}(?:_SECTION)\s*$(.*?)(?=^\s*[A-Z]|\Z)", text, re.M | re.S)
    if found is None:
        return []
    rows = [line.split() for line in found[1].splitlines() if line.strip()]
    return [row[:width] for row in rows if row[0] != "-1"]


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
