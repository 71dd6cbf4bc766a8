"""A page of a list: what somebody looks for, and what a line shows."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wangge.cases import marks
from wangge.cases.acts import READ
from wangge.cases.lists import statements
from wangge.cases.lists.scopes import Scope
from wangge.cases.model import STAGES, Stage, State
from wangge.kernel.database import Tx
from wangge.kernel.paging import Page, mark_of, page_size, read_mark
from wangge.kernel.refusals import Invalid
from wangge.places import ATLAS


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What somebody looks for. `live` leaves out what has ended; `area` narrows the reach."""

    q: str = ""
    stage: str | None = None
    states: tuple[str, ...] = ()
    class_code: str = ""
    channel: str | None = None
    platform: str | None = None
    area: str = ""
    overdue: bool = False
    live: bool = True
    from_: datetime | None = None
    to: datetime | None = None
    mine: bool = False
    sort: str = "due"


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One line of a list."""

    id: UUID
    receipt: str
    title: str
    class_code: str | None
    class_name: str
    state: str
    stage: str
    channel: str
    platform: str | None
    area_code: str
    area_name: str
    place: str
    reported_at: datetime
    due_at: datetime | None
    due_what: str | None
    overdue: bool
    handler: str
    level: str
    urgent: bool
    version: int


@dataclass(frozen=True, slots=True)
class _Line:
    id: UUID
    receipt: str
    title: str
    class_code: str | None
    class_name: str
    state: State
    channel: str
    platform: str | None
    area_code: str
    area_name: str
    place: str
    reported_at: datetime
    due_at: datetime | None
    due_what: str | None
    handler: str
    level: str
    urgent: bool
    version: int


#: The end of time, for the first page of a list that reads forwards.
_LATE = datetime.fromisoformat("9999-12-31T00:00:00+00:00")
_EARLY = datetime.fromisoformat("0001-01-02T00:00:00+00:00")
_LAST_ID = UUID(int=(1 << 128) - 1)
_FIRST_ID = UUID(int=0)


async def case_page(
    tx: Tx, wanted: CaseFilter, after: str | None = None, limit: int | None = None
) -> Page[CaseLine]:
    """A page of cases within the actor's reach, by two statements at most whatever it holds.

    Sorted by what is due first (live cases), or newest first. Raises Invalid for a search of
    one character or a mark we did not make.
    """
    size = page_size(limit)
    scope = Scope.of(tx.reach(READ), await _with_what_was(tx, wanted.area))
    by_due = wanted.live and wanted.sort == "due" and not wanted.q
    place = read_mark(after) or ((_EARLY, _FIRST_ID) if by_due else (_LATE, _LAST_ID))
    values = {
        **_filter_values(tx, wanted),
        **scope.values(),
        "after_at": place[0],
        "after_id": place[1],
        "limit": size + 1,
    }
    if by_due:
        rows = await tx.many(_Line, statements.by_due(scope.breadths), **values)
    else:
        rows = await _newest(tx, wanted, scope, values, size + 1)
    lines = [_shown(tx, row) for row in rows[:size]]
    more = len(rows) > size
    last = lines[-1] if lines else None
    moment = None if last is None else (last.due_at if by_due else last.reported_at)
    return Page(lines, mark_of(moment, last.id) if more and last and moment else None)


async def _with_what_was(tx: Tx, area: str) -> list[str]:
    """An area and the closed ones that led to it: their cases are its cases now."""
    return [area, *(await ATLAS.get(tx)).predecessors(area)] if area else []


async def _newest(
    tx: Tx, wanted: CaseFilter, scope: Scope, values: dict[str, object], limit: int
) -> list[_Line]:
    found = marks.asked(wanted.q)
    if wanted.q and not found:
        raise Invalid.of("q", "请至少输入两个字再搜索。")
    asked = [*found, *marks.asked_facets(wanted.class_code, wanted.channel, wanted.platform)]
    if scope.small or not asked:
        # Of a few grids there is little, and what nobody narrows down fills a page at once.
        statement = statements.by_time(scope.breadths, live=wanted.live, walk=False)
        return await tx.many(_Line, statement, **values)
    statement = statements.by_time(scope.breadths, live=wanted.live, walk=True)
    rows = await tx.many(_Line, statement, walk=statements.WALK, **values)
    if len(rows) == limit:
        return rows
    indexed = await tx.many(
        _Line,
        statements.by_marks(live=wanted.live),
        marks=[*asked, *scope.marks()],
        period_seconds=marks.PERIOD_SECONDS,
        **values,
    )
    # What came in a moment ago may not be in the index yet; the walk has seen it.
    both = {row.id: row for row in (*rows, *indexed)}.values()
    return sorted(both, key=lambda row: (row.reported_at, row.id), reverse=True)[:limit]


def _filter_values(tx: Tx, wanted: CaseFilter) -> dict[str, object]:
    states = list(wanted.states)
    if wanted.stage:
        stage = {s.value: s for s in Stage}.get(wanted.stage)
        if stage is None:
            raise Invalid.of("stage", "没有“{stage}”这个阶段。", stage=wanted.stage)
        states += [state.value for state, s in STAGES.items() if s is stage]
    if any(state not in set(State) for state in states):
        raise Invalid.of("state", "没有这个状态。")
    escaped = wanted.q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return {
        "states": states or None,
        "class_code": wanted.class_code or None,
        "channel": wanted.channel,
        "platform": wanted.platform,
        "from_at": wanted.from_,
        "to_at": wanted.to,
        "late_at": tx.now if wanted.overdue else None,
        "me": tx.actor.id if wanted.mine else None,
        "words": f"%{escaped}%" if wanted.q else None,
    }


def _shown(tx: Tx, row: _Line) -> CaseLine:
    return CaseLine(
        row.id,
        row.receipt,
        row.title,
        row.class_code,
        row.class_name,
        row.state.value,
        STAGES[row.state].value,
        row.channel,
        row.platform,
        row.area_code,
        row.area_name,
        row.place,
        row.reported_at,
        row.due_at,
        row.due_what,
        row.due_at is not None and row.due_at < tx.now,
        row.handler,
        row.level,
        row.urgent,
        row.version,
    )
