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

#: A search that matches fewer than this is answered from the index of marks.
FEW = 6_000
#: Compounds and buildings that words of an address may mean.
PLACES_MAX = 60


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

    def values(self, area: str) -> dict[str, Any]:
        low, high = area_range(area)
        return {
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
    """Marks that must all be there, and sets of which one must be. `common` says that they match
    so many that looking them up is dearer than walking."""

    all_of: tuple[int, ...] = ()
    any_of: tuple[int, ...] | None = None
    common: bool = False

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


@cache
def page_of(
    table: Table,
    *,
    looked_up: bool,
    any_of: bool,
    filtered: bool,
    narrow: bool,
    guard: LiteralString = "true",
) -> LiteralString:
    """The statement's `page`: (area_code, id) of the rows of one page, in their order; none where
    `guard`, a condition without rows, does not hold."""
    row: LiteralString = (
        "select s.area_code, s." + table.key + " as id from " + table.name + " s "
    )
    wanted: LiteralString = " and s.marks @> :all_of::bigint[]" if filtered else ""
    if guard != "true":
        wanted += " and " + guard
    if any_of:
        wanted += " and s.marks && :any_of::bigint[]"
    after: LiteralString = (
        " and (s.area_code, s." + table.key + ") > (:after_code, :after_id::uuid)"
    )
    order: LiteralString = " order by s.area_code, s." + table.key + " limit :limit"
    walk: LiteralString = (
        "(select w.area_code, w.id from unnest(:lows::text[], :highs::text[]) r(lo, hi)"
        " cross join lateral ("
        + row
        + "where s.area_code >= r.lo and s.area_code < r.hi"
        + wanted
        + after
        + order
        + ") w)"
    )
    if narrow:
        walk += (
            " union (select w.area_code, w.id from "
            + _UNITS
            + " n(id) cross join lateral ("
            + row
            + "where s.unit_id = n.id and s.area_code >= :low and s.area_code < :high"
            + wanted
            + after
            + order
            + ") w)"
        )
    walked: LiteralString = "select x.area_code, x.id from (" + walk + ") x"
    if not looked_up:
        return "page as (" + walked + " order by x.area_code, x.id limit :limit)"
    inside: LiteralString = (
        "(exists (select 1 from unnest(:lows::text[], :highs::text[]) r(lo, hi)"
        " where s.area_code >= r.lo and s.area_code < r.hi)"
    )
    if narrow:
        inside += (
            " or (s.area_code >= :low and s.area_code < :high and s.unit_id in " + _UNITS + ")"
        )
    return (
        "few as materialized ("
        + row
        + "where "
        + inside
        + ")"
        + wanted
        + " limit :few + 1), much as materialized (select count(*) > :few as so from few),"
        " page as (select x.area_code, x.id from ("
        "(select f.area_code, f.id from few f where not (select so from much)"
        " and (f.area_code, f.id) > (:after_code, :after_id::uuid)"
        " order by f.area_code, f.id limit :limit)"
        " union all (select y.area_code, y.id from ("
        + walked
        + ") y where (select so from much))) x order by x.area_code, x.id limit :limit)"
    )


@dataclass(frozen=True, slots=True)
class _Found:
    kind: str
    id: UUID | None
    code: str


async def places_named(tx: Tx, scope: Scope, area: str, words: str) -> list[_Found]:
    """Compounds and houses within reach whose name or nickname the words are part of, or that are
    part of the words; and areas of that name."""
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return await tx.many(
        _Found,
        """
        with named as (
            select 'c' as kind, c.id, c.area_code as code, c.name from places_compound c
             union all
            select 'h', b.id, b.area_code, b.name from places_building b
             where b.name !~ '^[0-9]+(幢|栋|座|号楼|楼|号)?$'
             union all
            select case when a.compound_id is null then 'h' else 'c' end,
                   coalesce(a.compound_id, a.building_id), a.area_code, a.name
              from places_alias a
             union all
            select 'a', null, a.code, a.name from places_area a
             where a.valid_to is null and length(a.code) between 9 and 18)
        select distinct n.kind, n.id, n.code from named n
         where (n.name like '%' || :escaped || '%'
                or (length(n.name) >= 2 and strpos(:words, n.name) > 0))
           and ((n.code >= :low and n.code < :high) or starts_with(:low, n.code))
           and exists (select 1 from unnest(:lows::text[], :highs::text[]) r(lo, hi)
                        where (n.code >= r.lo and n.code < r.hi)
                           or starts_with(r.lo, n.code))
         order by n.kind, n.code limit :most
        """,
        words=words,
        escaped=escaped,
        most=PLACES_MAX,
        lows=list(scope.lows) or [area],
        highs=list(scope.highs) or [area + ":"],
        low=area,
        high=area + ":",
    )


async def wanted_address(
    tx: Tx, vault: Vault, act: Act, area: str, text: str
) -> tuple[Wanted, str]:
    """What an address asks for, and the area it names (or the one given)."""
    asked = marks.asked_address(text)
    numbers = tuple(marks.numbers(vault, asked.words))
    if not asked.compound:
        return Wanted(numbers), area
    found = await places_named(tx, Scope.of(tx.reach(act), area), area, asked.compound)
    doors = [f"{one.kind}:{one.id.hex}" for one in found if one.id is not None]
    areas = [one.code for one in found if one.kind == "a"]
    if not doors and areas:
        return Wanted(numbers), max([area, min(areas, key=len)], key=len)
    return Wanted(numbers, tuple(marks.numbers(vault, doors))), area


def joined(parts: Sequence[Wanted]) -> Wanted:
    """All of them at once."""
    any_of = [part.any_of for part in parts if part.any_of is not None]
    return Wanted(
        tuple(dict.fromkeys(number for part in parts for number in part.all_of)),
        any_of[0] if any_of else None,
        all(part.common for part in parts),
    )
