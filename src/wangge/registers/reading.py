"""One thing, whole: what its page shows and programs are told. Masks only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date
from wangge.people import acts as people_acts
from wangge.people.queries import batches, households
from wangge.people.queries.batches import DoneAct
from wangge.people.queries.households import Home
from wangge.registers import acts, queries
from wangge.registers.kinds import KINDS, confirmed_days, stale_fields
from wangge.registers.queries import Answering, Thing
from wangge.registers.search import ThingLine


@dataclass(frozen=True, slots=True)
class Living:
    """Somebody behind a thing's door, who may answer for it."""

    id: UUID
    name_mask: str
    relation: str


@dataclass(frozen=True, slots=True)
class ThingView:
    """A thing with who answers for it (`people`) and did (`before`), what else is at its door
    (`beside`), the households behind it with who lives there for who may see them (`homes`,
    `living`), and what was done to it lately. `stale` says which
    fields have gone stale, `days` when each was last confirmed."""

    thing: Thing
    people: list[Answering]
    before: list[Answering]
    beside: list[ThingLine]
    homes: list[Home]
    living: list[Living]
    acts: list[DoneAct]
    stale: tuple[str, ...]
    days: Mapping[str, date]


async def thing(tx: Tx, thing_id: UUID) -> ThingView:
    """Six statements at most. NotFound out of reach."""
    reach = tx.reach(acts.READ)
    found = await queries.thing(tx, reach, thing_id)
    people = await queries.people_of(tx, found.id)
    beside = await queries.at_doors(
        tx,
        reach,
        dwellings=[found.dwelling_id] if found.dwelling_id else [],
        buildings=[found.building_id]
        if found.building_id and found.dwelling_id is None
        else [],
    )
    homes: list[Home] = []
    living: list[Living] = []
    if found.dwelling_id is not None and _may_see_homes(tx, found):
        homes = await households.behind(tx, found.dwelling_id)
        living = [
            Living(one.id, one.name_mask, one.relation)
            for one in await households.living_in(tx, [home.id for home in homes])
        ]
    kind = KINDS[found.kind]
    given = (found.confirmed_on, found.confirmed)
    return ThingView(
        found,
        [one for one in people if one.to_date is None],
        [one for one in people if one.to_date is not None],
        [one for one in beside if one.id != found.id],
        homes,
        living,
        await batches.acts_on(tx, [found.id, *(one.id for one in people)]),
        stale_fields(kind, *given, local_date(tx.now)) if found.closed_on is None else (),
        confirmed_days(kind, *given),
    )


def _may_see_homes(tx: Tx, found: Thing) -> bool:
    reach = tx.reach(people_acts.RESIDENT_READ)
    return reach.covers(found.area_code) or found.unit_id in reach.units


async def at_door(tx: Tx, dwelling_id: UUID) -> list[ThingLine]:
    """Open things within reach behind one door; one statement."""
    return await queries.at_doors(tx, tx.reach(acts.READ), dwellings=[dwelling_id])


async def of_resident(tx: Tx, resident_id: UUID) -> list[ThingLine]:
    """Open things within reach that somebody of the register answers for; one statement."""
    return await queries.at_doors(tx, tx.reach(acts.READ), residents=[resident_id])
