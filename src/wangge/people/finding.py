"""Finding by marks within a reach, for any table of marks (`people_search`, `registers_search`).

Row-level security keeps `@>` from every index (the operator is not leakproof), so what is searched
is a table of keyed marks without it, and only the rows of one page are read behind the lock. A
search that matches few is answered from the marks' index; one that matches many by walking the
reach in its order. Both stand in one statement; the second runs only when the first says so.
See docs/decisions/0012.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, LiteralString
from uuid import UUID

from wangge.kernel.actors import Act, Reach, area_range
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.people import marks
from wangge.places.names import NAMES

#: A search that matches fewer than this is answered from the index of marks.
FEW = 6_000
#: Rows of a reach looked at before the index is asked.
GLANCE = 3_000


@dataclass(frozen=True, slots=True)
class Scope:
    """A reach narrowed to an area, as ranges of codes and single units."""

    lows: tuple[str, ...]
    highs: tuple[str, ...]
    units: tuple[UUID, ...]
    buildings: tuple[UUID, ...]
    wide: bool

    @classmethod
    def of(cls, reach: Reach, area: str) -> "Scope":
        held = [
            area if area.startswith(prefix) else prefix
            for prefix in reach.areas
            if area.startswith(prefix) or prefix.startswith(area)
        ]
        ranges = [area_range(prefix) for prefix in dict.fromkeys(held)]
        return cls(
            tuple(low for low, _ in ranges),
            tuple(high for _, high in ranges),
            reach.units,
            reach.buildings,
            any(len(prefix) < 15 for prefix in held),
        )

    def values(self, area: str, *, looked_up: bool) -> dict[str, Any]:
        """For the statement of `page_of`."""
        low, high = area_range(area)
        outer = (low, high) if self.narrow else (min(self.lows), max(self.highs))
        return {
            **(
                {
                    "few": FEW,
                    "glance": GLANCE,
                    "outer_low": outer[0],
                    "outer_high": outer[1],
                }
                if looked_up
                else {}
            ),
            "lows": list(self.lows),
            "highs": list(self.highs),
            "low": low,
            "high": high,
            **(
                {"units": list(self.units), "buildings": list(self.buildings)}
                if self.narrow
                else {}
            ),
        }

    @property
    def narrow(self) -> bool:
        """Reaches single doors, besides areas or instead of them."""
        return bool(self.units or self.buildings)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Marks that must all be there, and sets of which one must be. `common` marks match so many
    that looking them up is dearer than walking; `rare` ones so few that a glance is wasted."""

    all_of: tuple[int, ...] = ()
    any_of: tuple[int, ...] | None = None
    common: bool = False
    rare: bool = False

    @property
    def nothing(self) -> bool:
        """Asks for marks that cannot be there."""
        return self.any_of == ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table of marks: its name and the column that names the row they speak of."""

    name: LiteralString
    key: LiteralString


_UNITS: LiteralString = """
    (select unnest(:units::uuid[]) union
     select u.id from places_unit u where u.building_id = any (:buildings::uuid[]))
"""


def _mark_or(low: LiteralString) -> LiteralString:
    """The page's mark, or the beginning of the range where that lies further: PostgreSQL starts an
    index scan at the row comparison, and would walk from the mark to the range."""
    return (
        "(case when :after_code >= "
        + low
        + " then :after_code else "
        + low
        + ' end collate "C", case when :after_code >= '
        + low
        + " then :after_id::uuid else '00000000-0000-0000-0000-000000000000' end)"
    )


def _walk(table: Table, wanted: LiteralString, *, narrow: bool, glance: bool) -> LiteralString:
    """The ranges and stairwells of the reach, each walked in its order from the mark on; with
    `glance`, only the next `:glance` rows of each are looked at."""
    after: LiteralString = " and (s.area_code, s." + table.key + ") > "
    order: LiteralString = " order by s.area_code, s." + table.key + " limit "

    def arm(of: LiteralString, where: LiteralString, low: LiteralString) -> LiteralString:
        rows: LiteralString = table.name + " s where " + where + after + _mark_or(low)
        if glance:
            seen: LiteralString = (
                "(select s.area_code, s." + table.key + ", s.marks from " + rows
            ) + order
            rows = seen + ":glance) s where true"
        return (
            "(select w.area_code, w.id from "
            + of
            + " cross join lateral (select s.area_code, s."
            + table.key
            + " as id from "
            + rows
            + wanted
            + order
            + ":limit) w)"
        )

    arms = arm("unnest(:lows::text[], :highs::text[]) r(lo, hi)", "s.area_code < r.hi", "r.lo")
    if narrow:
        where: LiteralString = "s.unit_id = n.id and s.area_code < :high"
        arms += " union " + arm(_UNITS + " n(id)", where, ":low::text")
    return (
        "select x.area_code, x.id from (" + arms + ") x order by x.area_code, x.id limit :limit"
    )


@cache
def page_of(
    table: Table,
    *,
    looked_up: bool,
    any_of: bool,
    filtered: bool,
    narrow: bool,
    glance: bool = True,
    guard: LiteralString = "true",
) -> LiteralString:
    """The statement's `page`: (area_code, id) of the rows of one page, in their order; none where
    `guard`, a condition without rows, does not hold.

    With `looked_up` it first glances at the next rows of the reach (unless told not to): what is
    common fills a page there. Then it asks the index of marks for all there are. Only what is
    neither (much, but far off) is walked to.
    """
    wanted: LiteralString = " and s.marks @> :all_of::bigint[]" if filtered else ""
    if guard != "true":
        wanted += " and " + guard
    if any_of:
        wanted += " and s.marks && :any_of::bigint[]"
    if not looked_up:
        return "page as (" + _walk(table, wanted, narrow=narrow, glance=False) + ")"
    inside: LiteralString = (
        "(exists (select 1 from unnest(:lows::text[], :highs::text[]) r(lo, hi)"
        " where s.area_code >= r.lo and s.area_code < r.hi)"
    )
    if narrow:
        inside += (
            " or (s.area_code >= :low and s.area_code < :high and s.unit_id in " + _UNITS + ")"
        )
    return (
        "near as materialized ("
        + (
            _walk(table, wanted, narrow=narrow, glance=True)
            if glance
            else "select null::text as area_code, null::uuid as id where false"
        )
        + "), enough as materialized (select count(*) >= :limit as so from near),"
        " few as materialized (select s.area_code, s."
        + table.key
        + " as id from "
        + table.name
        + " s where not (select so from enough)"
        " and s.area_code >= :outer_low and s.area_code < :outer_high and "
        + inside
        + ")"
        + wanted
        + " limit :few + 1), much as materialized (select count(*) > :few as so from few),"
        " page as (select x.area_code, x.id from ("
        "(select n.area_code, n.id from near n where (select so from enough))"
        " union all (select f.area_code, f.id from few f"
        " where not (select so from enough) and not (select so from much)"
        " and (f.area_code, f.id) > (:after_code, :after_id::uuid)"
        " order by f.area_code, f.id limit :limit)"
        " union all (select y.area_code, y.id from ("
        + _walk(table, wanted, narrow=narrow, glance=False)
        + ") y where (select so from much))) x order by x.area_code, x.id limit :limit)"
    )


_THING = {"compound": "c", "building": "h"}


async def wanted_address(
    tx: Tx, vault: Vault, act: Act, area: str, text: str
) -> tuple[Wanted, str]:
    """What an address asks for, and the area it names (or the one given)."""
    asked = marks.asked_address(text)
    numbers, rare = tuple(marks.numbers(vault, asked.words)), asked.door
    if not asked.compound:
        return Wanted(numbers, rare=rare), area
    scope = Scope.of(tx.reach(act), area)
    within = tuple(scope.lows) or (area,)
    meant = (await NAMES.get(tx)).meant(asked.compound, within)
    things = [f"{_THING[one.kind]}:{one.id.hex}" for one in meant if one.id is not None]
    areas = [one.area_code for one in meant if one.kind == "area"]
    if not things and areas:
        return Wanted(numbers, rare=rare), max([area, min(areas, key=len)], key=len)
    return Wanted(numbers, tuple(marks.numbers(vault, things)), rare=rare), area


def joined(parts: Sequence[Wanted]) -> Wanted:
    """All of them at once. Two things asked together are rare, common as each may be: one in
    fourteen has a surname and one in twenty a need, and no page is filled by a glance."""
    any_of = [part.any_of for part in parts if part.any_of is not None]
    return Wanted(
        tuple(dict.fromkeys(number for part in parts for number in part.all_of)),
        any_of[0] if any_of else None,
        all(part.common for part in parts),
        len(parts) > 1 or any(part.rare for part in parts),
    )
