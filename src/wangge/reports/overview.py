"""All reports at a look: which ask the same, how many cells nobody typed, and what a request would
find already made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import msgspec

from wangge.forms.queries.requests import Request
from wangge.forms.requests import asked_columns
from wangge.kernel.database import Tx
from wangge.reports import queries
from wangge.reports.acts import READ
from wangge.reports.model import Rows, Spec, overlaps
from wangge.reports.queries import Report, Saved

#: Reports compared with each other.
COMPARED_MAX = 400
#: Days the burden counter looks back.
SAVED_DAYS = 30


@dataclass(frozen=True, slots=True)
class Together:
    """Reports that ask the same: `columns` are in all of them."""

    reports: tuple[UUID, ...]
    rows: Rows
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """`saved` counts cells of the last 30 days that were filled instead of typed."""

    reports: list[Report]
    together: list[Together]
    saved: Saved


async def overview(tx: Tx) -> Overview:
    """Live reports within reach with what they share; two statements."""
    found = await queries.reports(
        tx, tx.reach(READ), live=True, before=None, limit=COMPARED_MAX
    )
    saved = await queries.cells_filled(tx, tx.reach(READ), tx.now - timedelta(days=SAVED_DAYS))
    return Overview(found, together(found), saved)


def together(reports: Sequence[Report]) -> list[Together]:
    """Groups of reports that share columns: pairs are joined while what all share is still at least
    half of the smallest. Most shared first."""
    specs = {r.id: msgspec.convert(r.spec, Spec) for r in reports}
    keys = {id_: frozenset(spec.keys) for id_, spec in specs.items()}
    pairs = overlaps([(str(id_), specs[id_].about, keys[id_]) for id_ in specs if keys[id_]])
    groups: list[set[UUID]] = []
    for pair in pairs:
        one, other = UUID(pair.one), UUID(pair.other)
        home = next((g for g in groups if one in g or other in g), None)
        if home is None:
            groups.append({one, other})
            continue
        joined = home | {one, other}
        shared = _in_all([keys[id_] for id_ in joined])
        if 2 * len(shared) >= min(len(keys[id_]) for id_ in joined):
            home |= joined
    order = {r.id: place for place, r in enumerate(reports)}
    made = [
        Together(
            tuple(sorted(group, key=lambda id_: order[id_])),
            specs[next(iter(group))].rows,
            tuple(sorted(_in_all([keys[id_] for id_ in group]))),
        )
        for group in groups
    ]
    return sorted(made, key=lambda t: (-len(t.columns) * len(t.reports), t.reports))


def _in_all(sets: Sequence[frozenset[str]]) -> frozenset[str]:
    """What all of them have; there is at least one."""
    shared = sets[0]
    for one in sets[1:]:
        shared &= one
    return shared


@dataclass(frozen=True, slots=True)
class Answers:
    """A report that answers a request: `shared` of its known columns, and the ones it lacks."""

    report: Report
    shared: tuple[str, ...]
    lacks: tuple[str, ...]


def answering(reports: Sequence[Report], request: Request, most: int = 5) -> list[Answers]:
    """Reports that hold what a request asks for, the fullest first."""
    wanted = {c.key for c in asked_columns(request) if c.key and not c.filler}
    found: list[Answers] = []
    for report in reports:
        keys = set(msgspec.convert(report.spec, Spec).keys)
        shared = wanted & keys
        if len(shared) >= 2 and 2 * len(shared) >= len(wanted):
            found.append(Answers(report, tuple(sorted(shared)), tuple(sorted(wanted - keys))))
    return sorted(found, key=lambda a: len(a.lacks))[:most]
