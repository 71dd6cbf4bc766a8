"""Judges a delivery, whoever planned it, and the signatures along it. Shares no code with what plans
(an import contract says so); both read the definitions in `order`.

Two books are kept: what the plan says, from the depot to the doors, and what was signed for. Shortage
and double delivery are both zero only if every link of the chain passes on what it took.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from wangge.solvers.deliveries.order import (
    Carrier,
    Handover,
    Order,
    Trip,
    capacity,
    load_seconds,
    too_heavy,
    trip_metres,
    trip_seconds,
)
from wangge.solvers.words import Sentence, said

Kind = Literal[
    "short",
    "double",
    "overloaded",
    "late",
    "unknown",
    "chain",
    "signed_short",
    "signed_over",
    "stock",
    "too_heavy",
    "too_many",
]


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong: where, by how many packs, and why in a sentence."""

    kind: Kind
    where: str
    packs: int
    why: Sentence


@dataclass(frozen=True, slots=True)
class Verdict:
    """`shortage` and `double` count packs at doors, by the plan."""

    violations: tuple[Violation, ...]
    wanted: int
    planned: int
    shortage: int
    double: int
    sentences: tuple[Sentence, ...]


def check(
    order: Order,
    carriers: Sequence[Carrier],
    trips: Sequence[Trip],
    signed: Sequence[Handover] = (),
) -> Verdict:
    """Judge a plan; with `signed`, the signatures against it too. Never raises on a bad one."""
    return _Check(order, carriers, trips).verdict(signed)


class _Check:
    def __init__(
        self, order: Order, carriers: Sequence[Carrier], trips: Sequence[Trip]
    ) -> None:
        self.order = order
        self.carriers = carriers
        self.trips = trips
        self.places = {one.id: one for one in order.stairwells}
        self.found: list[Violation] = []

    def say(
        self, kind: Kind, where: str, packs: int, text: str, /, **values: str | float
    ) -> None:
        self.found.append(Violation(kind, where, packs, said(text, **values)))

    def verdict(self, signed: Sequence[Handover]) -> Verdict:
        shortage, double, planned = self.doors()
        self.weights_and_times()
        self.there()
        self.links()
        if signed:
            self.signatures(signed)
        wanted = sum(one.packs for one in self.order.stairwells)
        if self.order.stock is not None and self.order.stock < wanted:
            self.say(
                "stock",
                "depot",
                wanted - self.order.stock,
                "仓库缺 {packs} 份。",
                packs=wanted - self.order.stock,
            )
        told = [
            said(
                "应送 {wanted} 份,方案送到门口 {planned} 份:缺 {short} 份,重复 {double} 份。",
                wanted=wanted,
                planned=planned,
                short=shortage,
                double=double,
            )
        ]
        if not self.found:
            told.append(said("每一次交接都对得上。"))
        return Verdict(tuple(self.found), wanted, planned, shortage, double, tuple(told))

    def doors(self) -> tuple[int, int, int]:
        """Floor by floor: what is wanted against what is brought."""
        wanted: Counter[tuple[str, int]] = Counter()
        brought: Counter[tuple[str, int]] = Counter()
        for place in self.order.stairwells:
            for floor in place.floors:
                wanted[place.id, floor.floor] += floor.packs
        for one in self.carriers:
            for load in one.loads:
                for part in load.parts:
                    brought[load.stairwell, part.floor] += part.packs
        shortage = double = 0
        for where in {**wanted, **brought}:
            difference = brought[where] - wanted[where]
            name = f"{self.name(where[0])} {where[1]}"
            if difference < 0:
                shortage -= difference
                self.say(
                    "short",
                    name,
                    -difference,
                    "{place} 层缺 {packs} 份。",
                    place=name,
                    packs=-difference,
                )
            elif difference > 0:
                double += difference
                self.say(
                    "double",
                    name,
                    difference,
                    "{place} 层多送 {packs} 份。",
                    place=name,
                    packs=difference,
                )
        return shortage, double, sum(brought.values())

    def name(self, stairwell: str) -> str:
        place = self.places.get(stairwell)
        return place.name if place is not None else stairwell

    def weights_and_times(self) -> None:
        rules = self.order.rules
        for one in self.carriers:
            seconds = 0.0
            who = f"{one.drop}/{one.number}"
            for load in one.loads:
                place = self.places.get(load.stairwell)
                if place is None:
                    self.say(
                        "unknown",
                        load.stairwell,
                        load.packs,
                        "没有编号为“{id}”的单元。",
                        id=load.stairwell,
                    )
                    continue
                if place.drop != one.drop:
                    self.say(
                        "unknown",
                        who,
                        load.packs,
                        "{place}不归交接点“{drop}”送。",
                        place=place.name,
                        drop=one.drop,
                    )
                most = capacity(rules, rules.trolley_kg if place.lift else rules.carry_kg)
                if load.packs > most:
                    self.say(
                        "overloaded",
                        who,
                        load.packs - most,
                        "{who}一趟 {packs} 份,最多 {most} 份。",
                        who=who,
                        packs=load.packs,
                        most=most,
                    )
                seconds += load_seconds(rules, place, load)
            self.in_time(who, seconds, self.order.minutes)
        most = capacity(rules, rules.van_kg)
        driven: Counter[int] = Counter()
        for trip in self.trips:
            if trip.packs > most:
                self.say(
                    "overloaded",
                    f"van {trip.van}",
                    trip.packs - most,
                    "{who}一趟 {packs} 份,最多 {most} 份。",
                    who=f"van {trip.van}",
                    packs=trip.packs,
                    most=most,
                )
            metres = trip_metres(self.order, trip)
            driven[trip.van] += round(
                trip_seconds(rules, metres, trip.packs, len(trip.stops)) * 1000
            )
        for van, thousandths in driven.items():
            self.in_time(f"van {van}", thousandths / 1000, self.order.van_minutes)

    def there(self) -> None:
        """No more hands and vans than there are, and nothing that they cannot lift."""
        used = Counter(one.drop for one in self.carriers if one.loads)
        for drop in self.order.drops:
            if drop.hands is not None and used[drop.id] > drop.hands:
                self.say(
                    "too_many",
                    f"drop {drop.id}",
                    0,
                    "交接点“{drop}”用了 {used} 人,到场只有 {there} 人。",
                    drop=drop.name,
                    used=used[drop.id],
                    there=drop.hands,
                )
        vans = len({trip.van for trip in self.trips})
        if self.order.vans is not None and vans > self.order.vans:
            self.say(
                "too_many",
                "depot",
                0,
                "方案用了 {used} 辆车,只有 {there} 辆。",
                used=vans,
                there=self.order.vans,
            )
        rules = self.order.rules
        for what, most in too_heavy(self.order):
            self.say(
                "too_heavy",
                what,
                0,
                "一份 {kg} 千克,超过{what}能装的 {most} 千克。",
                kg=rules.pack_kg,
                what=what,
                most=most,
            )

    def in_time(self, who: str, seconds: float, minutes: float) -> None:
        if seconds > minutes * 60 + 0.5:
            self.say(
                "late",
                who,
                0,
                "“{who}”要 {longest} 分钟,超过 {minutes} 分钟。",
                who=who,
                longest=round(seconds / 60),
                minutes=round(minutes),
            )

    def links(self) -> None:
        """What arrives at a drop is what is carried away from it."""
        arrived: Counter[str] = Counter()
        carried: Counter[str] = Counter()
        known = {one.id for one in self.order.drops}
        for trip in self.trips:
            for drop, packs in trip.stops:
                arrived[drop] += packs
                if drop not in known:
                    self.say("unknown", drop, packs, "没有编号为“{id}”的交接点。", id=drop)
        for one in self.carriers:
            carried[one.drop] += one.packs
        for drop in {**arrived, **carried}:
            if arrived[drop] != carried[drop]:
                self.say(
                    "chain",
                    f"drop {drop}",
                    abs(arrived[drop] - carried[drop]),
                    "交接点“{drop}”到了 {arrived} 份,拿走 {carried} 份。",
                    drop=drop,
                    arrived=arrived[drop],
                    carried=carried[drop],
                )

    def signatures(self, signed: Sequence[Handover]) -> None:
        """What was signed for against the plan, and what each signer passed on."""
        planned = self._planned()
        given: Counter[tuple[str, str]] = Counter()
        for one in signed:
            given[one.giver, one.taker] += one.packs
        for link in {**planned, **given}:
            difference = given[link] - planned.get(link, 0)
            if difference:
                self.say(
                    "signed_short" if difference < 0 else "signed_over",
                    f"{link[0]} → {link[1]}",
                    abs(difference),
                    "{giver} 交给 {taker}:应 {planned} 份,签收 {signed} 份。",
                    giver=link[0],
                    taker=link[1],
                    planned=planned.get(link, 0),
                    signed=given[link],
                )

    def _planned(self) -> Mapping[tuple[str, str], int]:
        book: Counter[tuple[str, str]] = Counter()
        ride: Counter[int] = Counter()
        for trip in self.trips:
            ride[trip.van] += 1
            van = f"van {trip.van}/{ride[trip.van]}"
            book["depot", van] += trip.packs
            for drop, packs in trip.stops:
                book[van, f"drop {drop}"] += packs
        for one in self.carriers:
            hand = f"carrier {one.drop}/{one.number}"
            for load in one.loads:
                book[f"drop {one.drop}", hand] += load.packs
                book[hand, f"stairwell {load.stairwell}"] += load.packs
        return book
