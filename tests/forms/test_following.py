"""What an admitted table lacks goes along with the next visit; a confirmation is a contact."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

import small_town as town
from wangge.forms import asked_before
from wangge.forms.acts import READ
from wangge.forms.following import Wanted, ask_for, lacking
from wangge.forms.ledger import household_ledger
from wangge.forms.model import Frequency, OwnField
from wangge.forms.queries import requests as forms_queries
from wangge.forms.questions import questions_for
from wangge.forms.reactions import confirmed
from wangge.forms.requests import Filing, asked_columns, check, decide_request, file_request
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.database import Tx, counting
from wangge.kernel.facts import Recorded
from wangge.kernel.http import District
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Forbidden, Invalid
from wangge.people.commands.persons import confirm
from wangge.people.events import HouseholdConfirmed

As = Callable[[str], Actor]
MINE = next(h for h in town.homes()[0] if h.area_code == town.MICRO_1A)
PLATE = OwnField(
    *("household", "宠物免疫证号", "登记在这一户名下的车", "text", "消防通道挪车"),
    *("consent", "people.residents", 3, 365),
)

FILING = Filing("车辆表", "交警队", town.XINGHUA, "某文件", Frequency.ONCE)


async def admitted(tx: Tx, as_: As) -> forms_queries.Request:
    tx.actor = as_("community_officer")
    checked = await check(tx, town.XINGHUA, text="序号\t姓名\t联系电话\t宠物免疫证号")
    filed = await file_request(tx, FILING, checked)
    tx.actor = as_("district_officer")
    return await decide_request(tx, filed.id, "admitted")


async def test_unknown_and_stale_columns_become_questions_of_a_visit(tx: Tx, as_: As) -> None:
    request = await admitted(tx, as_)
    columns = asked_columns(request)
    lacks = {column.words for column in await lacking(tx, columns)}
    assert "宠物免疫证号" in lacks
    assert "序号" not in lacks, "nobody is asked for a running number"
    made = await ask_for(
        tx, request.id, [Wanted("宠物免疫证号", PLATE, "您家的宠物免疫证号是?")]
    )
    assert [(q.words, q.request_id) for q in made] == [("您家的宠物免疫证号是?", request.id)]
    after = await forms_queries.request(tx, tx.reach(READ), request.id)
    assert (after.new, after.known) == (request.new - 1, request.known + 1)
    assert next(c for c in asked_columns(after) if c.words == "宠物免疫证号").key == made[0].key
    again = await check(tx, town.XINGHUA, text="宠物免疫证号")
    assert again.columns[0].key == made[0].key, "the heading is remembered"
    tx.actor = as_("grid_worker")
    asked = await questions_for(tx, "visit", [MINE.id])
    assert [one.key for one in asked[MINE.id]] == [made[0].key]


async def test_two_who_arrange_it_at_once_both_find_what_the_other_made_of_the_columns(
    own_district: District, as_: As
) -> None:
    database = own_district.database
    town_hall = replace(PLATE, name="车位号")
    async with database.tx(as_("community_officer"), now=town.NOON) as tx:
        text = "姓名\t宠物免疫证号\t车位号\t姓名"
        checked = await check(tx, town.XINGHUA, text=text)
        filed = await file_request(tx, FILING, checked)
    async with database.tx(as_("district_officer"), now=town.NOON) as tx:
        request = await decide_request(tx, filed.id, "admitted")
    headings = [column.words for column in asked_columns(request)]
    first_is_in, second_waits = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with database.tx(as_("district_officer"), now=town.NOON) as tx:
            await ask_for(tx, request.id, [Wanted("宠物免疫证号", PLATE)])
            first_is_in.set()
            await second_waits.wait()

    async def second() -> None:
        await first_is_in.wait()
        async with database.tx(as_("district_officer"), now=town.NOON) as tx:
            asking = asyncio.ensure_future(
                ask_for(tx, request.id, [Wanted("车位号", town_hall)])
            )
            async with database.tx(system_actor("town"), read_only=True) as looking:
                waiting = "select count(*)::int from pg_locks where not granted"
                while not asking.done() and not await looking.one(int, waiting):
                    await looking.many(str, "select pg_sleep(0.02)::text")
            second_waits.set()
            await asking

    await asyncio.gather(first(), second())
    async with database.tx(as_("district_officer"), now=town.NOON, read_only=True) as tx:
        after = asked_columns(await forms_queries.request(tx, tx.reach(READ), request.id))
    assert [column.words for column in after] == headings
    assert [column.words for column in after if column.new] == []


async def test_a_new_field_is_the_districts_decision(tx: Tx, as_: As) -> None:
    request = await admitted(tx, as_)
    with pytest.raises(Invalid, match="宠物免疫证号"):
        await ask_for(tx, request.id, [Wanted("宠物免疫证号")])
    with pytest.raises(Invalid):
        await ask_for(tx, request.id, [Wanted("没有的列")])
    tx.actor = as_("street_officer")
    with pytest.raises(Forbidden):
        await ask_for(tx, request.id, [Wanted("宠物免疫证号", PLATE)])
    known = await ask_for(tx, request.id, [Wanted("联系电话")], ways=["call"], days=7)
    assert (known[0].key, known[0].ways) == ("resident.phone", ("call",))


async def test_nothing_is_asked_for_a_table_nobody_admitted(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    filed = await file_request(
        tx, FILING, await check(tx, town.XINGHUA, text="姓名\t宠物免疫证号")
    )
    with pytest.raises(Invalid):
        await ask_for(tx, filed.id, [Wanted("姓名")])


@pytest.mark.parametrize("way", ["visit", "call"])
async def test_whoever_confirms_has_asked_and_the_ledger_says_so_once(
    tx: Tx, as_: As, way: str
) -> None:
    worker = tx.actor = as_("grid_worker")
    assert await asked_before(tx, MINE.id, "household.tenure") is None
    home = await tx.one(int, "select version from people_household where id = :id", id=MINE.id)
    done = await confirm(tx, MINE.id, [(MINE.id, home, ("tenure",))], way)
    assert done.rows == 1
    said = next(f for f, _ in tx._facts if isinstance(f, HouseholdConfirmed))
    assert (said.way, said.fields) == (way, ("household.tenure",))
    recorded = Recorded(
        *(1, new_id(tx.now), said.kind, MINE.id, said.area_code, tx.now, worker.id, None),
        {"rows": 1, "way": way, "fields": list(said.fields)},
    )
    tx.actor = system_actor("town")
    with counting() as counted:
        await confirmed(tx, [recorded])
    assert counted.total == 1
    await confirmed(tx, [recorded])
    tx.actor = worker
    _, lines, held = await household_ledger(tx, MINE.id)
    assert [(line.way, line.result, line.by_id) for line in lines] == [
        (way, "answered", worker.id)
    ]
    assert [one.key for one in held] == ["household.tenure"]


async def test_a_confirmation_of_before_said_no_fields_and_is_still_read(tx: Tx) -> None:
    old = Recorded(
        *(1, new_id(tx.now), HouseholdConfirmed.kind, MINE.id, MINE.area_code, tx.now),
        *(tx.actor.id, None, {"rows": 3}),
    )
    assert old.fact() == HouseholdConfirmed(MINE.id, MINE.area_code, 3)
    await confirmed(tx, [old])
    assert await asked_before(tx, MINE.id, "household.tenure") is None


async def test_a_way_that_is_none_is_refused(tx: Tx, as_: As) -> None:
    tx.actor = as_("grid_worker")
    with pytest.raises(Invalid):
        await confirm(tx, MINE.id, [], "pigeon")
