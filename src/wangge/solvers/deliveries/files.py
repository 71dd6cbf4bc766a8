"""Orders, plans and signatures as JSON: what `wangge plan deliver` reads and writes (docs/plans.md)."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Annotated, Any

import msgspec

from wangge.solvers.deliveries.checking import Verdict
from wangge.solvers.deliveries.order import (
    Carrier,
    Drop,
    Floor,
    Handover,
    Order,
    Rules,
    Stairwell,
    Trip,
)
from wangge.solvers.deliveries.planning import Delivery, chain
from wangge.solvers.deliveries.repairing import Mended
from wangge.solvers.files import (
    Degrees,
    Id,
    Metres,
    Plane,
    Tell,
    decoded,
    format_faults,
    position_faults,
    refuse,
    rules_faults,
    twice_faults,
    unknown_faults,
)
from wangge.solvers.microgrids.floors import spread
from wangge.solvers.split.files import Count
from wangge.solvers.split.files import Floor as FloorNumber
from wangge.solvers.words import Sentence, said

ORDER_FORMAT = "wangge.deliver/1"
PLAN_FORMAT = "wangge.deliver.plan/1"


class _Drop(msgspec.Struct, forbid_unknown_fields=True):
    id: Id
    name: str = ""
    hands: Count | None = None
    x: Metres = None
    y: Metres = None
    lon: Degrees = None
    lat: Degrees = None


class _Floor(msgspec.Struct, forbid_unknown_fields=True):
    floor: FloorNumber
    doors: Count
    packs: Count | None = None


class _Stairwell(msgspec.Struct, forbid_unknown_fields=True):
    id: Id
    drop: Id
    name: str = ""
    lift: bool = False
    out_of_order: bool = False
    metres: Annotated[float, msgspec.Meta(ge=0, le=10_000)] = 40.0
    households: Count | None = None
    floors: Annotated[int, msgspec.Meta(ge=1, le=300)] | None = None
    packs: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 1
    doors: list[_Floor] | None = None


class _Depot(msgspec.Struct, forbid_unknown_fields=True):
    x: Metres = None
    y: Metres = None
    lon: Degrees = None
    lat: Degrees = None


class _File(msgspec.Struct, forbid_unknown_fields=True):
    format: str
    drops: list[_Drop]
    stairwells: list[_Stairwell]
    depot: _Depot | None = None
    minutes: Annotated[float, msgspec.Meta(gt=0, le=100_000)] = 60.0
    vans: Count | None = None
    van_minutes: Annotated[float, msgspec.Meta(gt=0, le=100_000)] = 240.0
    stock: Annotated[int, msgspec.Meta(ge=0, le=100_000_000)] | None = None
    rules: dict[str, float] = {}


class _Plan(msgspec.Struct):
    carriers: list[Carrier]
    trips: list[Trip]


class _Signed(msgspec.Struct):
    giver: str
    taker: str
    packs: Count


def read_order(raw: bytes) -> Order:
    """An order from its JSON. Unreadable with every fault."""
    file = decoded(raw, _File, ORDER_FORMAT)
    refuse(_problems(file))
    plane = Plane([*file.drops, *([file.depot] if file.depot else [])])
    places = {one.id: plane.at(one) or (0.0, 0.0) for one in file.drops}
    depot = plane.at(file.depot) if file.depot is not None else None
    return Order(
        [Drop(one.id, one.name or one.id, *places[one.id], one.hands) for one in file.drops],
        [
            Stairwell(
                one.id,
                one.name or one.id,
                one.drop,
                _floors(one),
                one.lift and not one.out_of_order,
                one.metres,
            )
            for one in file.stairwells
        ],
        depot or (0.0, 0.0),
        file.minutes,
        file.vans,
        file.van_minutes,
        file.stock,
        Rules(**file.rules),
    )


def _problems(file: _File) -> Iterable[Sentence]:
    yield from format_faults(ORDER_FORMAT, file.format)
    yield from rules_faults(Rules, file.rules)
    yield from twice_faults("drops", (one.id for one in file.drops))
    yield from twice_faults("stairwells", (one.id for one in file.stairwells))
    yield from position_faults({"drops": [*file.drops, *([file.depot] if file.depot else [])]})
    yield from unknown_faults(
        "stairwells",
        "drops",
        ((row, one.drop) for row, one in enumerate(file.stairwells, 1)),
        (one.id for one in file.drops),
    )
    for row, one in enumerate(file.stairwells, 1):
        if one.doors is None and (one.households is None or one.floors is None):
            yield said(
                "stairwells 第 {row} 项要写 doors,或者写 floors 和 households。", row=row
            )


def _floors(one: _Stairwell) -> tuple[Floor, ...]:
    if one.doors is not None:
        return tuple(
            Floor(
                floor.floor,
                floor.doors,
                one.packs * floor.doors if floor.packs is None else floor.packs,
            )
            for floor in one.doors
        )
    doors = spread(one.households or 0, one.floors or 1)
    return tuple(Floor(n, count, count * one.packs) for n, count in enumerate(doors, 1))


def plan_of(raw: bytes) -> tuple[list[Carrier], list[Trip]]:
    """Carriers and trips of a plan file; Unreadable when it is none."""
    plan = decoded(raw, _Plan)
    return plan.carriers, plan.trips


def signed_of(raw: bytes) -> list[Handover]:
    """Signatures: a list of `giver`, `taker`, `packs`."""
    return [Handover(one.giver, one.taker, one.packs) for one in decoded(raw, list[_Signed])]


def verdict_json(verdict: Verdict, tell: Tell) -> dict[str, Any]:
    """A judgement."""
    return {
        "wanted": verdict.wanted,
        "planned": verdict.planned,
        "shortage": verdict.shortage,
        "double": verdict.double,
        "sentences": [tell(one) for one in verdict.sentences],
        "violations": [
            {"kind": one.kind, "where": one.where, "packs": one.packs, "why": tell(one.why)}
            for one in verdict.violations
        ],
    }


def delivery_json(made: Delivery, verdict: Verdict, tell: Tell) -> dict[str, Any]:
    """A plan, its signatures, and the checker's judgement of it."""
    return {
        "format": PLAN_FORMAT,
        "sentences": [tell(one) for one in made.sentences],
        "packs": made.packs,
        "drops": [asdict(one) for one in made.drops],
        "vans": made.vans,
        "van_longest": made.van_longest,
        "metres": made.metres,
        "stopped": made.stopped,
        **_plan(made.carriers, made.trips),
        "verdict": verdict_json(verdict, tell),
    }


def mended_json(made: Mended, verdict: Verdict, tell: Tell) -> dict[str, Any]:
    """A plan after somebody or a van dropped out."""
    return {
        "format": PLAN_FORMAT,
        "sentences": [tell(one) for one in made.sentences],
        "packs": made.packs,
        "stranded": made.stranded,
        "longest": made.longest,
        **_plan(made.carriers, made.trips),
        "verdict": verdict_json(verdict, tell),
    }


def _plan(carriers: Sequence[Carrier], trips: Sequence[Trip]) -> dict[str, Any]:
    return {
        "carriers": [asdict(one) for one in carriers],
        "trips": [
            {"van": one.van, "stops": [list(stop) for stop in one.stops]} for one in trips
        ],
        "handovers": [asdict(one) for one in chain(carriers, trips)],
    }
