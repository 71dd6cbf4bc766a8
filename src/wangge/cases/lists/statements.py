"""The statements of a list, put together from literals: one arm for each breadth of reach.

Every way through ends early, whatever is asked: what is frequent is found by walking a bounded
number of cases back in time, what is rare by the word index, one period after the other. Of the
queue, which is read by what is due, there is little: the live cases.
"""

from functools import cache
from typing import LiteralString

#: Cases a walk looks at before the word index is asked instead. What is not found often enough
#: there is so rare that a period of it is soon read.
WALK = 400

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
    and (:me::uuid is null or c.handler_id = :me or c.owner_id = :me or c.reporter_id = :me)
    and (:words::text is null or (c.words || ' ' || c.place) ilike :words)
"""
_OVERDUE: LiteralString = """
    and (:late_at::timestamptz is null or c.due_at <= :late_at)
"""
_BETWEEN: LiteralString = """
    and (:from_at::timestamptz is null or c.reported_at >= :from_at)
    and (:to_at::timestamptz is null or c.reported_at < :to_at)
"""
_BEFORE: LiteralString = """
    and (c.reported_at, c.id) < (:after_at::timestamptz, :after_id::uuid)
"""
_NEWEST: LiteralString = " order by c.reported_at desc, c.id desc limit "
_LIVE: LiteralString = " and c.ended_at is null "
_DUE: LiteralString = (
    _OVERDUE
    + """
    and c.due_at is not null
    and (c.due_at, c.id) > (:after_at::timestamptz, :after_id::uuid)
    order by c.due_at, c.id limit :limit
"""
)

#: Where the cases of each breadth are, newest first, each by an index of its own. Only the arms
#: an actor has are put into the statement: a plan for six would cost more than most lists do.
_BY_TIME: dict[str, LiteralString] = {
    "everywhere": " from cases_case c where true ",
    "streets": " from cases_case c where c.street_code = s.code ",
    "communities": " from cases_case c where c.community_code = s.code ",
    "grids": " from cases_case c where c.grid_code = s.code ",
    "micros": " from cases_case c where c.grid_code = left(s.code, 15) and c.area_code = s.code ",
    "units": " from cases_case c where c.unit_id = s.code ",
}
#: And soonest due first: of a street all live cases, by community, of a grid its community's.
#: What is in no state asked for is passed over in the index.
_BY_DUE: dict[str, LiteralString] = {
    **_BY_TIME,
    "streets": " from cases_case c where c.street_code = s.code"
    " and c.community_code >= s.code and c.community_code < s.code || ':' ",
    "grids": " from cases_case c"
    " where c.community_code = left(s.code, 12) and c.grid_code = s.code ",
    "micros": " from cases_case c"
    " where c.community_code = left(s.code, 12) and c.area_code = s.code ",
}
_EACH: dict[str, LiteralString] = {
    "streets": " unnest(:streets::text[]) s(code) ",
    "communities": " unnest(:communities::text[]) s(code) ",
    "grids": " unnest(:grids::text[]) s(code) ",
    "micros": " unnest(:micros::text[]) s(code) ",
    "units": " unnest(:units::uuid[]) s(code) ",
}


def _arms(breadths: tuple[str, ...], found: dict[str, LiteralString]) -> LiteralString:
    """The sum of what each arm selects (`found`): in order and short, so it is soon sorted."""
    joined: LiteralString = ""
    for breadth in breadths:
        if joined:
            joined += " union all "
        if breadth == "everywhere":
            joined += "(" + found[breadth] + ")"
        else:
            joined += (
                "(select x.* from"
                + _EACH[breadth]
                + "cross join lateral ("
                + found[breadth]
                + ") x)"
            )
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
_SHOWN_NEWEST: LiteralString = _SHOWN + "order by y.reported_at desc, y.id desc"


@cache
def by_due(breadths: tuple[str, ...]) -> LiteralString:
    """A page of live cases, soonest due first.

    What a street or less has live is fetched and sorted: `offset 0` keeps the planner, who cannot
    know how few a state has that are live, from going through the whole district's by due time.
    """
    found: dict[str, LiteralString] = {}
    for breadth, where in _BY_DUE.items():
        inner: LiteralString = where + _LIVE + _FILTER + _BETWEEN
        if breadth != "everywhere":
            inner = " from (select c.*" + inner + " offset 0) c where true"
        found[breadth] = "select " + _COLUMNS + inner + _DUE
    return (
        "with page as (select distinct on (p.due_at, p.id) p.* from ("
        + _arms(breadths, found)
        + ") p order by p.due_at, p.id limit :limit)"
        + _SHOWN
        + "order by y.due_at, y.id"
    )


@cache
def by_time(breadths: tuple[str, ...], *, live: bool, walk: bool) -> LiteralString:
    """A page newest first; with `walk`, what is on it among the next `:walk` cases of each arm."""
    tail: LiteralString = (_LIVE if live else "") + _FILTER + _OVERDUE
    time: LiteralString = _BETWEEN + _BEFORE + _NEWEST
    found: dict[str, LiteralString] = {}
    for breadth, where in _BY_TIME.items():
        if walk:
            next_: LiteralString = " from (select c.*" + where + time + ":walk) c where true"
            found[breadth] = "select " + _COLUMNS + next_ + tail + _NEWEST + ":limit"
        else:
            found[breadth] = "select " + _COLUMNS + where + tail + time + ":limit"
    return (
        "with page as (select distinct on (p.reported_at, p.id) p.* from ("
        + _arms(breadths, found)
        + ") p order by p.reported_at desc, p.id desc limit :limit)"
        + _SHOWN_NEWEST
    )


#: The periods in which there are cases, newest first. Between them lies one look each.
_PERIODS: LiteralString = (
    """
        period(n) as (
            select floor(extract(epoch from (
                       select c.reported_at from cases_case c
                        where (c.reported_at, c.id) < (:after_at::timestamptz, :after_id::uuid)
    """
    + _BETWEEN
    + """
                        order by c.reported_at desc limit 1)) / :period_seconds::int)::int
            union all
            select floor(extract(epoch from (
                       select c.reported_at from cases_case c
                        where c.reported_at < to_timestamp(p.n::bigint * :period_seconds::int)
    """
    + _BETWEEN
    + """
                        order by c.reported_at desc limit 1)) / :period_seconds::int)::int
              from period p where p.n is not null),
        bucket(name) as (select p.n::text from period p where p.n is not null),
    """
)
#: What is live is one bucket.
_ALL_LIVE: LiteralString = "bucket(name) as (select 'live'),"


@cache
def by_marks(*, live: bool) -> LiteralString:
    """A page newest first, found by the word index, one period after the other until it is full.

    The periods come in order and so do the cases of each; the inner query is cut off as soon as
    the page is full. (`offset 0` keeps the planner from sorting what is in order.)
    """
    return (
        "with recursive "
        + (_ALL_LIVE if live else _PERIODS)
        + """
        page as (
            select x.*
              from bucket b
             cross join lateral (
                   select """
        + _COLUMNS
        + """
                     from (select s.case_id, s.reported_at
                             from cases_search s
                            where s.marks @> array(select b.name || ':' || m
                                                     from unnest(:marks::text[]) m)
                              and (s.reported_at, s.case_id)
                                  < (:after_at::timestamptz, :after_id::uuid)
                            order by s.reported_at desc, s.case_id desc offset 0) f
                    cross join lateral (select c.* from cases_case c where c.id = f.case_id
                                        offset 0) c
                    where (:everywhere::boolean or c.street_code = any(:streets::text[])
                           or c.community_code = any(:communities::text[])
                           or c.grid_code = any(:grids::text[])
                           or c.area_code = any(:micros::text[])
                           or c.unit_id = any(:units::uuid[]))
        """
        + (_LIVE if live else "")
        + _FILTER
        + _OVERDUE
        + _BETWEEN
        + """
                    order by f.reported_at desc, f.case_id desc limit :limit) x
             limit :limit)
        """
        + _SHOWN_NEWEST
    )
