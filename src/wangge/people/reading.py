"""One household and one person, whole: what their pages show and programs are told. Masks only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date
from wangge.kernel.refusals import Invalid, NotFound, Problem
from wangge.matching import Placed
from wangge.people import acts, freshness, tags
from wangge.people.queries import batches
from wangge.people.queries import households as queries
from wangge.people.queries.batches import DoneAct
from wangge.people.queries.households import Home, Person, Tie
from wangge.people.tags import Need
from wangge.places.doors import closed_list
from wangge.places.names import NAMES
from wangge.places.naming.model import placed_words

#: Communities whose doors an address is looked for among, its own first.
COMMUNITIES_MAX = 4


@dataclass(frozen=True, slots=True)
class HouseholdView:
    """A household with who lives in it, who left it, who is tied to it, which other households are
    behind its door (`beside`) or were (`before`), and what was done to it lately. `stale` says which
    of its own fields have gone stale, `days` when each was last confirmed."""

    home: Home
    people: list[Person]
    left: list[Person]
    ties: list[Tie]
    beside: list[Home]
    before: list[Home]
    acts: list[DoneAct]
    stale: tuple[str, ...]
    days: Mapping[str, date]


async def household(tx: Tx, household_id: UUID) -> HouseholdView:
    """Seven statements. NotFound out of reach."""
    home = await queries.home(tx, tx.reach(acts.RESIDENT_READ), household_id)
    people = await queries.members(tx, home.id)
    left = await queries.left(tx, home.id)
    ties = await queries.ties_of_household(tx, home.id)
    rows = [home.id, *(p.id for p in people), *(p.id for p in left), *(t.id for t in ties)]
    today = local_date(tx.now)
    return HouseholdView(
        home,
        people,
        left,
        ties,
        [other for other in await queries.behind(tx, home.dwelling_id) if other.id != home.id],
        [
            other
            for other in await queries.before_them(tx, home.dwelling_id)
            if other.id != home.id
        ],
        await batches.acts_on(tx, rows),
        freshness.stale_at_home(home, today),
        freshness.confirmed_days(freshness.HOME, home.confirmed_on, home.confirmed),
    )


@dataclass(frozen=True, slots=True)
class RecordView:
    """A person with where they live, their needs that the reader may see, and where they lived
    before or are tied to. `stale` and `days` as above, of the person's fields."""

    person: Person
    home: Home
    needs: list[Need]
    ties: list[Tie]
    stale: tuple[str, ...]
    days: Mapping[str, date]


async def record(tx: Tx, resident_id: UUID) -> RecordView:
    """Five statements. NotFound out of reach."""
    reach = tx.reach(acts.RESIDENT_READ)
    person = await queries.person(tx, reach, resident_id)
    return RecordView(
        person,
        await queries.home(tx, reach, person.household_id),
        await tags.of_person(tx, person),
        await queries.ties_of_person(tx, person.id),
        freshness.stale_fields(
            freshness.PERSON,
            person.confirmed_on,
            person.confirmed,
            local_date(tx.now),
            person.birth_year,
        )
        if person.ended_on is None
        else (),
        freshness.confirmed_days(freshness.PERSON, person.confirmed_on, person.confirmed),
    )


@dataclass(frozen=True, slots=True)
class Meant:
    """Where words lead: a door with the households behind it now, or why not (`placed`)."""

    placed: Placed
    homes: list[Home]


def lost(field: str, placed: Placed) -> Invalid:
    """Why words of an address lead to no door, or not surely to one."""
    text, values = placed_words(placed)
    return Invalid.all([Problem(field, text, None, values)])


async def door_meant(tx: Tx, reach: Reach, near: str, words: str) -> Meant:
    """The door somebody means who writes an address at a desk near `near` (an area code): among
    the doors of that community, or of those whose estates the words name. A door out of reach is
    not found. A fixed number of statements."""
    codes = [near[:12]]
    named = (await NAMES.get(tx)).meant(words, tuple(reach.areas) or (near,))
    codes += [one.area_code[:12] for one in named if len(one.area_code) >= 12]
    found: list[Placed] = []
    for code in list(dict.fromkeys(codes))[:COMMUNITIES_MAX]:
        placed = (await closed_list(tx, code)).resolve(words)
        found.append(placed)
        if placed.door is not None and placed.sure:
            break
    best = next((p for p in found if p.door is not None and p.sure), None) or next(
        (p for p in found if p.door is not None), found[0]
    )
    door = best.door
    if door is None:
        return Meant(best, [])
    if not (reach.covers(door.area_code) or door.unit_id in reach.units):
        raise NotFound("这个门牌")
    return Meant(best, await queries.behind(tx, door.dwelling_id))
