"""A form from a workbook, asked at doors without a network, read on the desk."""

import json
import re
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from browsing import Browser, Town
from playwright.sync_api import Locator, Page, expect
from walking import (
    account,
    all_sent,
    door,
    enter_pin,
    open_board,
    open_one,
    sign_in,
    sign_in_again,
)

import small_town
from wangge.kernel.crypto import vault_of
from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Refusal
from wangge.registers.commands import Draft, Spot, register
from wangge.sweeps import Deed, Opening, Report, close_round, open_round, take
from wangge.sweeps.conditions import parse
from wangge.sweeps.questions import Choice, Question
from wangge.sweeps.xlsform_written import write_xlsform

CASES = json.loads(
    (Path(__file__).parent.parent / "sweeps" / "conditions.json").read_text("utf-8")
)
FORM = (
    Question("dogs", "家里养狗吗", "bool", required=True),
    Question(
        "dog_count",
        "养了几条",
        "number",
        when=parse("${dogs} = 'yes'"),
        must=parse(". >= 1 and . <= 20"),
        must_words="1 到 20 条",
    ),
    Question(
        "help", "要社区帮什么", "choices", (Choice("food", "买菜"), Choice("repair", "修东西"))
    ),
    Question("temp", "体温", "decimal", of="person"),
    Question("call", "留个电话", "phone"),
)


@pytest.fixture(autouse=True)
def _served(town: Town) -> None:
    if not town.served:
        town.start()


def look(page: Page, shots: Path, name: str) -> None:
    page.screenshot(path=str(shots / f"questions-{name}.png"), full_page=True)


def test_a_form_is_brought_in_asked_offline_and_read_on_the_desk(
    town: Town, phone: Browser, screen: Browser, shots: Path, tmp_path: Path
) -> None:
    book = tmp_path / "入户.xlsx"
    book.write_bytes(write_xlsform("dogs", "入户登记", FORM))
    desk = screen.open()
    assert screen.context is not None
    town.sign_in(screen.context, "district_officer")
    desk.goto(f"{town.url}/sweeps/kinds/check/questions")
    desk.get_by_label("文件").set_input_files(book)
    desk.get_by_role("button", name="预览").click()
    look(desk, shots, "preview")
    desk.get_by_role("button", name="采用这 5 个问题").click()
    expect(desk.get_by_role("heading", name="摸排清底的问题")).to_be_visible()
    look(desk, shots, "kind")
    round_id = open_one(town)

    page = phone.open()
    sign_in(page, town)
    open_board(page)
    # The same conditions mean the same on the phone as on the server.
    told = page.evaluate(
        """
        async ([url, cases]) => {
          const { holds } = await import(url);
          return cases.map(([node, answers, it]) => holds(node, answers, it, "2026-03-18"));
        }
        """,
        [
            f"{town.url}/static/field/questions.js",
            [[parse(c["text"]), c.get("answers", {}), c.get("it", "")] for c in CASES],
        ],
    )
    assert told == [case["holds"] for case in CASES]

    assert phone.context is not None
    phone.context.set_offline(True)
    town.stop()
    door(page, "101").click()  # something must be asked: the tap opens the door
    expect(page.get_by_role("heading", name="101")).to_be_visible()
    expect(page.get_by_text("还有 1 个必问的没有回答。")).to_be_visible()
    look(page, shots, "asked")
    dogs = page.locator("[data-question=dogs]")
    expect(page.locator("[data-question=dog_count]")).to_have_count(0)
    dogs.get_by_role("button", name="是").click()
    page.locator("[data-question=dog_count] input").fill("50")
    expect(page.get_by_text("1 到 20 条")).to_be_visible()
    expect(page.get_by_role("button", name="请改好标红的回答")).to_be_disabled()
    page.locator("[data-question=dog_count] input").fill("2")
    page.locator("[data-question=help]").get_by_role("button", name="修东西").click()
    page.locator("[data-question=call] input").fill("19900000042")
    look(page, shots, "answered")
    page.get_by_role("button", name="存下:齐").click()
    expect(door(page, "101")).to_have_attribute("data-outcome", "all")
    expect(door(page, "101")).not_to_contain_text("?")
    # Kept without what must be asked: nothing is lost, and the door says so.
    door(page, "102").click()
    page.get_by_role("button", name=re.compile("先存下:齐")).click()
    expect(door(page, "102")).to_have_attribute("data-outcome", "all")
    expect(door(page, "102")).to_contain_text("?")
    look(page, shots, "board")
    phone.kill()
    disk = phone.disk()
    assert b"sweeps.report" in disk, "or this looks in the wrong place"
    assert b"19900000042" not in disk

    page = phone.open(offline=True)
    assert phone.context is not None
    phone.context.clear_cookies()  # a browser killed so soon may or may not have written them
    page.goto(f"{town.url}/field/#sweep")
    open_board(page, first=False)
    door(page, "101").click()
    expect(dogs_of(page).get_by_role("button", name="是")).to_have_attribute(
        "aria-pressed", "true"
    )
    phone.kill()
    town.start()
    page = phone.open()
    assert phone.context is not None
    phone.context.clear_cookies()
    page.goto(f"{town.url}/field/")
    sign_in_again(page, town)
    # Before the PIN: the door at which nothing was typed has gone, the other one waits.
    lock = page.get_by_role("link", name=re.compile("1 户的回答已锁在手机里"))
    expect(lock).to_be_visible()
    expect(page.get_by_text(re.compile("件待发送"))).to_have_count(0, timeout=60_000)
    assert sum(line.reports for line in account(town, round_id).values()) == 1
    look(page, shots, "locked")
    lock.click()
    enter_pin(page)
    all_sent(page)

    town.sign_in(screen.context, "community_officer")
    desk.goto(f"{town.url}/sweeps/{round_id}/answers")
    expect(desk.get_by_text("1 户有回答")).to_be_visible()
    look(desk, shots, "answers")
    home = town.ask(
        str,
        """
        select door_id::text from sweeps_said
         where round_id = :round and answers ->> 'dogs' = 'true' limit 1
        """,
        round=round_id,
    )[0]
    desk.goto(f"{town.url}/sweeps/{round_id}/doors/{home}")
    expect(desk.get_by_label("养了几条")).to_have_value("2")
    expect(desk.get_by_text("已留 199****0042;不填就不变")).to_be_visible()
    look(desk, shots, "door")

    async def plain(tx: Tx) -> None:
        await tx.run("update sweeps_kind set questions = '[]' where code = 'check'")
        await tx.bump("sweeps")

    town.change(plain)


def dogs_of(page: Page) -> Locator:
    return page.locator("[data-question=dogs]")


def test_a_street_is_walked_from_what_was_said_the_time_before(
    town: Town, phone: Browser, shots: Path
) -> None:
    async def twice(tx: Tx) -> UUID:
        for old in await tx.many(UUID, "select id from sweeps_round where closed_at is null"):
            await close_round(tx, old)
        vault = vault_of(tx.actor.district)
        spot = Spot(None, None, None, small_town.GRID_1)
        shops = [
            (await register(tx, vault, Draft("shop", spot, name, location=where))).thing_id
            for name, where in (
                ("甲小吃", "人民路12号"),
                ("乙五金", "人民路2号"),
                ("丙理发", "人民路3号"),
            )
        ]
        opening = Opening(kind="premises", areas=[small_town.GRID_1])
        first = await open_round(tx, opening)
        answers = {"exits": True, "extinguishers": "good", "living": False}
        body = Report(round=first.id, door=shops[0], outcome="all", answers=answers)
        (told,) = await take(tx, [Deed(new_id(tx.now), tx.actor, body)])
        assert not isinstance(told, Refusal)
        await close_round(tx, first.id)
        return (await open_round(tx, msgspec.structs.replace(opening, after=first.id))).id

    round_id = town.change(twice)
    page = phone.open()
    sign_in(page, town, "grid_worker")
    page.get_by_role("link", name="清查").click()
    page.get_by_role("link", name=re.compile("人民路")).click()
    for _ in range(2):
        enter_pin(page)
    road = page.locator(".road .door")
    expect(road.locator("b")).to_have_text(["乙五金", "丙理发", "甲小吃"])
    expect(page.get_by_text("还差 3 家")).to_be_visible()
    look(page, shots, "road")
    assert phone.context is not None
    phone.context.set_offline(True)
    town.stop()
    # Something must be asked: the tap opens the stop, and one tap says that it is all as before.
    door(page, "甲小吃").click()
    expect(page.locator("[data-question=extinguishers]")).to_contain_text("上次:在位有效")
    look(page, shots, "before")
    page.get_by_role("button", name="都没变,存下").click()
    expect(door(page, "甲小吃")).to_have_attribute("data-outcome", "all")
    expect(door(page, "甲小吃")).not_to_contain_text("?")
    door(page, "乙五金").click(delay=800)
    expect(page.get_by_role("button", name=re.compile("都没变"))).to_have_count(0)
    page.get_by_role("button", name="已搬走").click()
    page.get_by_role("button", name="存下:已搬走").click()
    look(page, shots, "road-done")
    page.get_by_role("button", name="撤回 乙五金").click()
    expect(door(page, "乙五金")).to_have_attribute("data-outcome", "none")
    town.start()
    phone.context.set_offline(False)
    all_sent(page)
    found = town.ask(
        str,
        """
        select t.room || ' ' || coalesce(t.outcome, '-') || ' ' || coalesce(s.answers::text, '')
          from sweeps_standing t
          left join sweeps_said s on s.round_id = t.round_id and s.door_id = t.id
               and s.report_id = t.report_id
         where t.round_id = :round order by t.floor desc
        """,
        round=round_id,
    )
    assert found[:2] == ["乙五金 - ", "丙理发 - "]
    assert found[2].startswith('甲小吃 all {"exits": true, "living": false')
