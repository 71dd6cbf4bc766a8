"""What is open at a stairwell's doors goes to the micro-grid that the stairwell goes to, and back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

import small_town as town
from wangge import dispatch
from wangge.cases.queries import count_at_units
from wangge.dispatch import Report
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.database import Tx, counting
from wangge.kernel.moments import new_id
from wangge.planning import commands
from wangge.planning.keeping import forget_proposals, old_proposals
from wangge.web.rooms import import_rooms

import_rooms()
As = Callable[[str], Actor]
STAIRWELL = town.unit_id("1-1-1")
OLD_HEAD = f"staff:{town.PEOPLE['part_time_worker'].id}"
NEW_HEAD = f"staff:{town.PEOPLE['grid_worker'].id}"


@dataclass(frozen=True)
class Standing:
    area_code: str
    task_area: str
    state: str
    target: str | None
    version: int
    notes: int
    withdrawn: int


async def _reported(tx: Tx, by: Actor, target: str = OLD_HEAD) -> UUID:
    """A case at a door of the stairwell, whose task is offered to the head there."""
    id_ = new_id(tx.now)
    tx.actor = system_actor(tx.actor.district)
    report = Report(
        id=id_,
        by=by,
        words="1幢楼道灯不亮",
        class_code="E0401",
        area_code=town.MICRO_1A,
        trusted=True,
        unit_id=STAIRWELL,
    )
    answer: Any = (await dispatch.receive(tx, [report]))[0]
    await tx.run("update tasks_task set target = :t where origin_id = :id", t=target, id=id_)
    assert answer.state == "dispatched"
    return id_


async def _standing(tx: Tx, id_: UUID) -> Standing:
    return await tx.one(
        Standing,
        """
        select c.area_code, t.area_code as task_area, t.state, t.target, c.version,
               (select count(*) from cases_step s
                 where s.case_id = c.id and s.verb = 'note')::int as notes,
               (select count(*) from tasks_offer o
                 where o.task_id = t.id and o.answer = 'withdrawn')::int as withdrawn
          from cases_case c join tasks_task t on t.origin_id = c.id where c.id = :id
        """,
        id=id_,
    )


@pytest.fixture
async def headed(tx: Tx, as_: As) -> Tx:
    """二号 has a head of its own; the community's office looks."""
    tx.actor = as_("community_officer")
    await commands.name_head(tx, town.MICRO_1B, town.PEOPLE["grid_worker"].id)
    return tx


async def _given(tx: Tx, as_: As) -> UUID:
    """The stairwell goes from 一号 to 二号."""
    tx.actor = as_("community_officer")
    id_ = await commands.ask(tx, town.XINGHUA, "hand")
    await commands.move(tx, id_, STAIRWELL, town.MICRO_1B, 1)
    await commands.accept(tx, id_, "归二号", 2)
    return id_


async def test_an_open_case_goes_with_its_stairwell_and_its_offer_to_the_new_head(
    headed: Tx, as_: As
) -> None:
    case = await _reported(headed, as_("grid_worker"))
    assert await count_at_units(headed, [STAIRWELL]) == 1
    before = await _standing(headed, case)
    proposal = await _given(headed, as_)
    after = await _standing(headed, case)
    assert (after.area_code, after.task_area) == (town.MICRO_1B, town.MICRO_1B)
    assert (after.state, after.target) == ("offered", NEW_HEAD)
    assert (after.withdrawn, after.notes - before.notes) == (1, 1)
    assert after.version == before.version + 1
    await commands.undo(headed, proposal, "还是归一号")
    back = await _standing(headed, case)
    assert (back.area_code, back.task_area, back.target) == (
        town.MICRO_1A,
        town.MICRO_1A,
        OLD_HEAD,
    )


async def test_whoever_has_accepted_goes_on_with_it(headed: Tx, as_: As) -> None:
    case = await _reported(headed, as_("grid_worker"))
    mine = town.PEOPLE["part_time_worker"].id
    await headed.run(
        "update tasks_task set state = 'accepted', holder_id = :me where origin_id = :id",
        me=mine,
        id=case,
    )
    await _given(headed, as_)
    after = await _standing(headed, case)
    assert (after.area_code, after.state, after.target, after.withdrawn) == (
        town.MICRO_1B,
        "accepted",
        OLD_HEAD,
        0,
    )


async def test_a_post_over_the_old_micro_grid_is_asked_over_the_new_one(
    headed: Tx, as_: As
) -> None:
    case = await _reported(headed, as_("grid_worker"), f"role:part_time_worker@{town.MICRO_1A}")
    await _given(headed, as_)
    after = await _standing(headed, case)
    assert after.target == f"role:part_time_worker@{town.MICRO_1B}"


async def test_what_lies_elsewhere_or_is_over_stays(headed: Tx, as_: As) -> None:
    over, wider = [await _reported(headed, as_("grid_worker")) for _ in range(2)]
    await headed.run(
        "update cases_case set ended_at = :now where id = :id", now=headed.now, id=over
    )
    await headed.run(
        "update cases_case set area_code = :code where id = :id", code=town.GRID_1, id=wider
    )
    assert await count_at_units(headed, [STAIRWELL]) == 0
    await _given(headed, as_)
    assert (await _standing(headed, over)).area_code == town.MICRO_1A
    assert (await _standing(headed, wider)).area_code == town.GRID_1


async def test_many_open_cases_take_no_more_statements_than_one(headed: Tx, as_: As) -> None:
    await commands.undo(headed, await _given(headed, as_), "先走一遍")
    await _reported(headed, as_("grid_worker"))
    with counting() as one:
        id_ = await _given(headed, as_)
    await commands.undo(headed, id_, "再来一次")
    for _ in range(5):
        await _reported(headed, as_("grid_worker"))
    with counting() as six:
        await _given(headed, as_)
    assert six.total == one.total


async def test_a_proposal_is_kept_for_its_time_after_the_last_change(
    headed: Tx, as_: As
) -> None:
    decided = await _given(headed, as_)
    waiting = await commands.ask(headed, town.XINGHUA, "repair")
    later = headed.now + timedelta(seconds=1)
    assert await old_proposals(headed, headed.now) == []
    assert await forget_proposals(headed, headed.now, 10) == []
    old = await old_proposals(headed, later)
    gone = await forget_proposals(headed, later, 10)
    assert [(one.area_code, one.items) for one in gone] == [(town.XINGHUA, 1)]
    assert gone == old
    left = await headed.many(UUID, "select id from planning_proposal")
    assert waiting in left
    assert decided not in left
