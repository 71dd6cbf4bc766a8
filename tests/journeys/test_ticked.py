"""The secretary ticks people on their list, does one thing to all, sees to whom it was not done, and
takes it back."""

from pathlib import Path

from browsing import Browser, Town
from playwright.sync_api import expect

from wangge.kernel.database import Tx

RESIDENTS = """
    select count(*)::int from people_resident where ended_on is null and 'infant' = any (tags)
"""


def noted(town: Town) -> int:
    [found] = town.ask(int, RESIDENTS)
    return found


def test_people_are_ticked_done_to_and_taken_back(
    town: Town, screen: Browser, shots: Path
) -> None:
    page = screen.open()
    assert screen.context is not None
    town.sign_in(screen.context, "community_officer")
    before = noted(town)
    # Nobody was ticked: it says so, and does nothing to anybody.
    page.goto(f"{town.url}/residents")
    page.get_by_role("button", name="对勾选的人做一件事").click()
    expect(page.locator(".alert-danger")).to_contain_text("还没有勾选人")
    page.goto(f"{town.url}/residents")
    boxes = page.locator("input[name=who]")
    for at in range(3):
        boxes.nth(at).check()
    gone = boxes.nth(0).get_attribute("value")
    page.get_by_role("button", name="对勾选的人做一件事").click()
    expect(page.get_by_text("勾选的 3 人")).to_be_visible()

    async def leaves(tx: Tx) -> None:
        await tx.run(
            "update people_resident set ended_on = since, ended_why = 'moved_away' where id = :id",
            id=gone,
        )

    town.change(leaves)  # while the secretary chooses what to do
    page.get_by_label("登记一种需求").check()
    page.get_by_label("哪种需求(登记、结束时)").select_option("infant")
    page.get_by_role("button", name="预览").click()
    outcome = page.locator("#outcome")
    expect(outcome).to_contain_text("名单上 3 人,要改 2 人")
    expect(outcome).to_contain_text("已经离开登记")
    page.screenshot(path=str(shots / "ticked-preview.png"), full_page=True)
    page.get_by_role("button", name="改这 2 人").click()
    done = page.locator(".alert-success")
    expect(done).to_contain_text("已改 2 人")
    expect(done).to_contain_text("已经离开登记")
    assert noted(town) == before + 2
    page.get_by_role("button", name="撤销").first.click()
    expect(page.locator(".alert-info")).to_contain_text("已撤销")
    assert noted(town) == before
