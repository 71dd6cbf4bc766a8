"""What people go by: publications, and the plan of one's own team."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.refusals import NotFound


async def of_roster(tx: Tx, roster_id: UUID) -> set[UUID]:
    """Whose stints a roster made. The stints are held first: whoever changes one holds it before waiting
    for its person, and two that wait crosswise would end one another."""
    return set(
        await tx.many(
            UUID,
            "select staff_id from hours_stint where roster_id = :id order by id for update",
            id=roster_id,
        )
    )


async def set_published(
    tx: Tx,
    id_: UUID,
    own_id: UUID,
    version: int,
    *,
    before: int,
    undone: bool,
    reason: str,
    noted: int,
    cancelled: int,
) -> None:
    """What people go by from now on, and how it came."""
    await tx.run(
        """
        with gone as (
            update hours_roster
               set published = :version, published_by = :me, published_at = :now
             where id = :id)
        insert into hours_roster_published (roster_id, at, id, version, before, undone, by_id,
                                            reason, noted, cancelled)
        values (:id, :now, :own_id, :version, :before, :undone, :me, :reason, :noted, :cancelled)
        """,
        id=id_,
        own_id=own_id,
        version=version,
        before=before,
        undone=undone,
        me=tx.actor.id,
        now=tx.now,
        reason=reason,
        noted=noted,
        cancelled=cancelled,
    )


@dataclass(frozen=True, slots=True)
class PublishedLine:
    """One time a roster was published, or taken back."""

    version: int
    before: int
    undone: bool
    at: datetime
    by_id: UUID
    reason: str
    noted: int
    cancelled: int


async def publications(tx: Tx, roster_id: UUID, limit: int) -> list[PublishedLine]:
    """Of a roster whose door was passed, the latest first."""
    return await tx.many(
        PublishedLine,
        """
        select version, before, undone, at, by_id, reason, noted, cancelled
          from hours_roster_published
         where roster_id = :id order by at desc, id desc limit :limit
        """,
        id=roster_id,
        limit=limit,
    )


async def before_it(tx: Tx, roster_id: UUID, version: int) -> int:
    """What people went by before a version was published; 0: nothing."""
    found = await tx.maybe(
        int,
        """
        select before from hours_roster_published
         where roster_id = :id and version = :version and not undone
         order by at desc, id desc limit 1
        """,
        id=roster_id,
        version=version,
    )
    return found or 0


# -- the team's plan ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TeamLine:
    """A roster somebody is in."""

    id: UUID
    area_code: str
    name: str
    first_day: date
    days: int


async def of_mine(tx: Tx, since: datetime) -> list[TeamLine]:
    """Published rosters the actor stands in and that were not over at that moment."""
    return await tx.many(
        TeamLine,
        """
        select t.id, t.area_code, t.name, t.first_day, t.days
          from hours_roster t
         where t.published > 0
           and t.id in (select s.roster_id from hours_stint s
                         where s.staff_id = :me and s.state <> 'cancelled' and s.ends_at > :since
                           and s.roster_id is not null)
         order by t.first_day, t.id
        """,
        me=tx.actor.id,
        since=since,
    )


@dataclass(frozen=True, slots=True)
class Stands:
    """Who stands where when, as it was published and mended since."""

    staff_id: UUID
    post: str
    starts_at: datetime
    ends_at: datetime


async def team(tx: Tx, roster_id: UUID, since: datetime) -> tuple[TeamLine, list[Stands]]:
    """The door to a team's plan: a published roster the actor stands in. NotFound."""
    mine = next((one for one in await of_mine(tx, since) if one.id == roster_id), None)
    if mine is None:
        raise NotFound("这张排班表")
    return mine, await stands(tx, roster_id)


async def stands(tx: Tx, roster_id: UUID) -> list[Stands]:
    """The stints of a roster whose door was passed."""
    return await tx.many(
        Stands,
        """
        select staff_id, post, starts_at, ends_at from hours_stint
         where roster_id = :id and state <> 'cancelled'
         order by starts_at, post, staff_id
        """,
        id=roster_id,
    )
