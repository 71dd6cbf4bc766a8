"""The desk, as people at it meet it: a case from its arrival to its closing, lists, the wall, the map."""

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from browsing import Browser, Town, picture
from playwright.sync_api import BrowserContext, Page, expect
from walking import open_one

import small_town
from wangge.dispatch import Report, receive
from wangge.kernel.actors import Actor
from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Refusal
from wangge.people import ROSTER


def arrives(town: Town, words: str, *, number: int = 1, **more: Any) -> list[UUID]:
    """Somebody reports this by telephone."""

    async def work(tx: Tx) -> list[UUID]:
        roster = await ROSTER.get(tx)
        person = small_town.PEOPLE["acceptor"]
        grants = roster.grants(person.id, tx.now)
        by = Actor(person.id, "staff", tx.actor.district, grants, name=person.name)
        given = {
            "channel": "hotline",
            "area_code": small_town.GRID_1,
            "lon": 120.102,
            "lat": 30.102,
        }
        given |= more
        ids = [new_id(tx.now) for _ in range(number)]
        answers = await receive(
            tx,
            [Report(id_, by, f"{words}{n or ''}", **given) for n, id_ in enumerate(ids)],  # type: ignore[arg-type]
        )
        assert not [one for one in answers if isinstance(one, Refusal)], answers
        return ids

    found: list[UUID] = town.change(work)
    return found


def state_of(town: Town, case_id: UUID) -> str:
    [state] = town.ask(str, "select state from cases_case where id = :id", id=case_id)
    return state


def become(town: Town, page: Page, key: str, path: str) -> None:
    """Somebody else sits down at the same screen."""
    context: BrowserContext = page.context
    context.clear_cookies(name="wangge_session")
    town.sign_in(context, key)
    page.goto(town.url + path)


def do(page: Page, words: str, **fields: str) -> None:
    """Open a button's form, fill it in, send it."""
    form = page.locator("details.deed", has=page.locator("summary", has_text=re.compile(words)))
    form.locator("summary").click()
    for name, value in fields.items():
        field = form.locator(f'[name="{name}"]').first
        kind = field.evaluate("e => e.tagName + ':' + (e.type || '')")
        if kind == "INPUT:radio":
            form.locator(f'[name="{name}"][value="{value}"]').check()
        elif kind == "INPUT:checkbox":
            field.check()
        elif kind == "INPUT:file":
            field.set_input_files(value)
        elif kind.startswith("SELECT"):
            field.select_option(value=value)
        else:
            field.fill(value)
    with page.expect_navigation():
        form.locator("button").click()


def test_a_case_is_filed_dispatched_handled_inspected_and_closed(
    town: Town, screen: Browser, tmp_path: Path
) -> None:
    page = screen.open()
    become(town, page, "acceptor", "/cases")
    expect(page.locator("live-status")).to_have_attribute("state", "on")
    page.evaluate("window.stillTheSamePage = true")

    [case_id] = arrives(town, "三号楼前水管爆了", class_code="E0401", trusted=False)
    news = page.locator(".queue-news")
    expect(news).to_be_visible()
    expect(news).to_contain_text("件新变化")
    news.get_by_role("link").click()
    row = page.get_by_role("link", name="三号楼前水管爆了")
    expect(row).to_be_visible()
    assert page.evaluate("window.stillTheSamePage") is True

    row.click()
    expect(page.locator("h1")).to_contain_text("三号楼前水管爆了")
    do(page, "确认立案", class_code="E0401")
    assert state_of(town, case_id) == "filed"

    become(town, page, "dispatcher", f"/cases/{case_id}")
    do(page, "派遣给", target=f"org:{small_town.WATER.id}", note="请先关阀")
    assert state_of(town, case_id) == "dispatched"

    become(town, page, "department_staff", f"/cases/{case_id}")
    do(page, "接受任务")
    do(page, "开始处置")
    fixed = picture(tmp_path / "fixed.jpg")
    do(page, "处置完成", result="已换管,试水不漏", photos=str(fixed))
    assert state_of(town, case_id) == "handled"

    become(town, page, "dispatcher", f"/cases/{case_id}")
    do(page, "派人核查")
    become(town, page, "grid_worker", f"/cases/{case_id}")
    do(page, "接受任务")
    seen = picture(tmp_path / "seen.jpg", (400, 300))
    do(page, "填写核查结果", passed="yes", note="现场已恢复", photos=str(seen))
    assert state_of(town, case_id) == "closed"
    purposes = town.ask(
        str, "select purpose from cases_photo where case_id = :id order by at", id=case_id
    )
    assert purposes == ["result", "inspect"]
    story = page.locator("ol.story")
    for words in ("上报", "立案", "派遣", "接单", "处置完成", "核查通过"):
        expect(story).to_contain_text(words)
    expect(story).to_contain_text("请先关阀")


def test_an_old_form_keeps_what_was_typed(town: Town, screen: Browser) -> None:
    [case_id] = arrives(town, "说不清楚的一件事", trusted=False)
    page = screen.open()
    become(town, page, "acceptor", f"/cases/{case_id}")
    form = page.locator("details.deed", has_text="作废")
    form.locator("summary").click()
    form.locator("textarea").fill("打错电话了,与本区无关")

    async def meanwhile(tx: Tx) -> None:
        await tx.run("update cases_case set version = version + 1 where id = :id", id=case_id)

    town.change(meanwhile)
    form.locator("button").click()
    expect(page.locator("#refused")).to_contain_text("别人已经改过")
    again = page.locator("details.deed", has_text="作废")
    expect(again.locator("textarea")).to_have_value("打错电话了,与本区无关")
    assert state_of(town, case_id) == "reported"
    again.locator("button").click()
    expect(page.locator(".case-line")).to_contain_text("作废")
    assert state_of(town, case_id) == "void"


def test_lists_are_filtered_paged_and_worked_by_keyboard(town: Town, screen: Browser) -> None:
    inside = {"class_code": "E0506", "trusted": False, "area_code": small_town.GRID_2}
    arrives(town, "楼道堆物", number=60, **inside)
    arrives(town, "路灯不亮", trusted=False, area_code=small_town.GRID_3)
    page = screen.open()
    become(town, page, "acceptor", f"/cases?area={small_town.GRID_2}")
    rows = page.locator("a.queue-open")
    expect(rows).to_have_count(50)
    first = rows.first.get_attribute("href")
    page.get_by_role("link", name="下一页").click()
    expect(rows).to_have_count(10)
    page.get_by_role("link", name="上一页").click()
    expect(rows).to_have_count(50)
    assert rows.first.get_attribute("href") == first

    page.get_by_label("区域").select_option(small_town.LIUSHU)
    page.get_by_role("button", name="筛选", exact=True).click()
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("路灯不亮")
    page.locator("#saved-name").fill("柳树")
    page.get_by_role("button", name="存为常用").click()
    expect(page.locator(".saved").get_by_role("link", name="柳树")).to_be_visible()

    page.goto(town.url + "/cases")
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.evaluate("document.activeElement.getAttribute('href')")
    assert second == rows.nth(1).get_attribute("href")
    page.keyboard.press("k")
    page.keyboard.press("?")
    expect(page.locator("dialog.queue-help")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/cases/[0-9a-f-]{36}$"))


FOCUSED = """
(() => {
  const here = document.activeElement;
  const label = here.labels?.[0]?.textContent ?? here.getAttribute("aria-label");
  const words = (label ?? here.textContent ?? "").trim() || here.title || here.alt || "";
  const box = here.getBoundingClientRect();
  return { tag: here.tagName, words, seen: box.width > 0 && box.height > 0 };
})()
"""


def tab_to(page: Page, tag: str, words: str) -> None:
    """With the Tab key alone; everything on the way is visible and says what it is."""
    for _ in range(120):
        page.keyboard.press("Tab")
        here = page.evaluate(FOCUSED)
        if here["tag"] == "BODY":
            continue
        assert here["words"], here
        assert here["seen"], here
        if here["tag"] == tag and words in here["words"]:
            return
    pytest.fail(f"the keyboard does not come to {words}")


def test_a_case_is_filed_without_touching_a_mouse(town: Town, screen: Browser) -> None:
    [case_id] = arrives(
        town,
        "键盘办理的水管爆裂",
        class_code="E0401",
        trusted=False,
        area_code=small_town.GRID_3,
    )
    page = screen.open()
    become(town, page, "acceptor", f"/cases?area={small_town.GRID_3}&q=键盘办理")
    expect(page.locator("a.queue-open")).to_have_count(1)
    tab_to(page, "A", "键盘办理的水管爆裂")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"/cases/{case_id}$"))
    form = page.locator("details.deed", has_text="确认立案").first
    if form.get_attribute("open") is None:
        tab_to(page, "SUMMARY", "确认立案")
        page.keyboard.press("Enter")
    tab_to(page, "SELECT", "分类")
    page.keyboard.type("E0401")
    tab_to(page, "BUTTON", form.locator("button").inner_text().strip())
    page.keyboard.press("Enter")
    expect(page.locator(".case-line")).to_contain_text("已立案")
    assert state_of(town, case_id) == "filed"

    # On paper stand the words and the story, and nothing to press.
    page.emulate_media(media="print")
    expect(page.locator("#story")).to_be_visible()
    expect(page.locator(".case-words")).to_be_visible()
    assert page.locator("form:visible, button:visible, nav:visible").count() == 0


def test_lists_work_without_a_script(town: Town, screen: Browser) -> None:
    arrives(town, "楼道堆物", number=2, class_code="E0506", trusted=False)
    screen.options["java_script_enabled"] = False
    page = screen.open()
    become(town, page, "acceptor", "/cases")
    page.get_by_label("只看超期").check()
    page.get_by_role("button", name="筛选", exact=True).click()
    expect(page.get_by_text("没有符合条件的事件。")).to_be_visible()
    page.get_by_label("只看超期").uncheck()
    page.get_by_role("button", name="筛选", exact=True).click()
    page.locator("a.queue-open").first.click()
    do(page, "写一条意见", text="已回电")
    expect(page.locator("ol.story")).to_contain_text("已回电")


def test_a_call_is_taken_down_with_its_class_and_the_neighbours(
    town: Town, screen: Browser
) -> None:
    arrives(town, "南门垃圾桶满溢", class_code="E0102", trusted=False)
    page = screen.open()
    become(town, page, "acceptor", "/cases/new")
    page.get_by_label("反映的情况").fill("小区门口垃圾堆了三天,臭得很")
    expect(page.locator('select[name="class_code"]')).to_have_value("E0102")
    expect(page.locator("[data-reason]")).to_contain_text("垃圾")
    picker = page.locator("place-picker[ready]")
    picker.locator("canvas").click(position={"x": 150, "y": 150})
    expect(page.locator('input[name="lon"]')).to_have_value(re.compile(r"^120\.1"))
    page.locator('input[name="lon"]').fill("120.1021")
    page.locator('input[name="lat"]').fill("30.1021")
    page.locator('input[name="lat"]').press("Tab")
    expect(page.locator("[data-near]")).to_contain_text("南门垃圾桶满溢")
    page.get_by_label("回访电话").fill("199 0000 0042")
    page.get_by_role("button", name="登记并分派").click()
    page.wait_for_url(re.compile(r"/cases/[0-9a-f-]{36}$"))
    expect(page.locator(".case-words")).to_contain_text("垃圾堆了三天")
    expect(page.locator(".facts").first).to_contain_text("199****0042")
    page.get_by_role("button", name="显示号码").click()
    expect(page.locator(".facts").first).to_contain_text("19900000042")
    expect(page.locator("ol.story")).to_contain_text("查看了回访电话")


def test_the_language_can_be_switched_on_every_page(town: Town, screen: Browser) -> None:
    page = screen.open()
    become(town, page, "district_officer", "/cases")
    page.get_by_role("button", name="English").click()
    for path, title in (
        ("/cases", "Cases"),
        ("/cases/new", "New case"),
        ("/offers", "Unanswered"),
        ("/calendar", "Holidays"),
        ("/settings", "Settings"),
        ("/today", "My day"),
    ):
        page.goto(town.url + path)
        expect(page.locator("h1")).to_contain_text(title)
        expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("h1")).to_contain_text("我的工作")


def test_the_wall_shows_what_arrives_and_corrects_its_numbers(
    town: Town, screen: Browser
) -> None:
    arrives(town, "早先的一件", class_code="E0506", trusted=False)
    open_one(town)
    page = screen.open()
    become(town, page, "district_officer", "/wall")
    expect(page.locator("[data-stream]")).to_have_attribute("data-stream", "open")
    expect(page.locator(".wall-map[ready] canvas")).to_be_visible()
    reported = page.locator('[data-total="reported"]')
    before = int(reported.inner_text())
    swept = page.locator('.wall-sweep [data-total="total"]').first
    doors = swept.inner_text()
    assert int(doors) > 0
    arrives(town, "刚刚发生的一件", class_code="E0506", trusted=False)
    newest = page.locator("[data-newest] li").first
    expect(newest).to_contain_text("刚刚发生的一件")
    expect(newest).to_have_class(re.compile("arrived"))
    expect(reported).to_have_text(str(before + 1))
    assert swept.inner_text() == doors, "the board of cases says nothing of a sweep"
    row = page.locator("tr[data-colour]", has_text="第一网格").first
    expect(row.locator(".wall-reason")).not_to_be_empty()


def test_the_map_draws_points_and_asks_nobody_but_the_server(
    town: Town, screen: Browser
) -> None:
    far = {"area_code": small_town.OTHER_GRID, "lon": 120.115, "lat": 30.104}
    [case_id] = arrives(town, "地图上的一件", class_code="E0506", trusted=False, **far)
    page = screen.open()
    strangers: list[str] = []
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((town.url, "blob:", "data:"))
            else strangers.append(request.url)
        ),
    )
    become(town, page, "district_officer", "/map")
    page.locator("live-map[ready]").wait_for()
    drawn = page.evaluate(
        """async () => {
          const canvas = document.querySelector(".map-ground canvas");
          await new Promise((done) => setTimeout(done, 500));
          return canvas.width > 0 && canvas.height > 0;
        }"""
    )
    assert drawn
    assert int(page.locator("live-map").get_attribute("points") or 0) >= 1
    area = page.locator("button[data-area]", has_text="槐荫社区").first
    area.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-cases-title]")).to_contain_text("1 件在办")
    page.locator("[data-cases] a").first.click()
    page.wait_for_url(f"**/cases/{case_id}")
    assert strangers == []


def test_rules_can_be_tried_moved_and_switched_off(town: Town, screen: Browser) -> None:
    page = screen.open()
    become(town, page, "district_officer", "/rules")
    before = town.ask(int, "select count(*) from cases_case")
    page.locator('input[name="words"]').fill("楼道里堆了杂物,轮椅过不去")
    page.get_by_role("button", name="试一试").click()
    expect(page.locator("#trial")).to_contain_text("规则")
    assert town.ask(int, "select count(*) from cases_case") == before
    names = page.locator("tbody tr td strong").all_inner_texts()
    page.get_by_role("button", name=f"下移“{names[0]}”").click()
    page.wait_for_load_state()
    assert page.locator("tbody tr td strong").all_inner_texts()[:2] == [names[1], names[0]]
    page.locator("tbody tr").first.get_by_role("button", name="停用").click()
    expect(page.locator("tbody tr").first).to_contain_text("已停用")


def test_a_table_is_uploaded_looked_at_and_imported(town: Town, screen: Browser) -> None:
    rows = ["工单编号,问题描述,地址,上报时间,区域编码"]
    rows += [
        f"A{n},楼道里堆了杂物第{n}处,杏花苑,2026-03-0{n % 9 + 1} 09:00,{small_town.GRID_1}"
        for n in range(1, 8)
    ]
    rows.append("A9,,杏花苑,2026-03-01 09:00,12")
    page = screen.open()
    become(town, page, "district_officer", "/cases/import")
    page.get_by_label("第一步").set_input_files(
        {
            "name": "旧台账.csv",
            "mimeType": "text/csv",
            "buffer": "\n".join(rows).encode("gb18030"),
        }
    )
    page.get_by_role("button", name="上传", exact=True).click()
    page.wait_for_url(re.compile(r"/cases/import/[0-9a-f-]{36}$"))
    expect(page.locator("#m-words")).to_have_value("问题描述")
    preview = page.locator("#preview")
    expect(preview).to_contain_text("新事件 7")
    expect(preview).to_contain_text("不能导入 1")
    before = town.ask(int, "select count(*) from cases_case")[0]
    page.get_by_role("button", name="开始导入").click()
    expect(page.locator("#progress h2")).to_have_text("已完成")
    assert town.ask(int, "select count(*) from cases_case")[0] == before + 7
    expect(page.get_by_role("link", name="下载没有导入的行和原因")).to_be_visible()
