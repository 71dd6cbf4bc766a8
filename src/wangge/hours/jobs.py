"""Rosters that were asked for, worked out by the clock."""

from datetime import timedelta
from typing import TYPE_CHECKING

from wangge.hours.acts import PLAN
from wangge.hours.events import RosterReady
from wangge.hours.rosters import kept
from wangge.hours.rosters.ground import Ground, ground
from wangge.hours.rosters.model import rows_of
from wangge.kernel.beside import beside
from wangge.kernel.database import Tx
from wangge.kernel.jobs import tick
from wangge.kernel.said import said
from wangge.solvers import Budget, Watch

if TYPE_CHECKING:
    from wangge.solvers.shifts.making import Made

#: What is searched, in counted work, so that the same roster and seed give the same plan; and the seconds
#: a slow machine may take.
TRIES, SECONDS_MAX = 1_500, 90.0
#: Tries after which a roster is given up.
TRIES_MAX = 3


@tick("hours.work_out", every=timedelta(seconds=1))
async def work_out_next(tx: Tx) -> int:
    """Work out the roster that was asked for first. Answers 1, or 0 when none waits. A line of its own:
    nobody's messages wait behind it."""
    next_ = await kept.next_to_work_out(tx)
    if next_ is None:
        return 0
    async with tx.aside() as other:
        tries = await kept.count_try(other, next_.id)
    if tries > TRIES_MAX:
        await kept.rest(tx, next_.id, [said("多次没有算成,请换一个种子再算一次。")])
        return 1
    tx.cause = next_.id
    await work_out(tx, next_)
    return 1


async def work_out(tx: Tx, asked: kept.Waiting) -> None:
    """Compute a roster beside the loop."""
    sheet = await kept.sheet(tx, PLAN, asked.id)
    if not sheet.work:
        return  # somebody stopped it before it began
    found = await ground(tx, sheet)
    if not found.problem.needs:
        await kept.rest(tx, sheet.id, [said("这张排班表已经过完,不能再排;请新建一张。")])
        return
    watch = Watch()
    budget = watch.budget(TRIES, SECONDS_MAX)
    made = await beside(
        tx,
        lambda: solve(found, sheet.work, sheet.seed, budget),
        lambda other: kept.set_progress(
            other, sheet.id, watch.standing.done, watch.standing.whole
        ),
        watch.stop,
    )
    now = await kept.hold(tx, PLAN, asked.id)
    if (now.work, now.seed, now.asked_at) != (sheet.work, sheet.seed, sheet.asked_at):
        return  # somebody stopped it, or asked for something else since: nothing is kept
    begun = set(sheet.rows) - set(found.rows)  # what has begun stays as it is
    number = now.version + 1
    await kept.add_version(
        tx,
        sheet.id,
        number,
        "made" if sheet.work == "make" else "mended",
        rows_of([*begun, *made.entries]),
        sentences=[said(one.text, **one.values) for one in made.sentences],
        stopped=budget.ended,
        by=asked.asked_by,
    )
    await kept.rest(tx, sheet.id)
    tx.publish(RosterReady(sheet.id, sheet.area_code, number, made.missing))


def solve(found: Ground, work: str, seed: int, budget: Budget) -> "Made":
    """Pure, for a thread of its own. OR-Tools is loaded when somebody asks."""
    from wangge.solvers.shifts.making import Effort, make, mend

    effort = Effort(seed=seed, repeatable=True)
    if work == "make":
        return make(found.problem, budget=budget, effort=effort)
    return mend(found.problem, found.today or found.rows, budget=budget, effort=effort)
