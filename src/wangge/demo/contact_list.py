"""A list of contacts as it comes in at night, under the demonstration's response: two hundred rows of
one grid's people with slips in them, and contacts that do not all fit. Nobody in it exists."""

import csv
import io
from collections.abc import Sequence
from datetime import timedelta
from random import Random
from uuid import UUID

from wangge.demo.town import Community, Town
from wangge.demo.town.minting import stream
from wangge.demo.town.model import Resident
from wangge.kernel.actors import Role, system_actor
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Database, Tx
from wangge.kernel.moments import local_date
from wangge.kernel.moments import now as clock
from wangge.people import ROSTER
from wangge.people.roster import actor_of
from wangge.responses.commands import RESPONSES
from wangge.verification.bringing import About, bring
from wangge.verification.work import run

#: Rows, and those of them that name whom they met.
ROWS, CHAINED = 200, 40
_HEAD = ("序号", "姓名", "身份证号", "联系电话", "现住址", "密接于", "末次接触日期", "发病日期")


async def bring_one(database: Database, vault: Vault, town: Town, seed: int) -> None:
    """Bring the list and check it. Running it again adds nothing: the same list is one list."""
    async with database.tx(system_actor(database.schema), now=clock()) as tx:
        grid = await _grid(tx)
        if grid is None:
            return
        found = town.community(grid[:12])
        people = [one for one in found.residents() if one.area_code.startswith(grid)][:ROWS]
        officers = (await ROSTER.get(tx)).holders(Role.COMMUNITY_OFFICER, grid, tx.now)
        if len(people) < 20 or not officers:
            return
        tx.actor = await actor_of(tx, officers[0])
        text = _text(found, people, stream(seed, grid, "contacts"), tx)
        about = About("密接名单(演练)", "逐个核对并通知检测", "区疾控中心", grid, 3)
        made = await bring(tx, vault, text.encode(), "密接名单.csv", about)
    await run(database, made.id)


async def _grid(tx: Tx) -> str | None:
    """The area of the response that may collect contacts."""
    return next(
        (
            one.area_code
            for one in (await RESPONSES.get(tx)).all
            if one.live(tx.now) and "contacts" in one.data_items
        ),
        None,
    )


def _from(at: int) -> int:
    """Whom somebody had their contact with: three each."""
    return (at + 1) // 3


def _depth(at: int) -> int:
    return 0 if at <= 1 else 1 + _depth(_from(at))


def _text(community: Community, people: Sequence[Resident], rng: Random, tx: Tx) -> str:
    doors = {one.id: one for one in community.dwellings}
    homes: dict[UUID, str] = {
        home.id: doors[home.dwelling_id].name for home in community.households
    }
    today = local_date(tx.now)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_HEAD)
    for at, one in enumerate(people, 1):
        name, number, phone = one.name, one.id_number, one.phone or ""
        slip = rng.random()
        if slip < 0.05:
            number = number[:9] + str((int(number[9]) + 3) % 10) + number[10:]
        elif slip < 0.15:
            number = ""
        elif slip < 0.19:
            name = name[:1] + name[2:] if len(name) > 2 else name + "子"
        elif slip < 0.21:
            name, number = "外来" + name[-1], ""
        if rng.random() < 0.1:
            phone = ""
        last = today - timedelta(days=max(1, 9 - 2 * _depth(at)))
        ill = last + timedelta(days=1 if at != 16 else -3) if at % 4 == 0 or at == 1 else None
        when = f"{last.year}.2.30" if at == 25 else last.isoformat()
        source = str(at if at == 37 else _from(at)) if 1 < at <= CHAINED else ""
        address = homes.get(one.household_id, "") if rng.random() < 0.9 else ""
        writer.writerow((at, name, number, phone, address, source, when, ill or ""))
    again = people[int(rng.random() * 20)]
    number, phone = again.id_number, again.phone or ""
    writer.writerow((len(people) + 1, again.name, number, phone, "", "", today.isoformat(), ""))
    return out.getvalue()
