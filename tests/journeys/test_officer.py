"""The data-protection officer's morning: what was looked at, what is kept; a copy for the person."""

from pathlib import Path

from browsing import Browser, Town
from playwright.sync_api import expect

import small_town as small

PERSON = next(one for one in small.homes()[1] if one.area_code.startswith(small.XINGHUA))


def test_the_officer_sees_a_look_and_prints_what_the_person_may_know(
    town: Town, screen: Browser, shots: Path
) -> None:
    page = screen.open()
    assert screen.context is not None
    town.sign_in(screen.context, "community_officer")
    page.goto(f"{town.url}/residents/{PERSON.id}")
    page.get_by_label("原因").fill("约上门时间,本人同意")
    page.get_by_role("button", name="查看并记录").click()
    expect(page.get_by_text("这次查看已记录")).to_be_visible()
    page.goto(f"{town.url}/residents/{PERSON.id}/seen")
    expect(page.get_by_role("cell", name="约上门时间")).to_be_visible()
    name = small.PEOPLE["community_officer"].name
    expect(page.get_by_role("cell", name=name)).to_be_visible()
    page.evaluate("() => { window.print = () => document.body.dataset.printed = 'yes'; }")
    page.get_by_role("button", name="打印给本人").click()
    assert page.evaluate("document.body.dataset.printed") == "yes"
    page.screenshot(path=str(shots / "seen.png"), full_page=True)
    # The copy for the person says which post it was, never whose.
    page.emulate_media(media="print")
    expect(page.get_by_role("cell", name="约上门时间")).to_be_visible()
    expect(page.get_by_role("cell", name=name)).to_be_hidden()
    page.screenshot(path=str(shots / "seen-print.png"), full_page=True)
    page.emulate_media(media="screen")

    town.sign_in(screen.context, "data_protection")
    page.goto(f"{town.url}/looks")
    expect(page.get_by_role("cell", name="约上门时间")).to_be_visible()
    page.screenshot(path=str(shots / "looks.png"), full_page=True)
    page.goto(f"{town.url}/keeping")
    row = page.get_by_role("row", name="导出记录")
    row.get_by_text("暂缓或提前").click()
    row.get_by_label("原因").fill("信访调查需要")
    row.get_by_role("button", name="暂缓删除").click()
    expect(page.get_by_role("row", name="导出记录").get_by_text("信访调查需要")).to_be_visible()
    page.screenshot(path=str(shots / "keeping.png"), full_page=True)
    page.set_viewport_size({"width": 360, "height": 740})
    page.screenshot(path=str(shots / "keeping-phone.png"), full_page=True)
    page.goto(f"{town.url}/looks")
    page.screenshot(path=str(shots / "looks-phone.png"), full_page=True)
