"""Many households go to live elsewhere at once, each behind a door of its own: a house is pulled down, a
block is rehoused."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date, new_id
from wangge.kernel.refusals import Stale
from wangge.people import acts
from wangge.people.changes import Change
from wangge.people.commands.homes import lived, new_home
from wangge.people.queries import households as queries
from wangge.people.queries.households import Door, Person


async def relocating(
    tx: Tx, moves: Mapping[UUID, Door], versions: Mapping[UUID, int]
) -> tuple[list[Person], list[Change]]:
    """What it takes for whole households to move, household → door: their people with their needs and
    where they lived until now, a new household behind the door (whose it is there nobody knows yet),
    the end of the old one; all of them locked, nothing written. Five statements. `versions` are the
    households' as they were looked at.

    Raises NotFound, Forbidden; Stale where a household changed, ended, or somebody moved behind its new
    door since.
    """
    day, reach = local_date(tx.now), tx.reach(acts.RESIDENT_READ)
    homes = await queries.lock_homes(tx, reach, list(moves))
    for home in homes.values():
        tx.require(acts.RESIDENT_CHANGE, home.area_code)
        if home.to_date is not None or home.version != versions[home.id]:
            raise Stale(home.version)
    if await queries.behind_doors(tx, [door.id for door in moves.values()]):
        raise Stale(0)
    living = await queries.living_in(tx, list(moves))
    people = await queries.lock_people(tx, reach, [one.id for one in living])
    tags = await queries.live_tags(tx, [one.id for one in people])
    made = {id_: new_id(tx.now) for id_ in homes}
    changes: list[Change] = []
    for home in homes.values():
        changes.append(new_home(made[home.id], moves[home.id], home.kind, "unknown", day))
        ended = {"to_date": max(day, home.from_date), "ended_why": "moved"}
        changes.append(Change("household", "update", home.id, home.area_code, ended))
    to = {one.id: moves[one.household_id] for one in people}
    for one in people:
        since = max(day, one.since)
        changes += [
            _arrives(one, to[one.id], made[one.household_id], since),
            lived(tx, one, since),
        ]
    changes += [
        Change("tag", "update", tag.id, door.area_code, {"unit_id": door.unit_id})
        for tag in tags
        if (door := to[tag.resident_id])
    ]
    return people, changes


def _arrives(one: Person, door: Door, home: UUID, since: date) -> Change:
    values = {"unit_id": door.unit_id, "household_id": home, "since": since}
    return Change("resident", "update", one.id, door.area_code, values)
