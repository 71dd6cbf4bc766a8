"""The statements of a kind, put together from literals and made once."""

from functools import cache
from typing import LiteralString

from wangge.people.changes.kinds import Kind, in_use, registered


def _listed(columns: tuple[LiteralString, ...], before: LiteralString) -> LiteralString:
    joined: LiteralString = ""
    for column in columns:
        joined += ", " + before + column
    return joined


def _rows_of_p(
    kind: Kind, version: LiteralString, *, or_default: bool = False
) -> LiteralString:
    """`insert … select` of the kind's columns from rows called p, up to where they come from; with
    `or_default`, what p leaves out is as in a row called d."""
    own: LiteralString = ", version, updated_at" if kind.versioned else ""
    given: LiteralString = ", " + version + ", :now" if kind.versioned else ""
    return (
        "insert into "
        + kind.table
        + " (id, area_code"
        + _listed(kind.columns, "")
        + own
        + ") select p.id, p.area_code"
        + (_or_default(kind) if or_default else _listed(kind.columns, "p."))
        + given
    )


def _or_default(kind: Kind) -> LiteralString:
    joined: LiteralString = ""
    for column in kind.columns:
        here: LiteralString = "p." + column
        joined += ", " + (
            "coalesce(" + here + ", d." + column + ")" if column in kind.defaults else here
        )
    return joined


@cache
def insert(name: str) -> LiteralString:
    """New rows from JSON, which is read once as text: jsonb would be made of it first. (COPY is
    refused on tables with row-level security.) What nearly every row leaves as it is comes once,
    as `defaults`."""
    kind = registered(name)
    return (
        _rows_of_p(kind, "1", or_default=True)
        + " from json_populate_recordset(null::"
        + kind.table
        + ", :rows::json) p cross join json_populate_record(null::"
        + kind.table
        + ", :defaults::json) d"
    )


@cache
def insert_noted(name: str) -> LiteralString:
    """`insert`, and that the rows are this batch's: an undo knows one that is still the same by its
    version, or by its image where it has none."""
    kind = registered(name)
    image: LiteralString = "" if kind.versioned else ", to_jsonb(" + kind.table + ") as image"
    kept: LiteralString = "1, null, null" if kind.versioned else "null, null, m.image"
    return (
        "with made as ("
        + insert(name)
        + " returning id, area_code"
        + image
        + ")"
        + _NOTED
        + " select :batch, :wave, :start + row_number() over (), :kind, m.id, 'insert', m.area_code, "
        + kept
        + " from made m"
    )


_NOTED: LiteralString = (
    " insert into people_change (batch_id, wave, n, kind, row_id, op, area_code, version, before,"
    " after)"
)


@cache
def log_change(name: str) -> LiteralString:
    """What the rows are now, before they change, and what the change says was found true; those that
    are gone, or changed since their author looked, are left out. Locks them in the order of their
    ids."""
    kind = registered(name)
    version: LiteralString = "t.version + 1" if kind.versioned else "null"
    seen: LiteralString = (
        " and (r.version is null or r.version = t.version)" if kind.versioned else ""
    )
    return (
        _NOTED
        + " select :batch, :wave, r.n, :kind, t.id, :op, r.area_code, "
        + version
        + ", to_jsonb(t), r.after"
        " from jsonb_to_recordset(:rows::jsonb)"
        " r(n int, id uuid, area_code text, version int, after jsonb)"
        " join " + kind.table + " t on t.id = r.id where true" + seen + " order by t.id"
        " for update of t returning n"
    )


@cache
def update(name: str) -> LiteralString:
    """Change the rows just noted, each by its own patch."""
    kind = registered(name)
    own: LiteralString = (
        ", version = t.version + 1, updated_at = :now" if kind.versioned else ""
    )
    return (
        "update "
        + kind.table
        + " t set (area_code"
        + _listed(kind.columns, "")
        + ") = (select p.area_code"
        + _listed(kind.columns, "p.")
        + " from jsonb_populate_record(t, r.patch) p)"
        + own
        + " from jsonb_to_recordset(:rows::jsonb) r(n int, patch jsonb)"
        " join people_change c on c.batch_id = :batch and c.wave = :wave and c.n = r.n"
        " where t.id = c.row_id"
    )


@cache
def log_after(name: str) -> LiteralString:
    """Rows without versions keep what they were after the change."""
    return (
        "update people_change c set after = to_jsonb(t) from "
        + registered(name).table
        + " t where c.batch_id = :batch and c.wave = :wave and c.kind = :kind"
        " and c.op = 'update' and t.id = c.row_id"
    )


@cache
def delete(name: str) -> LiteralString:
    """Delete the rows just noted."""
    return (
        "delete from "
        + registered(name).table
        + " t using people_change c where c.batch_id = :batch and c.wave = :wave"
        " and c.kind = :kind and c.op = 'delete' and t.id = c.row_id"
    )


@cache
def owners(name: str) -> LiteralString:
    """Whose the rows of this operation are, and were."""
    kind = registered(name)
    here: LiteralString = (
        " from people_change c left join " + kind.table + " t on t.id = c.row_id"
        " where c.batch_id = :batch and c.wave = :wave and c.kind = :kind and c.op = :op"
    )
    return (
        "select o.owner from (select t." + kind.owner + " as owner" + here + " union select"
        " (c.before ->> '" + kind.owner + "')::uuid" + here + ") o where o.owner is not null"
    )


# -- undo ---------------------------------------------------------------------------------------


@cache
def take_back(name: str) -> LiteralString:
    """Delete what the wave inserted, where nobody came later and nothing stands on it."""
    kind = registered(name)
    same: LiteralString = (
        "t.version = c.version" if kind.versioned else "to_jsonb(t) @> c.after"
    )
    return (
        "delete from "
        + kind.table
        + " t using people_change c where c.batch_id = :batch and c.wave = :wave"
        " and c.kind = :kind and c.op = 'insert' and t.id = c.row_id and "
        + same
        + " and not ("
        + in_use(name)
        + ") returning t.id, 0 as version, t."
        + kind.owner
        + " as owner"
    )


#: What was found true since a change of row `t` that `c` remembers stays true when the change is
#: taken back, but for the fields that the change itself found true: their value goes. Nothing for
#: changes of before this was remembered (`after` is null).
_FOUND_TRUE: LiteralString = """
    case when c.after is null then '{}'::jsonb else (
        select jsonb_build_object(
                   'confirmed_on',
                   case when l.later then t.confirmed_on::text else c.before ->> 'confirmed_on' end,
                   'confirmed',
                   (t.confirmed - coalesce(array_agg(k.key), '{}'))
                       || coalesce(jsonb_object_agg(k.key, k.day)
                                       filter (where k.day is not null), '{}'))
          from (select t.confirmed_on > coalesce(c.after ->> 'confirmed_on',
                                                 c.before ->> 'confirmed_on')::date) l(later)
          left join lateral (
                select f.key, case when c.before -> 'confirmed' ? f.key or not l.later
                                   then c.before -> 'confirmed' ->> f.key
                                   else c.before ->> 'confirmed_on' end as day
                  from jsonb_object_keys((c.before -> 'confirmed')
                                         || coalesce(c.after -> 'confirmed', '{}')) f(key)
                 where c.after ? 'confirmed'
                   and c.after -> 'confirmed' ->> f.key
                       is distinct from c.before -> 'confirmed' ->> f.key) k on true
         group by l.later) end
"""


@cache
def put_back(name: str) -> LiteralString:
    """Write again what the rows of the wave were, where nobody came later."""
    kind = registered(name)
    was: LiteralString = "c.before"
    if "confirmed" in kind.columns:
        was += " || " + _FOUND_TRUE
    own: LiteralString = (
        ", version = t.version + 1, updated_at = :now" if kind.versioned else ""
    )
    same: LiteralString = (
        "t.version = c.version" if kind.versioned else "to_jsonb(t) @> c.after"
    )
    version: LiteralString = "t.version" if kind.versioned else "0"
    return (
        "update "
        + kind.table
        + " t set (area_code"
        + _listed(kind.columns, "")
        + ") = (select p.area_code"
        + _listed(kind.columns, "p.")
        + " from jsonb_populate_record(t, "
        + was
        + ") p)"
        + own
        + " from people_change c cross join lateral jsonb_populate_record(null::"
        + kind.table
        + ", c.before) p where c.batch_id = :batch and c.wave = :wave and c.kind = :kind"
        " and c.op = 'update' and t.id = c.row_id and "
        + same
        + " and not ("
        + kind.blocked
        + ") returning t.id, "
        + version
        + " as version, t."
        + kind.owner
        + " as owner"
    )


@cache
def bring_back(name: str) -> LiteralString:
    """Insert again what the wave deleted."""
    kind = registered(name)
    return (
        _rows_of_p(kind, "p.version + 2")
        + " from people_change c cross join lateral jsonb_populate_record(null::"
        + kind.table
        + ", c.before) p where c.batch_id = :batch and c.wave = :wave and c.kind = :kind"
        " and c.op = 'delete' and not ("
        + kind.blocked
        + ") on conflict do nothing returning id, "
        + ("version, " if kind.versioned else "0 as version, ")
        + kind.owner
        + " as owner"
    )


@cache
def why_kept(name: str) -> LiteralString:
    """Which rows of the wave were not put back, and why."""
    kind = registered(name)
    changed: LiteralString = (
        "t.version <> c.version" if kind.versioned else "not to_jsonb(t) @> c.after"
    )
    return (
        "select c.kind, c.row_id as id, case"
        " when t.id is null and c.op <> 'delete' then 'gone'"
        " when c.op <> 'delete' and " + changed + " then 'changed'"
        " when c.op = 'insert' then 'in_use' else 'taken' end as why"
        " from people_change c left join " + kind.table + " t on t.id = c.row_id"
        " where c.batch_id = :batch and c.wave = :wave and c.kind = :kind and c.op = :op"
        " and not (c.row_id = any (:done::uuid[]))"
    )


CARRY_MARKS: LiteralString = """
    update people_change c set version = r.version
      from unnest(:ids::uuid[], :versions::int[]) r(id, version)
     where c.row_id = r.id and c.kind = :kind and c.version = r.version - 2
"""
"""A row that is again what an earlier change left has a new version; that change is told, so that
it can be undone as well."""
