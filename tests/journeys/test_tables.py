"""A community secretary drops in the five kinds of file she has: sees, mends, registers, undoes."""

import re
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from browsing import Browser, Town
from openpyxl import Workbook
from playwright.sync_api import Page, Route, expect

from old_excel import old_workbook


def number_of(birth: str, n: int) -> str:
    """An identity number of nobody's."""
    body = f"990001{birth.replace('-', '')}{n:03d}"
    total = sum(int(digit) * (1 << (17 - at)) for at, digit in enumerate(body))
    return body + "10X98765432"[total % 11]


FIRST = number_of("1961-02-03", 11)
SLIPPED = FIRST[:-1] + ("0" if FIRST[-1] != "0" else "1")


def merged_workbook() -> bytes:
    """A title over merged cells, a heading of two rows, a household's door written once."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "3幢"
    for cells in (
        ["杏花社区住户登记表", *[None] * 5],
        ["住址", None, "户内人员", None, None, None],
        ["幢单元", "室", "姓名", "与户主关系", "出生日期", "联系方式"],
        ["3幢2单元", "401", "赵演示", "户主", date(1961, 2, 3), "19900002001"],
        [None, None, "钱样例", "妻子", "1963.4.5", ""],
        ["3幢2单元", "301", "孙示范", "户主", "1970年1月2日", 19900002002],
        ["合计", None, "3人", None, None, None],
    ):
        sheet.append(cells)
    for block in ("A1:F1", "A2:B2", "C2:F2", "A4:A5", "B4:B5"):
        sheet.merge_cells(block)
    held = BytesIO()
    book.save(held)
    return held.getvalue()


def files() -> list[dict[str, object]]:
    """Four files; the fifth kind is pasted."""
    csv = f"房号,业主,身份证,手机\n3-2-201,李模板,{SLIPPED},19900002003\n三角楼101,周测试,,\n"
    gbk = "小区,幢,单元,房间号,姓名,性别\n杏花苑,3,2,101,吴演练,男\n"
    old = [["地址", "人员姓名", "电话号码"], ["3幢1单元401", "郑虚构", "19900002004"]]
    return [
        {"name": name, "mimeType": "application/octet-stream", "buffer": data}
        for name, data in (
            ("三幢.xlsx", merged_workbook()),
            ("业主.csv", csv.encode()),
            ("户表.csv", gbk.encode("gb18030")),
            ("老表.xls", old_workbook("名册", old)),
        )
    ]


CHAT = "3-1-301 王假名 19900002005\n3-1-201 冯占位 户主 19900002006\n收到谢谢"


def opened(town: Town, screen: Browser) -> Page:
    page = screen.open()
    assert screen.context is not None
    town.sign_in(screen.context, "community_officer")
    page.goto(f"{town.url}/imports")
    return page


def reviewed(page: Page) -> None:
    """Agree on the columns as they were guessed, and wait for the rows."""
    page.get_by_role("button", name="按这样读").click()
    expect(page.locator(".verdicts")).to_be_visible()


def registered(town: Town, names: list[str]) -> list[str]:
    return town.ask(
        str,
        """
        select t.name || ' ' || d.name from people_resident t
          join people_household h on h.id = t.household_id
          join places_dwelling d on d.id = h.dwelling_id
         where t.name = any (:names::text[]) and t.ended_on is null order by t.name
        """,
        names=names,
    )


def test_five_kinds_of_file_come_in_and_are_taken_back(
    town: Town, screen: Browser, shots: Path
) -> None:
    page = opened(town, screen)
    page.set_input_files("#files", files=files())  # type: ignore[arg-type]
    expect(page.locator("[data-chosen]")).to_contain_text("已选 4 个文件")
    page.fill("#text", CHAT)
    page.get_by_role("button", name="读入并预览").click()
    expect(page.locator(".alert-success")).to_contain_text("读入了 5 张表")
    links = [
        link.get_attribute("href") or "" for link in page.locator(".alert-success a").all()
    ]
    assert len(links) == 5
    for link in (links[0], links[2], links[3], links[4]):
        page.goto(f"{town.url}{link}")
        expect(page.locator(".columns-table")).to_be_visible()
        reviewed(page)
        page.get_by_role("button", name="登记全部").click()
        expect(page.locator("#stand .alert-success")).to_contain_text("已登记")
    page.screenshot(path=str(shots / "imports-registered.png"), full_page=True)
    assert registered(
        town, ["赵演示", "钱样例", "孙示范", "吴演练", "郑虚构", "王假名", "冯占位"]
    ) == [
        "冯占位 3幢1单元201室",
        "吴演练 3幢2单元101室",
        "孙示范 3幢2单元301室",
        "王假名 3幢1单元301室",
        "赵演示 3幢2单元401室",
        "郑虚构 3幢1单元401室",
        "钱样例 3幢2单元401室",
    ]
    # The first of them once more changes nothing: its headings are remembered.
    page.goto(f"{town.url}/imports")
    page.set_input_files("#files", files=files()[:1])  # type: ignore[arg-type]
    page.get_by_role("button", name="读入并预览").click()
    expect(page.locator(".verdict-same b")).to_have_text("3")
    expect(page.get_by_role("button", name="登记全部")).to_have_count(0)
    # And it is taken back as a whole.
    page.goto(f"{town.url}{links[0]}")
    page.get_by_role("button", name="撤销整次导入").click()
    expect(page.locator("#stand .alert-info")).to_contain_text("已撤销")
    assert registered(town, ["赵演示", "钱样例", "孙示范"]) == []


def test_rows_are_mended_in_place_and_placed_by_hand(
    town: Town, screen: Browser, shots: Path
) -> None:
    page = opened(town, screen)
    page.set_input_files("#files", files=files()[1:2])  # type: ignore[arg-type]
    page.get_by_role("button", name="读入并预览").click()
    if page.locator(".columns-table").count():
        reviewed(page)
    expect(page.locator(".verdict-refused b")).to_have_text("1")
    page.get_by_role("link", name="改好退回的 1 行").click()
    cell = page.locator("input[aria-invalid]")
    expect(cell).to_be_focused()
    page.keyboard.type(FIRST)
    expect(page.locator("[data-changed]")).to_have_text("改动 1 格")
    page.screenshot(path=str(shots / "imports-mending.png"), full_page=True)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".alert-success")).to_contain_text("改了 1 行")
    page.get_by_role("link", name="回到核对").first.click()
    page.get_by_role("link", name="待落户清单").click()
    expect(page.locator(".place h2")).to_contain_text("三角楼")
    page.screenshot(path=str(shots / "imports-places.png"), full_page=True)
    late: list[Route] = []
    page.route("**/htmx*", lambda route: late.append(route))
    page.get_by_role("link", name="逐行指明这 1 行的门牌").click(no_wait_after=True)
    # Typed before the page listens: a slow line must not lose what a quick hand writes.
    page.get_by_label("第 3 行找门牌").press_sequentially("3-2-301")
    assert late
    for script in late:
        script.continue_()
    page.unroute("**/htmx*")
    expect(page.get_by_label("第 3 行的门牌")).to_contain_text("3幢2单元301")
    page.get_by_role("button", name="保存并重新核对").click()
    expect(page.locator(".alert-success")).to_contain_text("这里没有要改的了")
    page.get_by_role("link", name="回到核对").click()
    expect(page.locator(".verdict-new b")).to_have_text("2")
    page.get_by_label("选第 3 行").check()
    page.get_by_role("button", name="只登记勾选的行").click()
    expect(page.locator("#stand .alert-success")).to_contain_text("已登记 1 人")
    assert registered(town, ["李模板", "周测试"]) == ["周测试 3幢2单元301室"]


def test_a_phone_reads_the_same_review_without_scrolling_sideways(
    town: Town, phone: Browser, shots: Path
) -> None:
    page = phone.open()
    assert phone.context is not None
    town.sign_in(phone.context, "community_officer")
    page.goto(f"{town.url}/imports")
    page.fill("#text", "门牌,姓名,身份证号\n3-2-401,陈范例," + SLIPPED)
    page.get_by_role("button", name="读入并预览").click()
    reviewed(page)
    for path in ("", "/columns", "/mend?verdict=refused", "/places"):
        here = page.url.split("?")[0].removesuffix("/columns").removesuffix("/mend")
        page.goto(here.removesuffix("/places") + path)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, path
    page.screenshot(path=str(shots / "imports-phone.png"), full_page=True)


@pytest.mark.parametrize(
    ("key", "status"), [("grid_worker", 404), ("community_officer_2", 404)]
)
def test_nobody_else_sees_what_was_uploaded(
    town: Town, screen: Browser, key: str, status: int
) -> None:
    page = opened(town, screen)
    page.fill("#text", "门牌,姓名\n3-2-401,褚样本")
    page.get_by_role("button", name="读入并预览").click()
    page.wait_for_url(re.compile(r"/imports/[0-9a-f-]{36}"))
    assert screen.context is not None
    screen.context.clear_cookies()
    town.sign_in(screen.context, key)
    answer = page.goto(page.url)
    assert answer is not None
    assert answer.status == status
