"""What the roster is read from. A post that is over stays in the table, not in memory."""

from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.people.model import Org, Post, Staff, Team


@dataclass(frozen=True, slots=True)
class MemberRow:
    team_id: UUID
    staff_id: UUID
    position: str


async def all_staff(tx: Tx) -> list[Staff]:
    return await tx.many(Staff, "select id, name, phone_mask, active from people_staff")


async def all_posts(tx: Tx) -> list[Post]:
    """Posts that are not over at this moment; later ones too."""
    return await tx.many(
        Post,
        """
        select id, staff_id, role, area_code, unit_ids, building_ids, org_id, helper,
               from_at, until_at
          from people_post
         where until_at is null or until_at > :now
        """,
        now=tx.now,
    )


async def all_orgs(tx: Tx) -> list[Org]:
    return await tx.many(
        Org,
        """
        select id, code, name, platform, area_code, kind from people_org
         where closed_at is null
        """,
    )


async def all_teams(tx: Tx) -> list[Team]:
    return await tx.many(
        Team,
        """
        select id, name, kind, area_code, template, from_at, until_at from people_team
         where until_at is null or until_at > :now
        """,
        now=tx.now,
    )


async def all_members(tx: Tx) -> list[MemberRow]:
    return await tx.many(
        MemberRow,
        """
        select m.team_id, m.staff_id, m.position
          from people_member m
          join people_team t on t.id = m.team_id
          join people_staff s on s.id = m.staff_id
         where t.until_at is null or t.until_at > :now
         order by m.team_id, m.position, s.name, m.staff_id
        """,
        now=tx.now,
    )
