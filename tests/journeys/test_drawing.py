"""A boundary is mended with the mouse and with the keyboard, and no sliver is left."""

import json
from pathlib import Path

from browsing import Browser, Town
from playwright.sync_api import Page, expect

import small_town as small
from wangge.places.geometry import shapely


def opened(town: Town, screen: Browser, path: str) -> Page:
    page = screen.open()
    assert screen.context is not None
    town.sign_in(screen.context, "street_officer")
    page.goto(f"{town.url}{path}")
    expect(page.locator("area-editor[ready]")).to_be_attached()
    return page


def pixel(page: Page, lon: float, lat: float) -> tuple[float, float]:
    """Where on the screen a place is."""
    at = page.evaluate(
        "([lon, lat]) => document.querySelector('area-editor').pixelOf([lon, lat])", [lon, lat]
    )
    return at["x"], at["y"]


def corners(page: Page) -> list[list[float]]:
    """The corners as the text field has them, without the last, which is the first."""
    ring: list[list[float]] = json.loads(page.input_value("#boundary"))["coordinates"][0]
    return ring[:-1]


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    page.mouse.move(*end)
    page.mouse.up()


def shape_of(town: Town, code: str) -> object:
    (text,) = town.ask(
        str, "select boundary::text from places_area where code = :code", code=code
    )
    return shapely.from_geojson(text)


def test_a_shared_corner_moves_in_both_grids_and_leaves_no_gap(
    town: Town, screen: Browser, shots: Path
) -> None:
    page = opened(town, screen, f"/areas/{small.MICRO_1A}/draw")
    page.wait_for_function("document.querySelectorAll('.editor-corner').length === 4")
    assert page.locator(".editor-shared").count() == 2
    start = pixel(page, 120.103, 30.104)
    drag(page, start, (start[0] + 60, start[1]))
    assert [120.103, 30.104] not in corners(page)
    assert page.input_value("#others") != ""
    page.get_by_role("button", name="撤销", exact=True).click()
    assert [120.103, 30.104] in corners(page)
    assert page.input_value("#others") == ""
    page.get_by_role("button", name="恢复", exact=True).click()
    page.screenshot(path=str(shots / "drawing.png"))
    page.get_by_role("button", name="检查并保存边界").click()
    page.wait_for_url(f"**/areas?at={small.MICRO_1A}")
    one, two = shape_of(town, small.MICRO_1A), shape_of(town, small.MICRO_1B)
    whole = small.box(*small.GROUND[small.GRID_1][1:])
    assert shapely.intersection(one, two).area == 0.0
    left = shapely.difference(shapely.geometry.shape(whole), shapely.union(one, two))
    assert left.area < 1e-12
    assert shapely.area(one) > 1.1 * shapely.area(
        shapely.geometry.shape(small.box(*small.GROUND[small.MICRO_1A][1:]))
    )


def test_a_boundary_drawn_anew_snaps_to_its_neighbours_corners(
    town: Town, screen: Browser
) -> None:
    page = opened(town, screen, f"/areas/{small.MICRO_2A}/draw")
    page.get_by_role("button", name="重新画").click()
    west, south, east, north = small.GROUND[small.MICRO_2A][1:]
    for lon, lat, miss in (
        (west, south, 0),
        (east, south, 6),
        (east, north, -6),
        (west, north, 0),
    ):
        x, y = pixel(page, lon, lat)
        # A hand that misses by a few pixels means the neighbour's corner.
        page.mouse.click(x + miss, y + miss)
    page.get_by_role("button", name="收口").click()
    drawn = corners(page)
    assert [east, south] in drawn
    assert [east, north] in drawn
    page.get_by_role("button", name="检查并保存边界").click()
    page.wait_for_url(f"**/areas?at={small.MICRO_2A}")


def test_without_a_mouse_a_corner_is_moved_by_keys_and_the_text_is_the_same(
    town: Town, screen: Browser
) -> None:
    page = opened(town, screen, f"/areas/{small.MICRO_3A}/draw")
    page.wait_for_function("document.querySelectorAll('.editor-corner').length === 4")
    first = page.locator(".editor-corner").first
    first.focus()
    before = corners(page)
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_function("was => document.getElementById('boundary').value !== was", arg="")
    after = corners(page)
    changed = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    assert len(changed) == 1
    assert changed[0][1][0] > changed[0][0][0]
    expect(page.locator(".editor-corner:focus")).to_have_count(1)
    page.get_by_text("用文字编辑").click()
    text = {**small.box(*small.GROUND[small.MICRO_3A][1:])}
    page.fill("#boundary", json.dumps(text))
    expect(page.locator(".editor-own")).to_be_attached()
    page.wait_for_function("document.querySelectorAll('.editor-corner').length === 4")
    page.fill(
        "#boundary",
        json.dumps(
            {
                "type": "Polygon",
                "coordinates": [
                    [
                        [120.106, 30.1],
                        [120.112, 30.104],
                        [120.112, 30.1],
                        [120.106, 30.104],
                        [120.106, 30.1],
                    ]
                ],
            }
        ),
    )
    expect(page.locator("[data-status]")).to_contain_text("交叉")
    page.get_by_role("button", name="检查并保存边界").click()
    expect(page.locator(".alert-danger")).to_contain_text("自己交叉")


def test_a_grid_is_split_by_a_line_drawn_on_the_map(
    town: Town, screen: Browser, shots: Path
) -> None:
    page = opened(town, screen, f"/areas/{small.GRID_4}/split")
    for lon, lat in ((120.109, 30.1085), (120.109, 30.1035)):
        page.mouse.click(*pixel(page, lon, lat))
    page.fill("#name_0", "柳西网格")
    page.fill("#name_1", "柳东网格")
    page.get_by_role("button", name="预览").click()
    expect(page.locator("#outcome")).to_contain_text("户门")
    page.screenshot(path=str(shots / "split.png"), full_page=True)
    page.get_by_role("button", name="确认拆分").click()
    page.wait_for_url(f"**/areas?at={small.LIUSHU}")
    expect(page.locator("main")).to_contain_text("柳东网格")
