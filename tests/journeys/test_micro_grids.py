"""The secretary's afternoon: one micro-grid is too heavy; two stairwells change hands, and come back."""

from pathlib import Path

from browsing import Browser, Town
from playwright.sync_api import expect

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
    page.get_by_label("采纳的原因").fill("一号太重")
    page.get_by_role("button", name="采纳勾选的步骤").click()
    expect(page.get_by_text("2 个单元换了微网格")).to_be_visible()
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
