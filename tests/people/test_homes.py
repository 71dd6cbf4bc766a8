"""Households move, split and join; people come and leave; every such act can be taken back."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

import small_town as town
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx, counting
from wangge.kernel.http import District
from wangge.kernel.refusals import Forbidden, Invalid, NotFound, Stale
from wangge.people import acts, commands, lists
from wangge.people.changes import CannotUndoWhole
from wangge.people.commands import homes, persons
from wangge.people.model import (
    CollectiveTooLarge,
    HasLeft,
    HouseholdEnded,
    HouseholdTooLarge,
    LivesElsewhere,
)
from wangge.people.queries import households as queries
from wangge.people.search import Asked

As = Any
FREE = "1-1-1-401"


@pytest.fixture
def vault(district: District) -> Vault:
    return district.vault


def members_of(number: int) -> list[UUID]:
    return [r.id for r in town.homes()[1] if r.household_id == town.household_id(number)]


async def where(tx: Tx, resident: UUID) -> UUID:
    return await tx.one(
        UUID, "select household_id from people_resident where id = :id", id=resident
    )


async def everything(tx: Tx) -> list[str]:
    return await tx.many(
        str,
        """
        select x.t from (
            select (to_jsonb(t) - 'version' - 'updated_at')::text as t from people_resident t
            union all
            select (to_jsonb(t) - 'version' - 'updated_at')::text from people_household t
            union all
            select (to_jsonb(t) - 'version' - 'updated_at')::text from people_residence t
            union all
            select (to_jsonb(t) - 'version' - 'updated_at')::text from people_tag t) x
         order by 1
        """,
    )


async def test_a_family_moves_and_its_old_door_remembers_it(
    tx: Tx, vault: Vault, as_: As
) -> None:
    tx.actor = as_("street_officer")
    before, people = await everything(tx), members_of(1)
    to = town.dwelling_id("1-3-1-401")
    done = await homes.move(tx, vault, people, dwelling_id=to)
    assert done.people == len(people)
    assert {await where(tx, one) for one in people} == {done.household_id}
    reach = tx.reach(acts.RESIDENT_READ)
    old = await queries.home(tx, reach, town.household_id(1))
    assert (old.to_date, old.ended_why) == (town.NOON.date(), "moved")
    past = await queries.ties_of_household(tx, old.id)
    assert {(t.resident_id, t.tie, t.to_date) for t in past} == {
        (one, "lives", town.NOON.date()) for one in people
    }
    # Their needs and what they are found by go with them.
    tags = await tx.many(
        str, "select distinct area_code from people_tag where resident_id = :id", id=people[0]
    )
    assert tags == [town.MICRO_2A]
    found, _ = await lists.people(tx, vault, Asked(address="3幢1单元401"), limit=9)
    assert {row.id for row in found} == set(people)
    await homes.undo(tx, vault, done.batch)
    assert await everything(tx) == before


async def test_one_of_them_moves_in_with_others(tx: Tx, vault: Vault, as_: As) -> None:
    tx.actor = as_("grid_worker")
    child = members_of(1)[2]
    done = await homes.move(tx, vault, [child], household_id=town.household_id(2))
    assert done.household_id == town.household_id(2)
    reach = tx.reach(acts.RESIDENT_READ)
    assert (await queries.home(tx, reach, town.household_id(1))).to_date is None
    person = await queries.person(tx, reach, child)
    assert person.since == town.NOON.date()
    with pytest.raises(Invalid):
        await homes.move(tx, vault, [child], household_id=town.household_id(2))


async def test_who_lived_where_when(tx: Tx, vault: Vault, as_: As) -> None:
    tx.actor = as_("street_officer")
    child = members_of(1)[2]
    await tx.run(
        "update people_resident set since = :since where id = :id",
        since=date(2021, 5, 1),
        id=child,
    )
    await homes.move(tx, vault, [child], household_id=town.household_id(2), on=date(2024, 7, 1))
    await homes.move(tx, vault, [child], household_id=town.household_id(3), on=date(2025, 9, 1))
    ties = await queries.ties_of_person(tx, child)
    assert [(t.household_id, t.from_date, t.to_date) for t in ties] == [
        (town.household_id(2), date(2024, 7, 1), date(2025, 9, 1)),
        (town.household_id(1), date(2021, 5, 1), date(2024, 7, 1)),
    ]
    with pytest.raises(Invalid):
        await homes.move(
            tx, vault, [child], household_id=town.household_id(1), on=date(2024, 1, 1)
        )


async def test_a_household_splits_and_joins_again(tx: Tx, vault: Vault, as_: As) -> None:
    tx.actor = as_("grid_worker")
    people = members_of(1)
    split = await homes.split(tx, vault, town.household_id(1), people[:1])
    reach = tx.reach(acts.RESIDENT_READ)
    new = await queries.home(tx, reach, split.household_id)
    assert (new.split_from, new.dwelling) == (town.household_id(1), "1幢1单元101室")
    assert [p.relation for p in await queries.members(tx, new.id)] == ["head"]
    rest = await queries.members(tx, town.household_id(1))
    assert [p.relation for p in rest].count("head") == 1
    with pytest.raises(Invalid):
        await homes.split(tx, vault, town.household_id(1), [p.id for p in rest])
    joined = await homes.join(tx, vault, new.id, town.household_id(1))
    assert joined.people == 1
    ended = await queries.home(tx, reach, new.id)
    assert (ended.ended_why, ended.joined_into) == ("joined", town.household_id(1))
    together = await queries.members(tx, town.household_id(1))
    assert sorted(p.id for p in together) == sorted(people)
    assert [p.relation for p in together].count("head") == 1
    with pytest.raises(HouseholdEnded):
        await homes.join(tx, vault, new.id, town.household_id(1))


async def test_who_died_is_nobody_s_neighbour_and_can_be_brought_back(
    tx: Tx, vault: Vault, as_: As
) -> None:
    tx.actor = as_("community_officer")
    one, before = members_of(1)[0], await everything(tx)
    done = await homes.leave(tx, vault, [one], "died")
    assert one not in {p.id for p in await queries.members(tx, town.household_id(1))}
    lasting = await tx.many(
        UUID, "select id from people_tag where resident_id = :i and ended_at is null", i=one
    )
    assert lasting == []
    with pytest.raises(HasLeft):
        await homes.move(tx, vault, [one], household_id=town.household_id(2))
    await homes.undo(tx, vault, done.batch)
    assert await everything(tx) == before


async def test_the_last_to_leave_ends_the_household(tx: Tx, vault: Vault, as_: As) -> None:
    tx.actor = as_("community_officer")
    await homes.leave(tx, vault, members_of(6), "moved_away", on=town.NOON.date())
    home = await queries.home(tx, tx.reach(acts.RESIDENT_READ), town.household_id(6))
    assert (home.to_date, home.ended_why) == (town.NOON.date(), "moved")


async def test_who_comes_back_is_the_same_row_with_its_past(
    tx: Tx, vault: Vault, as_: As
) -> None:
    tx.actor = as_("community_officer")
    row = next(r for r in town.homes()[1] if r.id == members_of(1)[0])
    await homes.leave(tx, vault, [row.id], "moved_away")
    tx.now += timedelta(days=100)
    back = commands.Draft(row.name, id_number=row.id_number, phone=town.phone_of(8001))
    await homes.add_people(tx, vault, town.household_id(2), [back])
    person = await queries.person(tx, tx.reach(acts.RESIDENT_READ), row.id)
    assert (person.household_id, person.ended_on) == (town.household_id(2), None)
    assert person.since == (town.NOON + timedelta(days=100)).date()
    assert [(t.household_id, t.to_date) for t in await queries.ties_of_person(tx, row.id)] == [
        (town.household_id(1), town.NOON.date())
    ]


async def test_one_person_is_one_row_and_two_households_are_told_apart(
    tx: Tx, vault: Vault, as_: As
) -> None:
    tx.actor = as_("community_officer")
    row = next(r for r in town.homes()[1] if r.id == members_of(1)[0])
    again = commands.Draft(row.name, id_number=row.id_number)
    with pytest.raises(LivesElsewhere) as told:
        await homes.add_people(tx, vault, town.household_id(2), [again])
    assert (told.value.resident_id, told.value.name_mask) == (row.id, "甲*")
    assert "1幢1单元101室" in told.value.place
    await homes.add_tie(tx, vault, row.id, town.household_id(2), "registered", None)
    tie = (await queries.ties_of_household(tx, town.household_id(2)))[0]
    assert (tie.tie, tie.resident_id, tie.to_date) == ("registered", row.id, None)
    with pytest.raises(Invalid):
        await homes.add_tie(tx, vault, row.id, town.household_id(2), "registered", None)
    await homes.end_tie(tx, vault, tie.id)
    assert (await queries.ties_of_person(tx, row.id))[0].to_date == town.NOON.date()


async def test_a_tie_shows_a_mask_to_who_may_not_see_the_person(
    own_district: District, as_: As
) -> None:
    database, vault = own_district.database, own_district.vault
    theirs = next(r for r in town.homes()[1] if r.area_code == town.MICRO_3A)
    async with database.tx(as_("street_officer"), now=town.NOON) as tx:
        await homes.add_tie(tx, vault, theirs.id, town.household_id(1), "owns", None)
        await persons.correct(tx, vault, theirs.id, None, {"name": "房东改名"})
    async with database.tx(as_("grid_worker"), now=town.NOON, read_only=True) as tx:
        tie = (await queries.ties_of_household(tx, town.household_id(1)))[0]
        assert (tie.tie, tie.name_mask, tie.person_seen) == ("owns", "房*", False)


async def test_a_family_of_41_is_asked_about_and_a_dormitory_is_not(
    tx: Tx, vault: Vault, as_: As
) -> None:
    tx.actor = as_("grid_worker")
    many = [commands.Draft(f"工友{n}") for n in range(41)]
    door = town.dwelling_id(FREE)
    with pytest.raises(HouseholdTooLarge) as told:
        await commands.register_household(tx, vault, door, many)
    assert "集体户" in told.value.words("zh")
    home = await commands.register_household(tx, vault, door, many, kind="collective")
    version = (await queries.home(tx, tx.reach(acts.RESIDENT_READ), home.id)).version
    with pytest.raises(HouseholdTooLarge):
        await homes.set_household(tx, vault, home.id, version, {"kind": "family"})
    with pytest.raises(CollectiveTooLarge):
        await homes.add_people(tx, vault, home.id, [commands.Draft("多")] * 1960)


async def test_tenants_have_a_landlord_whose_phone_is_sealed(
    tx: Tx, vault: Vault, as_: As
) -> None:
    tx.actor = as_("grid_worker")
    reach = tx.reach(acts.RESIDENT_READ)
    home = await queries.home(tx, reach, town.household_id(1))
    given = {"tenure": "tenant", "landlord_name": "房东甲", "landlord_phone": "199 0000 8008"}
    await homes.set_household(tx, vault, home.id, home.version, given)
    now = await queries.home(tx, reach, home.id)
    assert (now.tenure, now.landlord_mask) == ("tenant", "房*")
    assert now.landlord_phone_mask == "199****8008"
    assert now.confirmed["landlord_phone"] == town.NOON.date().isoformat()
    row = await tx.one(
        str, "select to_jsonb(h)::text from people_household h where id = :id", id=home.id
    )
    assert town.phone_of(8008) not in row
    with pytest.raises(Stale):
        await homes.set_household(tx, vault, home.id, home.version, {"tenure": "owner"})


async def test_a_correction_counts_as_confirmed_and_is_cleaned(
    tx: Tx, vault: Vault, as_: As
) -> None:
    tx.actor = as_("grid_worker")
    one = members_of(1)[2]
    number = town.id_number_of(48)
    values = {"name": "阿卜 • 买买提", "id_number": number[:-1] + number[-1].lower()}
    await persons.correct(tx, vault, one, None, values)
    person = await queries.person(tx, tx.reach(acts.RESIDENT_READ), one)
    assert person.birth_date == date(1988, 1, 1)
    assert (person.id_kind, person.id_mask[-2:]) == ("id_card", number[-2:])
    assert person.confirmed["name"] == town.NOON.date().isoformat()
    name = await tx.one(str, "select name from people_resident where id = :id", id=one)
    assert name == "阿卜·买买提"
    for wrong in ({"phone": "123"}, {"sex": "x"}, {"birth_date": date(2030, 1, 1)}, {}):
        with pytest.raises(Invalid):
            await persons.correct(tx, vault, one, None, wrong)
    with pytest.raises(LivesElsewhere):
        await persons.correct(tx, vault, members_of(1)[1], None, {"id_number": number})


@pytest.mark.parametrize(
    ("who", "refusal"),
    [("grid_worker_2", NotFound), ("doctor", Forbidden), ("data_protection", Forbidden)],
)
async def test_who_may_not_move_anybody(
    tx: Tx, vault: Vault, as_: As, who: str, refusal: type[Exception]
) -> None:
    tx.actor = as_(who)
    with pytest.raises(refusal):
        await homes.move(tx, vault, members_of(1), dwelling_id=town.dwelling_id(FREE))
    with pytest.raises(refusal):
        await persons.correct(tx, vault, members_of(1)[0], None, {"workplace": "厂"})


async def test_nobody_is_moved_where_the_mover_may_not_go(
    tx: Tx, vault: Vault, as_: As
) -> None:
    tx.actor = as_("grid_worker")
    with pytest.raises(NotFound):
        await homes.move(tx, vault, members_of(1), dwelling_id=town.dwelling_id("2-1-1-401"))


async def test_a_move_that_somebody_built_upon_is_not_taken_back(
    tx: Tx, vault: Vault, as_: As
) -> None:
    tx.actor = as_("grid_worker")
    done = await homes.move(tx, vault, members_of(1), dwelling_id=town.dwelling_id(FREE))
    await homes.add_people(tx, vault, done.household_id, [commands.Draft("新来的")])
    with pytest.raises(CannotUndoWhole):
        await homes.undo(tx, vault, done.batch)


async def test_moving_many_costs_what_moving_one_does(tx: Tx, vault: Vault, as_: As) -> None:
    tx.actor = as_("street_officer")
    with counting() as one:
        await homes.move(tx, vault, members_of(1), household_id=town.household_id(7))
    people = [p for n in (2, 3, 4) for p in members_of(n)]
    with counting() as many:
        await homes.move(tx, vault, people, household_id=town.household_id(7))
    assert len(people) == 9
    assert many.total == one.total
