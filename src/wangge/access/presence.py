"""Presence: who a cookie or a bearer token is, remembered for a moment.

A process remembers an answer for `memory` seconds, so that a busy screen does not ask the
database who it is fifty times a second. A session ended in this process is forgotten at once
(`forget`); one ended elsewhere, or a post changed, is noticed when the memory runs out.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from wangge.access import kept
from wangge.access.model import Surface, grants_with, hashed
from wangge.access.settings import idle_time
from wangge.kernel.actors import Actor, Grant, Role, system_actor
from wangge.kernel.database import Database, Tx
from wangge.kernel.http import Channel, District
from wangge.kernel.i18n import Locale
from wangge.kernel.settings import decided
from wangge.kernel.together import Together
from wangge.people.roster import ROSTER

SESSION_COOKIE = "wangge_session"
#: People a process remembers.
REMEMBERED_MAX = 20_000
#: A session's last sign of life is written down this often.
TOUCH_EVERY = timedelta(seconds=60)
#: Looks for sessions under way at a time.
SESSIONS_AT_ONCE = 2
#: Longer than any token of ours.
TOKEN_CHARACTERS_MAX = 100


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody recognised; `session` is None for a program."""

    actor: Actor
    session: UUID | None
    channel: Channel | None = None


_generation = 0


def forget() -> None:
    """Ask the database again for everybody, from the next request on: a session was ended."""
    global _generation
    _generation += 1


class Presence:
    """One process's memory of who is who."""

    def __init__(self, *, memory: float) -> None:
        self._memory = memory
        self._generation = _generation
        self._known: OrderedDict[tuple[str, bytes], tuple[float, Present]] = OrderedDict()
        #: Looks under way: whoever comes with the same token meanwhile waits for the same look.
        self._looking: dict[tuple[str, bytes, int], asyncio.Task[Present | None]] = {}
        self._sessions: WeakKeyDictionary[Database, Together[bytes, Present | None]] = (
            WeakKeyDictionary()
        )

    async def by_session(
        self, district: District, token: str, locale: Locale
    ) -> Present | None:
        """Who holds that session; None when it is over, waits for its second factor, or its
        account or person was closed."""
        return await self._find(district, token, locale, self._session)

    async def by_token(self, district: District, token: str, locale: Locale) -> Present | None:
        """Which program holds that bearer token."""
        if not token.startswith("wg_"):
            return None
        return await self._find(district, token, locale, _token)

    async def _find(
        self,
        district: District,
        token: str,
        locale: Locale,
        look: "Callable[[District, bytes], Coroutine[Any, Any, Present | None]]",
    ) -> Present | None:
        if not token or len(token) > TOKEN_CHARACTERS_MAX:
            return None
        if self._generation != _generation:
            self._generation = _generation
            self._known.clear()
        key = (district.schema, hashed(token))
        remembered = self._known.get(key)
        if remembered is not None and remembered[0] > monotonic():
            present = remembered[1]
        else:
            began = self._generation
            found = await self._look(district, key[1], look, began)
            if found is None:
                self._known.pop(key, None)
                return None
            present = found
            # What was looked up before somebody was signed out must not be remembered after.
            if self._memory > 0 and began == _generation:
                self._known[key] = (monotonic() + self._memory, present)
                self._known.move_to_end(key)
                if len(self._known) > REMEMBERED_MAX:
                    self._known.popitem(last=False)
        if present.actor.locale == locale:
            return present
        return replace(present, actor=replace(present.actor, locale=locale))

    async def _look(
        self,
        district: District,
        token_hash: bytes,
        look: "Callable[[District, bytes], Coroutine[Any, Any, Present | None]]",
        generation: int,
    ) -> Present | None:
        """Ask the database, once for all who ask at the same time. One who hangs up meanwhile
        takes nobody's answer away."""
        key = (district.schema, token_hash, generation)
        task = self._looking.get(key)
        if task is None:
            task = asyncio.ensure_future(look(district, token_hash))
            self._looking[key] = task
            task.add_done_callback(lambda _: self._looking.pop(key, None))
        return await asyncio.shield(task)

    async def _session(self, district: District, token_hash: bytes) -> Present | None:
        """Whose sessions are asked for at the same time share the looking: a county's phones come
        back together, and each would take a connection from those who are at work."""
        sessions = self._sessions.get(district.database)
        if sessions is None:
            sessions = self._sessions[district.database] = Together(
                partial(_present, district), at_once=SESSIONS_AT_ONCE
            )
        return await sessions.do(token_hash)


async def _present(district: District, tokens: Sequence[bytes]) -> list[Present | None]:
    """Who holds these sessions, in order. Three statements, and where a sign of life is due two
    more, whatever their number."""
    async with district.database.tx(system_actor(district.schema), read_only=True) as tx:
        rows = await kept.sessions_by_tokens(tx, tokens)
        whole = {row.token_hash: row for row in rows if row.stage == "whole"}
        roster = await ROSTER.get(tx) if whole else None
        posts = {
            row.account_id: roster.grants(row.account_id, tx.now) if roster else ()
            for row in whole.values()
        }
        stale = [row for row in whole.values() if tx.now - row.seen_at >= TOUCH_EVERY]
    if stale:
        async with district.database.tx(system_actor(district.schema)) as tx:
            await touch(tx, [(row.id, row.surface) for row in stale])
    found: list[Present | None] = []
    for token in tokens:
        row = whole.get(token)
        if row is None:
            found.append(None)
            continue
        actor = Actor(
            row.account_id,
            "staff",
            district.schema,
            grants_with(row.factor, posts[row.account_id]),
            name=row.name,
        )
        found.append(Present(actor, row.id))
    return found


async def touch(tx: Tx, sessions: Sequence[tuple[UUID, Surface]]) -> None:
    """Signs of life."""
    settings = await decided(tx)
    await kept.touch_sessions(
        tx, [(id_, tx.now + idle_time(settings, surface)) for id_, surface in sessions]
    )


async def _token(district: District, token_hash: bytes) -> Present | None:
    async with district.database.tx(system_actor(district.schema), read_only=True) as tx:
        found = await kept.token_by_hash(tx, token_hash)
    if found is None:
        return None
    grant = Grant(Role.CHANNEL, found.area_code, until=found.ends_at)
    actor = Actor(
        found.id,
        "token",
        district.schema,
        (grant,),
        only=frozenset(found.acts),
        name=found.name,
    )
    return Present(actor, None, Channel(found.channel, found.trusted))
