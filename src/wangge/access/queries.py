"""Accounts, posts and tries: the statements. Sessions, tokens and invitations are in `kept`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wangge.access.acts import READ
from wangge.kernel.actors import Act, Grant, Role
from wangge.kernel.database import Tx
from wangge.people.roster import ROSTER


@dataclass(frozen=True, slots=True)
class Account:
    """An account, with the person's name and first area. `live` is whether both may still work."""

    id: UUID
    login: str
    name: str
    area_code: str
    password_hash: str | None
    demo: bool
    totp_sealed: bytes | None
    totp_confirmed_at: datetime | None
    totp_step: int
    live: bool


async def account_by_login(tx: Tx, login: str) -> Account | None:
    """For signing in; the one place where reach plays no part."""
    return await tx.maybe(
        Account,
        """
        select a.id, a.login, s.name, a.password_hash, a.demo, a.totp_sealed,
               a.totp_confirmed_at, a.totp_step, a.closed_at is null and s.active as live,
               coalesce((select min(p.area_code collate "C") from people_post p
                          where p.staff_id = a.id), '') as area_code
          from access_account a
          join people_staff s on s.id = a.id
         where a.login = :login
        """,
        login=login,
    )


async def account(tx: Tx, account_id: UUID) -> Account:
    """One's own account, or that of an id found through a door. NotFound."""
    return await tx.one(
        Account,
        """
        select a.id, a.login, s.name, a.password_hash, a.demo, a.totp_sealed,
               a.totp_confirmed_at, a.totp_step, a.closed_at is null and s.active as live,
               coalesce((select min(p.area_code collate "C") from people_post p
                          where p.staff_id = a.id), '') as area_code
          from access_account a
          join people_staff s on s.id = a.id
         where a.id = :id
        """,
        id=account_id,
    )


async def grants(tx: Tx, staff_id: UUID) -> tuple[Grant, ...]:
    """The posts somebody holds now, as the roster has them."""
    return (await ROSTER.get(tx)).grants(staff_id, tx.now)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the roster within reach."""

    id: UUID
    name: str
    area_code: str
    login: str | None


async def person(tx: Tx, staff_id: UUID, act: Act) -> Person:
    """The door to a person whose account is to be changed: one with a post within the actor's
    reach, or with none at all when the actor reaches the whole district. NotFound."""
    return await tx.one(
        Person,
        """
        select s.id, s.name, a.login,
               coalesce(min(p.area_code collate "C"), '') as area_code
          from people_staff s
          left join access_account a on a.id = s.id
          left join people_post p on p.staff_id = s.id
         where s.id = :staff_id
           and (exists (
                select 1 from people_post held
                  join unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                    on held.area_code >= r.lo and held.area_code < r.hi
                 where held.staff_id = s.id)
             or (length(:reach_from[1]) <= 6
                 and not exists (select 1 from people_post any_ where any_.staff_id = s.id)))
         group by s.id, s.name, a.login
        """,
        staff_id=staff_id,
        **tx.reach(act).values(),
    )


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One line of the administrators' list. `sessions` is how many are open."""

    id: UUID
    login: str
    name: str
    area_code: str
    roles: tuple[Role, ...]
    demo: bool
    has_password: bool
    has_second: bool
    sessions: int
    seen_at: datetime | None
    closed_at: datetime | None


async def accounts(tx: Tx, *, after: str, search: str, limit: int) -> list[AccountLine]:
    """Accounts of people with a post within reach, by login; `after` is the last login seen."""
    return await tx.many(
        AccountLine,
        """
        select a.id, a.login, s.name, a.demo, a.closed_at,
               a.password_hash is not null as has_password,
               a.totp_confirmed_at is not null as has_second,
               (select min(p.area_code collate "C") from people_post p where p.staff_id = a.id)
                   as area_code,
               array(select distinct p.role from people_post p
                      where p.staff_id = a.id and (p.until_at is null or p.until_at > :now)
                      order by p.role) as roles,
               (select count(*) from access_session e
                 where e.account_id = a.id and e.stage = 'whole'
                   and e.ends_at > :now and e.idle_until > :now) as sessions,
               (select max(e.seen_at) from access_session e where e.account_id = a.id) as seen_at
          from access_account a
          join people_staff s on s.id = a.id
         where a.login > :after
           and (:search = '' or a.login like :search || '%' or s.name like :search || '%')
           and exists (
               select 1 from people_post held
                 join unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                   on held.area_code >= r.lo and held.area_code < r.hi
                where held.staff_id = a.id)
         order by a.login
         limit :limit
        """,
        after=after,
        search=search,
        limit=limit,
        now=tx.now,
        **tx.reach(READ).values(),
    )


async def without_account(tx: Tx, *, search: str, limit: int, act: Act) -> list[Person]:
    """People within reach who cannot sign in yet, by name."""
    return await tx.many(
        Person,
        """
        select s.id, s.name, null::text as login, min(p.area_code collate "C") as area_code
          from people_staff s
          join people_post p on p.staff_id = s.id
          join unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
            on p.area_code >= r.lo and p.area_code < r.hi
         where s.active and (:search = '' or s.name like :search || '%')
           and not exists (select 1 from access_account a where a.id = s.id)
         group by s.id, s.name
         order by s.name, s.id
         limit :limit
        """,
        search=search,
        limit=limit,
        **tx.reach(act).values(),
    )


async def insert_accounts(
    tx: Tx, ids: Sequence[UUID], logins: Sequence[str], password_hash: str | None, *, demo: bool
) -> int:
    """New accounts; those with a hash may sign in at once."""
    return await tx.run(
        """
        insert into access_account (id, login, password_hash, password_set_at, demo, created_at)
        select n.id, n.login, :password_hash::text,
               case when :password_hash::text is null then null else :now::timestamptz end, :demo, :now
          from unnest(:ids::uuid[], :logins::text[]) n(id, login)
        """,
        ids=list(ids),
        logins=list(logins),
        password_hash=password_hash,
        demo=demo,
        now=tx.now,
    )


async def set_password(tx: Tx, account_id: UUID, password_hash: str) -> int:
    return await tx.run(
        """
        update access_account set password_hash = :password_hash, password_set_at = :now
         where id = :id and closed_at is null
        """,
        id=account_id,
        password_hash=password_hash,
        now=tx.now,
    )


async def set_closed(tx: Tx, account_id: UUID, closed_at: datetime | None) -> int:
    """Answers 0 when it was so already."""
    return await tx.run(
        """
        update access_account set closed_at = :closed_at
         where id = :id and (closed_at is null) <> (:closed_at::timestamptz is null)
        """,
        id=account_id,
        closed_at=closed_at,
    )


async def set_totp(tx: Tx, account_id: UUID, sealed: bytes | None) -> int:
    """A new secret, not yet confirmed; None takes it away."""
    return await tx.run(
        """
        update access_account
           set totp_sealed = :sealed, totp_confirmed_at = null, totp_step = 0
         where id = :id
        """,
        id=account_id,
        sealed=sealed,
    )


async def use_totp_step(tx: Tx, account_id: UUID, step: int) -> int:
    """Use up a step, once: 0 when it or a later one was used, also by somebody at the same
    moment. The first use confirms the secret."""
    return await tx.run(
        """
        update access_account
           set totp_step = :step, totp_confirmed_at = coalesce(totp_confirmed_at, :now)
         where id = :id and totp_step < :step
        """,
        id=account_id,
        step=step,
        now=tx.now,
    )


async def replace_recovery(tx: Tx, account_id: UUID, hashes: Sequence[bytes]) -> None:
    await tx.run("delete from access_recovery where account_id = :id", id=account_id)
    await tx.run(
        """
        insert into access_recovery (account_id, code_hash)
        select :id, code_hash from unnest(:hashes::bytea[]) t(code_hash)
        """,
        id=account_id,
        hashes=list(hashes),
    )


async def use_recovery(tx: Tx, account_id: UUID, code_hash: bytes) -> int:
    """Use up a recovery code: 0 when there is no such (any more)."""
    return await tx.run(
        "delete from access_recovery where account_id = :id and code_hash = :code_hash",
        id=account_id,
        code_hash=code_hash,
    )


async def recovery_left(tx: Tx, account_id: UUID) -> int:
    return await tx.one(
        int, "select count(*) from access_recovery where account_id = :id", id=account_id
    )


async def charge(
    tx: Tx, key: bytes, *, free: int, first: float, longest: float, forget_before: datetime
) -> int:
    """Count a failure before it is one, so that many tries at once cannot outrun the count.
    Answers 0 when a pause is on. Pauses are in seconds; see model.Patience."""
    return await tx.run(
        """
        insert into access_try as t (key, failures, last_at, until)
        values (:key, 1, :now, null)
        on conflict (key) do update
           set failures = case when t.last_at < :forget_before then 1 else t.failures + 1 end,
               last_at = :now,
               until = case
                   when t.last_at < :forget_before or t.failures + 1 < :free then null
                   else :now::timestamptz + make_interval(secs => least(
                        :longest::float8,
                        :first::float8 * power(2, least(t.failures + 1 - :free, 16)))) end
         where t.until is null or t.until <= :now
        """,
        key=key,
        free=free,
        first=first,
        longest=longest,
        forget_before=forget_before,
        now=tx.now,
    )


async def paused_until(tx: Tx, key: bytes) -> datetime | None:
    return await tx.maybe(
        datetime,
        "select until from access_try where key = :key and until > :now",
        key=key,
        now=tx.now,
    )


async def forgive(tx: Tx, key: bytes) -> None:
    """All failures of a login, when its owner came in."""
    await tx.run("delete from access_try where key = :key", key=key)


async def refund(tx: Tx, key: bytes, free: int) -> None:
    """One's own charge, not those of others behind the same address."""
    await tx.run(
        """
        update access_try
           set failures = greatest(0, failures - 1),
               until = case when failures - 1 < :free then null else until end
         where key = :key
        """,
        key=key,
        free=free,
    )


async def forget_tries(tx: Tx, before: datetime, limit: int) -> int:
    return await tx.run(
        """
        delete from access_try where key in (
               select key from access_try where last_at < :before order by last_at limit :limit)
        """,
        before=before,
        limit=limit,
    )


async def count_tries(tx: Tx, before: datetime) -> int:
    return await tx.one(
        int, "select count(*) from access_try where last_at < :before", before=before
    )
