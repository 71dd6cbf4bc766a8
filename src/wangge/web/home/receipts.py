"""A receipt in plain words: how far it is, what comes next, and nothing about anybody."""

from dataclasses import dataclass
from datetime import datetime

from wangge.cases import read
from wangge.cases.marks import receipt_mark
from wangge.kernel.database import Tx
from wangge.kernel.refusals import NotFound

#: The six public stages, as a resident is told them: done, and what is being waited for.
STAGES: tuple[tuple[str, str, str], ...] = (
    ("上报", "我们收到了", "正在看是哪一类、归谁办"),
    ("立案", "确认要办", "正在找负责的人"),
    ("派遣", "已交给负责的单位", "等负责的人接单"),
    ("处置", "有人在办", "正在处理"),
    ("反馈", "办的人说办好了", "正在核查是不是真的办好"),
    ("结案", "办结", ""),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One stage on the line: `state` is done, now or ahead."""

    stage: str
    words: str
    waits: str
    state: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class StageAt:
    stage: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What anybody with the number may know."""

    receipt: str
    stage: str
    stages: list[StageAt]
    class_name: str
    area_name: str
    reported_at: datetime
    closed_at: datetime | None
    result_words: str
    may_reopen: bool
    may_score: bool


def clean_receipt(typed: str) -> str:
    """The number as we write it, however it was typed. Raises NotFound."""
    found = receipt_mark(typed)
    if found is None:
        raise NotFound("这个编号")
    return found


async def receipt_of(tx: Tx, typed: str) -> Receipt:
    """The receipt. Raises NotFound."""
    view = await read.receipt_view(tx, clean_receipt(typed))
    return Receipt(
        view.receipt,
        view.stage,
        [StageAt(passed.stage, passed.at) for passed in view.stages],
        view.class_name,
        view.area_name,
        view.reported_at,
        view.closed_at,
        view.result_words,
        view.may_reopen,
        view.may_score,
    )


def steps(receipt: Receipt) -> list[Step]:
    """The line of six stages; those that were skipped on the way count as passed."""
    passed = {one.stage: one.at for one in receipt.stages}
    names = [name for name, _, _ in STAGES]
    here = names.index(receipt.stage) if receipt.stage in names else 0
    return [
        Step(
            name,
            done,
            waits,
            "now"
            if at == here and receipt.closed_at is None
            else "done"
            if at <= here
            else "ahead",
            passed.get(name),
        )
        for at, (name, done, waits) in enumerate(STAGES)
    ]
