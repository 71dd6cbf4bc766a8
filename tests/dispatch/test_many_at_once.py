"""Many people at once: one holder, no lost report, boards that agree with counting."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import small_town as town
from wangge import dispatch
from wangge.dispatch import Received, Report, commands, intake_of
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.http import District
from wangge.kernel.moments import new_id
from wangge.kernel.relay import Relay, read_facts
from wangge.tasks import AlreadyTaken

As = Callable[[str], Actor]


def report(by: Actor, **changes: object) -> Report:
    made = Report(
        id=new_id(),
        by=by,
        words="消防通道被堵",
        class_code="Y0101",
        area_code=town.GRID_1,
        trusted=True,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


async def test_of_twenty_who_accept_at_once_exactly_one_holds_it(
    own_district: District, as_: As
) -> None:
    database = own_district.database
    answer = await intake_of(database, own_district.schema).take(report(as_("grid_worker")))
    async with database.tx(system_actor(own_district.schema)) as tx:
        task = await tx.one(
            UUID, "select id from tasks_task where origin_id = :id", id=answer.id
        )
    pool = [replace(as_("community_officer"), id=new_id()) for _ in range(20)]

    async def take(actor: Actor) -> str:
        try:
            async with database.tx(actor) as tx:
                await commands.accept(tx, task)
            return "held"
        except AlreadyTaken:
            return "taken"

    outcomes = Counter(await asyncio.gather(*(take(actor) for actor in pool)))
    assert outcomes == {"held": 1, "taken": 19}
    async with database.tx(system_actor(own_district.schema)) as tx:
        accepted = await tx.one(
            int, "select count(*)::int from tasks_offer where answer = 'accepted'"
        )
    assert accepted == 1


async def test_a_burst_of_reports_loses_none_and_doubles_none(
    own_district: District, as_: As
) -> None:
    intake = intake_of(own_district.database, own_district.schema)
    reports = [report(as_("grid_worker")) for _ in range(150)]
    # every tenth is sent twice, as an impatient phone does
    sent = [*reports, *reports[::10]]
    answers = await asyncio.gather(*(intake.take(one) for one in sent))
    assert all(isinstance(answer, Received) for answer in answers)
    receipts = {answer.id: answer.receipt for answer in answers}
    assert len(receipts) == 150
    async with own_district.database.tx(system_actor(own_district.schema)) as tx:
        kept = await tx.many(str, "select receipt from cases_case")
        offered = await tx.one(int, "select count(*)::int from tasks_task")
    assert sorted(kept) == sorted(receipts.values())
    assert offered == 150


async def test_facts_of_many_lives_agree_with_the_tables(
    own_district: District, as_: As
) -> None:
    database = own_district.database
    worker, officer = as_("grid_worker"), as_("community_officer")

    async def life() -> None:
        answer = await intake_of(database, own_district.schema).take(report(worker))
        async with database.tx(system_actor(own_district.schema)) as tx:
            task = await tx.one(
                UUID, "select id from tasks_task where origin_id = :id", id=answer.id
            )
        async with database.tx(officer) as tx:
            await commands.accept(tx, task)
        async with database.tx(officer) as tx:
            await commands.finish(tx, task, "车已挪走", [])

    relay = Relay(database)
    lives = asyncio.gather(*(life() for _ in range(30)))
    while not lives.done():
        await relay.seal()
        await asyncio.sleep(0)
    await lives
    while await relay.seal():
        pass
    await relay.close()
    async with database.tx(system_actor(own_district.schema)) as tx:
        facts = [f for f in await read_facts(tx, 0, 10_000)]
        by_state = await tx.many(str, "select state from cases_case")
    assert [f.seq for f in facts] == list(range(1, len(facts) + 1))
    moved = Counter(
        (fact.data["verb"], fact.data["to_state"])
        for fact in facts
        if fact.kind == "cases.CaseMoved"
    )
    assert moved[("ack", "acked")] == 30
    assert moved[("finish", "handled")] == 30
    assert Counter(by_state) == {"handled": 30}
    # in every life the report is said before the acceptance, and that before the finish
    order: dict[UUID, list[str]] = {}
    for fact in facts:
        if fact.kind == "cases.CaseReported":
            order.setdefault(fact.subject_id, []).append("report")
        elif fact.kind == "cases.CaseMoved":
            order.setdefault(fact.subject_id, []).append(fact.data["verb"])
    assert set(map(tuple, order.values())) == {("report", "ack", "finish")}


async def test_a_report_that_breaks_the_transaction_spoils_no_other(
    own_district: District, as_: As
) -> None:
    intake = intake_of(own_district.database, own_district.schema)
    good = [report(as_("grid_worker")) for _ in range(5)]
    # a photo nobody has sent is found out only while writing
    bad = report(as_("grid_worker"), photos=(new_id(),))
    answers = await asyncio.gather(
        *(intake.take(one) for one in [*good[:2], bad, *good[2:]]), return_exceptions=True
    )
    assert [isinstance(a, dispatch.Received) for a in answers] == [
        True,
        True,
        False,
        True,
        True,
        True,
    ]
