"""What a resident may do with a receipt. The number is the only key, and it is drawn by chance."""

from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Struct

from wangge.cases import commands
from wangge.cases.model import STAGES
from wangge.kernel.database import Tx
from wangge.kernel.http import deed
from wangge.web.home.receipts import clean_receipt


class Score(Struct):
    """1 (bad) to 5 (good)."""

    receipt: str
    score: Annotated[int, msgspec.Meta(ge=1, le=5)]


class Reopening(Struct):
    receipt: str
    reason: str


@dataclass(frozen=True, slots=True)
class Now:
    """How far the case is after it."""

    receipt: str
    stage: str


@deed("home.score", Score)
async def score(tx: Tx, body: Score) -> Now:
    """The resident's mark, once it is closed."""
    case = await commands.score_by_receipt(tx, clean_receipt(body.receipt), body.score)
    return Now(case.receipt, STAGES[case.state].value)


@deed("home.reopen", Reopening)
async def reopen(tx: Tx, body: Reopening) -> Now:
    """Not good: once, free, without asking anybody."""
    case = await commands.reopen_by_receipt(tx, clean_receipt(body.receipt), body.reason)
    return Now(case.receipt, STAGES[case.state].value)
