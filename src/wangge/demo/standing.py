"""A roster of one community from next Monday on: two gates around the clock, testing by day; published, with
one place that somebody took out of it since, so that the lead has something to decide."""

import asyncio
from datetime import date, timedelta
from uuid import UUID, uuid5

from wangge.demo.duty import serve
from wangge.demo.town import Town
from wangge.hours.acts import PLAN
from wangge.hours.rosters import commands, kept, publishing
from wangge.hours.rosters.commands import Drawing, Putting, SettingUp
from wangge.hours.rosters.ground import ground
from wangge.hours.rosters.model import USUAL, PostOf, Setup, rows_of
from wangge.kernel.actors import Role, system_actor
from wangge.kernel.database import Database, Tx
from wangge.kernel.moments import local_date
from wangge.kernel.moments import now as clock
from wangge.people import ROSTER
from wangge.people.roster import actor_of
from wangge.solvers import Budget

PEOPLE, DAYS = 18, 7
POSTS = [
    PostOf("p1", "东门卡口", "", True, "all", {"a": 1, "b": 1, "c": 1}),
    PostOf("p2", "西门卡口", "", True, "all", {"a": 1, "b": 1, "c": 1}),
    PostOf("p3", "采样点", "采样", False, "all", {"a": 2}),
    PostOf("p4", "物资配送", "", False, "workdays", {"a": 1, "b": 1}),
]


async def happen(database: Database, town: Town, seed: int) -> None:
    """Draw, publish and open one place again, by the community's officer. Running it again adds nothing."""
    community = town.plan.streets[0].communities[0].code
    now = clock().replace(second=0, microsecond=0)
    async with database.tx(system_actor(database.schema), now=now) as tx:
        id_ = uuid5(UUID(int=seed), "roster")
        roster = await ROSTER.get(tx)
        officers = roster.holders(Role.COMMUNITY_OFFICER, community, now)
        there = await tx.maybe(UUID, "select id from hours_roster where id = :id", id=id_)
        people = serve(roster, community, now)[:PEOPLE]
        if not officers or not people or there is not None:
            return
        tx.actor = await actor_of(tx, officers[0])
        await _draw(tx, id_, community, people, _monday(local_date(now)))


def _monday(today: date) -> date:
    return today + timedelta(days=7 - today.weekday())


async def _draw(tx: Tx, id_: UUID, community: str, people: list[UUID], first: date) -> None:
    await commands.draw(tx, Drawing(id_, community, "卡口和采样", first, DAYS))
    skills = {who: ["采样"] for who in people[::3]}
    await commands.set_up(tx, SettingUp(id_, 1, Setup(USUAL.shifts, POSTS, people), skills))
    from wangge.solvers.shifts.making import (  # OR-Tools, for whoever makes a demonstration
        Effort,
        make,
    )

    found = await ground(tx, await kept.sheet(tx, PLAN, id_))
    # Little search: the roster it begins with stands already.
    made = await asyncio.to_thread(
        make, found.problem, budget=Budget(20, 20.0), effort=Effort(repeatable=True)
    )
    await kept.add_version(tx, id_, 3, "made", rows_of(made.entries))
    await publishing.publish(
        tx, publishing.Publishing(id_, 3, "人手暂时不够,先这样排" if made.missing else "")
    )
    one = made.entries[0]
    await commands.put(
        tx, Putting(id_, 3, one.day, one.shift, one.post, None, UUID(one.person))
    )
