"""Cases nearby that may be the same thing."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from wangge.cases.acts import READ
from wangge.cases.limits import DUPLICATE_HOURS, DUPLICATE_METRES
from wangge.cases.reference import REFERENCE
from wangge.kernel.database import Tx


@dataclass(frozen=True, slots=True)
class NearCase:
    """A case that may be the same thing."""

    id: UUID
    receipt: str
    title: str
    state: str
    metres: int
    minutes: int


@dataclass(frozen=True, slots=True)
class _Near:
    id: UUID
    receipt: str
    title: str
    state: str
    lon: float
    lat: float
    reported_at: datetime


async def near(tx: Tx, lon: float, lat: float, class_code: str) -> list[NearCase]:
    """Cases of the same class within 50 m and 24 h (domain.md §5.2; both are settings)."""
    decided = (await REFERENCE.get(tx)).decided
    metres, hours = decided(DUPLICATE_METRES), decided(DUPLICATE_HOURS)
    high = metres / 111_320
    wide = high / max(0.1, math.cos(math.radians(lat)))
    rows = await tx.many(
        _Near,
        """
        select id, receipt, title, state, lon, lat, reported_at
          from cases_case c
         where reported_at > :since and class_code = :class_code
           and lon between :west and :east and lat between :south and :north
           and state not in ('void', 'merged')
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where c.area_code >= r.lo and c.area_code < r.hi)
         order by reported_at desc limit 20
        """,
        since=tx.now - timedelta(hours=hours),
        class_code=class_code,
        west=lon - wide,
        east=lon + wide,
        south=lat - high,
        north=lat + high,
        **tx.reach(READ).values(),
    )
    found: list[NearCase] = []
    for row in rows:
        away = metres_between(lon, lat, row.lon, row.lat)
        if away <= metres:
            ago = int((tx.now - row.reported_at).total_seconds() // 60)
            found.append(
                NearCase(row.id, row.receipt, row.title, row.state, round(away), max(0, ago))
            )
    return found


def metres_between(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """On a sphere of 6,371 km, flat for such distances: right to 0.1 % within a county."""
    middle = math.radians((lat_a + lat_b) / 2)
    x = math.radians(lon_b - lon_a) * math.cos(middle)
    y = math.radians(lat_b - lat_a)
    return 6_371_000 * math.hypot(x, y)
