"""A round's time runs out: the group and whoever answers for its grids hear where doors are left."""

import json
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

import small_town as town
from clock import Clock
from gateways import Gateway
from wangge.dispatch import reactions
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.http import District
from wangge.kernel.jobs import run_due
from wangge.kernel.relay import Relay, listen
from wangge.kernel.settings import decide
from wangge.sweeps import Opening, close_round, open_round, retime

As = Callable[[str], Actor]
NOON = town.NOON
MINUTES = 20
assert reactions


@pytest.fixture
async def round_id(own_district: District, clock: Clock, gateway: Gateway) -> UUID:
    """A round of a community that nobody has begun; its second grid has no head."""
    sms = f"{gateway.url}/sms?to={{phone}}&say={{text}}"
    async with own_district.database.tx(system_actor("town"), now=NOON) as tx:
        await tx.run(
            "delete from people_post where area_code = :code and role = 'grid_head'",
            code=town.GRID_2,
        )
        await tx.bump("people")
        await decide(tx, "dispatch.webhook_url", f"{gateway.url}/group")
        await decide(tx, "dispatch.sms_url", sms)
        opening = Opening(
            kind="check",
            areas=[town.XINGHUA],
            minutes=MINUTES,
            title="摸排",
        )
        return (await open_round(tx, opening)).id


async def until(district: District, clock: Clock, minutes: float) -> None:
    """What the worker does that long after noon: what is due, what listeners hear, what they queue."""
    clock.moment = at = NOON + timedelta(minutes=minutes)
    await run_due(district.database, "town", now=at)
    relay = Relay(district.database)
    await relay.seal()
    await relay.close()
    while await listen(district.database, district.schema, "dispatch.sweeps"):
        pass
    await run_due(district.database, "town", now=at)


def texts(gateway: Gateway) -> dict[str, str]:
    said = [parse_qs(urlsplit(path).query) for _, path, _, _ in gateway.came if "/sms" in path]
    return {one["to"][0]: one["say"][0] for one in said}


def phone_of(key: str) -> str:
    return town.phone_of([person.key for person in town.STAFF].index(key) + 1)


async def test_who_answers_for_a_grid_hears_what_is_left_when_the_time_is_over(
    own_district: District, clock: Clock, gateway: Gateway, round_id: UUID
) -> None:
    await until(own_district, clock, MINUTES - 1)
    assert gateway.came == [], "its time is not over"
    await until(own_district, clock, MINUTES)
    [(group, body)] = [(path, body) for _, path, body, _ in gateway.came if "/group" in path]
    said = json.loads(body)
    assert "【摸排】时间到,还差 32 户:" in json.dumps(said, ensure_ascii=False)
    to = texts(gateway)
    assert "第一网格 16 户" in to[phone_of("grid_head")]
    assert "第二网格" not in to[phone_of("grid_head")], "each hears of their own"
    assert "第二网格 16 户" in to[phone_of("community_officer")], "who answers where no head is"
    for text in (group, *to.values()):
        assert not any(person.name in text for person in town.STAFF)
    await until(own_district, clock, MINUTES + 1)
    assert len(gateway.came) == 1 + len(to), "once"


async def test_more_time_is_another_clock(
    own_district: District, as_: As, clock: Clock, gateway: Gateway, round_id: UUID
) -> None:
    later = NOON + timedelta(minutes=MINUTES + 30)
    async with own_district.database.tx(as_("community_officer"), now=NOON) as tx:
        await retime(tx, round_id, later + timedelta(minutes=1))
        await retime(tx, round_id, later)
        await retime(tx, round_id, later)
    await until(own_district, clock, MINUTES)
    assert gateway.came == []
    await until(own_district, clock, MINUTES + 30)
    assert len(texts(gateway)) == 2


async def test_nothing_is_said_of_a_round_that_is_closed(
    own_district: District, as_: As, clock: Clock, gateway: Gateway, round_id: UUID
) -> None:
    async with own_district.database.tx(as_("community_officer"), now=NOON) as tx:
        await close_round(tx, round_id)
    await until(own_district, clock, MINUTES)
    assert gateway.came == []
