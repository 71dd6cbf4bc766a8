"""Random spanning trees, and what they are good for: a branch hangs together, and so does the
rest. Stairwells of one building lie together on most of them, so buildings stay whole."""

from collections.abc import Sequence
from random import Random

from wangge.solvers.microgrids.ground import Ground, bits


def spanning(ground: Ground, mask: int, rng: Random) -> list[tuple[int, int]]:
    """A random tree over a set, as (unit, its parent) from the root (parent -1) down. Units that
    do not hang together with the root are not in it."""
    edges: list[tuple[float, int, int]] = []
    parent = {unit: unit for unit in bits(mask)}
    building, chance = ground.building, rng.random
    for unit in parent:
        mine = building[unit]
        for other in ground.next_to[unit]:
            if other > unit and other in parent:
                edges.append(
                    (chance() * (0.2 if mine == building[other] else 1.0), unit, other)
                )
    edges.sort()

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    tree: dict[int, list[int]] = {unit: [] for unit in parent}
    left = len(parent) - 1
    for _, a, b in edges:
        ra, rb = root(a), root(b)
        if ra != rb:
            parent[ra] = rb
            tree[a].append(b)
            tree[b].append(a)
            left -= 1
            if not left:
                break
    start = next(iter(bits(mask)))
    order: list[tuple[int, int]] = [(start, -1)]
    for unit, before in order:
        order += [(other, unit) for other in tree[unit] if other != before]
    return order


def branches(ground: Ground, mask: int, rng: Random) -> list[tuple[int, float]]:
    """All proper branches of one random tree: the set of units and its work."""
    order = spanning(ground, mask, rng)
    below = {unit: 1 << unit for unit, _ in order}
    load = {unit: ground.load[unit] for unit, _ in order}
    for unit, before in reversed(order):
        if before >= 0:
            below[before] |= below[unit]
            load[before] += load[unit]
    return [(below[unit], load[unit]) for unit, before in order if before >= 0]


def cut_into(
    ground: Ground, mask: int, count: int, homes: Sequence[int], rng: Random, tries: int = 5
) -> list[int]:
    """Cut a connected set into so many connected ones of like work, by halves and halves again.

    `homes` are the sets (masks of one unit) that should lie in parts of their own. Fewer parts
    come back only where there are fewer units than parts.
    """
    count = min(count, mask.bit_count())
    if count <= 1:
        return [mask]
    whole = sum(ground.load[unit] for unit in bits(mask))
    mean = whole / count or 1.0
    inside = [home for home in homes if home & mask]
    best: tuple[float, int, int] | None = None
    size = mask.bit_count()
    for _ in range(tries):
        for branch, load in branches(ground, mask, rng):
            units = branch.bit_count()
            wish = round(load / mean)
            cut = -1
            for parts in {max(1, min(count - 1, wish + d)) for d in (-1, 0, 1)}:
                if units < parts or size - units < count - parts:
                    continue
                here = sum(1 for home in inside if home & branch)
                lacking = max(0, here - parts) + max(0, len(inside) - here - (count - parts))
                uneven = abs(load - parts * mean) / mean / min(parts, count - parts)
                worth = uneven + 2 * lacking + 0.02 * abs(count - 2 * parts)
                if best is not None and worth > best[0]:
                    continue
                # Looked at only where it can still matter.
                cut = _cut_houses(ground, branch, mask) if cut < 0 else cut
                worth += 0.15 * cut
                if best is None or (worth, branch, parts) < best:
                    best = (worth, branch, parts)
    if best is None:
        return [mask]
    _, branch, parts = best
    return [
        *cut_into(ground, branch, parts, homes, rng, tries),
        *cut_into(ground, mask & ~branch, count - parts, homes, rng, tries),
    ]


def _cut_houses(ground: Ground, branch: int, mask: int) -> int:
    """How many buildings a cut goes through: where an edge inside of a building leaves it."""
    cut: set[int] = set()
    for unit in bits(branch):
        for other in bits(ground.adjacent[unit] & mask & ~branch):
            if ground.building[other] == ground.building[unit]:
                cut.add(ground.building[unit])
    return len(cut)
