"""Sessions, tokens and invitations: the statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wangge.access.acts import TOKENS
from wangge.access.model import Factor, Stage, Surface
from wangge.kernel.database import Tx


@dataclass(frozen=True, slots=True)
class Session:
    """A session, as its holder's token finds it. A closed account or person finds none."""

    id: UUID
    token_hash: bytes
    account_id: UUID
    name: str
    stage: Stage
    factor: Factor
    surface: Surface
    seen_at: datetime
    idle_until: datetime
    ends_at: datetime


async def session_by_token(tx: Tx, token_hash: bytes) -> Session | None:
    found = await sessions_by_tokens(tx, [token_hash])
    return found[0] if found else None


async def sessions_by_tokens(tx: Tx, token_hashes: Sequence[bytes]) -> list[Session]:
    """The sessions there are of these, in any order."""
    return await tx.many(
        Session,
        """
        select e.id, e.token_hash, e.account_id, s.name, e.stage, e.factor, e.surface, e.seen_at,
               e.idle_until, e.ends_at
          from access_session e
          join access_account a on a.id = e.account_id and a.closed_at is null
          join people_staff s on s.id = e.account_id and s.active
         where e.token_hash = any(:token_hashes::bytea[])
           and e.ends_at > :now and e.idle_until > :now
        """,
        token_hashes=list(token_hashes),
        now=tx.now,
    )


async def insert_session(
    tx: Tx,
    *,
    id_: UUID,
    token_hash: bytes,
    account_id: UUID,
    stage: Stage,
    factor: Factor,
    surface: Surface,
    device: str,
    address: str,
    idle_until: datetime,
    ends_at: datetime,
) -> None:
    await tx.run(
        """
        insert into access_session (id, token_hash, account_id, stage, factor, surface, device,
                                    address, created_at, seen_at, idle_until, ends_at)
        values (:id, :token_hash, :account_id, :stage, :factor, :surface, :device,
                :address, :now, :now, :idle_until, :ends_at)
        """,
        id=id_,
        token_hash=token_hash,
        account_id=account_id,
        stage=stage,
        factor=factor,
        surface=surface,
        device=device,
        address=address,
        idle_until=idle_until,
        ends_at=ends_at,
        now=tx.now,
    )


async def touch_sessions(tx: Tx, sessions: Sequence[tuple[UUID, datetime]]) -> int:
    """Move how long sessions (id, until) may lie unused. One that somebody else holds just now is
    being moved or ended by them."""
    return await tx.run(
        """
        update access_session e
           set seen_at = :now, idle_until = least(u.idle_until, e.ends_at)
          from unnest(:ids::uuid[], :untils::timestamptz[]) as u(id, idle_until)
         where e.id = u.id
           and e.id in (select id from access_session
                         where id = any(:ids::uuid[]) and seen_at < :now
                           for update skip locked)
        """,
        ids=[id_ for id_, _ in sessions],
        untils=[until for _, until in sessions],
        now=tx.now,
    )


async def delete_session(tx: Tx, id_: UUID) -> int:
    return await tx.run("delete from access_session where id = :id", id=id_)


async def delete_sessions(tx: Tx, account_id: UUID, but: UUID | None = None) -> int:
    """All of an account's, but perhaps the one that asks."""
    return await tx.run(
        """
        delete from access_session
         where account_id = :account_id and id is distinct from :but::uuid
        """,
        account_id=account_id,
        but=but,
    )


async def delete_over(tx: Tx, limit: int) -> int:
    """At most so many sessions, and the invitations, whose time is over."""
    sessions = await tx.run(
        """
        delete from access_session where id in (
               select id from access_session where ends_at <= :now or idle_until <= :now
                limit :limit)
        """,
        now=tx.now,
        limit=limit,
    )
    return sessions + await tx.run(
        """
        delete from access_invitation where id in (
               select id from access_invitation where ends_at <= :now limit :limit)
        """,
        now=tx.now,
        limit=limit - sessions,
    )


async def count_over(tx: Tx) -> int:
    return await tx.one(
        int,
        """
        select (select count(*) from access_session where ends_at <= :now or idle_until <= :now)
             + (select count(*) from access_invitation where ends_at <= :now)
        """,
        now=tx.now,
    )


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One session as listed to its owner or the security administrator."""

    id: UUID
    account_id: UUID
    surface: Surface
    factor: Factor
    device: str
    address: str
    created_at: datetime
    seen_at: datetime


async def sessions_of(tx: Tx, account_id: UUID) -> list[SessionLine]:
    return await tx.many(
        SessionLine,
        """
        select id, account_id, surface, factor, device, address, created_at, seen_at
          from access_session
         where account_id = :account_id and stage = 'whole'
           and ends_at > :now and idle_until > :now
         order by seen_at desc, id
         limit 100
        """,
        account_id=account_id,
        now=tx.now,
    )


async def session_owner(tx: Tx, session_id: UUID) -> UUID:
    """NotFound."""
    return await tx.one(
        UUID, "select account_id from access_session where id = :id", id=session_id
    )


@dataclass(frozen=True, slots=True)
class Token:
    """A program's key, without the key."""

    id: UUID
    name: str
    acts: tuple[str, ...]
    area_code: str
    channel: str
    trusted: bool
    created_at: datetime
    ends_at: datetime
    revoked_at: datetime | None


async def token_by_hash(tx: Tx, token_hash: bytes) -> Token | None:
    return await tx.maybe(
        Token,
        """
        select id, name, acts, area_code, channel, trusted, created_at, ends_at, revoked_at
          from access_token
         where token_hash = :token_hash and revoked_at is null and ends_at > :now
        """,
        token_hash=token_hash,
        now=tx.now,
    )


async def token_by_id(tx: Tx, token_id: UUID) -> Token | None:
    return await tx.maybe(
        Token,
        """
        select id, name, acts, area_code, channel, trusted, created_at, ends_at, revoked_at
          from access_token where id = :id
        """,
        id=token_id,
    )


async def tokens(tx: Tx) -> list[Token]:
    """Within reach, newest first; there are few."""
    return await tx.many(
        Token,
        """
        select id, name, acts, area_code, channel, trusted, created_at, ends_at, revoked_at
          from access_token t
         where exists (
               select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                where t.area_code >= r.lo and t.area_code < r.hi)
         order by created_at desc, id
         limit 500
        """,
        **tx.reach(TOKENS).values(),
    )


async def revoke_token(tx: Tx, token_id: UUID) -> str | None:
    """Within reach and not yet revoked: its area code; else None."""
    return await tx.maybe(
        str,
        """
        update access_token t set revoked_at = :now
         where t.id = :id and t.revoked_at is null
           and exists (
               select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                where t.area_code >= r.lo and t.area_code < r.hi)
        returning t.area_code
        """,
        id=token_id,
        now=tx.now,
        **tx.reach(TOKENS).values(),
    )


async def insert_token(
    tx: Tx,
    *,
    id_: UUID,
    name: str,
    token_hash: bytes,
    acts: Sequence[str],
    area_code: str,
    channel: str,
    trusted: bool,
    ends_at: datetime,
) -> None:
    await tx.run(
        """
        insert into access_token (id, name, token_hash, acts, area_code, channel, trusted,
                                  created_by, created_at, ends_at)
        values (:id, :name, :token_hash, :acts::text[], :area_code, :channel, :trusted,
                :created_by, :now, :ends_at)
        """,
        id=id_,
        name=name,
        token_hash=token_hash,
        acts=list(acts),
        area_code=area_code,
        channel=channel,
        trusted=trusted,
        created_by=tx.actor.id,
        ends_at=ends_at,
        now=tx.now,
    )


async def insert_invitation(
    tx: Tx,
    *,
    id_: UUID,
    account_id: UUID,
    code_hash: bytes,
    pin_hash: bytes,
    tries: int,
    ends_at: datetime,
) -> None:
    """The newest invitation is the only one."""
    await tx.run("delete from access_invitation where account_id = :id", id=account_id)
    await tx.run(
        """
        insert into access_invitation (id, account_id, code_hash, pin_hash, tries_left,
                                       created_by, created_at, ends_at)
        values (:id, :account_id, :code_hash, :pin_hash, :tries, :created_by, :now, :ends_at)
        """,
        id=id_,
        account_id=account_id,
        code_hash=code_hash,
        pin_hash=pin_hash,
        tries=tries,
        created_by=tx.actor.id,
        ends_at=ends_at,
        now=tx.now,
    )


@dataclass(frozen=True, slots=True)
class InvitationTry:
    """An invitation of which a try has just been used up."""

    id: UUID
    account_id: UUID
    pin_hash: bytes


async def try_invitation(tx: Tx, code_hash: bytes) -> InvitationTry | None:
    """Use up one try of a live invitation."""
    return await tx.maybe(
        InvitationTry,
        """
        update access_invitation i set tries_left = tries_left - 1
          from access_account a
          join people_staff s on s.id = a.id
         where i.code_hash = :code_hash and i.accepted_at is null and i.tries_left > 0
           and i.ends_at > :now
           and a.id = i.account_id and a.closed_at is null and s.active
        returning i.id, i.account_id, i.pin_hash
        """,
        code_hash=code_hash,
        now=tx.now,
    )


async def accept_invitation(tx: Tx, id_: UUID) -> int:
    """Once: 0 when somebody was faster."""
    return await tx.run(
        """
        update access_invitation set accepted_at = :now
         where id = :id and accepted_at is null and ends_at > :now
        """,
        id=id_,
        now=tx.now,
    )


async def is_open(tx: Tx, session_id: UUID) -> bool:
    """Whether a session still lives, idle or not."""
    return await tx.one(
        bool,
        """
        select exists (
               select 1 from access_session e
                 join access_account a on a.id = e.account_id and a.closed_at is null
                where e.id = :id and e.ends_at > :now) as open
        """,
        id=session_id,
        now=tx.now,
    )
