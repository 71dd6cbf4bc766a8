"""Targets: whom a task asks, written as staff:id, org:id, team:id or role:role@area."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from wangge.kernel.actors import ROLE_NAMES, Grant, Role
from wangge.kernel.database import Tx
from wangge.kernel.i18n import Locale, translate
from wangge.people import ROSTER
from wangge.people.roster import Roster
from wangge.places import Atlas


def keys_of(
    roster: Roster, staff_id: UUID, grants: Iterable[Grant], now: datetime
) -> frozenset[str]:
    """The targets somebody answers for: oneself, one's bodies, teams and rooms."""
    keys = {f"staff:{staff_id}"}
    keys.update(
        f"role:{grant.role.value}@{grant.area_code}" for grant in grants if grant.live(now)
    )
    keys.update(
        f"org:{post.org_id}"
        for post in roster.posts_of(staff_id)
        if post.org_id is not None and post.live(now)
    )
    keys.update(f"team:{team.id}" for team in roster.teams_of(staff_id, now))
    return frozenset(keys)


async def my_keys(tx: Tx) -> frozenset[str]:
    """The actor's own."""
    return keys_of(await ROSTER.get(tx), tx.actor.id, tx.actor.grants, tx.now)


def target_words(
    target: str | None,
    roster: Roster,
    atlas: Atlas,
    *,
    named: bool = False,
    locale: Locale = "zh",
) -> str:
    """A target in words: a body, a team, a room; a person by name where `named`, else by post, as
    whoever reports something is not told who works on it."""
    kind, _, rest = (target or "").partition(":")
    if kind == "role":
        role, _, code = rest.partition("@")
        return atlas.name(code) + translate(locale, ROLE_NAMES[Role(role)])
    try:
        id_ = UUID(rest)
    except ValueError:
        return ""
    if kind == "org":
        org = roster.org(id_)
        return org.name if org else ""
    if kind == "team":
        team = roster.team(id_)
        return team.name if team else ""
    if named:
        return roster.staff_name(id_)
    for post in roster.posts_of(id_):
        return atlas.name(post.area_code) + translate(locale, ROLE_NAMES[post.role])
    return ""
