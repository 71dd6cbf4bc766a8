"""A round in a stairwell of forty doors, and somebody who walks it with a phone."""

import re
from dataclasses import dataclass
from uuid import UUID

import msgspec
from browsing import Town
from playwright.sync_api import Locator, Page, expect

import small_town
from wangge.kernel.database import Tx
from wangge.sweeps import Opening, close_round, open_round

HEAD = small_town.PEOPLE["part_time_worker"]
#: The stairwell that HEAD has a post for.
UNIT = small_town.unit_id("1-1-1")
PIN = "271828"
#: Doors beside the small town's own four: 02 to 04 of ten floors, and 01 above the fourth.
FLOORS, ROOMS = 10, ("01", "02", "03", "04")
DOORS = FLOORS * len(ROOMS)


async def furnish(tx: Tx) -> None:
    """A real stairwell's number of doors."""
    await tx.run(
        """
        insert into places_dwelling (id, unit_id, area_code, floor, room, name)
        select gen_random_uuid(), u.id, u.area_code, f.floor, f.floor || r.ends,
               u.name || f.floor || r.ends || '室'
          from places_unit u, generate_series(1, :floors) as f(floor),
               unnest(:rooms::text[]) as r(ends)
         where u.id = :unit
        on conflict (unit_id, room) do nothing
        """,
        unit=UNIT,
        floors=FLOORS,
        rooms=list(ROOMS),
    )


def open_one(town: Town, *, kind: str = "check", minutes: int = 60) -> UUID:
    """A round over the first micro-grid, all doors of it. Those that were open are closed."""

    async def work(tx: Tx) -> UUID:
        await furnish(tx)
        for old in await tx.many(UUID, "select id from sweeps_round where closed_at is null"):
            await close_round(tx, old)
        raw = {"kind": kind, "areas": [small_town.MICRO_1A], "minutes": minutes, "doors": "all"}
        return (await open_round(tx, msgspec.convert(raw, Opening))).id

    made: UUID = town.change(work)
    return made


def sign_in(page: Page, town: Town, key: str = "part_time_worker", *, url: str = "") -> None:
    """By hand, in the app; then the PIN of the rosters is chosen and the board opened."""
    page.goto(f"{url or town.url}/field/")
    page.get_by_label("登录名").fill(key)
    page.get_by_label("口令").fill(town.password)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile("我的任务"))).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")


def sign_in_again(page: Page, town: Town, key: str = HEAD.key) -> None:
    """The session is over: by hand, where the app says so."""
    page.get_by_text("登录已过期,点此重新登录").click(timeout=60_000)
    page.get_by_label("登录名").fill(key)
    page.get_by_label("口令").fill(town.password)
    page.get_by_role("button", name="登录", exact=True).click()


def enter_pin(page: Page, pin: str = PIN) -> None:
    field = page.get_by_role("textbox", name="6 位数字密码")
    expect(field).to_be_enabled()
    field.press_sequentially(pin)


def open_board(page: Page, *, first: bool = True) -> None:
    """From anywhere in the app to the board of UNIT."""
    page.get_by_role("link", name="清查").click()
    page.get_by_role("link", name=re.compile("杏花苑 1幢1单元")).click()
    if first:
        enter_pin(page)
        expect(page.get_by_role("heading", name=re.compile("再输一遍"))).to_be_visible()
    enter_pin(page)
    expect(door(page, "101")).to_be_visible()


def door(page: Page, room: str) -> Locator:
    return page.get_by_role("button", name=re.compile(f"^{room},"))


def safe(page: Page) -> set[str]:
    """Ids of the doors that the phone shows as safe: kept on it, or sent."""
    return set(
        page.eval_on_selector_all(
            "button.door[data-state=waiting], button.door[data-state=sent]",
            "all => all.map(one => one.dataset.door)",
        )
    )


@dataclass(frozen=True, slots=True)
class Line:
    """What the account says of a door: how many reports, and what stands."""

    id: UUID
    reports: int
    outcome: str | None


def account(town: Town, round_id: UUID) -> dict[str, Line]:
    """The doors of UNIT, by id."""
    found = town.ask(
        Line,
        """
        select t.id, t.outcome,
               (select count(*)::int from sweeps_report r
                 where r.round_id = t.round_id and r.door_id = t.id) as reports
          from sweeps_standing t where t.round_id = :round and t.block_id = :unit
        """,
        round=round_id,
        unit=UNIT,
    )
    return {str(line.id): line for line in found}


def all_sent(page: Page) -> None:
    """Until the phone says that nothing waits."""
    expect(page.get_by_text(re.compile("已连接 · (全部|其余)已发送"))).to_be_visible(
        timeout=90_000
    )


def assert_kept_once(town: Town, round_id: UUID, doors: set[str]) -> None:
    """Every door shown as safe is in the account, once, and nothing was invented."""
    lines = account(town, round_id)
    assert {id_: lines[id_].reports for id_ in doors} == dict.fromkeys(doors, 1)
