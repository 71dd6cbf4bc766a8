"""Shifts of one community around this moment: worked yesterday, on duty now, planned for tomorrow; one
person near a limit, one who worked beyond it and nobody has said why."""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from wangge.demo.town import Town
from wangge.hours import commands
from wangge.hours.model import Duty
from wangge.hours.queries import known
from wangge.kernel.actors import Role, system_actor
from wangge.kernel.database import Database
from wangge.kernel.moments import now as clock
from wangge.people import ROSTER
from wangge.people.roster import Roster, actor_of

#: People with shifts, and the posts they stand at.
PEOPLE = 12
POSTS = ("东门把守", "西门把守", "巡逻", "物资接收", "上门走访", "值守热线")
_SERVE = (Role.GRID_WORKER, Role.PART_TIME_WORKER, Role.GRID_HEAD, Role.VOLUNTEER)


async def happen(database: Database, town: Town, seed: int) -> None:
    """Note them, by the community's officer. Running it again adds nothing."""
    community = town.plan.streets[0].communities[0].code
    now = clock().replace(second=0, microsecond=0)
    async with database.tx(system_actor(database.schema), now=now) as tx:
        roster = await ROSTER.get(tx)
        officers = roster.holders(Role.COMMUNITY_OFFICER, community, now)
        serving = serve(roster, community, now)[:PEOPLE]
        stints = [
            _stint(seed, community, person, n, day, now)
            for n, person in enumerate(serving)
            for day in (-1, 0, 1)
        ]
        if not officers or not stints or await known(tx, [one.id for one in stints]):
            return
        tx.actor = await actor_of(tx, officers[0])
        await commands.note(tx, stints)


def serve(roster: Roster, community: str, now: datetime) -> list[UUID]:
    """Who stands at posts in a community, by name."""
    return [
        staff.id
        for staff in roster.all_staff()
        if any(
            grant.role in _SERVE and grant.area_code.startswith(community)
            for grant in roster.grants(staff.id, now)
        )
    ]


def _stint(seed: int, community: str, person: UUID, n: int, day: int, now: datetime) -> Duty:
    """Somebody's shift of yesterday, of now or of tomorrow; the first is near the limit now, the second
    worked fourteen hours yesterday."""
    began = timedelta(minutes=-(11 * 60 + 10) if n == 0 else -(37 * n % 300) - 20)
    begins = now + timedelta(days=day) + (began if n != 1 or day != -1 else -timedelta(hours=6))
    hours = 11.8 if n == 0 else 14 if n == 1 and day == -1 else 8
    if n == 0 and day == -1:
        hours = 8
    ends = begins + timedelta(hours=hours)
    return Duty(
        uuid5(UUID(int=seed), f"duty {n} {day}"),
        person,
        community,
        POSTS[n % len(POSTS)],
        begins,
        ends,
        "worked" if ends <= now else "planned",
        "office",
        None,
        person,
        now,
        1,
    )
