"""One case from a phone to closed, and what may go wrong on the way."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

import small_town as town
from wangge import dispatch
from wangge.cases import commands as cases
from wangge.cases import queries as case_queries
from wangge.cases.model import Case, MustRedispatch, State, WrongState
from wangge.cases.read import case_view, receipt_view
from wangge.cases.read.views import CaseView
from wangge.dispatch import Received, Report, commands
from wangge.kernel.actors import Actor, anonymous
from wangge.kernel.database import Tx
from wangge.kernel.i18n import Locale
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Forbidden, Invalid, NotFound, Refusal, Stale
from wangge.responses import NoResponse
from wangge.tasks import AlreadyTaken, OfferGone

As = Callable[[str], Actor]
CHINESE = re.compile(r"[㐀-鿿]")


def burst_pipe(by: Actor, **changes: object) -> Report:
    made = Report(
        id=new_id(town.NOON),
        by=by,
        words="3幢楼下水管爆了,水漫到路上",
        class_code="E0401",
        area_code=town.GRID_1,
        trusted=True,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


async def take(tx: Tx, report: Report) -> Received:
    was, tx.actor = tx.actor, system(tx)
    answer = (await dispatch.receive(tx, [report]))[0]
    tx.actor = was
    if isinstance(answer, Refusal):
        raise answer
    return answer


def system(tx: Tx) -> Actor:
    from wangge.kernel.actors import system_actor

    return system_actor(tx.actor.district)


async def task_of(tx: Tx, case_id: UUID, kind: str = "handle") -> UUID:
    return await tx.one(
        UUID,
        """
        select id from tasks_task where origin_id = :case_id and kind = :kind
           and state not in ('done', 'cancelled')
        """,
        case_id=case_id,
        kind=kind,
    )


async def case_of(tx: Tx, case_id: UUID) -> Case:
    return await case_queries.lock_for_task(tx, case_id)


async def test_a_workers_report_is_classified_routed_and_offered_at_once(
    tx: Tx, as_: As
) -> None:
    answer = await take(tx, burst_pipe(as_("grid_worker")))
    assert answer.state == "dispatched"
    assert answer.stage == "派遣"
    assert "管道破裂" in answer.route_reason
    assert answer.offered_to == "供水服务站"
    assert answer.due_at == town.NOON + timedelta(hours=2)
    assert "2紧急工作时" in answer.due_cause


async def test_the_same_report_twice_is_one_case_with_the_same_answer(tx: Tx, as_: As) -> None:
    report = burst_pipe(as_("grid_worker"))
    first = await take(tx, report)
    again = await take(tx, report)
    assert again.receipt == first.receipt
    assert again.due_at == first.due_at
    assert again.offered_to == first.offered_to
    assert await tx.one(int, "select count(*)::int from cases_case") == 1


async def test_the_same_report_twice_in_one_burst_is_one_case(tx: Tx, as_: As) -> None:
    report = burst_pipe(as_("grid_worker"))
    one, two = await dispatch.receive(tx, [report, report])
    assert isinstance(one, Received)
    assert one == two


async def test_one_bad_report_in_a_burst_harms_no_other(tx: Tx, as_: As) -> None:
    good = burst_pipe(as_("grid_worker"))
    bad = burst_pipe(as_("grid_worker"), area_code="9900010010")
    answers = await dispatch.receive(tx, [bad, good])
    assert isinstance(answers[0], Invalid)
    assert isinstance(answers[1], Received)


async def test_from_the_phone_to_closed(tx: Tx, as_: As) -> None:
    answer = await take(tx, burst_pipe(as_("grid_worker")))
    handle = await task_of(tx, answer.id)

    tx.actor = as_("department_staff")
    await commands.accept(tx, handle)
    assert (await case_of(tx, answer.id)).state is State.ACKED
    await commands.start(tx, handle)
    await commands.finish(tx, handle, "换了一段管子,已恢复供水", [])
    handled = await case_of(tx, answer.id)
    assert handled.state is State.HANDLED
    assert handled.handler_id == tx.actor.id

    tx.actor = as_("dispatcher")
    await commands.inspect(tx, answer.id, handled.version)
    check = await task_of(tx, answer.id, "inspect")
    tx.actor = as_("grid_worker")
    await commands.accept(tx, check)
    await commands.inspect_answer(tx, check, passed=True, note="路面已干", files=[])
    closed = await case_of(tx, answer.id)
    assert closed.state is State.CLOSED
    assert closed.ended_at == town.NOON

    tx.actor = as_("district_officer")
    view = await case_view(tx, answer.id)
    assert [step.verb for step in view.steps] == [
        "report",
        "file",
        "dispatch",
        "ack",
        "start",
        "finish",
        "inspect",
        "pass",
    ]
    receipt = await receipt_view(tx, answer.receipt)
    assert [line.stage for line in receipt.stages] == [
        "上报",
        "立案",
        "派遣",
        "处置",
        "反馈",
        "结案",
    ]
    assert "韩" not in repr(receipt)


async def test_a_residents_report_is_looked_at_before_it_is_filed(tx: Tx, as_: As) -> None:
    resident = anonymous(tx.actor.district)
    report = burst_pipe(resident, channel="resident", trusted=False)
    answer = await take(tx, report)
    assert answer.state == "verifying"
    check = await task_of(tx, answer.id, "verify")
    tx.actor = as_("grid_worker")
    await commands.accept(tx, check)
    await commands.verify_answer(tx, check, True, "确实漏水", None, [])
    case = await case_of(tx, answer.id)
    assert case.state is State.DISPATCHED
    assert case.verified
    assert "管道破裂" in case.route_reason


async def test_a_report_that_is_not_so_goes_back_to_the_acceptor(tx: Tx, as_: As) -> None:
    report = burst_pipe(anonymous(tx.actor.district), channel="resident", trusted=False)
    answer = await take(tx, report)
    check = await task_of(tx, answer.id, "verify")
    tx.actor = as_("grid_worker")
    await commands.accept(tx, check)
    with pytest.raises(Invalid):
        await commands.verify_answer(tx, check, False, "", None, [])


async def test_a_hotline_report_without_a_chosen_class_waits_for_an_acceptor(
    tx: Tx, as_: As
) -> None:
    report = burst_pipe(as_("acceptor"), channel="hotline", class_code=None)
    answer = await take(tx, report)
    assert answer.state == "reported"
    assert answer.class_code == "E0401"
    assert "水管" in answer.class_reason
    assert answer.due_at == town.NOON + timedelta(minutes=30)

    tx.actor = as_("acceptor")
    filed = await cases.file_case(tx, answer.id, 1, "E0401")
    assert filed.state is State.FILED
    assert filed.owner_id == tx.actor.id


async def test_handled_on_the_spot_is_recorded_in_one_step(tx: Tx, as_: As) -> None:
    report = burst_pipe(
        as_("grid_worker"), class_code="Z0101", words="两家为晒衣服吵架", self_close="已劝和"
    )
    answer = await take(tx, report)
    assert answer.state == "self_closed"
    assert answer.due_at is None


async def test_a_class_that_needs_a_response_is_shut_without_one(tx: Tx, as_: As) -> None:
    with pytest.raises(NoResponse):
        await take(tx, burst_pipe(as_("grid_worker"), class_code="X0103"))


async def test_a_case_out_of_reach_might_as_well_not_exist(tx: Tx, as_: As) -> None:
    answer = await take(tx, burst_pipe(as_("grid_worker")))
    tx.actor = as_("other_street_officer")
    with pytest.raises(NotFound):
        await cases.void(tx, answer.id, None, "不归我管")
    with pytest.raises(NotFound):
        await case_view(tx, answer.id)


async def test_within_reach_but_not_permitted_is_said_so(tx: Tx, as_: As) -> None:
    answer = await take(tx, burst_pipe(as_("grid_worker"), class_code=None))
    tx.actor = as_("grid_worker")
    with pytest.raises(Forbidden):
        await cases.void(tx, answer.id, None, "重复")


async def test_a_stale_form_changes_nothing(tx: Tx, as_: As) -> None:
    report = burst_pipe(as_("acceptor"), channel="hotline", class_code=None)
    answer = await take(tx, report)
    tx.actor = as_("acceptor")
    await cases.note(tx, answer.id, "已电话联系")
    with pytest.raises(Stale):
        await cases.file_case(tx, answer.id, 1, "E0401")


async def test_whoever_is_second_to_accept_is_told_so(tx: Tx, as_: As) -> None:
    answer = await take(tx, burst_pipe(as_("grid_worker"), class_code="Y0101"))
    assert answer.offered_to == "杏花社区社区专干"
    handle = await task_of(tx, answer.id)
    tx.actor = as_("community_officer")
    await commands.accept(tx, handle)
    # the same person's second tap is harmless
    await commands.accept(tx, handle)
    twin = replace(as_("community_officer"), id=as_("community_officer_2").id)
    tx.actor = twin
    with pytest.raises(AlreadyTaken):
        await commands.accept(tx, handle)


async def test_somebody_never_asked_cannot_take_a_task(tx: Tx, as_: As) -> None:
    answer = await take(tx, burst_pipe(as_("grid_worker")))
    handle = await task_of(tx, answer.id)
    tx.actor = as_("grid_worker_3")
    with pytest.raises(NotFound):
        await commands.accept(tx, handle)


async def test_who_declines_must_say_why_and_the_next_is_asked(tx: Tx, as_: As) -> None:
    answer = await take(
        tx, burst_pipe(as_("grid_worker"), class_code="F0102", words="独居老人不开门")
    )
    handle = await task_of(tx, answer.id)
    tx.actor = as_("grid_worker")
    with pytest.raises(Invalid):
        await commands.decline(tx, handle, " ")
    task = await commands.decline(tx, handle, "正在医院")
    assert task.target == f"staff:{as_('grid_worker_2').id}"
    unit = await tx.one(str, "select unit from cases_case where id = :id", id=answer.id)
    assert unit == task.target, "whoever said no is not the one it is with"
    with pytest.raises(OfferGone):
        await commands.accept(tx, handle)


async def test_an_unanswered_offer_climbs_until_nobody_is_left(tx: Tx, as_: As) -> None:
    answer = await take(
        tx, burst_pipe(as_("grid_worker"), class_code="F0102", words="独居老人不开门")
    )
    asked: list[str] = []
    for _ in range(8):
        target = await tx.maybe(
            str,
            "select target from tasks_task where origin_id = :id and state = 'offered'",
            id=answer.id,
        )
        if target is None:
            break
        asked.append(target)
        unit = await tx.one(str, "select unit from cases_case where id = :id", id=answer.id)
        assert unit == target
        tx.now += timedelta(hours=1)
        assert await commands.expire_offers(tx) == 1
    assert asked == [
        f"staff:{as_('grid_worker').id}",
        f"staff:{as_('grid_worker_2').id}",
        f"staff:{as_('grid_worker_3').id}",
        f"role:community_officer@{town.XINGHUA}",
        f"role:street_officer@{town.STREET}",
        f"role:district_officer@{town.COUNTY}",
    ]
    state = await tx.one(
        str, "select state from tasks_task where origin_id = :id", id=answer.id
    )
    assert state == "stranded"
    case = await case_of(tx, answer.id)
    assert case.level == "county"
    assert case.unit is None, "the last who said nothing is not the one it is with"


async def test_a_case_that_came_back_is_sent_again_and_the_third_time_talked_about(
    tx: Tx, as_: As
) -> None:
    answer = await take(tx, burst_pipe(as_("grid_worker")))
    for returned in (1, 2, 3):
        handle = await task_of(tx, answer.id)
        tx.actor = as_("department_staff")
        with pytest.raises(Invalid):
            await commands.return_task(tx, handle, "")
        await commands.return_task(tx, handle, "不是我们的管网")
        case = await case_of(tx, answer.id)
        assert case.state is State.FILED
        assert case.returns == returned
        assert case.returned
        tx.actor = as_("district_officer")
        with pytest.raises(MustRedispatch):
            await cases.merge(tx, answer.id, None, new_id(tx.now))
        meetings = await tx.one(
            int,
            "select count(*)::int from tasks_task where origin_id = :id and kind = 'joint'",
            id=answer.id,
        )
        assert meetings == (1 if returned == 3 else 0)
        if returned < 3:
            tx.actor = as_("dispatcher")
            target = f"org:{town.WATER.id}"
            sent = await commands.dispatch(tx, answer.id, None, target, "确属供水")
            assert sent.state is State.DISPATCHED
            assert not sent.returned


async def test_rework_goes_to_the_same_hands_with_half_of_the_time_more(
    tx: Tx, as_: As
) -> None:
    answer = await take(tx, burst_pipe(as_("grid_worker")))
    handle = await task_of(tx, answer.id)
    tx.actor = as_("department_staff")
    await commands.accept(tx, handle)
    tx.now += timedelta(minutes=30)
    await commands.finish(tx, handle, "修好了", [])
    tx.actor = as_("dispatcher")
    again = await commands.rework(tx, answer.id, None, "还在渗水")
    # 90 minutes were left of 120, and half of 120 comes on top
    assert again.final_due_at == tx.now + timedelta(minutes=150)
    assert again.reworks == 1
    second = await task_of(tx, answer.id)
    tx.actor = as_("department_staff")
    await commands.accept(tx, second)
    await commands.finish(tx, second, "换了接头", [])
    assert (await case_of(tx, answer.id)).state is State.HANDLED


async def test_a_suspended_clock_stands_still(tx: Tx, as_: As) -> None:
    answer = await take(tx, burst_pipe(as_("grid_worker")))
    handle = await task_of(tx, answer.id)
    tx.actor = as_("department_staff")
    await commands.accept(tx, handle)
    tx.now += timedelta(minutes=30)
    tx.actor = as_("dispatcher")
    review = tx.now + timedelta(days=2)
    suspended = await cases.suspend(tx, answer.id, None, "等待物业开门", review)
    assert suspended.due_at == review
    tx.now += timedelta(hours=20)
    resumed = await cases.resume(tx, answer.id, None)
    assert resumed.state is State.HANDLING
    assert resumed.due_at == tx.now + timedelta(minutes=90)


async def test_more_time_is_asked_for_and_decided_by_another(tx: Tx, as_: As) -> None:
    answer = await take(tx, burst_pipe(as_("grid_worker")))
    handle = await task_of(tx, answer.id)
    tx.actor = as_("department_staff")
    await commands.accept(tx, handle)
    until = tx.now + timedelta(hours=6)
    asked = await commands.ask_extension(tx, handle, "要等配件", until)
    assert asked.state is State.EXTENSION_PENDING
    tx.actor = as_("linked_leader")
    granted = await cases.decide_extension(tx, answer.id, None, True, "同意")
    assert granted.due_at == until
    assert granted.state is State.HANDLING


async def test_nobody_closes_ones_own_work(tx: Tx, as_: As) -> None:
    answer = await take(tx, burst_pipe(as_("grid_worker"), class_code="Y0101"))
    handle = await task_of(tx, answer.id)
    tx.actor = as_("community_officer")
    await commands.accept(tx, handle)
    await commands.finish(tx, handle, "车已挪走", [])
    with pytest.raises(Forbidden):
        await cases.close(tx, answer.id, None, True)
    tx.actor = as_("street_officer")
    with pytest.raises(Invalid):
        await cases.close(tx, answer.id, None, False)
    closed = await cases.close(tx, answer.id, None, True)
    assert closed.state is State.CLOSED
    with pytest.raises(WrongState):
        await cases.close(tx, answer.id, None, True)


async def test_a_resident_may_open_a_closed_case_once_again(tx: Tx, as_: As) -> None:
    answer = await take(
        tx,
        burst_pipe(
            as_("grid_worker"), class_code="Z0101", words="两家吵架", self_close="已劝和"
        ),
    )
    reopened = await cases.reopen_by_receipt(tx, answer.receipt, "又吵起来了")
    assert reopened.state is State.FILED
    with pytest.raises(Invalid):
        await cases.reopen_by_receipt(tx, answer.receipt, "还在吵")


async def test_a_case_nobody_moves_climbs_level_by_level(tx: Tx, as_: As) -> None:
    answer = await take(
        tx, burst_pipe(as_("grid_worker"), class_code="F0102", words="独居老人不开门")
    )
    assert await commands.climb(tx) == 0
    levels: list[str] = []
    for _ in range(5):
        tx.now += timedelta(hours=5)
        await commands.climb(tx)
        levels.append((await case_of(tx, answer.id)).level)
    assert levels == ["community", "street", "county", "county", "county"]


async def test_a_place_in_another_county_is_refused_at_once(tx: Tx, as_: As) -> None:
    from wangge.dispatch.decide import OtherDistrict

    for place in (
        {"area_code": "330604001001001"},
        {"area_code": None, "lon": 116.4, "lat": 39.9},
    ):
        with pytest.raises(OtherDistrict):
            await take(tx, burst_pipe(as_("grid_worker"), **place))


async def test_a_point_finds_its_grid(tx: Tx, as_: As) -> None:
    report = burst_pipe(as_("grid_worker"), area_code=None, lon=120.1013, lat=30.1012)
    answer = await take(tx, report)
    assert answer.area_code == town.MICRO_1A


async def test_whoever_answers_for_a_room_reads_what_it_is_asked(tx: Tx, as_: As) -> None:
    """The neighbouring community's room is asked: its officer reads the case while it is, and not
    before; its own area does not reach there."""
    answer = await take(tx, burst_pipe(as_("grid_worker"), class_code="E0102", trusted=False))
    tx.actor = as_("community_officer_2")
    with pytest.raises(NotFound):
        await case_view(tx, answer.id)
    tx.actor = as_("acceptor")
    await cases.file_case(tx, answer.id, None, "E0102")
    tx.actor = as_("dispatcher")
    room = f"role:community_officer@{town.LIUSHU}"
    await commands.dispatch(tx, answer.id, None, room, "就近帮忙")
    tx.actor = as_("community_officer_2")
    view = await case_view(tx, answer.id)
    assert view.unit == "柳树社区社区专干"
    task = await commands.accept(tx, await task_of(tx, answer.id))
    assert task.holder_id == as_("community_officer_2").id


@pytest.mark.parametrize(
    "room",
    [
        f"role:community_officer@{town.HUAIYIN}",  # nobody sits there
        f"role:mayor@{town.XINGHUA}",
        "role:community_officer@",
        "role:community_officer",
    ],
)
async def test_a_room_nobody_sits_in_is_not_asked(tx: Tx, as_: As, room: str) -> None:
    answer = await take(tx, burst_pipe(as_("grid_worker"), class_code="E0102", trusted=False))
    tx.actor = as_("acceptor")
    await cases.file_case(tx, answer.id, None, "E0102")
    tx.actor = as_("dispatcher")
    with pytest.raises(Invalid):
        await commands.dispatch(tx, answer.id, None, room, "")


async def read_as(tx: Tx, actor: Actor, case_id: UUID, locale: Locale) -> CaseView:
    was, tx.actor = tx.actor, actor
    view = await case_view(tx, case_id, locale)
    tx.actor = was
    return view


async def test_reasons_and_the_story_are_read_in_the_readers_language(tx: Tx, as_: As) -> None:
    answer = await take(tx, burst_pipe(replace(as_("grid_worker"), locale="en")))
    told = [answer.class_name, answer.class_reason, answer.route_reason, answer.due_cause]
    assert all(told)
    assert [text for text in told if CHINESE.search(text)] == []
    english = await read_as(tx, as_("street_officer"), answer.id, "en")
    shown = [
        english.class_name,
        english.class_reason,
        english.route_reason,
        english.due_cause,
        english.final_cause,
        english.condition,
        *(step.opinion for step in english.steps),
        *(step.due_cause for step in english.steps),
    ]
    assert [text for text in shown if CHINESE.search(text)] == []
    chinese = await read_as(tx, as_("street_officer"), answer.id, "zh")
    assert "管道破裂" in chinese.route_reason
    assert chinese.route_reason == next(
        step.opinion for step in chinese.steps if step.verb == "dispatch"
    )


async def test_a_row_from_before_is_read_as_it_was_written(tx: Tx, as_: As) -> None:
    answer = await take(tx, burst_pipe(as_("grid_worker")))
    await tx.run(
        "update cases_case set route_reason = '规则1“供水”:所有事项' where id = :id",
        id=answer.id,
    )
    shown = await read_as(tx, as_("street_officer"), answer.id, "en")
    assert shown.route_reason == "规则1“供水”:所有事项"
