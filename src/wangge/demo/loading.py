"""Putting an invented town into a district, step by step, each of them committed with its mark."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from wangge.access import create_demo_accounts
from wangge.cases.reference import install_starter
from wangge.demo import (
    accounts,
    contact_list,
    duty,
    present,
    register,
    standing,
    sweeping,
    testing_round,
    things,
    work,
)
from wangge.demo.accounts import DemoAccount
from wangge.demo.load_history import load_history
from wangge.demo.load_people import crews_of, load_crew, load_people, residents_of
from wangge.demo.one_form import one_form
from wangge.demo.rows import area_row
from wangge.demo.tables import keep_tables
from wangge.demo.there import CODE, KIND, SLUG, Loaded, as_loaded, begun_scale, loaded
from wangge.demo.town import Scale, Town, make_town
from wangge.demo.work import Cancelled
from wangge.dispatch import install_starter_rules
from wangge.kernel import migrate
from wangge.kernel.actors import system_actor
from wangge.kernel.crypto import Vault, open_vault, register_vault
from wangge.kernel.database import Connection, Database
from wangge.kernel.districts import add_district, schema_for
from wangge.kernel.files import Shelf
from wangge.kernel.loops import be_patient, run
from wangge.kernel.moments import now as clock
from wangge.places.commands import load_areas

__all__ = ["SIZES", "Cancelled", "Loaded", "load", "loaded"]

SEED = 141
#: Communities whose people get accounts.
NEAR = 3
#: Areas in one statement.
AREAS_BATCH = 2_000
#: Seconds between two looks at how far the work is.
_watch_seconds = 0.5

#: (what, done, total). `what` is a Chinese sentence; 0 of 0 when there is nothing to count.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Size:
    """Past and live cases of a scale; `apart` loads people and history in two processes."""

    past: int
    live: int
    apart: bool


SIZES: dict[Scale, Size] = {
    "community": Size(3_000, 40, False),
    "street": Size(60_000, 200, True),
    "county": Size(1_000_000, 600, True),
}


def _nothing(_what: str, _done: int, _total: int) -> None:
    """Progress that nobody looks at."""


async def load(dsn: str, data_dir: Path, scale: Scale, progress: Progress = _nothing) -> Loaded:
    """Make the demonstration district, or go on making it where an earlier run stopped.

    Raises ValueError when another scale was begun here before; Cancelled when somebody set the
    work's state (kernel_work, demo.*) to `cancelled`.
    """
    before = await begun_scale(dsn)
    if before not in (None, scale):
        raise ValueError(f"a demonstration of scale {before} was begun here before")
    schema = schema_for(CODE)
    progress("建立演示区的表", 0, 0)
    await migrate.prepare_server(dsn)
    await migrate.migrate(dsn, schema)
    vault = open_vault(data_dir / "keys", schema)
    database = await Database.connect(dsn, schema, connections=3)
    try:
        size = SIZES[scale]
        async with database.tx(system_actor(schema)) as tx:
            begun = await work.begin(
                tx, KIND, len(_STEPS), {"scale": scale, "now": clock().isoformat()}
            )
        now = datetime.fromisoformat(begun.data["now"])
        making = _Making(
            dsn,
            data_dir,
            database,
            vault,
            make_town(scale, seed=SEED),
            scale,
            size,
            now,
            progress,
        )
        for number, step in enumerate(_STEPS, 1):
            if number <= begun.done:
                continue
            await step(making)
            async with database.tx(system_actor(schema)) as tx:
                await work.step(tx, KIND, number)
        await add_district(dsn, code=CODE, name=making.town.name, slug=SLUG, now=now)
        async with database.tx(system_actor(schema)) as tx:
            await work.finish(tx, KIND)
            found = await work.find(tx, KIND)
        assert found is not None
        return as_loaded(schema, making.town.name, found)
    finally:
        await database.close()


@dataclass(frozen=True, slots=True)
class _Making:
    dsn: str
    data_dir: Path
    database: Database
    vault: Vault
    town: Town
    scale: Scale
    size: Size
    now: datetime
    progress: Progress


async def _reference(making: _Making) -> None:
    making.progress("写入事项分类和分派规则", 0, 0)
    async with making.database.tx(system_actor(making.database.schema)) as tx:
        await install_starter(tx)
        await install_starter_rules(tx)


async def _areas(making: _Making) -> None:
    areas = making.town.areas
    making.progress("划分区域", 0, len(areas))
    async with making.database.tx(system_actor(making.database.schema)) as tx:
        for start in range(0, len(areas), AREAS_BATCH):
            await load_areas(tx, [area_row(a) for a in areas[start : start + AREAS_BATCH]])
            making.progress("划分区域", min(start + AREAS_BATCH, len(areas)), len(areas))


async def _offices(making: _Making) -> None:
    making.progress("安排区、街道的人员", 0, 0)
    async with making.database.tx(system_actor(making.database.schema)) as tx:
        for office in making.town.offices:
            await load_crew(tx, making.vault, office, making.now)


async def _people_and_history(making: _Making) -> None:
    if not making.size.apart:
        await _watching(
            making, load_people(making.database, making.vault, making.town, making.now)
        )
        await _watching(
            making,
            load_history(making.database, making.town, making.size.past, making.now),
        )
        return
    loop = asyncio.get_running_loop()
    pool = ProcessPoolExecutor(2, mp_context=get_context("spawn"))
    parts = [
        loop.run_in_executor(
            pool,
            _part,
            name,
            making.dsn,
            str(making.data_dir),
            making.scale,
            making.size.past,
            making.now.isoformat(),
        )
        for name in ("people", "history")
    ]
    try:
        await _watching(making, asyncio.gather(*parts))
    except BaseException:
        for process in list((pool._processes or {}).values()):
            process.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _part(name: str, dsn: str, data_dir: str, scale: Scale, past: int, moment: str) -> None:
    """One of the two processes."""
    be_patient()
    run(_part_async(name, dsn, Path(data_dir), scale, past, moment))


async def _part_async(
    name: str, dsn: str, data_dir: Path, scale: Scale, past: int, moment: str
) -> None:
    schema = schema_for(CODE)
    town, now = make_town(scale, seed=SEED), datetime.fromisoformat(moment)
    database = await Database.connect(dsn, schema, connections=2)
    try:
        if name == "people":
            await load_people(database, open_vault(data_dir / "keys", schema), town, now)
        else:
            await load_history(database, town, past, now)
    finally:
        await database.close()


async def _watching(
    making: _Making, doing: "Coroutine[Any, Any, Any] | asyncio.Future[Any]"
) -> None:
    """Tell how far the two works are while they are done."""
    task = asyncio.ensure_future(doing)
    people = residents_of(making.town)
    try:
        while not task.done():
            await asyncio.wait([task], timeout=_watch_seconds)
            async with making.database.tx(
                system_actor(making.database.schema), read_only=True
            ) as tx:
                lived = await work.find(tx, "demo.people")
                told = await work.find(tx, "demo.history")
            if told is not None and (lived is None or lived.state == "done" or task.done()):
                making.progress("写入历史案件", min(told.done, told.total), told.total)
            elif lived is not None:
                done = lived.done + (told.done if told else 0)
                making.progress(
                    "迁入住户和写入历史案件" if told else "迁入住户",
                    done,
                    people + (told.total if told else 0),
                )
    except BaseException:
        task.cancel()
        raise
    await task


async def _accounts(making: _Making) -> None:
    making.progress("开设演示账号", 0, 0)
    names = {area.code: area.name for area in making.town.areas}
    chosen = accounts.choose(crews_of(making.town, NEAR), names)
    async with making.database.tx(system_actor(making.database.schema)) as tx:
        await create_demo_accounts(
            tx, [(a.staff_id, a.login, a.area_code) for a in chosen], accounts.PASSWORD
        )
        await work.note(tx, KIND, accounts=[_plain(a) for a in chosen])


def _plain(account: DemoAccount) -> dict[str, Any]:
    return {
        key: str(value) if isinstance(value, UUID) else value
        for key, value in asdict(account).items()
    }


async def _present(making: _Making) -> None:
    making.progress("此刻正在发生的事", 0, 0)
    await present.happen(making.database, making.town, making.size.live, SEED)


async def _sweep(making: _Making) -> None:
    making.progress("开一轮摸排", 0, 0)
    await sweeping.sweep(making.database, making.town, SEED)


async def _testing(making: _Making) -> None:
    making.progress("开一轮检测", 0, 0)
    register_vault(making.database.schema, making.vault)
    await testing_round.happen(making.database, making.town, SEED, sweeping.LOOKED_AT[0])
    await contact_list.bring_one(making.database, making.vault, making.town, SEED)


async def _one_form(making: _Making) -> None:
    making.progress("写几张报表", 0, 0)
    first = making.town.plan.streets[0].communities[0].code
    await one_form(making.database, first)
    shelf = Shelf(making.data_dir / "files" / making.database.schema)
    async with making.database.tx(system_actor(making.database.schema)) as tx:
        await keep_tables(tx, shelf, making.town.community(first))


async def _register(making: _Making) -> None:
    making.progress("登记里的疑问", 0, 0)
    await register.live_on(making.database, making.vault, making.town, making.now)


async def _things(making: _Making) -> None:
    making.progress("场所和车辆", 0, 0)
    await things.fill(making.database, making.vault, making.town, making.now)


async def _duty(making: _Making) -> None:
    making.progress("排几班岗", 0, 0)
    await duty.happen(making.database, making.town, SEED)


async def _roster(making: _Making) -> None:
    making.progress("排一周的班", 0, 0)
    await standing.happen(making.database, making.town, SEED)


async def _premises(making: _Making) -> None:
    making.progress("查一遍九小场所", 0, 0)
    register_vault(making.database.schema, making.vault)  # answers are sealed as they come in
    await sweeping.premises(making.database, making.town, SEED)


async def _statistics(making: _Making) -> None:
    making.progress("整理索引和统计", 0, 0)
    connection: Connection = await asyncpg.connect(making.dsn, command_timeout=900)
    try:
        tables = await connection.fetch(
            "select tablename from pg_tables where schemaname = $1", making.database.schema
        )
        for row in tables:
            name = f"{making.database.schema}.{row['tablename']}"
            await connection.execute(f"vacuum (analyze) {name}")
    finally:
        await connection.close()


Step = Callable[[_Making], Coroutine[Any, Any, None]]
_STEPS: tuple[Step, ...] = (
    _reference,
    _areas,
    _offices,
    _people_and_history,
    _accounts,
    _statistics,
    _present,
    _sweep,
    _one_form,
    _register,
    _things,
    _testing,
    _premises,
    _duty,
    _roster,
)
