"""A unit appeals against what counts against it, and three others judge."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

import small_town as town
from wangge import dispatch
from wangge.cases import appeals
from wangge.cases.appeal_rows import Appeal, Mark, UnitMarks, marks
from wangge.cases.appeals import AppealedAlready, AppealOver, AppealTooLate, NotYourAppeal
from wangge.dispatch import Received, Report, commands
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.database import Tx
from wangge.kernel.http import District
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Forbidden, Invalid, NotFound, Stale
from wangge.kernel.said import worded

As = Callable[[str], Actor]
Client = Callable[..., Awaitable[httpx.AsyncClient]]
WATER = f"org:{town.WATER.id}"


async def task_of(tx: Tx, case_id: UUID) -> UUID:
    return await tx.one(
        UUID,
        "select id from tasks_task where origin_id = :id and state not in ('done', 'cancelled')",
        id=case_id,
    )


async def reworked(tx: Tx, as_: As, *, hours: int = 1) -> tuple[UUID, Mark]:
    """A burst pipe that the water station finished after so many hours, sent back by the dispatcher."""
    tx.actor = system_actor(tx.actor.district)
    report = Report(
        new_id(tx.now),
        as_("grid_worker"),
        "三幢水管爆了",
        class_code="E0401",
        area_code=town.GRID_1,
        trusted=True,
    )
    [received] = await dispatch.receive(tx, [report])
    assert isinstance(received, Received)
    tx.actor = as_("department_staff")
    task = await task_of(tx, received.id)
    await commands.accept(tx, task)
    tx.now += timedelta(hours=hours)
    await commands.finish(tx, task, "换了管", [])
    tx.actor = as_("dispatcher")
    await commands.rework(tx, received.id, None, "还在渗水")
    return received.id, (await marks(tx, received.id))[-1]


async def filed(tx: Tx, as_: As) -> Appeal:
    case_id, mark = await reworked(tx, as_)
    tx.actor = as_("department_staff")
    return await appeals.appeal(tx, case_id, mark.step_id, "渗水的是燃气公司的井,不是水管", [])


async def test_late_handling_and_rework_stand_against_the_unit_that_had_it(
    tx: Tx, as_: As
) -> None:
    case_id, _ = await reworked(tx, as_, hours=5)
    assert [(m.what, m.unit) for m in await marks(tx, case_id)] == [
        ("late", WATER),
        ("rework", WATER),
    ]


async def test_nobody_is_marked_as_a_person(tx: Tx, as_: As) -> None:
    case_id, _ = await reworked(tx, as_)
    await tx.run(
        """
        insert into cases_step (id, case_id, n, at, actor_id, verb, from_state, to_state, target)
        values (:id, :case, 5, :now, :by, 'dispatch', 'filed', 'dispatched', :target)
        """,
        id=new_id(tx.now),
        case=case_id,
        now=tx.now,
        by=tx.actor.id,
        target=f"staff:{town.PEOPLE['grid_worker'].id}",
    )
    assert await marks(tx, case_id) == []


async def test_three_others_uphold_an_appeal(tx: Tx, as_: As) -> None:
    one = await filed(tx, as_)
    assert one.state == "pre_check"
    for who, state in (
        ("dispatcher", "department"),
        ("street_officer", "leader"),
        ("linked_leader", "upheld"),
    ):
        tx.actor = as_(who)
        assert [w.appeal.id for w in await appeals.to_decide(tx)] == [one.id], who
        one = await appeals.decide(tx, one.id, True, "", one.version)
        assert one.state == state
        assert await appeals.to_decide(tx) == []
    assert one.ended_at == tx.now
    assert [line["level"] for line in one.said] == ["pre_check", "department", "leader"]
    lines = await tx.many(
        str,
        "select opinion from cases_step where case_id = :id and verb = 'appeal' order by n",
        id=one.case_id,
    )
    story = [worded("zh", line) for line in lines]
    assert story[0].startswith("返工:渗水的是燃气公司的井")
    assert story[-1] == "返工:申诉成立,不计入"
    await tx.flush()
    facts = await tx.many(
        str,
        "select data::json->>'state' from kernel_outbox where kind = 'cases.AppealMoved' order by n",
    )
    assert facts == ["pre_check", "department", "leader", "upheld"]


async def test_a_no_needs_its_reason_and_ends_it(tx: Tx, as_: As) -> None:
    one = await filed(tx, as_)
    tx.actor = as_("dispatcher")
    with pytest.raises(Invalid):
        await appeals.decide(tx, one.id, False, "", None)
    one = await appeals.decide(tx, one.id, False, "照片里看得出是水管", None)
    assert one.state == "dismissed"
    tx.actor = as_("street_officer")
    with pytest.raises(AppealOver):
        await appeals.decide(tx, one.id, True, "", None)
    tx.actor = as_("department_staff")
    with pytest.raises(AppealOver):
        await appeals.withdraw(tx, one.id)


async def test_nobody_judges_twice_or_for_their_own_unit_or_out_of_turn(
    tx: Tx, as_: As
) -> None:
    one = await filed(tx, as_)
    tx.actor = as_("department_staff")
    with pytest.raises(Forbidden):
        await appeals.decide(tx, one.id, True, "", None)
    tx.actor = as_("linked_leader")
    with pytest.raises(Forbidden):
        await appeals.decide(tx, one.id, True, "", None)
    tx.actor = as_("other_street_officer")
    with pytest.raises(NotFound):
        await appeals.decide(tx, one.id, True, "", None)
    tx.actor = as_("dispatcher")
    with pytest.raises(Stale):
        await appeals.decide(tx, one.id, True, "", one.version + 1)
    await appeals.decide(tx, one.id, True, "", None)
    tx.actor = as_("district_officer")
    await appeals.decide(tx, one.id, True, "", None)
    with pytest.raises(NotYourAppeal):
        await appeals.decide(tx, one.id, True, "", None)


async def test_only_the_units_own_people_appeal_once_and_in_time(tx: Tx, as_: As) -> None:
    case_id, mark = await reworked(tx, as_)
    for who in ("department_staff_2", "dispatcher", "grid_worker"):
        tx.actor = as_(who)
        with pytest.raises(NotFound):
            await appeals.appeal(tx, case_id, mark.step_id, "不是我们的", [])
    tx.actor = as_("department_staff")
    with pytest.raises(NotFound):
        await appeals.appeal(tx, case_id, new_id(tx.now), "不是我们的", [])
    [standing] = await appeals.standings(tx, case_id, town.GRID_1)
    assert (standing.may_appeal, standing.may_decide) == (True, False)
    late, tx.now = tx.now, tx.now + timedelta(days=30)
    with pytest.raises(AppealTooLate):
        await appeals.appeal(tx, case_id, mark.step_id, "不是我们的", [])
    tx.now = late
    one = await appeals.appeal(tx, case_id, mark.step_id, "不是我们的", [])
    tx.actor = as_("dispatcher")
    with pytest.raises(NotFound):
        await appeals.withdraw(tx, one.id)
    tx.actor = as_("department_staff")
    assert (await appeals.withdraw(tx, one.id)).state == "withdrawn"
    with pytest.raises(AppealedAlready):
        await appeals.appeal(tx, case_id, mark.step_id, "再来一次", [])


async def test_at_the_desk_from_the_mark_to_the_first_answer(
    app_client: Client, own_district: District, as_: As
) -> None:
    async with own_district.database.tx(system_actor("town")) as tx:
        case_id, mark = await reworked(tx, as_)
    unit = await app_client("department_staff", accept="text/html")
    shown = await unit.get(f"/cases/{case_id}")
    assert "考核记录与申诉" in shown.text
    typed = {"deed": str(new_id()), "step_id": str(mark.step_id), "reason": "渗水的是别家的井"}
    sent = await unit.post(f"/cases/{case_id}/do/appeal", data=typed)
    assert sent.status_code == 303, sent.text[:800]
    dispatcher = await app_client("dispatcher", accept="text/html")
    assert "待审申诉" in (await dispatcher.get("/today")).text
    listed = await dispatcher.get("/appeals")
    assert "请您审" in listed.text
    assert "供水服务站" in listed.text
    async with own_district.database.tx(system_actor("town"), read_only=True) as tx:
        appeal_id = await tx.one(UUID, "select id from cases_appeal")
    typed = {"deed": str(new_id()), "appeal_id": str(appeal_id), "passed": "no", "version": "1"}
    typed |= {"key": f"decide_appeal-{mark.step_id}"}
    refused = await dispatcher.post(f"/cases/{case_id}/do/decide_appeal", data=typed)
    assert refused.status_code == 422
    assert "请写明原因" in refused.text
    typed |= {"deed": str(new_id()), "passed": "yes"}
    sent = await dispatcher.post(f"/cases/{case_id}/do/decide_appeal", data=typed)
    assert sent.status_code == 303
    assert "待主管部门复核" in (await unit.get(f"/cases/{case_id}")).text
    worker = await app_client("volunteer", accept="text/html")
    assert (await worker.get("/appeals")).status_code == 403


def counted(units: list[UnitMarks]) -> dict[str, tuple[int, int, int, int, int]]:
    return {
        one.unit: (one.handled, one.late, one.late_counted, one.reworks, one.reworks_counted)
        for one in units
    }


async def test_an_upheld_mark_does_not_count_against_the_unit(tx: Tx, as_: As) -> None:
    appeal = await filed(tx, as_)
    await reworked(tx, as_, hours=9)
    tx.actor = as_("shift_supervisor")
    window = (tx.now - timedelta(days=2), tx.now + timedelta(days=2))
    assert counted(await appeals.unit_marks(tx, *window)) == {WATER: (2, 1, 1, 2, 2)}
    for judge in ("dispatcher", "street_officer", "district_officer"):
        tx.actor = as_(judge)
        await appeals.decide(tx, appeal.id, True, "属实", None)
    assert counted(await appeals.unit_marks(tx, *window)) == {WATER: (2, 1, 1, 2, 1)}
    elsewhere = (tx.now + timedelta(days=1), tx.now + timedelta(days=2))
    assert await appeals.unit_marks(tx, *elsewhere) == []
    with pytest.raises(Invalid):
        await appeals.unit_marks(tx, window[1], window[0])
    tx.actor = as_("volunteer")
    with pytest.raises(Forbidden):
        await appeals.unit_marks(tx, *window)


async def test_appeals_are_paged_to_the_end_and_each_comes_once(tx: Tx, as_: As) -> None:
    made = {(await filed(tx, as_)).id for _ in range(5)}
    tx.actor = as_("dispatcher")
    seen: list[UUID] = []
    after: str | None = None
    for _ in range(3):
        page = await appeals.waiting(tx, after, 2)
        seen += [one.appeal.id for one in page.items]
        after = page.next
    assert after is None
    assert len(seen) == len(set(seen)) == 5
    assert set(seen) == made
    assert {one.appeal.id for one in await appeals.to_decide(tx)} == made
    await appeals.decide(tx, seen[0], True, "", None)
    assert {one.appeal.id for one in await appeals.to_decide(tx)} == made - {seen[0]}


async def test_programs_read_appeals_and_marks_too(
    app_client: Client, own_district: District, as_: As
) -> None:
    async with own_district.database.tx(system_actor("town")) as tx:
        appeal = await filed(tx, as_)
    dispatcher = await app_client("dispatcher")
    listed = (await dispatcher.get("/api/v1/appeals", params={"limit": 1})).json()
    assert [one["id"] for one in listed["items"]] == [str(appeal.id)]
    assert listed["next"] is None
    units = (await dispatcher.get("/api/v1/marks")).json()["items"]
    assert [(one["unit"], one["reworks"], one["reworks_counted"]) for one in units] == [
        (WATER, 1, 1)
    ]
    assert (await dispatcher.get("/api/v1/marks?since=2026-01-01")).status_code in (400, 422)
    assert (await (await app_client("volunteer")).get("/api/v1/appeals")).status_code == 403
    page = await (await app_client("dispatcher", accept="text/html")).get("/appeals")
    assert "各单位的考核记录" in page.text
