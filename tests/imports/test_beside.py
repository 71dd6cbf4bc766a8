"""A large table is read by a second process, and nothing in its lines tells."""

import asyncio
import errno
import multiprocessing
import os
import threading
from collections.abc import Iterator
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from typing import Any

import pytest
from importing import As, Office, number_of, table

from wangge.imports import beside, bites, judged, judging
from wangge.imports.parting import Parting
from wangge.kernel.http import District

#: Seconds after which a process is stuck.
PATIENCE = 90

ROWS = (
    f"3-2-401 赵演示 户主 - {number_of('1970-05-01', 1)} 19900000001",
    "- 钱样例 妻子 - - 19900000002",
    f"3-2-401 赵演示 户主 - {number_of('1970-05-01', 1)} 19900000001",
    "没有这个小区9-9-901 孙示范 - - - -",
    f"3-2-402 李练习 外星人 - {number_of('1970-05-01', 2)[:-1]}* -",
    "1-1-101 甲居民2 女儿 - - 19900000007",
    "3-2-501 周示范 - - - -",
)


@pytest.fixture
def office(own_district: District, as_: As) -> Office:
    return Office(own_district.database, as_("community_officer"))


@pytest.fixture
def two_processes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every table is worth a second process, which takes two rows at a time and is waited for."""
    monkeypatch.setattr(beside, "ROWS", 1)
    monkeypatch.setattr(beside, "_DOORS", 5)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(judging, "PIECE_ROWS", 2)
    made = beside.beside

    def waited_for(by: Parting, rows: int) -> beside.Beside | None:
        found = made(by, rows)
        assert found is None or found.settled.wait(PATIENCE)
        return found

    monkeypatch.setattr(beside, "beside", waited_for)
    yield
    for child in multiprocessing.active_children():
        # The pool's own thread takes leave of it: whoever joins it at the same moment is told that it lives.
        assert wait([child.sentinel], PATIENCE), "it ends with its import"


def never(*_: object) -> list[Any]:
    raise AssertionError("rows were taken apart in this process")


async def test_rows_read_by_another_process_are_judged_alike(
    office: Office, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await office.lines(await office.judged(table(*ROWS)))
    assert {one.verdict for one in here} >= {"new", "same", "unplaced", "refused"}
    request.getfixturevalue("two_processes")
    monkeypatch.setattr(beside, "part", never)
    there = await office.lines(await office.judged(table(*ROWS)))
    assert there == here


async def test_where_that_process_is_killed_rows_are_read_here(
    office: Office, two_processes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, killed = judged.keep_lines, list[int]()

    async def keep_and_kill(*given: Any) -> None:
        for child in multiprocessing.active_children() if not killed else ():
            child.kill()
            child.join()
            killed.append(child.pid or 0)
        await keep(*given)

    monkeypatch.setattr(bites, "keep_lines", keep_and_kill)
    lines = await office.lines(await office.judged(table(*ROWS * 4)))
    assert killed
    assert len(lines) == len(ROWS) * 4


async def test_where_that_process_was_not_waited_for_rows_are_read_here(
    office: Office, two_processes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits a minute for rows; a statement of a bite may take two."""
    keep, stopped = judged.keep_lines, list[beside.Beside]()

    async def keep_late(*given: Any) -> None:
        if beside._beside is not None:  # pyright: ignore[reportPrivateUsage]
            stopped.append(beside._beside)  # pyright: ignore[reportPrivateUsage]
            stopped[-1].stop()
        await keep(*given)

    monkeypatch.setattr(bites, "keep_lines", keep_late)
    lines = await office.lines(await office.judged(table(*ROWS * 4)))
    assert stopped
    assert len(lines) == len(ROWS) * 4


async def test_where_no_process_can_start_rows_are_read_here(
    office: Office, two_processes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise BlockingIOError(errno.EAGAIN, "no more processes")

    monkeypatch.setattr(SpawnProcess, "start", full)
    lines = await office.lines(await office.judged(table(*ROWS)))
    assert len(lines) == len(ROWS)


async def test_nobody_waits_for_that_process_to_start(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "ROWS", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    go, before, waiting = threading.Event(), beside.beside, list[beside.Beside]()

    def slowly(by: Parting) -> Any:
        assert go.wait(PATIENCE)
        raise OSError("too late")

    def remembered(by: Parting, rows: int) -> beside.Beside | None:
        found = before(by, rows)
        waiting.extend([found] if found else [])
        return found

    monkeypatch.setattr(beside, "_started", slowly)
    monkeypatch.setattr(beside, "beside", remembered)
    lines = await office.lines(await office.judged(table(*ROWS)))
    assert len(lines) == len(ROWS)
    assert not waiting[0].settled.is_set(), "it was never ready"
    go.set()
    assert await asyncio.to_thread(waiting[0].settled.wait, PATIENCE)


async def test_one_import_does_not_end_anothers_process(
    office: Office, two_processes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, small = judged.keep_lines, list[Any]()
    monkeypatch.setattr(beside, "part", never)

    async def keep_and_judge_another(*given: Any) -> None:
        await keep(*given)
        if not small:
            small.append(None)
            with monkeypatch.context() as patched:
                patched.setattr(beside, "ROWS", 10_000)  # the other is a small table
                small[0] = await office.judged(table("3-2-401 吴小表 - - - -"))

    monkeypatch.setattr(bites, "keep_lines", keep_and_judge_another)
    lines = await office.lines(await office.judged(table(*ROWS)))
    assert len(lines) == len(ROWS)
    assert [one.verdict for one in await office.lines(small[0])] == ["new"]
