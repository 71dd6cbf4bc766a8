"""A division by growing and cooling: far-apart seeds, then moves of single nodes and of whole branches that
hang on them; a hotter search takes worse ones too, and cools down.
"""

from collections.abc import Sequence
from math import exp
from random import Random

from wangge.solvers.running import Budget
from wangge.solvers.territories.ground import Ground

#: Territories grow so often anew from their middles.
GROWTHS = 8
#: How much more the widest counts than the next.
POWER = 12
#: What imbalance costs at first, against the widest distance.
PRICE = 0.3
#: While something is unbalanced, one try in so many cuts two territories anew; so often although
#: that is worse.
RECUT = 10
WORSE = 0.05


class Search:
    """One division on its way; `best` is the best label so far."""

    def __init__(self, ground: Ground, p: int, tolerance: float, rng: Random) -> None:
        self.n, self.p, self.tolerance, self.rng = len(ground), p, tolerance, rng
        self.far, self.near = ground.far, ground.near
        # Each kind as a share of its mean, so that 1 is what a territory should have.
        self.work = [
            tuple(kind[n] * p / sum(kind) for kind in ground.network.work if sum(kind))
            for n in range(self.n)
        ]
        self.label: list[int] = []
        self.inside: list[set[int]] = []
        self.sums: list[list[float]] = []
        self.clear()
        self.wide: list[tuple[float, int]] = [(0.0, -1)] * p
        self.best: list[int] = []
        self.best_widest = self.best_unbalanced = float("inf")

    def grow(self) -> None:
        """Far-apart seeds, then some times anew from the middle of what grew; the best is kept."""
        seeds = [min(range(self.n), key=lambda n: sum(self.far[n]))]
        while len(seeds) < self.p:
            # Nodes at no distance from one another are still several.
            others = [n for n in range(self.n) if n not in seeds]
            seeds.append(max(others, key=lambda n: min(self.far[s][n] for s in seeds)))
        kept: tuple[float, list[int]] | None = None
        for _ in range(GROWTHS):
            self.grow_from(seeds)
            groups = [sorted(group) for group in self.inside]
            widest = max(self.width(group)[0] for group in groups)
            if kept is None or widest < kept[0]:
                kept = widest, list(self.label)
            seeds = [
                min(group, key=lambda n: (max(map(self.far[n].__getitem__, group)), n))
                for group in groups
            ]
        assert kept is not None
        self.clear()
        for node, t in enumerate(kept[1]):
            self.put([node], t)

    def clear(self) -> None:
        """Nothing belongs anywhere."""
        self.label = [-1] * self.n
        self.inside = [set() for _ in range(self.p)]
        self.sums = [[0.0] * len(self.work[0]) for _ in range(self.p)]

    def grow_from(self, seeds: Sequence[int]) -> None:
        """The territory with least work takes the node beside it that is nearest to its seed."""
        self.clear()
        for t, seed in enumerate(seeds):
            self.put([seed], t)
        left = self.n - self.p
        edges = [list(self.near[seed]) for seed in seeds]
        while left:
            for t in sorted(range(self.p), key=lambda t: sum(self.sums[t])):
                edges[t] = [n for n in dict.fromkeys(edges[t]) if self.label[n] < 0]
                if edges[t]:
                    node = min(edges[t], key=self.far[seeds[t]].__getitem__)
                    self.put([node], t)
                    edges[t] += self.near[node]
                    left -= 1
                    break
            else:
                raise ValueError("the network does not hang together")

    def put(self, nodes: Sequence[int], to: int) -> None:
        for node in nodes:
            old = self.label[node]
            if old >= 0:
                self.inside[old].discard(node)
                self.sums[old] = [
                    a - b for a, b in zip(self.sums[old], self.work[node], strict=True)
                ]
            self.label[node] = to
            self.inside[to].add(node)
            self.sums[to] = [a + b for a, b in zip(self.sums[to], self.work[node], strict=True)]

    def width(self, nodes: Sequence[int]) -> tuple[float, int]:
        """The largest distance inside of a set, and one end of it."""
        return max(
            ((max(map(self.far[one].__getitem__, nodes)), one) for one in nodes),
            default=(0.0, -1),
        )

    def beyond(self, sums: Sequence[float]) -> float:
        """How far a territory's work lies beyond the tolerance, over its kinds; far is worse."""
        total = 0.0
        for one in sums:
            over = abs(one - 1) - self.tolerance
            if over > 0:
                total += over + 4 * over * over
        return total

    def branch(self, node: int) -> list[int]:
        """A node and what would be cut off from its territory without it: all pieces but the
        largest."""
        t = self.label[node]
        inside = self.inside[t]
        beside = [n for n in self.near[node] if self.label[n] == t]
        if len(beside) < 2:
            return [node]
        pieces: list[set[int]] = []
        for start in beside:
            if any(start in piece for piece in pieces):
                continue
            piece, stack = {start}, [start]
            while stack:
                for other in self.near[stack.pop()]:
                    if other != node and other in inside and other not in piece:
                        piece.add(other)
                        stack.append(other)
            pieces.append(piece)
            if not pieces[1:] and len(piece) == len(inside) - 1:
                return [node]
        pieces.sort(key=lambda one: (len(one), min(one)))
        return [node, *sorted(n for piece in pieces[:-1] for n in piece)]

    def cool(self, budget: Budget) -> None:
        """Take worse divisions less and less often; remember the best. Half of the tries take an
        end of a widest way, the others any node."""
        rng = self.rng
        self.wide = [self.width(sorted(group)) for group in self.inside]
        off = [self.beyond(sums) for sums in self.sums]
        scale = max(self.wide)[0] or 1.0
        self.remember(off)
        heat = price = scale
        while budget.spend("cool"):
            if budget.used % 64 == 1:
                # First what is wide may be mended at the price of balance, later no more.
                gone = min(1.0, budget.gone())
                heat = scale * 0.03 * (1 - gone) ** 2 + 1e-9
                price = scale * (PRICE + 8.0 * gone)
            if budget.used % RECUT == 0 and sum(off) > 1e-9:
                self.recut(off)
                self.remember(off)
                continue
            if rng.random() < 0.5:
                order = sorted(range(self.p), key=lambda t: -self.wide[t][0])
                node = self.end(order[min(self.p - 1, int(rng.expovariate(1.0)))])
            else:
                node = rng.randrange(self.n)
            old = self.label[node]
            others = sorted({self.label[n] for n in self.near[node]} - {old})
            if not others:
                continue
            new = rng.choice(others)
            moved = self.branch(node)
            if len(moved) >= len(self.inside[old]):
                continue
            before = self.worth(old, new, self.wide[old][0], self.wide[new][0])
            self.put(moved, new)
            beyond = self.beyond(self.sums[old]), self.beyond(self.sums[new])
            joined = self.inside[new]
            widest = max(
                self.wide[new],
                *((max(map(self.far[one].__getitem__, joined)), one) for one in moved),
            )
            rest = self.wide[old]
            after = self.worth(old, new, 0.0, widest[0])
            gain = after - before + price * (sum(beyond) - off[old] - off[new])
            # What cannot be good even if the old one shrank to nothing is not looked at closer.
            taken = gain <= 0 or rng.random() < exp(-gain / heat)
            if taken:
                left = self.inside[old]
                # Only who loses one end of its widest way may become narrower.
                if any(
                    max(map(self.far[o].__getitem__, left)) >= rest[0] - 1e-9 for o in moved
                ):
                    rest = self.width(sorted(left))
                after = self.worth(old, new, rest[0], widest[0])
                gain = after - before + price * (sum(beyond) - off[old] - off[new])
                taken = gain <= 0 or rng.random() < exp(-gain / heat)
            if taken:
                self.wide[old], self.wide[new] = rest, widest
                off[old], off[new] = beyond
                self.remember(off)
            else:
                self.put(moved, old)

    def recut(self, off: list[float]) -> None:
        """Cut an unbalanced territory and a neighbour anew, along the edge of a random tree that
        balances them best: on street networks single nodes come to nothing."""
        rng = self.rng
        bad = [t for t, beyond in enumerate(off) if beyond > 1e-9]
        one = rng.choice(bad) if bad else rng.randrange(self.p)
        around = sorted({self.label[o] for n in self.inside[one] for o in self.near[n]} - {one})
        if not around:
            return
        other = rng.choice(around)
        both = self.inside[one] | self.inside[other]
        start = min(both)
        parent = {start: -1}
        order: list[int] = []
        waiting = [(start, -1)]
        while waiting:
            at = rng.randrange(len(waiting))
            waiting[at], waiting[-1] = waiting[-1], waiting[at]
            node, before = waiting.pop()
            if before >= 0 and node in parent:
                continue
            parent[node] = before
            order.append(node)
            waiting += [(o, node) for o in self.near[node] if o in both and o not in parent]
        sums = {node: list(self.work[node]) for node in order}
        for node in reversed(order):
            if parent[node] >= 0:
                above = sums[parent[node]]
                for kind, amount in enumerate(sums[node]):
                    above[kind] += amount
        whole = sums[start]
        worth, chosen = min(
            (
                self.beyond(sums[node])
                + self.beyond([w - s for w, s in zip(whole, sums[node], strict=True)]),
                node,
            )
            for node in order[1:]
        )
        if worth > off[one] + off[other] and rng.random() > WORSE:
            return
        branch = {chosen}
        for node in order:
            if parent[node] in branch:
                branch.add(node)
        rest = both - branch
        first, second = (
            (one, other)
            if len(branch & self.inside[one]) * 2 > len(branch)
            else (
                other,
                one,
            )
        )
        self.put(sorted(branch), first)
        self.put(sorted(rest), second)
        for t in (one, other):
            self.wide[t] = self.width(sorted(self.inside[t]))
            off[t] = self.beyond(self.sums[t])

    def end(self, t: int) -> int:
        """One of the two ends of the widest way of a territory."""
        one = self.wide[t][1]
        if self.rng.random() < 0.5:
            return one
        return max(sorted(self.inside[t]), key=self.far[one].__getitem__)

    def worth(self, old: int, new: int, wide_old: float, wide_new: float) -> float:
        """What counts is the widest territory; a little, all that are nearly as wide."""
        total = wide_old**POWER + wide_new**POWER
        for t, (wide, _) in enumerate(self.wide):
            if t not in (old, new):
                total += wide**POWER
        return float(total ** (1 / POWER))

    def remember(self, off: Sequence[float]) -> None:
        widest, beyond = max(self.wide)[0], sum(off)
        if beyond < 1e-9:
            beyond = 0.0
        if (beyond, widest) < (self.best_unbalanced, self.best_widest):
            self.best, self.best_widest, self.best_unbalanced = list(self.label), widest, beyond
