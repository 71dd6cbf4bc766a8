"""The board of a round: per area and per stairwell how many doors are done, how many are left, how
long it will take at this pace, and where help is needed. Places are listed by their code; nobody
is ranked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx
from wangge.kernel.i18n import Locale
from wangge.places import ATLAS, Atlas
from wangge.places.model import KINDS
from wangge.sweeps.acts import READ
from wangge.sweeps.kinds import kind_as_opened
from wangge.sweeps.model import Kind, Outcome, Round, meeting
from wangge.sweeps.needs import Need, need_of, reason_of
from wangge.sweeps.pace import PACE_SECONDS, projected
from wangge.sweeps.queries import board as queries
from wangge.sweeps.queries import rounds

#: Lines of one board; a county is shown by its streets, a community by its micro-grids.
LINES_MAX = 60
#: Stairwells on one page.
BLOCKS_PAGE = 100
#: A round that nobody closed for so long after its end is no longer what a wall is watched for.
FORGOTTEN_AFTER = timedelta(hours=1)
LEVELS = (9, 12, 15, 18)


@dataclass(frozen=True, slots=True)
class Line:
    """One area or one block. `done` are doors with nothing left to do, `asks` those reported where
    something is, `left` those nobody has reported; the three are the whole. `per_minute` is the
    pace of the last minutes, `until` when the last door would be seen at it."""

    code: str
    block: UUID | None
    name: str
    total: int
    done: int
    asks: int
    left: int
    counts: dict[str, int]
    flagged: int
    late: int
    people: int
    people_done: int
    people_exempt: int
    blocks: int
    unstarted: int
    per_minute: float
    until: datetime | None
    need: Need
    reason: str


@dataclass(frozen=True, slots=True)
class SweepBoard:
    """`minutes_left` is negative when the time is over; null when the round is closed. `stops`: it
    goes to places along roads, not to the doors of stairwells."""

    at: datetime
    round_id: UUID
    title: str
    kind: str
    stops: bool
    area: str
    level: int
    ends_at: datetime
    turn: int
    closed_at: datetime | None
    minutes_left: int | None
    totals: Line
    lines: list[Line]


def counts_of(row: Any) -> dict[str, int]:
    """The outcome columns of a row, by code, without zeros."""
    return {
        outcome.value: number for outcome in Outcome if (number := getattr(row, f"n_{outcome}"))
    }


def split(counts: Mapping[str, int], total: int, kind_: Kind) -> tuple[int, int, int]:
    """(done, asks, left): doors with nothing left to do, reported ones with something, the rest."""
    done = sum(n for code, n in counts.items() if Outcome(code) in kind_.settled)
    reported = sum(counts.values())
    return done, reported - done, total - reported


def within_reach(round_: Round, reach: Reach) -> str:
    """What of a round somebody sees when they ask for all of it: the round's area, or the part of
    it that is theirs."""
    if reach.covers(round_.area_code):
        return round_.area_code
    mine = [code for code in reach.areas if code.startswith(round_.area_code)]
    return meeting(mine) if mine else round_.area_code


def level_of(atlas: Atlas, prefix: str) -> int:
    """The finest level under `prefix` whose areas fit on a board."""
    below = [level for level in LEVELS if level > len(prefix)]
    for level in reversed(below):
        if atlas.count(prefix, KINDS[level]) <= LINES_MAX:
            return level
    return below[0] if below else 18


def line_of(
    row: queries.Sums | queries.BlockLine,
    round_: Round,
    kind_: Kind,
    now: datetime,
    locale: Locale,
    *,
    code: str,
    block: UUID | None,
    name: str,
    blocks: int,
    unstarted: int,
) -> Line:
    """A row of sums as a line of the board."""
    counts = counts_of(row)
    done, asks, left = split(counts, row.total, kind_)
    until = projected(left, row.rate, now) if round_.open else None
    if until is not None:
        until = until.replace(second=0, microsecond=0)
    need = need_of(
        round_,
        now,
        done=done,
        asks=asks,
        left=left,
        flagged=row.flagged,
        started=row.first_at is not None,
        until=until,
    )
    return Line(
        code,
        block,
        name,
        row.total,
        done,
        asks,
        left,
        counts,
        row.flagged,
        row.late,
        row.people,
        row.p_done,
        row.p_exempt,
        blocks,
        unstarted,
        round(row.rate * 60, 1),
        until,
        need,
        reason_of(
            need,
            locale,
            asks=asks,
            left=left,
            flagged=row.flagged,
            # A pace that has only just begun promises nothing.
            until=until if need is Need.SLOW or (until and until <= round_.ends_at) else None,
            now=now,
            kind=kind_,
        ),
    )


def name_in(atlas: Atlas, code: str, prefix: str) -> str:
    """An area's name as said inside of `prefix`."""
    steps = [n for n in (9, 12, 15, 18) if len(prefix) < n <= len(code)] or [len(code)]
    return " ".join(atlas.name(code[:n]) for n in steps)


async def board(tx: Tx, round_id: UUID, prefix: str, locale: Locale) -> SweepBoard:
    """The board of a round under `prefix` ("" for all of it within reach): four statements.
    Raises NotFound."""
    reach = tx.reach(READ)
    round_ = await rounds.round_(tx, reach, round_id)
    return await board_of(tx, reach, round_, prefix, locale)


async def board_of(
    tx: Tx, reach: Reach, round_: Round, prefix: str, locale: Locale
) -> SweepBoard:
    """The board of a round already looked at, for a reach."""
    kind_ = await kind_as_opened(tx, round_.id)
    atlas = await ATLAS.get(tx)
    within = prefix or within_reach(round_, reach)
    level = level_of(atlas, within)
    rows = await queries.by_area(tx, reach, round_.id, within, level, PACE_SECONDS)
    return board_from(rows, round_, kind_, atlas, within, tx.now, locale)


def board_from(
    rows: Sequence[queries.Sums],
    round_: Round,
    kind_: Kind,
    atlas: Atlas,
    within: str,
    now: datetime,
    locale: Locale,
) -> SweepBoard:
    """A board of its lines' sums."""
    lines = [
        line_of(
            row,
            round_,
            kind_,
            now,
            locale,
            code=row.code,
            block=None,
            name=name_in(atlas, row.code, within),
            blocks=row.blocks,
            unstarted=row.unstarted,
        )
        for row in rows
    ]
    whole = added(within, rows)
    totals = line_of(
        whole,
        round_,
        kind_,
        now,
        locale,
        code=within,
        block=None,
        name=atlas.path(within),
        blocks=whole.blocks,
        unstarted=whole.unstarted,
    )
    left = None
    if round_.open:
        left = int((round_.ends_at - now).total_seconds() // 60)
    return SweepBoard(
        now,
        round_.id,
        round_.title,
        round_.kind,
        kind_.stops,
        within,
        level_of(atlas, within),
        round_.ends_at,
        round_.pass_n,
        round_.closed_at,
        left,
        totals,
        lines,
    )


_SUMMED = (
    "blocks",
    "unstarted",
    "total",
    "people",
    *(f"n_{outcome}" for outcome in Outcome),
    "flagged",
    "late",
    "p_done",
    "p_exempt",
)


def added(code: str, held: Sequence[queries.Sums]) -> queries.Sums:
    """Sums of sums."""
    values: dict[str, Any] = {name: sum(getattr(row, name) for row in held) for name in _SUMMED}
    firsts = [row.first_at for row in held if row.first_at is not None]
    lasts = [row.last_at for row in held if row.last_at is not None]
    return queries.Sums(
        code=code,
        first_at=min(firsts, default=None),
        last_at=max(lasts, default=None),
        rate=sum(row.rate for row in held),
        **values,
    )


async def under_way(tx: Tx, area: str, locale: Locale, limit: int) -> list[SweepBoard]:
    """Boards of the open rounds that touch an area, those nearest to their end before others, and last
    those whose time is long over: for a wall, where twenty minutes are to be hidden neither behind
    weeks nor behind what nobody closed this morning."""
    reach = tx.reach(READ)
    found = await rounds.under_way(tx, reach, area, forgotten=FORGOTTEN_AFTER, limit=limit)
    boards: list[SweepBoard] = []
    for round_ in found:
        if area.startswith(round_.area_code):
            boards.append(await board_of(tx, reach, round_, area, locale))
        else:
            boards.append(await board_of(tx, reach, round_, "", locale))
    return boards


async def block_lines(
    tx: Tx,
    round_: Round,
    prefix: str,
    locale: Locale,
    *,
    after: tuple[str, str, UUID] | None = None,
    limit: int = BLOCKS_PAGE,
) -> tuple[list[tuple[Line, queries.BlockLine]], bool]:
    """Stairwells under `prefix` within reach, each with its line; and whether there are more."""
    kind_ = await kind_as_opened(tx, round_.id)
    rows = await queries.blocks(
        tx,
        tx.reach(READ),
        round_.id,
        prefix or round_.area_code,
        PACE_SECONDS,
        after=after,
        limit=limit + 1,
    )
    return [
        (
            line_of(
                row,
                round_,
                kind_,
                tx.now,
                locale,
                code=row.area_code,
                block=row.id,
                name=row.label,
                blocks=1,
                unstarted=int(row.first_at is None),
            ),
            row,
        )
        for row in rows[:limit]
    ], len(rows) > limit
