"""Packs from the depot to the doors: vans, drops, hands, loads, and a signature at each hand-over.

Inside of a building there is nothing to route: loads are filled from the top down, so that there are
as few as the packs allow, and shared among hands. Vans carry whole loads to a drop that wants more
than one van holds; what is left over is driven in rounds (PyVRP).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from wangge.solvers import routing
from wangge.solvers.deliveries.order import (
    Carrier,
    Drop,
    Handover,
    Load,
    Order,
    Part,
    Stairwell,
    Trip,
    capacity,
    load_seconds,
    metres_between,
    too_heavy,
    trip_metres,
    trip_seconds,
)
from wangge.solvers.deliveries.sharing import even, in_order, shared, spent
from wangge.solvers.running import Budget, Stopped
from wangge.solvers.words import Sentence, said

#: Tries for every drop, and their cap in seconds.
TRIES, CAP = 3, 18.0


@dataclass(frozen=True, slots=True)
class DropPlan:
    """A drop: packs, the fewest hands found for the time, what it takes at least, the longest part
    in minutes. `need` is None where one load alone takes too long."""

    drop: str
    packs: int
    loads: int
    need: int | None
    at_least: int
    have: int | None
    longest: float


@dataclass(frozen=True, slots=True)
class Delivery:
    """`van_longest` in minutes, `metres` of all trips together."""

    carriers: tuple[Carrier, ...]
    trips: tuple[Trip, ...]
    drops: tuple[DropPlan, ...]
    vans: int
    van_longest: float
    metres: int
    packs: int
    sentences: tuple[Sentence, ...]
    #: What ended the rounds before their tries did: another machine may differ.
    stopped: Stopped = ""


def default_tries(order: Order) -> int:
    """Tries that end by themselves in some seconds for a street."""
    return TRIES * max(1, len(order.drops))


def deliver(order: Order, *, seed: int = 0, budget: Budget | None = None) -> Delivery:
    """Plan it all. Doors of a drop without hands are planned as if there were enough, and it is
    said."""
    budget = budget or Budget(default_tries(order), CAP)
    at_drop: dict[str, list[Stairwell]] = {one.id: [] for one in order.drops}
    for place in order.stairwells:
        at_drop[place.drop].append(place)
    carriers: list[Carrier] = []
    plans: list[DropPlan] = []
    for drop in order.drops:
        plan, mine = _carried(order, drop, at_drop[drop.id])
        plans.append(plan)
        carriers += mine
    wanted = {plan.drop: plan.packs for plan in plans}
    trips = _driven(order, wanted, seed, budget)
    metres = round(sum(trip_metres(order, trip) for trip in trips))
    used = len({trip.van for trip in trips})
    longest = _van_longest(order, trips)
    packs = sum(wanted.values())
    return Delivery(
        tuple(carriers),
        tuple(trips),
        tuple(plans),
        used,
        round(longest / 60, 1),
        metres,
        packs,
        tuple(_told(order, plans, trips, used, longest, packs)),
        "" if budget.stopped == "tries" else budget.stopped,
    )


def loads_of(order: Order, place: Stairwell) -> list[Load]:
    """A stairwell's packs in as few loads as they allow, from the top down."""
    rules = order.rules
    most = capacity(rules, rules.trolley_kg if place.lift else rules.carry_kg)
    loads: list[Load] = []
    parts: list[Part] = []
    room = most
    for floor in sorted(place.floors, key=lambda one: -one.floor):
        doors, packs = floor.doors, floor.packs
        while packs:
            taken = min(room, packs)
            # Doors go along with their packs; the last load of a floor has those that are left.
            served = doors if taken == packs else min(doors, ceil(doors * taken / packs))
            parts.append(Part(floor.floor, served, taken))
            doors, packs, room = doors - served, packs - taken, room - taken
            if not room:
                loads.append(Load(place.id, tuple(parts)))
                parts, room = [], most
    if parts:
        loads.append(Load(place.id, tuple(parts)))
    return loads


def _carried(
    order: Order, drop: Drop, places: Sequence[Stairwell]
) -> tuple[DropPlan, list[Carrier]]:
    """Loads of one drop to hands: how many by the longest-first rule, then stairwell after stairwell."""
    timed = [
        (load_seconds(order.rules, place, load), n, load)
        for n, place in enumerate(places)
        for load in loads_of(order, place)
    ]
    packs = sum(load.packs for _, _, load in timed)
    if not timed:
        return DropPlan(drop.id, 0, 0, 0, 0, drop.hands, 0.0), []
    limit = order.minutes * 60
    total = sum(seconds for seconds, _, _ in timed)
    longest_load = max(seconds for seconds, _, _ in timed)
    at_least = max(1, ceil(total / limit - 1e-9))
    need = None
    if longest_load <= limit:
        big = sum(seconds > limit / 2 for seconds, _, _ in timed)
        at_least = max(at_least, big)
        need = at_least
        while max(map(spent, even(timed, need))) > limit:
            need += 1
    hands = drop.hands or need or len(timed)
    dealt = shared(timed, min(hands, len(timed)), limit)
    carriers = [
        Carrier(drop.id, number, tuple(load for _, _, load in sorted(mine, key=in_order)))
        for number, mine in enumerate((one for one in dealt if one), 1)
    ]
    longest = max(map(spent, dealt))
    return (
        DropPlan(
            drop.id, packs, len(timed), need, at_least, drop.hands, round(longest / 60, 1)
        ),
        carriers,
    )


def _driven(order: Order, wanted: dict[str, int], seed: int, budget: Budget) -> list[Trip]:
    """Trips dealt to vans: whole vans straight to a drop, the rest in rounds."""
    most = capacity(order.rules, order.rules.van_kg)
    places = {one.id: (one.x, one.y) for one in order.drops}
    loads: list[list[tuple[str, int]]] = []
    rest: list[tuple[str, int]] = []
    for drop, packs in wanted.items():
        loads += [[(drop, most)] for _ in range(packs // most)]
        if packs % most:
            rest.append((drop, packs % most))
    loads += _rounds(order, rest, places, most, seed, budget)
    timed = sorted(
        ((_seconds(order, stops), stops) for stops in loads), key=lambda one: -one[0]
    )
    total = sum(seconds for seconds, _ in timed)
    vans = order.vans
    if not vans:
        vans = max(1, ceil(total / (order.van_minutes * 60) - 1e-9))
        while vans < len(timed) and _busiest(timed, vans) > order.van_minutes * 60:
            vans += 1
    busy = [0.0] * vans
    trips: list[Trip] = []
    for seconds, stops in timed:
        van = min(range(vans), key=lambda n: (busy[n], n))
        busy[van] += seconds
        trips.append(Trip(van + 1, tuple(stops)))
    return trips


def _busiest(timed: Sequence[tuple[float, object]], vans: int) -> float:
    busy = [0.0] * vans
    for seconds, _ in timed:
        van = min(range(vans), key=lambda n: busy[n])
        busy[van] += seconds
    return max(busy)


def _seconds(order: Order, stops: Sequence[tuple[str, int]]) -> float:
    trip = Trip(0, tuple(stops))
    return trip_seconds(order.rules, trip_metres(order, trip), trip.packs, len(stops))


def _rounds(
    order: Order,
    rest: Sequence[tuple[str, int]],
    places: dict[str, tuple[float, float]],
    most: int,
    seed: int,
    budget: Budget,
) -> list[list[tuple[str, int]]]:
    if len(rest) < 2 or not routing.there():
        return [[one] for one in rest]
    # A stop that alone takes longer than a van's time is a trip of its own, and late.
    limit = order.van_minutes * 60
    alone = [[one] for one in rest if _seconds(order, [one]) > limit]
    rest = [one for one in rest if _seconds(order, [one]) <= limit]
    if len(rest) < 2:
        return [*alone, *([one] for one in rest)]
    rules = order.rules
    points = [order.depot, *(places[drop] for drop, _ in rest)]
    metres = [[metres_between(a, b) for b in points] for a in points]
    made = routing.rounds(
        metres,
        [[rules.van_metre_seconds * way for way in row] for row in metres],
        service=[
            0.0,
            *(rules.van_stop_seconds + rules.van_pack_seconds * packs for _, packs in rest),
        ],
        demand=[0, *(packs for _, packs in rest)],
        capacity=most,
        vehicles=len(rest),
        shift=limit - rules.van_load_seconds,
        fewest=False,
        budget=budget,
        seed=seed,
    )
    if not made.feasible:
        return [*alone, *([one] for one in rest)]
    rounds = [[rest[point - 1] for point in route] for route in made.routes]
    return [*alone, *rounds]


def _van_longest(order: Order, trips: Sequence[Trip]) -> float:
    busy: dict[int, float] = {}
    for trip in trips:
        busy[trip.van] = busy.get(trip.van, 0.0) + _seconds(order, trip.stops)
    return max(busy.values(), default=0.0)


def chain(carriers: Sequence[Carrier], trips: Sequence[Trip]) -> list[Handover]:
    """Every signature from the depot to the stairwells."""
    told: list[Handover] = []
    numbers: dict[int, int] = {}
    for trip in trips:
        numbers[trip.van] = numbers.get(trip.van, 0) + 1
        van = f"van {trip.van}/{numbers[trip.van]}"
        told.append(Handover("depot", van, trip.packs))
        told += [Handover(van, f"drop {drop}", packs) for drop, packs in trip.stops]
    for one in carriers:
        hand = f"carrier {one.drop}/{one.number}"
        told.append(Handover(f"drop {one.drop}", hand, one.packs))
        to: dict[str, int] = {}
        for load in one.loads:
            to[load.stairwell] = to.get(load.stairwell, 0) + load.packs
        told += [Handover(hand, f"stairwell {place}", packs) for place, packs in to.items()]
    return told


def _told(
    order: Order,
    plans: Sequence[DropPlan],
    trips: Sequence[Trip],
    used: int,
    longest: float,
    packs: int,
) -> list[Sentence]:
    told: list[Sentence] = []
    names = {one.id: one.name for one in order.drops}
    if not packs:
        return [said("没有要送的。")]
    if order.stock is not None and order.stock < packs:
        told.append(
            said(
                "仓库只有 {stock} 份,要送 {packs} 份,缺 {short} 份。",
                stock=order.stock,
                packs=packs,
                short=packs - order.stock,
            )
        )
    told += [
        said(
            "一份 {kg} 千克,超过{what}能装的 {most} 千克。",
            kg=order.rules.pack_kg,
            what=what,
            most=most,
        )
        for what, most in too_heavy(order)
    ]
    told.append(
        said(
            "{packs} 份分 {trips} 车送,用 {vans} 辆车,最忙的一辆 {longest} 分钟。",
            packs=packs,
            trips=len(trips),
            vans=used,
            longest=round(longest / 60, 1),
        )
    )
    if order.vans == 0:
        told.append(said("没有车:上面是至少要几辆车。"))
    elif (worst := max(_seconds(order, trip.stops) for trip in trips)) > order.van_minutes * 60:
        told.append(
            said(
                "最长的一趟车自己就要 {longest} 分钟,超过 {minutes} 分钟,多派车也没用。",
                longest=round(worst / 60, 1),
                minutes=round(order.van_minutes, 1),
            )
        )
    elif longest > order.van_minutes * 60:
        told.append(
            said(
                "车不够:{minutes} 分钟内送不完,多派车或者放宽时间。",
                minutes=round(order.van_minutes, 1),
            )
        )
    if any(plan.need is not None for plan in plans):
        told.append(
            said(
                "{minutes} 分钟送上门,各交接点一共要 {need} 人(至少 {at_least} 人)。",
                minutes=round(order.minutes, 1),
                need=sum(plan.need or 0 for plan in plans),
                at_least=sum(plan.at_least for plan in plans if plan.need is not None),
            )
        )
    for plan in plans:
        if plan.packs and plan.need is None:
            told.append(
                said(
                    "“{name}”有一趟自己就超过 {minutes} 分钟,再多人也来不及。",
                    name=names[plan.drop],
                    minutes=round(order.minutes, 1),
                )
            )
        elif plan.packs and plan.have is not None and plan.have < (plan.need or 0):
            told.append(
                said(
                    "“{name}”有 {have} 人,{minutes} 分钟内送不完 {packs} 份,{need} 人可以。",
                    name=names[plan.drop],
                    have=plan.have,
                    minutes=round(order.minutes, 1),
                    packs=plan.packs,
                    need=plan.need or 0,
                )
            )
    return told
