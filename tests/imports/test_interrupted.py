"""Whatever is killed, whenever, an import is neither lost nor doubled."""

import asyncio

import pytest
from importing import As, Office, count, everything, number_of, residents, table

from killing import killed
from town_fixtures import VAULT
from wangge.imports import bites, uploading, work
from wangge.imports.queries import staging
from wangge.imports.refusals import NotInThisPhase
from wangge.kernel.actors import system_actor
from wangge.kernel.database import Tx
from wangge.kernel.http import District, Installation
from wangge.kernel.work import FAILURES_MAX

KILLED = """
    import asyncio, sys
    from pathlib import Path
    from uuid import UUID
    from wangge.imports import bites, work
    from wangge.kernel.http import Installation
    bites.JUDGE_ROWS, bites.APPLY_LINES = 20, 20
    async def main():
        installation = await Installation.open(sys.argv[1], Path(sys.argv[2]))
        database = installation.districts["town"].database
        await work.run(database, UUID(sys.argv[3]), shown=lambda now: print(now.done, flush=True))
    asyncio.run(main())
"""


@pytest.fixture
def office(own_district: District, as_: As) -> Office:
    return Office(own_district.database, as_("community_officer"))


def many(people: int) -> bytes:
    """So many people behind the sixteen doors of 3幢 and 4幢, four to a household."""
    doors = [f"{b}-{u}-{f}01" for b in (3, 4) for u in (1, 2) for f in (1, 2, 3, 4)]
    return table(
        *(
            f"{doors[n // 4 % 16]} 员工{chr(0x4E00 + n)} {('户主', '妻子', '儿子', '女儿')[n % 4]}"
            f" - {number_of('1970-05-01', n)} -"
            for n in range(people)
        )
    )


async def test_killed_while_judging_and_while_applying_it_goes_on(
    office: Office, own_installation: Installation
) -> None:
    before = await count(office.database, "residents")
    found = await office.upload(many(400))
    async with office.database.tx(office.actor) as tx:
        await uploading.agree(tx, found.id)
    await killed(KILLED, own_installation.dsn, own_installation.data_dir, found.id, after=100)
    found = await office.see(found)
    assert (found.phase, found.state) == ("judging", "running")
    assert 100 <= found.done < 400
    await work.run(office.database, found.id)
    judged = await office.lines(found)
    assert [one.at for one in judged] == list(range(2, 402))
    assert {one.verdict for one in judged} == {"new"}
    assert len({one.said.where.name for one in judged}) == 16

    async with office.database.tx(office.actor) as tx:
        await work.apply(tx, found.id)
    await killed(KILLED, own_installation.dsn, own_installation.data_dir, found.id, after=100)
    found = await office.see(found)
    assert (found.phase, found.state) == ("applying", "running")
    part = await count(office.database, "residents") - before
    assert part == found.done
    assert 100 <= part < 400
    await work.run(office.database, found.id)
    found = await office.see(found)
    assert (found.state, found.data["new"]) == ("done", 400)
    assert await count(office.database, "residents") == before + 400
    assert {one.state for one in await office.lines(found)} == {"applied"}


async def test_the_same_file_twice_at_once_is_in_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bites, "APPLY_LINES", 12)
    before = (
        await count(office.database, "residents"),
        await count(office.database, "households"),
    )
    one, two = [await office.judged(many(64)) for _ in range(2)]
    one, two = await asyncio.gather(office.apply(one), office.apply(two))
    new = [int(found.data.get("new", 0)) for found in (one, two)]
    same = [int(found.data.get("same", 0)) for found in (one, two)]
    assert (sum(new), sum(same)) == (64, 64)
    assert await count(office.database, "residents") == before[0] + 64
    assert await count(office.database, "households") == before[1] + 16


async def test_two_tables_that_name_the_same_missing_door_make_one(office: Office) -> None:
    doors = await count(office.database, "doors")
    first, second = [
        await office.judged(
            table(f"3-2-501 {name} - - - -"),
            uploading.read_mapping(
                {"columns": {"door": ["门牌"], "name": ["姓名"]}, "make": True}
            ),
        )
        for name in ("赵演示", "钱样例")
    ]
    await asyncio.gather(office.apply(first), office.apply(second))
    assert await count(office.database, "doors") == doors + 1
    assert {one.door for one in await residents(office.database, ["赵演示", "钱样例"])} == {
        "3幢2单元501室"
    }


async def test_cancelled_half_way_the_rest_stays_open_and_an_undo_clears_all(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bites, "APPLY_LINES", 16)
    async with office.database.tx(system_actor("town")) as tx:
        before = await everything(tx)
    found = await office.judged(many(64))
    async with office.database.tx(office.actor, now=office.now) as tx:
        await work.apply(tx, found.id)
    async with office.database.tx(system_actor("town"), now=office.now) as tx:
        assert await work.on_the_clock(tx) == 1
    async with office.database.tx(office.actor, now=office.now) as tx:
        stopped = await work.cancel(tx, found.id)
    assert (stopped.phase, stopped.state) == ("review", "cancelled")
    states = [one.state for one in await office.lines(found)]
    assert (states.count("applied"), states.count("open")) == (16, 48)
    await office.apply(found)
    assert {one.state for one in await office.lines(found)} == {"applied"}
    await office.undo(found)
    async with office.database.tx(system_actor("town")) as tx:
        assert await everything(tx) == before


async def test_what_changed_between_the_look_and_the_deed_is_left_to_a_person(
    office: Office,
) -> None:
    found = await office.judged(
        table("1-1-101 甲居民2 女儿 - - 19900000007", "3-2-401 赵演示 - - - -")
    )
    async with office.database.tx(system_actor("town"), now=office.now) as tx:
        await tx.run(
            "update people_resident set relation = 'other', version = version + 1"
            " where name = '甲居民2'"
        )
    done = await office.apply(found)
    assert (done.data["left"], done.data["new"]) == (1, 1)
    [left, _] = await office.lines(found)
    assert (left.state, left.troubles) == ("left", ("changed_meanwhile",))
    [resident] = await residents(office.database, ["甲居民2"])
    assert resident.relation == "other"
    await office.mend(found, 2)
    done = await office.apply(found)
    assert done.data["changed"] == 1


async def test_a_bug_stops_one_import_and_no_other(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await office.judged(many(4))
    async with office.database.tx(office.actor, now=office.now) as tx:
        await work.apply(tx, found.id)

    async def tick() -> None:
        async with office.database.tx(system_actor("town"), now=office.now) as tx:
            await work.on_the_clock(tx)

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    with monkeypatch.context() as patched:
        patched.setattr(bites, "write_changes", broken)
        for _ in range(FAILURES_MAX):
            with pytest.raises(RuntimeError):
                await tick()
    await tick()
    found = await office.see(found)
    assert (found.state, found.data["error"]) == ("failed", "bug")
    async with office.database.tx(office.actor, now=office.now) as tx:
        await work.retry(tx, found.id)
    await work.run(office.database, found.id, now=office.now)
    assert (await office.see(found)).data["new"] == 4


async def test_cancelled_before_anything_was_done_nothing_is_kept(office: Office) -> None:
    found = await office.judged(many(8))
    async with office.database.tx(office.actor, now=office.now) as tx:
        await work.cancel(tx, found.id)
    async with office.database.tx(system_actor("town")) as tx:
        assert await tx.one(int, "select count(*) from imports_row") == 0
        assert await tx.one(int, "select count(*) from imports_line") == 0
        with pytest.raises(NotInThisPhase):
            await work.apply(tx, found.id)


async def test_nothing_of_anybody_lies_open_in_the_staging_tables(
    office: Office, own_district: District
) -> None:
    await office.judged(
        table(f"老街坊楼301 赵演示 户主 男 {number_of('1970-05-01', 1)} 19900000001")
    )

    async def text(tx: Tx) -> str:
        return "\n".join(
            await tx.many(
                str,
                """
                select to_jsonb(r)::text as t from imports_row r
                union all select to_jsonb(l)::text from imports_line l
                union all select to_jsonb(i)::text from imports_import i
                """,
            )
        )

    async with office.database.tx(system_actor("town")) as tx:
        found = await text(tx)
    assert own_district.vault == VAULT
    for secret in ("赵演示", "19900000001", number_of("1970-05-01", 1), "老街坊楼"):
        assert secret not in found
    async with office.database.tx(system_actor("town")) as tx:
        assert (await staging.imports_page(tx, after=None, limit=5))[0].rows
