"""The guard over what is kept: asked before a stint is noted and before somebody is offered work."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from wangge.hours import queries
from wangge.hours.limits import LIMITS, Limited, minute_of
from wangge.hours.model import span
from wangge.kernel.database import Tx
from wangge.solvers.fatigue import Limits, Stint, enough


def back_days(limits: Limits) -> timedelta:
    """How far on either side of a stint others can matter to it."""
    return timedelta(days=max(8, (limits.days or 0) + 2, (limits.nights or 0) + 3))


def by_person(spans: Sequence[queries.Span]) -> dict[UUID, list[Stint]]:
    """Stints as the guard takes them, person by person."""
    found: defaultdict[UUID, list[Stint]] = defaultdict(list)
    for one in spans:
        found[one.staff_id].append(span(one.starts_at, one.ends_at))
    return found


def rests(stints: Sequence[Stint], now: int, limited: Limited) -> bool:
    """Whether one more task from now on (the guard's minute) would break a limit of this person's."""
    return not enough(stints, now, limited.offer_minutes, limited.limits)


async def tired(tx: Tx, staff_ids: Collection[UUID]) -> frozenset[UUID]:
    """Who of these would break a limit with one more task from now on. One statement; people whose
    hours nobody keeps are never tired."""
    if not staff_ids:
        return frozenset()
    limited = await LIMITS.get(tx)
    since = tx.now - back_days(limited.limits)
    spans = await queries.spans(tx, sorted(staff_ids), since, tx.now)
    now = minute_of(tx.now)
    return frozenset(
        person for person, stints in by_person(spans).items() if rests(stints, now, limited)
    )
