"""Who is on duty and how long they may stay: by the time that is left, for whoever plans."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from wangge.hours import queries
from wangge.hours.guarding import back_days, by_person
from wangge.hours.limits import LIMITS, Limited, minute_of
from wangge.kernel.database import Tx
from wangge.solvers.fatigue import Left, Limits, Stint, left

#: People shown at once; more than a street has on duty at one time.
SHOWN_MAX = 400
#: Whoever comes on duty so soon is shown too.
SOON = timedelta(hours=12)
#: Less than this left is worth a look.
LITTLE = 120


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody's duty and what is left of it: from now on, or from when it begins."""

    staff_id: UUID
    area_code: str
    post: str
    starts_at: datetime
    ends_at: datetime
    on_duty: bool
    since: datetime
    left: Left

    @property
    def until(self) -> datetime:
        """The last moment that breaks nothing."""
        return self.since + timedelta(minutes=self.left.minutes)

    @property
    def state(self) -> str:
        """`over`: go home; `soon`: less than two hours; `enough`."""
        if self.left.minutes == 0:
            return "over"
        return "soon" if self.left.minutes < LITTLE else "enough"


async def standings(tx: Tx) -> list[Standing]:
    """Those on duty within reach, and those who come within half a day; the least time left first.
    Two statements. Hours in other areas count, their places are not read."""
    limits = (await LIMITS.get(tx)).limits
    there = await queries.present(tx, tx.now + SOON, SHOWN_MAX)
    since = tx.now - back_days(limits)
    spans = await queries.spans(tx, sorted({p.staff_id for p in there}), since, tx.now + SOON)
    # Arithmetic of some hundred people is not for the line that answers everybody.
    return await asyncio.to_thread(_standings, there, by_person(spans), tx.now, limits)


def _standings(
    there: Sequence[queries.Present],
    stints: Mapping[UUID, Sequence[Stint]],
    now: datetime,
    limits: Limits,
) -> list[Standing]:
    found = [
        Standing(
            p.staff_id,
            p.area_code,
            p.post,
            p.starts_at,
            p.ends_at,
            p.starts_at <= now,
            max(p.starts_at, now),
            left(stints.get(p.staff_id, ()), minute_of(max(p.starts_at, now)), limits),
        )
        for p in there
    ]
    return sorted(found, key=lambda one: (one.left.minutes, one.ends_at, one.staff_id))


async def of_one(tx: Tx, staff_id: UUID) -> tuple[Left, Limited]:
    """How long somebody may work from now on, and by which limits. One statement."""
    limited = await LIMITS.get(tx)
    since = tx.now - back_days(limited.limits)
    spans = await queries.spans(tx, [staff_id], since, tx.now)
    return left(by_person(spans).get(staff_id, ()), minute_of(tx.now), limited.limits), limited
