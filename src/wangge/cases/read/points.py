"""Live cases on the map."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wangge.cases.acts import READ
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
    due_at: datetime | None
    final_due_at: datetime | None
    state_at: datetime
    reworks: int

    def stage(self) -> str:
        return STAGES[self.state].value


async def live_points(tx: Tx, prefix: str = "") -> list[CasePoint]:
    """Live cases with a place, soonest due first, at most POINTS_MAX."""
    reach = tx.reach(READ).values()
    return await tx.many(
        CasePoint,
        """
        select id, receipt, title, class_code, state, urgent, lon, lat, due_at, final_due_at,
               state_at, reworks
          from cases_case c
         where ended_at is null and lon is not null
           and area_code >= :low and area_code < :high
           and (exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                         where c.area_code >= r.lo and c.area_code < r.hi)
                or c.unit_id = any(:reach_units::uuid[]))
         order by due_at, id limit :most
        """,
        low=prefix,
        high=prefix + ":",
        most=POINTS_MAX,
        reach_from=reach["reach_from"],
        reach_to=reach["reach_to"],
        reach_units=reach["reach_units"],
    )
