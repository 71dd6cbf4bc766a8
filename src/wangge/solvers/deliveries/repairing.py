"""A van or a pair of hands drops out: their loads go to others of the same kind, and nothing else
changes hands. That is the least there can be."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from wangge.solvers.deliveries.order import (
    Carrier,
    Load,
    Order,
    Trip,
    load_seconds,
    trip_metres,
    trip_seconds,
)
from wangge.solvers.words import Sentence, said


@dataclass(frozen=True, slots=True)
class Mended:
    """`packs` change hands; `stranded` have nobody to carry or drive them. `longest` in minutes,
    of whoever took something over."""

    carriers: tuple[Carrier, ...]
    trips: tuple[Trip, ...]
    packs: int
    stranded: int
    longest: float
    sentences: tuple[Sentence, ...]


def mend(
    order: Order,
    carriers: Sequence[Carrier],
    trips: Sequence[Trip],
    *,
    hands: Collection[tuple[str, int]] = (),
    vans: Collection[int] = (),
) -> Mended:
    """`hands` are (drop, number) of those who are gone, `vans` the numbers of vans that are."""
    places = {one.id: one for one in order.stairwells}
    kept = [one for one in carriers if (one.drop, one.number) not in hands]
    packs = stranded = 0
    longest = 0.0

    def seconds(loads: Sequence[Load]) -> float:
        return sum(
            load_seconds(order.rules, places[load.stairwell], load)
            for load in loads
            if load.stairwell in places
        )

    for gone in (one for one in carriers if (one.drop, one.number) in hands):
        there = [n for n, one in enumerate(kept) if one.drop == gone.drop]
        for load in sorted(gone.loads, key=lambda one: -seconds([one])):
            if not there:
                stranded += load.packs
                continue
            to = min(there, key=lambda n: (seconds(kept[n].loads), kept[n].number))
            kept[to] = replace(kept[to], loads=(*kept[to].loads, load))
            longest = max(longest, seconds(kept[to].loads))
            packs += load.packs
    busy: dict[int, float] = {trip.van: 0.0 for trip in trips if trip.van not in vans}

    def driven(trip: Trip) -> float:
        metres = trip_metres(order, trip)
        return trip_seconds(order.rules, metres, trip.packs, len(trip.stops))

    for trip in trips:
        if trip.van in busy:
            busy[trip.van] += driven(trip)
    driving = [trip for trip in trips if trip.van in busy]
    for trip in sorted((t for t in trips if t.van in vans), key=lambda t: -driven(t)):
        if not busy:
            stranded += trip.packs
            continue
        van = min(busy, key=lambda n: (busy[n], n))
        busy[van] += driven(trip)
        longest = max(longest, busy[van])
        driving.append(replace(trip, van=van))
        packs += trip.packs
    told: list[Sentence] = []
    if packs or not stranded:
        told.append(said("只转退出的人和车的 {packs} 份,别的不动。", packs=packs))
    if packs:
        told.append(said("接手后最长的一份 {longest} 分钟。", longest=round(longest / 60, 1)))
    if stranded:
        told.append(said("没有人可以接手,还有 {stranded} 份没有人送。", stranded=stranded))
    return Mended(
        tuple(kept), tuple(driving), packs, stranded, round(longest / 60, 1), tuple(told)
    )
