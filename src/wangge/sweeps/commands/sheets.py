"""A paper sheet that was typed in, as one thing: what it kept, and taking all of it back."""

from collections.abc import Sequence
from uuid import UUID, uuid5

import msgspec

from wangge.kernel.database import Tx
from wangge.kernel.refusals import NotFound, Refusal
from wangge.people.acts import RESIDENT_READ
from wangge.sweeps.acts import READ
from wangge.sweeps.commands.testing import take_back_tubes
from wangge.sweeps.model import How
from wangge.sweeps.queries import doors as door_queries
from wangge.sweeps.queries import roster, rounds
from wangge.sweeps.queries import testing as tube_queries
from wangge.sweeps.reporting import Deed, Report
from wangge.sweeps.taking import take


class TakenBack(msgspec.Struct, frozen=True):
    """How many tubes and doors of a sheet were taken back."""

    tubes: int
    doors: int


def tube_id(typed: UUID, code: str) -> UUID:
    """The id of a tube that a typing filled."""
    return uuid5(typed, f"tube {code}")


async def typed_doors(tx: Tx, round_id: UUID, doors: Sequence[UUID], typed: UUID) -> list[UUID]:
    """Doors that the actor's typing reported and nobody took back."""
    pairs = [(door, uuid5(typed, str(door))) for door in doors]
    return await door_queries.standing(tx, round_id, pairs, tx.actor.id)


async def typed_tubes(
    tx: Tx, round_id: UUID, doors: Sequence[UUID], typed: UUID
) -> list[tube_queries.Code]:
    """Tubes that the actor's typing filled and nobody took back."""
    own = await tube_queries.own_at(tx, round_id, doors)
    return [tube for tube in own if tube.id == tube_id(typed, tube.code)]


async def take_back_sheet(tx: Tx, round_id: UUID, block_id: UUID, typed: UUID) -> TakenBack:
    """Take a typing back: its tubes first, then each of its reports that still stands, all or
    nothing. Raises NotFound, and whatever is in the way of one of them."""
    round_ = await rounds.round_(tx, tx.reach(READ), round_id)
    found = await roster.blocks(
        tx, tx.reach(READ), tx.reach(RESIDENT_READ), round_id, [block_id], 1
    )
    if not found:
        raise NotFound("这个楼道")
    doors = await roster.doors(tx, round_id, [block_id], [-1])
    ids = [door.id for door in doors]
    tubes = await typed_tubes(tx, round_id, ids, typed)
    if tubes:
        await take_back_tubes(tx, round_id, [tube.id for tube in tubes])
        # Taking their reports back has moved the doors on.
        doors = await roster.doors(tx, round_id, [block_id], [-1])
    told = set(await typed_doors(tx, round_id, ids, typed))
    deeds = [
        Deed(
            uuid5(typed, f"{door.id}/undo"),
            tx.actor,
            Report(
                round=round_id,
                door=door.id,
                block=block_id,
                how=How.PAPER.value,
                base=door.version,
                undoes=uuid5(typed, str(door.id)),
                turn=round_.pass_n,
            ),
        )
        for door in doors
        if door.id in told
    ]
    for answer in await take(tx, deeds):
        if isinstance(answer, Refusal):
            raise answer
    return TakenBack(len(tubes), len(deeds))
