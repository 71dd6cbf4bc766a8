"""Questions of a kind of one's own, and rosters as phones read them."""

from typing import Any
from uuid import UUID

from wangge.forms.entries import add_field
from wangge.forms.model import OwnField
from wangge.kernel.database import Tx
from wangge.sweeps import roster as rosters
from wangge.sweeps.kinds import KINDS
from wangge.sweeps.queries.kinds import KindRow, save

ASKED = [
    {"key": "dogs", "words": "养狗吗", "kind": "bool", "required": True},
    {
        "key": "dog_count",
        "words": "几条",
        "kind": "number",
        "when": ["=", ["q", "dogs"], ["v", "yes"]],
        "must": ["and", [">=", ["it"], ["v", 1]], ["<=", ["it"], ["v", 20]]],
        "must_words": "1 到 20 条",
    },
    {"key": "call", "words": "留个电话", "kind": "phone"},
    {"key": "temp", "words": "体温", "kind": "decimal", "of": "person"},
]


async def with_questions(
    tx: Tx, questions: list[dict[str, Any]], *, feeds: bool = False, code: str = "census"
) -> None:
    """A kind of the district's own with these questions."""
    check = (await KINDS.get(tx))["check"]
    outcomes = [
        {"code": b.code.value, "words": b.words, "settled": b.settled} for b in check.buttons
    ]
    row = KindRow(
        code,
        "入户登记",
        "household",
        outcomes,
        60,
        False,
        False,
        (),
        (),
        questions,
        [],
        None,
        1,
        feeds,
    )
    assert await save(tx, row) == 1
    await tx.bump("sweeps")


async def lines(tx: Tx, round_id: UUID) -> dict[UUID, rosters.DoorLine]:
    blocks = await tx.many(
        UUID, "select id from sweeps_block where round_id = :id", id=round_id
    )
    found = await rosters.roster(tx, round_id, blocks, {})
    return {door.id: door for block in found.blocks for door in block.doors}


async def own_field(tx: Tx, subject: str, name: str, kind: str = "bool") -> str:
    made = await add_field(
        tx,
        OwnField(subject, name, name, kind, "入户服务", "consent", "people.residents", 3, 90),
    )
    return made.key
