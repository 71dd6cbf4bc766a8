"""Areas that split and merge, with their parts, buildings, doors and whatever rooms above keep there.

A code is never used again: the old areas close on a day and name those that came after them, the
new ones begin on the same day. What has a unit goes where the unit goes; what is kept by code
alone (posts, open cases) stays and resolves. Everything happens in one transaction, so a preview
is the thing itself, done and taken back.
"""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.http import Asking
from wangge.kernel.moments import local_date
from wangge.kernel.refusals import Forbidden, Invalid, NotFound, Problem
from wangge.places import acts, queries
from wangge.places.atlas import ATLAS, Atlas
from wangge.places.commands import checked_name, open_area
from wangge.places.events import AreaClosed, AreaOpened, AreasMerged, AreaSplit, DoorsMoved
from wangge.places.geometry import shapely
from wangge.places.holders import Moved, all_holders
from wangge.places.model import (
    GRID_KINDS,
    Area,
    AreaKind,
    CodeTaken,
    area_id,
    kind_of,
    parent_of,
)
from wangge.places.queries import AreaRow, BuildingAt, Renumbered, UnitAt
from wangge.places.shapes import (
    SLIVER_M2,
    SLIVER_SHARE,
    polygon_of,
    rounded_json,
    square_metres,
)

#: Areas one becomes, and areas that become one.
PARTS_MAX = 20
#: Days for which a redrawing may be entered afterwards.
BACK_DAYS = 62
#: A part of an area cut off by a line is said when it is no sliver.
CUT_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class PartWish:
    """One of the areas that are to come. Without a code it gets the next free one. What belongs
    to it is ticked (codes of parts, buildings, units) or told by its boundary."""

    name: str
    code: str = ""
    grid_kind: str | None = None
    boundary: Any = None
    children: tuple[str, ...] = ()
    buildings: tuple[UUID, ...] = ()
    units: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one old area."""

    code: str
    name: str
    successors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """One new area. `boundary` is GeoJSON, or None while nobody has drawn it."""

    code: str
    name: str
    kind: AreaKind
    boundary: Any


@dataclass(frozen=True, slots=True)
class Follower:
    """So many of something go to an area; with "" they stay under the old code, which resolves."""

    what: str
    area_code: str
    items: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a redrawing did, or would do."""

    closed: tuple[Fate, ...]
    opened: tuple[Opened, ...]
    moved: tuple[Follower, ...]
    staying: tuple[Follower, ...]
    warnings: tuple[Problem, ...]


@dataclass
class _Plan:
    """Which old code becomes which, and where buildings and units go that hang on a code whose
    rows part."""

    codes: dict[str, str] = field(default_factory=dict[str, str])
    buildings: dict[UUID, str] = field(default_factory=dict[UUID, str])
    units: dict[UUID, str] = field(default_factory=dict[UUID, str])
    rows: list[AreaRow] = field(default_factory=list[AreaRow])
    closed: list[Fate] = field(default_factory=list[Fate])
    warnings: list[Problem] = field(default_factory=list[Problem])


class _TakenBack(Exception):
    """Ends the transaction of a preview."""


async def rehearse(who: Asking, doing: Callable[[Tx], Awaitable[Outcome]]) -> Outcome:
    """Do a redrawing, see what it does, and take it back: the preview is the thing itself.
    Raises whatever the redrawing raises."""
    outcome: Outcome | None = None
    try:
        async with who.tx() as tx:
            outcome = await doing(tx)
            raise _TakenBack
    except _TakenBack:
        assert outcome is not None
        return outcome


# -- splitting ---------------------------------------------------------------------------------


async def split(
    tx: Tx,
    code: str,
    parts: Sequence[PartWish],
    *,
    line: Any = None,
    on: date | None = None,
) -> Outcome:
    """One area becomes several.

    `line` is a GeoJSON LineString that cuts its boundary into as many pieces as there are parts
    (the first part is the westernmost piece). `on` is the first day of the new areas, today or
    up to `BACK_DAYS` ago. Raises NotFound, Forbidden, AreaIsClosed, CodeTaken, and Invalid for
    what nobody has given to a part.
    """
    area = await open_area(tx, code)
    atlas = await ATLAS.get(tx)
    if area.kind is AreaKind.COUNTY:
        raise Invalid.of("code", "区(县)不能在这里拆分。")
    if not 2 <= len(parts) <= PARTS_MAX:
        raise Invalid.of("parts", "应拆成 2 到 {most} 个区域。", most=PARTS_MAX)
    day = _day(tx, [area], on)
    parent = parent_of(code) or ""
    codes = _codes(tx, atlas, parent, [part.code for part in parts])
    shapes = _shapes_of_parts(atlas, code, parts, line)
    plan = _Plan()
    children = atlas.children(code)
    child_part = _give_children(atlas, children, parts, shapes, plan)
    for at, part in enumerate(parts):
        plan.rows.append(
            _row(
                codes[at],
                checked_name(part.name),
                _grid_kind(area, part.grid_kind),
                day,
                shapes[at] or _union(atlas, children, child_part, at),
            )
        )
    for child in children:
        new = codes[child_part[child.code]] + child.code[-3:]
        _carry(atlas, child.code, new, day, plan)
    plan.closed.append(Fate(code, area.name, tuple(codes)))
    units = await queries.units_at(tx, [code])
    buildings = await queries.buildings_at(tx, [code], [unit.building_id for unit in units])
    _give_doors(code, codes, parts, shapes, buildings, units, plan)
    if not all(row.boundary for row in plan.rows[: len(parts)]):
        plan.warnings.append(
            Problem("boundary", "新区域还没有边界,位置不能自动归到那里。拆分后请画上。")
        )
    tx.publish(AreaSplit(area_id(code), code, tuple(codes)))
    return await _carry_out(tx, atlas, plan, day)


def _shapes_of_parts(
    atlas: Atlas, code: str, parts: Sequence[PartWish], line: Any
) -> list[Any]:
    """A shape for each part, or None."""
    whole = atlas.shape(code)
    if line is None:
        shapes = [polygon_of(part.boundary) if part.boundary else None for part in parts]
        _must_not_overlap(parts, shapes, whole)
        return shapes
    if whole is None:
        raise Invalid.of("line", "这个区域还没有边界,不能用线来分。请改用勾选。")
    cut = _line(line)
    pieces = [
        piece
        for piece in shapely.ops.split(whole, cut).geoms
        if square_metres(piece) > SLIVER_M2
    ]
    if len(pieces) != len(parts):
        raise Invalid.of(
            "line",
            "这条线把区域分成了 {pieces} 块,应为 {parts} 块。线的两端要画到边界以外。",
            pieces=len(pieces),
            parts=len(parts),
        )
    return sorted(pieces, key=lambda piece: (piece.centroid.x, piece.centroid.y))


def _line(line: Any) -> Any:
    try:
        if not isinstance(line, Mapping) or line.get("type") != "LineString":  # pyright: ignore[reportUnknownMemberType]
            raise ValueError
        made = shapely.geometry.shape(line)
    except (ValueError, TypeError, AttributeError, KeyError) as wrong:
        raise Invalid.of("line", "分界线应是 GeoJSON 的 LineString(折线)。") from wrong
    if made.is_empty or not made.is_simple:
        raise Invalid.of("line", "分界线自己交叉了。")
    return made


def _must_not_overlap(parts: Sequence[PartWish], shapes: Sequence[Any], whole: Any) -> None:
    for at, shape in enumerate(shapes):
        for other, against in enumerate(shapes[:at]):
            if shape is None or against is None:
                continue
            common = square_metres(shape.intersection(against))
            least = min(square_metres(shape), square_metres(against))
            if common > max(SLIVER_M2, least * SLIVER_SHARE):
                raise Invalid.of(
                    "boundary",
                    "“{one}”和“{two}”的边界重叠约 {area} 平方米。",
                    one=parts[other].name,
                    two=parts[at].name,
                    area=round(common),
                )
        if shape is not None and whole is not None:
            outside = square_metres(shape.difference(whole))
            if outside > max(SLIVER_M2, square_metres(shape) * SLIVER_SHARE * 2):
                raise Invalid.of(
                    "boundary", "“{name}”的边界超出了原来的区域。", name=parts[at].name
                )


def _give_children(
    atlas: Atlas,
    children: Sequence[Area],
    parts: Sequence[PartWish],
    shapes: Sequence[Any],
    plan: _Plan,
) -> dict[str, int]:
    """Which part each area below goes to: as ticked, else where most of it lies."""
    given: dict[str, int] = {}
    for at, part in enumerate(parts):
        for ticked in part.children:
            if ticked in given:
                raise Invalid.of(
                    "children", "“{name}”分给了两个区域。", name=atlas.name(ticked)
                )
            given[ticked] = at
    known = {child.code for child in children}
    for code in given:
        if code not in known:
            raise Invalid.of("children", "“{code}”不是这个区域的下级。", code=code)
    left: list[str] = []
    for child in children:
        if child.code in given:
            continue
        shape = atlas.shape(child.code)
        shares = [
            float(shape.intersection(piece).area / shape.area)
            if shape is not None and piece is not None and shape.area
            else 0.0
            for piece in shapes
        ]
        best = max(range(len(shares)), key=lambda at: (shares[at], -at))
        if shares[best] <= 0.0:
            left.append(child.name)
            continue
        given[child.code] = best
        if 1.0 - shares[best] > CUT_SHARE and shares[best] < 1.0 - CUT_SHARE:
            plan.warnings.append(
                Problem(
                    "line",
                    "分界线穿过“{name}”,整个划给了“{part}”。",
                    values={"name": child.name, "part": parts[best].name},
                )
            )
    if left:
        raise Invalid.of(
            "children",
            "还有 {count} 个下级区域没有分配:{names}。",
            count=len(left),
            names="、".join(left[:8]),
        )
    return given


def _union(
    atlas: Atlas, children: Sequence[Area], child_part: Mapping[str, int], at: int
) -> Any:
    """What the parts of a new area cover together, when all of them are drawn and meet."""
    shapes = [atlas.shape(child.code) for child in children if child_part[child.code] == at]
    if not shapes or any(shape is None for shape in shapes):
        return None
    whole = shapely.union_all(shapes)
    return whole if whole.geom_type in ("Polygon", "MultiPolygon") else None


def _give_doors(
    code: str,
    codes: Sequence[str],
    parts: Sequence[PartWish],
    shapes: Sequence[Any],
    buildings: Sequence[BuildingAt],
    units: Sequence[UnitAt],
    plan: _Plan,
) -> None:
    """Units that hang on the area itself go to a part: as ticked, with their building, or where
    it stands."""
    by_unit = {unit: at for at, part in enumerate(parts) for unit in part.units}
    by_building = {b: at for at, part in enumerate(parts) for b in part.buildings}
    stands: dict[UUID, int | None] = {}
    for building in buildings:
        stands[building.id] = by_building.get(building.id, _part_at(building, shapes))
    left: list[str] = []
    names = {building.id: building.name for building in buildings}
    for unit in units:
        at = by_unit.get(unit.id, stands.get(unit.building_id))
        if at is None:
            left.append(names.get(unit.building_id, unit.name))
        else:
            plan.units[unit.id] = codes[at]
    homes: dict[UUID, set[str]] = {}
    for unit in units:
        if unit.id in plan.units:
            homes.setdefault(unit.building_id, set()).add(plan.units[unit.id])
    for building in buildings:
        if building.area_code != code:
            continue
        theirs = homes.get(building.id, set())
        at = stands[building.id]
        if len(theirs) == 1:
            plan.buildings[building.id] = next(iter(theirs))
        elif theirs:
            plan.buildings[building.id] = parent_of(code) or code  # it stands in both
        elif at is not None:
            plan.buildings[building.id] = codes[at]
        else:
            left.append(building.name)
    if left:
        kinds = sorted(set(left))
        raise Invalid.of(
            "buildings",
            "还有 {count} 栋楼不知道归谁:{names}。请勾选,或把线画清楚。",
            count=len(kinds),
            names="、".join(kinds[:8]),
        )


def _part_at(building: BuildingAt, shapes: Sequence[Any]) -> int | None:
    if building.lon is None or building.lat is None:
        return None
    point = shapely.Point(building.lon, building.lat)
    for at, shape in enumerate(shapes):
        if shape is not None and shape.covers(point):
            return at
    return None


# -- merging -----------------------------------------------------------------------------------


async def merge(
    tx: Tx,
    codes: Sequence[str],
    name: str,
    *,
    into: str = "",
    grid_kind: str | None = None,
    boundary: Any = None,
    on: date | None = None,
) -> Outcome:
    """Several areas of one kind below one parent become one: a new one (`into` is its code, or ""
    for the next free), or one of them that goes on. Raises as `split` does."""
    wanted = list(dict.fromkeys(codes))
    if not 2 <= len(wanted) <= PARTS_MAX:
        raise Invalid.of("codes", "请选择 2 到 {most} 个要合并的区域。", most=PARTS_MAX)
    merged = [await open_area(tx, code) for code in sorted(wanted)]
    atlas = await ATLAS.get(tx)
    parents = {parent_of(area.code) for area in merged}
    if len(parents) > 1 or None in parents:
        raise Invalid.of("codes", "只能合并同一个上级下面的区域。")
    parent = parents.pop() or ""
    day = _day(tx, merged, on)
    staying = next((area for area in merged if area.code == into), None)
    code = into if staying else _codes(tx, atlas, parent, [into])[0]
    name = checked_name(name)
    shape = (
        polygon_of(boundary)
        if boundary
        else _joined([atlas.shape(area.code) for area in merged])
    )
    plan = _Plan()
    if shape is None:
        plan.warnings.append(Problem("boundary", "有的区域没有边界,合并后请画上新的边界。"))
    elif shape.geom_type == "MultiPolygon":
        plan.warnings.append(
            Problem(
                "boundary",
                "合并后的边界有 {pieces} 块不相连。",
                values={"pieces": len(shape.geoms)},
            )
        )
    row = _row(code, name, _grid_kind(merged[0], grid_kind), day, shape)
    if staying is None:
        plan.rows.append(row)
    free = _Numbers(atlas, code, [area.code for area in merged])
    for area in merged:
        if area is staying:
            continue
        plan.codes[area.code] = code
        plan.closed.append(Fate(area.code, area.name, (code,)))
        for child in atlas.children(area.code):
            _carry(atlas, child.code, free.next(child.code), day, plan)
    if staying is not None:
        await queries.update_areas(
            tx,
            [
                queries.AreaUpdate(
                    code, name, row.grid_kind, row.boundary, row.centre_lon, row.centre_lat
                )
            ],
        )
    tx.publish(AreasMerged(area_id(code), code, tuple(area.code for area in merged)))
    return await _carry_out(tx, atlas, plan, day)


def _joined(shapes: Sequence[Any]) -> Any:
    if any(shape is None for shape in shapes):
        return None
    # Hand-drawn neighbours leave hairlines between them, which no merged area should keep.
    width = 0.00002
    whole = shapely.union_all([shape.buffer(width, join_style="mitre") for shape in shapes])
    return whole.buffer(-width, join_style="mitre")


class _Numbers:
    """Free numbers below an area: each part keeps its own where it can."""

    def __init__(self, atlas: Atlas, parent: str, merged: Sequence[str]) -> None:
        self._parent = parent
        self._taken = {code[-3:] for code in atlas.ever_below(parent)}
        self._wanted = {
            code[-3:] for one in merged for code in (a.code for a in atlas.children(one))
        }

    def next(self, child: str) -> str:
        number = child[-3:]
        if number in self._taken:
            number = next(
                f"{n:03d}"
                for n in range(1, 1000)
                if f"{n:03d}" not in self._taken and f"{n:03d}" not in self._wanted
            )
        self._taken.add(number)
        return self._parent + number


# -- what both do ------------------------------------------------------------------------------


def _day(tx: Tx, areas: Iterable[Area], on: date | None) -> date:
    today = local_date(tx.now)
    day = on or today
    if day > today:
        raise Invalid.of("on", "生效日期不能在今天以后:到那一天再来调整。")
    if day < today - timedelta(days=BACK_DAYS):
        raise Invalid.of("on", "生效日期最早只能补记到 {most} 天以前。", most=BACK_DAYS)
    for area in areas:
        if day < area.valid_from:
            raise Invalid.of(
                "on",
                "“{name}”{since} 才启用,生效日期不能更早。",
                name=area.name,
                since=str(area.valid_from),
            )
    return day


def _codes(tx: Tx, atlas: Atlas, parent: str, wished: Sequence[str]) -> list[str]:
    """The new codes: as wished where they are free and well made, else the next ones."""
    used = {code[-3:] for code in atlas.ever_below(parent)} | {
        code[-3:] for code in wished if code
    }
    free = (f"{number:03d}" for number in range(_first(used), 1000))
    made: list[str] = []
    for wish in wished:
        code = wish.strip()
        if code:
            if kind_of(code) and parent_of(code) != parent:
                raise Invalid.of(
                    "code", "新代码“{code}”应以 {parent} 开头。", code=code, parent=parent
                )
            if atlas.area(code) is not None:
                raise CodeTaken(code)
            if code in made:
                raise Invalid.of("code", "新代码“{code}”用了两次。", code=code)
        else:
            number = next(free, None)
            if number is None:
                raise Invalid.of("code", "“{code}”下面的号码用完了。", code=parent)
            code = parent + number
        if not tx.reach(acts.CHANGE).covers(code):
            raise Forbidden(acts.CHANGE.name)
        made.append(code)
    return made


def _first(used: Iterable[str]) -> int:
    """Behind every number that ever was, so that codes go up with time."""
    return max((int(number) for number in used), default=0) + 1


def _grid_kind(area: Area, wished: str | None) -> str | None:
    allowed = GRID_KINDS.get(area.kind, ())
    if wished and wished not in allowed:
        raise Invalid.of("grid_kind", "“{kind}”不能用在这一级区域上。", kind=wished)
    return wished or area.grid_kind


def _row(code: str, name: str, grid_kind: str | None, day: date, shape: Any) -> AreaRow:
    lon = lat = None
    if shape is not None:
        point = shape.representative_point()
        lon, lat = round(float(point.x), 6), round(float(point.y), 6)
    return AreaRow(
        code,
        kind_of(code),
        grid_kind,
        name,
        day,
        rounded_json(shape) if shape is not None else None,
        lon,
        lat,
    )


def _carry(atlas: Atlas, old: str, new: str, day: date, plan: _Plan) -> None:
    """An area below goes with everything below it, under a code that begins with the new one."""
    for area in atlas.open_areas(old):
        code = new + area.code[len(old) :]
        shape = atlas.shape(area.code)
        plan.rows.append(_row(code, area.name, area.grid_kind, day, shape))
        plan.codes[area.code] = code
        plan.closed.append(Fate(area.code, area.name, (code,)))


async def _carry_out(tx: Tx, atlas: Atlas, plan: _Plan, day: date) -> Outcome:
    """Write it: new areas, ends of old ones, buildings, units, doors, and all that rooms keep."""
    if any(kind_of(row.code) is AreaKind.COUNTY for row in plan.rows):
        raise NotFound("这个区域")
    await queries.insert_areas(tx, plan.rows)
    closing = sorted(plan.closed, key=lambda fate: (-len(fate.code), fate.code))
    await queries.end_areas(tx, [(fate.code, fate.successors) for fate in closing], day)
    old = tuple(fate.code for fate in closing)
    await queries.renumber_buildings(tx, _steps(plan.codes, plan.buildings))
    await queries.renumber_units(tx, _steps(plan.codes, plan.units))
    doors = await queries.doors_follow_units(tx, old)
    await queries.compounds_follow_buildings(tx, old)
    await queries.names_follow_things(tx, old)
    tx.publish(
        *(AreaOpened(area_id(row.code), row.code) for row in plan.rows),
        *(AreaClosed(area_id(fate.code), fate.code, fate.successors) for fate in closing),
        *(DoorsMoved(area_id(one.area_code), one.area_code, one.items) for one in doors),
    )
    # From here on the map in memory is the new one: what lies at a point goes by it.
    await tx.bump("places")
    moved = [Follower("户门", one.area_code, one.items) for one in doors]
    staying: list[Follower] = []
    for holder in all_holders().values():
        if holder.move is not None:
            counts = await holder.move(tx, Moved(old, dict(plan.codes)))
            moved += [Follower(holder.name, one.area_code, one.items) for one in counts]
        else:
            counts = await holder.count(tx, old)
            items = sum(one.items for one in counts)
            staying += [Follower(holder.name, "", items)] if items else []
    return Outcome(
        tuple(closing),
        tuple(
            Opened(
                row.code,
                row.name,
                row.kind,
                json.loads(row.boundary) if row.boundary else None,
            )
            for row in plan.rows
        ),
        tuple(moved),
        tuple(staying),
        tuple(plan.warnings),
    )


def _steps(codes: Mapping[str, str], single: Mapping[UUID, str]) -> Renumbered:
    return Renumbered(tuple(codes.items()), tuple(single.items()))


def totals(counts: Iterable[Follower]) -> dict[str, int]:
    """So many of each kind of thing in all."""
    found: dict[str, int] = {}
    for one in counts:
        found[one.what] = found.get(one.what, 0) + one.items
    return found
