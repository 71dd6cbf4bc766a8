"""First a division that cools down, then some territories at a time dealt out anew, narrower and narrower."""

from dataclasses import dataclass
from random import Random

from wangge.solvers.running import Budget, Stopped
from wangge.solvers.territories.cooling import Search
from wangge.solvers.territories.dealing import Dealt, Shares, beside, deal, shares_of, widths
from wangge.solvers.territories.ground import Ground, ground_of
from wangge.solvers.territories.network import Network

#: The share of the tries that goes into cooling.
COOLING = 0.25
#: A dealing is so many tries for each unit of the library's own measure of work.
TRIES_A_WORK = 20_000
#: How much work a dealing may take, and how much when all territories are dealt out.
WORK, WORK_ALL = 2.0, 6.0
#: Narrower by this share at first; by half as much when that fails, down to the least.
STEP, STEP_LEAST = 0.05, 0.002
#: So often in a row the least step is tried in vain.
FAILS = 12
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
    part = budget.part(COOLING)
    search.cool(part)
    budget.took(part, planned=True)
    best = _Best(
        ground,
        p,
        shares_of(ground, p, tolerance),
        search.best,
        search.best_widest,
        search.best_unbalanced,
        rng,
        budget,
    )
    if p > 1:
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
    rng: Random
    budget: Budget

    def balance(self) -> None:
        """All territories anew, wider and wider, until their work lies within the tolerance."""
        width = self.widest
        while self.unbalanced > 0 and self._spend(WORK_ALL):
            made = self._deal(self.label, list(range(self.p)), width, WORK_ALL, balance=True)
            if made.label is not None and made.beyond < self.unbalanced - 1e-9:
                self.label, self.unbalanced = made.label, made.beyond
            width *= WIDER
        self.widest = max(widths(self.ground, self.label, self.p))

    def narrow(self) -> None:
        """Narrower by a large step, else by a smaller one, until none is found so often one after another."""
        step, failed = STEP, 0
        while not self.unbalanced and failed < FAILS:
            found = self._narrower(self.widest * (1 - step))
            if found is not None:
                self.label, failed = found, 0
                self.widest = max(widths(self.ground, found, self.p))
            elif self.budget.ended:
                return
            else:
                failed += step <= STEP_LEAST
                step = max(STEP_LEAST, step / 2)

    def _narrower(self, width: float) -> list[int] | None:
        """A division in which no territory is wider: each that is, with those around it, else all at once."""
        label = self.label
        while True:
            wide = widths(self.ground, label, self.p)
            worst = max(range(self.p), key=wide.__getitem__)
            if wide[worst] <= width:
                return label
            some = [worst, *beside(self.ground, label, [worst])]
            every = list(range(self.p))
            for chosen, work in ((some, WORK), (every, WORK_ALL)):
                if not self._spend(work):
                    return None
                made = self._deal(label, sorted(chosen), width, work)
                if made.label is not None:
                    label = made.label
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
    ) -> Dealt:
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
        )
