"""The live stream: what happened within reach, in order, nothing missed, nothing else."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from small_town import COUNTY, GRID_1, HUAIYIN, PEOPLE, XINGHUA, town_id
from town_fixtures import SCHEMA, RoomClient
from wangge.access.events import AccountMade
from wangge.kernel.actors import Actor, Grant, Role, system_actor
from wangge.kernel.http import Asking, District, Installation
from wangge.kernel.relay import Relay
from wangge.places.events import AreaOpened
from wangge.web import api


async def said(district: District, *codes: str, secret: bool = False) -> None:
    """Facts about these areas, sealed."""
    async with district.database.tx(system_actor(SCHEMA)) as tx:
        for code in codes:
            if secret:
                tx.publish(AccountMade(town_id("x"), code, False))
            else:
                tx.publish(fact(code))
    relay = Relay(district.database)
    try:
        while await relay.seal():
            pass
    finally:
        await relay.close()


def fact(code: str) -> AreaOpened:
    return AreaOpened(town_id(code), code)


def asks(installation: Installation, key: str, *grants: Grant) -> Asking:
    person = PEOPLE[key]
    actor = Actor(person.id, "staff", SCHEMA, grants or (Grant(person.role, person.area_code),))
    return Asking(installation, installation.districts["town"], actor, "zh", "", "")


@asynccontextmanager
async def screen(who: Asking, after: int | None = None) -> AsyncIterator[Any]:
    """An open stream; `await next_one()` is the next event."""
    stream = api._stream(who, after)  # pyright: ignore[reportPrivateUsage]
    assert b"retry:" in await anext(stream)

    events: list[str] = []

    async def next_one() -> dict[str, Any]:
        while not events:
            try:
                chunk = await anext(stream)
            except StopAsyncIteration:
                raise EOFError from None
            assert chunk.endswith(b"\n\n")
            events.extend(e for e in chunk.decode().split("\n\n") if e.startswith("id:"))
        lines = dict(line.split(": ", 1) for line in events.pop(0).split("\n"))
        data = json.loads(lines["data"])
        assert str(data["seq"]) == lines["id"]
        assert lines["event"] == "fact"
        return data

    try:
        yield next_one
    finally:
        await stream.aclose()


async def seen(district: District) -> None:
    """Until the screen is known to the stream."""
    async with asyncio.timeout(20):
        while True:
            if district.live.screens:
                return
            await asyncio.sleep(0.01)


async def end_of(district: District) -> int:
    async with district.database.tx(system_actor(SCHEMA)) as tx:
        return await tx.one(int, "select seq from kernel_chain")


async def test_only_what_is_within_reach(own_installation: Installation) -> None:
    district = own_installation.districts["town"]
    await said(district)
    mark = await end_of(district)
    async with screen(asks(own_installation, "grid_worker"), mark) as following:
        await said(district, HUAIYIN, XINGHUA, COUNTY, GRID_1)
        async with asyncio.timeout(20):
            heard = await following()
        assert heard["area_code"] == GRID_1
        assert set(heard) == {"seq", "kind", "subject_id", "area_code", "at"}


async def test_a_part_time_worker_of_one_stairwell_hears_nothing_of_the_area(
    own_installation: Installation,
) -> None:
    district = own_installation.districts["town"]
    narrow = Grant(Role.PART_TIME_WORKER, GRID_1, units=frozenset({town_id("unit")}))
    await said(district)
    mark = await end_of(district)
    async with screen(asks(own_installation, "part_time_worker", narrow), mark) as following:
        await said(district, GRID_1)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2):
                await following()


async def test_facts_about_accounts_are_for_administrators(
    own_installation: Installation,
) -> None:
    district = own_installation.districts["town"]
    await said(district)
    mark = await end_of(district)
    async with (
        screen(asks(own_installation, "district_officer"), mark) as officer,
        screen(asks(own_installation, "security_admin"), mark) as admin,
    ):
        await said(district, GRID_1, secret=True)
        await said(district, XINGHUA)
        async with asyncio.timeout(20):
            assert (await officer())["area_code"] == XINGHUA
            assert (await admin())["kind"] == "access.AccountMade"
            assert (await admin())["area_code"] == XINGHUA


async def test_what_was_missed_is_sent_first(own_installation: Installation) -> None:
    district = own_installation.districts["town"]
    await said(district)
    mark = await end_of(district)
    await said(district, GRID_1, HUAIYIN, GRID_1, GRID_1)
    async with screen(asks(own_installation, "grid_worker"), mark + 1) as following:
        async with asyncio.timeout(20):
            assert [(await following())["seq"] for _ in range(2)] == [mark + 3, mark + 4]
            await said(district, GRID_1)
            assert (await following())["seq"] == mark + 5


async def test_a_stream_breathes_and_ends_when_the_session_does(
    own_installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "HEARTBEAT", 0.02)
    who = asks(own_installation, "grid_worker")
    dead = Asking(
        who.installation, who.district, who.actor, "zh", "", "", session=town_id("no session")
    )
    chunks = [chunk async for chunk in api._stream(dead, None)]  # pyright: ignore[reportPrivateUsage]
    assert chunks[1:] == [b": alive\n\n"] * (api.LOOK_EVERY - 1)


async def test_a_stream_ends_when_the_process_stops(own_installation: Installation) -> None:
    district = own_installation.districts["town"]
    async with screen(asks(own_installation, "grid_worker")) as following:
        waiting = asyncio.ensure_future(following())
        await seen(district)
        await district.live.stop()
        with pytest.raises(EOFError):
            async with asyncio.timeout(20):
                await waiting
    assert district.live.screens == 0


async def test_a_screen_that_leaves_is_forgotten(own_installation: Installation) -> None:
    district = own_installation.districts["town"]
    async with screen(asks(own_installation, "grid_worker")) as following:
        waiting = asyncio.ensure_future(following())
        await seen(district)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    assert district.live.screens == 0


async def test_strangers_programs_and_one_screen_too_many_are_refused(
    app_client: RoomClient, own_installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await (await app_client()).get("/api/v1/live")).status_code == 401
    monkeypatch.setattr(api, "SCREENS_MAX", 0)
    full = await (await app_client("grid_worker")).get("/api/v1/live")
    assert full.status_code == 503
    assert full.headers["retry-after"] == "30"
