"""Reading cases: straight from SQL to what a screen shows, within the reader's reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import LiteralString
from uuid import UUID

from wangge.cases import marks
from wangge.cases.acts import READ
from wangge.cases.model import STAGES, Stage, State
from wangge.kernel.actors import Reach, outermost
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


#: A search that matches fewer cases than this is answered from the word index, newest first;
#: one that matches more is quicker to find by walking back in time.
FEW = 6000
#: The end of time, for the first page of a list that reads forwards.
_LATE = datetime.fromisoformat("9999-12-31T00:00:00+00:00")
_EARLY = datetime.fromisoformat("0001-01-02T00:00:00+00:00")
_LAST_ID = UUID(int=(1 << 128) - 1)
_FIRST_ID = UUID(int=0)

_COLUMNS: LiteralString = """
    c.id, c.receipt, c.title, c.class_code, c.state, c.channel, c.platform, c.area_code,
    c.place, c.reported_at, c.due_at, c.due_what, c.unit, c.handler_id, c.level, c.urgent,
    c.version
"""
_FILTER: LiteralString = """
    and (:states::text[] is null or c.state = any(:states::text[]))
    and (:class_code::text is null or c.class_code like :class_code || '%')
    and (:channel::text is null or c.channel = :channel)
    and (:platform::text is null or c.platform = :platform)
    and (:from_at::timestamptz is null or c.reported_at >= :from_at)
    and (:to_at::timestamptz is null or c.reported_at < :to_at)
    and (:late_at::timestamptz is null or c.due_at <= :late_at)
    and (:me::uuid is null or c.handler_id = :me or c.owner_id = :me or c.reporter_id = :me)
    and (:words::text is null or (c.words || ' ' || c.place) ilike :words)
"""
_NEWEST: LiteralString = """
    and (c.reported_at, c.id) < (:after_at::timestamptz, :after_id::uuid)
    order by c.reported_at desc, c.id desc limit :limit
"""
_DUE: LiteralString = """
    and c.ended_at is null and c.due_at is not null
    and (c.due_at, c.id) > (:after_at::timestamptz, :after_id::uuid)
    order by c.due_at, c.id limit :limit
"""
_LIVE: LiteralString = " and c.ended_at is null "


#: One arm for each breadth of reach, each with an index of its own. Only the arms an actor has
#: are put into the statement: a plan for six would cost more than most lists do.
_ARMS: dict[str, LiteralString] = {
    "everywhere": " cases_case c where true ",
    "streets": " unnest(:streets::text[]) s(code) cross join lateral (select "
    + _COLUMNS
    + " from cases_case c where c.street_code = s.code ",
    "communities": " unnest(:communities::text[]) s(code) cross join lateral (select "
    + _COLUMNS
    + " from cases_case c where c.community_code = s.code ",
    "grids": " unnest(:grids::text[]) s(code) cross join lateral (select "
    + _COLUMNS
    + " from cases_case c where c.grid_code = s.code ",
    "micros": " unnest(:micros::text[]) s(code) cross join lateral (select "
    + _COLUMNS
    + " from cases_case c where c.grid_code = left(s.code, 15) and c.area_code = s.code ",
    "units": " unnest(:units::uuid[]) s(id) cross join lateral (select "
    + _COLUMNS
    + " from cases_case c where c.unit_id = s.id ",
}


def _arms(breadths: tuple[str, ...], tail: LiteralString) -> LiteralString:
    """What an arm yields is already in order and short, so their sum is sorted quickly."""
    joined: LiteralString = ""
    for breadth in breadths:
        if joined:
            joined += " union all "
        if breadth == "everywhere":
            joined += "(select " + _COLUMNS + " from" + _ARMS[breadth] + tail + ")"
        else:
            joined += "(select c.* from" + _ARMS[breadth] + tail + ") c)"
    return joined


_SHOWN: LiteralString = """
    select y.id, y.receipt, y.title, y.class_code, coalesce(k.name_zh, '') as class_name,
           y.state, y.channel, y.platform, y.area_code, coalesce(a.name, '') as area_name,
           y.place, y.reported_at, y.due_at, y.due_what,
           coalesce(h.name, o.name, '') as handler, y.level, y.urgent, y.version
      from page y
      left join cases_class k on k.code = y.class_code
      left join places_area a on a.code = y.area_code
      left join people_staff h on h.id = y.handler_id
      left join people_org o on y.unit = 'org:' || o.id
"""


@cache
def _by_time(breadths: tuple[str, ...], *, live: bool) -> LiteralString:
    tail: LiteralString = (_LIVE if live else "") + _FILTER + _NEWEST
    return (
        "with page as (select distinct on (p.reported_at, p.id) p.* from ("
        + _arms(breadths, tail)
        + ") p order by p.reported_at desc, p.id desc limit :limit)"
        + _SHOWN
        + "order by y.reported_at desc, y.id desc"
    )


@cache
def _by_due(breadths: tuple[str, ...]) -> LiteralString:
    return (
        "with page as (select distinct on (p.due_at, p.id) p.* from ("
        + _arms(breadths, _FILTER + _DUE)
        + ") p order by p.due_at, p.id limit :limit)"
        + _SHOWN
        + "order by y.due_at, y.id"
    )


_BY_MARKS: LiteralString = (
    "with found as materialized (select case_id from cases_search where marks @> :marks::text[]),"
    " page as (select "
    + _COLUMNS
    + """
                from cases_case c join found f on f.case_id = c.id
               where (:everywhere::boolean or c.street_code = any(:streets::text[])
                      or c.community_code = any(:communities::text[])
                      or c.grid_code = any(:grids::text[]) or c.area_code = any(:micros::text[])
                      or c.unit_id = any(:units::uuid[]))
                 and (not :live::boolean or c.ended_at is null)
    """
    + _FILTER
    + _NEWEST
    + ")"
    + _SHOWN
    + "order by y.reported_at desc, y.id desc"
)


@dataclass(frozen=True, slots=True)
class _Scope:
    """A reach, sorted by breadth, as the arms want it."""

    everywhere: bool
    streets: list[str]
    communities: list[str]
    grids: list[str]
    micros: list[str]
    units: list[UUID]

    @classmethod
    def of(cls, reach: Reach, wanted: Sequence[str]) -> "_Scope":
        """The reach within the areas wanted; none wanted is all of it."""
        areas = list(reach.areas)
        if wanted:
            areas = list(
                outermost(
                    max(area, prefix, key=len)
                    for prefix in reach.areas
                    for area in wanted
                    if area.startswith(prefix) or prefix.startswith(area)
                )
            )
        wide = any(len(prefix) <= 6 for prefix in areas)
        return cls(
            wide,
            [] if wide else [prefix for prefix in areas if len(prefix) == 9],
            [] if wide else [prefix for prefix in areas if len(prefix) == 12],
            [] if wide else [prefix for prefix in areas if len(prefix) == 15],
            [] if wide else [prefix for prefix in areas if len(prefix) == 18],
            [] if wanted else list(reach.units),
        )

    def marks(self) -> list[str]:
        """A single street or community narrows the word index as well."""
        single = [*self.streets, *self.communities]
        alone = len(single) == 1 and not (self.grids or self.micros or self.units)
        return [f"a:{single[0]}"] if alone and not self.everywhere else []

    @property
    def breadths(self) -> tuple[str, ...]:
        """Which arms this reach needs; one that yields nothing when it reaches nowhere."""
        if self.everywhere:
            return ("everywhere",)
        found = tuple(
            name
            for name in ("streets", "communities", "grids", "micros", "units")
            if getattr(self, name)
        )
        return found or ("grids",)

    @property
    def small(self) -> bool:
        """A few grids hold few cases; walking them is always quick."""
        return not (self.everywhere or self.streets or self.communities)


async def case_page(
    tx: Tx, wanted: CaseFilter, after: str | None = None, limit: int | None = None
) -> Page[CaseLine]:
    """A page of cases within the actor's reach; the same number of statements whatever it holds.

    Sorted by what is due first (live cases), or newest first. Raises Invalid for a search of
    one character or a mark we did not make.
    """
    size = page_size(limit)
    scope = _Scope.of(tx.reach(READ), await _with_what_was(tx, wanted.area))
    by_due = wanted.live and wanted.sort == "due" and not wanted.q
    place = read_mark(after) or ((_EARLY, _FIRST_ID) if by_due else (_LATE, _LAST_ID))
    values = {
        **_filter_values(tx, wanted),
        "everywhere": scope.everywhere,
        "streets": scope.streets,
        "communities": scope.communities,
        "grids": scope.grids,
        "micros": scope.micros,
        "units": scope.units,
        "after_at": place[0],
        "after_id": place[1],
        "limit": size + 1,
    }
    if by_due:
        rows = await tx.many(_Line, _by_due(scope.breadths), **values)
    else:
        rows = await _newest(tx, wanted, scope, values)
    lines = [_shown(tx, row) for row in rows[:size]]
    more = len(rows) > size
    last = lines[-1] if lines else None
    moment = None if last is None else (last.due_at if by_due else last.reported_at)
    return Page(lines, mark_of(moment, last.id) if more and last and moment else None)


async def _with_what_was(tx: Tx, area: str) -> list[str]:
    """An area and the closed ones that led to it: their cases are its cases now."""
    return [area, *(await ATLAS.get(tx)).predecessors(area)] if area else []


async def _newest(
    tx: Tx, wanted: CaseFilter, scope: _Scope, values: dict[str, object]
) -> list[_Line]:
    found = marks.asked(wanted.q)
    if wanted.q and not found:
        raise Invalid.of("q", "请至少输入两个字再搜索。")
    facets = [
        *(f"c:{wanted.class_code[:n]}" for n in (5, 3, 1) if len(wanted.class_code) >= n),
        *([f"h:{wanted.channel}"] if wanted.channel else []),
        *([f"p:{wanted.platform}"] if wanted.platform else []),
    ]
    asked = [*found, *facets[:3]]
    if asked and not scope.small:
        asked = [*asked, *scope.marks()]
        few = await tx.one(
            int,
            """
            select count(*)::int from
              (select 1 from cases_search where marks @> :marks::text[] limit :few) s
            """,
            marks=asked,
            few=FEW,
        )
        if few < FEW:
            return await tx.many(_Line, _BY_MARKS, marks=asked, live=wanted.live, **values)
    return await tx.many(_Line, _by_time(scope.breadths, live=wanted.live), **values)


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
