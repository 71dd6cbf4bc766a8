"""Somebody drops out: what is left of theirs goes to others, and nobody else's doors change hands.

That is the least there can be, for the doors of whoever is gone must go to somebody. Runs are cut
where they help most: whoever can still take most of a run's floors takes them, from its top or its
bottom, beside their own floors if they are in the same stairwell.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from wangge.solvers.running import Budget
from wangge.solvers.split.dealing import Dealer, Route
from wangge.solvers.split.solving import EVEN, HALVINGS, solve_team
from wangge.solvers.split.town import Hand, Run, Team, Town
from wangge.solvers.split.wells import Piece, Well, ways, wells_of
from wangge.solvers.words import Sentence, said

#: Beyond so many seconds nothing else was possible than two runs in one stairwell.
APART = 10_000_000.0


@dataclass(frozen=True, slots=True)
class Handed:
    """Floors of a stairwell that go from one person to another."""

    run: Run
    doors: int
    from_worker: str
    to_worker: str


@dataclass(frozen=True, slots=True)
class Resplit:
    """`hands` are everybody's runs from now on. `anew` is how long the longest part would be if all
    doors were divided anew among the same people (minutes), None where this makes the clock."""

    hands: tuple[Hand, ...]
    handed: tuple[Handed, ...]
    doors: int
    longest: float
    anew: float | None
    sentences: tuple[Sentence, ...]


def resplit(
    town: Town,
    hands: Sequence[Hand],
    gone: Collection[str],
    *,
    done: Mapping[str, Collection[int]] | None = None,
    seed: int = 0,
) -> Resplit:
    """Hand over what `gone` have left. `town.minutes` is the time left, `done` the floors that are
    done already, by stairwell; whoever is at work is taken to stand where their next floor is."""
    town = _left(town, done or {})
    made: list[Hand] = []
    handed: list[Handed] = []
    longest, anew = 0.0, None
    missed = 0
    teams: tuple[Team, ...] = ("doors", "home", "both")
    for team in teams:
        mine = [hand for hand in hands if hand.team == team]
        if not mine:
            continue
        part = _Part(town, team, mine, gone)
        told = part.best()
        if told is None:
            missed += part.orphans
            continue
        routes, moves, seconds = told
        made += part.as_hands(routes)
        handed += moves
        longest = max(longest, seconds)
        if seconds > town.minutes * 60 + 1e-6:
            there = [hand.worker for hand in mine if hand.worker not in gone]
            again = solve_team(town, team, there, seed=seed, budget=Budget(1), streets=False)
            anew = max(anew or 0.0, again.longest)
    doors = sum(one.doors for one in handed)
    return Resplit(
        tuple(made),
        tuple(handed),
        doors,
        round(longest / 60, 2),
        anew,
        tuple(_told(town, handed, doors, longest / 60, anew, missed)),
    )


def _left(town: Town, done: Mapping[str, Collection[int]]) -> Town:
    return replace(
        town,
        stairwells=[
            replace(
                one,
                stops=tuple(
                    stop for stop in one.stops if stop.floor not in done.get(one.id, ())
                ),
            )
            for one in town.stairwells
        ],
    )


class _Part:
    """One team's people, and the runs that nobody has any more."""

    def __init__(
        self, town: Town, team: Team, hands: Sequence[Hand], gone: Collection[str]
    ) -> None:
        self.town = town
        self.team: Team = team
        self.wells: list[Well] = wells_of(town, team)
        self.between = ways(town, self.wells)
        self.number = {well.stairwell.id: n for n, well in enumerate(self.wells)}
        self.workers = [hand.worker for hand in hands if hand.worker not in gone]
        self.routes = [self.route(hand) for hand in hands if hand.worker not in gone]
        self.free = [
            (hand.worker, step)
            for hand in hands
            if hand.worker in gone
            for step in self.route(hand)
        ]
        self.orphans = sum(
            sum(self.wells[at].works[piece[0] : piece[1] + 1]) for _, (at, piece) in self.free
        )

    def route(self, hand: Hand) -> Route:
        """A hand's runs over what is left, in stops."""
        found: Route = []
        for run in hand.runs:
            number = self.number.get(run.stairwell)
            if number is None:
                continue
            inside = [
                n
                for n, stop in enumerate(self.wells[number].stops)
                if run.bottom <= stop.floor <= run.top
            ]
            if inside:
                found.append((number, (inside[0], inside[-1])))
        return found

    def best(self) -> tuple[list[Route], list[Handed], float] | None:
        """The shortest longest part, by halving; None where nobody is there to take anything."""
        dealer = Dealer(self.wells, self.between, float("inf"))
        if not self.workers:
            return None if self.free else ([], [], 0.0)
        least = max((dealer.seconds(route) for route in self.routes), default=0.0)
        if not self.free:
            return self.routes, [], least
        low, high = least, max(least, self.town.minutes * 60)
        found = self.handed(dealer, high)
        while found is None:
            low, high = high, max(60.0, high * 2)
            found = self.handed(dealer, high)
        for _ in range(HALVINGS):
            if high - low <= EVEN:
                break
            middle = (low + high) / 2
            tried = self.handed(dealer, middle)
            if tried is None:
                low = middle
            else:
                found, high = tried, middle
        routes, moves = found
        return routes, moves, max(map(dealer.seconds, routes), default=0.0)

    def handed(self, dealer: Dealer, limit: float) -> tuple[list[Route], list[Handed]] | None:
        """All that is free to somebody, none over the limit; None where that was not found."""
        routes = [list(route) for route in self.routes]
        moves: list[Handed] = []
        free = sorted(self.free, key=lambda one: -dealer.seconds([one[1]]))
        while free:
            taken = self._next(dealer, routes, free, limit)
            if taken is None:
                return None
            n, to, route, mine = taken
            worker, (at, piece) = free[n]
            routes[to] = route
            works = self.wells[at].works[mine[0] : mine[1] + 1]
            moves.append(Handed(self.wells[at].run(mine), sum(works), worker, self.workers[to]))
            rest = (mine[1] + 1, piece[1]) if mine[0] == piece[0] else (piece[0], mine[0] - 1)
            free[n : n + 1] = [(worker, (at, rest))] if rest[0] <= rest[1] else []
        return routes, moves

    def _next(
        self,
        dealer: Dealer,
        routes: Sequence[Route],
        free: Sequence[tuple[str, tuple[int, Piece]]],
        limit: float,
    ) -> tuple[int, int, Route, Piece] | None:
        """(which, to whom, their route then, the floors) of the first run that somebody can take some
        of: one in the middle may wait until its neighbour has somebody to join it."""
        for n, (_, (at, piece)) in enumerate(free):
            taken = self._most(dealer, routes, at, piece, limit)
            if taken is not None:
                return n, *taken
        return None

    def _most(
        self, dealer: Dealer, routes: Sequence[Route], at: int, piece: Piece, limit: float
    ) -> tuple[int, Route, Piece] | None:
        """Whoever can take most floors of a piece, from an end; among equals the shortest part."""
        first, last = piece
        best: tuple[int, float, int, Route, Piece] | None = None
        for to, route in enumerate(routes):
            for number in range(last - first + 1, 0, -1):
                if best is not None and -number > best[0]:
                    break
                ends = {(first, first + number - 1), (last - number + 1, last)}
                fits = [
                    (dealer.seconds(way), way, mine)
                    for mine in sorted(ends)
                    for way in _with(route, at, mine, apart=limit > APART)
                ]
                fits = [one for one in fits if one[0] <= limit + 1e-6]
                if fits:
                    seconds, way, mine = min(fits, key=lambda one: one[0])
                    if best is None or (-number, seconds) < best[:2]:
                        best = (-number, seconds, to, way, mine)
                    break
        return None if best is None else (best[2], best[3], best[4])

    def as_hands(self, routes: Sequence[Route]) -> list[Hand]:
        return [
            Hand(worker, self.team, tuple(self.wells[at].run(piece) for at, piece in route))
            for worker, route in zip(self.workers, routes, strict=True)
        ]


def _with(route: Route, at: int, mine: Piece, *, apart: bool) -> list[Route]:
    """A route with some floors more: joined to those it has in that stairwell, else anywhere. Two
    runs `apart` in one stairwell are the last resort, where a plan leaves nothing else."""
    for n, (number, own) in enumerate(route):
        if number != at:
            continue
        if mine[1] + 1 == own[0] or own[1] + 1 == mine[0]:
            joined = (min(mine[0], own[0]), max(mine[1], own[1]))
            return [[*route[:n], (at, joined), *route[n + 1 :]]]
        if not apart:
            return []
    return [[*route[:n], (at, mine), *route[n:]] for n in range(len(route) + 1)]


def _told(
    town: Town,
    handed: Sequence[Handed],
    doors: int,
    longest: float,
    anew: float | None,
    missed: int,
) -> list[Sentence]:
    told: list[Sentence] = []
    if missed:
        told.append(said("没有人可以接手,还有 {missed} 处没有人走。", missed=missed))
    if not handed and not missed:
        told.append(said("退出的人没有剩下的门,不用改。"))
    if handed:
        people = len({one.to_worker for one in handed})
        told.append(
            said(
                "只转退出的人剩下的 {doors} 处,给 {people} 个人;别人的门一户不动。",
                doors=doors,
                people=people,
            )
        )
        minutes = round(town.minutes, 1)
        if longest <= town.minutes + 1e-6:
            told.append(
                said(
                    "这样最长的一份还要 {longest} 分钟,剩下的 {minutes} 分钟来得及。",
                    longest=round(longest, 1),
                    minutes=minutes,
                )
            )
        else:
            told.append(
                said(
                    "这样最长的一份还要 {longest} 分钟,剩下的 {minutes} 分钟来不及。",
                    longest=round(longest, 1),
                    minutes=minutes,
                )
            )
        if anew is not None and anew < longest - 1:
            told.append(
                said(
                    "全部重新分,最长的一份是 {anew} 分钟,但很多门要换人。", anew=round(anew, 1)
                )
            )
    return told
