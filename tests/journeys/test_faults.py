"""What goes wrong on an evening with seventeen thousand phones, one thing at a time. After each:
every tap that the phone showed as safe is in the account, once."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from browsing import Browser, Town
from playwright.sync_api import Locator, Page, expect
from walking import (
    DOORS,
    HEAD,
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
    sign_in_again,
)
from weather import Weather, weather

import small_town
from wangge.kernel.actors import system_actor
from wangge.kernel.crypto import vault_of
from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id
from wangge.people.commands.residents import Draft, end_household, register_household
from wangge.sweeps import Deed, Report, take
from wangge.sweeps.commands.dealing import redeal


@pytest.fixture
def sky(town: Town) -> Iterator[Weather]:
    """Fair, until a test says otherwise. The seed is fixed: what is lost is the same every time."""
    if not town.served:
        town.start()
    with weather(town.port, seed=20260318) as made:
        yield made


def begin(town: Town, phone: Browser, sky: Weather) -> tuple[UUID, Page]:
    """A round is open and its board is on the phone."""
    round_id = open_one(town)
    page = phone.open()
    sign_in(page, town, url=sky.url)
    open_board(page)
    return round_id, page


def tap_all(page: Page, most: int = DOORS) -> None:
    """As fast as a thumb never is."""
    page.evaluate(
        """
        (most) => [...document.querySelectorAll("button.door[data-outcome=none]")]
          .slice(0, most).forEach((one) => one.click())
        """,
        most,
    )


def kept(page: Page, count: int) -> set[str]:
    """Until so many doors are shown as safe."""
    expect(
        page.locator("button.door[data-state=waiting], button.door[data-state=sent]")
    ).to_have_count(count, timeout=60_000)
    return safe(page)


def test_thirty_requests_of_a_hundred_are_lost(
    town: Town, phone: Browser, sky: Weather
) -> None:
    round_id, page = begin(town, phone, sky)
    sky.lost = 0.3
    tap_all(page, 15)
    kept(page, 15)
    tap_all(page, 15)
    kept(page, 30)
    tap_all(page)
    shown = kept(page, DOORS)
    all_sent(page)
    assert sky.failures > 0
    assert len(shown) == DOORS
    assert_kept_once(town, round_id, shown)


def test_batches_arrive_in_pieces_backwards_and_twice(
    town: Town, phone: Browser, sky: Weather
) -> None:
    round_id, page = begin(town, phone, sky)
    sky.lost = 1.0
    tap_all(page, 12)
    kept(page, 12)
    # One door is reported twice and one is taken back: order matters there.
    door(page, "1001").click(delay=800)
    page.get_by_role("button", name="无人").click()
    page.get_by_role("button", name="存下:无人").click()
    door(page, "1002").click(delay=800)
    page.get_by_role("button", name="撤回我报的").click()
    expect(door(page, "1002")).to_have_attribute("data-outcome", "none")
    shown = safe(page)
    twice = {door(page, room).get_attribute("data-door") for room in ("1001", "1002")}
    sky.scattered, sky.lost = True, 0.0
    all_sent(page)
    assert max(sky.batches) > 1
    lines = account(town, round_id)
    assert {id_: lines[id_].reports for id_ in shown} == {
        id_: 2 if id_ in twice else 1 for id_ in shown
    }
    stands = {door(page, room).get_attribute("data-door"): room for room in ("1001", "1002")}
    assert {stands[id_]: lines[id_].outcome for id_ in twice if id_} == {
        "1001": "nobody",
        "1002": None,
    }


def test_the_server_is_killed_while_it_holds_a_batch(
    town: Town, phone: Browser, sky: Weather
) -> None:
    round_id, page = begin(town, phone, sky)
    sky.lost = 1.0
    tap_all(page, 20)
    shown = kept(page, 20)
    sky.struck, sky.lost = town.kill, 0.0
    expect(page.get_by_text(re.compile("网络不通|正在发送"))).to_be_visible()
    page.evaluate("dispatchEvent(new Event('online'))")
    struck = page.locator("button.door[data-state=sent]")
    expect(struck).to_have_count(0)
    while sky.struck is not None:
        page.wait_for_timeout(100)
    town.stop()
    town.start()
    all_sent(page)
    assert_kept_once(town, round_id, shown)


def test_the_phone_is_killed_between_a_tap_and_its_keeping(
    town: Town, phone: Browser, sky: Weather
) -> None:
    round_id, page = begin(town, phone, sky)
    sky.lost = 1.0
    tap_all(page)
    expect(page.locator("button.door[data-state=waiting]").first).to_be_visible()
    shown = safe(page)
    assert shown
    phone.kill()

    page = phone.open()
    assert phone.context is not None
    phone.context.clear_cookies()  # a browser killed so soon may or may not have written them
    page.goto(f"{sky.url}/field/")
    open_board(page, first=False)
    again = safe(page)
    assert shown <= again
    sky.lost = 0.0
    sign_in_again(page, town)
    all_sent(page)
    assert_kept_once(town, round_id, again)
    told = {id_ for id_, line in account(town, round_id).items() if line.reports}
    assert told == again


def left_of(page: Page) -> Locator:
    """What is left of the round's time, above its board."""
    return page.locator(".stairs-head .todo small")


#: The phone's clock, wrong by so many seconds; whatever is counted from it goes on at its pace.
WRONG_CLOCK = """
const Real = Date;
const wrong = () => Real.now() + %d * 1000;
Date = class extends Real {
  constructor(...given) { if (given.length) super(...given); else super(wrong()); }
  static now() { return wrong(); }
};
"""


@pytest.mark.parametrize("seconds", [86_400, -86_400])
def test_a_clock_a_day_wrong_changes_nothing_but_what_is_noted(
    town: Town, phone: Browser, sky: Weather, seconds: int
) -> None:
    round_id = open_one(town)
    page = phone.open()
    page.add_init_script(WRONG_CLOCK % seconds)
    sign_in(page, town, url=sky.url)
    open_board(page)
    expect(left_of(page)).to_have_text(re.compile("还剩 (5\\d|60) 分钟"))
    assert left_of(page).get_attribute("class") == "", "neither late nor soon"
    tap_all(page, 5)
    kept(page, 5)
    all_sent(page)
    sky.lost = 1.0
    # Said once more and taken back: what came after what is told by no clock.
    door(page, "801").click()
    expect(door(page, "801")).to_have_attribute("data-state", "waiting")
    page.get_by_role("button", name="撤回 801").click()
    expect(door(page, "801")).to_have_attribute("data-outcome", "none")
    tap_all(page, 3)
    shown = kept(page, 9)
    phone.close()

    page = phone.open()
    page.add_init_script(WRONG_CLOCK % seconds)
    page.goto(f"{sky.url}/field/")
    open_board(page, first=False)
    expect(left_of(page)).to_have_text(re.compile("还剩 (5\\d|60) 分钟"))
    assert shown <= safe(page)
    sky.lost = 0.0
    all_sent(page)
    twice = str(door(page, "801").get_attribute("data-door"))
    lines = account(town, round_id)
    assert {id_: lines[id_].reports for id_ in shown} == {
        id_: 2 if id_ == twice else 1 for id_ in shown
    }
    off = town.ask(int, "select clock_off from sweeps_report where round_id = :r", r=round_id)
    assert off
    assert all(abs(wrong - seconds) < 120 for wrong in off)


def test_a_full_phone_says_that_a_tap_was_not_kept(
    town: Town, phone: Browser, sky: Weather
) -> None:
    round_id, page = begin(town, phone, sky)
    sky.lost = 1.0
    tap_all(page, 2)
    shown = kept(page, 2)
    page.evaluate(
        """
        () => {
          const put = IDBObjectStore.prototype.put;
          window.full = true;
          IDBObjectStore.prototype.put = function (...given) {
            if (window.full) throw new DOMException("no room", "QuotaExceededError");
            return put.apply(this, given);
          };
        }
        """
    )
    door(page, "801").click()
    expect(page.get_by_role("alert")).to_contain_text("801 没有存下")
    expect(door(page, "801")).to_have_attribute("data-outcome", "none")
    assert safe(page) == shown
    page.evaluate("window.full = false")
    door(page, "801").click()
    shown = kept(page, 3)
    sky.lost = 0.0
    all_sent(page)
    assert_kept_once(town, round_id, shown)


def test_a_worker_is_replaced_while_the_phone_is_out_of_reach(
    town: Town, phone: Browser, sky: Weather
) -> None:
    round_id, page = begin(town, phone, sky)
    sky.lost = 1.0
    tap_all(page, 6)
    shown = kept(page, 6)

    async def replace(tx: Tx) -> None:
        await redeal(tx, round_id, HEAD.id, [small_town.PEOPLE["volunteer"].id])

    town.change(replace)
    sky.lost = 0.0
    all_sent(page)
    page.locator(".tabs a.sweep").click()
    expect(page.get_by_text(re.compile("已经转给别人,名册已删除"))).to_be_visible()
    assert_kept_once(town, round_id, shown)


def test_the_office_typed_a_door_in_while_the_phone_was_out_of_reach(
    town: Town, phone: Browser, sky: Weather
) -> None:
    round_id, page = begin(town, phone, sky)
    sky.lost = 1.0
    tap_all(page, 3)
    shown = kept(page, 3)
    theirs = str(door(page, "1001").get_attribute("data-door"))
    assert theirs in shown

    async def typed(tx: Tx) -> None:
        body = Report(
            round=round_id, door=UUID(theirs), block=UNIT, outcome="nobody", how="paper"
        )
        await take(tx, [Deed(new_id(tx.now), system_actor(tx.actor.district), body)])

    town.change(typed)
    sky.lost = 0.0
    all_sent(page)
    expect(page.get_by_text("1 户和别人报的不一样")).to_be_visible()
    lines = account(town, round_id)
    assert lines[theirs].reports == 2, "both are kept"
    assert_kept_once(town, round_id, shown - {theirs})


def test_the_office_changes_the_roster_while_the_phone_is_out_of_reach(
    town: Town, phone: Browser, sky: Weather
) -> None:
    round_id, page = begin(town, phone, sky)
    families = {
        room: str(door(page, room).get_attribute("data-door")) for room in ("101", "201")
    }
    empty = str(door(page, "1004").get_attribute("data-door"))
    sky.lost = 1.0
    tap_all(page)
    shown = kept(page, DOORS)

    async def moved(tx: Tx) -> None:
        """One family goes, another comes in its place, and one behind a door that stood empty."""
        vault = vault_of(tx.actor.district)
        free = await tx.one(
            UUID, "select dwelling_id from people_household where id = :id", id=families["101"]
        )
        await end_household(tx, vault, UUID(families["101"]))
        await register_household(tx, vault, free, [Draft("周新来")])
        await register_household(tx, vault, UUID(empty), [Draft("吴后到")])

    town.change(moved)

    def joined() -> list[str]:
        return town.ask(
            str,
            """
            select id::text from sweeps_door
             where round_id = :round and block_id = :unit and joined = 'moved_in'
            """,
            round=round_id,
            unit=UNIT,
        )

    for _ in range(300):
        if len(joined()) == 2:
            break
        page.wait_for_timeout(100)
    sky.lost = 0.0
    all_sent(page)
    # Every tap is there, also that of the family which had gone by then, and nothing was said of
    # those who came since.
    mine = town.ask(
        str,
        "select door_id::text from sweeps_report where round_id = :round and by_id = :me",
        round=round_id,
        me=HEAD.id,
    )
    assert sorted(mine) == sorted(shown)
    page.reload()
    enter_pin(page)
    for id_ in joined():
        came = page.locator(f"button.door[data-door='{id_}']")
        expect(came).to_have_attribute("data-outcome", "none")
        expect(came).to_contain_text("新搬来")
    expect(page.locator(f"button.door[data-door='{families['101']}']")).to_have_class(
        re.compile("gone")
    )
    assert account(town, round_id)[families["201"]].outcome == "all"


def test_thirty_requests_of_a_hundred_are_lost_for_ten_minutes(
    town: Town, phone: Browser, sky: Weather
) -> None:
    round_id = open_one(town)
    page = phone.open()
    page.clock.install()
    sign_in(page, town, url=sky.url)
    open_board(page)
    sky.lost = 0.3
    # Ten minutes by the phone's clock, a door every quarter of a minute: what it waits for between
    # two tries is the same as in the street.
    for second in range(0, 600, 3):
        if second % 15 == 0:
            tap_all(page, 1)
        page.clock.run_for(3_000)
        page.wait_for_timeout(30)
    shown = kept(page, DOORS)
    assert sky.failures > 20
    sky.lost = 0.0
    for _ in range(30):
        page.clock.run_for(3_000)
        page.wait_for_timeout(100)
    all_sent(page)
    assert_kept_once(town, round_id, shown)
