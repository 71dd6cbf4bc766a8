"""The fewest households that get another head, of a whole community at once and proved by CP-SAT: grids that
are too heavy give away, what has no grid gets one, each grid hangs together and keeps its head's home."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal

from wangge.solvers.microgrids.board import Board
from wangge.solvers.microgrids.ground import bits, components, reach
from wangge.solvers.microgrids.lightening import heavy

#: A stairwell joins a grid at most so many steps away from what that grid has; farther only where one without
#: a grid is farther away.
STEPS, MOST_STEPS = 2, 5
#: What a mean of work too much costs, in means of households that get another head (thrice that for what
#: is more than `MUCH` too much), and what it costs to be beyond at all.
OVER, MUCH, BEYOND = 20.0, 0.2, 1.0
#: What it costs in the same measure that a grid stays too light.
LIGHT = 0.4
#: Work and costs in whole numbers.
FINE = 10_000
#: The library's own measure of work for one community, the same on every machine.
EFFORT = 0.6
#: Of a community with more grids only so many around what is amiss are looked at.
MOST_GRIDS = 60
#: So often torn grids are forbidden and it is asked again.
ROUNDS = 12

Found = Literal["best", "some", "none"]


def change_fewest(board: Board, closed: set[int], steps: int = STEPS) -> Found:
    """Divide anew with as few changes as can be; `best` where it is proved that there are no fewer (within so
    many steps), `none` where nothing was found and the board is as it was."""
    live = [grid for grid, mask in enumerate(board.member) if mask and grid not in closed]
    home = board.ground.home
    if any(home[grid] >= 0 and not board.member[grid] >> home[grid] & 1 for grid in live):
        # A head who lives outside is another question.
        return "none"
    some = _near(board, live)
    model = _Model(board, some)
    if not model.complete(steps):
        return "none"
    found = model.solved()
    return "some" if found == "best" and len(some) < len(live) else found


def _near(board: Board, live: Sequence[int]) -> list[int]:
    """Of many grids those around what is amiss, the nearest first; all where they are few."""
    if len(live) <= MOST_GRIDS:
        return list(live)
    ground = board.ground
    waiting = sum(1 << unit for unit, grid in enumerate(board.label) if grid < 0)
    light = ground.light * ground.mean - 1e-9
    found = [
        grid
        for grid in live
        if _around(waiting, ground.adjacent) & board.member[grid]
        or sum(ground.load[unit] for unit in bits(board.member[grid])) < light
    ]
    found = list(dict.fromkeys([*found, *(grid for grid in heavy(board) if grid in live)]))
    for grid in found:
        if len(found) >= MOST_GRIDS:
            break
        found += [other for other in board.around(grid) if other in live and other not in found]
    return sorted(found)


@dataclass(slots=True)
class _Model:
    board: Board
    live: list[int]
    cp: Any = field(init=False)
    model: Any = field(init=False)
    #: By unit, the grids it may be in.
    mine: list[dict[int, Any]] = field(init=False)
    costs: list[tuple[Any, int]] = field(default_factory=list[tuple[Any, int]])
    member: list[int] = field(init=False)
    #: Grids that may stay too heavy, at a cost.
    soft: set[int] = field(init=False)

    def __post_init__(self) -> None:
        # Loaded by whoever solves, never by importing this.
        self.cp = import_module("ortools.sat.python.cp_model")
        self.model = self.cp.CpModel()
        self.mine = [{} for _ in self.board.label]
        self.member = list(self.board.member)
        self.soft = set(heavy(self.board)) & set(self.live)

    def complete(self, fewest: int) -> bool:
        """Build it; False where a stairwell without a grid is too far from all."""
        waiting = sum(1 << unit for unit, grid in enumerate(self.board.label) if grid < 0)
        inside = set(self.live) | {-1}
        free = sum(1 << unit for unit, grid in enumerate(self.board.label) if grid in inside)
        for steps in range(fewest, MOST_STEPS + 1):
            rings = {grid: self.rings(grid, steps, free) for grid in self.live}
            reached = 0
            for some in rings.values():
                reached |= some[-1]
            if not waiting & ~reached:
                break
        else:
            return False
        for grid, some in rings.items():
            self.joining(grid, some)
        for unit, grids in enumerate(self.mine):
            if not free >> unit & 1:
                continue
            self.model.add_exactly_one(grids.values())
            grid = self.board.label[unit]
            if grid >= 0:
                for other, var in grids.items():
                    self.model.add_hint(var, other == grid)
        for unit in bits(waiting):
            self.soft |= set(self.mine[unit])
        for grid in self.live:
            self.housed(grid)
            self.weighed(grid)
        self.staying()
        self.model.minimize(
            self.cp.LinearExpr.weighted_sum(
                [var for var, _ in self.costs], [cost for _, cost in self.costs]
            )
        )
        return True

    def rings(self, grid: int, steps: int, free: int) -> list[int]:
        """What a grid reaches in no step, one, two… of what is free to move, each with what came before."""
        found = [self.member[grid]]
        for _ in range(steps):
            found.append(found[-1] | _around(found[-1], self.board.ground.adjacent) & free)
        return found

    def joining(self, grid: int, rings: Sequence[int]) -> None:
        """Who joins a grid stands beside one who stays in it, or beside one who joins it a step before."""
        next_to = self.board.ground.next_to
        has = rings[0]
        for unit in bits(has):
            self.mine[unit][grid] = self.model.new_bool_var("")
        before: dict[int, Any] = {unit: self.mine[unit][grid] for unit in bits(has)}
        joins: dict[int, list[Any]] = {}
        for ring in rings[1:]:
            now: dict[int, Any] = {}
            for unit in bits(ring & ~has):
                var = self.model.new_bool_var("")
                beside = [before[other] for other in next_to[unit] if other in before]
                if not beside:
                    continue
                self.model.add_bool_or([*beside, ~var])
                now[unit] = var
                joins.setdefault(unit, []).append(var)
            before = now
        for unit, steps in joins.items():
            self.mine[unit][grid] = var = self.model.new_bool_var("")
            self.model.add(self.cp.LinearExpr.sum(steps) == var)

    def housed(self, grid: int) -> None:
        """The head's home stays in the grid; what else is there hangs on something."""
        ground = self.board.ground
        home, has = ground.home[grid], self.member[grid]
        if home < 0:
            self.model.add_bool_or([self.mine[unit][grid] for unit in bits(has)])
            return
        self.model.add(self.mine[home][grid] == 1)
        for unit in bits(has & ~(1 << home)):
            beside = [
                self.mine[other][grid]
                for other in ground.next_to[unit]
                if grid in self.mine[other]
            ]
            self.model.add_bool_or([*beside, ~self.mine[unit][grid]])

    def weighed(self, grid: int) -> None:
        """No grid is too heavy, nor lighter than allowed or than it is. Those that are too light, or where
        stairwells without a grid may go, may stay or become what they should not be, at a cost."""
        ground = self.board.ground
        units = [unit for unit, grids in enumerate(self.mine) if grid in grids]
        work = [round(ground.load[unit] * FINE) for unit in units]
        total = self.cp.LinearExpr.weighted_sum([self.mine[unit][grid] for unit in units], work)
        now = sum(ground.load[unit] for unit in bits(self.member[grid]))
        light = ground.light * ground.mean
        least = int(min(light, now) * FINE) - len(units)
        if now < light - 1e-9:
            stays = self.model.new_bool_var("")
            self.model.add(total >= int(light * FINE) + len(units)).only_enforce_if(~stays)
            self.costs.append((stays, round(LIGHT * FINE * ground.mean_households)))
        most = int(ground.heavy * ground.mean * FINE) - len(units)
        if grid not in self.soft:
            self.model.add_linear_constraint(total, max(0, least), most)
            return
        self.model.add(total >= max(0, least))
        off = self.model.new_int_var(0, sum(work), "")
        much = self.model.new_int_var(0, sum(work), "")
        beyond = self.model.new_bool_var("")
        self.model.add(total - off <= most)
        self.model.add(off - much <= round(MUCH * ground.mean * FINE))
        self.model.add(off == 0).only_enforce_if(~beyond)
        each = max(1, round(OVER * ground.mean_households / max(1.0, ground.mean)))
        self.costs += [(off, each), (much, 2 * each)]
        self.costs.append((beyond, round(BEYOND * FINE * ground.mean_households)))

    def staying(self) -> None:
        """Each household that is not in today's grid costs."""
        ground = self.board.ground
        for unit, today in enumerate(ground.today):
            if today in self.mine[unit]:
                self.costs.append((~self.mine[unit][today], ground.households[unit] * FINE))

    def solved(self) -> Found:
        """Ask, forbid what is torn, and ask again."""
        solver: Any = self.cp.CpSolver()
        asked = solver.parameters
        asked.num_workers = 1
        # Ctrl-C is for whoever called.
        asked.catch_sigint_signal = False
        asked.random_seed = 1
        left = EFFORT
        for _ in range(ROUNDS):
            asked.max_deterministic_time = max(0.01, left)
            status = solver.solve(self.model)
            left -= solver.response_proto.deterministic_time
            if status not in (self.cp.OPTIMAL, self.cp.FEASIBLE):
                return "none"
            label = [
                next((grid for grid, var in grids.items() if solver.value(var)), now)
                for grids, now in zip(self.mine, self.board.label, strict=True)
            ]
            if not self.forbid_torn(label):
                for grid in self.live:
                    self.board.set(
                        grid, sum(1 << u for u, one in enumerate(label) if one == grid)
                    )
                return "best" if status == self.cp.OPTIMAL else "some"
            if left <= 0:
                return "none"
        return "none"

    def forbid_torn(self, label: Sequence[int]) -> bool:
        """A piece of a grid that hangs on nothing needs one of those around it, and one of those around what
        hangs together with the head's home; whether there was any."""
        adjacent = self.board.ground.adjacent
        torn = False
        for grid in self.live:
            pieces = components(
                sum(1 << u for u, one in enumerate(label) if one == grid), adjacent
            )
            if len(pieces) < 2:
                continue
            torn = True
            home, has = self.board.ground.home[grid], self.member[grid]
            main = max(
                pieces,
                key=lambda one: (home >= 0 and one >> home & 1, (one & has).bit_count(), -one),
            )
            may = sum(1 << unit for unit, grids in enumerate(self.mine) if grid in grids)
            edge = _around(main, adjacent) & may
            for piece in pieces:
                if piece == main:
                    continue
                self.needed(grid, piece, _around(piece, adjacent), main)
                beyond = reach(piece, may & ~main & ~edge, adjacent)
                self.needed(grid, beyond, _around(beyond, adjacent) & edge, main)
        return torn

    def needed(self, grid: int, units: int, some: int, main: int) -> None:
        """None of the units is in the grid (with what is its `main` piece now) without some of others."""
        beside = [self.mine[other][grid] for other in bits(some) if grid in self.mine[other]]
        if self.board.ground.home[grid] < 0:
            beside.append(~self.mine[next(bits(main))][grid])
        for unit in bits(units):
            self.model.add_bool_or([*beside, ~self.mine[unit][grid]])


def _around(units: int, adjacent: Sequence[int]) -> int:
    """What is beside a set."""
    found = 0
    for unit in bits(units):
        found |= adjacent[unit]
    return found & ~units
