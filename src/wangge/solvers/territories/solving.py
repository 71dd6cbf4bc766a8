"""First a division that cools down; on a street network trees cut anew until the work is balanced; then some
territories at a time dealt out anew, narrower and narrower."""

from dataclasses import dataclass
from random import Random

from wangge.solvers.running import Budget, Stopped
from wangge.solvers.territories.cooling import Search
from wangge.solvers.territories.dealing import (
    Shares,
    beside,
    beyond,
    deal,
    shares_of,
    widths,
)
from wangge.solvers.territories.ground import Ground, ground_of
from wangge.solvers.territories.network import Network
from wangge.solvers.territories.recutting import Recut

#: The share of the tries that goes into cooling.
COOLING = 0.01
#: With fewer ways from node to node than this for each node it is a street network; trees are cut anew
#: for this share of the budget, territories this much wider than they are.
STREETS, CUTTING, CUT_WIDER = 2.0, 0.6, 1.4
#: A dealing is so many tries for each unit of the library's own measure of work.
TRIES_A_WORK = 20_000
#: How much work a dealing may take, and how much when all territories are dealt out.
WORK, WORK_ALL = 0.3, 0.8
#: Narrower by this share at first; by half as much when that fails, down to the least, and by twice as
#: much when it is found (at the least only twice in a row), up to the most.
STEP, STEP_LEAST, STEP_MOST = 0.05, 0.002, 0.15
#: So often in a row the least step is tried in vain.
FAILS = 150
#: Territories that are dealt out together.
SOME = (2, 3, 4, 5)
#: The same while work is unbalanced.
MANY = (3, 4, 6, 10)
#: How much narrower they are made than they are, where nothing else helps.
CLOSER = (0.0, 0.01, 0.03)
#: How far a territory may reach from its middle, over how far it reaches now or must; by chance.
REACHES = (1.05, 1.15, 1.3, 1.5)
#: Tries in vain before territories may be wider.
PATIENCE = 12
#: Where work cannot be balanced, territories may be wider by this.
WIDER = 1.15


@dataclass(frozen=True, slots=True)
class Territories:
    """`label[node]` is its territory; `widest` the largest distance inside of one;
    `unbalanced` how far beyond the tolerance the kinds of work lie in sum, as a share (0: feasible).
    """

    label: tuple[int, ...]
    widest: float
    unbalanced: float
    tries: int
    stopped: Stopped


def divide(
    network: Network, p: int, *, tolerance: float = 0.05, seed: int = 0, budget: Budget
) -> Territories:
    """Divide a connected network. Same network, seed and tries: same territories, when the budget
    has no cap in seconds (with one it goes by the clock, if that is faster)."""
    if not 1 <= p <= len(network):
        raise ValueError(f"{len(network)} nodes cannot be {p} territories")
    rng = Random(seed)
    ground = ground_of(network)
    search = Search(ground, p, tolerance, rng)
    search.grow()
    # Few tries, and as long as they take: what is begun badly costs the dealing more than it saves.
    part = budget.share(round(COOLING * budget.tries))
    search.cool(part)
    budget.took(part, planned=True)
    best = _Best(
        ground,
        p,
        shares_of(ground, p, tolerance),
        search.best,
        search.best_widest,
        search.best_unbalanced,
        tolerance,
        rng,
        budget,
    )
    if p > 1:
        best.cut()
        best.balance()
        best.narrow()
    return Territories(
        tuple(best.label), best.widest, best.unbalanced, budget.used, budget.ended
    )


@dataclass(slots=True)
class _Best:
    ground: Ground
    p: int
    shares: list[Shares]
    label: list[int]
    widest: float
    unbalanced: float
    tolerance: float
    rng: Random
    budget: Budget

    def cut(self) -> None:
        """On street networks, trees over some territories cut anew until the work is balanced."""
        ways = sum(map(len, self.ground.near)) / 2
        if not self.unbalanced or ways >= STREETS * len(self.ground):
            return
        search = Recut(
            self.ground,
            self.p,
            self.tolerance,
            self.label,
            self.widest * CUT_WIDER,
            self.rng,
        )
        part = self.budget.part(CUTTING)
        search.cool(part)
        self.budget.took(part, planned=True)
        self.label = search.label
        left = sum(beyond(self.ground, self.label, self.p, self.tolerance))
        self.unbalanced = left if left > 1e-9 else 0.0
        self.widest = max(widths(self.ground, self.label, self.p))

    def balance(self) -> None:
        """Territories whose work lies beyond the tolerance, each with some around it, until none does; wider
        when that does not help."""
        width, failed = self.widest, 0
        while self.unbalanced > 0 and self._spend(WORK):
            off = beyond(self.ground, self.label, self.p, self.tolerance)
            bad = [t for t in range(self.p) if off[t] > 0]
            chosen = self._around(self.rng.choice(bad), self.rng.choice(MANY))
            made = self._deal(self.label, chosen, width, WORK, balance=True)
            left = (
                None if made is None else sum(beyond(self.ground, made, self.p, self.tolerance))
            )
            if made is not None and left is not None and left <= self.unbalanced + 1e-9:
                failed = 0 if left < self.unbalanced - 1e-6 else failed + 1
                self.label, self.unbalanced = made, left if left > 1e-9 else 0.0
            else:
                failed += 1
            if failed > 1 and self._spend(WORK):
                self._stir(width)
            if failed > PATIENCE:
                width, failed = width * WIDER, 0
        self.widest = max(widths(self.ground, self.label, self.p))

    def narrow(self) -> None:
        """Narrower by a large step, else by a smaller one; where none is found, some territories are dealt
        out otherwise, as narrow as they are, and it is tried again."""
        step, failed, won = STEP, 0, 0
        while not self.unbalanced and self.widest > 0 and failed < FAILS:
            found = self._narrower(self.widest * (1 - step))
            if found is not None:
                self.label, failed, won = found, 0, won + 1
                if won > 1 or step > STEP_LEAST:
                    step = min(STEP_MOST, 2 * step)
                self.widest = max(widths(self.ground, found, self.p))
                continue
            if self.budget.ended:
                return
            won = 0
            failed += step <= STEP_LEAST
            step = max(STEP_LEAST, step / 2)
            if not self._spend(WORK):
                return
            self._stir()

    def _stir(self, width: float | None = None) -> None:
        """Deal some territories out otherwise, within the tolerance; as wide as `width` or as they are."""
        chosen = self._around(self.rng.randrange(self.p), self.rng.choice(SOME))
        if width is None:
            wide = widths(self.ground, self.label, self.p)
            width = max(wide[t] for t in chosen) * (1 - self.rng.choice(CLOSER))
        elif any(
            beyond(self.ground, self.label, self.p, self.tolerance)[t] > 0 for t in chosen
        ):
            return
        self.label = self._deal(self.label, chosen, width, WORK, otherwise=True) or self.label

    def _around(self, t: int, size: int) -> list[int]:
        """A territory and some around it, so many together if there are as many."""
        chosen = [t]
        while len(chosen) < size:
            near = beside(self.ground, self.label, chosen)
            if not near:
                break
            chosen.append(self.rng.choice(near))
        return sorted(chosen)

    def _narrower(self, width: float) -> list[int] | None:
        """A division in which no territory is wider: each that is, with those around it, else all at once."""
        label = self.label
        while True:
            wide = widths(self.ground, label, self.p)
            worst = max(range(self.p), key=wide.__getitem__)
            if wide[worst] <= width:
                return label
            some = sorted([worst, *beside(self.ground, label, [worst])])
            for chosen, work in ((some, WORK), (list(range(self.p)), WORK_ALL)):
                if not self._spend(work):
                    return None
                made = self._deal(label, chosen, width, work)
                if made is not None:
                    label = made
                    break
            else:
                return None

    def _spend(self, work: float) -> bool:
        return self.budget.spend("deal", round(work * TRIES_A_WORK))

    def _deal(
        self,
        label: list[int],
        chosen: list[int],
        width: float,
        work: float,
        *,
        balance: bool = False,
        otherwise: bool = False,
    ) -> list[int] | None:
        return deal(
            self.ground,
            self.shares,
            label,
            chosen,
            width,
            self.rng,
            effort=work,
            seconds=self.budget.left(),
            balance=balance,
            otherwise=otherwise,
            reach=self.rng.choice(REACHES),
        )
