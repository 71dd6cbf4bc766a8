"""Listening: whoever is asked is told, also when no app is open; missed doors become cases."""

from collections.abc import Sequence

from wangge.dispatch import doors, left, notify
from wangge.kernel.database import Tx
from wangge.kernel.facts import Recorded
from wangge.kernel.relay import bite, reaction
from wangge.sweeps.events import DoorEased, DoorNeeds, TimeOver
from wangge.tasks.events import TaskOffered


@bite("dispatch.notify", TaskOffered)
async def tell_the_asked(tx: Tx, facts: Sequence[Recorded]) -> None:
    """Fresh offers are noted and messages queued."""
    await notify.note(tx, facts)


@reaction("dispatch.sweeps", DoorNeeds)
async def open_case_of_door(tx: Tx, fact: DoorNeeds) -> None:
    """Nobody met twice, refused, help asked for, a missed test."""
    await doors.open_case(tx, fact)


@reaction("dispatch.sweeps", DoorEased)
async def end_case_of_door(tx: Tx, fact: DoorEased) -> None:
    """The door was answered later, or the report taken back."""
    await doors.settle(tx, fact)


@reaction("dispatch.sweeps", TimeOver)
async def tell_of_doors_left(tx: Tx, fact: TimeOver) -> None:
    """The clock ran out: whoever answers for the grids hears where doors are left."""
    await left.tell(tx, fact)
