"""Whom to ask, for one task or for all that came at one moment: rings from `around`, loads in at most
two statements however many tasks, the choice from `solvers.offers`, the reason as a sentence to keep."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from uuid import UUID

from wangge.dispatch.asking.around import OWN, Around, Near
from wangge.dispatch.asking.reasons import why_nobody
from wangge.dispatch.asking.table import Choice, Pace, Rings, Table, Want
from wangge.dispatch.rules import ASKED_MAX, Asked, first_asked, rooms_above
from wangge.hours import LIMITS
from wangge.kernel.actors import Role
from wangge.kernel.database import Tx

#: So many tasks for people at one moment are given out as one.
SURGE = 8


def planned(want: Want, around: Around, now: datetime) -> Asked | None:
    """Whom the rule means, whatever anybody has to do: for what is not offered yet."""
    if want.rule.unit_kind == "role":
        for near in (near for ring in _rings(want, around, now) for near in ring):
            return Asked(f"staff:{near.post.staff_id}", want.rule.level)
        return next(rooms_above(want.rule, want.area_code, around.roster, now), None)
    return _others(want, around, now).asked


async def choose_all(
    tx: Tx,
    wants: Sequence[Want],
    around: Around,
    pace: Pace,
    versions: Mapping[str, int] | None = None,
) -> list[Choice]:
    """Of each, in their order; whoever is chosen has that to do for the next. At most two statements,
    and none where no rule asks people."""
    found: list[Choice | None] = [None] * len(wants)
    people: dict[int, Rings] = {}
    for at, want in enumerate(wants):
        if want.rule.unit_kind == "role":
            people[at] = _rings(want, around, tx.now)
        else:
            found[at] = _others(want, around, tx.now)
    if people:
        table = Table(tx, pace, await LIMITS.get(tx, versions))
        surge = len(people) >= SURGE
        # Nearly always somebody of the own grid goes; only then the others are looked at.
        await table.look([rings if surge else _own(rings) for rings in people.values()])
        if surge:
            chosen = await table.spread([(wants[at], rings) for at, rings in people.items()])
            for at, one in zip(people, chosen, strict=True):
                found[at] = one or _above(wants[at], around, tx.now, people[at], table)
        else:
            await _one_by_one(tx, wants, people, around, table, found)
    return [one or Choice(None) for one in found]


async def _one_by_one(
    tx: Tx,
    wants: Sequence[Want],
    people: Mapping[int, Rings],
    around: Around,
    table: Table,
    found: list[Choice | None],
) -> None:
    far: list[int] = []
    for at, rings in people.items():
        own = _own(rings)
        found[at] = table.choose(wants[at], own, patient=own is not rings)
        if found[at] is None:
            far.append(at)
    await table.look([people[at] for at in far])
    for at in far:
        found[at] = table.choose(wants[at], people[at]) or _above(
            wants[at], around, tx.now, people[at], table
        )


def _rings(want: Want, around: Around, now: datetime) -> Rings:
    """Who may be asked, ring by ring: on post now, not asked before nor left out, and nobody twice.
    After some were asked the case goes up, however many are left."""
    if len({one for one in want.tried if one.startswith("staff:")}) >= ASKED_MAX:
        return []
    out = {*want.tried, *want.but}
    found: Rings = []
    seen: set[UUID] = set()
    for ring in around.rings(Role(want.rule.unit), want.area_code):
        live: list[Near] = []
        for near in ring:
            id_ = near.post.staff_id
            if id_ not in seen and near.post.live(now) and f"staff:{id_}" not in out:
                seen.add(id_)
                live.append(near)
        found.append(live)
    return found


def _own(rings: Rings) -> Rings:
    """The own grid; where nobody is there, everybody."""
    return rings[:OWN] if any(rings[:OWN]) and any(rings[OWN:]) else rings


def _others(want: Want, around: Around, now: datetime) -> Choice:
    """A body, a team, a room that the rule names, then the rooms above."""
    named = first_asked(want.rule, want.area_code, around.roster, now)
    may = (one for one in named if one.target not in want.but)
    for one in islice(may, ASKED_MAX):
        if one.target not in want.tried:
            return Choice(one)
    return _room(want, around, now)


def _room(want: Want, around: Around, now: datetime, why: str = "", resting: int = 0) -> Choice:
    above = rooms_above(want.rule, want.area_code, around.roster, now)
    out = {*want.tried, *want.but}
    asked = next((one for one in above if one.target not in out), None)
    return Choice(asked, why, resting)


def _above(want: Want, around: Around, now: datetime, rings: Rings, table: Table) -> Choice:
    """Nobody near may go: the rooms above."""
    return _room(want, around, now, why_nobody(want.tried), table.resting(rings))
