"""Without an account: what whoever has the receipt is shown."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wangge.cases.model import STAGES, State
from wangge.cases.reference import REFERENCE
from wangge.kernel.database import Tx
from wangge.kernel.refusals import NotFound
from wangge.places import ATLAS


@dataclass(frozen=True, slots=True)
class StageLine:
    stage: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """What whoever has the receipt is shown: how far it is, nobody's data."""

    receipt: str
    stage: str
    stages: list[StageLine]
    class_name: str
    area_name: str
    reported_at: datetime
    closed_at: datetime | None
    result_words: str
    may_reopen: bool
    may_score: bool


@dataclass(frozen=True, slots=True)
class _Receipt:
    receipt: str
    class_code: str | None
    area_code: str
    state: State
    reported_at: datetime
    ended_at: datetime | None
    reopened: int
    steps: list[dict[str, Any]]


#: In general words: a handler's own sentence may name somebody.
_RESULTS = {
    State.CLOSED: "已处理完毕并结案。",
    State.CALLED_BACK: "已处理完毕并结案,谢谢您的评价。",
    State.SELF_CLOSED: "工作人员已现场处理完毕。",
    State.VOID: "经核实未予立案。如有疑问请致电社区。",
    State.MERGED: "与另一件相同的事一并处理。",
}


async def receipt_view(tx: Tx, receipt: str) -> ReceiptView:
    """By its number, without an account. Raises NotFound."""
    atlas = await ATLAS.get(tx)
    reference = await REFERENCE.get(tx)
    row = await tx.maybe(
        _Receipt,
        """
        select c.receipt, c.class_code, c.area_code, c.state, c.reported_at, c.ended_at,
               c.reopened,
               coalesce((select jsonb_agg(jsonb_build_object('to_state', s.to_state, 'at', s.at)
                                          order by s.n, s.at)
                           from cases_step s where s.case_id = c.id), '[]') as steps
          from cases_case c where c.receipt = :receipt
        """,
        receipt=receipt,
    )
    if row is None:
        raise NotFound("这个回执号")
    stages: list[StageLine] = []
    for step in row.steps:
        stage = STAGES[State(step["to_state"])].value
        if not stages or stages[-1].stage != stage:
            stages.append(StageLine(stage, datetime.fromisoformat(step["at"])))
    known = reference.classes.get(row.class_code or "")
    done = row.state in (State.CLOSED, State.CALLED_BACK, State.SELF_CLOSED)
    return ReceiptView(
        row.receipt,
        STAGES[row.state].value,
        stages,
        known.name_zh if known else "",
        atlas.path(row.area_code[:12]),
        row.reported_at,
        row.ended_at,
        _RESULTS.get(row.state, ""),
        done and row.reopened == 0,
        row.state is State.CLOSED,
    )
