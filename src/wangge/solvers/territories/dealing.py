"""Some territories taken apart together and their nodes dealt out anew by CP-SAT: no two further apart than
asked, every kind of work within the tolerance, every node reached from the middle of its territory over
nodes of it that lie nearer. That last is more than hanging together, so "none" is no proof; other middles
and other ways are tried then.
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from math import ceil, floor, inf
from random import Random
from typing import Any

import numpy as np

from wangge.solvers.territories.ground import Ground

#: Middles are drawn from so many of the best.
MIDDLES = 3
#: How much longer a way counts that leaves the territory there is, at most.
STRAY, FAR = 3.0, 1_000.0
#: Work that is no whole number is counted in so many parts of the mean.
FINE = 1_000_000


@dataclass(frozen=True, slots=True)
class Shares:
    """What a kind of work may come to in a territory, in whole numbers: `amount[node]`, at least, at most."""

    amount: list[int]
    low: int
    high: int
    mean: float


def shares_of(ground: Ground, p: int, tolerance: float) -> list[Shares]:
    """The kinds of work that there are any of."""
    found: list[Shares] = []
    for kind in ground.network.work:
        if not sum(kind):
            continue
        whole = all(one == int(one) for one in kind)
        scale = 1.0 if whole else FINE * p / sum(kind)
        amount = [round(one * scale) for one in kind]
        mean = sum(kind) * scale / p
        # What was rounded off stays on the safe side.
        safe = 0 if whole else len(kind) // 2 + 1
        found.append(
            Shares(
                amount,
                ceil(mean * (1 - tolerance) - 1e-9 * mean) + safe,
                floor(mean * (1 + tolerance) + 1e-9 * mean) - safe,
                mean,
            )
        )
    return found


def deal(
    ground: Ground,
    shares: Sequence[Shares],
    label: Sequence[int],
    chosen: Sequence[int],
    width: float,
    rng: Random,
    *,
    effort: float,
    seconds: float | None,
    balance: bool,
    otherwise: bool,
    reach: float,
    middles: Mapping[int, int] | None = None,
    stay: Mapping[int, tuple[int, int]] | None = None,
    beyond_costs: int = 1,
) -> list[int] | None:
    """Deal the nodes of the `chosen` territories out among them, none wider than `width`; None
    where that was not found. With `balance` the work may lie beyond the tolerance, as little as can be;
    `otherwise` they come where chance has them, as far as may be. `reach` is how far a territory may go from
    its middle, over how far it goes. `middles` are told where they are
    known. With `balance`, a node that does not `stay` (its territory, what that costs) costs so much, and a
    mean of work beyond the tolerance `beyond_costs`. `effort` is the library's own measure of work, the
    same everywhere; `seconds` a cap."""
    # Loaded by whoever solves, never by importing this.
    cp_model: Any = import_module("ortools.sat.python.cp_model")
    model: Any = cp_model.CpModel()
    region = [node for node, t in enumerate(label) if t in set(chosen)]
    inside = set(region)
    mine: dict[int, dict[int, Any]] = {node: {} for node in region}
    reached: dict[int, list[int]] = {}
    for t in chosen:
        now = [node for node in region if label[node] == t]
        middle = (middles or {}).get(t, -1)
        if middle < 0:
            middle = _middle(ground, now, rng)
        far = ground.far[middle]
        most = min(width, max(max(far[node] for node in now), 0.55 * width) * reach)
        within = {node for node in inside if far[node] <= most}
        key = _ways(ground, middle, within, set(now), rng)
        reached[t] = sorted(key)
        for node in reached[t]:
            mine[node][t] = model.new_bool_var("")
        for node in reached[t]:
            if node == middle:
                model.add(mine[node][t] == 1)
                continue
            nearer = [
                mine[other][t] for other in ground.near[node] if key.get(other, inf) < key[node]
            ]
            model.add_bool_or([*nearer, ~mine[node][t]])
        _apart(model, ground, reached[t], [mine[node][t] for node in reached[t]], width)
    for node in region:
        if not mine[node]:
            return None
        model.add_exactly_one(mine[node].values())
        for t, var in mine[node].items():
            if not otherwise:
                model.add_hint(var, label[node] == t)
    excess: list[tuple[Any, int]] = []
    for share in shares:
        for t in chosen:
            total = cp_model.LinearExpr.weighted_sum(
                [mine[node][t] for node in reached[t]],
                [share.amount[node] for node in reached[t]],
            )
            if not balance:
                model.add_linear_constraint(total, share.low, share.high)
                continue
            most = sum(share.amount)
            off = model.new_int_var(0, most, "")
            model.add(total + off >= share.low)
            model.add(total - off <= share.high)
            excess.append((off, max(1, round(beyond_costs * FINE / share.mean))))
    if balance:
        for node, (t, weight) in (stay or {}).items():
            if t in mine.get(node, {}):
                excess.append((~mine[node][t], weight * FINE))
        model.minimize(
            cp_model.LinearExpr.weighted_sum([v for v, _ in excess], [w for _, w in excess])
        )
    elif otherwise:
        every = [var for some in mine.values() for var in some.values()]
        model.minimize(
            cp_model.LinearExpr.weighted_sum(every, [rng.randrange(10) for _ in every])
        )
    solver: Any = cp_model.CpSolver()
    asked = solver.parameters
    asked.num_workers = 1
    # Ctrl-C is for whoever called, not for one dealing of many.
    asked.catch_sigint_signal = False
    asked.random_seed = rng.randrange(1 << 30)
    asked.max_deterministic_time = effort
    if seconds is not None:
        asked.max_time_in_seconds = max(0.05, seconds)
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    after = list(label)
    for node in region:
        after[node] = next(t for t, var in mine[node].items() if solver.value(var))
    return after


def _middle(ground: Ground, nodes: Sequence[int], rng: Random) -> int:
    """One of the nodes from which it is not far to any other."""
    among = ground.ways[np.ix_(nodes, nodes)].max(axis=1)
    order = np.argsort(among, kind="stable")
    return nodes[int(order[rng.randrange(min(MIDDLES, len(nodes)))])]


def _ways(
    ground: Ground, start: int, within: set[int], now: set[int], rng: Random
) -> dict[int, float]:
    """How far each node lies from a middle when one walks over nodes that are `within` only; ways off the
    territory as it is count longer, each time by chance."""
    # Half of the time so long that the territory as it is stays possible.
    stray = rng.choice((rng.uniform(1.0, STRAY), FAR))
    key = {start: 0.0}
    done: set[int] = set()
    heap = [(0.0, start)]
    while heap:
        far, node = heapq.heappop(heap)
        if node in done:
            continue
        done.add(node)
        for other, way in zip(ground.near[node], ground.length[node], strict=True):
            if other not in within:
                continue
            on = far + (way + 1e-9) * (1.0 if other in now else stray)
            if on < key.get(other, inf):
                key[other] = on
                heapq.heappush(heap, (on, other))
    return key


def _apart(model: Any, ground: Ground, nodes: list[int], mine: list[Any], width: float) -> None:
    """Nodes further from one another than `width` are not both in it."""
    beyond = np.triu(ground.ways[np.ix_(nodes, nodes)] > width + 1e-9)
    for n, others in enumerate(beyond):
        far = np.flatnonzero(others).tolist()
        if far:
            model.add_bool_and([~mine[other] for other in far]).only_enforce_if(mine[n])


def widths(ground: Ground, label: Sequence[int], p: int) -> list[float]:
    """How wide each territory is."""
    of = np.asarray(label)
    return [
        float(ground.ways[np.ix_(group, group)].max())
        for group in (np.flatnonzero(of == t) for t in range(p))
    ]


def beyond(ground: Ground, label: Sequence[int], p: int, tolerance: float) -> list[float]:
    """How far each territory's work lies beyond the tolerance, over its kinds, as shares of the means."""
    of = np.asarray(label)
    found = np.zeros(p)
    for kind in ground.network.work:
        total = sum(kind)
        if total:
            share = np.bincount(of, weights=kind, minlength=p) * p / total
            found += np.maximum(0.0, abs(share - 1) - tolerance - 1e-12)
    return [float(one) for one in found]


def beside(ground: Ground, label: Sequence[int], chosen: Iterable[int]) -> list[int]:
    """The territories that touch the chosen ones."""
    some = set(chosen)
    return sorted(
        {
            label[other]
            for node, t in enumerate(label)
            if t in some
            for other in ground.near[node]
        }
        - some
    )
