"""The secretary's afternoon: one micro-grid is too heavy; two stairwells change hands, and come back;
another is dragged by finger, on a phone."""

import json
from pathlib import Path

from browsing import Browser, Town
from playwright.sync_api import Page, expect

import small_town as small
from wangge.kernel.database import Tx
from wangge.places.reassigning import Step, reassign

#: Stairwells that were put where they do not belong: one in each grid.
BORROWED = {
    small.unit_id("1-2-1"): (small.MICRO_1B, small.MICRO_1A),
    small.unit_id("1-4-1"): (small.MICRO_2B, small.MICRO_2A),
}


def _codes(town: Town) -> set[str]:
    return set(
        town.ask(
            str,
            "select area_code from places_unit where id = any(:ids::uuid[])",
            ids=list(BORROWED),
        )
    )


def test_a_repair_of_two_stairwells_is_accepted_printed_and_undone(
    town: Town, screen: Browser, shots: Path
) -> None:
    async def overload(tx: Tx) -> None:
        steps = [Step(unit, was, to) for unit, (was, to) in BORROWED.items()]
        await reassign(tx, steps, "新楼交付时先放在这里")

    town.change(overload)
    page = screen.open()
    assert screen.context is not None
    town.sign_in(screen.context, "community_officer")
    page.goto(f"{town.url}/micro-grids")
    expect(page.locator("#headline")).to_contain_text("一号微网格”一轮要")
    expect(page.locator("plan-map[ready]")).to_be_visible()
    page.screenshot(path=str(shots / "micro-grids.png"), full_page=True)
    page.get_by_role("button", name="修一修").click()
    expect(page.get_by_role("heading", name="每一步和原因")).to_be_visible()
    for grid in ("第一网格", "第二网格"):
        step = page.get_by_role("checkbox", name=f"划到“{grid}二号微网格”")
        expect(step).to_be_checked()
    expect(
        page.locator("plan-map[ready]")
    ).to_be_visible()  # its buttons are heard from then on
    page.get_by_role("button", name="现在").click()
    expect(page.locator("plan-map[shows=before]")).to_be_visible()
    page.screenshot(path=str(shots / "micro-grid-repair.png"), full_page=True)
    # A part of it is counted as that part before anybody accepts it.
    page.get_by_role("button", name="方案", exact=True).click()
    both = page.locator("[data-plan-heads]").inner_text()
    other = page.get_by_role("checkbox", name="划到“第二网格二号微网格”")
    other.uncheck()
    expect(page.locator("#headline")).to_contain_text("只采纳勾选的 1 步")
    expect(page.locator("[data-plan-units]")).to_have_text("1")
    assert int(page.locator("[data-plan-heads]").inner_text()) < int(both)
    other.check()
    expect(page.locator("[data-plan-units]")).to_have_text("2")
    expect(page.locator("[data-plan-heads]")).to_have_text(both)
    page.get_by_label("采纳的原因").fill("一号太重")
    page.get_by_role("button", name="采纳勾选的步骤").click()
    expect(page.get_by_text("2 个单元、")).to_contain_text("户换了微网格")
    assert _codes(town) == {was for was, _ in BORROWED.values()}

    page.get_by_role("link", name="打印新名单").click()
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="第一网格二号微网格")).to_be_visible()
    page.screenshot(path=str(shots / "micro-grid-lists.png"), full_page=True)
    page.emulate_media(media="screen")
    page.get_by_role("link", name="返回").click()
    page.get_by_label("撤销的原因").fill("楼道里不同意")
    page.get_by_role("button", name="撤销,改回原来的划分").click()
    expect(page.get_by_text("已撤销")).to_be_visible()
    assert _codes(town) == {to for _, to in BORROWED.values()}


def spot(page: Page, unit: str) -> tuple[float, float]:
    """Where the map of a plan draws a stairwell (lon, lat)."""
    told = json.loads(page.locator("script[data-plan]").text_content() or "{}")
    return next((one["lon"], one["lat"]) for one in told["units"] if one["id"] == unit)


def pixel(page: Page, place: tuple[float, float]) -> tuple[float, float]:
    """Where on the screen a place is."""
    at = page.evaluate(
        "place => document.querySelector('plan-map').pixelOf(place)", list(place)
    )
    return at["x"], at["y"]


def finger(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """One finger put down, moved over the glass and lifted."""
    glass = page.context.new_cdp_session(page)
    steps = 6
    for n in range(steps + 1):
        share = n / steps
        at = [a + (b - a) * share for a, b in zip(start, end, strict=True)]
        glass.send(
            "Input.dispatchTouchEvent",
            {
                "type": "touchMove" if n else "touchStart",
                "touchPoints": [{"x": at[0], "y": at[1]}],
            },
        )
    glass.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    glass.detach()


def test_a_stairwell_is_dragged_by_finger_and_put_back(
    town: Town, phone: Browser, shots: Path
) -> None:
    unit = str(small.unit_id("1-1-1"))
    page = phone.open()
    assert phone.context is not None
    town.sign_in(phone.context, "community_officer")
    page.goto(f"{town.url}/micro-grids/{small.XINGHUA}")
    page.get_by_role("button", name="手工调整").click()
    expect(page.locator("plan-map[ready]")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator("plan-map").scroll_into_view_if_needed()

    # A finger on free ground moves the map, and no stairwell.
    free = pixel(page, (120.1045, 30.1068))
    finger(page, free, (free[0] - 20, free[1] + 10))
    expect(page.locator("plan-map[ready]")).to_be_visible()
    assert "第 2 版" not in page.inner_text("main")

    finger(page, pixel(page, spot(page, unit)), pixel(page, (120.1045, 30.102)))
    expect(page.locator(".badge + span")).to_contain_text("第 2 版")
    expect(page.locator("plan-map[ready]")).to_be_visible()
    page.screenshot(path=str(shots / "micro-grid-finger.png"), full_page=True)
    assert town.ask(
        str, "select to_code from planning_version where unit_id = :unit", unit=unit
    ) == [small.MICRO_1B]
    # It is a proposal: nobody has another head yet.
    assert town.ask(str, "select area_code from places_unit where id = :unit", unit=unit) == [
        small.MICRO_1A
    ]

    # Beside the point of one that was tapped, a thick finger takes it too.
    page.locator("plan-map").scroll_into_view_if_needed()
    x, y = pixel(page, spot(page, unit))
    page.touchscreen.tap(x, y)
    expect(page.locator("#move select[name=unit]")).to_have_value(unit)
    # Then a tap in another micro-grid says where it goes, though a stairwell of that stands under the finger;
    # a second tap there is that stairwell.
    there = str(small.unit_id("1-3-1"))
    page.touchscreen.tap(*pixel(page, spot(page, there)))
    expect(page.locator("#move select[name=grid]")).to_have_value(small.MICRO_2A)
    expect(page.locator("#move select[name=unit]")).to_have_value(unit)
    expect(page.locator(".plan-over")).to_contain_text("第二网格一号微网格")
    page.wait_for_timeout(600)  # two taps at once would be a zoom
    page.touchscreen.tap(*pixel(page, spot(page, there)))
    expect(page.locator("#move select[name=unit]")).to_have_value(there)
    page.wait_for_timeout(600)
    page.touchscreen.tap(x, y)
    page.wait_for_timeout(600)
    page.touchscreen.tap(x, y)
    expect(page.locator("#move select[name=unit]")).to_have_value(unit)
    finger(page, (x + 18, y + 12), pixel(page, (120.1015, 30.1068)))
    expect(page.locator(".badge + span")).to_contain_text("第 3 版")
    page.get_by_text("改过的版本").click()
    page.get_by_role("button", name="回到这一版").first.click()
    expect(page.get_by_text("和现在一样,没有要改的。")).to_be_visible()
