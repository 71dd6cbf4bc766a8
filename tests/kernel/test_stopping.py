"""Whoever is told to stop stops, also when the connection dies in the same moment."""

import asyncio

import pytest
from saying import SYSTEM

from wangge.kernel.database import Database
from wangge.kernel.http import District
from wangge.kernel.stopping import stop_if_told


@pytest.fixture
def database(own_district: District) -> Database:
    return own_district.database


async def cut(database: Database, pid: int) -> None:
    async with database.tx(SYSTEM) as tx:
        assert await tx.one(bool, "select pg_terminate_backend(:pid)", pid=pid)


@pytest.mark.parametrize("way_out", [asyncio.CancelledError, KeyError])
async def test_a_dying_connection_does_not_hide_why_a_transaction_ends(
    database: Database, way_out: type[BaseException]
) -> None:
    async def leave_with_it_cut() -> None:
        async with database.tx(SYSTEM) as tx:
            await cut(database, await tx.one(int, "select pg_backend_pid()"))
            raise way_out

    with pytest.raises(way_out):
        await leave_with_it_cut()
    async with database.tx(SYSTEM) as tx:
        assert await tx.one(int, "select 1") == 1


async def test_a_cancelled_task_stops_at_the_next_error_whatever_it_is() -> None:
    went_on = False

    async def stubborn() -> None:
        nonlocal went_on
        try:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                raise OSError("what a library made of it") from None
        except Exception:
            stop_if_told()
        went_on = True

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not went_on


async def test_a_task_that_nobody_told_goes_on() -> None:
    stop_if_told()
