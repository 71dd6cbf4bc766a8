"""Shops, vehicles and rented rooms: registered, found, corrected, closed, and taken back."""

from collections.abc import Awaitable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

import small_town as town
from wangge.kernel.actors import system_actor
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx, counting
from wangge.kernel.fields import all_fields
from wangge.kernel.http import District
from wangge.kernel.moments import local_date, new_id
from wangge.kernel.refusals import Forbidden, Invalid, NotFound, Stale
from wangge.kernel.retention import all_keeps
from wangge.matching.codes import credit_check
from wangge.people import pairs
from wangge.people.changes import CannotUndoWhole, Change, apply_changes, undo_batch
from wangge.people.commands import homes
from wangge.people.keeping import forget_residents
from wangge.people.model import REVEALS_PER_HOUR, TooManyReveals
from wangge.places.holders import Moved
from wangge.registers import KINDS, commands, fields, keeping, queries, reading, search
from wangge.registers.commands import Answer, Done, Draft, Seen, Spot
from wangge.registers.holding import things, things_follow
from wangge.registers.kinds import PEOPLE, confirmed_days, stale_on
from wangge.registers.model import (
    AlreadyThere,
    Full,
    LandlordKnown,
    NotOver,
    PlateTaken,
    ThingOver,
)
from wangge.registers.search import Asked

As = Any
DOOR = town.dwelling_id("1-1-1-101")
CLASSES = ("registers.things", "registers.people")
assert keeping  # declares them


@pytest.fixture
def vault(district: District) -> Vault:
    return district.vault


@pytest.fixture(autouse=True)
def _as_officer(tx: Tx, as_: As) -> None:  # pyright: ignore[reportUnusedFunction]
    tx.actor = as_("community_officer")


def code_of(number: int) -> str:
    first = f"91990001MA{number:07d}"
    return first + credit_check(first)


def shop(name: str = "甲乙小吃", **more: Any) -> Draft:
    given: dict[str, Any] = {
        "name": name,
        "credit_code": code_of(1),
        "location": "杏花路一号",
        "details": {"trade": "餐饮", "area_m2": "35", "gas": "bottle", "living_in": "否"},
        "people": [Answer("owner", "甲样例", town.phone_of(8101))],
    }
    return Draft("shop", Spot(area_code=town.GRID_1), **{**given, **more})


def car(plate: str = "浙Z·00001", **more: Any) -> Draft:
    given: dict[str, Any] = {"plate": plate, "details": {"category": "car"}}
    return Draft("vehicle", Spot(dwelling_id=DOOR), **{**given, **more})


async def found(tx: Tx, vault: Vault, **asked: Any) -> list[UUID]:
    rows, _ = await search.page(tx, vault, Asked(**asked), limit=50)
    return [row.id for row in rows]


async def said(tx: Tx) -> list[str]:
    await tx.flush()
    return await tx.many(str, "select data from kernel_outbox where kind like 'registers.%'")


async def refused(tx: Tx, refusal: type[Exception], act: Awaitable[Any]) -> None:
    """The act is refused by a constraint, and the transaction goes on from before it."""
    await tx.run("savepoint before")
    with pytest.raises(refusal):
        await act
    await tx.run("rollback to savepoint before")


# -- registering and finding ----------------------------------------------------------------------


async def test_a_shop_is_registered_and_found_by_all_that_people_know_of_it(
    tx: Tx, vault: Vault
) -> None:
    done = await commands.register(tx, vault, shop())
    other = await commands.register(
        tx, vault, shop("丙丁便利店", credit_code="", location="", people=[])
    )
    one = (await reading.thing(tx, done.thing_id)).thing
    assert one.details == {"trade": "food", "area_m2": 35, "gas": "bottle", "living_in": False}
    only = [done.thing_id]
    for asked in (
        {"name": "小吃"},
        {"name": "杏花路"},
        {"person": "样例"},
        {"phone": "8101"},
        {"phone": town.phone_of(8101)},
        {"credit_code": code_of(1)},
    ):
        assert await found(tx, vault, **asked) == only, asked
    assert set(await found(tx, vault, kind="shop")) == {done.thing_id, other.thing_id}
    assert await found(tx, vault, kind="hotel") == []
    assert await found(tx, vault, name="小吃", kind="vehicle") == []


async def test_a_plate_is_sealed_masked_and_found_whole_or_by_its_end(
    tx: Tx, vault: Vault
) -> None:
    done = await commands.register(tx, vault, car("浙ZD00017"))
    rows, _ = await search.page(tx, vault, Asked(plate="浙z·d00017"), limit=5)
    assert [(row.id, row.plate_mask) for row in rows] == [(done.thing_id, "浙Z****17")]
    assert await found(tx, vault, plate="17") == [done.thing_id]
    assert await found(tx, vault, address="1幢1单元101") == [done.thing_id]
    kept = await tx.many(str, "select to_jsonb(t)::text from registers_thing t")
    kept += await tx.many(str, "select coalesce(before::text, '') from people_change")
    assert not [row for row in kept if "00017" in row]


async def test_nobody_s_plate_or_number_is_in_a_fact(tx: Tx, vault: Vault) -> None:
    done = await commands.register(tx, vault, car())
    answer = Answer("owner", "甲样例", town.phone_of(8102))
    await commands.set_person(tx, vault, done.thing_id, answer)
    facts = await said(tx)
    assert len(facts) == 2
    assert not [f for f in facts if "00001" in f or "8102" in f or "样例" in f]


async def test_what_is_missing_or_wrong_is_said_at_once_with_its_field(
    tx: Tx, vault: Vault
) -> None:
    draft = shop("", details={"trade": "卖鱼", "area_m2": "很大", "colour": "红"})
    with pytest.raises(Invalid) as wrong:
        await commands.register(tx, vault, draft)
    assert [p.field for p in wrong.value.problems] == ["trade", "area_m2", "colour"]
    for draft, field in (
        (shop(""), "name"),
        (shop(credit_code=code_of(1)[:17] + "?"), "credit_code"),
        (car("", details={}), "plate"),
        (car("浙Z0O001"), "plate"),
        (shop(plate="浙Z00001"), "plate"),
        (Draft("rented", Spot(area_code=town.GRID_1)), "dwelling_id"),
        (Draft("shop", Spot(area_code=town.STREET), "甲乙小吃"), "area_code"),
        (shop(people=[Answer("legal", "甲样例")]), "role"),
        (shop(people=[Answer("owner")]), "name"),
        (Draft("circus", Spot(area_code=town.GRID_1)), "kind"),
    ):
        with pytest.raises(Invalid) as wrong:
            await commands.register(tx, vault, draft)
        assert wrong.value.problems[0].field == field, draft


async def test_one_plate_is_one_vehicle_until_that_entry_ends(tx: Tx, vault: Vault) -> None:
    first = await commands.register(tx, vault, car())
    await refused(tx, PlateTaken, commands.register(tx, vault, car("浙Z00001")))
    await commands.close(tx, vault, first.thing_id, "sold")
    assert await commands.register(tx, vault, car())
    await refused(tx, PlateTaken, commands.reopen(tx, vault, first.thing_id))


async def test_a_credit_code_twice_in_a_community_is_asked_about(tx: Tx, vault: Vault) -> None:
    first = await commands.register(tx, vault, shop())
    with pytest.raises(AlreadyThere) as there:
        await commands.register(tx, vault, shop("甲乙小吃二店"))
    assert there.value.thing_id == first.thing_id
    assert await commands.register(tx, vault, shop("甲乙小吃二店"), another=True)


async def test_a_point_says_the_grid(tx: Tx, vault: Vault) -> None:
    draft = Draft(
        "facility",
        Spot(area_code=town.XINGHUA, lon=120.101, lat=30.101),
        "北门消防栓",
        details={"category": "hydrant"},
    )
    done = await commands.register(tx, vault, draft)
    assert (await reading.thing(tx, done.thing_id)).thing.area_code == town.MICRO_1A


# -- reach ----------------------------------------------------------------------------------------


async def test_out_of_reach_is_out_of_existence(tx: Tx, vault: Vault, as_: As) -> None:
    done = await commands.register(tx, vault, shop())
    tx.actor = as_("community_officer_2")
    assert await found(tx, vault, name="小吃") == []
    for act in (
        reading.thing(tx, done.thing_id),
        commands.close(tx, vault, done.thing_id, "closed"),
        commands.correct(tx, vault, done.thing_id, None, {"name": "别的"}),
        commands.reveal(tx, vault, done.thing_id, Full.PLATE, "要挪车"),
        commands.undo(tx, vault, done.batch),
    ):
        with pytest.raises(NotFound):
            await act


async def test_a_stairwell_s_helper_sees_and_confirms_what_is_in_it_and_no_more(
    tx: Tx, vault: Vault, as_: As
) -> None:
    inside = await commands.register(tx, vault, car())
    outside = await commands.register(tx, vault, shop())
    tx.actor = as_("part_time_worker")
    assert await found(tx, vault) == [inside.thing_id]
    done = await commands.confirm(tx, [Seen(inside.thing_id, 1), Seen(outside.thing_id, 1)])
    assert (done.things, done.changed) == (1, 1)
    with pytest.raises(Forbidden):
        await commands.close(tx, vault, inside.thing_id, "sold")
    with pytest.raises(Forbidden):
        await commands.reveal(tx, vault, inside.thing_id, Full.PLATE, "要挪车了")


# -- changing -------------------------------------------------------------------------------------


async def test_a_correction_confirms_what_it_says_and_nothing_else(
    tx: Tx, vault: Vault
) -> None:
    done = await commands.register(tx, vault, shop())
    tx.now += timedelta(days=200)
    assert PEOPLE in (await reading.thing(tx, done.thing_id)).stale
    await commands.correct(tx, vault, done.thing_id, 1, {"details": {"gas": "pipe"}})
    view = await reading.thing(tx, done.thing_id)
    assert view.thing.details["gas"] == "pipe"
    assert view.thing.details["trade"] == "food"
    assert "gas" not in view.stale
    assert {"trade", PEOPLE} <= set(view.stale)
    with pytest.raises(Stale):
        await commands.correct(tx, vault, done.thing_id, 1, {"name": "又改"})
    with pytest.raises(Invalid):
        await commands.correct(tx, vault, done.thing_id, None, {"name": ""})


async def test_it_moves_to_another_place_with_its_people_and_stays_found(
    tx: Tx, vault: Vault, as_: As
) -> None:
    done = await commands.register(tx, vault, shop())
    await commands.correct(
        tx, vault, done.thing_id, None, {}, spot=Spot(dwelling_id=town.dwelling_id("1-3-1-101"))
    )
    assert await tx.many(str, "select distinct area_code from registers_person") == [
        town.MICRO_2A
    ]
    assert await found(tx, vault, address="3幢1单元101") == [done.thing_id]
    tx.actor = as_("grid_worker")
    assert await found(tx, vault) == []
    tx.actor = as_("grid_worker_2")
    assert await found(tx, vault) == [done.thing_id]


async def test_who_runs_it_when_is_kept_and_taken_back(tx: Tx, vault: Vault) -> None:
    done = await commands.register(tx, vault, shop())
    tx.now += timedelta(days=40)
    sold = await commands.set_person(
        tx, vault, done.thing_id, Answer("owner", "乙样例", town.phone_of(8103))
    )
    view = await reading.thing(tx, done.thing_id)
    assert [(p.name_mask, p.from_date == tx.now.date()) for p in view.people] == [("乙*", True)]
    assert [(p.name_mask, p.to_date == tx.now.date()) for p in view.before] == [("甲*", True)]
    assert await found(tx, vault, phone="8101") == []
    assert await found(tx, vault, phone="8103") == [done.thing_id]
    assert view.days[PEOPLE] == tx.now.date()
    await commands.undo(tx, vault, sold.batch)
    view = await reading.thing(tx, done.thing_id)
    assert [p.name_mask for p in view.people] == ["甲*"]
    assert view.before == []
    assert await found(tx, vault, phone="8101") == [done.thing_id]


async def test_somebody_of_the_register_is_pointed_at_not_copied(tx: Tx, vault: Vault) -> None:
    head = town.homes()[1][0]
    done = await commands.register(
        tx, vault, car(people=[Answer("owner", resident_id=head.id)])
    )
    person = (await reading.thing(tx, done.thing_id)).people[0]
    assert (person.resident_id, person.household_id) == (head.id, head.household_id)
    assert person.phone_mask
    kept = await tx.many(str, "select name || phone_mask from registers_person")
    assert kept == [""]
    assert [row.id for row in await reading.of_resident(tx, head.id)] == [done.thing_id]


async def twin_of(tx: Tx, vault: Vault, who: UUID, household: UUID) -> tuple[UUID, UUID]:
    """A second row of a resident, in the batch that brought it, and the pair they are."""
    home = next(one for one in town.homes()[0] if one.id == household)
    row = next(one for one in town.homes()[1] if one.id == who)
    id_, batch = new_id(), new_id()
    values = {
        "household_id": home.id,
        "unit_id": home.unit_id,
        "name": row.name,
        "phone": row.phone,
        "since": date(2025, 1, 1),
    }
    change = Change("resident", "insert", id_, home.area_code, values)
    await apply_changes(tx, vault, batch, [change])
    return id_, batch


async def test_a_resident_who_answers_for_a_car_stays_when_their_import_is_undone(
    tx: Tx, vault: Vault
) -> None:
    head = town.homes()[1][0]
    twin, batch = await twin_of(tx, vault, head.id, town.household_id(2))
    done = await commands.register(tx, vault, car(people=[Answer("owner", resident_id=twin)]))
    undone = await undo_batch(tx, vault, batch)
    assert [(one.id, one.why) for one in undone.kept] == [(twin, "in_use")]
    assert (await reading.thing(tx, done.thing_id)).people[0].resident_id == twin


async def test_a_car_follows_its_owner_when_two_rows_become_one_and_comes_back(
    tx: Tx, vault: Vault
) -> None:
    head = town.homes()[1][0]
    twin, _ = await twin_of(tx, vault, head.id, town.household_id(2))
    done = await commands.register(tx, vault, car(people=[Answer("owner", resident_id=twin)]))
    await pairs.find(tx, town.XINGHUA)
    pair = (await pairs.pairs_page(tx, "", (2.0, UUID(int=(1 << 128) - 1)), 50))[0]
    assert {pair.one.id, pair.other.id} == {head.id, twin}
    await pairs.merge(tx, vault, pair.id, head.id)
    assert (await reading.thing(tx, done.thing_id)).people[0].resident_id == head.id
    assert [row.id for row in await reading.of_resident(tx, head.id)] == [done.thing_id]
    await pairs.undo_merge(tx, vault, pair.id)
    assert (await reading.thing(tx, done.thing_id)).people[0].resident_id == twin
    assert await reading.of_resident(tx, head.id) == []


@pytest.mark.parametrize("merged", [True, False])
async def test_when_residents_are_forgotten_their_things_go_to_whoever_they_are_or_to_nobody(
    tx: Tx, vault: Vault, merged: bool
) -> None:
    head = town.homes()[1][0]
    twin, _ = await twin_of(tx, vault, head.id, town.household_id(2))
    done = await commands.register(tx, vault, car(people=[Answer("owner", resident_id=twin)]))
    # As a merge leaves it whose author could not reach the car.
    await tx.run(
        "update people_resident set ended_on = since, ended_why = :why, merged_into = :into::uuid"
        " where id = :id",
        why="merged" if merged else "moved_away",
        into=head.id if merged else None,
        id=twin,
    )
    if merged:
        assert [row.id for row in await reading.of_resident(tx, head.id)] == [done.thing_id]
    officer, tx.actor = tx.actor, system_actor("town")
    assert sum(one.items for one in await forget_residents(tx, tx.now, 100)) == 1
    tx.actor = officer
    view = await reading.thing(tx, done.thing_id)
    assert [one.resident_id for one in view.people] == ([head.id] if merged else [])
    # A car of nobody is asked about on the next round; one that found its owner again is not.
    assert view.stale == (() if merged else (PEOPLE,))
    assert await stale(tx) == ([] if merged else [done.thing_id])
    images = "select count(*)::int from people_change where kind = 'thing_person'"
    assert await tx.one(int, images) == 0, "what the row was before names somebody who is gone"


async def test_the_landlord_of_a_let_home_stands_in_one_place_only(
    tx: Tx, vault: Vault
) -> None:
    home = (await homes.queries.behind(tx, DOOR))[0]
    await homes.set_household(
        tx,
        vault,
        home.id,
        home.version,
        {"tenure": "tenant", "landlord_name": "房样例", "landlord_phone": town.phone_of(8104)},
    )
    draft = Draft("rented", Spot(dwelling_id=DOOR), details={"letting": "whole"})
    done = await commands.register(tx, vault, draft)
    with pytest.raises(LandlordKnown) as known:
        await commands.set_person(
            tx, vault, done.thing_id, Answer("landlord", "房样例", town.phone_of(8104))
        )
    assert known.value.household_id == home.id
    view = await reading.thing(tx, done.thing_id)
    assert [h.landlord_mask for h in view.homes] == ["房*"]
    with pytest.raises(Invalid):
        await commands.register(tx, vault, draft)


async def test_it_closes_and_opens_again(tx: Tx, vault: Vault) -> None:
    done = await commands.register(tx, vault, shop())
    with pytest.raises(NotOver):
        await commands.reopen(tx, vault, done.thing_id)
    with pytest.raises(Invalid):
        await commands.close(tx, vault, done.thing_id, "sold")
    closed = await commands.close(tx, vault, done.thing_id, "closed")
    assert await found(tx, vault, name="小吃") == []
    assert await found(tx, vault, name="小吃", state="closed") == [done.thing_id]
    assert await found(tx, vault, state="all") == [done.thing_id]
    for act in (
        commands.close(tx, vault, done.thing_id, "closed"),
        commands.set_person(tx, vault, done.thing_id, Answer("owner", "乙样例")),
    ):
        with pytest.raises(ThingOver):
            await act
    await commands.reopen(tx, vault, done.thing_id)
    assert await found(tx, vault, name="小吃") == [done.thing_id]
    with pytest.raises(CannotUndoWhole):
        await commands.undo(tx, vault, closed.batch)


async def test_a_registration_that_is_taken_back_leaves_nothing(tx: Tx, vault: Vault) -> None:
    done = await commands.register(tx, vault, shop())
    await commands.undo(tx, vault, done.batch)
    assert await found(tx, vault, state="all") == []
    for table in ("registers_thing", "registers_person", "registers_search"):
        assert await tx.one(int, f"select count(*) from {table}") == 0


# -- freshness ------------------------------------------------------------------------------------


async def stale(tx: Tx, **given: Any) -> list[UUID]:
    rows, _ = await queries.stale_page(
        tx,
        tx.reach(commands.acts.READ),
        **{
            "low": town.COUNTY,
            "high": town.COUNTY + ":",
            "kind": "",
            "today": tx.now.date(),
            "after": ("", UUID(int=0)),
            "limit": 50,
            **given,
        },
    )
    return [row.id for row in rows]


async def test_it_goes_stale_by_itself_and_one_tap_confirms_it(tx: Tx, vault: Vault) -> None:
    done = await commands.register(tx, vault, shop())
    assert await stale(tx) == []
    tx.now += timedelta(days=90)
    assert await stale(tx) == [], "a day is fresh to its end"
    tx.now += timedelta(days=1)
    assert await stale(tx) == [done.thing_id]
    assert await stale(tx, kind="hotel") == []
    view = await reading.thing(tx, done.thing_id)
    assert view.stale == ("living_in",)
    seen = Seen(done.thing_id, view.thing.version, view.stale)
    assert (await commands.confirm(tx, [seen])).things == 1
    assert await stale(tx) == []
    with pytest.raises(Invalid):
        await commands.confirm(tx, [Seen(done.thing_id, 1, ("licence",))])


async def test_nobody_confirms_what_changed_after_they_looked(tx: Tx, vault: Vault) -> None:
    done = await commands.register(tx, vault, shop())
    await commands.correct(tx, vault, done.thing_id, None, {"name": "新店名"})
    told = await commands.confirm(tx, [Seen(done.thing_id, 1)])
    assert (told.things, told.changed) == (0, 1)


def test_the_first_stale_day_is_that_of_the_field_that_changes_soonest() -> None:
    for kind in KINDS.values():
        day = town.NOON.date()
        first = stale_on(kind, day, {})
        assert first == day + timedelta(days=min(kind.fresh.values()) + 1), kind.code
        later = dict.fromkeys(kind.fresh, (day + timedelta(days=7)).isoformat())
        assert stale_on(kind, day, later) == day + timedelta(days=min(kind.fresh.values()) + 8)


# -- guarding -------------------------------------------------------------------------------------


async def test_a_full_value_needs_a_reason_is_noted_and_counted_with_all_others(
    tx: Tx, vault: Vault
) -> None:
    done = await commands.register(
        tx, vault, car(people=[Answer("owner", "甲样例", town.phone_of(8105))])
    )
    person = (await reading.thing(tx, done.thing_id)).people[0]
    with pytest.raises(Invalid):
        await commands.reveal(tx, vault, done.thing_id, Full.PLATE, "看看")
    shown = [
        await commands.reveal(tx, vault, done.thing_id, what, "堵了消防通道", who)
        for what, who in (
            (Full.PLATE, None),
            (Full.PERSON_NAME, person.id),
            (Full.PERSON_PHONE, person.id),
        )
    ]
    assert shown == ["浙Z00001", "甲样例", town.phone_of(8105)]
    noted = await tx.many(
        str, "select field from people_look where thing_id = :id order by id", id=done.thing_id
    )
    assert sorted(noted) == ["person_name", "person_phone", "plate"]
    assert "00001" not in "".join(await said(tx))
    for _ in range(REVEALS_PER_HOUR.default - len(shown)):
        await commands.reveal(tx, vault, done.thing_id, Full.PLATE, "堵了消防通道")
    with pytest.raises(TooManyReveals):
        await commands.reveal(tx, vault, done.thing_id, Full.PLATE, "堵了消防通道")


async def test_somebody_of_another_thing_is_not_revealed_through_this_one(
    tx: Tx, vault: Vault
) -> None:
    mine = await commands.register(tx, vault, car())
    other = await commands.register(tx, vault, shop())
    theirs = (await reading.thing(tx, other.thing_id)).people[0]
    with pytest.raises(NotFound):
        await commands.reveal(
            tx, vault, mine.thing_id, Full.PERSON_PHONE, "堵了消防通道", theirs.id
        )


async def test_what_is_over_goes_after_its_time_and_is_counted_before(
    tx: Tx, vault: Vault
) -> None:
    done = await commands.register(tx, vault, shop())
    await commands.set_person(tx, vault, done.thing_id, Answer("owner", "乙样例"))
    things_, people = (all_keeps()[name] for name in CLASSES)
    soon, late = tx.now, tx.now + timedelta(days=1)
    assert await people.purge(tx, soon, 10) == []
    assert people.waiting is not None
    assert things_.waiting is not None
    assert [g.items for g in await people.waiting(tx, late)] == [1]
    assert [g.items for g in await people.purge(tx, late, 10)] == [1]
    assert len((await reading.thing(tx, done.thing_id)).people) == 1
    await commands.close(tx, vault, done.thing_id, "closed")
    assert [g.items for g in await things_.waiting(tx, late)] == [1]
    assert [g.items for g in await things_.purge(tx, late, 10)] == [1]
    for table in ("registers_thing", "registers_person", "registers_search"):
        assert await tx.one(int, f"select count(*) from {table}") == 0
    left = "select count(*) from people_change where kind like 'thing%'"
    assert await tx.one(int, left) == 0


async def test_things_follow_their_doors_and_their_area(tx: Tx, vault: Vault) -> None:
    behind = await commands.register(tx, vault, car())
    along = await commands.register(tx, vault, shop())
    assert {c.area_code for c in await things(tx, [town.MICRO_1A, town.GRID_1])} == {
        town.MICRO_1A,
        town.GRID_1,
    }
    unit = town.unit_id("1-1-1")
    await tx.run("update places_unit set area_code = :code where id = :id",
                 code=town.MICRO_2A, id=unit)  # fmt: skip
    moved = Moved((town.MICRO_1A, town.GRID_1), {town.GRID_1: town.GRID_2})
    counts = await things_follow(tx, moved)
    assert [(c.area_code, c.items) for c in counts] == [(town.GRID_2, 1), (town.MICRO_2A, 1)]
    for done, code in ((behind, town.MICRO_2A), (along, town.GRID_2)):
        assert (await reading.thing(tx, done.thing_id)).thing.area_code == code
        marks = "select area_code from registers_search where thing_id = :id"
        assert await tx.many(str, marks, id=done.thing_id) == [code]
        images = "select area_code from people_change where batch_id = :batch"
        assert set(await tx.many(str, images, batch=done.batch)) == {code}


# -- lists ----------------------------------------------------------------------------------------


async def many_things(tx: Tx, vault: Vault) -> list[Done]:
    return [
        await commands.register(
            tx, vault, car(f"浙Z·0{n:04d}", people=[Answer("owner", "甲样例")])
        )
        for n in range(12)
    ]


@pytest.mark.parametrize(
    "asked", [{}, {"kind": "vehicle"}, {"person": "样例"}, {"address": "1幢1单元101"}]
)
@pytest.mark.parametrize("who", ["community_officer", "district_officer", "part_time_worker"])
async def test_a_list_is_whole_in_order_and_costs_the_same_whatever_its_length(
    tx: Tx, vault: Vault, as_: As, who: str, asked: dict[str, str]
) -> None:
    made = await many_things(tx, vault)
    tx.actor = as_(who)
    after, seen, cost = "", list[UUID](), set[int]()
    while True:
        with counting() as count:
            rows, mark = await search.page(tx, vault, Asked(**asked), after=after, limit=5)
        cost.add(count.total)
        seen += [row.id for row in rows]
        if mark is None:
            break
        after = mark
    assert seen == sorted(seen)
    assert set(seen) == {done.thing_id for done in made}
    assert max(cost) <= 3


async def test_a_page_of_what_is_stale_and_a_page_of_one_cost_fixed_statements(
    tx: Tx, vault: Vault
) -> None:
    made = await many_things(tx, vault)
    tx.now += timedelta(days=400)
    with counting() as count:
        assert len(await stale(tx)) == 12
    assert count.total == 1
    with counting() as count:
        view = await reading.thing(tx, made[0].thing_id)
    assert len(view.beside) == 11
    assert count.total <= 6


@pytest.mark.parametrize("fields", [("living_in", PEOPLE), ()])
async def test_an_undo_leaves_what_was_found_true_since_but_for_its_own_fields(
    tx: Tx, vault: Vault, fields: tuple[str, ...]
) -> None:
    done = await commands.register(tx, vault, shop())
    first = (await reading.thing(tx, done.thing_id)).thing
    began, kind = first.confirmed_on, KINDS["shop"]
    tx.now += timedelta(days=30)
    changed = await commands.correct(
        tx, vault, done.thing_id, first.version, {"details": {"gas": "none"}}
    )
    tx.now += timedelta(days=10)
    today = local_date(tx.now)
    now = (await reading.thing(tx, done.thing_id)).thing
    seen = await commands.confirm(tx, [Seen(done.thing_id, now.version, fields)])
    assert seen.things == 1
    await commands.undo(tx, vault, changed.batch)
    left = (await reading.thing(tx, done.thing_id)).thing
    days = confirmed_days(kind, left.confirmed_on, left.confirmed)
    known = fields or tuple(kind.fresh)
    assert left.details["gas"] == "bottle"
    assert days == {
        name: today if name in known and name != "gas" else began for name in kind.fresh
    }
    assert left.stale_on == stale_on(kind, left.confirmed_on, left.confirmed)


# -- the registry of kinds ------------------------------------------------------------------------


def test_every_kind_s_fields_are_in_the_dictionary_with_all_that_belongs_to_a_field() -> None:
    known = all_fields()
    for kind in KINDS.values():
        names = {spec.key.split(".")[1] for spec in fields.OF[kind.code]}
        assert {one.name for one in kind.details} <= names
        for spec in fields.OF[kind.code]:
            assert known[spec.key] is spec
            assert spec.personal == (spec.retention != "" and spec.sensitivity >= 3)
        for role in kind.roles:
            assert known[f"{kind.code}.{role}_phone"].sensitivity == 4
            assert role in ("owner", "legal", "manager", "safety", "landlord", "contact")
    assert known["vehicle.plate"].personal


async def test_every_way_a_thing_ends_is_one_the_database_knows(tx: Tx, vault: Vault) -> None:
    for kind in KINDS.values():
        for why in kind.closings:
            draft = Draft(
                kind.code,
                Spot(dwelling_id=DOOR),
                "甲乙某处",
                plate="浙Z00001" if kind.plated else "",
                details={
                    one.name: next(iter(one.codes or {}))
                    for one in kind.details
                    if one.required
                },
                people=[Answer(next(iter(kind.roles)), "甲样例")],
            )
            done = await commands.register(tx, vault, draft)
            await commands.close(tx, vault, done.thing_id, why)
