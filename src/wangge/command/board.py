"""The board: what the wall, the map and the morning meeting look at. Seven statements, always."""

from dataclasses import dataclass
from datetime import datetime

from wangge.cases.colours import Colour, Counts, colour_of
from wangge.command import queries
from wangge.command.acts import BOARD
from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx
from wangge.kernel.i18n import Locale, translate
from wangge.kernel.moments import day_start, local_date
from wangge.kernel.refusals import Forbidden
from wangge.places import ATLAS, Atlas, kind_of

#: Digits of the levels a board can be drawn by: street, community, grid, micro-grid.
LEVELS = (9, 12, 15, 18)


@dataclass(frozen=True, slots=True)
class AreaLine:
    """One area's work. Minutes are whole; null when there is nothing to be old."""

    area_code: str
    name: str
    live: int
    overdue: int
    oldest_minutes: int | None
    offered: int
    unanswered: int
    colour: Colour
    reason: str

    @property
    def need(self) -> int:
        """How much help is needed: 0 for green up to 4 for red."""
        return list(Colour).index(self.colour)


@dataclass(frozen=True, slots=True)
class Totals:
    """The whole. Stages are live cases; `closed_today` counts from midnight in Asia/Shanghai."""

    live: int
    reported: int
    filed: int
    dispatched: int
    handling: int
    handled: int
    closed_today: int
    overdue: int
    unanswered: int
    oldest_minutes: int | None
    oldest_unanswered_minutes: int | None


@dataclass(frozen=True, slots=True)
class Board:
    """`seq` is a mark of the live stream from before the counting: nothing falls in between."""

    at: datetime
    seq: int
    area: str
    level: int
    by_area: list[AreaLine]
    totals: Totals


#: Rows a wall's table shows without scrolling.
ROWS_MAX = 24


def level_below(atlas: Atlas, reach: Reach, prefix: str) -> int:
    """The finest level under `prefix`, down to the grid, whose areas fit on a wall; when none
    does, the broadest there is. A county is shown by its streets, a small town by its grids."""
    inside = [area.code for area in atlas.open_areas(prefix) if reach.covers(area.code)]
    counted = {
        level: number
        for level in LEVELS
        if level > len(prefix) and (number := sum(1 for code in inside if len(code) == level))
    }
    fitting = [level for level in counted if counted[level] <= ROWS_MAX and level <= 15]
    return max(fitting, default=min(counted, default=len(prefix) or 6))


#: Areas a map shows at most, when it is drawn as finely as it can be.
FINE_MAX = 400


def finest(atlas: Atlas, reach: Reach, prefix: str) -> int:
    """The deepest level, down to the grid, of which a map still shows every area."""
    inside = [area.code for area in atlas.open_areas(prefix) if reach.covers(area.code)]
    for level in (15, 12, 9):
        if 0 < sum(1 for code in inside if len(code) == level) <= FINE_MAX:
            return level
    return level_below(atlas, reach, prefix)


def name_of(atlas: Atlas, code: str, prefix: str) -> str:
    """The name as it is said inside of `prefix`: a grid goes with its community, since every
    community has a first one."""
    steps = [n for n in (12, 15, 18) if len(prefix) < n <= len(code)] or [len(code)]
    return " ".join(atlas.name(code[:n]) for n in steps)


def _minutes(now: datetime, then: datetime | None) -> int | None:
    return None if then is None else max(0, int((now - then).total_seconds() // 60))


def _oldest(moments: list[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


async def board(tx: Tx, prefix: str, locale: Locale, *, fine: bool = False) -> Board:
    """The board of `prefix` ("" for all that the actor reaches), by the broadest level there is
    something to compare in, or (`fine`) by grids. Raises Invalid, Forbidden."""
    reach = tx.reach(BOARD)
    if not reach.areas:
        raise Forbidden(BOARD.name)
    if prefix:
        kind_of(prefix, "area")
    seq = await queries.stream_mark(tx)
    atlas = await ATLAS.get(tx)
    level = finest(atlas, reach, prefix) if fine else level_below(atlas, reach, prefix)
    cases = await queries.case_counts(tx, reach, prefix, level)
    offers = await queries.offer_counts(tx, reach, prefix, level)
    midnight = day_start(local_date(tx.now))
    closed = await queries.ended_since(tx, reach, prefix, midnight)

    by_case = {row.area_code: row for row in cases}
    by_offer = {row.area_code: row for row in offers}
    codes = {
        area.code
        for area in atlas.open_areas(prefix)
        if len(area.code) == level and reach.covers(area.code)
    }
    lines: list[AreaLine] = []
    for code in sorted(codes | by_case.keys() | by_offer.keys()):
        case, offer = by_case.get(code), by_offer.get(code)
        counts = _counts(case) if case else Counts()
        colour, reasons = colour_of(counts)
        lines.append(
            AreaLine(
                code,
                name_of(atlas, code, prefix),
                counts.live,
                counts.overdue,
                _minutes(tx.now, case.oldest_at) if case else None,
                offer.offered if offer else 0,
                offer.unanswered if offer else 0,
                colour,
                translate(locale, ";").join(
                    translate(locale, words, n=n) for words, n in reasons
                ),
            )
        )
    totals = Totals(
        live=sum(row.live for row in cases),
        reported=sum(row.reported for row in cases),
        filed=sum(row.filed for row in cases),
        dispatched=sum(row.dispatched for row in cases),
        handling=sum(row.handling for row in cases),
        handled=sum(row.handled for row in cases),
        closed_today=closed,
        overdue=sum(row.overdue for row in cases),
        unanswered=sum(row.unanswered for row in offers),
        oldest_minutes=_minutes(tx.now, _oldest([row.oldest_at for row in cases])),
        oldest_unanswered_minutes=_minutes(tx.now, _oldest([row.oldest_at for row in offers])),
    )
    return Board(tx.now, seq, prefix, level, lines, totals)


def _counts(row: queries.AreaCounts) -> Counts:
    return Counts(
        live=row.live,
        overdue=row.overdue,
        long_overdue=row.long_overdue,
        urgent_overdue=row.urgent_overdue,
        urgent_waiting=row.urgent_waiting,
        reworked=row.reworked,
        half=row.half,
        most=row.most,
    )
