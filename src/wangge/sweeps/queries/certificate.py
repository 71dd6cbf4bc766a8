"""Counting a round door by door, for its account."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx
from wangge.sweeps.model import Round
from wangge.sweeps.queries.roads import LABEL, ROOM, naming

#: Why a door `t` of a block `b` has no outcome; null where it has one.
GAP: LiteralString = """
               case when t.outcome is not null then null
                    when t.version > 0 then 'taken_back'
                    when b.first_at is not null then 'not_reached'
                    when exists (select 1 from sweeps_share s
                                  where s.round_id = t.round_id and s.block_id = t.block_id
                                    and (s.team = 'doors' or cardinality(t.special) > 0))
                        then 'not_started'
                    else 'nobody_sent' end
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """Doors of one community with one outcome, or without one and why."""

    area_code: str
    outcome: str | None
    gap: str | None
    doors: int
    flagged: int
    late: int


async def counted(tx: Tx, round_id: UUID) -> list[Counted]:
    """Every door, by community (or grid, where the round is smaller than a community)."""
    return await tx.many(
        Counted,
        """
        select left(t.area_code, greatest(12, length(r.area_code))) as area_code, t.outcome,
"""
        + GAP
        + """ as gap,
               count(*) as doors, count(*) filter (where t.flagged <> '{}') as flagged,
               count(*) filter (where t.late) as late
          from sweeps_standing t
          join sweeps_round r on r.id = t.round_id
          join sweeps_block b on b.round_id = t.round_id and b.id = t.block_id
         where t.round_id = :round_id
         group by 1, 2, 3 order by 1, 2, 3
        """,
        round_id=round_id,
    )


@dataclass(frozen=True, slots=True)
class People:
    """People listed in one community, and how many of them are done."""

    area_code: str
    people: int
    done: int
    exempt: int


async def people(tx: Tx, round_id: UUID) -> list[People]:
    """From the blocks' counts."""
    return await tx.many(
        People,
        """
        select left(b.area_code, greatest(12, length(r.area_code))) as area_code,
               sum(b.people)::int as people, sum(b.p_done)::int as done,
               sum(b.p_exempt)::int as exempt
          from sweeps_block b join sweeps_round r on r.id = b.round_id
         where b.round_id = :round_id group by 1 order by 1
        """,
        round_id=round_id,
    )


@dataclass(frozen=True, slots=True)
class HowRow:
    """Doors by how it is known."""

    how: str
    doors: int


async def hows(tx: Tx, round_id: UUID) -> list[HowRow]:
    """Doors with an outcome, by how it is known."""
    return await tx.many(
        HowRow,
        """
        select how, count(*) as doors from sweeps_standing
         where round_id = :round_id and outcome is not null group by how order by how
        """,
        round_id=round_id,
    )


async def joined(tx: Tx, round_id: UUID) -> int:
    """Doors that were not frozen at the opening."""
    return await tx.one(
        int,
        "select count(*) from sweeps_door where round_id = :round_id and joined <> 'frozen'",
        round_id=round_id,
    )


async def purged(tx: Tx, round_: Round) -> bool:
    """Whether doors of a round were deleted, as their time was over; blocks and certificates stay.
    While it is open none are, and nothing is counted for those who watch it."""
    if round_.open:
        return False
    return await tx.one(
        bool,
        """
        select (select coalesce(sum(b.total), 0) from sweeps_block b
                 where b.round_id = :round_id)
             > (select count(*) from sweeps_door d where d.round_id = :round_id)
        """,
        round_id=round_.id,
    )


async def doors_sha256(tx: Tx, round_id: UUID) -> str:
    """The hash of certificate.doors_hash, made by the server."""
    return await tx.one(
        str,
        """
        select encode(sha256(convert_to(coalesce(string_agg(
                   id::text || '=' || coalesce(outcome, ''), E'\\n' order by id), ''), 'UTF8')),
                   'hex')
          from sweeps_standing where round_id = :round_id
        """,
        round_id=round_id,
    )


@dataclass(frozen=True, slots=True)
class DoorAccount:
    """One door in the account: who said what, when, how."""

    id: UUID
    area_code: str
    block_id: UUID
    block: str
    floor: int
    room: str
    label: str
    outcome: str | None
    version: int
    by_id: UUID | None
    how: str | None
    at: datetime | None
    claimed_at: datetime | None
    clock_off: int | None
    tries: int
    flagged: tuple[str, ...]
    late: bool
    joined: str
    gone: bool
    what: str
    gap: str | None


async def doors_page(
    tx: Tx,
    reach: Reach,
    round_id: UUID,
    *,
    low: str,
    high: str,
    outcomes: list[str],
    unreported: bool,
    flagged: bool,
    late: bool,
    after: tuple[str, UUID, int, str, UUID] | None,
    limit: int,
) -> list[DoorAccount]:
    """Doors in the order they are walked: by area, stairwell, top floor first. `outcomes` narrows
    to some, `unreported` adds those without; with neither, all."""
    return await tx.many(
        DoorAccount,
        "select t.id, t.area_code, t.block_id, b.label as block, t.floor, "
        + ROOM
        + ", "
        + LABEL
        + """, t.outcome,
               t.version, t.by_id, t.how, t.at, t.claimed_at, t.clock_off, t.tries, t.flagged,
               t.late, t.joined, t.gone, t.what,
"""
        + GAP
        + """ as gap
          from sweeps_standing t
          join sweeps_block b on b.round_id = t.round_id and b.id = t.block_id
         where t.round_id = :round_id and t.area_code >= :low and t.area_code < :high
           and ((cardinality(:outcomes::text[]) = 0 and not :unreported::bool)
                or t.outcome = any(:outcomes::text[])
                or (:unreported::bool and t.outcome is null))
           and (not :flagged::bool or t.flagged <> '{}')
           and (not :late::bool or t.late)
           and (:after_code::text is null
                or (t.area_code, t.block_id, -t.floor, t.room, t.id)
                   > (:after_code, :after_block::uuid, -:after_floor::int, :after_room,
                      :after_id::uuid))
           and (exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                         where t.area_code >= r.lo and t.area_code < r.hi)
                or t.block_id = any(:reach_units::uuid[])
                or exists (select 1 from places_unit u
                            where u.id = t.block_id
                              and u.building_id = any(:reach_buildings::uuid[])))
         order by t.area_code, t.block_id, -t.floor, t.room, t.id
         limit :limit
        """,
        round_id=round_id,
        low=low,
        high=high,
        outcomes=outcomes,
        unreported=unreported,
        flagged=flagged,
        late=late,
        after_code=after[0] if after else None,
        after_block=after[1] if after else None,
        after_floor=after[2] if after else 0,
        after_room=after[3] if after else None,
        after_id=after[4] if after else None,
        limit=limit,
        **naming(tx),
        **reach.values(),
    )


@dataclass(frozen=True, slots=True)
class _Place:
    area_code: str
    block_id: UUID
    floor: int
    room: str


async def place_in_order(
    tx: Tx, round_id: UUID, door_id: UUID
) -> tuple[str, UUID, int, str, UUID]:
    """Where a door stands in the order of `doors_page`, to go on after it. Raises NotFound."""
    at = await tx.one(
        _Place,
        """
        select area_code, block_id, floor, room from sweeps_door
         where round_id = :round_id and id = :door_id
        """,
        round_id=round_id,
        door_id=door_id,
    )
    return at.area_code, at.block_id, at.floor, at.room, door_id


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """A certificate, as kept."""

    round_id: UUID
    version: int
    at: datetime
    by_id: UUID
    account: dict[str, Any]
    sha256: str


async def insert_certificate(tx: Tx, row: CertificateRow) -> None:
    await tx.run(
        """
        insert into sweeps_certificate (round_id, version, at, by_id, account, sha256)
        values (:round_id, :version, :at, :by_id, :account, :sha256)
        """,
        round_id=row.round_id,
        version=row.version,
        at=row.at,
        by_id=row.by_id,
        account=row.account,
        sha256=row.sha256,
    )


async def certificates(tx: Tx, round_id: UUID) -> list[CertificateRow]:
    """All certificates of a round, the first first."""
    return await tx.many(
        CertificateRow,
        """
        select round_id, version, at, by_id, account, sha256
          from sweeps_certificate where round_id = :round_id order by version
        """,
        round_id=round_id,
    )
