"""Who visits at home sees the whole stairwell and goes to a few doors of it: those are framed."""

import re
from pathlib import Path
from uuid import UUID

import pytest
from browsing import Browser, Town
from playwright.sync_api import Locator, Page, expect
from walking import UNIT, account, all_sent, door, open_board, open_one, safe, sign_in

from small_town import PEOPLE, XINGHUA
from wangge.kernel.actors import system_actor
from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id
from wangge.people.commands.teams import form_team
from wangge.people.model import Member
from wangge.sweeps import Deed, Report, take
from wangge.sweeps.acts import DEAL
from wangge.sweeps.commands.splitting import Accept, Floors, accept
from wangge.sweeps.ground import home_question
from wangge.sweeps.kinds import kind_as_opened
from wangge.sweeps.queries import rounds
from wangge.sweeps.splitting import proposed

VISITOR = PEOPLE["volunteer"]


@pytest.fixture(autouse=True)
def _served(town: Town) -> None:
    if not town.served:
        town.start()


def visited(town: Town) -> UUID:
    """A round in which somebody of 101 cannot come out and 902 asked to be visited; the volunteer
    was sent to both."""
    round_id = open_one(town)

    async def work(tx: Tx) -> None:
        lines = await tx.many(
            str,
            """
            select room || ' ' || id from sweeps_door
             where round_id = :round and block_id = :unit
            """,
            round=round_id,
            unit=UNIT,
        )
        rooms = {room: UUID(id_) for room, id_ in (line.split() for line in lines)}
        await tx.run("update sweeps_door set special = '{}' where round_id = :id", id=round_id)
        await tx.run(
            """
            update sweeps_door set special = array[(select min(id::text)::uuid from people_resident
                                                     where household_id = :id)]
             where round_id = :round and id = :id
            """,
            round=round_id,
            id=rooms["101"],
        )
        asks = Report(
            round=round_id, door=rooms["902"], block=UNIT, outcome="visit", how="door"
        )
        await take(tx, [Deed(new_id(tx.now), system_actor(tx.actor.district), asks)])
        team = await form_team(tx, "testing", XINGHUA, [Member(VISITOR.id, "扫码登记")])
        round_ = await rounds.round_(tx, tx.reach(DEAL), round_id)
        kind = await kind_as_opened(tx, round_id)
        made = proposed(await home_question(tx, round_, XINGHUA, kind, team.team.id, ()))
        floors = [
            Floors(piece.block_id, one.worker_id, piece.floor_from, piece.floor_to)
            for one in made.portions
            for piece in one.pieces
        ]
        await accept(tx, Accept(round_id, XINGHUA, made.seen, floors, None, "home"))

    town.change(work)
    return round_id


def frame(cell: Locator) -> tuple[str, float]:
    """What stands around a door, and how strongly it is drawn."""
    style, opacity = cell.evaluate(
        "one => [getComputedStyle(one).outlineStyle, Number(getComputedStyle(one).opacity)]"
    )
    return str(style), float(opacity)


def framed(page: Page) -> list[str]:
    """Rooms that stand out."""
    found: list[str] = page.eval_on_selector_all(
        "button.door",
        """
        all => all.filter(one => getComputedStyle(one).outlineStyle === "solid")
          .map(one => one.querySelector("b").textContent).sort()
        """,
    )
    return found


def broken(page: Page) -> list[str]:
    """Rooms whose number stands in two lines or sticks out of its door."""
    found: list[str] = page.eval_on_selector_all(
        "button.door b",
        """
        all => all.filter(one => one.scrollWidth > one.clientWidth + 1
            || one.clientHeight > 1.7 * parseFloat(getComputedStyle(one).fontSize))
          .map(one => one.textContent)
        """,
    )
    return found


def test_the_doors_to_visit_are_framed_counted_and_reported(
    town: Town, phone: Browser, shots: Path
) -> None:
    round_id = visited(town)
    page = phone.open()
    sign_in(page, town, VISITOR.key)
    page.get_by_role("link", name="清查").click()
    card = page.get_by_role("link", name=re.compile("杏花苑 1幢1单元"))
    expect(card).to_contain_text("★ 上门")
    expect(card).to_contain_text("还差 2 户")
    page.screenshot(path=str(shots / "home-team-list.png"))
    open_board(page)
    expect(page.get_by_text("您来上门:只去亮着的这几家")).to_be_visible()
    expect(page.locator(".stairs-head .todo")).to_contain_text("还差 2 户")
    page.screenshot(path=str(shots / "home-team-board.png"), full_page=True)
    assert framed(page) == ["101", "902"]
    # A colour or a frame is no word: whoever is read to hears it too.
    expect(door(page, "902")).to_have_attribute("aria-label", re.compile("要您上门"))
    expect(door(page, "901")).not_to_have_attribute("aria-label", re.compile("要您上门"))
    assert frame(door(page, "101")) == ("solid", 1.0)
    assert frame(door(page, "901"))[1] < 1
    assert broken(page) == [], "100 above 1 is no room"
    page.evaluate("document.documentElement.classList.add('large')")
    assert broken(page) == []
    page.screenshot(path=str(shots / "home-team-large.png"))
    page.evaluate("document.documentElement.classList.remove('large')")

    door(page, "101").click()
    expect(door(page, "101")).to_have_attribute("data-outcome", "all")
    door(page, "902").click()
    page.locator(".outcome[data-outcome=all]").click()
    page.get_by_role("button", name=re.compile("^存下")).click()
    expect(page.locator(".stairs-head .todo")).to_contain_text("都报了")
    all_sent(page)
    shown = safe(page)
    lines = account(town, round_id)
    assert {lines[id_].outcome for id_ in shown} == {"all"}
    assert len(shown) == 2
    page.screenshot(path=str(shots / "home-team-done.png"), full_page=True)
