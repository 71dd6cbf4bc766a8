"""Rosters of the competition (`inrc`) bettered by swaps: two people take each other's days, as many one
after another as you like, so that every shift keeps its people.

What all swaps would cost is computed at once from everybody's states (`inrc_lines`): up to the first day
as before, the taken days step by step, and what comes after by a table. One of them is then done by
chance, the dearer the rarer (annealing without rejection, Bortz, Kalos and Lebowitz 1975), warmer and
colder by turns.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wangge.solvers.shifts.inrc_lines import ONE, Crew

Small = NDArray[np.signedinteger[Any]]
#: Days that are swapped at most.
DAYS = 14
#: Temperatures, in penalties, and swaps from the warmest to the coldest.
WARM, COLD, TURN = 0.4, 0.15, 1_500
#: Far more than any swap costs.
FAR = 1_000_000
#: A line that costs no more is counted in short numbers, which is faster: a swap adds up four of them.
SHORT = 1 << 28


class Swaps:
    """A roster that fills every place, and the cheapest one it ever was."""

    def __init__(self, crew: Crew, seed: int) -> None:
        self.crew = crew
        self.random = np.random.default_rng(seed)
        instance = crew.instance
        self.people, self.days = len(crew.lines), instance.days
        self.choices = len(instance.shifts) + 1
        self.states = max(max(one.known) for one in crew.lines)
        shape = (self.people, self.days, self.states, self.choices)
        kind = np.int32 if self._dearest() <= SHORT else np.int64
        self.next = np.zeros(shape, np.int32)
        self.cost: Small = np.full(shape, FAR, kind)
        self.last: Small = np.zeros((self.people, self.states), kind)
        #: What somebody's number of shifts costs.
        self.number: Small = np.zeros((self.people, self.days + 1), kind)
        for n, lines in enumerate(crew.lines):
            self._tables(n)
            contract, done = lines.contract, np.arange(self.days + 1)
            if contract.most is not None:
                over = np.maximum(0, done - contract.most.number)
                self.number[n] += contract.most.weight * over
            if contract.least is not None:
                under = np.maximum(0, contract.least.number - done)
                self.number[n] += contract.least.weight * under
        #: What everybody does; then for each day the cost up to it, the state in it, shifts done before
        #: it, and the cost from each state to the end.
        self.now = self._filled()
        before = (self.people, self.days + 1)
        self.state, self.done = (np.zeros(before, np.int32) for _ in range(2))
        self.paid: Small = np.zeros(before, kind)
        self.rest: Small = np.zeros((*before, self.states), kind)
        self.whole: Small = np.zeros(self.people, kind)
        for n in range(self.people):
            self._look(n)
        self.best, self.best_cost = self.now.copy(), int(self.whole.sum())
        self.swapped = 0

    def _dearest(self) -> int:
        """No line costs more: everything at its worst, on every day and at the end."""
        worst = 0
        for lines, own in zip(self.crew.lines, self.crew.own, strict=True):
            most, least = lines.contract.most, lines.contract.least
            ends = int(lines.last.max()) // ONE
            ends += most.weight * self.days if most is not None else 0
            ends += least.weight * least.number if least is not None else 0
            days = sum(
                int(step.cost.max()) + int(mine.max())
                for step, mine in zip(lines.steps, own, strict=True)
            )
            worst = max(worst, ends + days // ONE)
        return worst

    def _tables(self, n: int) -> None:
        lines, own = self.crew.lines[n], self.crew.own[n]
        for day, step in enumerate(lines.steps):
            at = n, day, step.source, step.choice
            self.next[at] = step.target
            self.cost[at] = (step.cost + own[day, step.choice]) // ONE
        self.last[n, : len(lines.last)] = lines.last // ONE

    def _filled(self) -> Small:
        """Every place filled by anybody."""
        instance = self.crew.instance
        now = np.zeros((self.people, self.days), np.int32)
        for number, shift in enumerate(instance.shifts, 1):
            for day in range(self.days):
                for _ in range(instance.cover.get((day, shift.id), 0)):
                    free = np.flatnonzero(now[:, day] == 0)
                    if not len(free):
                        raise ValueError("more places than people")
                    now[self.random.choice(free), day] = number
        return now

    def _look(self, n: int) -> None:
        """What somebody's line costs, forward and back."""
        state = paid = 0
        rest = self.rest[n]
        for day, choice in enumerate(self.now[n].tolist()):
            paid += int(self.cost[n, day, state, choice])
            state = int(self.next[n, day, state, choice])
            self.paid[n, day + 1], self.state[n, day + 1] = paid, state
        rest[self.days] = self.last[n]
        for day in range(self.days - 1, -1, -1):
            choice = self.now[n, day]
            rest[day] = (
                self.cost[n, day, :, choice] + rest[day + 1][self.next[n, day, :, choice]]
            )
        self.done[n, 1:] = np.cumsum(self.now[n] > 0)
        self.whole[n] = rest[0, 0] + self.number[n, self.done[n, self.days]]

    def _all(self) -> list[tuple[Small, Small]]:
        """For each number of days the swaps (where in people × people × first day), and what each costs
        more than now."""
        people, days = self.people, self.days
        one, first = np.arange(people)[:, None, None], np.arange(days)
        shape = people, people, days
        state = np.broadcast_to(self.state[:, None, :days], shape)
        paid = np.broadcast_to(self.paid[:, None, :days], shape)
        differ = (self.now[:, None] != self.now[None]) & (one < np.arange(people)[:, None])
        pair = self.whole[:, None, None] + self.whole[None, :, None]
        every = self.done[:, days]
        steps, costs, rest = self.next.ravel(), self.cost.ravel(), self.rest.ravel()
        found: list[tuple[Small, Small]] = []
        for length in range(1, min(DAYS, days) + 1):
            left = days - length + 1
            begin = first[:left]
            there = (
                (one * days + begin + length - 1) * self.states + state[:, :, :left]
            ) * self.choices
            there += self.now[None, :, length - 1 :]
            paid, state = paid[:, :, :left] + costs[there], steps[there]
            shifts = self.done[:, length:] - self.done[:, :left]
            number = every[:, None, None] - shifts[:, None] + shifts[None]
            after = (one * (days + 1) + begin + length) * self.states + state
            cost = paid + rest[after] + self.number[one, number]
            # A swap that begins or ends with what both do is a shorter one.
            useful = np.flatnonzero(differ[:, :, :left] & differ[:, :, length - 1 :])
            more = (cost + cost.transpose(1, 0, 2) - pair).ravel()[useful]
            found.append((useful.astype(np.int32), more))
        return found

    def run(self, swaps: int, enough: int, more: Callable[[], bool]) -> None:
        """So many swaps, unless there is a roster that costs no more than `enough`."""
        for _ in range(swaps):
            if self.best_cost <= enough or not more():
                return
            warmth = WARM * (COLD / WARM) ** (self.swapped % TURN / TURN)
            self.swapped += 1
            found = self._all()
            costs = np.concatenate([cost for _, cost in found])
            if not len(costs):
                return
            less = np.minimum(0.0, -(costs - costs.min()) / warmth)
            likely: NDArray[np.float64] = np.exp(less).cumsum()
            drawn = self.random.random() * float(likely[-1])
            at = int(np.searchsorted(likely, drawn, "right"))
            self._swap(found, min(at, len(costs) - 1))
            cost = int(self.whole.sum())
            if cost < self.best_cost:
                self.best, self.best_cost = self.now.copy(), cost

    def _swap(self, found: list[tuple[Small, Small]], at: int) -> None:
        for length, (useful, _) in enumerate(found, 1):
            if at < len(useful):
                left = self.days - length + 1
                pair, begin = divmod(int(useful[at]), left)
                one, other = divmod(pair, self.people)
                both, days = [one, other], slice(begin, begin + length)
                self.now[both, days] = self.now[both[::-1], days]
                self._look(one)
                self._look(other)
                return
            at -= len(useful)
