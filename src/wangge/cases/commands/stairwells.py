"""Open cases of a stairwell go where it goes: to the micro-grid it belongs to now, and to its head."""

from collections.abc import Sequence
from dataclasses import replace

from wangge import tasks
from wangge.cases import queries
from wangge.cases.events import CaseFollowed
from wangge.cases.model import Verb
from wangge.kernel.database import Tx
from wangge.kernel.said import said
from wangge.people.commands.stairwells import Goes
from wangge.places import ATLAS


async def go_along(tx: Tx, goes: Sequence[Goes]) -> int:
    """Cases at the doors of these stairwells that are not over and lie in the area they left lie in the
    new one now, with a line in their story. Whoever has accepted a task goes on with it; an offer that
    waits for the old head is put to the new one. Answers how many. A fixed number of statements.

    The caller has given the stairwells away and checked who may do this.
    """
    to = {(one.unit_id, one.from_code): one for one in goes}
    before = await queries.lock_at_units(tx, [one.unit_id for one in goes])
    along = [
        (case, to[unit, case.area_code])
        for unit, case in before
        if (unit, case.area_code) in to
    ]
    if not along:
        return 0
    atlas = await ATLAS.get(tx)
    after = [
        replace(case, area_code=goes.to_code, version=case.version + 1) for case, goes in along
    ]
    await queries.set_areas(tx, after)
    await queries.add_steps(
        tx,
        [
            queries.step_of(
                case,
                now,
                Verb.NOTE.value,
                tx,
                said(
                    "单元从“{old}”划到“{new}”,这件事跟着过去;已接单的人继续办。",
                    old=atlas.name(goes.from_code),
                    new=atlas.name(goes.to_code),
                ),
                None,
            )
            for (case, goes), now in zip(along, after, strict=True)
        ],
    )
    await tasks.go_along(
        tx,
        {case.id: goes.to_code for case, goes in along},
        {
            case.id: (f"staff:{goes.from_staff}", f"staff:{goes.to_staff}")
            for case, goes in along
            if goes.from_staff and goes.to_staff and goes.from_staff != goes.to_staff
        },
    )
    tx.publish(*(CaseFollowed(case.id, case.area_code) for case in after))
    return len(after)
