"""From a tap at a door to work on somebody's list: missed, refused, help, a missed test; and back,
when the door is answered later."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

import httpx
import msgspec
import pytest
from declaring import a_live_one

from small_town import MICRO_1A
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.http import District, Installation
from wangge.kernel.moments import new_id
from wangge.kernel.relay import Relay, listen
from wangge.sweeps import Deed, Opening, Report, close_round, open_round, take

As = Callable[[str], Actor]
Client = Callable[..., Awaitable[httpx.AsyncClient]]


@dataclass(frozen=True, slots=True)
class Work:
    """A case with its task, as the desk and the asked have it."""

    id: UUID
    class_code: str
    state: str
    words: str
    result: str
    task: UUID | None
    task_state: str | None


@dataclass
class Walk:
    """Somebody with a phone in a stairwell, and what becomes of their reports."""

    district: District
    phone: httpx.AsyncClient
    round_id: UUID = field(default_factory=new_id)
    sent: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @property
    def system(self) -> Actor:
        return system_actor(self.district.schema)

    async def open(self, kind: str) -> list[UUID]:
        """A round of the stairwell; its doors."""
        raw = {"kind": kind, "areas": [MICRO_1A], "doors": "lived"}
        async with self.district.database.tx(self.system) as tx:
            self.round_id = (await open_round(tx, msgspec.convert(raw, Opening))).id
            return await tx.many(
                UUID,
                "select id from sweeps_door where round_id = :id order by label",
                id=self.round_id,
            )

    async def tap(self, door: UUID, outcome: str | None, **more: Any) -> str:
        """One report, sent as a phone sends it. Answers its id."""
        body = {"round": str(self.round_id), "door": str(door), "outcome": outcome, **more}
        deed = {"id": str(new_id()), "kind": "sweeps.report", "body": body}
        self.sent.append(deed)
        await self.send(deed)
        return str(deed["id"])

    async def send(self, *deeds: dict[str, Any]) -> None:
        reply = await self.phone.post("/api/v1/deeds", json={"deeds": list(deeds)})
        answers = reply.json()["answers"]
        assert [answer["status"] for answer in answers] == [200] * len(deeds), answers

    async def react(self) -> None:
        """Until every fact was heard."""
        relay = Relay(self.district.database)
        while await relay.seal():
            pass
        await relay.close()
        while await listen(self.district.database, self.district.schema, "dispatch.sweeps"):
            pass
        async with self.district.database.tx(self.system, read_only=True) as tx:
            assert await tx.one(int, "select count(*)::int from kernel_stuck") == 0

    async def work(self) -> list[Work]:
        async with self.district.database.tx(self.system, read_only=True) as tx:
            return await tx.many(
                Work,
                """
                select c.id, coalesce(c.class_code, '') as class_code, c.state, c.words, c.result,
                       t.id as task, t.state as task_state
                  from cases_case c left join tasks_task t on t.origin_id = c.id
                 order by c.reported_at, c.class_code, c.id
                """,
            )

    async def story(self, case: UUID) -> list[str]:
        async with self.district.database.tx(self.system, read_only=True) as tx:
            return await tx.many(
                str,
                "select verb || ' ' || opinion from cases_step where case_id = :id order by n",
                id=case,
            )


@pytest.fixture
async def walk(app_client: Client, own_installation: Installation) -> Walk:
    phone = await app_client("part_time_worker")
    return Walk(own_installation.districts["town"], phone)


async def under_a_response(walk: Walk, as_: As) -> None:
    officers = [
        replace(as_(name), district=walk.district.schema)
        for name in ("street_officer", "district_officer")
    ]
    async with walk.district.database.tx(walk.system) as tx:
        await a_live_one(tx, *officers, starts_at=tx.now, ends_at=tx.now + timedelta(days=1))


async def test_each_kind_of_trouble_becomes_its_own_case_once_and_ends_when_it_is_over(
    walk: Walk, app_client: Client, as_: As
) -> None:
    await under_a_response(walk, as_)
    one, two, *_ = await walk.open("check")
    await walk.tap(one, "nobody")
    await walk.react()
    assert await walk.work() == [], "once is nobody's work"
    await walk.tap(one, "locked", base=1, turn=2)
    await walk.tap(two, "refused", needs=["food"])
    await walk.react()
    found = {case.class_code: case for case in await walk.work()}
    assert set(found) == {"X0501", "X0203", "X0103"}
    assert "两次上门都没有见到人" in found["X0501"].words
    assert "住户求助" in found["X0103"].words
    asked = {code: (case.state, case.task_state) for code, case in found.items()}
    # By the rules: a refusal waits for a dispatcher, the others are offered at once.
    assert asked == {
        "X0501": ("dispatched", "offered"),
        "X0103": ("dispatched", "offered"),
        "X0203": ("filed", None),
    }
    for case in found.values():
        assert "居民" not in case.words, "no name"
    # Sent again, in one piece and backwards: nothing more.
    await walk.send(*reversed(walk.sent))
    await walk.react()
    assert len(await walk.work()) == 3

    desk = await app_client("community_officer")
    page = await desk.get(f"/cases/{found['X0501'].id}")
    assert page.status_code == 200
    assert "两次上门都没有见到人" in page.text

    # Both doors are answered. Who was asked for food is told; nobody had begun with the others.
    await walk.tap(one, "all", base=2, turn=3)
    await walk.tap(two, "all", base=1)
    await walk.react()
    found = {case.class_code: case for case in await walk.work()}
    for code, task in (("X0501", "cancelled"), ("X0203", None)):
        assert (found[code].state, found[code].task_state) == ("self_closed", task)
        assert "清查后来又到这一户" in found[code].result
    assert (found["X0103"].state, found["X0103"].task_state) == ("dispatched", "offered")
    page = await desk.get(f"/cases/{found['X0501'].id}")
    assert "清查后来又到这一户:齐。" in page.text
    # Refused once more: that is new work, and the old stays ended.
    await walk.tap(two, "refused", base=2)
    await walk.react()
    again = [case.state for case in await walk.work() if case.class_code == "X0203"]
    assert sorted(again) == ["filed", "self_closed"]


async def test_in_peace_only_what_needs_no_response_becomes_a_case(walk: Walk) -> None:
    one, two, *_ = await walk.open("check")
    await walk.tap(one, "nobody")
    await walk.tap(one, "nobody", base=1, turn=2)
    await walk.tap(two, "refused", needs=["food"])
    await walk.react()
    assert [case.class_code for case in await walk.work()] == ["F0104", "Z0301"]


async def test_a_tap_by_mistake_leaves_nothing_to_do(walk: Walk, as_: As) -> None:
    await under_a_response(walk, as_)
    one, *_ = await walk.open("check")
    wrong = await walk.tap(one, "refused", needs=["medical"])
    await walk.react()
    await walk.tap(one, None, base=1, undoes=wrong)
    await walk.react()
    found = {case.class_code: case for case in await walk.work()}
    assert found["X0203"].state == "self_closed"
    assert found["X0101"].state == "dispatched", "who asked for a doctor is not forgotten"
    assert any("撤回了这条上报" in line for line in await walk.story(found["X0101"].id))


async def test_whoever_has_begun_is_told_and_not_stopped(walk: Walk, as_: As) -> None:
    await under_a_response(walk, as_)
    one, *_ = await walk.open("check")
    await walk.tap(one, "nobody")
    await walk.tap(one, "nobody", base=1, turn=2)
    await walk.react()
    (case,) = await walk.work()
    async with walk.district.database.tx(walk.system) as tx:
        await tx.run("update cases_case set state = 'acked' where id = :id", id=case.id)
        await tx.run(
            "update tasks_task set state = 'accepted', holder_id = :me where id = :id",
            id=case.task,
            me=as_("grid_worker").id,
        )
    await walk.tap(one, "all", base=2, turn=3)
    await walk.react()
    (case,) = await walk.work()
    assert (case.state, case.task_state) == ("acked", "accepted")
    assert any("清查后来又到这一户" in line for line in await walk.story(case.id))


async def test_two_who_disagree_open_nothing_until_it_is_settled(
    walk: Walk, app_client: Client, as_: As
) -> None:
    """A phone that was out of reach says twice that nobody was there; another met them meanwhile."""
    await under_a_response(walk, as_)
    one, *_ = await walk.open("check")
    other = await app_client("grid_worker")
    met = Walk(walk.district, other, walk.round_id)
    await met.tap(one, "all")
    first = str(uuid5(one, "first"))
    late = [
        {
            "id": id_,
            "kind": "sweeps.report",
            "body": {
                "round": str(walk.round_id),
                "door": str(one),
                "outcome": "nobody",
                "turn": turn,
                **more,
            },
        }
        for id_, turn, more in (
            (first, 1, {}),
            (str(uuid5(one, "second")), 2, {"after": first}),
        )
    ]
    await walk.send(*late)
    await walk.react()
    assert await walk.work() == []


async def by_word(walk: Walk) -> None:
    """As a laboratory's own round, whose tubes nobody records here: done is who is said to be."""
    async with walk.district.database.tx(walk.system) as tx:
        plain = "update sweeps_round set form = form - 'by_tube' where id = :id"
        await tx.run(plain, id=walk.round_id)


async def test_a_missed_test_is_a_case_that_a_late_sample_ends(walk: Walk, as_: As) -> None:
    await under_a_response(walk, as_)
    one, two, *_ = await walk.open("testing")
    await by_word(walk)
    await walk.tap(one, "all")
    async with walk.district.database.tx(walk.system) as tx:
        await close_round(tx, walk.round_id)
    await walk.react()
    found = await walk.work()
    assert {case.class_code for case in found} == {"X0502"}
    assert {(case.state, case.task_state) for case in found} == {("dispatched", "offered")}
    # The phone of whoever sampled them comes back only now.
    await walk.tap(two, "all")
    await walk.react()
    ended = [case for case in await walk.work() if case.state == "self_closed"]
    assert [case.id for case in ended] == [uuid5(walk.round_id, f"{two}/untested")]


async def test_a_second_nobody_that_was_tapped_by_mistake_ends_its_case(
    walk: Walk, as_: As
) -> None:
    await under_a_response(walk, as_)
    one, *_ = await walk.open("check")
    await walk.tap(one, "nobody")
    wrong = await walk.tap(one, "locked", base=1, turn=2)
    await walk.react()
    await walk.tap(one, None, base=2, undoes=wrong)
    await walk.react()
    assert [case.state for case in await walk.work()] == ["self_closed"]


async def test_after_the_close_whoever_is_still_untested_has_a_case(
    walk: Walk, as_: As
) -> None:
    """Neither a report that is taken back, nor one that says that somebody was absent, nor a door
    that was answered without anybody being sampled, ends the last case there is."""
    await under_a_response(walk, as_)
    one, two, *_ = await walk.open("testing")
    await by_word(walk)
    early = await walk.tap(one, "nobody")
    await walk.tap(two, "nobody")
    await walk.tap(two, "nobody", base=1, turn=2)
    async with walk.district.database.tx(walk.system) as tx:
        await close_round(tx, walk.round_id)
        people = "select unnest(people) from sweeps_door where round_id = :r and id = :d"
        home = await tx.many(UUID, people, r=walk.round_id, d=one)
    await walk.react()

    async def open_at(door: UUID) -> set[str]:
        ended = {"self_closed"}
        names = {
            uuid5(walk.round_id, f"{door}/{what}{again}"): what
            for what in ("missed", "untested")
            for again in ("", "/1", "/2")
        }
        return {
            names[case.id]
            for case in await walk.work()
            if case.id in names and case.state not in ended
        }

    assert await open_at(one) == {"untested"}
    assert await open_at(two) == {"missed"}
    await walk.tap(one, None, base=1, undoes=early)
    await walk.tap(two, "visit", base=2)  # somebody was met, and nobody sampled
    await walk.react()
    assert await open_at(one) == {"untested"}
    assert await open_at(two) == {"untested"}
    await walk.tap(one, "all", base=2, persons={str(home[0]): "absent"})
    await walk.react()
    assert await open_at(one) == {"untested"}
    late = await walk.tap(one, "all", base=3)
    await walk.react()
    assert await open_at(one) == set()
    await walk.tap(one, None, base=4, undoes=late)
    await walk.react()
    assert await open_at(one) == {"untested"}, "what was taken back is to be done again"


async def test_a_ruling_for_what_stood_before_opens_no_second_case(
    walk: Walk, app_client: Client, as_: As
) -> None:
    await under_a_response(walk, as_)
    one, *_ = await walk.open("check")
    await walk.tap(one, "refused")
    await walk.react()
    other = Walk(walk.district, await app_client("grid_worker"), walk.round_id)
    await other.tap(one, "all")  # did not know of it
    await walk.react()
    assert [case.state for case in await walk.work()] == ["filed"]
    officer = replace(as_("community_officer"), district=walk.district.schema)
    async with walk.district.database.tx(walk.system) as tx:
        (case,) = await tx.many(UUID, "select id from cases_case")
        await tx.run("update cases_case set state = 'closed' where id = :id", id=case)
        body = Report(round=walk.round_id, door=one, outcome="refused", base=2)
        await take(tx, [Deed(new_id(), officer, body, decides=True)])
    await walk.react()
    assert len(await walk.work()) == 1
