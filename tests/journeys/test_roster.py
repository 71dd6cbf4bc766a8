"""A lead has a roster worked out and publishes it; somebody falls ill, it is mended, and taken back."""

from datetime import timedelta
from pathlib import Path

from browsing import Browser, Town
from playwright.sync_api import expect

import small_town as small
from wangge.hours.rosters import commands
from wangge.hours.rosters.commands import Drawing, SettingUp
from wangge.hours.rosters.model import USUAL, PostOf, Setup
from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date, new_id

POSTS = [PostOf("p1", "东门卡口", "", True, "all", {"a": 1, "b": 1})]
PEOPLE = ("grid_head", "grid_worker", "volunteer", "volunteer_2", "grid_worker_2", "doctor")


def test_a_roster_is_worked_out_published_mended_and_taken_back(
    town: Town, screen: Browser, shots: Path
) -> None:
    id_ = new_id()

    async def draw(tx: Tx) -> None:
        first = local_date(tx.now) + timedelta(days=1)
        await commands.draw(tx, Drawing(id_, small.XINGHUA, "卡口值守", first, 2))
        people = [small.town_id(f"staff/{one}") for one in PEOPLE]
        await commands.set_up(tx, SettingUp(id_, 1, Setup(USUAL.shifts, POSTS, people)))

    town.change(draw)
    page = screen.open()
    assert screen.context is not None
    town.sign_in(screen.context, "community_officer")
    page.goto(f"{town.url}/hours/rosters")
    page.get_by_role("link", name="卡口值守").click()
    expect(page.locator("#verdict")).to_contain_text("4 个岗次里有 4 个空着,其中门岗 4 个")
    page.get_by_role("link", name="空,去排人").first.click()
    page.get_by_role("listitem").filter(has_text="褚样本").get_by_role("button").click()
    expect(page.locator(".roster-who", has_text="褚样本")).to_be_visible()
    page.get_by_role("button", name="让程序排一版").click()
    expect(page.locator("#verdict")).to_contain_text("4 个岗次都有人", timeout=60_000)
    page.get_by_role("button", name="公布这一版").click()
    expect(page.locator("#last-told")).to_contain_text("新排 4 班,取消 0 班")
    page.screenshot(path=str(shots / "roster.png"), full_page=True)

    ill = page.locator(".roster-who").first.inner_text().strip()
    page.get_by_text("有人不能来:改动最少地修补").click()
    page.get_by_role("checkbox", name=ill).check()
    page.get_by_role("button", name="记下,并修补排班表").click()
    expect(page.get_by_text("修补出来的").first).to_be_visible(timeout=60_000)
    expect(page.locator("#verdict")).to_contain_text("4 个岗次都有人")
    expect(page.locator("del", has_text=ill).first).to_be_attached()
    page.get_by_role("button", name="公布这一版").click()
    page.get_by_role("link", name="打印").click()
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="卡口值守")).to_be_visible()
    expect(page.get_by_text(ill)).to_have_count(0)
    page.emulate_media(media="screen")
    page.get_by_role("link", name="返回").click()
    page.get_by_label("撤回的原因").fill("他又能来了")
    page.get_by_role("button", name="撤回最近一次公布").click()
    expect(page.locator("#last-told")).to_contain_text("撤回,现在按第")
    expect(page.get_by_text("理由:他又能来了").first).to_be_attached()
