"""A night's list of contacts: brought in a mess, mended, asked about by telephone, signed by another,
drawn as a chain, and gone with its response."""

import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from browsing import Browser, Town, until
from declaring import a_live_one
from playwright.sync_api import Page, expect

import small_town as small
from wangge.kernel.database import Tx
from wangge.people.roster import actor_of
from wangge.responses import end

ID_1, ID_4 = small.id_number_of(1), small.id_number_of(4)
SLIP = ID_1[:15] + str((int(ID_1[15]) + 1) % 10) + ID_1[16:]
#: Headings nobody has seen: two columns show by their contents what they are, one does not.
LIST = (
    "某某街道密接登记\n"
    "编号,XM,证件,联络,密接于,最后接触日期\n"
    f"1,甲居民1,{''.join(chr(ord(c) + 0xFEE0) for c in ID_1)},{small.phone_of(1001)},,2026.3.9\n"
    f"2,甲居民1,{SLIP},,1,2026年3月10日\n"
    f"3,乙居民4,{ID_4},,3,2026/3/11\n"
    "4,外来某,,199 0000 9999,1,2026-2-30\n"
    f"5,甲居民2,,{small.phone_of(1002)},4,2026-03-12\n"
)


def look(page: Page, shots: Path, name: str) -> None:
    page.screenshot(path=str(shots / f"verification-{name}.png"), full_page=True)


def sits(page: Page) -> None:
    """Nothing of the page lies beyond its edge."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_list_from_the_mess_to_the_signature_and_gone_with_its_response(
    town: Town, screen: Browser, phone: Browser, shots: Path, tmp_path: Path
) -> None:
    async def declared(tx: Tx) -> UUID:
        people = [small.PEOPLE[key].id for key in ("street_officer", "district_officer")]
        declarer, approver = [await actor_of(tx, one) for one in people]
        live = await a_live_one(
            tx,
            declarer,
            approver,
            data_items=["name", "contacts"],
            starts_at=tx.now,
            ends_at=tx.now + timedelta(days=3),
        )
        return live.id

    response: UUID = town.change(declared)
    file = tmp_path / "密接0311.csv"
    file.write_bytes(LIST.encode("gb18030"))
    page = screen.open()
    assert screen.context is not None
    town.sign_in(screen.context, "street_officer")
    page.goto(f"{town.url}/verification")
    page.get_by_label("名单名称").fill("3 月 11 日密接")
    page.get_by_label("谁提供、谁要求核对").fill("区疾控")
    page.get_by_label("为什么核对").fill("逐个核对并通知检测")
    page.get_by_label("几天后删除").fill("3")
    page.get_by_label("名单文件").set_input_files(file)
    look(page, shots, "new")
    page.get_by_role("button", name="开始核对").click()

    # Nobody's heading said what the columns are: numbers and telephones show it, the name is chosen.
    page.get_by_role("link", name="指明各列是什么").click()
    expect(page.get_by_label("证件")).to_have_value("id_number")
    expect(page.get_by_label("联络")).to_have_value("phone")
    expect(page.get_by_role("table")).not_to_contain_text(ID_1)
    look(page, shots, "columns")
    page.get_by_label("XM").select_option(label="姓名")
    page.get_by_role("button", name="按这样读,逐行核对").click()

    expect(page.get_by_role("link", name=re.compile("有改正建议"))).to_be_visible()
    path = page.url.split("?", maxsplit=1)[0]
    expect(page.get_by_role("row", name=re.compile("身份证号只差一处笔误"))).to_have_count(1)
    expect(page.get_by_text("3号 把自己写成了关联的人。")).to_be_visible()
    expect(page.get_by_text("没有这一天")).to_be_visible()
    look(page, shots, "proposed")
    sits(page)
    page.get_by_role("button", name="采用", exact=True).click()
    expect(page.get_by_role("link", name=re.compile("已改正"))).to_be_visible()
    page.get_by_role("button", name="问过了").first.click()
    expect(page.get_by_text("✓ 问过了")).to_be_visible()
    expect(page.get_by_text("不能自己签字")).to_be_visible()

    # On the phone of whoever calls: one question at a time.
    hand = phone.open()
    assert phone.context is not None
    town.sign_in(phone.context, "street_officer")
    hand.goto(path)
    look(hand, shots, "phone")
    sits(hand)
    hand.get_by_role("link", name=re.compile("逐个去问")).click()
    expect(hand.get_by_text("请这样问")).to_be_visible()
    expect(hand.get_by_text("19900009999")).to_have_count(0)
    hand.get_by_role("button", name="打开这一行(会记录)").click()
    expect(hand.get_by_role("link", name=re.compile("打电话"))).to_have_attribute(
        "href", "tel:19900009999"
    )
    look(hand, shots, "question")
    sits(hand)
    hand.get_by_text("按本人说的改这一行").click()
    hand.get_by_label("姓名").fill("丙居民7")
    hand.get_by_label("身份证号").fill(small.id_number_of(7))
    look(hand, shots, "answer")
    hand.get_by_role("button", name="保存,再核对一次").click()
    expect(hand.get_by_text("没有要问的了。")).to_be_visible()
    look(hand, shots, "asked")

    # The day that never was, asked about and typed into the row.
    hand.get_by_role("link", name="回到名单").click()
    odd = hand.get_by_role("listitem").filter(has_text="没有这一天")
    odd.get_by_role("link", name="去问、改正").click()
    expect(hand.get_by_text("丙居民7")).to_have_count(0)
    look(hand, shots, "odd")
    hand.get_by_role("button", name="打开这几行(会记录)").click()
    hand.get_by_label("接触结束").fill("2026-02-31")
    hand.get_by_role("button", name="按问到的改好").click()
    expect(hand.get_by_text("不是一个日子")).to_be_visible()
    look(hand, shots, "odd-opened")
    sits(hand)
    hand.get_by_label("接触结束").fill("2026-03-02")
    hand.get_by_role("button", name="按问到的改好").click()
    expect(hand.get_by_text("问过了,按说的改了")).to_be_visible()
    look(hand, shots, "odd-mended")
    sits(hand)

    # Somebody else signs.
    assert screen.context is not None
    screen.context.clear_cookies()
    town.sign_in(screen.context, "district_officer")
    page.goto(path)
    look(page, shots, "to-sign")
    page.get_by_role("button", name="复核无误,签字").click()
    expect(page.get_by_text("复核签字。")).to_be_visible()
    page.get_by_role("link", name="接触关系图").click()
    expect(page.get_by_text("第 1 条链,4 人")).to_be_visible()
    expect(page.locator("svg.chain circle")).to_have_count(4)
    look(page, shots, "chain")
    sits(page)
    page.emulate_media(media="print")
    look(page, shots, "chain-print")
    page.emulate_media(media="screen")

    async def over(tx: Tx) -> None:
        tx.actor = await actor_of(tx, small.PEOPLE["district_officer"].id)
        await end(tx, response)

    town.change(over)
    destroyed = page.get_by_text(re.compile("名单的内容已在.*销毁:应急响应结束"))

    def told() -> bool:
        page.goto(path)
        return destroyed.is_visible()

    until(page, told)
    look(page, shots, "gone")
    kept = town.ask(
        int,
        """
        select (select count(*) from verification_row)::int
             + (select count(*) from verification_finding)::int
             + (select count(*) from verification_list where chain <> '' or headings <> '{}')::int
        """,
    )
    assert kept == [0]
