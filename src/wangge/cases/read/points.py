"""Live cases on the map."""

from dataclasses import dataclass
from uuid import UUID

from wangge.cases.acts import READ
from wangge.cases.colours import BEGAN, NEED, Colour, Counts, colour_of
from wangge.cases.model import STAGES, State
from wangge.kernel.database import Tx

#: Points one map shows at most; the soonest due first.
POINTS_MAX = 5000


@dataclass(frozen=True, slots=True)
class CasePoint:
    """A live case on the map."""

    id: UUID
    receipt: str
    title: str
    class_code: str | None
    state: State
    urgent: bool
    lon: float
    lat: float
    overdue: bool
    long_overdue: bool
    urgent_overdue: bool
    urgent_waiting: bool
    reworked: bool
    half: bool
    most: bool

    def stage(self) -> str:
        return STAGES[self.state].value

    def colour(self) -> Colour:
        """What help it needs: the area's colour if it were the only case there."""
        alone = Counts(
            1,
            self.overdue,
            self.long_overdue,
            self.urgent_overdue,
            self.urgent_waiting,
            self.reworked,
            self.half,
            self.most,
        )
        return colour_of(alone)[0]


async def live_points(tx: Tx, prefix: str = "") -> list[CasePoint]:
    """Live cases with a place, soonest due first, at most POINTS_MAX."""
    return await tx.many(
        CasePoint,
        """
        with live as (
            select c.id, c.receipt, c.title, c.class_code, c.state, c.urgent, c.lon, c.lat,
                   c.due_at, c.reported_at, c.reworks, began.at as began_at
              from cases_case c
        """
        + BEGAN
        + """
             where c.ended_at is null and c.lon is not null
               and c.area_code >= :low and c.area_code < :high
               and (exists (select 1
                              from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                             where c.area_code >= r.lo and c.area_code < r.hi)
                    or c.unit_id = any(:reach_units::uuid[]))
             order by c.due_at, c.id limit :most
        ), need as (
        """
        + NEED
        + """
        )
        select id, receipt, title, class_code, state, urgent, lon, lat,
               coalesce(overdue, false) as overdue, coalesce(long_overdue, false) as long_overdue,
               coalesce(urgent_overdue, false) as urgent_overdue, urgent_waiting, reworked,
               coalesce(half, false) as half, coalesce(most, false) as most
          from need order by due_at, id
        """,
        now=tx.now,
        low=prefix,
        high=prefix + ":",
        most=POINTS_MAX,
        **tx.reach(READ).values(),
    )
