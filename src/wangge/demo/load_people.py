"""Houses, households, residents and crews: one community after another, each in a transaction."""

from collections.abc import Sequence
from datetime import datetime

from wangge.demo import work
from wangge.demo.bare import dress, undress
from wangge.demo.rows import (
    building_row,
    compound_row,
    dwelling_row,
    household_rows,
    members_of,
    org_row,
    post_row,
    team_row,
    unit_row,
)
from wangge.demo.town import Community, Town, names
from wangge.demo.town.model import Crew
from wangge.kernel.actors import system_actor
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Database, Tx
from wangge.kernel.moments import local_date, new_id
from wangge.people.commands.posts import load_orgs, load_staff
from wangge.people.commands.residents import load_households, load_residents
from wangge.places.commands import load_buildings
from wangge.places.naming.model import Alias
from wangge.places.naming.queries import insert_aliases

KIND = "demo.people"
#: From so many residents on, indexes are dropped and made anew at the end, but for those that the
#: load itself asks.
BARE_FROM = 300_000
TABLES = ("people_household", "people_resident", "people_search")
KEPT = ("people_resident_household",)


async def load_crew(tx: Tx, vault: Vault, crew: Crew, now: datetime) -> None:
    """Bodies, people with their posts, teams."""
    await load_orgs(tx, [org_row(org) for org in crew.orgs])
    await load_staff(
        tx,
        vault,
        [(person.id, person.name, person.phone) for person in crew.staff],
        [post_row(post, now) for post in crew.posts],
    )
    teams = list(members_of(crew))
    made = [team_row(team, now) for team, _ in teams]
    await tx.copy(
        "people_team",
        ("id", "name", "kind", "area_code", "template", "from_at", "until_at"),
        [(t.id, t.name, t.kind, t.area_code, t.template, t.from_at, t.until_at) for t in made],
    )
    await tx.copy(
        "people_member",
        ("team_id", "staff_id", "position"),
        [(team.id, m.staff_id, m.position) for team, members in teams for m in members],
    )


async def load_community(tx: Tx, vault: Vault, community: Community, now: datetime) -> int:
    """Everything inside of one community. Answers how many residents."""
    await load_buildings(
        tx,
        [compound_row(c) for c in community.compounds],
        [building_row(b) for b in community.buildings],
        [unit_row(u) for u in community.units],
        [dwelling_row(d) for d in community.dwellings],
    )
    await insert_aliases(tx, nicknames(community, now))
    homes, people = household_rows(community.households, community.residents(), local_date(now))
    await load_households(tx, vault, homes)
    await load_residents(tx, vault, people)
    await load_crew(tx, vault, community.crew, now)
    return len(people)


def nicknames(community: Community, now: datetime) -> list[Alias]:
    """What people call some of the estates."""
    named = [
        (compound, names.nickname(compound.name, community.plan.index))
        for compound in community.compounds
    ]
    return [
        Alias(new_id(now), compound.id, None, compound.area_code, name, now)
        for compound, name in named
        if name is not None
    ]


async def load_people(database: Database, vault: Vault, town: Town, now: datetime) -> None:
    """All communities; those that an earlier run finished are passed over."""
    plans = [plan for street in town.plan.streets for plan in street.communities]
    total = sum(plan.residents for plan in plans)
    actor = system_actor(database.schema)
    async with database.tx(actor) as tx:
        begun = await work.begin(tx, KIND, total, {})
    if begun.state == "done":
        return
    if total >= BARE_FROM:
        await undress(database, KIND, TABLES, KEPT)
    done = 0
    for plan in plans:
        before, done = done, done + plan.residents
        if done <= begun.done:
            continue
        community = town.community(plan.code)
        async with database.tx(actor) as tx:
            loaded = await load_community(tx, vault, community, now)
            await work.step(tx, KIND, before + loaded)
    await dress(database, KIND)
    async with database.tx(actor) as tx:
        await work.finish(tx, KIND)


def residents_of(town: Town) -> int:
    """How many residents will be loaded."""
    return sum(plan.residents for street in town.plan.streets for plan in street.communities)


def crews_of(town: Town, most: int) -> Sequence[Crew]:
    """The crews of the first communities, and of the offices."""
    plans = [plan for street in town.plan.streets for plan in street.communities]
    near = [town.community(plan.code).crew for plan in plans[:most]]
    return [*near, *town.offices]
