"""A division on its way: which unit lies in which grid, what that costs, and the two moves that
make it better. Dividing two neighbouring grids anew moves single units, whole buildings and
whole dangling branches alike; where the two have few units, every division of them is tried."""

from collections.abc import Iterable, Sequence
from random import Random

from wangge.solvers.microgrids.ground import Ground, Weights, bits, reach
from wangge.solvers.microgrids.trees import branches

#: So many units of two grids are divided in every possible way; more, along random trees.
FEW = 10
TREES = 6
#: What so many sets cost is remembered: most grids stay as they are from one look to the next.
KNOWN = 50_000
Cut = tuple[int, int]


class Board:
    """`label[unit]` is the grid, -1 while it has none; `member[grid]` the set of its units."""

    def __init__(self, ground: Ground, weights: Weights, label: Sequence[int]) -> None:
        self.ground = ground
        self.weights = weights
        self.label = list(label)
        self.member = [0] * len(ground.grids)
        for unit, grid in enumerate(self.label):
            if grid >= 0:
                self.member[grid] |= 1 << unit
        self.kept = [0] * len(ground.grids)
        for unit, grid in enumerate(ground.today):
            if grid >= 0:
                self.kept[grid] |= 1 << unit
        self._known: dict[Cut, float] = {}
        self.x = [unit.x for unit in ground.units]
        self.y = [unit.y for unit in ground.units]

    def weigh(self, load: float) -> float:
        """What the work of one grid costs."""
        ground, weights = self.ground, self.weights
        ratio = load / ground.mean if ground.mean else 1.0
        cost = weights.even * (ratio - 1) ** 2
        if ratio > ground.heavy + 1e-9:
            over = ratio - ground.heavy
            cost += weights.step + weights.over * (over + over * over)
        elif ratio < ground.light - 1e-9:
            under = ground.light - ratio
            cost += weights.step + weights.under * (under + under * under)
        return cost

    def cost(self, grid: int, mask: int) -> float:
        """What it costs that a grid (-1: one without head and past) is this set of units."""
        known = self._known.get((grid, mask))
        if known is None:
            if len(self._known) > KNOWN:
                self._known.clear()
            known = self._known[grid, mask] = self._cost(grid, mask)
        return known

    def _cost(self, grid: int, mask: int) -> float:
        ground, weights = self.ground, self.weights
        load, touched = 0.0, set[int]()
        sx = sy = ss = 0.0
        count = 0
        today = self.kept[grid] if grid >= 0 else 0
        moved = 0
        for unit in bits(mask):
            load += ground.load[unit]
            touched.add(ground.building[unit])
            if not today >> unit & 1 and ground.today[unit] >= 0:
                moved += ground.households[unit]
            count += 1
            x, y = self.x[unit], self.y[unit]
            sx += x
            sy += y
            ss += x * x + y * y
        cost = self.weigh(load) + weights.building * len(touched)
        cost += weights.stability * moved / ground.mean_households
        home = ground.home[grid] if grid >= 0 else -1
        if home >= 0 and not mask >> home & 1:
            cost += weights.home
        if count:
            cost += weights.wide * (ss - (sx * sx + sy * sy) / count) / 3600 / count
        return cost

    def likely(self, mask: int) -> int:
        """The grid that a set would be: where a head lives in it, else of those without a home the one that
        most of its households are in today, -1 for none."""
        ground = self.ground
        for unit in bits(mask):
            for grid in ground.homes_in.get(unit, ()):
                return grid
        shared: dict[int, int] = {}
        for unit in bits(mask):
            grid = ground.today[unit]
            if grid >= 0 and ground.home[grid] < 0:
                shared[grid] = shared.get(grid, 0) + ground.households[unit]
        return max(shared, key=lambda grid: (shared[grid], -grid), default=-1)

    def total(self, grids: Iterable[int] | None = None) -> float:
        """What these grids cost, all when none are named."""
        chosen = range(len(self.member)) if grids is None else grids
        return sum(self.cost(grid, self.member[grid]) for grid in chosen)

    def set(self, grid: int, mask: int) -> None:
        """A grid is this set now (the caller keeps the sets apart)."""
        self.member[grid] = mask
        for unit in bits(mask):
            self.label[unit] = grid

    def around(self, grid: int) -> list[int]:
        """Grids next to a grid, by number."""
        near = 0
        mask = self.member[grid]
        for unit in bits(mask):
            near |= self.ground.adjacent[unit]
        return sorted({self.label[unit] for unit in bits(near & ~mask)} - {-1, grid})

    def divide_two(self, one: int, other: int, rng: Random) -> bool:
        """Divide two neighbouring grids anew; True when that made them better. Grids that do not
        touch are left as they are."""
        union = self.member[one] | self.member[other]
        # Two that no longer touch (one of them has changed) cannot be cut along a tree.
        if reach(union & -union, union, self.ground.adjacent) != union:
            return False
        before = self.cost(one, self.member[one]) + self.cost(other, self.member[other])
        cuts = (
            self._all_cuts(union, before)
            if union.bit_count() <= FEW
            else self._tree_cuts(union, rng)
        )
        best, chosen = before - 1e-9, None
        for a, b in cuts:
            for first, second in ((a, b), (b, a)):
                cost = self.cost(one, first)
                if cost < best:
                    cost += self.cost(other, second)
                    if cost < best:
                        best, chosen = cost, (first, second)
        if chosen is None:
            return False
        self.set(one, chosen[0])
        self.set(other, chosen[1])
        return True

    def _all_cuts(self, union: int, before: float) -> list[Cut]:
        """Divisions of a set into two connected ones that can be better than what is: the
        unevenness and the buildings alone must cost less. In numbers of their own, since small
        masks are faster."""
        ground, weights = self.ground, self.weights
        nodes = list(bits(union))
        at = {unit: n for n, unit in enumerate(nodes)}
        near = [
            sum(1 << at[other] for other in ground.next_to[unit] if union >> other & 1)
            for unit in nodes
        ]
        load = [ground.load[unit] for unit in nodes]
        whole = sum(load)
        houses: dict[int, int] = {}
        for n, unit in enumerate(nodes):
            houses[ground.building[unit]] = houses.get(ground.building[unit], 0) | 1 << n
        shared = [mask for mask in houses.values() if mask & (mask - 1)]
        base = weights.building * len(houses)
        full = (1 << len(nodes)) - 1
        bound = before - base
        found: list[Cut] = []
        stack: list[tuple[int, int, int, float]] = [(1, near[0], 1, load[0])]
        weigh, mean = self.weigh, ground.mean
        while stack:
            mask, front, banned, here = stack.pop()
            rest = full & ~mask
            mine = weigh(here)
            # Above the mean more work only costs more.
            if here > mean and mine >= bound:
                continue
            if rest:
                cost = mine + weigh(whole - here)
                if cost < bound:
                    for house in shared:
                        if house & mask and house & rest:
                            cost += weights.building
                    if cost < bound and reach(rest & -rest, rest, near) == rest:
                        found.append((mask, rest))
            front &= ~banned
            while front:
                low = front & -front
                front ^= low
                banned |= low
                n = low.bit_length() - 1
                stack.append((mask | low, (front | near[n]) & ~mask, banned, here + load[n]))
        return [(self._back(a, nodes), self._back(b, nodes)) for a, b in found]

    @staticmethod
    def _back(mask: int, nodes: Sequence[int]) -> int:
        return sum(1 << nodes[n] for n in bits(mask))

    def _tree_cuts(self, union: int, rng: Random) -> list[Cut]:
        """Every cut of some random trees: each gives two sets that hang together. Only the most
        even and those that cut no building are looked at closer."""
        ground = self.ground
        found: dict[int, tuple[float, Cut]] = {}
        whole = sum(ground.load[unit] for unit in bits(union))
        for _ in range(TREES):
            for branch, load in branches(ground, union, rng):
                rest = union & ~branch
                if rest and branch not in found:
                    rough = self.weigh(load) + self.weigh(whole - load)
                    found[branch] = (rough, (branch, rest))
        ordered = sorted(found.values(), key=lambda one: (one[0], one[1]))
        return [cut for _, cut in ordered[:24]]
