"""A table becomes cases: seen before, taken once, whatever happens on the way."""

import asyncio
import csv
import io
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import small_town as town
from killing import killed
from small_town import town_id
from wangge.cases.read import case_view
from wangge.dispatch import imports, keeping
from wangge.dispatch.imports import Mapping, Progress, work
from wangge.hours import commands as hours
from wangge.hours.commands import Planning
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.database import Database, Tx, counting
from wangge.kernel.http import District
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Forbidden, Invalid, NotFound
from wangge.kernel.relay import Relay, read_facts
from wangge.kernel.retention import all_keeps, once
from wangge.kernel.said import worded
from wangge.kernel.sheet_refusals import TableTooLarge
from wangge.kernel.sheets import open_table
from wangge.kernel.work import FAILURES_MAX

As = Callable[[str], Actor]

COLUMNS = {
    "external_id": ("编号",),
    "words": ("描述",),
    "class_code": ("类型",),
    "area_code": ("网格编码",),
    "reported_at": ("上报时间",),
    "closed_at": ("办结时间",),
    "result": ("结果",),
}
HEADINGS = [*(one for (one,) in COLUMNS.values()), "联系电话"]
MAPPING = Mapping(COLUMNS)


def row(number: int, words: str = "", **cells: str) -> dict[str, str]:
    return {
        "编号": f"T{number}",
        "描述": words or f"第{number}处下水道堵塞,污水外溢",
        "类型": "E0401",
        "网格编码": town.GRID_1,
        "上报时间": f"2026-03-0{number % 9 + 1} 09:{number % 60:02}",
        "联系电话": "19900000001",
    } | cells


def table(*rows: dict[str, str], encoding: str = "utf-8") -> bytes:
    text = io.StringIO(newline="")
    out = csv.DictWriter(text, HEADINGS)
    out.writeheader()
    out.writerows(rows)
    return text.getvalue().encode(encoding)


@dataclass(frozen=True)
class Found:
    external_id: str
    state: str
    words: str
    reported_at: datetime
    ended_at: datetime | None
    tasks: int
    steps: int


@dataclass(frozen=True)
class Asked:
    target: str
    why: str


async def cases(tx: Tx) -> dict[str, Found]:
    rows = await tx.many(
        Found,
        """
        select c.external_id, c.state, c.words, c.reported_at, c.ended_at,
               (select count(*)::int from tasks_task t where t.origin_id = c.id) as tasks,
               (select count(*)::int from cases_step s where s.case_id = c.id) as steps
          from cases_case c where c.external_id is not null
        """,
    )
    return {one.external_id: one for one in rows}


async def take(
    district: District, data: bytes, mapping: Mapping = MAPPING, *, by: Any = None, **more: Any
) -> Progress:
    actor = by or system_actor(district.schema)
    return await imports.apply(
        district.database, actor, data, "t.csv", mapping, now=town.NOON, **more
    )


async def seen(tx: Tx, data: bytes, mapping: Mapping = MAPPING) -> imports.Preview:
    return await imports.preview(tx, open_table(data, "t.csv"), mapping)


# -- seen before -------------------------------------------------------------------------------


async def test_a_preview_says_what_would_become_of_each_row(tx: Tx) -> None:
    shown = await seen(
        tx,
        table(
            row(1),
            row(2, "三楼阳台违章搭建", 类型="市容"),
            row(3, 网格编码="990001001099"),
            row(4, 办结时间="2026-03-17 10:00", 结果="已疏通"),
            row(5, 上报时间="2099-12-31 00:00"),
            row(6, 上报时间="1900-01-00", 网格编码="火星"),
            row(7, 类型="", 描述="随便说说"),
        ),
    )
    verdicts = [line.verdict for line in shown.lines]
    assert verdicts == ["new", "new", "refused", "new", "refused", "refused", "new"]
    first, second, third, fourth, _, sixth, last = shown.lines
    assert first.class_name.startswith("管道破裂") or first.class_code == "E0401"
    assert first.rule_id is not None
    assert "拟派供水服务站" in first.route_reason
    assert first.state == "filed"
    assert first.asked == ""
    assert second.class_code == "E0101"
    assert "违章搭建" in second.class_reason
    assert "市容" in str(second.problems[0].values)
    assert third.problems[0].field == "网格编码"
    assert third.problems[0].row == 4
    assert fourth.state == "closed"
    assert {problem.field for problem in sixth.problems} == {"上报时间", "网格编码"}
    assert last.state == "reported"
    assert shown.counts["new"] == 4
    assert shown.counts["refused"] == 3
    assert shown.counts["routed"] == 3
    assert not await cases(tx)


async def test_values_of_the_table_may_be_told_to_mean_ours(tx: Tx) -> None:
    mapping = replace(
        MAPPING, values={"class_code": {"下水": "E0401"}, "area_code": {"东片": town.GRID_1}}
    )
    shown = await seen(tx, table(row(1, 类型="下水", 网格编码="东片")), mapping)
    assert shown.lines[0].class_code == "E0401"
    assert shown.lines[0].area_code == town.GRID_1


async def test_a_place_beyond_the_district_is_refused_or_kept_as_text(tx: Tx) -> None:
    data = b"words,place,lon,lat\nwater main burst,33 Beacon St,-71.06,42.35\n"
    there = Mapping({n: (n,) for n in ("words", "place", "lon", "lat")})
    refused = await seen(tx, data, there)
    assert refused.lines[0].verdict == "refused"
    assert refused.lines[0].problems[0].field == "lon"
    kept = await seen(tx, data, replace(there, outside="county"))
    assert kept.lines[0].area_code == town.COUNTY
    assert kept.lines[0].verdict == "new"


async def test_nobody_imports_beyond_their_reach(tx: Tx, as_: As) -> None:
    data = table(row(1), row(2, 网格编码=town.OTHER_GRID))
    tx.actor = as_("street_officer")
    shown = await seen(tx, data)
    assert [line.verdict for line in shown.lines] == ["new", "refused"]
    tx.actor = as_("grid_worker")
    with pytest.raises(Forbidden):
        await imports.stage(tx, data, "t.csv")


# -- taken -------------------------------------------------------------------------------------


async def test_open_rows_are_filed_and_nobody_is_asked(own_district: District) -> None:
    done = await take(
        own_district, table(row(1), row(2, 办结时间="2026-03-12 10:00", 结果="通了"))
    )
    assert (done.state, done.counts["open"], done.counts["closed"]) == ("done", 1, 1)
    async with own_district.database.tx(system_actor("town"), now=town.NOON) as tx:
        found = await cases(tx)
        waits, ended = found["T1"], found["T2"]
        assert (waits.state, waits.tasks) == ("filed", 0)
        assert (ended.state, ended.tasks, ended.steps) == ("closed", 0, 2)
        assert ended.reported_at == datetime(2026, 3, 3, 1, 2, tzinfo=UTC)
        assert ended.ended_at == datetime(2026, 3, 12, 2, 0, tzinfo=UTC)
        case_id = await tx.one(UUID, "select id from cases_case where external_id = 'T2'")
        view = await case_view(tx, case_id, "zh")
        assert [step.at for step in view.steps] == [ended.reported_at, ended.ended_at]
        everything = await tx.one(
            str, "select coalesce(string_agg(c::text, ''), '') from cases_case c"
        )
        assert "19900000001" not in everything  # a column that nobody mapped
        left = await tx.one(int, "select count(*) from dispatch_import_row")
        assert left == 0
    relay = Relay(own_district.database)
    await relay.seal()
    await relay.close()
    async with own_district.database.tx(system_actor("town")) as tx:
        kinds = [fact.kind for fact in await read_facts(tx, 0)]
    assert kinds == ["cases.CaseReported"] * 2


async def test_imported_cases_do_not_climb_but_a_dispatcher_sends_them(
    own_district: District, as_: As
) -> None:
    from wangge.dispatch import commands

    await take(own_district, table(row(1)))
    async with own_district.database.tx(
        system_actor("town"), now=town.NOON + timedelta(days=2)
    ) as tx:
        assert await commands.climb(tx) == 0
        case_id = await tx.one(UUID, "select id from cases_case where external_id = 'T1'")
    async with own_district.database.tx(as_("dispatcher"), now=town.NOON) as tx:
        sent = await commands.dispatch(tx, case_id, None, None, "")
        assert sent.state == "dispatched"


async def test_with_offers_people_are_asked_at_once(own_district: District) -> None:
    done = await take(own_district, table(row(1)), offer=True)
    assert done.counts["offered"] == 1
    async with own_district.database.tx(system_actor("town")) as tx:
        one = (await cases(tx))["T1"]
    assert (one.state, one.tasks) == ("dispatched", 1)


async def test_open_cases_of_a_table_are_shared_out_like_reports_of_one_moment(
    own_district: District, as_: As
) -> None:
    """Twelve of one grid: whoever is at the end of their hours gets none, the colleagues share them, each
    with the reason, and what is in hand already counts."""
    tired, free = town_id("staff/grid_worker"), town_id("staff/grid_worker_2")
    async with own_district.database.tx(as_("community_officer"), now=town.NOON) as tx:
        since, until = town.NOON - timedelta(hours=11.5), town.NOON + timedelta(hours=0.5)
        await hours.plan(
            tx, Planning(new_id(town.NOON), tired, town.GRID_1, "东门", since, until)
        )
    rows = [row(n, f"{n}号楼独居老人不开门", 类型="F0104") for n in range(1, 13)]
    done = await take(own_district, table(*rows), offer=True)
    assert done.counts["offered"] == 12
    async with own_district.database.tx(system_actor("town")) as tx:
        asked = await tx.many(
            Asked, "select target, why from tasks_task where state = 'offered'"
        )
    given = Counter(one.target for one in asked)
    assert set(given) == {f"staff:{free}", f"staff:{town_id('staff/grid_worker_3')}"}
    assert min(given.values()) >= 3
    assert all(worded("zh", one.why).endswith("12 件一起派,总的最快") for one in asked)


async def test_a_bite_that_asks_people_costs_the_same_whatever_its_rows(
    own_district: District,
) -> None:
    async def cost(first: int, last: int) -> int:
        rows = [row(n, f"{n}号楼独居老人不开门", 类型="F0104") for n in range(first, last + 1)]
        database = own_district.database
        async with database.tx(system_actor("town"), now=town.NOON) as tx:
            staged = await imports.stage(tx, table(*rows), "t.csv", mapping=MAPPING)
            await imports.agree(tx, staged.id, offer=True)
            await imports.begin(tx, staged.id)
        async with database.tx(system_actor("town"), now=town.NOON) as tx:
            with counting() as found:
                moved = await imports.bite(tx, staged.id)
        assert moved is not None
        assert moved.counts["offered"] == last - first + 1
        return found.total

    await cost(1, 2)
    assert await cost(10, 19) == await cost(20, 59)


async def test_the_second_time_nothing_happens_and_a_change_is_said(
    own_district: District,
) -> None:
    await take(own_district, table(row(1), row(2)))
    again = await take(own_district, table(row(1), row(2, "换了说法的同一件事"), row(3)))
    assert {n: again.counts[n] for n in ("new", "same", "changed", "refused")} == {
        "new": 1,
        "same": 1,
        "changed": 1,
        "refused": 0,
    }
    async with own_district.database.tx(system_actor("town")) as tx:
        found = await cases(tx)
        refused = await imports.refused_csv(tx, again.id)
    assert len(found) == 3
    assert "换了说法" not in found["T2"].words
    assert "系统里已有同样编号" in refused.decode("utf-8-sig")


async def test_rows_without_a_number_are_known_by_what_they_say(own_district: District) -> None:
    data = table(row(1, 编号=""), row(2, 编号=""))
    assert (await take(own_district, data)).counts["new"] == 2
    assert (await take(own_district, data)).counts["same"] == 2


async def test_the_same_number_twice_in_one_table(own_district: District) -> None:
    rows = [row(1), row(1), row(1, "同号不同事")]
    done = await take(own_district, table(*rows))
    assert (done.counts["new"], done.counts["same"], done.counts["changed"]) == (1, 1, 1)


async def test_two_systems_may_use_the_same_number(own_district: District) -> None:
    await take(own_district, table(row(1)), replace(MAPPING, source="甲"))
    second = await take(own_district, table(row(1, "另一件")), replace(MAPPING, source="乙"))
    assert second.counts["new"] == 1


async def test_the_refused_are_mended_and_sent_again(own_district: District) -> None:
    bad = row(2, '=HYPERLINK("http://x")', 网格编码="nowhere", 上报时间="3/4/2026")
    done = await take(own_district, table(row(1), bad))
    async with own_district.database.tx(system_actor("town")) as tx:
        data = await imports.refused_csv(tx, done.id)
    kept = next(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert kept["原行号"] == "3"
    assert "年份写在最前面" in kept["未导入的原因"]
    assert kept["描述"].startswith("'=")
    kept |= {"网格编码": town.GRID_2, "上报时间": "2026-03-04"}
    mended = {name: kept[name] for name in HEADINGS}
    assert (await take(own_district, table(mended))).counts["new"] == 1
    async with own_district.database.tx(system_actor("town")) as tx:
        assert (await cases(tx))["T2"].words.startswith("=HYPERLINK")


async def test_whatever_is_written_in_the_cells_stays_text(own_district: District) -> None:
    nasty = [
        "'); drop table cases_case; --",
        "<script>alert(1)</script>",
        "{{ 7*7 }} ${x} %s :name",
        "井盖😀坏了\x00\x07",
        "\ufeff" + "长" * 3000,
    ]
    rows = [row(n, words, 类型=words[:30], 结果=words) for n, words in enumerate(nasty, 1)]
    done = await take(own_district, table(*rows))
    assert done.counts["new"] == len(nasty)
    async with own_district.database.tx(system_actor("town")) as tx:
        found = await cases(tx)
    assert found["T1"].words == nasty[0]
    assert found["T2"].words == nasty[1]
    assert found["T4"].words == "井盖😀坏了"
    assert len(found["T5"].words) == 2000


async def test_every_cell_hostile_is_refused_row_by_row(tx: Tx) -> None:
    evil = "'; drop table x; --<b>"
    shown = await seen(tx, table({heading: evil for heading in HEADINGS}))
    assert shown.lines[0].verdict == "refused"
    assert {problem.field for problem in shown.lines[0].problems} >= {"网格编码", "上报时间"}


async def test_gbk_with_a_mark_and_wrong_columns(tx: Tx) -> None:
    data = b"\x84\x31\x95\x33" + table(row(1), encoding="gb18030")
    assert (await seen(tx, data)).lines[0].verdict == "new"
    with pytest.raises(Invalid):
        await seen(tx, b"a,b\n1,2\n")


async def test_three_hundred_megabytes_are_refused_unread(tx: Tx, tmp_path: Path) -> None:
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as file:
        file.truncate(300_000_000)
    with pytest.raises(TableTooLarge):
        await imports.stage(tx, huge, "huge.csv")


async def test_columns_are_remembered_for_the_next_table(own_district: District) -> None:
    odd = replace(MAPPING, columns={"words": ("编号",), "external_id": ("描述",)})
    await take(own_district, table(row(1)), odd)
    async with own_district.database.tx(system_actor("town")) as tx:
        staged = await imports.stage(tx, table(row(2)), "next.csv")
    assert staged.remembered
    assert staged.mapping.columns == odd.columns


# -- interrupted -------------------------------------------------------------------------------


async def staged(database: Database, *rows: dict[str, str]) -> UUID:
    async with database.tx(system_actor("town"), now=town.NOON) as tx:
        found = await imports.stage(tx, table(*rows), "t.csv", mapping=MAPPING)
        await imports.begin(tx, found.id)
    return found.id


async def test_a_bite_that_breaks_leaves_nothing(
    own_district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "BITE_ROWS", 10)
    database, system = own_district.database, system_actor("town")
    id_ = await staged(database, *(row(n) for n in range(1, 26)))
    async with database.tx(system, now=town.NOON) as tx:
        await imports.bite(tx, id_)

    async def broken() -> None:
        async with database.tx(system, now=town.NOON) as tx:
            await imports.bite(tx, id_)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await broken()
    async with database.tx(system) as tx:
        assert len(await cases(tx)) == 10
        assert (await imports.progress(tx, id_)).done == 10
    done = await imports.run(database, id_, now=town.NOON)
    assert (done.state, done.done, done.counts["new"], done.counts["same"]) == (
        "done",
        25,
        25,
        0,
    )


KILLED = """
    import asyncio, os, sys
    from wangge.dispatch import imports
    from wangge.dispatch.imports import work
    from wangge.kernel.database import Database
    work.BITE_ROWS = 20
    async def main():
        database = await Database.connect(sys.argv[1], "town")
        from uuid import UUID
        def shown(now):
            print(now.done, flush=True)
        await imports.run(database, UUID(sys.argv[2]), shown=shown)
    asyncio.run(main())
"""


async def test_a_killed_process_loses_and_doubles_nothing(own_district: District) -> None:
    database = own_district.database
    id_ = await staged(database, *(row(n) for n in range(1, 400)))
    await killed(KILLED, database.dsn, id_, after=60)
    async with database.tx(system_actor("town")) as tx:
        part, at = len(await cases(tx)), await imports.progress(tx, id_)
    assert at.state == "running"
    assert part == at.done
    assert 60 <= part < 399
    done = await imports.run(database, id_, now=town.NOON)
    async with database.tx(system_actor("town")) as tx:
        assert len(await cases(tx)) == 399
        steps = await tx.one(int, "select count(*) from cases_step where verb = 'report'")
    assert (done.counts["new"], done.counts["same"], steps) == (399, 0, 399)


async def test_the_same_file_twice_at_once(
    own_district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "BITE_ROWS", 10)
    data = table(*(row(n) for n in range(1, 60)))
    one, two = await asyncio.gather(take(own_district, data), take(own_district, data))
    assert one.counts["new"] + two.counts["new"] == 59
    assert one.counts["same"] + two.counts["same"] == 59


async def test_the_second_of_two_imports_waits_and_sees_what_the_first_brought(
    own_district: District,
) -> None:
    database, system = own_district.database, system_actor("town")
    first, second = await staged(database, row(1)), await staged(database, row(1))

    async def one_bite(id_: UUID) -> Progress | None:
        async with database.tx(system, now=town.NOON) as tx:
            return await imports.bite(tx, id_)

    async with database.tx(system, now=town.NOON) as tx:
        await imports.bite(tx, first)
        other = asyncio.create_task(one_bite(second))
        async with asyncio.timeout(20):
            while not await tx.one(  # noqa: ASYNC110
                int, "select count(*) from pg_locks where not granted"
            ):
                await asyncio.sleep(0.01)
    taken = await other  # no broken promise, no second try
    assert taken is not None
    assert (taken.counts["new"], taken.counts["same"]) == (0, 1)


async def test_one_import_and_two_who_drive_it(
    own_district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "BITE_ROWS", 10)
    database = own_district.database
    id_ = await staged(database, *(row(n) for n in range(1, 60)))
    both = await asyncio.gather(*(imports.run(database, id_, now=town.NOON) for _ in range(2)))
    assert [(one.state, one.counts["new"]) for one in both] == [("done", 59)] * 2


async def test_cancelled_it_stops_and_keeps_what_is_in(
    own_district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "BITE_ROWS", 10)
    database, system = own_district.database, system_actor("town")
    id_ = await staged(database, *(row(n) for n in range(1, 60)))
    async with database.tx(system, now=town.NOON) as tx:
        await imports.bite(tx, id_)
    async with database.tx(system, now=town.NOON) as tx:
        await imports.cancel(tx, id_)
    done = await imports.run(database, id_, now=town.NOON)
    assert (done.state, done.done) == ("cancelled", 10)
    async with database.tx(system) as tx:
        assert len(await cases(tx)) == 10
        assert await tx.one(int, "select count(*) from dispatch_import_row") == 0


async def test_the_clock_drives_it_and_gives_up_on_a_bug(
    own_district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, system = own_district.database, system_actor("town")
    id_ = await staged(database, row(1))

    async def one_tick() -> None:
        async with database.tx(system, now=town.NOON) as tx:
            await work.on_the_clock(tx)

    async def broken(*_: Any) -> None:
        raise RuntimeError("a bug")

    with monkeypatch.context() as patched:
        patched.setattr(work, "write", broken)
        for _ in range(FAILURES_MAX):
            with pytest.raises(RuntimeError):
                await one_tick()
        await one_tick()
    async with database.tx(system) as tx:
        assert (await imports.progress(tx, id_)).state == "failed"
    second = await staged(database, row(1))
    for _ in range(3):
        await one_tick()
    async with database.tx(system) as tx:
        assert (await imports.progress(tx, second)).state == "done"


async def test_an_import_is_its_owners(own_district: District, as_: As) -> None:
    database = own_district.database
    async with database.tx(as_("street_officer"), now=town.NOON) as tx:
        found = await imports.stage(tx, table(row(1)), "t.csv", mapping=MAPPING)
    for other, sees in (("other_street_officer", False), ("district_officer", True)):
        async with database.tx(as_(other), now=town.NOON) as tx:
            if sees:
                assert (await imports.progress(tx, found.id)).state == "waiting"
            else:
                with pytest.raises(NotFound):
                    await imports.cancel(tx, found.id)


async def test_old_uploads_are_forgotten(own_district: District) -> None:
    database, system = own_district.database, system_actor("town")
    async with database.tx(system, now=town.NOON) as tx:
        await imports.stage(tx, table(row(1)), "t.csv", mapping=MAPPING)
    assert keeping.forget_uploads
    keep = all_keeps()["dispatch.uploads"]
    async with database.tx(system, now=town.NOON + timedelta(days=1)) as tx:
        await once(tx, keep)
        assert await tx.one(int, "select count(*) from dispatch_import_row") == 1
    async with database.tx(system, now=town.NOON + timedelta(days=3)) as tx:
        await once(tx, keep)
        assert await tx.one(int, "select count(*) from dispatch_import_row") == 0
