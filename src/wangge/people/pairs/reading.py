"""Pairs with their evidence side by side, masked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.refusals import NotFound
from wangge.people import acts
from wangge.people.queries.parts import HOME_OF_T

#: What speaks for (or against) one person, in words.
REASONS: Mapping[str, str] = {
    "name_same": "姓名相同",
    "name_written_otherwise": "姓名只是写法不同",
    "name_same_sound": "姓名同音",
    "name_look_alike": "姓名形近",
    "name_spelled": "姓名与拼音相符",
    "name_hidden": "姓名有一字缺写",
    "name_near_sound": "姓名读音相近",
    "name_order": "姓名字序不同",
    "name_part": "姓名少一字",
    "phone": "电话相同",
    "born": "出生日期相同",
    "year": "出生年份相同",
    "door": "同一个门牌",
    "other_number": "身份证号不同",
}


@dataclass(frozen=True, slots=True)
class Side:
    """One of two; masks only."""

    id: UUID
    household_id: UUID
    area_code: str
    name_mask: str
    sex: str
    birth_date: date | None
    birth_year: int | None
    phone_mask: str
    id_mask: str
    relation: str
    hukou: str
    workplace: str
    since: date
    confirmed_on: date
    place: str
    version: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows that may be one person. `same` names the fields in which they agree exactly, though
    masks show little of them."""

    id: UUID
    area_code: str
    score: float
    reasons: tuple[str, ...]
    state: str
    found_at: datetime
    batch_id: UUID | None
    decided_by: UUID | None
    decided_at: datetime | None
    one: Side
    other: Side
    same: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    id: UUID
    area_code: str
    score: float
    reasons: tuple[str, ...]
    state: str
    found_at: datetime
    batch_id: UUID | None
    decided_by: UUID | None
    decided_at: datetime | None
    one_id: UUID
    other_id: UUID
    same: tuple[str, ...]


_ROW: LiteralString = """
    select p.id, p.area_code, p.score, p.reasons, p.state, p.found_at, p.batch_id, p.decided_by,
           p.decided_at, p.one_id, p.other_id,
           array_remove(array[
               case when a.name = b.name then 'name' end,
               case when a.phone_index = b.phone_index then 'phone' end,
               case when a.id_index = b.id_index then 'id_number' end,
               case when a.birth_date = b.birth_date then 'birth_date' end,
               case when a.sex = b.sex then 'sex' end,
               case when a.workplace = b.workplace and a.workplace <> '' then 'workplace' end
           ], null) as same
      from people_pair p
      join people_resident a on a.id = p.one_id
      join people_resident b on b.id = p.other_id
"""
_SIDE: LiteralString = (
    """
    select t.id, t.household_id, t.area_code, t.name_mask, t.sex, t.birth_date, t.birth_year,
           t.phone_mask, t.id_mask, t.relation, t.hukou, t.workplace, t.since, t.confirmed_on,
           c.name || ' ' || d.name as place, t.version
      from people_resident t"""
    + HOME_OF_T
    + """
     where t.id = any (:ids::uuid[])
"""
)


async def pairs_page(tx: Tx, area: str, after: tuple[float, UUID], limit: int) -> list[Pair]:
    """Open pairs within reach below an area, the likeliest first, by (score, id): two statements.
    Whoever decides must reach both."""
    rows = await tx.many(
        _Row,
        _ROW
        + """
         where p.state = 'open' and a.ended_on is null and b.ended_on is null
           and p.area_code >= :low and p.area_code < :high
           and (p.score, p.id) < (:after_score::real, :after_id::uuid)
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where p.area_code >= r.lo and p.area_code < r.hi)
         order by p.score desc, p.id desc limit :limit
        """,
        low=area,
        high=area + ":",
        after_score=after[0],
        after_id=after[1],
        limit=limit,
        **tx.reach(acts.RESIDENT_CHANGE).values(),
    )
    return await _with_sides(tx, rows)


async def decided_page(
    tx: Tx, area: str, after: tuple[datetime, UUID], limit: int
) -> list[Pair]:
    """Decided pairs within reach below an area, the last first, by (moment, id): two statements.
    Those of whom one is forgotten meanwhile are gone."""
    rows = await tx.many(
        _Row,
        _ROW
        + """
         where p.state <> 'open' and p.area_code >= :low and p.area_code < :high
           and (p.decided_at, p.id) < (:after_at::timestamptz, :after_id::uuid)
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where p.area_code >= r.lo and p.area_code < r.hi)
         order by p.decided_at desc, p.id desc limit :limit
        """,
        low=area,
        high=area + ":",
        after_at=after[0],
        after_id=after[1],
        limit=limit,
        **tx.reach(acts.RESIDENT_CHANGE).values(),
    )
    return await _with_sides(tx, rows)


async def pair(tx: Tx, pair_id: UUID, *, locked: bool = True) -> Pair:
    """The door to one pair, decided ones too; `locked` for whoever decides. NotFound out of
    reach."""
    rows = await tx.many(
        _Row,
        _ROW
        + """
         where p.id = :pair_id
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where p.area_code >= r.lo and p.area_code < r.hi)
        """
        + (" for update of p" if locked else ""),
        pair_id=pair_id,
        **tx.reach(acts.RESIDENT_CHANGE).values(),
    )
    found = await _with_sides(tx, rows)
    if not found:
        raise NotFound("这一对")
    return found[0]


async def _with_sides(tx: Tx, rows: list[_Row]) -> list[Pair]:
    ids = [id_ for row in rows for id_ in (row.one_id, row.other_id)]
    sides = {side.id: side for side in await tx.many(Side, _SIDE, ids=ids)}
    return [
        Pair(
            row.id,
            row.area_code,
            row.score,
            row.reasons,
            row.state,
            row.found_at,
            row.batch_id,
            row.decided_by,
            row.decided_at,
            sides[row.one_id],
            sides[row.other_id],
            row.same,
        )
        for row in rows
        if row.one_id in sides and row.other_id in sides
    ]
