"""Who asked this household what, when and how, so that nobody asks again."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

import small_town as town
from wangge.forms import asked_before, asked_before_many, dictionary, ledger, questions, record
from wangge.forms.fresh import freshness, next_homes
from wangge.forms.keeping import forget_contacts, old_contacts
from wangge.forms.model import Contact
from wangge.forms.questions import Asking, close_question, open_questions, questions_for
from wangge.kernel.actors import Actor
from wangge.kernel.database import Tx, counting
from wangge.kernel.http import District
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Forbidden, Invalid, NotFound
from wangge.registers import commands as things
from wangge.registers import reading
from wangge.registers.answers import Said, take
from wangge.registers.commands import Draft, Spot

As = Callable[[str], Actor]
HOMES = town.homes()[0]
MINE = next(h for h in HOMES if h.area_code == town.MICRO_1A)
THEIRS = next(h for h in HOMES if h.area_code == town.MICRO_2A)


async def test_a_call_is_written_down_and_found_again(tx: Tx, as_: As) -> None:
    tx.actor = as_("grid_worker")
    assert await asked_before(tx, MINE.id, "resident.phone") is None
    await record(tx, [Contact(MINE.id, ("resident.phone", "resident.name"), "call")])
    found = await asked_before(tx, MINE.id, "resident.phone")
    assert found is not None
    assert (found.way, found.result, found.by_id) == ("call", "answered", tx.actor.id)
    assert found.answered_at == tx.now
    assert await asked_before(tx, MINE.id, "household.kind") is None


async def test_nobody_at_home_is_no_answer(tx: Tx, as_: As) -> None:
    tx.actor = as_("grid_worker")
    keys = ("resident.phone",)
    await record(tx, [Contact(MINE.id, keys, "visit")], at=tx.now - timedelta(days=3))
    await record(tx, [Contact(MINE.id, keys, "visit", "nobody")])
    found = await asked_before(tx, MINE.id, "resident.phone")
    assert found is not None
    assert (found.result, found.asked_at) == ("nobody", tx.now)
    assert found.answered_at == tx.now - timedelta(days=3)


async def test_a_sweep_writes_all_its_doors_in_one_statement_and_once(tx: Tx, as_: As) -> None:
    tx.actor = as_("street_officer")
    sweep = new_id(tx.now)
    contacts = [Contact(h.id, ("household.kind",), "sweep") for h in HOMES]
    await dictionary(tx)
    with counting() as count:
        first = await record(tx, contacts, origin="sweep", origin_id=sweep)
    assert count.total == 2
    within = sum(h.area_code.startswith(town.STREET) for h in HOMES)
    assert (first.written, first.passed) == (within, len(HOMES) - within)
    again = await record(tx, contacts, origin="sweep", origin_id=sweep)
    assert again.written == 0
    many = await asked_before_many(tx, [h.id for h in HOMES], ["household.kind"])
    assert len(many) == within
    facts = [f for f, _ in tx._facts]  # pyright: ignore[reportPrivateUsage]
    assert [(f.kind, getattr(f, "area_code", "")) for f in facts] == [
        ("forms.HouseholdsAsked", town.STREET)
    ]


async def test_a_household_out_of_reach_is_not_there(tx: Tx, as_: As) -> None:
    tx.actor = as_("grid_worker")
    with pytest.raises(NotFound):
        await record(tx, [Contact(THEIRS.id, (), "call")])
    with pytest.raises(NotFound):
        await ledger.household_ledger(tx, THEIRS.id)
    tx.actor = as_("part_time_worker")
    own = next(h for h in HOMES if h.unit_id == town.unit_id("1-1-1"))
    await record(tx, [Contact(own.id, (), "visit")])
    other = next(h for h in HOMES if h.unit_id == town.unit_id("1-1-2"))
    with pytest.raises(NotFound):
        await record(tx, [Contact(other.id, (), "visit")])
    tx.actor = as_("acceptor")
    with pytest.raises(Forbidden):
        await record(tx, [Contact(own.id, (), "call")])


async def test_the_second_lock_holds_when_the_door_is_forgotten(
    own_district: District, as_: As
) -> None:
    async with own_district.database.tx(as_("street_officer")) as tx:
        await record(tx, [Contact(h.id, ("resident.phone",), "sweep") for h in HOMES[:6]])
    async with own_district.database.tx(as_("grid_worker_2"), read_only=True) as tx:
        seen = await tx.many(str, "select area_code from forms_contact")
    assert seen
    assert all(code.startswith(town.GRID_2) for code in seen)


@pytest.mark.parametrize(
    ("contact", "field"),
    [
        (Contact(MINE.id, ("no.such",), "call"), "key"),
        (Contact(MINE.id, (), "pigeon"), "way"),
        (Contact(MINE.id, (), "call", "maybe"), "result"),
        (Contact(MINE.id, (), "call", "answered", "单" * 61), "office"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    tx: Tx, as_: As, contact: Contact, field: str
) -> None:
    tx.actor = as_("grid_worker")
    with pytest.raises(Invalid) as refused:
        await record(tx, [contact])
    assert refused.value.problems[0].field == field


async def test_the_page_says_what_need_not_be_asked(tx: Tx, as_: As) -> None:
    tx.actor = as_("grid_worker")
    long_ago = tx.now - timedelta(days=400)
    await record(tx, [Contact(MINE.id, ("resident.phone",), "call")], at=long_ago)
    await record(tx, [Contact(MINE.id, ("resident.sex",), "call")], at=long_ago)
    with counting() as count:
        home, lines, held = await ledger.household_ledger(tx, MINE.id)
    assert count.total <= 4
    assert home.dwelling
    assert len(lines) == 2
    assert {h.key: h.fresh for h in held} == {"resident.phone": False, "resident.sex": True}


async def test_entries_go_when_their_time_is_over(tx: Tx, as_: As) -> None:
    tx.actor = as_("street_officer")
    await record(tx, [Contact(HOMES[0].id, (), "call")], at=tx.now - timedelta(days=800))
    await record(tx, [Contact(HOMES[1].id, (), "call")])
    tx.actor = as_("system")
    before = tx.now - timedelta(days=730)
    assert sum(g.items for g in await old_contacts(tx, before)) == 1
    assert sum(g.items for g in await forget_contacts(tx, before, 100)) == 1
    assert await tx.one(int, "select count(*) from forms_contact") == 1


# -- questions -------------------------------------------------------------------------------------


async def test_a_question_goes_along_until_it_is_answered(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    made = await open_questions(
        tx,
        [
            Asking(
                *("resident.phone", town.XINGHUA, "电话还是这个吗?"),
                of_whom="all",
                ways=("visit", "sweep"),
            )
        ],
    )
    tx.actor = as_("grid_worker")
    homes = [h.id for h in HOMES]
    with counting() as count:
        found = await questions_for(tx, "visit", homes)
    assert count.total == 1
    assert all(asked[0].words == "电话还是这个吗?" for asked in found.values())
    assert set(found) == {h.id for h in HOMES if h.area_code.startswith(town.XINGHUA)}
    assert await questions_for(tx, "call", homes) == {}
    await record(tx, [Contact(MINE.id, ("resident.phone",), "visit")])
    assert MINE.id not in await questions_for(tx, "visit", homes)
    tx.actor = as_("community_officer")
    await close_question(tx, made[0].id)
    assert await questions_for(tx, "visit", homes) == {}


async def test_a_question_may_concern_some_only(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    await open_questions(
        tx,
        [
            Asking(
                *("resident.phone", town.XINGHUA),
                of_whom="all",
                tag="elder_alone",
                ways=("sweep",),
            )
        ],
    )
    found = await questions_for(tx, "sweep", [h.id for h in HOMES])
    residents = town.homes()[1]
    concerned = {r.household_id for r in residents if "elder_alone" in r.tags}
    assert set(found) == {
        h.id for h in HOMES if h.id in concerned and h.area_code.startswith(town.XINGHUA)
    }
    alone = {r.id for r in residents if "elder_alone" in r.tags}
    for asked in found.values():
        assert set(asked[0].people) <= alone, "whoever lives with them is not meant"
        assert asked[0].people


async def test_of_old_answers_only_those_with_the_need_are_named(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    by_home: dict[object, list[town.ResidentRow]] = {}
    for one in town.homes()[1]:
        by_home.setdefault(one.household_id, []).append(one)
    home = next(
        h for h in HOMES if h.area_code.startswith(town.XINGHUA) and len(by_home[h.id]) > 1
    )
    mine, other = by_home[home.id][:2]
    await tx.run(
        """
        update people_resident
           set tags = case when id = :mine then array['elder_alone'] else '{}' end,
               phone_mask = '', confirmed = '{}'
         where household_id = :home
        """,
        mine=mine.id,
        home=home.id,
    )
    asked = Asking("resident.phone", town.XINGHUA, tag="elder_alone", ways=("visit",))
    await open_questions(tx, [asked])
    [one] = (await questions_for(tx, "visit", [home.id]))[home.id]
    assert one.people == (mine.id,)
    fresh = """
        update people_resident set phone_mask = '199****0000',
               confirmed = jsonb_build_object('phone', :today::date::text) where id = :id
        """
    await tx.run(fresh, today=tx.now.date(), id=other.id)
    [one] = (await questions_for(tx, "visit", [home.id]))[home.id]
    assert one.people == (mine.id,)
    await tx.run(fresh, today=tx.now.date(), id=mine.id)
    assert await questions_for(tx, "visit", [home.id]) == {}, "theirs is fresh"


async def _two_of_one_home(tx: Tx) -> tuple[UUID, UUID, UUID]:
    """A home where one of two needs medicine fetched, and nobody's telephone is known."""
    by_home: dict[UUID, list[UUID]] = {}
    for one in town.homes()[1]:
        by_home.setdefault(one.household_id, []).append(one.id)
    home = next(h.id for h in HOMES if h.area_code == town.MICRO_1A and len(by_home[h.id]) == 2)
    mine, other = by_home[home]
    await tx.run(
        """
        update people_resident
           set tags = case when id = :mine then array['medicine'] else '{}' end,
               phone_mask = '', confirmed = '{}'
         where household_id = :home
        """,
        mine=mine,
        home=home,
    )
    return home, mine, other


@pytest.mark.parametrize("of_whom", ["all", "stale"])
async def test_whoever_may_not_know_a_need_asks_at_its_door_and_is_told_nobody(
    tx: Tx, as_: As, of_whom: str
) -> None:
    home, mine, other = await _two_of_one_home(tx)
    tx.actor = as_("community_officer")
    asked = Asking("resident.phone", town.XINGHUA, of_whom=of_whom, tag="medicine")
    await open_questions(tx, [asked])

    async def named(role: str) -> list[tuple[UUID, ...]]:
        tx.actor = as_(role)
        return [one.people for one in (await questions_for(tx, "visit", [home])).get(home, ())]

    assert await named("grid_worker") == [(mine,)]
    assert await named("part_time_worker") == [()], "the door, and nobody by name"
    if of_whom == "all":
        return
    fresh = """
        update people_resident set phone_mask = '199****0000',
               confirmed = jsonb_build_object('phone', :today::date::text) where id = :id
        """
    await tx.run(fresh, today=tx.now.date(), id=mine)
    assert await named("grid_worker") == []
    assert await named("part_time_worker") == [], "nobody asks for cover alone"
    await tx.run("update people_resident set confirmed = '{}', phone_mask = ''")
    await tx.run(fresh, today=tx.now.date(), id=other)
    assert await named("part_time_worker") == [(mine,)], "the only answer that is missing"


async def test_a_question_says_no_need_aloud_and_is_limited_only_to_one_the_asker_may_know(
    tx: Tx, as_: As
) -> None:
    tx.actor = as_("community_officer")
    for one in (
        Asking("resident.phone", town.XINGHUA, "家里需代配药的人电话?", tag="medicine"),
        Asking("resident.phone", town.XINGHUA, tag="no_such_need"),
    ):
        with pytest.raises(Invalid):
            await open_questions(tx, [one])
    tx.actor = as_("district_officer")
    with pytest.raises(Invalid):
        await open_questions(tx, [Asking("resident.phone", town.XINGHUA, tag="medicine")])


async def test_what_is_asked_of_shops_is_asked_of_no_home_and_comes_back_as_their_field(
    tx: Tx, as_: As, district: District
) -> None:
    tx.actor, vault = as_("community_officer"), district.vault
    shops = [
        (
            await things.register(
                tx,
                vault,
                Draft("shop", Spot(area_code=town.GRID_1), name, details={"trade": "餐饮"}),
            )
        ).thing_id
        for name in ("甲样例店", "乙样例店")
    ]
    with pytest.raises(Invalid):  # stands on the licence
        await open_questions(tx, [Asking("shop.credit_code", town.XINGHUA)])
    with pytest.raises(Invalid):
        await open_questions(tx, [Asking("shop.gas", town.XINGHUA, tag="elder_alone")])
    await open_questions(tx, [Asking("shop.gas", town.XINGHUA, "店里用什么气?")])
    assert await questions_for(tx, "sweep", [h.id for h in HOMES]) == {}
    with counting() as count:
        found = await questions.questions_there(tx, "sweep", shops)
    assert count.total <= 2, "whatever the number of shops"
    assert {id_: [q.words for q in asked] for id_, asked in found.items()} == {
        id_: ["店里用什么气?"] for id_ in shops
    }
    today = tx.now.date()
    taken = await take(
        tx,
        vault,
        [
            Said(shops[0], "shop.gas", "瓶装燃气", today),
            Said(shops[0], "hotel.rooms", "3", today),
            Said(shops[1], "shop.gas", "柴火", today),
            Said(shops[1], "shop.owner_name", "甲样例", today),
            Said(new_id(tx.now), "shop.gas", "bottle", today),
        ],
    )
    assert (taken.fields, taken.confirmed) == (1, 0)
    assert taken.left == {"other": 1, "wrong": 1, "papers": 1, "gone": 1}
    assert set(await questions.questions_there(tx, "sweep", shops)) == {shops[1]}
    view = await reading.thing(tx, shops[0])
    assert (view.thing.details["gas"], view.thing.confirmed["gas"]) == (
        "bottle",
        today.isoformat(),
    )
    before = today - timedelta(days=1)
    late = await take(tx, vault, [Said(shops[0], "shop.gas", "管道燃气", before)])
    assert (late.batch, late.left) == (None, {"later": 1}), "nothing over a later word"
    again = await take(tx, vault, [Said(shops[0], "shop.gas", "bottle", today)])
    assert (again.fields, again.confirmed) == (0, 1)
    assert taken.batch is not None
    tx.actor = as_("community_officer_2")
    elsewhere = await take(tx, vault, [Said(shops[0], "shop.gas", "none", today)])
    assert set(elsewhere.left) <= {"gone", "not_reach"}
    assert elsewhere.batch is None


async def test_a_question_about_old_answers_is_asked_of_exactly_those(tx: Tx, as_: As) -> None:
    """Two in one home: one number is old, the other fresh; in the next home both are fresh."""
    tx.actor = as_("community_officer")
    here = [h for h in HOMES if h.area_code.startswith(town.XINGHUA)]
    one, other = here[0], here[1]
    living = [r for r in town.homes()[1] if r.household_id == one.id]
    assert len(living) > 1
    await tx.run(
        """
        update people_resident set phone_mask = '199****0000',
               confirmed = confirmed || jsonb_build_object('phone', case when id = :old
                   then :long_ago::date else :today::date end::text)
         where household_id = any (:homes::uuid[])
        """,
        old=living[0].id,
        long_ago=(tx.now - timedelta(days=2000)).date(),
        today=tx.now.date(),
        homes=[one.id, other.id],
    )
    await open_questions(
        tx,
        [
            Asking("resident.phone", town.XINGHUA, "电话还是这个吗?", ways=("visit",)),
            Asking("household.tenure", town.XINGHUA, "房子是租的吗?", ways=("visit",)),
        ],
    )
    await tx.run(
        """
        update people_household set tenure = 'owner',
               confirmed = confirmed || jsonb_build_object('tenure', :today::date::text)
         where id = :id
        """,
        today=tx.now.date(),
        id=one.id,
    )
    await tx.run(
        """
        update people_household set confirmed = confirmed
               || jsonb_build_object('tenure', :long_ago::date::text)
         where id = :id
        """,
        long_ago=(tx.now - timedelta(days=2000)).date(),
        id=other.id,
    )
    with counting() as count:
        found = await questions_for(tx, "visit", [one.id, other.id])
    assert count.total == 4, "whatever the number of doors"
    assert {home: [(q.key, q.people) for q in asked] for home, asked in found.items()} == {
        one.id: [("resident.phone", (living[0].id,))],
        other.id: [("household.tenure", ())],
    }


async def test_the_same_is_not_asked_twice_and_a_visit_is_no_interrogation(
    tx: Tx, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    tx.actor = as_("street_officer")
    await open_questions(tx, [Asking("resident.phone", town.STREET)])
    with pytest.raises(Invalid, match="being asked here already"):
        await open_questions(tx, [Asking("resident.phone", town.XINGHUA)])
    monkeypatch.setattr(questions, "OPEN_MAX", 1)
    with pytest.raises(Invalid, match="at most 1"):
        await open_questions(tx, [Asking("resident.workplace", town.XINGHUA)])


@pytest.mark.parametrize(
    "asking",
    [
        Asking("resident.age", town.XINGHUA),
        Asking("dwelling.floor", town.XINGHUA),
        Asking("no.such", town.XINGHUA),
        Asking("resident.phone", town.XINGHUA, ways=("pigeon",)),
        Asking("resident.phone", town.XINGHUA, days=1000),
        Asking("resident.phone", town.XINGHUA, of_whom="some"),
    ],
)
async def test_nobody_is_asked_what_the_system_knows(tx: Tx, as_: As, asking: Asking) -> None:
    tx.actor = as_("community_officer")
    with pytest.raises(Invalid):
        await open_questions(tx, [asking])


async def test_who_may_not_ask_a_community_may_not(tx: Tx, as_: As) -> None:
    tx.actor = as_("grid_worker")
    with pytest.raises(Forbidden):
        await open_questions(tx, [Asking("resident.phone", town.GRID_1)])


# -- freshness -------------------------------------------------------------------------------------


async def test_freshness_is_counted_by_area_and_field_within_reach(tx: Tx, as_: As) -> None:
    tx.actor = as_("street_officer")
    keys = ["resident.phone", "resident.name", "household.kind", "dwelling.floor"]
    await dictionary(tx)
    with counting() as count:
        found = await freshness(tx, town.STREET, keys, digits=12)
    assert count.total == 3
    residents = [r for r in town.homes()[1] if r.area_code.startswith(town.XINGHUA)]
    phone = next(f for f in found if f.key == "resident.phone" and f.area_code == town.XINGHUA)
    assert phone.total == len(residents)
    assert phone.held == sum(bool(r.phone) for r in residents)
    assert {f.key for f in found} == set(keys[:3]), "doors do not grow stale"
    tx.actor = as_("grid_worker")
    narrow = await freshness(tx, town.STREET, ["resident.phone"])
    mine = [r for r in town.homes()[1] if r.area_code.startswith(town.GRID_1)]
    assert [f.total for f in narrow] == [len(mine)]


async def test_a_value_confirmed_long_ago_is_held_and_not_fresh(tx: Tx, as_: As) -> None:
    one = town.homes()[1][0]
    await tx.run(
        "update people_resident set confirmed_on = :day, confirmed = :more where id = :id",
        day=(tx.now - timedelta(days=1)).date(),
        more={"phone": (tx.now - timedelta(days=500)).date().isoformat()},
        id=one.id,
    )
    await tx.run(
        "update people_resident set confirmed_on = :day where id <> :id",
        day=tx.now.date(),
        id=one.id,
    )
    tx.actor = as_("street_officer")
    (found,) = await freshness(tx, town.STREET, ["resident.phone"])
    assert found.held - found.fresh == 1
    assert found.held_share > found.fresh_share


async def test_who_is_asked_next_has_most_gaps_and_was_left_in_peace(tx: Tx, as_: As) -> None:
    tx.actor = as_("street_officer")
    keys = ["resident.phone", "resident.id_number", "household.tenure"]
    await dictionary(tx)
    with counting() as count:
        listed = await next_homes(tx, town.STREET, keys)
    assert count.total == 3
    assert listed
    assert [h.gaps for h in listed] == sorted((h.gaps for h in listed), reverse=True)
    first = listed[0]
    assert first.dwelling.startswith("杏花苑 "), "a door is told with its estate"
    await record(tx, [Contact(first.household_id, (), "call", "nobody")])
    assert first.household_id not in {
        h.household_id for h in await next_homes(tx, town.STREET, keys)
    }
