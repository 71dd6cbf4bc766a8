"""A stairwell walked with a phone: kept safe first, sent second, opened from cold without a network."""

import re
from pathlib import Path

import pytest
from browsing import Browser, Town
from playwright.sync_api import Page, expect
from walking import (
    DOORS,
    PIN,
    UNIT,
    account,
    all_sent,
    assert_kept_once,
    door,
    enter_pin,
    open_board,
    open_one,
    safe,
    sign_in,
)

from wangge.kernel.database import Tx
from wangge.sweeps import close_round
from wangge.sweeps.commands.closing import begin_pass


@pytest.fixture(autouse=True)
def _served(town: Town) -> None:
    if not town.served:
        town.start()


def cut(phone: Browser, town: Town) -> None:
    assert phone.context is not None
    phone.context.set_offline(True)
    town.stop()


def back(phone: Browser, town: Town) -> None:
    town.start()
    assert phone.context is not None
    phone.context.set_offline(False)


def head_is_free(page: Page) -> None:
    """Whoever has scrolled down reads the stairwell's name and what is left, whatever the state
    above says and in however many lines."""
    page.evaluate("document.documentElement.classList.add('large')")
    page.locator("button.door").last.scroll_into_view_if_needed()
    page.wait_for_function(
        """
        () => {
          const edge = (what, end) => document.querySelector(what).getBoundingClientRect()[end];
          return scrollY > 100 && edge(".stairs-head", "top") >= edge(".status", "bottom") - 1;
        }
        """
    )
    page.evaluate("document.documentElement.classList.remove('large')")


def look(page: Page, shots: Path, name: str) -> None:
    page.screenshot(path=str(shots / f"stairwell-{name}.png"))


def test_a_stairwell_is_walked_in_a_basement_and_from_cold(
    town: Town, phone: Browser, shots: Path
) -> None:
    round_id = open_one(town)
    page = phone.open()
    sign_in(page, town)
    open_board(page)
    expect(page.get_by_text(f"还差 {DOORS} 户")).to_be_visible()
    cut(phone, town)
    expect(page.get_by_text("没有网络 · 照常使用")).to_be_visible()
    for room in ("1001", "1002", "901"):
        door(page, room).click()
        expect(door(page, room)).to_have_attribute("data-state", "waiting")
    # The long press, by mouse; then the way without one.
    door(page, "902").click(delay=800)
    look(page, shots, "door")
    page.get_by_role("button", name="无人").click()
    page.get_by_role("button", name="邻居代报").click()
    page.get_by_role("button", name="存下:无人").click()
    expect(door(page, "902")).to_have_attribute("data-outcome", "nobody")
    page.get_by_role("button", name="选其他情况").click()
    door(page, "801").click()
    page.get_by_role("button", name="已外出").click()
    page.get_by_label("去了哪里").fill("去外地打工")
    page.get_by_label("从哪天起").fill("2026-03-01")
    page.get_by_role("button", name="存下:已外出").click()
    expect(door(page, "801")).to_have_attribute("data-outcome", "away")
    # 齐 by mistake, and taken back.
    door(page, "802").click()
    page.get_by_role("button", name="撤回 802").click()
    expect(door(page, "802")).to_have_attribute("data-outcome", "none")
    expect(page.get_by_text(f"还差 {DOORS - 5} 户")).to_be_visible()
    look(page, shots, "offline")
    head_is_free(page)
    shown = safe(page)

    phone.close()  # the battery
    page = phone.open(offline=True)
    page.goto(f"{town.url}/field/")
    page.get_by_role("link", name="清查").click()
    expect(
        page.get_by_text("6 户已存在手机里,待发送").or_(
            page.get_by_text("7 户已存在手机里,待发送")
        )
    ).to_be_visible()
    look(page, shots, "cold")
    open_board(page, first=False)
    assert safe(page) == shown
    expect(door(page, "902")).to_have_attribute("data-outcome", "nobody")

    back(phone, town)
    all_sent(page)
    lines = account(town, round_id)
    told = {id_: line for id_, line in lines.items() if line.reports}
    assert set(told) == shown
    assert sorted(str(line.outcome) for line in told.values()) == sorted(
        ["all", "all", "all", "nobody", "away", "None"]
    )
    (how,) = town.ask(
        str,
        "select how from sweeps_report where round_id = :round and outcome = 'nobody'",
        round=round_id,
    )
    assert how == "neighbour"
    expect(page.get_by_text(f"还差 {DOORS - 5} 户")).to_be_visible()


def test_nothing_of_a_roster_can_be_read_without_the_pin(town: Town, phone: Browser) -> None:
    open_one(town)

    page = phone.open()
    sign_in(page, town)
    # What has grown old behind the doors (上门顺便核实) lies under the same PIN.
    expect(page.get_by_role("link", name=re.compile("上门顺便核实"))).to_be_visible()
    open_board(page)
    door(page, "101").click(delay=800)
    expect(page.get_by_role("heading", name="101")).to_be_visible()
    names = page.locator(".one-person").all_inner_texts()
    phone.close()
    masked = [name.strip()[:2] for name in names if "*" in name]
    assert masked, "the roster shows masked names, or this test looks for nothing"
    disk = phone.disk()
    assert len(disk) > 10_000
    for name in masked:
        assert name.encode() not in disk
        assert name.encode("utf-16-le") not in disk
    for secret in ("people", '"special"', '"room"'):
        assert f'{secret}":'.encode() not in disk

    page = phone.open()
    page.goto(f"{town.url}/field/")
    page.get_by_role("link", name="清查").click()
    page.get_by_role("link", name=re.compile("杏花苑 1幢1单元")).click()
    enter_pin(page, "000111")
    expect(page.get_by_text("密码不对,还可以试 9 次。")).to_be_visible()
    enter_pin(page, PIN)
    expect(door(page, "101")).to_be_visible()


def test_a_forgotten_pin_costs_no_report_and_says_which_words_it_costs(
    town: Town, phone: Browser, shots: Path
) -> None:
    round_id = open_one(town)
    page = phone.open()
    sign_in(page, town)
    open_board(page)
    cut(phone, town)
    door(page, "1001").click()
    expect(door(page, "1001")).to_have_attribute("data-state", "waiting")
    door(page, "902").click(delay=800)
    page.get_by_role("button", name="已外出").click()
    page.get_by_label("去了哪里").fill("去外地打工")
    page.get_by_role("button", name="存下:已外出").click()
    expect(door(page, "902")).to_have_attribute("data-state", "waiting")
    shown = safe(page)
    phone.close()
    page = phone.open(offline=True)
    page.goto(f"{town.url}/field/#sweep")
    page.get_by_role("link", name=re.compile("杏花苑 1幢1单元")).click()
    page.get_by_role("button", name="忘记密码").click()
    expect(page.get_by_role("button", name="删掉名册,重设密码")).to_be_disabled()
    expect(page.get_by_text("只有 1 户会少一样")).to_be_visible()
    look(page, shots, "forgotten")
    back(phone, town)
    # Without the PIN: what was found and nothing typed beside it.
    expect(page.get_by_text(re.compile("件待发送"))).to_have_count(0, timeout=60_000)
    assert sum(line.reports for line in account(town, round_id).values()) == 1
    page.get_by_role("button", name="删掉名册,重设密码").click()
    all_sent(page)
    enter_pin(page, "314159")
    expect(page.get_by_role("heading", name=re.compile("再输一遍"))).to_be_visible()
    enter_pin(page, "314159")
    expect(door(page, "1001")).to_have_attribute("data-outcome", "all")
    expect(door(page, "902")).to_have_attribute("data-outcome", "away")
    assert_kept_once(town, round_id, shown)
    said = "select count(*)::int from sweeps_said where round_id = :round"
    assert town.ask(int, said, round=round_id) == [0], "nobody can read the words any more"


def sealed(page: Page) -> int:
    found: int = page.evaluate(
        """
        () => new Promise((done) => {
          const asked = indexedDB.open("wangge-field");
          asked.onsuccess = () => {
            const all = asked.result.transaction("sealed").objectStore("sealed").count();
            all.onsuccess = () => { asked.result.close(); done(all.result); };
          };
        })
        """
    )
    return found


def test_rosters_go_at_the_end_of_the_round_and_at_sign_out(town: Town, phone: Browser) -> None:
    round_id = open_one(town)
    page = phone.open()
    sign_in(page, town)
    open_board(page)
    assert sealed(page) == 1

    async def close(tx: Tx) -> None:
        await close_round(tx, round_id)

    town.change(close)
    page.locator(".tabs a.sweep").click()
    expect(page.get_by_text(re.compile("已经结束,名册已从这部手机里删除"))).to_be_visible()
    assert sealed(page) == 0
    open_one(town)
    # Facts are told to whole areas; who has one stairwell hears of a round when the app looks.
    expect(page.get_by_role("link", name=re.compile("杏花苑 1幢1单元"))).to_be_visible(
        timeout=60_000
    )
    page.get_by_role("link", name=re.compile("杏花苑 1幢1单元")).click()
    expect(door(page, "101")).to_be_visible()
    assert sealed(page) == 1
    page.get_by_role("link", name="我的").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_label("登录名")).to_be_visible()
    assert sealed(page) == 0


def test_a_roster_whose_time_is_over_goes_at_the_next_opening_without_a_network(
    town: Town, phone: Browser
) -> None:
    round_id = open_one(town, minutes=60)
    page = phone.open()
    sign_in(page, town)
    open_board(page)
    cut(phone, town)
    door(page, "1001").click()
    expect(door(page, "1001")).to_have_attribute("data-state", "waiting")
    shown = safe(page)
    phone.close()
    page = phone.open(offline=True)
    # Two days later, by this phone's clock: past the hour of the round and the day after it.
    page.add_init_script("const real = Date.now; Date.now = () => real() + 2 * 86400000;")
    page.goto(f"{town.url}/field/#sweep")
    expect(page.get_by_text("现在没有分给您的清查")).to_be_visible()
    assert sealed(page) == 0
    expect(page.get_by_text("1 件待发送 · 已存在手机里")).to_be_visible()
    back(phone, town)
    all_sent(page)
    assert_kept_once(town, round_id, shown)


def test_the_code_at_the_door_opens_the_board(town: Town, phone: Browser) -> None:
    open_one(town)
    page = phone.open()
    sign_in(page, town)
    open_board(page)
    cut(phone, town)
    phone.close()
    page = phone.open(offline=True)
    page.goto(f"{town.url}/field/#stair/{UNIT.hex}")
    enter_pin(page)
    expect(page.get_by_role("heading", name="杏花苑 1幢1单元")).to_be_visible()
    expect(door(page, "101")).to_be_visible()


def test_somebody_who_comes_to_help_opens_the_code_and_reports(
    town: Town, phone: Browser
) -> None:
    round_id = open_one(town)
    page = phone.open()
    sign_in(page, town, "grid_head")
    page.goto(f"{town.url}/field/#stair/{UNIT.hex}")
    for _ in range(2):
        enter_pin(page)
    expect(door(page, "101")).to_be_visible()
    door(page, "101").click()
    expect(door(page, "101")).to_have_attribute("data-state", "sent")
    shown = safe(page)
    assert len(shown) == 1
    assert_kept_once(town, round_id, shown)


def test_a_phone_hears_of_a_new_round_and_a_second_pass(town: Town, phone: Browser) -> None:
    round_id = open_one(town)
    page = phone.open()
    sign_in(page, town)
    open_board(page)
    door(page, "1001").click(delay=800)
    page.get_by_role("button", name="无人").click()
    page.get_by_role("button", name="存下:无人").click()
    expect(door(page, "1001")).to_have_attribute("data-state", "sent")

    async def again(tx: Tx) -> None:
        await begin_pass(tx, round_id, 20)

    town.change(again)
    expect(page.get_by_text("第 2 遍:有 1 户上次没见到人")).to_be_visible(timeout=60_000)
    door(page, "1001").click()
    expect(door(page, "1001")).to_have_attribute("data-outcome", "all")
    expect(door(page, "1001")).to_have_attribute("data-state", "sent")
    told = town.ask(
        int,
        "select pass from sweeps_report where round_id = :round order by n",
        round=round_id,
    )
    assert told == [1, 2]


@pytest.mark.parametrize(
    "size", [{"width": 360, "height": 740}, {"width": 1280, "height": 800}]
)
def test_a_board_fits_any_screen_and_speaks_english(
    town: Town, phone: Browser, shots: Path, size: dict[str, int]
) -> None:
    open_one(town)
    phone.size = size
    page = phone.open()
    sign_in(page, town)
    page.get_by_role("link", name="我的").click()
    page.get_by_role("button", name="English").click()
    page.get_by_label("Large type").check()
    page.get_by_role("link", name="Sweep").click()
    page.get_by_role("link", name=re.compile("杏花苑 1幢1单元")).click()
    for _ in range(2):
        page.get_by_role("textbox", name="6-digit PIN").press_sequentially(PIN)
    expect(page.get_by_role("button", name=re.compile("^101,"))).to_be_visible()
    look(page, shots, f"en-{size['width']}")
    fits(page, size["width"])
    page.get_by_role("button", name=re.compile("^101,")).click(delay=800)
    expect(page.get_by_role("heading", name="101")).to_be_visible()
    look(page, shots, f"en-door-{size['width']}")
    fits(page, size["width"])


def fits(page: Page, width: int) -> None:
    wide = page.evaluate("Math.max(document.documentElement.scrollWidth, innerWidth)")
    assert wide <= width
    small = page.evaluate(
        """
        [...document.querySelectorAll("main button, main a, main input, main select")]
          .filter((one) => one.offsetParent)
          .map((one) => [one.innerText,
            (one.closest("label") ?? one).getBoundingClientRect().height])
          .filter(([, height]) => height < 40)
        """
    )
    assert small == []
