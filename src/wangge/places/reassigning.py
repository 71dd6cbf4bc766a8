"""Stairwells that go to another micro-grid while all areas stay: with their doors, whatever rooms above
keep there, and a dated line of history for each.

What has a unit goes where the unit goes; what is kept by code alone (posts, rounds) stays, and open
cases wait for the caller (`cases.commands.go_along`). The caller has checked who may do this: a
community's office may, within its own community.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date, new_id
from wangge.kernel.refusals import Invalid, Refusal
from wangge.places import queries
from wangge.places.atlas import ATLAS, Atlas
from wangge.places.borders import follow
from wangge.places.commands import update_of
from wangge.places.events import BoundaryChanged, DoorsMoved
from wangge.places.geometry import shapely
from wangge.places.holders import Moved, all_holders
from wangge.places.model import area_id
from wangge.places.redrawing import Follower
from wangge.places.shapes import rounded_json

REASON_MAX = 200


@dataclass(frozen=True, slots=True)
class Step:
    """One stairwell that goes from one area to another."""

    unit_id: UUID
    from_code: str
    to_code: str


@dataclass(frozen=True, slots=True)
class Reassigned:
    """What went along, and what an undo gives back: `wider` are compounds that had to be filed higher
    up, with the code they had; `borders` the boundaries that moved (GeoJSON text), before and after."""

    units: int
    moved: tuple[Follower, ...]
    wider: Mapping[UUID, str]
    borders: Mapping[str, tuple[str, str]]


@dataclass(eq=False)
class UnitsWentElsewhere(Refusal):
    """The areas were changed meanwhile; nobody's change is written over."""

    says: ClassVar[str] = (
        "有 {count} 个单元现在已不在方案所说的微网格里(如{name}):区域在此之后改过。请重新检查再决定。"
    )
    status: ClassVar[int] = 409
    count: int
    name: str


async def hold_ground(tx: Tx, codes: Iterable[str]) -> None:
    """Hold the communities of these codes as they are until the end of the transaction: of two who
    change the same ground the second sees what the first has done. To be called before anything of it
    is read, the map in memory too."""
    await queries.lock_ground(tx, sorted({code[:12] for code in codes}))


async def reassign(
    tx: Tx,
    steps: Sequence[Step],
    reason: str,
    *,
    cause: UUID | None = None,
    spots: Mapping[UUID, tuple[float, float]] | None = None,
    wider: Mapping[UUID, str] | None = None,
    borders: Mapping[str, tuple[str, str]] | None = None,
) -> Reassigned:
    """Give stairwells to other areas, all or none. A fixed number of statements and those of the
    rooms above. With `spots` (where all stairwells around stand) borders follow. To undo, `wider` and
    `borders` are what was answered: a boundary somebody drew anew meanwhile stays as it is.

    Raises UnitsWentElsewhere when one of them is not where the step says, Invalid for a reason that
    is missing or an area that is not open.
    """
    reason = reason.strip()
    if not 1 <= len(reason) <= REASON_MAX:
        raise Invalid.of("reason", "请写明原因(1 到 {most} 个字)。", most=REASON_MAX)
    await hold_ground(tx, [code for step in steps for code in (step.from_code, step.to_code)])
    atlas = await ATLAS.get(tx)
    for code in {step.to_code for step in steps}:
        area = atlas.area(code)
        if area is None or not area.open:
            raise Invalid.of("to", "区域“{code}”不存在或已停用。", code=code)
    there = {unit.id: unit for unit in await queries.lock_units(tx, [s.unit_id for s in steps])}
    away = [
        step
        for step in steps
        if step.unit_id not in there or there[step.unit_id].area_code != step.from_code
    ]
    if away:
        first = there.get(away[0].unit_id)
        raise UnitsWentElsewhere(len(away), first.name if first else "?")
    old = sorted({step.from_code for step in steps})
    await queries.give_units(tx, [(step.unit_id, step.to_code) for step in steps])
    await queries.insert_unit_moves(
        tx,
        [(new_id(tx.now), step.unit_id, step.from_code, step.to_code) for step in steps],
        day=local_date(tx.now),
        cause=cause,
        reason=reason,
    )
    doors = await queries.doors_follow_units(tx, old)
    buildings = sorted({there[step.unit_id].building_id for step in steps})
    await queries.buildings_meet_units(tx, buildings)
    filed = await queries.compounds_above_buildings(tx, buildings)
    if wider:
        await queries.file_compounds(tx, wider)
    await queries.names_follow_things(tx, old)
    drawn = _back(atlas, borders) if borders else follow(atlas, steps, spots or {})
    if drawn:
        await queries.update_areas(tx, [update_of(atlas, *one) for one in drawn.items()])
        tx.publish(*(BoundaryChanged(area_id(code), code) for code in drawn))
    tx.publish(*(DoorsMoved(area_id(one.area_code), one.area_code, one.items) for one in doors))
    # From here on the map in memory is the new one: what lies at a point goes by it.
    await tx.bump("places")
    moved = [Follower("户门", one.area_code, one.items) for one in doors]
    for holder in all_holders().values():
        if holder.move is not None:
            counts = await holder.move(tx, Moved(tuple(old), {}))
            moved += [Follower(holder.name, one.area_code, one.items) for one in counts]
    return Reassigned(
        len(steps),
        tuple(moved),
        {one.id: one.area_code for one in filed},
        {
            code: (rounded_json(atlas.shape(code)), rounded_json(shape))
            for code, shape in drawn.items()
        },
    )


def _back(atlas: Atlas, borders: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """Boundaries as they were, of the areas that still have what was drawn for them then."""
    return {
        code: shapely.from_geojson(was)
        for code, (was, became) in borders.items()
        if (shape := atlas.shape(code)) is not None and rounded_json(shape) == became
    }
