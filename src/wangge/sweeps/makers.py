"""The answers of a round as a list that leaves: for a reason, masked, with a watermark."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from wangge.exports.model import Cell, Column, Sheet, Subject, maker
from wangge.kernel.crypto import Vault, vault_of
from wangge.kernel.database import Tx
from wangge.kernel.moments import local
from wangge.kernel.refusals import Invalid
from wangge.people.acts import RESIDENT_READ
from wangge.places import ATLAS
from wangge.sweeps.acts import READ
from wangge.sweeps.answering import masked, opened
from wangge.sweeps.kinds import kind_as_opened
from wangge.sweeps.model import Kind, Round
from wangge.sweeps.queries import feeding as queries
from wangge.sweeps.queries import roster, rounds
from wangge.sweeps.questions import Question

ANSWERS = "sweeps.answers"
#: Doors read by one statement.
READ_AT_ONCE = 5_000


async def _asked(tx: Tx, spec: Mapping[str, Any]) -> tuple[Round, Kind]:
    """The round that a request names, as it was opened."""
    try:
        round_id = UUID(str(spec.get("round", "")))
    except ValueError as wrong:
        raise Invalid.of("round", "轮次编号不对。") from wrong
    round_ = await rounds.round_(tx, tx.reach(READ), round_id)
    return round_, await kind_as_opened(tx, round_id)


def _columns(kind: Kind, *, full: bool) -> list[Column]:
    return [
        Column("区域", 30),
        Column("楼道", 22),
        Column("室"),
        Column("结果"),
        Column("谁", 14),
        *(
            Column(q.words[:60], 18, "phone" if full and q.kind == "phone" else "")
            for q in kind.questions
            if q.kind != "note"
        ),
        Column("上报时间", 18),
    ]


async def _headings(tx: Tx, spec: Mapping[str, Any]) -> list[str]:
    return [column.title for column in _columns((await _asked(tx, spec))[1], full=False)]


@maker(ANSWERS, "清查的回答", RESIDENT_READ, headings=_headings, full=("phone",))
async def answers(tx: Tx, spec: Mapping[str, Any]) -> Sheet:
    """Every answer that stands, a line a household and a line a person; `spec` has `round`."""
    round_, kind = await _asked(tx, spec)
    full = "phone" in spec.get("full", ())
    reach = tx.reach(RESIDENT_READ)
    found: list[queries.Leaving] = []
    after = UUID(int=0)
    while some := await queries.leaving(tx, reach, round_.id, after, READ_AT_ONCE):
        found += some
        after = some[-1].id
    people = [person for door in found for person in door.people]
    names: dict[UUID, str] = {}
    for at in range(0, len(people), READ_AT_ONCE):
        some_masks = await roster.masks(tx, people[at : at + READ_AT_ONCE])
        names |= {row.id: row.name_mask for row in some_masks}
    atlas = await ATLAS.get(tx)
    asked = [question for question in kind.questions if question.kind != "note"]
    vault = vault_of(tx.actor.district)
    return Sheet(
        round_.title,
        _columns(kind, full=full),
        _rows(found, kind, asked, names, atlas.path, vault if full else None),
        [
            Subject(person, door.area_code)
            for door in found
            for person in door.people
            if person in names
        ],
        length=len(found),
    )


def _rows(
    doors: Sequence[queries.Leaving],
    kind: Kind,
    asked: Sequence[Question],
    names: Mapping[UUID, str],
    path: Any,
    vault: Vault | None,
) -> Iterator[Sequence[Cell]]:
    for door in doors:
        told = opened(vault, door.said_id, door.answers) if vault else masked(door.answers)
        lines: list[UUID | None] = [None, *door.people]
        for person in lines:
            cells: list[Cell] = []
            for question in asked:
                own = (question.of == "person") == (person is not None)
                key = f"{question.key}@{person}" if person else question.key
                value = told.get(key, "") if own else ""
                number = isinstance(value, int | float) and not isinstance(value, bool)
                cells.append(value if number else question.told(value, "zh"))
            if any(cell not in ("", None) for cell in cells):
                yield [
                    path(door.area_code),
                    door.block,
                    door.room,
                    kind.words(door.outcome),
                    names.get(person, "") if person else "全户",
                    *cells,
                    f"{local(door.at):%Y-%m-%d %H:%M}",
                ]
