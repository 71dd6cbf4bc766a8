"""Some territories that touch are put together, a random tree is drawn over them, and of all ways to cut it
into as many pieces the best is found from its leaves to its root, balance and width looked at at once. On
street networks, where a node that moves alone cuts a territory in two, that is what balances the work.
Chance is added to what a piece costs, less and less of it (perturb and choose, then cool).
"""

from math import log
from random import Random
from typing import Any

import numpy as np

from wangge.solvers.running import Budget
from wangge.solvers.territories.ground import Ground

#: Territories that are cut anew together, by chance.
TOGETHER = (2, 2, 3, 3, 4, 5)
#: How much chance is added at first and at last, in means of work; in so many cuts.
HOT, COLD = 0.03, 0.003
ROUND = 10_000
#: So many ways to cut are kept at a node of the tree.
KEPT = 24
#: How much longer a street counts that leads from one territory to another, by chance: with the last the
#: cut there is can always be found again.
STICKS = (0.2, 0.5, 2.0, 2.0)
#: How much worse a cut may be, in chances; never worse than this in sum.
SLACK, WORST = 5.0, 0.4
#: One cut counts as so many tries.
TRIES = 40

#: What it costs, how many pieces are cut off, the three sums of what is not, its nodes and the nodes that are
#: too far from one of them as bits, the pieces.
_Way = tuple[float, int, float, float, float, int, int, Any]


class Recut:
    """`label` is the best division so far, `unbalanced` how far it lies beyond the tolerance."""

    def __init__(
        self,
        ground: Ground,
        p: int,
        tolerance: float,
        label: list[int],
        width: float,
        rng: Random,
    ) -> None:
        self.ground, self.p, self.tolerance, self.rng = ground, p, tolerance, rng
        kinds = [kind for kind in ground.network.work if sum(kind)]
        # Three of them in any case: a kind that counts twice changes nothing about what is balanced.
        kinds = (kinds * 3)[:3] if len(kinds) < 3 else kinds
        self.work = [
            (a * p / sum(kinds[0]), b * p / sum(kinds[1]), c * p / sum(kinds[2]))
            for a, b, c in zip(*kinds, strict=True)
        ]
        self.apart = [_bits(row) for row in ground.ways > width + 1e-9]
        self.at = list(label)
        self.inside = [[n for n, t in enumerate(label) if t == one] for one in range(p)]
        self.off = [self.beyond(nodes) for nodes in self.inside]
        self.label, self.unbalanced = list(label), sum(self.off)

    def cool(self, budget: Budget) -> None:
        """Cut anew until the work is balanced, hot and colder, then hot again."""
        count = 0
        while self.unbalanced > 0 and budget.spend("deal", TRIES):
            self.again(HOT * (COLD / HOT) ** (count % ROUND / ROUND))
            count += 1
            now = sum(self.off)
            if now < self.unbalanced:
                self.label, self.unbalanced = list(self.at), now

    def beyond(self, nodes: list[int]) -> float:
        sums = (sum(self.work[n][kind] for n in nodes) for kind in range(3))
        off = sum(max(0.0, abs(one - 1) - self.tolerance - 1e-12) for one in sums)
        return off if off > 1e-9 else 0.0

    def again(self, heat: float) -> None:
        """Cut some territories anew."""
        rng, near, at = self.rng, self.ground.near, self.at
        bad = [t for t in range(self.p) if self.off[t] > 0]
        chosen = [rng.choice(bad) if rng.random() < 0.5 else rng.randrange(self.p)]
        size = min(self.p, rng.choice(TOGETHER))
        while len(chosen) < size:
            some = set(chosen)
            around = {at[o] for t in chosen for n in self.inside[t] for o in near[n]} - some
            chosen.append(rng.choice(sorted(around)))
        off = sum(self.off[t] for t in chosen)
        order, kids = self.tree(chosen, rng.choice(STICKS))
        found = self.cut(order, kids, len(chosen), min(off + SLACK * heat, WORST), heat)
        if found is None:
            return
        # A piece keeps the name of the territory that most of it was, as far as that is free.
        for t in chosen:
            mine = max(found, key=lambda piece: sum(at[n] == t for n in piece))
            found.remove(mine)
            self.inside[t], self.off[t] = mine, self.beyond(mine)
        for t in chosen:
            for n in self.inside[t]:
                at[n] = t

    def tree(self, chosen: list[int], stick: float) -> tuple[list[int], dict[int, list[int]]]:
        """A random tree over some territories: its nodes from the root on, and who hangs on whom."""
        random, near, at = self.rng.random, self.ground.near, self.at
        some = set(chosen)
        nodes = [n for t in chosen for n in self.inside[t]]
        streets = sorted(
            (random() + (0.0 if at[a] == at[b] else stick), a, b)
            for a in nodes
            for b in near[a]
            if a < b and at[b] in some
        )
        up = {n: n for n in nodes}
        beside: dict[int, list[int]] = {n: [] for n in nodes}
        left = len(nodes) - 1
        for _, a, b in streets:
            x, y = a, b
            while up[x] != x:
                up[x] = x = up[up[x]]
            while up[y] != y:
                up[y] = y = up[up[y]]
            if x != y:
                up[x] = y
                beside[a].append(b)
                beside[b].append(a)
                left -= 1
                if not left:
                    break
        order = [nodes[int(random() * len(nodes))]]
        for node in order:
            for other in beside[node]:
                beside[other].remove(node)
                order.append(other)
        return order, beside

    def cut(
        self,
        order: list[int],
        kids: dict[int, list[int]],
        count: int,
        bound: float,
        heat: float,
    ) -> list[list[int]] | None:
        """The best way to cut a tree into `count` pieces; None where none costs less than `bound`."""
        least, most = 1 - self.tolerance - bound, 1 + self.tolerance + bound
        random = self.rng.random
        ways: dict[int, list[_Way]] = {}
        for node in reversed(order):
            first, second, third = self.work[node]
            here: list[_Way] = [
                (0.0, 0, first, second, third, 1 << node, self.apart[node], None)
            ]
            for kid in kids[node]:
                here = _joined(here, ways.pop(kid), bound, most)
                if len(here) > KEPT:
                    here.sort(key=lambda way: way[0] + heat * random())
                    del here[KEPT:]
                if not here:
                    return None
            # Of those that are closed here only what they cost and how many they are is left.
            closed: dict[int, _Way] = {}
            for cost, pieces, a, b, c, mask, _, before in here:
                if pieces >= count or a < least or b < least or c < least:
                    continue
                cost += self.over(a, b, c) - heat * (log(random() + 1e-12) + 1)
                if cost <= bound and (pieces not in closed or cost < closed[pieces][0]):
                    closed[pieces] = (cost, pieces + 1, 0.0, 0.0, 0.0, 0, 0, (mask, before))
            if node == order[0]:
                return _pieces(closed[count - 1][7]) if count - 1 in closed else None
            ways[node] = [*here, *closed.values()]
        return None

    def over(self, a: float, b: float, c: float) -> float:
        off, tolerance = 0.0, self.tolerance
        for one in (a, b, c):
            if one > 1:
                off += max(0.0, one - 1 - tolerance)
            else:
                off += max(0.0, 1 - one - tolerance)
        return off


def _joined(here: list[_Way], kid: list[_Way], bound: float, most: float) -> list[_Way]:
    """Each way with each way of a kid: its open piece joins, or it has none."""
    new: list[_Way] = []
    for cost, pieces, a, b, c, mask, far, before in here:
        for more, others, x, y, z, nodes, apart, after in kid:
            both = (before, after) if before and after else before or after
            if not nodes:
                if cost + more <= bound:
                    new.append((cost + more, pieces + others, a, b, c, mask, far, both))
            elif a + x <= most and b + y <= most and c + z <= most and not apart & mask:
                new.append(
                    (
                        cost + more,
                        pieces + others,
                        a + x,
                        b + y,
                        c + z,
                        mask | nodes,
                        far | apart,
                        both,
                    )
                )
    return new


def _pieces(found: Any) -> list[list[int]]:
    """The pieces of a way as lists of nodes."""
    pieces: list[list[int]] = []
    waiting = [found]
    while waiting:
        one = waiting.pop()
        if one is None:
            continue
        if isinstance(one[0], int):
            mask = one[0]
            bits = np.frombuffer(mask.to_bytes(mask.bit_length() // 8 + 1, "little"), np.uint8)
            pieces.append(np.flatnonzero(np.unpackbits(bits, bitorder="little")).tolist())
            waiting.append(one[1])
        else:
            waiting += one
    return pieces


def _bits(row: Any) -> int:
    return int.from_bytes(np.packbits(row, bitorder="little").tobytes(), "little")
