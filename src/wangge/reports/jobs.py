"""The clock makes what is due, as whoever put it on the schedule, with their reach of now."""

import logging
from datetime import timedelta

from wangge.kernel.actors import Actor
from wangge.kernel.database import Tx
from wangge.kernel.jobs import tick
from wangge.kernel.refusals import Refusal
from wangge.people import ROSTER
from wangge.reports import commands, outgoing, queries

log = logging.getLogger("wangge.reports")


@tick("reports.due", every=timedelta(seconds=30))
async def make_due(tx: Tx) -> int:
    """Make the report that is due first. Answers 1, or 0 when none is.

    The next time is set whatever happens: a report whose owner may no longer make it fails quietly
    today and is tried again the next time.
    """
    # Taken and set on in a transaction of its own: the run below names the report's row.
    async with tx.aside() as beside:
        report = await queries.due_report(beside)
        if report is None:
            return 0
        await queries.set_next(beside, report.id, await commands.time_after(beside, report))
    roster = await ROSTER.get(tx)
    owner = Actor(
        report.owner_id,
        "staff",
        tx.actor.district,
        roster.grants(report.owner_id, tx.now),
        name=roster.staff_name(report.owner_id),
    )
    try:
        async with tx.aside(owner) as mine:
            await outgoing.run(mine, report.id, by_clock=True)
    except Refusal as refusal:
        log.info("report %s: %s", report.id, refusal.code)
    return 1
