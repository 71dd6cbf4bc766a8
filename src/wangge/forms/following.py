"""What an admitted table still lacks becomes questions of the next sweep or visit.

A column the dictionary knows is asked where its answer is missing or old. A column it does not know
becomes a field of the district's own first, with all that such a field must say.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import msgspec

from wangge.forms.acts import QUESTION
from wangge.forms.entries import add_field, decide_headings, dictionary
from wangge.forms.likeness import plain
from wangge.forms.model import AskedColumn, OwnField
from wangge.forms.queries import requests as queries
from wangge.forms.queries.questions import Question
from wangge.forms.questions import Asking, open_questions
from wangge.forms.requests import asked_columns, reading_reach
from wangge.kernel.database import Tx
from wangge.kernel.fields import FieldSpec
from wangge.kernel.refusals import Invalid, Problem
from wangge.registers.kinds import KINDS

#: Sources of values that somebody is asked for.
ASKED = ("asked", "document")


def asked_on_the_way(spec: FieldSpec) -> bool:
    """Whether a visit can ask for a field: what a register's own papers say is looked up in them."""
    subject, _, name = spec.key.partition(".")
    return spec.source in ASKED and (subject not in KINDS or name in KINDS[subject].by_name)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A column of the request, by its words. `field` is what a column nobody knows becomes; None
    takes what the dictionary has. `say` is how it is asked at the door, "" for the field's name."""

    words: str
    field: OwnField | None = None
    say: str = ""


async def lacking(tx: Tx, columns: Sequence[AskedColumn]) -> list[AskedColumn]:
    """The columns that somebody has to be asked for: unknown, or known, asked of people and not all
    fresh."""
    known = await dictionary(tx)
    found: list[AskedColumn] = []
    for column in columns:
        entry = known.find(column.key) if column.key else None
        asked = entry is not None and entry.active and asked_on_the_way(entry.spec)
        if column.new or (asked and column.fresh is not None and column.fresh < 1):
            found.append(column)
    return found


async def ask_for(
    tx: Tx,
    request_id: UUID,
    wanted: Sequence[Wanted],
    *,
    ways: Sequence[str] = ("sweep", "visit"),
    days: int = 60,
) -> list[Question]:
    """Open questions for columns of an admitted request, in its area; unknown ones become fields of
    the district's own, and the request's columns and the heading's memory say so from then on.

    Raises NotFound, Forbidden (a new field is the whole district's decision), Invalid, and the
    refusals of `add_field`.
    """
    request = await queries.request(tx, reading_reach(tx), request_id)
    tx.require(QUESTION, request.area_code)
    if request.state != "admitted":
        raise Invalid.of("request_id", "准入以后才能安排去问。")
    if not wanted:
        raise Invalid.of("columns", "请至少选一列去问。")
    # Two people who arrange it at once: the second sees what the first made of the columns.
    await queries.lock_request(tx, request.id)
    request = await queries.request(tx, reading_reach(tx), request_id)
    asked = asked_columns(request)
    columns = {column.words: column for column in asked}
    wrong = [
        Problem("columns", "这项需求里没有“{name}”这一列。", row, {"name": one.words[:60]})
        for row, one in enumerate(wanted, 1)
        if one.words not in columns or columns[one.words].filler
    ]
    if wrong:
        raise Invalid.all(wrong)
    headings: dict[str, str] = {}
    asking: list[Asking] = []
    for row, one in enumerate(wanted, 1):
        column = columns[one.words]
        if column.key is None:
            if one.field is None:
                raise Invalid.of(
                    "columns", "“{name}”是新的,请先写明它是什么。", row=row, name=one.words
                )
            made = await add_field(tx, one.field)
            headings["|".join(plain(part) for part in one.words.split(" / "))] = made.key
            columns[one.words] = column = replace(
                column, key=made.key, field=made.spec.name, sure=True, why="remembered"
            )
        assert column.key is not None
        asking.append(
            Asking(
                column.key,
                request.area_code,
                one.say,
                ways=tuple(ways),
                days=days,
                request_id=request.id,
            )
        )
    if headings:
        await decide_headings(tx, headings)
        # In their places: two columns of one heading stay two.
        asked = [columns[c.words] if c.new else c for c in asked]
        left = [c for c in asked if not c.filler]
        await queries.set_columns(
            tx,
            request.id,
            msgspec.to_builtins(asked),
            known=sum(not c.new for c in left),
            new=sum(c.new for c in left),
        )
    return await open_questions(tx, asking)
