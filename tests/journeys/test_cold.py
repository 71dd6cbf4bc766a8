"""The PIN is asked for by the page itself, before its app has been read: nothing typed is lost."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from browsing import Browser, Town
from playwright.sync_api import Locator, Page, expect
from test_stairwell import cut
from walking import PIN, UNIT, door, enter_pin, open_board, open_one, sign_in

#: The app waits for its storage until the test lets it go on: a slow phone, as slow as one likes.
HELD = """
const open = IDBFactory.prototype.open;
const gate = new Promise((free) => { window.free = free; });
IDBFactory.prototype.open = function (...given) {
  const asked = open.apply(this, given);
  const listen = asked.addEventListener.bind(asked);
  asked.addEventListener = (name, then, ...more) => listen(
    name, name === "success" ? (event) => gate.then(() => then(event)) : then, ...more);
  return asked;
};
"""


@pytest.fixture(autouse=True)
def _served(town: Town) -> None:
    if not town.served:
        town.start()


def walked(phone: Browser, town: Town) -> str:
    """A board has been opened on this phone, whose network is cut then. Answers where it is."""
    open_one(town)
    page = phone.open()
    sign_in(page, town)
    open_board(page)
    return page.url


def cold(phone: Browser, town: Town, where: str) -> tuple[Page, Locator]:
    """Started anew without a network; the app does not come yet. The page's own field."""
    cut(phone, town)
    phone.close()
    page = phone.open(offline=True)
    page.add_init_script(HELD)
    page.goto(where)
    return page, page.locator("#first input")


@pytest.mark.parametrize(("before", "by"), [("", "board"), (PIN[:4], "code"), (PIN, "board")])
def test_digits_typed_before_the_app_is_there_are_not_lost(
    town: Town, phone: Browser, before: str, by: str
) -> None:
    where = walked(phone, town)
    if by == "code":
        where = f"{town.url}/field/#stair/{UNIT.hex}"
    page, field = cold(phone, town, where)
    expect(field).to_be_focused()
    page.keyboard.type(before)
    expect(field).to_have_value(before)
    assert page.locator("wg-pin").count() == 0, "the app is there already"
    expect(page.get_by_role("status").filter(has_text="正在打开")).to_have_count(
        1 if before == PIN else 0
    )
    page.evaluate("window.free()")
    if before != PIN:
        expect(page.locator("wg-pin input")).to_be_focused()
        page.keyboard.type(PIN.removeprefix(before))
    expect(door(page, "101")).to_be_visible()
    assert PIN[:3] not in page.url


def test_the_pages_own_field_stands_where_the_apps_will_in_ones_language_and_size(
    town: Town, phone: Browser, shots: object
) -> None:
    where = walked(phone, town)
    page = phone.context.pages[0] if phone.context else None
    assert page is not None
    page.get_by_role("link", name="我的").click()
    page.get_by_role("button", name="English").click()
    page.get_by_label("Large type").check()
    page, field = cold(phone, town, where)
    expect(page.get_by_role("heading", name="The roster's PIN")).to_be_visible()
    expect(page.get_by_role("textbox", name="6-digit PIN")).to_be_focused()
    assert not re.search("[一-鿿]", page.locator("#first").inner_text())
    page.screenshot(path=f"{shots}/cold-first.png")
    before = field.bounding_box()
    page.evaluate("window.free()")
    expect(page.locator("wg-pin input")).to_be_focused()
    page.screenshot(path=f"{shots}/cold-app.png")
    assert page.locator("wg-pin input").bounding_box() == before


def test_nobody_is_asked_for_a_pin_that_is_no_more(town: Town, phone: Browser) -> None:
    where = walked(phone, town)
    page = phone.context.pages[0] if phone.context else None
    assert page is not None
    page.get_by_role("link", name="我的").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_label("登录名")).to_be_visible()
    page, field = cold(phone, town, where)
    expect(page.get_by_text("正在打开… · Opening…")).to_be_visible()
    expect(field).to_be_hidden()
    page.evaluate("window.free()")
    expect(page.get_by_label("登录名")).to_be_visible()


def mistaken(phone: Browser, town: Town) -> tuple[Page, Locator]:
    """Five wrong ones have been typed; the page's time is the test's. Its field waits."""
    where = walked(phone, town)
    phone.close()
    page = phone.open()
    page.clock.install()
    page.goto(where)
    for n in range(5):
        enter_pin(page, f"31415{n}")
        expect(page.get_by_role("alert")).to_contain_text(
            "请等 30 秒再输" if n == 4 else f"还可以试 {9 - n} 次"
        )
    field = page.get_by_role("textbox", name="6 位数字密码")
    expect(field).to_be_disabled()
    return page, field


def test_after_five_wrong_ones_the_wait_is_counted_down(town: Town, phone: Browser) -> None:
    page, field = mistaken(phone, town)
    page.clock.run_for(10_000)
    expect(page.get_by_text(re.compile("还要等 (20|19|18) 秒"))).to_be_visible()
    page.clock.run_for(21_000)
    expect(field).to_be_focused()
    expect(page.get_by_role("alert")).to_have_count(0)
    enter_pin(page, PIN)
    expect(door(page, "101")).to_be_visible()


def test_a_clock_set_back_has_nobody_wait_longer(town: Town, phone: Browser) -> None:
    page, field = mistaken(phone, town)
    now = datetime.fromtimestamp(page.evaluate("Date.now()") / 1000, UTC)
    page.clock.set_system_time(now - timedelta(hours=1))
    page.clock.run_for(31_000)
    expect(field).to_be_focused()
    enter_pin(page, PIN)
    expect(door(page, "101")).to_be_visible()


def test_who_forgot_the_pin_does_not_wait_for_it(town: Town, phone: Browser) -> None:
    page, field = mistaken(phone, town)
    page.get_by_role("button", name="忘记密码").click()
    page.get_by_role("button", name="删掉名册,重设密码").click()
    expect(page.get_by_role("heading", name="给名册设一个 6 位密码")).to_be_visible()
    expect(field).to_be_enabled()
    expect(page.get_by_text("还要等")).to_have_count(0)
    for _ in range(2):
        enter_pin(page, PIN)
    expect(door(page, "101")).to_be_visible()


def test_a_key_that_went_while_it_was_typed_takes_no_digits(town: Town, phone: Browser) -> None:
    where = walked(phone, town)
    page, _ = cold(phone, town, where)
    page.keyboard.type(PIN)
    # Another tab gave the key up meanwhile.
    page.evaluate(
        """
        () => new Promise((done) => {
          const asked = indexedDB.open("wangge-field");
          asked.onsuccess = () => {
            const tx = asked.result.transaction("keep", "readwrite");
            const shelf = tx.objectStore("keep");
            shelf.getAllKeys().onsuccess = ({ target }) => target.result
              .filter((key) => key.startsWith("vault ")).forEach((key) => shelf.delete(key));
            tx.oncomplete = () => { asked.result.close(); done(); };
          };
        })
        """
    )
    page.evaluate("window.free()")
    expect(page.get_by_text("第一次打开名册要有网络")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("再输一遍"))).to_have_count(0)
