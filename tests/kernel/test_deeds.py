"""A deed is done once, however often and in whatever order it is sent."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from saying import SYSTEM

import small_town as town
from wangge.kernel.actors import Actor
from wangge.kernel.database import Database, Tx
from wangge.kernel.deeds import (
    REMEMBERED_DAYS,
    Answer,
    fingerprint,
    forget_old,
    recall,
    remember,
)
from wangge.kernel.http import Asking, Installation, do_deed
from wangge.kernel.http import deeds as module
from wangge.kernel.http.deeds import DeedKind
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import DeedReused, Invalid

As = Callable[[str], Actor]


class Body(msgspec.Struct):
    name: str
    refuse: bool = False


async def _count(tx: Tx, body: Body) -> Any:
    await tx.bump(body.name)
    if body.refuse:
        raise Invalid.of("name", "不行。")
    return {"times": (await tx.versions())[body.name]}


@pytest.fixture(autouse=True)
def kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        module._kinds, "test.count", DeedKind("test.count", Body, 200, _count, None)
    )


@pytest.fixture
def worker(own_installation: Installation, as_: As) -> Asking:
    return asker(own_installation, as_("grid_worker"))


def asker(installation: Installation, actor: Actor) -> Asking:
    return Asking(installation, installation.districts["town"], actor, "zh", "", "127.0.0.1")


async def do(who: Asking, deed_id: UUID, **body: Any) -> Answer:
    return await do_deed(who, "test.count", deed_id, {"name": "a", **body})


async def times(database: Database, name: str = "a") -> int:
    async with database.tx(SYSTEM) as tx:
        return (await tx.versions()).get(name, 0)


async def test_the_same_deed_twice_is_done_once(worker: Asking) -> None:
    id_ = new_id()
    first = await do(worker, id_)
    assert await do(worker, id_) == first == Answer(200, {"times": 1})
    assert await times(worker.district.database) == 1


async def test_the_same_deed_at_once_is_done_once(worker: Asking) -> None:
    id_ = new_id()
    answers = await asyncio.gather(*(do(worker, id_) for _ in range(8)))
    assert answers == [Answer(200, {"times": 1})] * 8
    assert await times(worker.district.database) == 1


async def test_deeds_may_come_out_of_order_and_again(worker: Asking) -> None:
    one, two = new_id(), new_id()
    second = await do(worker, two)
    first = await do(worker, one)
    assert (second.body, first.body) == ({"times": 1}, {"times": 2})
    assert [await do(worker, id_) for id_ in (one, two, one)] == [first, second, first]
    assert await times(worker.district.database) == 2


async def test_the_same_id_with_another_body_is_refused(worker: Asking) -> None:
    id_ = new_id()
    await do(worker, id_)
    with pytest.raises(DeedReused):
        await do(worker, id_, name="b")
    assert await times(worker.district.database, "b") == 0


async def test_the_same_id_from_somebody_else_is_refused(worker: Asking, as_: As) -> None:
    id_ = new_id()
    await do(worker, id_)
    with pytest.raises(DeedReused):
        await do(asker(worker.installation, as_("grid_worker_2")), id_)
    assert await times(worker.district.database) == 1


async def test_a_refused_deed_leaves_nothing_and_may_be_sent_again(worker: Asking) -> None:
    id_ = new_id()
    with pytest.raises(Invalid):
        await do(worker, id_, refuse=True)
    assert await times(worker.district.database) == 0
    assert await do(worker, id_) == Answer(200, {"times": 1})


async def test_unknown_kinds_and_bodies_are_named(worker: Asking) -> None:
    with pytest.raises(Invalid) as unknown:
        await do_deed(worker, "test.nothing", new_id(), {})
    assert unknown.value.problems[0].field == "kind"
    with pytest.raises(Invalid) as wrong:
        await do_deed(worker, "test.count", new_id(), {"name": 7})
    assert wrong.value.problems[0].field == "name"


def test_the_order_of_keys_is_no_difference() -> None:
    assert fingerprint("k", {"a": 1, "b": 2}) == fingerprint("k", {"b": 2, "a": 1})
    assert fingerprint("k", {"a": 1}) != fingerprint("j", {"a": 1})


async def test_answers_are_forgotten_after_their_time(tx: Tx) -> None:
    old, new = new_id(), new_id()
    remembered = timedelta(days=REMEMBERED_DAYS)
    tx.now = town.NOON - remembered - timedelta(seconds=1)
    await remember(tx, old, "k", {}, Answer(200, 1))
    tx.now = town.NOON
    await remember(tx, new, "k", {}, Answer(200, 2))
    assert [gone.items for gone in await forget_old(tx, town.NOON - remembered, 10)] == [1]
    assert await recall(tx, old, "k", {}) is None
    assert await recall(tx, new, "k", {}) == Answer(200, 2)
