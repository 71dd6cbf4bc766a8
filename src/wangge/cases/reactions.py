"""Listening: what came in is made findable, a bite at a time, and again when it ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wangge.cases.events import CaseMoved, CaseReclassified, CaseReported
from wangge.cases.marks import marks_of
from wangge.cases.model import ENDED
from wangge.kernel.database import Tx
from wangge.kernel.facts import Recorded
from wangge.kernel.relay import bite


@dataclass(frozen=True, slots=True)
class _Findable:
    id: UUID
    reported_at: datetime
    words: str
    place: str
    area_code: str
    class_code: str | None
    channel: str
    platform: str | None
    live: bool


@bite("cases.search", CaseReported, CaseReclassified, CaseMoved)
async def make_findable(tx: Tx, facts: Sequence[Recorded]) -> None:
    """New and reclassified cases into the search table; those that ended out of the live ones."""
    ids = list(dict.fromkeys(fact.subject_id for fact in facts if _matters(fact)))
    if ids:
        await index_cases(tx, ids)


def _matters(fact: Recorded) -> bool:
    """A move matters when the case was over before it or is over after it, but not both."""
    if fact.kind != CaseMoved.kind:
        return True
    return (fact.data["from_state"] in ENDED) != (fact.data["to_state"] in ENDED)


async def index_cases(tx: Tx, ids: Sequence[UUID]) -> int:
    """(Re)make the marks of these cases."""
    rows = await tx.many(
        _Findable,
        """
        select id, reported_at, words, place, area_code, class_code, channel, platform,
               ended_at is null as live
          from cases_case where id = any(:ids::uuid[])
        """,
        ids=list(ids),
    )
    return await tx.run(
        """
        insert into cases_search (case_id, reported_at, marks)
        select case_id, reported_at, string_to_array(marks, E'\\n')
          from unnest(:ids::uuid[], :ats::timestamptz[], :marks::text[])
               as t(case_id, reported_at, marks)
        on conflict (case_id) do update set marks = excluded.marks
        """,
        ids=[row.id for row in rows],
        ats=[row.reported_at for row in rows],
        marks=[
            "\n".join(
                marks_of(
                    row.reported_at,
                    row.words,
                    row.place,
                    row.area_code,
                    row.class_code,
                    row.channel,
                    row.platform,
                    live=row.live,
                )
            )
            for row in rows
        ],
    )
