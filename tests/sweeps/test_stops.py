"""Rounds that go to shops, let homes and vehicles, and through villages: along the road, stop by stop."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from declaring import a_live_one
from sweeping import assert_board_is_a_recount, doors_of, opened, said, taken

from small_town import (
    GRID_1,
    GRID_2,
    LIUSHU,
    MICRO_1A,
    NOON,
    PEOPLE,
    XINGHUA,
    dwelling_id,
    town_id,
    unit_id,
)
from wangge.command.pages import ROUTES as WALL
from wangge.dispatch.doors import open_case
from wangge.forms.questions import Asking, open_questions
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.crypto import vault_of
from wangge.kernel.database import Tx
from wangge.kernel.http import District
from wangge.kernel.refusals import Invalid
from wangge.kernel.relay import Relay
from wangge.people.changes.work import undo_batch
from wangge.people.commands.residents import Draft as Person
from wangge.people.commands.residents import register_household
from wangge.places.commands import load_buildings
from wangge.places.queries import BuildingRow, CompoundRow, DwellingRow, UnitRow
from wangge.registers import commands as registers
from wangge.registers.commands import Draft, Spot
from wangge.sweeps import Opening, Round, close_round, open_round
from wangge.sweeps.acts import READ
from wangge.sweeps.api import ROUTES as API
from wangge.sweeps.commands.dealing import give, redeal
from wangge.sweeps.commands.kinds import body_of, save_kind
from wangge.sweeps.events import DoorNeeds
from wangge.sweeps.feeding import feed
from wangge.sweeps.joining import Followed, follow
from wangge.sweeps.kinds import KINDS, kind_as_opened
from wangge.sweeps.model import NothingInRegisters
from wangge.sweeps.pages import ROUTES as PAGES
from wangge.sweeps.queries.certificate import doors_page
from wangge.sweeps.queries.doors import place_of
from wangge.sweeps.reactions import follow_register
from wangge.sweeps.roster import roster
from wangge.sweeps.verify import verify

As = Callable[[str], Actor]
Client = Callable[..., Any]
HTML = {"accept": "text/html"}
DOOR = dwelling_id("1-1-1-101")


async def registered(
    tx: Tx, kind: str = "shop", name: str = "", **other: Any
) -> registers.Done:
    spot = other.pop("spot", None) or Spot(None, None, None, GRID_1)
    draft = Draft(kind, spot, name, **other)
    return await registers.register(tx, vault_of(tx.actor.district), draft)


async def street(tx: Tx) -> dict[str, UUID]:
    """Three shops along 人民路 of one grid and one behind a door, in no order, and a hydrant."""
    found: dict[str, UUID] = {}
    for name, location in (
        ("甲店", "人民路12号"),
        ("乙店", "人民路2号"),
        ("丙店", "人民路101号"),
    ):
        found[name] = (await registered(tx, "shop", name, location=location)).thing_id
    behind = Spot(DOOR, None, None, "")
    found["丁店"] = (await registered(tx, "shop", "丁店", spot=behind)).thing_id
    await registered(tx, "facility", "消防栓", details={"category": "hydrant"})
    return found


async def labels(tx: Tx, round_: Round) -> dict[str, list[str]]:
    """Block → its stops in the order they are walked."""
    (made,) = {round_.id}
    found = await roster(tx, made, await blocks(tx, made), {})
    return {block.label: [door.room for door in block.doors] for block in found.blocks}


async def blocks(tx: Tx, round_id: UUID) -> list[UUID]:
    return await tx.many(
        UUID, "select id from sweeps_block where round_id = :id order by label", id=round_id
    )


async def test_the_roster_is_every_open_entry_along_its_road(tx: Tx) -> None:
    shops = await street(tx)
    round_ = await opened(tx, kind="premises")
    assert (round_.doors, round_.people) == (4, 0)
    by_road = await labels(tx, round_)
    assert by_road["第一网格 人民路"] == ["乙店", "甲店", "丙店"]
    assert sorted(room for rooms in by_road.values() for room in rooms) == sorted(shops)
    told = await roster(tx, round_.id, await blocks(tx, round_.id), {})
    (block, *_) = told.blocks
    assert {door.what for door in block.doors} == {"商户"}
    assert block.kind == "road"
    assert told.round.unit == "家", "shops and hotels alike"


async def test_only_the_registers_and_the_area_asked_for_are_gone_to(tx: Tx) -> None:
    await street(tx)
    await registered(tx, "hotel", "某旅馆", location="人民路3号")
    only = await opened(tx, kind="premises", things=["hotel"])
    assert [r for rooms in (await labels(tx, only)).values() for r in rooms] == ["某旅馆"]
    with pytest.raises(NothingInRegisters):
        await opened(tx, kind="premises", areas=[LIUSHU])
    for wrong in ({"things": ["vehicle"]}, {"tags": ["elder_alone"]}):
        with pytest.raises(Invalid) as refused:
            await opened(tx, kind="premises", **wrong)
        assert [p.field for p in refused.value.problems] == list(wrong)


async def test_a_plate_goes_along_as_its_mask(tx: Tx) -> None:
    kind = body_of((await KINDS.get(tx))["premises"])
    kind.things = ["vehicle"]
    await save_kind(tx, kind)
    await registered(tx, "vehicle", "", plate="浙Z·00021", details={"category": "car"})
    round_ = await opened(tx, kind="premises")
    (room,) = [room for rooms in (await labels(tx, round_)).values() for room in rooms]
    assert room.startswith("浙Z")
    assert "*" in room


async def test_a_shop_that_opens_joins_and_one_that_closes_is_said_to_have(
    tx: Tx, as_: As
) -> None:
    shops = await street(tx)
    round_ = await opened(tx, kind="premises")
    worker = as_("grid_worker")
    await taken(tx, said(round_, shops["乙店"], worker, answers=ANSWERS))
    new = await registered(tx, "shop", "戊店", location="人民路5号", opened_on=NOON.date())
    old = await registered(
        tx, "shop", "己店", location="解放路1号", opened_on=NOON.date() - 900 * DAY
    )
    for name in ("甲店", "乙店"):
        await registers.close(tx, vault_of(tx.actor.district), shops[name], "closed")
    assert await follow(tx, [GRID_1]) == Followed(2, 2, 0)
    assert await follow(tx, [GRID_1]) == Followed(0, 0, 0)  # read twice, done once
    joined = await tx.many(
        str,
        "select joined from sweeps_door where round_id = :id and id = any(:ids::uuid[]) order by 1",
        id=round_.id,
        ids=[new.thing_id, old.thing_id],
    )
    assert joined == ["added", "moved_in"]
    await assert_board_is_a_recount(tx, round_)
    account = await close_round(tx, round_.id)
    # What was seen stays seen; what closed unseen is the register's word.
    assert (account.total, account.counts) == (6, {"all": 1, "moved": 1})
    assert (account.joined, account.missing, account.adds_up()) == (2, 4, True)


ANSWERS = {"exits": True, "extinguishers": "good", "living": False}
DAY = timedelta(days=1)


async def test_a_closing_taken_back_opens_the_stop_again(tx: Tx) -> None:
    shops = await street(tx)
    round_ = await opened(tx, kind="premises")
    done = await registers.close(tx, vault_of(tx.actor.district), shops["甲店"], "closed")
    await follow(tx, [XINGHUA])
    await undo_batch(tx, vault_of(tx.actor.district), done.batch)
    await follow(tx, [XINGHUA])
    await assert_board_is_a_recount(tx, round_)
    account = await close_round(tx, round_.id)
    assert (account.counts, account.gaps.get("taken_back")) == ({}, 1)


async def test_residents_who_move_in_behind_a_shops_door_change_nothing_of_it(tx: Tx) -> None:
    await street(tx)
    await opened(tx, kind="premises")
    assert await follow(tx, [XINGHUA]) == Followed(0, 0, 0)


def test_the_registers_facts_are_heard() -> None:
    from wangge.kernel.relay import _bites

    _, heard = _bites["sweeps.register"]
    assert {
        "registers.ThingRegistered",
        "registers.ThingClosed",
        "people.RegisterChanged",
    } <= heard
    assert follow_register


async def test_two_who_differ_at_one_stop_are_flagged_by_field(tx: Tx, as_: As) -> None:
    shops = await street(tx)
    round_ = await opened(tx, kind="premises")
    one, other = as_("grid_worker"), as_("grid_head")
    stop = shops["甲店"]
    await taken(tx, said(round_, stop, one, "all", answers=ANSWERS))
    (answer,) = await taken(
        tx, said(round_, stop, other, "all", answers={**ANSWERS, "extinguishers": "none"})
    )
    assert answer.flagged == ("q:extinguishers",)
    (answer,) = await taken(tx, said(round_, stop, other, "visit", base=0, answers=ANSWERS))
    assert "outcome" in answer.flagged
    await assert_board_is_a_recount(tx, round_)


async def test_what_needs_a_second_look_becomes_a_case_where_the_shop_is(
    tx: Tx, as_: As
) -> None:
    shops = await street(tx)
    round_ = await opened(tx, kind="premises")
    await taken(tx, said(round_, shops["丁店"], as_("grid_worker"), "visit", answers=ANSWERS))
    (needs,) = [fact for fact, _ in tx._facts if isinstance(fact, DoorNeeds)]
    assert (needs.what, needs.calm_class) == ("visit", "Y0107")
    await open_case(tx, needs)
    words = await tx.one(str, "select words from cases_case order by reported_at desc limit 1")
    assert "丁店,有隐患待复查" in words
    assert "1幢1单元101" in words


async def test_the_ledger_tells_the_account_and_a_changed_stop_is_found(
    own_district: District, as_: As
) -> None:
    database = own_district.database
    async with database.tx(system_actor(own_district.schema), now=NOON) as tx:
        shops = await street(tx)
        round_ = await open_round(tx, Opening(kind="premises", areas=[XINGHUA]))
        worker = replace(as_("grid_worker"), district=own_district.schema)
        await taken(tx, said(round_, shops["甲店"], worker, "vacant"))
        await close_round(tx, round_.id)
    relay = Relay(database)
    while await relay.seal():
        pass
    await relay.close()
    assert (await verify(database.dsn, own_district.schema, round_.id)).whole
    async with database.tx(system_actor(own_district.schema)) as tx:
        await tx.run("delete from sweeps_report where round_id = :id", id=round_.id)
    found = await verify(database.dsn, own_district.schema, round_.id)
    assert [trouble.what for trouble in found.troubles] == ["door-differs"]


async def test_half_of_a_long_road_goes_to_somebody_else(tx: Tx, as_: As) -> None:
    for number in range(1, 21):
        await registered(tx, "shop", f"{number}号店", location=f"人民路{number}号")
    round_ = await opened(tx, kind="premises", areas=[GRID_1])
    (worker,) = await tx.many(
        UUID,
        "select distinct worker_id from sweeps_share where round_id = :id",
        id=round_.id,
    )
    given = await redeal(
        tx, round_.id, worker, [PEOPLE["volunteer"].id, PEOPLE["volunteer_2"].id]
    )
    runs = sorted((share.floor_from, share.floor_to) for share, _ in given)
    assert runs == [(-20, -11), (-10, -1)]


# -- villages ----------------------------------------------------------------------------------


async def village(tx: Tx, houses: Sequence[str] = ("10号", "2号", "1号")) -> list[UUID]:
    """Houses of one door each, in one natural village of a micro-grid."""
    compound = CompoundRow(town_id("village"), GRID_2, "前山自然村", None, None)
    buildings = [
        BuildingRow(
            town_id(f"house/{n}"), compound.id, MICRO_1A, n, n.strip("号"), 2, None, None, None
        )
        for n in houses
    ]
    units = [
        UnitRow(town_id(f"entrance/{n}"), b.id, MICRO_1A, n, "", False)
        for n, b in zip(houses, buildings, strict=True)
    ]
    doors = [
        DwellingRow(town_id(f"home/{n}"), u.id, MICRO_1A, 1, "1", n)
        for n, u in zip(houses, units, strict=True)
    ]
    await load_buildings(tx, [compound], buildings, units, doors)
    return [door.id for door in doors]


async def test_a_village_is_walked_house_by_house_beside_stairwells(tx: Tx) -> None:
    before = await opened(tx)
    houses = await village(tx)
    round_ = await opened(tx)
    assert round_.doors == before.doors + len(houses)
    by_block = await labels(tx, round_)
    assert by_block["一号微网格 前山自然村"] == ["1号", "2号", "10号"]
    kinds = await tx.many(
        str,
        "select kind from sweeps_block where round_id = :id order by kind",
        id=round_.id,
    )
    assert kinds.count("road") == 1
    assert kinds.count("unit") == len(kinds) - 1 == len(await blocks(tx, before.id))


async def test_who_moves_into_a_village_joins_its_road(tx: Tx) -> None:
    first, *_ = await village(tx)
    round_ = await opened(tx, doors="lived")
    assert "一号微网格 前山自然村" not in await labels(tx, round_)
    home = await register_household(tx, vault_of(tx.actor.district), first, [Person("周新来")])
    assert await follow(tx, [MICRO_1A]) == Followed(1, 0, 0)
    assert (await labels(tx, round_))["一号微网格 前山自然村"] == ["10号"]
    assert home.id in await doors_of(tx, round_)
    await assert_board_is_a_recount(tx, round_)


# -- kinds, pages, lists -----------------------------------------------------------------------


async def test_a_kind_over_registers_asks_nothing_of_residents(tx: Tx) -> None:
    kind = body_of((await KINDS.get(tx))["premises"])
    kind.feeds, kind.special = True, ["infant"]
    kind.questions = [
        {"key": "who", "words": "谁", "kind": "text", "of": "person"},
        {"key": "job", "words": "单位", "kind": "text", "field": "household.label"},
    ]
    with pytest.raises(Invalid) as refused:
        await save_kind(tx, kind)
    assert {p.field for p in refused.value.problems} >= {"feeds", "special", "of", "field"}
    kind = body_of((await KINDS.get(tx))["check"])
    kind.targets = "thing"
    with pytest.raises(Invalid) as refused:
        await save_kind(tx, kind)
    assert "things" in {p.field for p in refused.value.problems}


async def test_what_a_register_lacks_is_asked_at_its_stops_and_fills_it(
    tx: Tx, as_: As
) -> None:
    """Asked where it is open, written when the round closes, not asked again; at homes never."""
    shops = await street(tx)
    gas = Asking("shop.gas", XINGHUA, "店里用什么气?")
    await open_questions(tx, [gas, Asking("facility.keeper", XINGHUA, "谁在管?")])
    with pytest.raises(Invalid):  # nobody visits a shop's household
        await open_questions(tx, [Asking("shop.staff", XINGHUA, ways=("visit",))])
    homes = await opened(tx, kind="check")
    kind = await kind_as_opened(tx, homes.id)
    assert not any(question.field for question in kind.questions)

    round_ = await opened(tx, kind="premises")
    found = await roster(tx, round_.id, await blocks(tx, round_.id), {})
    (question,) = (q for q in (await kind_as_opened(tx, round_.id)).questions if q.field)
    assert (question.words, question.of) == ("店里用什么气?", "household")
    doors = [door for block in found.blocks for door in block.doors]
    assert len(doors) == 4
    assert all(question.key in door.asks for door in doors)
    told = said(round_, shops["甲店"], as_("grid_worker"), answers={question.key: "bottle"})
    await taken(tx, told)
    await close_round(tx, round_.id)
    await feed(tx, {"round": str(round_.id), "late": False, "after": None})
    kept = "select details ->> 'gas' from registers_thing where id = :id"
    assert await tx.one(str, kept, id=shops["甲店"]) == "bottle"
    assert await tx.one(int, "select count(*)::int from forms_contact") == 0

    again = await opened(tx, kind="premises")
    found = await roster(tx, again.id, await blocks(tx, again.id), {})
    asks = {door.id: door.asks for block in found.blocks for door in block.doors}
    left = {name for name, id_ in shops.items() if question.key in asks[id_]}
    assert left == {"乙店", "丙店", "丁店"}


async def test_a_kinds_own_question_fills_its_register_and_is_asked_where_that_is_not_fresh(
    tx: Tx, as_: As
) -> None:
    shops = await street(tx)
    kind = body_of((await KINDS.get(tx))["premises"])
    kind.questions = [
        {"key": "fuel", "words": "用什么气", "kind": "choice", "field": "shop.gas"},
        {"key": "staff", "words": "几个人", "kind": "number", "field": "shop.staff"},
        {
            "key": "alarm",
            "words": "报警器响吗",
            "kind": "bool",
            "when": "${fuel} = 'bottle'",
        },
    ]
    await save_kind(tx, kind)
    day = (await tx.one(date, "select :now::date", now=tx.now)).isoformat()
    kept = """
        update registers_thing
           set details = details || :told::jsonb, confirmed = confirmed || :days::jsonb
         where id = :id
        """
    fresh, old = {"gas": day, "staff": day}, {"gas": "2020-01-01", "staff": "2020-01-01"}
    told = {"gas": "bottle", "staff": 3}
    await tx.run(kept, id=shops["甲店"], told=told, days=fresh)
    await tx.run(kept, id=shops["乙店"], told=told, days=old)
    round_ = await opened(tx, kind="premises")
    found = await roster(tx, round_.id, await blocks(tx, round_.id), {})
    doors = {door.id: door for block in found.blocks for door in block.doors}
    known = doors[shops["甲店"]]
    assert (known.asks, known.known) == (["alarm"], {"fuel": "bottle"})
    assert set(doors[shops["乙店"]].asks) == {"fuel", "staff", "alarm"}

    answers = {"fuel": "pipe", "staff": 5}
    await taken(tx, said(round_, shops["乙店"], as_("grid_worker"), answers=answers))
    await close_round(tx, round_.id)
    await feed(tx, {"round": str(round_.id), "late": False, "after": None})
    held = "select (details ->> 'gas') || (details ->> 'staff') from registers_thing where id = :id"
    assert await tx.one(str, held, id=shops["乙店"]) == "pipe5"
    again = await opened(tx, kind="premises")
    found = await roster(tx, again.id, await blocks(tx, again.id), {})
    (now_known,) = (d for b in found.blocks for d in b.doors if d.id == shops["乙店"])
    assert "fuel" not in now_known.asks
    assert "staff" not in now_known.asks


async def test_a_question_fills_only_a_register_that_its_kind_goes_to(tx: Tx) -> None:
    kind = body_of((await KINDS.get(tx))["premises"])
    kind.questions = [
        {"key": "a", "words": "用什么气", "kind": "choice", "field": "shop.gas"},
        {"key": "b", "words": "电梯", "kind": "text", "field": "facility.keeper"},
        {"key": "c", "words": "老板电话", "kind": "phone", "field": "shop.owner_phone"},
    ]
    with pytest.raises(Invalid) as refused:
        await save_kind(tx, kind)
    assert {p.row for p in refused.value.problems if p.field == "field"} >= {3}
    kind.questions = kind.questions[:2]
    with pytest.raises(Invalid) as refused:
        await save_kind(tx, kind)
    assert [p.row for p in refused.value.problems] == [2]
    homes = body_of((await KINDS.get(tx))["notice"])
    homes.questions = kind.questions[:1]
    with pytest.raises(Invalid):
        await save_kind(tx, homes)


@pytest.mark.parametrize("locale", ["zh", "en"])
async def test_every_page_of_such_a_round_speaks_of_stops(
    room_client: Client, own_district: District, as_: As, locale: str
) -> None:
    client = await room_client([*PAGES, *API], as_("community_officer"), locale=locale)
    async with own_district.database.tx(system_actor(own_district.schema), now=NOON) as tx:
        shops = await street(tx)
        round_ = await open_round(tx, Opening(kind="premises", areas=[XINGHUA]))
        worker = replace(as_("grid_worker"), district=own_district.schema)
        await taken(tx, said(round_, shops["甲店"], worker, "visit", answers=ANSWERS))
    base = f"/sweeps/{round_.id}"
    block = (await client.get(f"/api/v1{base}/roster")).json()
    assert block["round"]["stops"] is True
    for path in (base, base + "/left", base + "/paper", base + "/answers", base + "/hands"):
        page = await client.get(path, headers=HTML)
        assert page.status_code == 200, path
        words = re.sub(r"<[^>]*>", " ", page.text)
        assert "户" not in words.replace("商户", "").replace("用户", "") or locale == "zh"
    left = await client.get(base + "/left", headers=HTML)
    assert "乙店" in left.text
    assert "人民路2号" in left.text
    count = await client.get(f"/sweeps/count?kind=premises&areas={XINGHUA}", headers=HTML)
    assert ("4 家" if locale == "zh" else "4 stops") in count.text
    scope = await client.get(f"/api/v1/sweeps/scope?areas={XINGHUA}&things=shop")
    assert scope.json()["doors"] == 4


async def test_the_wall_speaks_of_each_round_as_its_own_page_does(
    room_client: Client, own_district: District, as_: As
) -> None:
    client = await room_client(WALL, as_("district_officer"))
    async with own_district.database.tx(system_actor(own_district.schema), now=NOON) as tx:
        await street(tx)
        for kind in ("premises", "check"):
            await open_round(tx, Opening(kind=kind, areas=[XINGHUA]))
    shown = (await client.get("/wall", headers=HTML)).text
    assert sorted(re.findall("没开始的[^ ]+", shown)) == ["没开始的楼道", "没开始的路段"]


async def test_lists_count_the_doors_that_joined(tx: Tx) -> None:
    from wangge.sweeps.acts import READ
    from wangge.sweeps.queries.rounds import round_ as look

    await street(tx)
    round_ = await opened(tx, kind="premises")
    await registered(tx, "shop", "戊店", location="人民路5号")
    await follow(tx, [GRID_1])
    assert (await look(tx, tx.reach(READ), round_.id)).doors == round_.doors + 1


@pytest.mark.parametrize(
    "key", ["dispatcher", "shift_supervisor", "police", "doctor", "volunteer"]
)
async def test_whoever_reads_no_registers_sees_numbers_in_place_of_names(
    tx: Tx, as_: As, key: str
) -> None:
    shops = await street(tx)
    round_ = await opened(tx, kind="premises")
    await tx.run("update sweeps_share set until_at = :now", now=tx.now)  # sent nowhere
    tx.actor = as_(key)
    shown = [room for rooms in (await labels(tx, round_)).values() for room in rooms]
    assert sorted(shown) == ["№ 1", "№ 1", "№ 2", "№ 3"]
    left = await doors_page(
        tx,
        tx.reach(READ),
        round_.id,
        low=XINGHUA,
        high=XINGHUA + ":",
        outcomes=[],
        unreported=True,
        flagged=False,
        late=False,
        after=None,
        limit=10,
    )
    assert {row.room[0] for row in left} == {row.label[0] for row in left} == {"№"}
    place = await place_of(tx, round_.id, shops["甲店"])
    assert place is not None
    assert "甲店" not in place.label


async def test_a_volunteer_who_is_sent_to_a_road_sees_what_it_is_called(
    tx: Tx, as_: As
) -> None:
    shops = await street(tx)
    round_ = await opened(tx, kind="premises")
    for block in await blocks(tx, round_.id):
        await give(tx, round_.id, block, PEOPLE["volunteer"].id)
    tx.actor = as_("volunteer")
    shown = [room for rooms in (await labels(tx, round_)).values() for room in rooms]
    assert sorted(shown) == sorted(shops)


async def test_of_a_road_only_the_houses_somebody_was_sent_to_are_read(
    room_client: Client, own_district: District, as_: As
) -> None:
    async with own_district.database.tx(system_actor(own_district.schema)) as tx:
        homes = await village(tx)
        for home in homes:
            person = Person("周村民")
            await register_household(tx, vault_of(own_district.schema), home, [person])
        round_ = await opened(tx)
        (road,) = await tx.many(
            UUID,
            "select id from sweeps_block where round_id = :id and kind = 'road'",
            id=round_.id,
        )
        await tx.run("update sweeps_share set until_at = :now", now=tx.now)
        await give(tx, round_.id, road, PEOPLE["volunteer"].id, (-2, -1))
    client = await room_client(API, as_("volunteer"))
    told = (await client.get(f"/api/v1/sweeps/{round_.id}/roster?block={road}")).json()
    (block,) = told["blocks"]
    assert [[one["name"] for one in door["people"]] for door in block["doors"]] == [
        *(["周*"], ["周*"], [""])
    ]


async def test_testing_and_houses_with_a_post_of_their_own_keep_their_entrances(
    tx: Tx, as_: As
) -> None:
    await a_live_one(tx, as_("street_officer"), as_("district_officer"))
    await village(tx)
    kinds = "select kind from sweeps_block where round_id = :id"
    testing = await opened(tx, kind="testing", doors="all")
    assert set(await tx.many(str, kinds, id=testing.id)) == {"unit"}
    check = await opened(tx)
    assert "road" in await tx.many(str, kinds, id=check.id)
    await tx.run(
        "update people_post set unit_ids = :units::uuid[] where staff_id = :id",
        units=[town_id(f"entrance/{n}") for n in ("10号", "2号", "1号")],
        id=PEOPLE["part_time_worker"].id,
    )
    own = await opened(tx)
    assert set(await tx.many(str, kinds, id=own.id)) == {"unit"}


async def test_the_code_of_a_house_leads_to_its_road(tx: Tx) -> None:
    await village(tx)
    round_ = await opened(tx)
    (block,) = (await roster(tx, round_.id, [town_id("entrance/2号")], {})).blocks
    assert (block.kind, block.label) == ("road", "一号微网格 前山自然村")
    (block,) = (await roster(tx, round_.id, [unit_id("1-1-1")], {})).blocks
    assert block.kind == "unit"
