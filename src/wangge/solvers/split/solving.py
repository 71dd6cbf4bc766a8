"""The fewest people for the clock, and who of those that are there takes which floors."""

from collections.abc import Sequence
from dataclasses import dataclass

from wangge.solvers import routing
from wangge.solvers.running import Budget, Stopped
from wangge.solvers.split.bounds import Bound, at_least
from wangge.solvers.split.dealing import Dealer, Dealt, best_order, nearest_order
from wangge.solvers.split.town import Hand, Team, Town
from wangge.solvers.split.wells import Well, ways, wells_of
from wangge.solvers.words import Sentence, said

#: Orders tried by default before a count is left unproved.
TRIES = 400
#: A street is where one person passes at least so many entrances in the time.
STREET = 3
#: PyVRP is asked about so many entrances at most; its iterations for each, and their cap.
STREET_MAX, STREET_ITERATIONS, STREET_SECONDS = 600, 10, 20.0
#: The longest part is made as short as can be, to this many seconds.
EVEN = 10.0
HALVINGS = 40


@dataclass(frozen=True, slots=True)
class Answer:
    """One team. `need` is the fewest people found for the clock (None: no number of people makes
    it), `bound` what it takes at least, `proof` whether these are equal; `longest` in minutes;
    `late` doors (or visits) that the people who are there have not reached when the time is up."""

    team: Team
    hands: tuple[Hand, ...]
    works: int
    need: int | None
    bound: Bound
    have: int | None
    longest: float
    late: int
    sentences: tuple[Sentence, ...]

    @property
    def proof(self) -> bool:
        return self.need is not None and self.need == self.bound.people


@dataclass(frozen=True, slots=True)
class Split:
    """The teams that have something to do, `doors` first. `together` is how few people it takes
    where the same ones knock and visit."""

    teams: tuple[Answer, ...]
    together: int | None
    sentences: tuple[Sentence, ...]
    tries: int
    stopped: Stopped

    @property
    def hands(self) -> tuple[Hand, ...]:
        return tuple(hand for team in self.teams for hand in team.hands)


def split(town: Town, *, seed: int = 0, budget: Budget | None = None) -> Split:
    """Divide the doors among people. Without workers the fewest for the clock are asked for; with
    them, all take part and the longest part is as short as can be."""
    budget = budget or Budget(3 * TRIES)
    first = solve_team(town, "doors", town.workers, seed=seed, budget=budget)
    second = solve_team(town, "home", town.second, seed=seed, budget=budget)
    teams = tuple(one for one in (first, second) if one.works)
    sentences = [sentence for one in teams for sentence in one.sentences]
    together = None
    if len(teams) == 2:
        both = solve_team(town, "both", None, seed=seed, budget=budget)
        together = both.need
        if together is not None:
            sentences.append(said("敲门和上门合成一队走,最少要 {need} 人。", need=together))
    stopped = sum(not one.lift and len(one.stops) > 7 for one in town.stairwells)
    if stopped:
        sentences.append(
            said("其中 {count} 个七层以上的单元没有电梯可用,要走上去。", count=stopped)
        )
    if not teams:
        sentences.append(said("没有要走的门。"))
    return Split(teams, together, tuple(sentences), budget.used, budget.ended)


def solve_team(
    town: Town,
    team: Team,
    workers: Sequence[str] | None,
    *,
    seed: int = 0,
    budget: Budget | None = None,
    streets: bool = True,
) -> Answer:
    """One team's floors among its people. Without `streets` PyVRP and prices are left out: somebody waits."""
    budget = budget or Budget(TRIES)
    wells = wells_of(town, team)
    works = sum(sum(well.works) for well in wells)
    have = None if workers is None else len(workers)
    if not wells:
        return Answer(team, (), 0, 0, Bound(0), have, 0.0, 0, ())
    between = ways(town, wells)
    limit = town.minutes * 60
    order = nearest_order(wells, between)
    alone, where = _slowest(wells)
    need, bound = None, Bound(0)
    if alone <= limit + 1e-6:
        dealer = Dealer(wells, between, limit)
        orders = [order]
        if streets:
            orders += _streets(wells, between, dealer, order, seed)
        reached = min(dealer.count(one) or (len(wells) * 1_000, 0.0) for one in orders)[0]
        bound = at_least(wells, between, limit, reached, deep=streets)
        part = budget.share(TRIES)
        order = best_order(dealer, orders, bound.people, seed=seed, budget=part)
        budget.took(part, planned=True)
        told = dealer.count(order)
        need = told[0] if told is not None else None
    people = have if have is not None else need
    if people is None:
        # One floor takes too long: as many as make all the rest in time, and that one late.
        told = Dealer(wells, between, alone).count(order)
        people = told[0] if told is not None else None
    good = limit if need is not None and people is not None and people >= need else None
    dealt = (
        _even(wells, between, order, people, max(alone, limit / 20), good) if people else None
    )
    hands = _hands(wells, dealt, team, workers)
    late = _late(wells, between, dealt, limit) if dealt is not None else works
    longest = round(dealt.longest / 60, 2) if dealt is not None else 0.0
    answer = Answer(team, hands, works, need, bound, have, longest, late, ())
    sentences = tuple(_told(town, answer, where, alone))
    return Answer(team, hands, works, need, bound, have, longest, late, sentences)


def _slowest(wells: Sequence[Well]) -> tuple[float, tuple[Well, int]]:
    """The floor that takes longest by itself."""
    worst = (-1.0, (wells[0], 0))
    for well in wells:
        for n in range(well.size):
            seconds = well.start + well.seconds((n, n))
            if seconds > worst[0]:
                worst = (seconds, (well, well.stops[n].floor))
    return worst


def _streets(
    wells: Sequence[Well],
    between: Sequence[Sequence[float]],
    dealer: Dealer,
    order: Sequence[int],
    seed: int,
) -> list[list[int]]:
    """The order in which PyVRP goes along streets, where one person passes several entrances."""
    whole = [well.seconds(well.whole()) + well.leave[-1] for well in wells]
    told = dealer.count(order)
    if (
        told is None
        or len(wells) > STREET_MAX
        or STREET * sum(whole) / len(wells) > dealer.limit
        or max(whole) > dealer.limit
        or told[0] < 2
        or not routing.there()
    ):
        return []
    legs = [[0.0, *(well.start for well in wells)]]
    legs += [[0.0, *row] for row in between]
    made = routing.rounds(
        legs,
        legs,
        service=[0.0, *whole],
        demand=[0] * (len(wells) + 1),
        capacity=1,
        vehicles=told[0],
        shift=dealer.limit,
        budget=Budget(STREET_ITERATIONS * len(wells), STREET_SECONDS),
        seed=seed,
    )
    return [[point - 1 for route in made.routes for point in route]] if made.routes else []


def _even(
    wells: Sequence[Well],
    between: Sequence[Sequence[float]],
    order: Sequence[int],
    people: int,
    least: float,
    good: float | None,
) -> Dealt | None:
    """So many people at most, and the longest part as short as halving finds it; at most `good`
    seconds, where that is known to do."""
    low, high = least, good if good is not None else least
    found = Dealer(wells, between, high).deal(order)
    while found is None or len(found.routes) > people:
        low, high = high, high * 2
        found = Dealer(wells, between, high).deal(order)
    for _ in range(HALVINGS):
        if high - low <= EVEN:
            break
        middle = (low + high) / 2
        tried = Dealer(wells, between, middle).deal(order)
        if tried is not None and len(tried.routes) <= people:
            found, high = tried, min(middle, max(tried.longest, low))
        else:
            low = middle
    return found


def _hands(
    wells: Sequence[Well], dealt: Dealt | None, team: Team, workers: Sequence[str] | None
) -> tuple[Hand, ...]:
    if dealt is None:
        return ()
    names = list(workers) if workers is not None else [""] * len(dealt.routes)
    return tuple(
        Hand(name, team, tuple(wells[n].run(piece) for n, piece in route))
        for name, route in zip(names, dealt.routes, strict=False)
    )


def _late(
    wells: Sequence[Well], between: Sequence[Sequence[float]], dealt: Dealt, limit: float
) -> int:
    """Doors not yet done when the time is up."""
    late = 0
    for route in dealt.routes:
        at = wells[route[0][0]].start
        for n, (number, (first, last)) in enumerate(route):
            well = wells[number]
            if n:
                before, left = route[n - 1]
                at += wells[before].leave[left[1]] + between[before][number]
            for stop in range(first, last + 1):
                if at + well.seconds((first, stop)) > limit + 1e-6:
                    late += well.works[stop]
            at += well.seconds((first, last))
    return late


def _told(town: Town, one: Answer, where: tuple[Well, int], alone: float) -> list[Sentence]:
    minutes = round(town.minutes, 1)
    told: list[Sentence] = []
    home = one.team == "home"
    if one.need is None:
        well, floor = where
        told.append(
            said(
                "{name} {floor} 层一处就要 {longest} 分钟,超过 {minutes} 分钟,再多人也来不及。",
                name=well.stairwell.name,
                floor=floor,
                longest=round(alone / 60, 1),
                minutes=minutes,
            )
        )
    elif one.have is None:
        text = (
            "{minutes} 分钟走完 {works} 个上门的人,要 {need} 人。"
            if home
            else "{minutes} 分钟走完 {works} 户,要 {need} 人。"
        )
        told.append(said(text, minutes=minutes, works=one.works, need=one.need))
    elif one.have >= one.need:
        text = (
            "{minutes} 分钟内,{have} 人走得完 {works} 个上门的人,{need} 人就够。"
            if home
            else "{minutes} 分钟内,{have} 人走得完 {works} 户,{need} 人就够。"
        )
        told.append(said(text, minutes=minutes, have=one.have, works=one.works, need=one.need))
    else:
        text = (
            "{minutes} 分钟内,{have} 人走不完 {works} 个上门的人,{need} 人可以。"
            if home
            else "{minutes} 分钟内,{have} 人走不完 {works} 户,{need} 人可以。"
        )
        told.append(said(text, minutes=minutes, have=one.have, works=one.works, need=one.need))
    if one.need is not None:
        told.append(_proof(one, minutes))
    if one.have == 0:
        told.append(said("现在没有人手,一户也走不了。"))
    elif one.hands and (one.have is not None or one.need is None):
        told.append(
            said(
                "{people} 人分头走,最长的一份 {longest} 分钟。",
                people=len(one.hands),
                longest=round(one.longest, 1),
            )
        )
        if one.late:
            told.append(
                said(
                    "到 {minutes} 分钟时,还有 {late} 户没走到。",
                    minutes=minutes,
                    late=one.late,
                )
            )
    return told


def _proof(one: Answer, minutes: float) -> Sentence:
    bound = one.bound
    if not one.proof:
        return said(
            "能证明的下限是 {bound} 人,找到的最好办法是 {need} 人。",
            bound=bound.people,
            need=one.need or 0,
        )
    if bound.people == 1:
        return said("一个人就够,不能再少。")
    if bound.doors:
        return said(
            "不能再少:一个人 {minutes} 分钟里最多走 {most} 户,{total} 户至少要 {bound} 人。",
            minutes=minutes,
            most=bound.most,
            total=bound.total,
            bound=bound.people,
        )
    return said("不能再少:上楼、下楼和敲门的时间合起来,至少要 {bound} 人。", bound=bound.people)
