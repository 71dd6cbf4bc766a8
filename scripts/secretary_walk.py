"""An office's first hour: five spreadsheets, forty lines mended, a community in the register.

    python scripts/secretary_walk.py --port 8264

makes a town of one community with its doors and nobody in it (a data folder of its own, an embedded
database, thrown away at the end), serves it, and walks through a browser what a secretary does: drop
the files, agree on the headings, look, type the wrong cells anew, register. Prints what the machine
took for each step and what a hand has to do, as JSON lines for docs/benches.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from browser import find
from playwright.sync_api import Locator, Page, expect, sync_playwright

from wangge.access import create_demo_accounts
from wangge.cases.reference import install_starter
from wangge.cli.serving import bring_up_to_date
from wangge.cli.target import Place
from wangge.demo.accounts import PASSWORD
from wangge.demo.load_people import load_crew, nicknames
from wangge.demo.rows import area_row, building_row, compound_row, dwelling_row, unit_row
from wangge.demo.tables import Made, five, right_cells
from wangge.demo.there import CODE, SLUG
from wangge.demo.town import Community, make_town
from wangge.dispatch import install_starter_rules
from wangge.kernel import migrate
from wangge.kernel.actors import Role, system_actor
from wangge.kernel.crypto import open_vault, register_vault
from wangge.kernel.database import Database
from wangge.kernel.districts import add_district, schema_for
from wangge.kernel.moments import now
from wangge.people import ROSTER
from wangge.places.commands import load_areas, load_buildings
from wangge.places.naming.queries import insert_aliases

SEED = 141
LOGIN = "community"
PATIENCE = 60_000


async def found_town(dsn: str, data_dir: Path) -> Community:
    """The doors, the offices and one account; nobody lives there yet."""
    town = make_town("community", seed=SEED)
    community = town.community(town.plan.streets[0].communities[0].code)
    schema, at = schema_for(CODE), now()
    await migrate.prepare_server(dsn)
    await migrate.migrate(dsn, schema)
    vault = open_vault(data_dir / "keys", schema)
    register_vault(schema, vault)
    database = await Database.connect(dsn, schema, connections=2)
    try:
        async with database.tx(system_actor(schema)) as tx:
            await install_starter(tx)
            await install_starter_rules(tx)
            await load_areas(tx, [area_row(area) for area in town.areas])
            await load_buildings(
                tx,
                [compound_row(one) for one in community.compounds],
                [building_row(one) for one in community.buildings],
                [unit_row(one) for one in community.units],
                [dwelling_row(one) for one in community.dwellings],
            )
            await insert_aliases(tx, nicknames(community, at))
            await load_crew(tx, vault, community.crew, at)
        async with database.tx(system_actor(schema)) as tx:
            roster = await ROSTER.get(tx)
            holder = roster.holders(Role.COMMUNITY_OFFICER, community.code, at)[0]
            await create_demo_accounts(tx, [(holder, LOGIN, community.code)], PASSWORD)
        await add_district(dsn, code=CODE, name=town.name, slug=SLUG, now=at)
    finally:
        await database.close()
    return community


async def counted(dsn: str) -> tuple[int, int]:
    """Households and people in the register."""
    schema = schema_for(CODE)
    database = await Database.connect(dsn, schema, connections=1)
    try:
        async with database.tx(system_actor(schema), read_only=True) as tx:
            homes = await tx.one(int, "select count(*)::int from people_household")
            return homes, await tx.one(int, "select count(*)::int from people_resident")
    finally:
        await database.close()


@dataclass
class Walk:
    """What each step took the machine (seconds from the click to what it shows), and what a hand did."""

    steps: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    acts: dict[str, int] = field(default_factory=dict[str, int])

    def took(self, step: str, since: float) -> None:
        self.steps.setdefault(step, []).append(perf_counter() - since)

    def act(self, what: str, times: int = 1) -> None:
        self.acts[what] = self.acts.get(what, 0) + times


def walk(page: Page, url: str, tables: list[Made], right: Any, told: Walk) -> None:
    page.goto(f"{url}/sign-in")
    page.get_by_label("登录名").fill(LOGIN)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(re.compile("^(?!.*sign-in)"))
    page.goto(f"{url}/imports")
    chat = next(one for one in tables if one.name.endswith(".txt"))
    files: Any = [
        {"name": one.name, "mimeType": "application/octet-stream", "buffer": one.data}
        for one in tables
        if one is not chat
    ]
    page.set_input_files("#files", files=files)
    page.fill("#text", chat.data.decode())
    told.act("files dropped, text pasted", len(tables))
    since = perf_counter()
    page.get_by_role("button", name="读入并预览").click()
    links = page.locator(".alert-success a")
    expect(links).to_have_count(len(tables))
    told.took("drop", since)
    told.act("clicks")
    where = [link.get_attribute("href") or "" for link in links.all()]
    names = [link.inner_text() for link in links.all()]
    for path, name in zip(where, names, strict=True):
        since = perf_counter()
        page.goto(f"{url}{path}")
        expect(page.locator(".columns-table")).to_be_visible()
        told.took("headings", since)
        since = perf_counter()
        page.get_by_role("button", name="按这样读").click()
        expect(page.locator(".verdicts")).to_be_visible()
        told.took("review", since)
        told.act("clicks", 2)
        made = next((one for one in tables if one.name in name), chat)
        if made.wrong:
            heading, cells = right[made.name]
            mend(page, f"{url}{path}", heading, cells, told)
        twins(page, f"{url}{path}", told)
        page.goto(f"{url}{path}")
        since = perf_counter()
        page.get_by_role("button", name="登记全部").click()
        expect(page.locator("#stand .alert-success")).to_contain_text("已登记")
        told.took("apply", since)
        told.act("clicks")


def mend(page: Page, at: str, heading: str, cells: dict[str, str], told: Walk) -> None:
    """Type the wrong cells of a table anew: the first line is saved alone, then all the others."""
    lone = True
    for verdict in ("refused", "unplaced"):
        while True:
            page.goto(f"{at}/mend?verdict={verdict}")
            rows = page.locator("tbody.grid-row")
            if not rows.count():
                break
            some = rows.all()[:1] if lone else rows.all()
            for row in some:
                cell_of(row, heading).fill(cells[name_in(row, cells)])
            told.act("cells typed", len(some))
            since = perf_counter()
            page.keyboard.press("Control+Enter")
            expect(page.locator(".alert-success")).to_contain_text("已重新核对")
            told.took("mend one line" if lone else "mend the others", since)
            told.act("saves")
            lone = False


def cell_of(row: Locator, heading: str) -> Locator:
    return row.locator(f'input[aria-label$=" {heading}"]')


def name_in(row: Locator, cells: dict[str, str]) -> str:
    said = [one.input_value() for one in row.locator("input[data-column]").all()]
    return next(text for text in said if text in cells)


def twins(page: Page, at: str, told: Walk) -> None:
    """Two of one name, born on one day: somebody says that they are two."""
    page.goto(f"{at}?verdict=moved")
    link = page.locator("tr.line-moved a.mend-link")
    if not link.count():
        return
    link.first.click()
    page.get_by_label(re.compile("是谁")).select_option("new")
    since = perf_counter()
    page.get_by_role("button", name="保存并重新核对").click()
    expect(page.locator(".verdicts")).to_be_visible()
    told.took("say who somebody is", since)
    told.act("saves")


def served(place: Place, port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "wangge.cli", "serve", "--port", str(port)]
    command += ["--workers", "1", "--data-dir", str(place.data_dir)]
    log = (place.data_dir / "serve.log").open("wb")
    child = subprocess.Popen(command, stdout=log, stderr=log)
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
            return child
        except OSError:
            sleep(0.2)
    child.terminate()
    raise SystemExit((place.data_dir / "serve.log").read_text()[-2000:])


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--port", type=int, default=8264)
    asked.add_argument("--shots", type=Path, help="where to leave a picture of the end")
    given = asked.parse_args()
    told = Walk()
    with tempfile.TemporaryDirectory(prefix="wangge-walk-", ignore_cleanup_errors=True) as made:
        place = Place(Path(made), None)
        with place.database(make=True) as dsn:
            asyncio.run(bring_up_to_date(dsn))
            community = asyncio.run(found_town(dsn, place.data_dir))
            server = served(place, given.port)
            began = perf_counter()
            try:
                with sync_playwright() as play:
                    browser = play.chromium.launch(
                        executable_path=find(), args=["--no-sandbox", "--disable-dev-shm-usage"]
                    )
                    page = browser.new_page(locale="zh-CN")
                    page.set_default_timeout(PATIENCE)
                    expect.set_options(timeout=PATIENCE)
                    url = f"http://127.0.0.1:{given.port}"
                    walk(page, url, five(community), right_cells(community), told)
                    if given.shots:
                        page.screenshot(path=str(given.shots), full_page=True)
                    browser.close()
                seconds = perf_counter() - began
                homes, people = asyncio.run(counted(dsn))
            finally:
                server.terminate()
                server.wait(30)
    for step, times in told.steps.items():
        row = {"step": step, "times": len(times), "seconds": round(sum(times), 2)}
        print(json.dumps({**row, "slowest": round(max(times), 2)}, ensure_ascii=False))
    total = sum(sum(times) for times in told.steps.values())
    print(
        json.dumps(
            {
                "machine_seconds": round(total, 1),
                "walk_seconds": round(seconds, 1),
                "acts": told.acts,
                "households": homes,
                "people": people,
                "cores": os.cpu_count(),
                "load": round(os.getloadavg()[0], 1),
            },
            ensure_ascii=False,
        )
    )


if __name__ == "__main__":
    main()
