"""A form from a workbook, asked at doors without a network, read on the desk."""

import json
import re
from pathlib import Path

import pytest
from browsing import Browser, Town
from playwright.sync_api import Locator, Page, expect
from walking import all_sent, door, open_board, open_one, sign_in

from wangge.kernel.database import Tx
from wangge.sweeps.conditions import parse
from wangge.sweeps.questions import Choice, Question
from wangge.sweeps.xlsform import write_xlsform

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
    phone.close()

    page = phone.open(offline=True)
    page.goto(f"{town.url}/field/#sweep")
    open_board(page, first=False)
    door(page, "101").click()
    expect(dogs_of(page).get_by_role("button", name="是")).to_have_attribute(
        "aria-pressed", "true"
    )
    town.start()
    assert phone.context is not None
    phone.context.set_offline(False)
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
