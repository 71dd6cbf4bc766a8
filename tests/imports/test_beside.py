"""A large table is read by a second process, and nothing in its lines tells."""

import multiprocessing
import os
from collections.abc import Iterator
from typing import Any

import pytest
from importing import As, Office, number_of, table

from wangge.imports import beside, bites, judged, judging
from wangge.kernel.http import District

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
    """Every table is worth a second process, which takes two rows at a time."""
    monkeypatch.setattr(beside, "ROWS", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(judging, "PIECE_ROWS", 2)
    yield
    beside.end()


async def test_rows_read_by_another_process_are_judged_alike(
    office: Office, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await office.lines(await office.judged(table(*ROWS)))
    assert {one.verdict for one in here} >= {"new", "same", "unplaced", "refused"}
    request.getfixturevalue("two_processes")

    def never(*_: object) -> list[Any]:
        raise AssertionError("rows were taken apart in this process")

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
