"""A testing round: called down by the stairwell at a desk, sampled on a phone without a network,
tube by tube, and looked over at the desk again."""

import re
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from browsing import Browser, Town
from declaring import a_live_one
from playwright.sync_api import Page, expect
from test_stairwell import back, cut
from walking import UNIT, account, all_sent, door, open_board, open_one, sign_in

import small_town
from small_town import MICRO_1A, XINGHUA, dwelling_id, household_id, resident_id, town_id
from town_fixtures import VAULT
from wangge.kernel.actors import system_actor
from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id
from wangge.people import commands as people
from wangge.people.commands.teams import form_team
from wangge.people.model import HouseholdRow, Member, ResidentRow
from wangge.people.roster import actor_of
from wangge.sweeps.commands.testing import Filling, Sampled, fill
from wangge.sweeps.labels import code

#: Households beside the small town's own behind 101 (three people) and 201 (two).
MORE = {"301": 4, "401": 1}


async def furnish(tx: Tx) -> None:
    """More people in the stairwell, one of whom cannot come out; a response; a home team."""
    homes: list[HouseholdRow] = []
    residents: list[ResidentRow] = []
    for room, size in MORE.items():
        home = town_id(f"household/{room}")
        where = dwelling_id(f"1-1-1-{room}")
        homes.append(HouseholdRow(home, where, MICRO_1A, UNIT, "family", date(2020, 1, 1)))
        for at in range(size):
            residents.append(
                ResidentRow(
                    town_id(f"resident/{room}/{at}"),
                    home,
                    MICRO_1A,
                    UNIT,
                    f"{'子丑'[room == '401']}居民{room}{at}",
                    "female",
                    1980,
                    "",
                    "",
                    "head" if at == 0 else "child",
                    ("reduced_mobility",) if room == "401" else (),
                )
            )
    await people.load_households(tx, VAULT, homes)
    await people.load_residents(tx, VAULT, residents)
    await form_team(
        tx, "testing", XINGHUA, [Member(small_town.PEOPLE["volunteer"].id, "扫码登记")]
    )
    officers = [
        await actor_of(tx, small_town.PEOPLE[key].id)
        for key in ("street_officer", "district_officer")
    ]
    tx.actor = system_actor(tx.actor.district)
    await a_live_one(tx, *officers, starts_at=tx.now, ends_at=tx.now + timedelta(days=2))


def look(page: Page, shots: Path, name: str) -> None:
    page.screenshot(path=str(shots / f"samples-{name}.png"), full_page=True)


def choose(page: Page, *which: int) -> None:
    """Tick these people of the door, by their place in the list."""
    boxes = page.locator("wg-tube .one-person input")
    for at in range(boxes.count()):
        boxes.nth(at).set_checked(at in which)


def into(page: Page, text: str, mode: str = "") -> None:
    """The code as typed, and how the tube is filled."""
    if mode:
        page.get_by_role("button", name=mode).click()
    page.get_by_label(re.compile("管码")).fill(text)


def close_tube(page: Page, people: int) -> None:
    page.get_by_role("button", name=f"装管:{people} 人").click()


def to_board(page: Page) -> None:
    page.locator("a.back").click()
    expect(door(page, "101")).to_be_visible()


def test_a_stairwell_is_called_down_sampled_offline_and_looked_over_at_the_desk(
    town: Town, phone: Browser, screen: Browser, shots: Path
) -> None:
    if not town.served:
        town.start()
    town.change(furnish)
    round_id = open_one(town, kind="testing", minutes=600)
    labels = {n: code(round_id, n) for n in range(1, 6)}

    desk = screen.open()
    assert screen.context is not None
    town.sign_in(screen.context, "community_officer")
    desk.goto(f"{town.url}/sweeps/{round_id}/testing")
    desk.get_by_role("link", name="打印管标签").click()
    desk.get_by_label("打几张").fill("24")
    look(desk, shots, "labels")
    desk.get_by_role("button", name="打印新标签").click()
    expect(desk.locator(".label")).to_have_count(24)
    expect(desk.get_by_text(labels[1])).to_be_visible()
    look(desk, shots, "label-sheet")
    desk.goto(f"{town.url}/sweeps/{round_id}/testing")
    desk.get_by_label("每批约多少人").fill("10")
    desk.get_by_role("button", name="分批").click()
    desk.get_by_role("button", name="叫第 1 批下楼").click()
    expect(desk.get_by_text(re.compile("已叫$")).first).to_be_visible()
    look(desk, shots, "called")

    page = phone.open()
    sign_in(page, town)
    open_board(page)
    expect(page.get_by_text("第 1 批:已叫下楼采样")).to_be_visible()
    cut(phone, town)
    expect(page.get_by_text("没有网络 · 照常使用")).to_be_visible()

    # 101: one alone, after a slip; the other two into a tube for five, which stays in hand.
    door(page, "101").click(delay=800)
    expect(page.get_by_role("button", name=re.compile("装管"))).to_be_visible()
    assert page.get_by_text("请先选情况").count() == 0, (
        "nothing lies over the tube's own button"
    )
    slip = labels[1][:-2] + str((int(labels[1][-2]) + 1) % 10) + labels[1][-1]
    into(page, slip, "单采")
    expect(page.get_by_text("管码抄错了")).to_be_visible()
    into(page, labels[1])
    expect(page.get_by_text("这支管放不下这么多人")).to_be_visible()
    choose(page, 0)
    close_tube(page, 1)
    expect(page.get_by_text(f"管 {labels[1]} 装好 1 人,请封管")).to_be_visible()
    into(page, labels[2], "5 合 1")
    choose(page, 1, 2)
    close_tube(page, 2)
    expect(page.get_by_text("已装 2 人,还能装 3 人")).to_be_visible()
    look(page, shots, "tube")
    to_board(page)
    expect(door(page, "101")).to_have_attribute("data-outcome", "all")

    # The phone dies; the tube is still in hand when its code is typed or scanned again.
    phone.close()
    page = phone.open(offline=True)
    page.goto(f"{town.url}/field/")
    open_board(page, first=False)
    expect(door(page, "101")).to_have_attribute("data-state", "waiting")
    door(page, "201").click(delay=800)
    into(page, labels[2].lower(), "5 合 1")
    expect(page.get_by_text("这支管里已有 2 人,还能装 3 人")).to_be_visible()
    close_tube(page, 2)
    to_board(page)

    # 301: the fifth closes that tube; a household's tube that was wrong is taken back.
    door(page, "301").click(delay=800)
    expect(page.get_by_text("这支管放不下这么多人")).to_be_visible()
    choose(page, 0)
    close_tube(page, 1)
    expect(page.get_by_text(f"管 {labels[2]} 装好 5 人,请封管")).to_be_visible()
    into(page, labels[3], "一户一管")
    choose(page, 1, 2, 3)
    close_tube(page, 3)
    expect(page.get_by_text(f"管 {labels[3]} 装好 3 人,请封管")).to_be_visible()
    line = page.locator(".tube-line", has_text=labels[3])
    line.get_by_role("button", name="登记错了").click()
    look(page, shots, "taking-back")
    line.get_by_role("button", name="撤回这支管").click()
    expect(page.get_by_text(f"管 {labels[3]} 已撤回")).to_be_visible()
    to_board(page)
    expect(door(page, "301")).to_have_attribute("data-outcome", "some")
    door(page, "301").click(delay=800)
    into(page, labels[4], "一户一管")
    close_tube(page, 3)
    to_board(page)
    for room in ("101", "201", "301"):
        expect(door(page, room)).to_have_attribute("data-outcome", "all")
    look(page, shots, "board")

    # Meanwhile somebody else has sampled the first of 101 too.
    async def elsewhere(tx: Tx) -> None:
        one = [Sampled(household_id(1), resident_id(1))]
        await fill(tx, Filling(round_id, new_id(tx.now), "LAB-1", "single", one))

    town.change(elsewhere)
    back(phone, town)
    all_sent(page)
    lines = account(town, round_id)
    for home in (household_id(1), household_id(13), town_id("household/301")):
        assert lines[str(home)].outcome == "all"
    assert in_tubes(town, round_id) == {
        labels[1]: 1,
        labels[2]: 5,
        labels[4]: 3,
        "LAB-1": 1,
    }

    desk.reload()
    expect(desk.get_by_text("上门采样(1 户)")).to_be_visible()
    expect(desk.get_by_text("1 人在两支管里").first).to_be_visible()
    row = desk.get_by_role("row", name=re.compile("LAB-1"))
    row.get_by_role("button", name="登记错了,撤回").click()
    expect(desk.get_by_role("row", name=re.compile("LAB-1"))).to_contain_text("已撤回")
    expect(desk.get_by_text("人在两支管里")).to_have_count(0)
    assert account(town, round_id)[str(household_id(1))].outcome == "all"
    desk.get_by_role("button", name="交给上门组").click()
    (floors,) = town.ask(
        str,
        """
        select s.floor_from || '-' || s.floor_to from sweeps_share s
         where s.round_id = :round and s.worker_id = :who and s.until_at is null
        """,
        round=round_id,
        who=small_town.PEOPLE["volunteer"].id,
    )
    assert floors == "4-4"
    missed = desk.locator("section", has=desk.get_by_role("heading", name=re.compile("漏检")))
    expect(missed.get_by_text("401")).to_be_visible()
    expect(missed.get_by_text("301")).to_have_count(0)
    look(desk, shots, "desk")
    desk.set_viewport_size({"width": 360, "height": 740})
    look(desk, shots, "desk-360")


def in_tubes(town: Town, round_id: UUID) -> dict[str, int]:
    """Live tubes with how many people are in each."""
    found = town.ask(
        str,
        """
        select t.code || ' ' || count(s.*) from sweeps_tube t
          left join sweeps_sample s on s.tube_id = t.id
         where t.round_id = :round and t.withdrawn_at is null group by t.code
        """,
        round=round_id,
    )
    return {line.rpartition(" ")[0]: int(line.rpartition(" ")[2]) for line in found}
