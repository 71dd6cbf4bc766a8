"""Targets: whom a task asks, written as staff:id, org:id, team:id or role:role@area."""

from uuid import UUID

from wangge.kernel.actors import ROLE_NAMES, Role
from wangge.people.roster import Roster
from wangge.places import Atlas


def target_words(target: str | None, roster: Roster, atlas: Atlas) -> str:
    """In words that name nobody: a body, a team, a room, or a person's post."""
    kind, _, rest = (target or "").partition(":")
    if kind == "role":
        role, _, code = rest.partition("@")
        return f"{atlas.name(code)}{ROLE_NAMES[Role(role)]}"
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
    for post in roster.posts_of(id_):
        return f"{atlas.name(post.area_code)}{ROLE_NAMES[post.role]}"
    return ""
