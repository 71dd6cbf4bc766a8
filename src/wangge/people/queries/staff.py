"""Staff, posts, bodies and teams."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.kernel.actors import Reach, Role
from wangge.kernel.database import Tx
from wangge.people.model import Org, Post, Staff, Team


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One account as an import brings it, already sealed."""

    id: UUID
    name: str
    phone_sealed: bytes | None
    phone_mask: str


@dataclass(frozen=True, slots=True)
class TemplateRow:
    code: str
    name: str
    kind: str
    positions: Any


async def insert_staff(tx: Tx, rows: Sequence[StaffRow]) -> int:
    return await tx.run(
        """
        insert into people_staff (id, name, phone_sealed, phone_mask)
        select * from unnest(:ids::uuid[], :names::text[], :sealed::bytea[], :masks::text[])
        """,
        ids=[row.id for row in rows],
        names=[row.name for row in rows],
        sealed=[row.phone_sealed for row in rows],
        masks=[row.phone_mask for row in rows],
    )


async def lock_staff(tx: Tx, staff_id: UUID) -> Staff:
    """The door to an account. Staff belong to the district, so every reach sees them."""
    return await tx.one(
        Staff,
        "select id, name, phone_mask, active from people_staff where id = :id for update",
        id=staff_id,
    )


async def save_active(tx: Tx, staff_id: UUID, active: bool) -> int:
    return await tx.run(
        "update people_staff set active = :active where id = :id", id=staff_id, active=active
    )


async def insert_posts(tx: Tx, posts: Sequence[Post]) -> int:
    """Arrays inside of arrays do not unnest, so ids travel as JSON."""
    return await tx.run(
        """
        insert into people_post (id, staff_id, role, area_code, unit_ids, building_ids, org_id,
                                 helper, from_at, until_at)
        select id, staff_id, role, area_code,
               array(select jsonb_array_elements_text(units::jsonb))::uuid[],
               array(select jsonb_array_elements_text(buildings::jsonb))::uuid[],
               org_id, helper, from_at, until_at
          from unnest(:ids::uuid[], :staff::uuid[], :roles::text[], :areas::text[],
                      :units::text[], :buildings::text[], :orgs::uuid[], :helpers::boolean[],
                      :froms::timestamptz[], :untils::timestamptz[])
               r(id, staff_id, role, area_code, units, buildings, org_id, helper, from_at,
                 until_at)
        """,
        ids=[post.id for post in posts],
        staff=[post.staff_id for post in posts],
        roles=[post.role.value for post in posts],
        areas=[post.area_code for post in posts],
        units=[_json_ids(post.unit_ids) for post in posts],
        buildings=[_json_ids(post.building_ids) for post in posts],
        orgs=[post.org_id for post in posts],
        helpers=[post.helper for post in posts],
        froms=[post.from_at for post in posts],
        untils=[post.until_at for post in posts],
    )


def _json_ids(ids: Sequence[UUID]) -> str:
    return "[" + ",".join(f'"{one}"' for one in ids) + "]"


async def lock_post(tx: Tx, reach: Reach, post_id: UUID) -> Post:
    """The only door to a post that is about to change."""
    return await tx.one(
        Post,
        """
        select t.id, t.staff_id, t.role, t.area_code, t.unit_ids, t.building_ids, t.org_id,
               t.helper, t.from_at, t.until_at
          from people_post t
         where t.id = :post_id
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
           for update of t
        """,
        post_id=post_id,
        **reach.values(),
    )


async def end_posts(tx: Tx, post_ids: Sequence[UUID]) -> int:
    """At this moment; a post that has not begun never will have."""
    return await tx.run(
        """
        update people_post set until_at = greatest(from_at, :now::timestamptz), over = true
         where id = any (:ids::uuid[])
        """,
        ids=list(post_ids),
        now=tx.now,
    )


@dataclass(frozen=True, slots=True)
class Ended:
    """A post that ran out by itself."""

    id: UUID
    staff_id: UUID
    role: Role
    area_code: str


@dataclass(frozen=True, slots=True)
class EndedTeam:
    id: UUID
    area_code: str


async def mark_expired_posts(tx: Tx, limit: int) -> list[Ended]:
    """Posts that ran out by themselves and whose end was not said yet; now it is."""
    return await tx.many(
        Ended,
        """
        update people_post set over = true
         where id in (select id from people_post
                       where until_at is not null and not over and until_at <= :now
                       order by until_at, id limit :limit for update skip locked)
        returning id, staff_id, role, area_code
        """,
        now=tx.now,
        limit=limit,
    )


async def mark_expired_teams(tx: Tx) -> list[EndedTeam]:
    """The same for teams."""
    return await tx.many(
        EndedTeam,
        """
        update people_team set over = true
         where until_at is not null and not over and until_at <= :now
        returning id, area_code
        """,
        now=tx.now,
    )


@dataclass(frozen=True, slots=True)
class PostLine:
    """One line of the staff page."""

    id: UUID
    staff_id: UUID
    name: str
    phone_mask: str
    active: bool
    role: Role
    area_code: str
    org: str | None
    helper: bool
    doors: int
    from_at: datetime
    until_at: datetime | None


async def posts_page(
    tx: Tx,
    reach: Reach,
    *,
    low: str,
    high: str,
    role: str,
    helpers_until: datetime | None,
    after: tuple[str, UUID],
    limit: int,
) -> list[PostLine]:
    """Live posts within reach from code `low` to below `high`, by code; `role` "" is every role;
    `helpers_until` keeps helpers that expire before it."""
    return await tx.many(
        PostLine,
        """
        select t.id, t.staff_id, s.name, s.phone_mask, s.active, t.role, t.area_code,
               o.name as org, t.helper,
               cardinality(t.unit_ids) + cardinality(t.building_ids) as doors,
               t.from_at, t.until_at
          from people_post t
          join people_staff s on s.id = t.staff_id
          left join people_org o on o.id = t.org_id
         where t.area_code >= :low and t.area_code < :high
           and (t.area_code, t.id) > (:after_code, :after_id)
           and (:role = '' or t.role = :role)
           and (t.until_at is null or t.until_at > :now)
           and (:helpers_until::timestamptz is null
                or (t.helper and t.until_at < :helpers_until))
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
         order by t.area_code, t.id
         limit :limit
        """,
        low=low,
        high=high,
        role=role,
        helpers_until=helpers_until,
        after_code=after[0],
        after_id=after[1],
        limit=limit,
        now=tx.now,
        **reach.values(),
    )


# -- bodies -----------------------------------------------------------------------------------


async def insert_orgs(tx: Tx, orgs: Sequence[Org]) -> int:
    return await tx.run(
        """
        insert into people_org (id, code, name, platform, area_code, kind)
        select * from unnest(:ids::uuid[], :codes::text[], :names::text[], :platforms::text[],
                             :areas::text[], :kinds::text[])
        """,
        ids=[org.id for org in orgs],
        codes=[org.code for org in orgs],
        names=[org.name for org in orgs],
        platforms=[org.platform for org in orgs],
        areas=[org.area_code for org in orgs],
        kinds=[org.kind for org in orgs],
    )


# -- teams ---------------------------------------------------------------------------------------


async def templates(tx: Tx) -> list[TemplateRow]:
    return await tx.many(
        TemplateRow, "select code, name, kind, positions from people_template order by code"
    )


async def insert_team(tx: Tx, team: Team) -> int:
    return await tx.run(
        """
        insert into people_team (id, name, kind, area_code, template, from_at, until_at)
        values (:id, :name, :kind, :area_code, :template, :from_at, :until_at)
        """,
        id=team.id,
        name=team.name,
        kind=team.kind,
        area_code=team.area_code,
        template=team.template,
        from_at=team.from_at,
        until_at=team.until_at,
    )


async def insert_members(
    tx: Tx, team_id: UUID, staff_ids: Sequence[UUID], positions: Sequence[str]
) -> int:
    """Who is in a team; somebody already in it changes position."""
    return await tx.run(
        """
        insert into people_member (team_id, staff_id, position)
        select :team_id, * from unnest(:staff::uuid[], :positions::text[])
        on conflict (team_id, staff_id) do update set position = excluded.position
        """,
        team_id=team_id,
        staff=list(staff_ids),
        positions=list(positions),
    )


async def lock_team(tx: Tx, reach: Reach, team_id: UUID) -> Team:
    """The only door to a team that is about to change."""
    return await tx.one(
        Team,
        """
        select t.id, t.name, t.kind, t.area_code, t.template, t.from_at, t.until_at
          from people_team t
         where t.id = :team_id
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
           for update of t
        """,
        team_id=team_id,
        **reach.values(),
    )


async def save_team_end(tx: Tx, team_id: UUID) -> int:
    return await tx.run(
        """
        update people_team set until_at = greatest(from_at, :now::timestamptz), over = true
         where id = :team_id
        """,
        team_id=team_id,
        now=tx.now,
    )


# -- stairwells that change hands --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NarrowPost:
    """A live post on single stairwells or buildings."""

    id: UUID
    staff_id: UUID
    area_code: str
    unit_ids: tuple[UUID, ...]
    building_ids: tuple[UUID, ...]

    def over(self, units: Sequence[UUID]) -> "NarrowPost":
        """The same post on other stairwells."""
        return replace(self, unit_ids=tuple(units))


async def lock_narrow_posts(tx: Tx, whose: Sequence[tuple[UUID, str]]) -> list[NarrowPost]:
    """Live posts of (staff, area) that name single stairwells, locked."""
    return await tx.many(
        NarrowPost,
        """
        select t.id, t.staff_id, t.area_code, t.unit_ids, t.building_ids
          from people_post t
         where cardinality(t.unit_ids) > 0
           and t.from_at <= :now and (t.until_at is null or t.until_at > :now)
           and exists (select 1 from unnest(:staff::uuid[], :areas::text[]) r(staff, area)
                        where r.staff = t.staff_id and r.area = t.area_code)
         order by t.id for update of t
        """,
        now=tx.now,
        staff=[staff for staff, _ in whose],
        areas=[area for _, area in whose],
    )


async def lock_narrow_posts_by_id(tx: Tx, ids: Sequence[UUID]) -> list[NarrowPost]:
    """Those of these posts that are live and name single stairwells, locked."""
    return await tx.many(
        NarrowPost,
        """
        select t.id, t.staff_id, t.area_code, t.unit_ids, t.building_ids
          from people_post t
         where t.id = any(:ids::uuid[]) and cardinality(t.unit_ids) > 0
           and t.from_at <= :now and (t.until_at is null or t.until_at > :now)
         order by t.id for update of t
        """,
        now=tx.now,
        ids=list(ids),
    )


async def set_units(tx: Tx, rows: Sequence[tuple[UUID, Sequence[UUID]]]) -> int:
    """Arrays inside of arrays do not unnest, so ids travel as JSON."""
    return await tx.run(
        """
        update people_post t
           set unit_ids = array(select jsonb_array_elements_text(r.units::jsonb))::uuid[]
          from unnest(:ids::uuid[], :units::text[]) r(id, units) where t.id = r.id
        """,
        ids=[id_ for id_, _ in rows],
        units=[_json_ids(units) for _, units in rows],
    )
