"""准入: what a table asks is compared with what is held, costed, and decided by somebody else."""

from collections.abc import Callable
from datetime import date

import asyncpg
import pytest

import small_town as town
from wangge.forms import requests
from wangge.forms.entries import dictionary
from wangge.forms.model import (
    Burden,
    FlagAnswered,
    Frequency,
    OwnRequest,
    RequestOver,
    rounds,
)
from wangge.forms.queries import flags as flag_queries
from wangge.forms.queries import requests as queries
from wangge.forms.queries.requests import Request
from wangge.kernel.actors import Actor
from wangge.kernel.database import Tx, counting
from wangge.kernel.http import District
from wangge.kernel.refusals import Forbidden, Invalid, NotFound
from wangge.registers import commands as things
from wangge.registers.commands import Answer, Draft, Spot

As = Callable[[str], Actor]
HEADINGS = "序号\t姓名\t身份证号\t联系电话\t现住址\t是否养犬\t宠物免疫证号\t备注"


def kinds(tx: Tx) -> list[str]:
    return [fact.kind for fact, _ in tx._facts]  # pyright: ignore[reportPrivateUsage]


async def filed(tx: Tx, actor: Actor, **more: object) -> Request:
    tx.actor = actor
    checked = await requests.check(tx, town.XINGHUA, text=HEADINGS)
    given: dict[str, object] = {
        "title": "养犬情况排查表",
        "asker": "综合执法队",
        "area_code": town.XINGHUA,
        "basis": "区综执〔2026〕3 号",
        "frequency": Frequency.WEEKLY,
        "until_date": date(2026, 4, 30),
        **more,
    }
    return await requests.file_request(tx, requests.Filing(**given), checked)  # type: ignore[arg-type]


async def test_what_is_held_what_is_new_and_what_it_costs(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    with counting() as count:
        found = await requests.check(tx, town.XINGHUA, text=HEADINGS)
    assert count.total <= 8
    assert [(c.words, c.key) for c in found.columns] == [
        ("序号", "table.number"),
        ("姓名", "resident.name"),
        ("身份证号", "resident.id_number"),
        ("联系电话", "resident.phone"),
        ("现住址", "dwelling.address"),
        ("是否养犬", None),
        ("宠物免疫证号", None),
        ("备注", "table.remark"),
    ]
    assert (found.known, found.new) == (4, 2)
    here = [h for h in town.homes()[0] if h.area_code.startswith(town.XINGHUA)]
    assert found.households == len(here)
    assert found.minutes == 2, "six columns at 20 seconds"
    phone = next(c for c in found.columns if c.key == "resident.phone")
    assert phone.held is not None
    assert 0.5 < phone.held < 1


async def test_a_table_of_shops_is_compared_with_the_register_of_shops(
    tx: Tx, as_: As, district: District
) -> None:
    tx.actor = as_("community_officer")
    drafts = [
        Draft(
            "shop",
            Spot(area_code=town.GRID_1),
            name,
            details={"trade": "餐饮", **more},
            people=[Answer("owner", owner, town.phone_of(8401))],
        )
        for name, owner, more in (
            ("甲样例店", "甲样例", {"gas": "bottle"}),
            ("乙样例店", "乙样例", {}),
        )
    ]
    for draft in drafts:
        await things.register(tx, district.vault, draft)
    text = "序号\t商铺名称\t经营类别\t地址\t负责人\t联系电话\t用气方式\t摄像头品牌"
    found = await requests.check(tx, town.XINGHUA, text=text)
    assert found.subject == "shop"
    keys = {column.words: column.key for column in found.columns}
    assert (keys["地址"], keys["联系电话"]) == ("shop.address", "shop.owner_phone")
    assert (keys["商铺名称"], keys["摄像头品牌"]) == ("shop.name", None)
    assert found.households == 2, "two shops are asked, not the homes"
    gas = next(c for c in found.columns if c.key == "shop.gas")
    assert (gas.held, gas.fresh) == (0.5, 0.5)
    await tx.run(
        """
        update registers_thing
           set confirmed = jsonb_build_object('gas', '2020-01-01', 'name', '2026-03-18')
         where kind = 'shop'
        """
    )
    await tx.run("update registers_person set to_date = from_date where name = '乙样例'")
    old = {c.key: (c.held, c.fresh) for c in (await requests.check(
        tx, town.XINGHUA, text=text)).columns}  # fmt: skip
    assert old["shop.gas"] == (0.5, 0), "held, and said long ago"
    assert old["shop.name"] == old["shop.address"] == (1, 1)
    assert old["shop.owner_name"] == old["shop.owner_phone"] == (0.5, 0.5), "who answers now"
    filing = requests.Filing("沿街商铺表", "消防站", town.XINGHUA, "某文件", Frequency.ONCE)
    made = await requests.file_request(tx, filing, found)
    assert (made.subject, made.households) == ("shop", 2)
    as_people = await requests.check(tx, town.XINGHUA, text="姓名\t联系电话")
    assert [c.key for c in as_people.columns] == ["resident.name", "resident.phone"]
    told = await requests.check(tx, town.XINGHUA, text="地址\t联系电话", subject="enterprise")
    assert [c.key.split(".")[0] for c in told.columns if c.key] == ["enterprise", "enterprise"]


async def test_a_choice_is_taken_for_the_heading_as_it_is_shown(tx: Tx, as_: As) -> None:
    """Brackets, blanks and headings above headings stand in what a page or a program sends."""
    tx.actor = as_("community_officer")
    text = "姓名\t本人联系电话(必须填)\t紧急联系人 / 电话(手机)"
    chosen = {"本人联系电话(必须填)": "", "紧急联系人 / 电话(手机)": "resident.phone"}
    found = await requests.check(tx, town.XINGHUA, text=text, chosen=chosen)
    assert [c.key for c in found.columns] == ["resident.name", None, "resident.phone"]
    assert (found.new, found.unsure) == (1, [])


async def test_a_suggestion_counts_only_when_somebody_confirms_it(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    first = await requests.check(tx, town.XINGHUA, text="姓名\t本人联系电话")
    assert [c.words for c in first.unsure] == ["本人联系电话"]
    confirmed = await requests.check(
        tx, town.XINGHUA, text="姓名\t本人联系电话", chosen={"本人联系电话": "resident.phone"}
    )
    assert confirmed.unsure == []
    await requests.file_request(
        tx,
        requests.Filing("表", "某单位", town.XINGHUA, "某文件", Frequency.ONCE),
        confirmed,
    )
    again = await requests.check(tx, town.XINGHUA, text="本人联系电话\t姓名")
    assert again.unsure == []
    with pytest.raises(Invalid):
        await requests.check(tx, town.XINGHUA, text="姓名\t电话", chosen={"电话": "no.such"})


async def test_a_request_is_admitted_by_somebody_else(tx: Tx, as_: As) -> None:
    request = await filed(tx, as_("street_officer"))
    assert (request.state, request.known, request.new) == ("waiting", 4, 2)
    with pytest.raises(OwnRequest):
        await requests.decide_request(tx, request.id, "admitted")
    tx.actor = as_("district_officer")
    decided = await requests.decide_request(tx, request.id, "admitted")
    assert (decided.state, decided.decided_by) == ("admitted", as_("district_officer").id)
    with pytest.raises(RequestOver):
        await requests.decide_request(tx, request.id, "refused", reason="已经有了")
    assert kinds(tx) == ["forms.RequestFiled", "forms.RequestDecided"]


async def test_the_database_too_wants_a_second_person(tx: Tx, as_: As) -> None:
    request = await filed(tx, as_("street_officer"))
    await tx.run("savepoint before")
    with pytest.raises(asyncpg.CheckViolationError, match="second_person"):
        await queries.decide_request(tx, request.id, "admitted", "", None)
    await tx.run("rollback to savepoint before")


async def test_a_refusal_says_why_and_one_takes_ones_own_back(tx: Tx, as_: As) -> None:
    request = await filed(tx, as_("community_officer"))
    tx.actor = as_("street_officer")
    with pytest.raises(Invalid, match="at least"):
        await requests.decide_request(tx, request.id, "refused", reason="不")
    refused = await requests.decide_request(
        tx, request.id, "refused", reason="登记表里都有,不再另填"
    )
    assert refused.reason == "登记表里都有,不再另填"
    mine = await filed(tx, as_("community_officer"))
    tx.actor = as_("street_officer")
    with pytest.raises(Invalid, match="who filed"):
        await requests.decide_request(tx, mine.id, "withdrawn")
    tx.actor = as_("community_officer")
    assert (await requests.decide_request(tx, mine.id, "withdrawn")).state == "withdrawn"


async def test_who_may_not_admit_may_not(tx: Tx, as_: As) -> None:
    request = await filed(tx, as_("street_officer"))
    tx.actor = as_("community_officer")
    with pytest.raises(Forbidden):
        await requests.decide_request(tx, request.id, "admitted")
    tx.actor = as_("other_street_officer")
    with pytest.raises(NotFound):
        await requests.decide_request(tx, request.id, "admitted")
    tx.actor = as_("volunteer")
    with pytest.raises(Forbidden):
        await requests.check(tx, town.XINGHUA, text=HEADINGS)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"asker": " "}, "asker"),
        ({"basis": ""}, "basis"),
        ({"minutes": 999}, "minutes"),
        ({"until_date": date(2020, 1, 1)}, "until_date"),
    ],
)
async def test_a_request_without_a_ground_is_not_taken(
    tx: Tx, as_: As, change: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await filed(tx, as_("community_officer"), **change)
    assert [p.field for p in refused.value.problems] == [field]


async def test_the_page_of_who_asked_needs_its_token(tx: Tx, as_: As) -> None:
    request = await filed(tx, as_("community_officer"))
    assert len(request.token) >= 20
    assert (await queries.answer(tx, request.token)).id == request.id
    with pytest.raises(NotFound):
        await queries.answer(tx, "guess")


@pytest.mark.parametrize(
    ("frequency", "until", "number"),
    [
        (Frequency.ONCE, None, 1),
        (Frequency.DAILY, date(2026, 3, 27), 10),
        (Frequency.WEEKLY, None, 53),
        (Frequency.MONTHLY, date(2026, 6, 18), 4),
        (Frequency.YEARLY, date(2030, 1, 1), 2),
    ],
)
def test_rounds_are_counted_until_the_end_and_at_most_for_a_year(
    frequency: Frequency, until: date | None, number: int
) -> None:
    assert rounds(frequency, date(2026, 3, 18), until) == number


def test_hours_are_minutes_times_households_times_rounds() -> None:
    burden = Burden(households=1443, minutes_each=3, rounds=4, columns=12, known=9, new=3)
    assert burden.hours == 289
    assert (burden.hours_needed, burden.hours_saved) == (72, 217)
    assert Burden(100, 0, 1, 2, 0, 0).hours_needed == 0


# -- flags -----------------------------------------------------------------------------------------


async def test_one_tap_flags_a_table_nobody_admitted(tx: Tx, as_: As) -> None:
    tx.actor = as_("part_time_worker")
    flag_id = await requests.flag(tx, "")
    tx.actor = as_("street_officer")
    listed = await flag_queries.flags_page(
        tx, requests.reading_reach(tx), before=None, limit=10
    )
    assert [(one.id, one.area_code) for one in listed] == [(flag_id, town.MICRO_1A)]
    answered = await requests.answer_flag(tx, flag_id, "没有准入,不用填")
    assert answered.answered_by == tx.actor.id
    with pytest.raises(FlagAnswered):
        await requests.answer_flag(tx, flag_id, "再说一遍")
    tx.actor = as_("other_street_officer")
    with pytest.raises(NotFound):
        await requests.answer_flag(tx, flag_id, "不用填")


async def test_a_flag_is_raised_in_ones_own_area_only(tx: Tx, as_: As) -> None:
    tx.actor = as_("grid_worker")
    with pytest.raises(Forbidden):
        await requests.flag(tx, town.GRID_2)
    tx.actor = as_("acceptor")
    with pytest.raises(Forbidden):
        await requests.flag(tx, "")


async def test_the_dictionary_costs_no_more_than_reading_it_once(tx: Tx) -> None:
    await dictionary(tx)
    with counting() as count:
        await dictionary(tx)
    assert count.total == 1
