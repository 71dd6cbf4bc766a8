"""Every statement about who looked at whose data: full values opened, and files that were fetched.

Counted by community and day, never by person: a count asks a question, it accuses nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx
from wangge.kernel.moments import day_start
from wangge.people.model import Field, Post
from wangge.registers.model import FULL_NAMES

#: Days that "usual" is made of, the day itself not among them.
USUAL_DAYS = 28
#: A day with fewer is never called unusual: five looks after a quiet month are nothing.
UNUSUAL_MIN = 10

#: What was opened, in words.
FIELD_NAMES = {
    Field.NAME.value: "姓名",
    Field.PHONE.value: "电话",
    Field.ID_NUMBER.value: "身份证号",
    "landlord_name": "房东姓名",
    "landlord_phone": "房东电话",
    **{what.value: words for what, words in FULL_NAMES.items()},
}

_LAST = UUID(int=(1 << 128) - 1)


@dataclass(frozen=True, slots=True)
class Look:
    """Once that somebody saw data of a resident, of a household's landlord or of whoever answers for
    a thing of the registers. `way` is look or export; `fields` what stood there in full, nothing for
    a masked file; `mark` is the file's number."""

    id: UUID
    at: datetime
    way: str
    staff_id: UUID
    resident_id: UUID | None
    area_code: str
    fields: tuple[str, ...]
    reason: str
    mark: str
    household_id: UUID | None
    thing_id: UUID | None


def post_behind(posts: Sequence[Post], look: Look) -> Post | None:
    """Which of somebody's posts a look was made from: the nearest that was held then and reaches
    the person; when none does (areas were cut anew, an older post is over), the first."""
    reaching = [
        one for one in posts if one.live(look.at) and look.area_code.startswith(one.area_code)
    ]
    return max(
        reaching, key=lambda one: len(one.area_code), default=posts[0] if posts else None
    )


async def seen(
    tx: Tx, resident_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[Look]:
    """Who has seen one resident's data, newest first, with what was seen of duplicates that were
    merged into this one. The caller is the door."""
    return await tx.many(
        Look,
        """
        with same as (
            select :resident_id::uuid as id
            union select id from people_resident where merged_into = :resident_id)
        select * from (
            select l.id, l.at, 'look' as way, l.staff_id, l.resident_id, l.area_code,
                   array[l.field] as fields, l.reason, '' as mark, l.household_id, l.thing_id
              from people_look l where l.resident_id in (select id from same)
            union all
            select f.id, f.at, 'export', f.staff_id, p.resident_id, p.area_code,
                   e.full_fields, e.reason, e.mark, null::uuid, null::uuid
              from exports_person p
              join exports_export e on e.id = p.export_id
              join exports_fetch f on f.export_id = p.export_id
             where p.resident_id in (select id from same)) t
         where :after_at::timestamptz is null
            or (t.at, t.id) < (:after_at::timestamptz, :after_id::uuid)
         order by t.at desc, t.id desc limit :limit
        """,
        resident_id=resident_id,
        after_at=after[0] if after else None,
        after_id=after[1] if after else _LAST,
        limit=limit,
    )


async def page_of(
    tx: Tx,
    reach: Reach,
    *,
    area: str,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Look]:
    """Full values opened within reach, newest first; `area` is a code's beginning."""
    return await tx.many(
        Look,
        """
        select l.id, l.at, 'look' as way, l.staff_id, l.resident_id, l.area_code,
               array[l.field] as fields, l.reason, '' as mark, l.household_id, l.thing_id
          from people_look l
         where l.area_code >= :area and l.area_code < :area || ':'
           and (:after_at::timestamptz is null
                or (l.at, l.id) < (:after_at::timestamptz, :after_id::uuid))
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where l.area_code >= r.lo and l.area_code < r.hi)
         order by l.at desc, l.id desc limit :limit
        """,
        area=area,
        after_at=after[0] if after else None,
        after_id=after[1] if after else _LAST,
        limit=limit,
        **reach.values(),
    )


@dataclass(frozen=True, slots=True)
class Day:
    """One community's day: full values opened and people in fetched files, and the same on a
    usual day (the mean of the USUAL_DAYS before)."""

    area_code: str
    looks: int
    people: int
    usual_looks: float
    usual_people: float

    def unusual(self, times: int) -> bool:
        """So many times the usual, and not just a handful."""
        return any(
            today >= UNUSUAL_MIN and today >= times * usual
            for today, usual in (
                (self.looks, self.usual_looks),
                (self.people, self.usual_people),
            )
        )


async def day(tx: Tx, reach: Reach, on: date) -> list[Day]:
    """Every community within reach where anything was seen that day, in the order of the codes."""
    return await tx.many(
        Day,
        """
        with seen as (
            select left(l.area_code, 12) as area_code, l.at, 1 as looks, 0 as people
              from people_look l where l.at >= :since and l.at < :until
            union all
            select left(p.area_code, 12), f.at, 0, 1
              from exports_fetch f join exports_person p on p.export_id = f.export_id
             where f.at >= :since and f.at < :until)
        select area_code,
               coalesce(sum(looks) filter (where at >= :begin), 0)::int as looks,
               coalesce(sum(people) filter (where at >= :begin), 0)::int as people,
               (coalesce(sum(looks) filter (where at < :begin), 0)::float8 / :days) as usual_looks,
               (coalesce(sum(people) filter (where at < :begin), 0)::float8 / :days)
                   as usual_people
          from seen t
         where exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
         group by area_code
        having bool_or(at >= :begin)
         order by area_code
        """,
        begin=day_start(on),
        since=day_start(on - timedelta(days=USUAL_DAYS)),
        until=day_start(on + timedelta(days=1)),
        days=USUAL_DAYS,
        **reach.values(),
    )
