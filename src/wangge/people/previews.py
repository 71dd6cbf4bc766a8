"""What an act on households would do: it is done, looked at and taken back, so that what is shown is
what will happen, with the same refusals."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.people import acts
from wangge.people.commands.homes import Done
from wangge.people.queries import batches
from wangge.people.queries import households as queries
from wangge.people.queries.households import Home, Person, Tie

Opens = Callable[[], AbstractAsyncContextManager[Tx]]


@dataclass(frozen=True, slots=True)
class Preview:
    """`home` is where the people are afterwards, `members` everybody in it then; `people` whom the
    act is about. `staying` are those left behind, `ended` the households nobody lives in any more.
    `needs` go with their people, or end (`needs_ended`). `ties` are left as they are."""

    home: Home
    members: list[Person]
    people: list[Person]
    staying: list[Person]
    ended: list[Home]
    needs: int
    needs_ended: int
    ties: list[Tie]
    rows: int


class _SeenEnough(Exception):
    """Takes the transaction back, and carries out of it what was seen."""

    def __init__(self, seen: Any) -> None:
        self.seen = seen


async def preview(opens: Opens, act: Callable[[Tx], Awaitable[Any]]) -> Preview:
    """Whatever `act` refuses, this refuses. Nothing is written and nothing is said."""
    try:
        async with opens() as tx:
            raise _SeenEnough(await _look(tx, await act(tx)))
    except _SeenEnough as enough:
        seen: Preview = enough.seen
        return seen


async def _look(tx: Tx, done: Done) -> Preview:
    """Seven statements, whatever the number of people."""
    reach = tx.reach(acts.RESIDENT_READ)
    touched = await batches.touched(tx, done.batch)
    residents = [row.row_id for row in touched if row.kind == "resident"]
    from_homes = {row.household_id for row in touched if row.household_id is not None}
    ended = await queries.ended_of(
        tx, [row.row_id for row in touched if row.kind == "household"]
    )
    people = await queries.people_of(tx, residents)
    movers = [p for p in people if p.household_id == done.household_id or p.ended_on]
    staying = await queries.living_in(
        tx, [id_ for id_ in from_homes if id_ != done.household_id]
    )
    needs, over = await batches.needs_of(tx, done.batch)
    return Preview(
        await queries.home(tx, reach, done.household_id),
        await queries.members(tx, done.household_id),
        movers,
        staying,
        ended,
        needs,
        over,
        await queries.live_ties(tx, residents),
        len(touched),
    )


async def undo_preview(
    opens: Opens, act: Callable[[Tx], Awaitable[Any]], batch_id: UUID
) -> list[Person]:
    """Who would be as they were: the people an undo is about, after it. Raises what it raises."""
    try:
        async with opens() as tx:
            touched = await batches.touched(tx, batch_id)
            await act(tx)
            ids = [row.row_id for row in touched if row.kind == "resident"]
            raise _SeenEnough(await queries.people_of(tx, ids))
    except _SeenEnough as enough:
        people: list[Person] = enough.seen
        return people
