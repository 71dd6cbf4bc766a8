"""Rows held against the register, a bite at a time; then the list against itself (`among`).

Each bite is one transaction with its mark: whatever is killed, whenever, a bite has happened or it
has not. A bite asks a fixed number of statements, however many rows it has.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from wangge.kernel import work
from wangge.kernel.crypto import Vault, vault_of
from wangge.kernel.database import Database, Tx
from wangge.kernel.moments import local_date
from wangge.kernel.work import Work
from wangge.matching import sound
from wangge.matching.linking import Known, Link, Meant, Said, decide, family_of
from wangge.matching.linking.residents import SHARED_MAX
from wangge.people.queries.known import SHARED_MAX as PHONE_SHARED_MAX
from wangge.people.queries.known import Known as Resident
from wangge.people.queries.known import known
from wangge.people.roster import actor_of
from wangge.people.sealing import id_index, phone_index
from wangge.places.doors import closed_list
from wangge.verification import queries
from wangge.verification.acts import CHECK
from wangge.verification.among import hear, meet, steps_of
from wangge.verification.among import step as do_step
from wangge.verification.bringing import columns_kept
from wangge.verification.checking import held, with_namesakes
from wangge.verification.events import ListChecked
from wangge.verification.model import List, RowKept
from wangge.verification.queries import KIND, Held
from wangge.verification.reading import Line, Reader
from wangge.verification.records import lines_of

#: Rows of one bite.
BITE = 2_000
_STATES = {"right": "right", "mended": "proposed", "ask": "open"}


async def reader_of(tx: Tx, vault: Vault, found: List) -> Reader:
    """Reads rows of a list as the register keeps its people."""
    doors = await closed_list(tx, found.area_code)

    def door(address: str) -> UUID | None:
        placed = doors.resolve(address)
        return placed.door.dwelling_id if placed.sure and placed.door else None

    return Reader(
        columns_kept(found),
        local_date(tx.now),
        door,
        lambda number: id_index(vault, number),
        lambda phone: phone_index(vault, phone),
    )


async def bite(tx: Tx, taken: Work) -> None:
    """The next rows of a list, for whoever brought it, with the posts they hold now."""
    found = await queries.list_of(tx, taken.id)
    if found.phase != "checking":
        await work.end(tx, found.id, "cancelled")
        return
    by = await actor_of(tx, taken.by_id)
    if not by.reach(CHECK, tx.now).covers(found.area_code):
        await work.end(tx, found.id, "failed", "forbidden")
        return
    vault = vault_of(tx.actor.district)
    rows = await queries.rows_after(tx, found.id, taken.done, BITE)
    if rows:
        lines, meant = await hold_rows(tx, vault, found, rows)
        await meet(tx, vault, found, meant, [row.at for row in rows])
        await hear(tx, vault, found, lines, meant)
        await work.move(tx, found.id, rows[-1].number, {})
        return
    step, steps = int(taken.data.get("step", 0)), int(taken.data.get("steps", -1))
    if steps < 0:
        steps = await steps_of(tx, found)
    if step < steps:
        await do_step(tx, vault, found, step, steps)
        await work.move(tx, found.id, taken.done, {"step": step + 1, "steps": steps})
        return
    await queries.forget_pieces(tx, [found.id])
    await queries.set_phase(tx, found.id, "review")
    await work.end(tx, found.id)
    counts = {one.state: one.rows for one in await queries.tallies(tx, found.id)}
    tx.publish(
        ListChecked(
            found.id,
            found.area_code,
            counts.get("right", 0),
            counts.get("proposed", 0),
            counts.get("open", 0),
        )
    )


async def hold_rows(
    tx: Tx, vault: Vault, found: List, rows: Sequence[RowKept]
) -> tuple[list[Line], list[Meant]]:
    """Hold rows against the residents of the list's area; answers what they say and whom they mean.
    Four statements at most."""
    reader = await reader_of(tx, vault, found)
    year = local_date(tx.now).year

    def read() -> tuple[list[Line], list[tuple[int, Said]]]:
        lines = lines_of(vault, found.id, rows)
        return lines, [(line.number, reader.said(line.cells, placed=False)) for line in lines]

    lines, said = await asyncio.to_thread(read)
    people = await _people(tx, found.area_code, [one for _, one in said])

    def at_first() -> tuple[list[Link], list[int], set[UUID]]:
        links = held(said, [people.near(row) for _, row in said], year=year)
        # Where number and name are one person's, nothing hangs on the address: it is read when
        # somebody looks at the row.
        again = [at for at, link in enumerate(links) if not settled(link)]
        for at in again:
            number, row = said[at]
            said[at] = (number, replace(row, door=reader.door_of(lines[at].cells)))
        # Whoever a row may mean may have lent their number to somebody they live with.
        near = (one.door for at in again for one in people.near(said[at][1]))
        doors = {door for door in (*near, *(said[at][1].door for at in again))}
        return links, again, {door for door in doors if isinstance(door, UUID)}

    first, again, doors = await asyncio.to_thread(at_first)
    if again:
        homes = await _beside(tx, found.area_code, [said[at][1] for at in again], doors)
        await asyncio.to_thread(_once_more, said, first, again, people, homes, year)

    def judge() -> list[Held]:
        return [
            _held(number, one, link) for (number, one), link in zip(said, first, strict=True)
        ]

    held_ = await asyncio.to_thread(judge)
    await queries.hold(tx, found.id, held_)
    return lines, [
        Meant(number, one, kept.target_id)
        for (number, one), kept in zip(said, held_, strict=True)
    ]


def settled(link: Link) -> bool:
    """Whether number and name are those of one person, whatever else the row says."""
    return link.kind == "right" and link.why == "id"


def _once_more(
    said: Sequence[tuple[int, Said]],
    links: list[Link],
    again: Sequence[int],
    people: "_Near",
    homes: "_Near",
    year: int,
) -> None:
    """Rows that number and name did not settle, with whoever lives behind their doors."""
    for at in again:
        number, row = said[at]
        around = _each(people.near(row), homes.behind(row.door))
        (link,) = held([(number, row)], [around], year=year)
        door = family_of(link)
        if door is not None:  # a name not quite theirs may be of somebody they live with
            link = decide(row, _each(around, homes.behind(door)), year=year)
        if link.question == "nobody":
            link = with_namesakes(row, link, homes.namesakes(row), year=year)
        links[at] = link


def _each(people: Sequence[Known], more: Sequence[Known]) -> list[Known]:
    """Both, each person once."""
    return list({one.ref: one for one in (*people, *more)}.values())


class _Near:
    """Residents of an area by the keys they are found by."""

    def __init__(
        self, found: Sequence[Resident], area: str, keys_of: Callable[[Known], Sequence[object]]
    ) -> None:
        self._by: dict[object, list[Known]] = {}
        for one in found:
            if one.ended_why or not one.area_code.startswith(area):
                continue
            made = Known(
                one.id,
                one.name,
                one.id_index,
                one.phone_index,
                one.birth_date,
                one.birth_year,
                "" if one.sex == "unknown" else one.sex,
                None if one.home_ended else one.dwelling_id,
            )
            for key in keys_of(made):
                if key is not None:
                    self._by.setdefault(key, []).append(made)
        for key, sharing in list(self._by.items()):
            # The register is asked for so many of a telephone: as many may be more. A key that so
            # many share is no evidence.
            most = PHONE_SHARED_MAX - 1 if key == sharing[0].phone else SHARED_MAX
            if len(sharing) > most:
                del self._by[key]

    def near(self, said: Said) -> list[Known]:
        """Everybody who has a row's number, one of its slips or its telephone, each once."""
        keys: list[object] = [*said.slips, *said.phones]
        if said.id_key is not None:
            keys.append(said.id_key)
        return self._having(keys)

    def behind(self, door: object) -> Sequence[Known]:
        """Whoever lives behind a door."""
        return self._by.get(door, ()) if door is not None else ()

    def namesakes(self, said: Said) -> list[Known]:
        """Whoever sounds alike and was born on the same day."""
        return self._having([(sound(said.name), said.birth)])

    def _having(self, keys: Sequence[object]) -> list[Known]:
        return list({one.ref: one for key in keys for one in self._by.get(key, ())}.values())


def _numbers(one: Known) -> Sequence[object]:
    return one.id_key, one.phone


def _places(one: Known) -> Sequence[object]:
    return one.door, (sound(one.name), one.birth) if one.birth is not None else None


async def _people(tx: Tx, area: str, rows: Sequence[Said]) -> _Near:
    """Whoever of the area the rows may mean, in one statement; those beyond it stay unknown."""
    found = await known(
        tx,
        ids=_bytes(key for said in rows for key in (said.id_key, *said.slips)),
        phones=_bytes(key for said in rows for key in said.phones),
        births=(),
        dwellings=(),
    )
    return _Near(found, area, _numbers)


async def _beside(tx: Tx, area: str, rows: Sequence[Said], doors: Iterable[UUID]) -> _Near:
    """Namesakes of the area of the same day of birth, and whoever lives behind these doors, in one
    statement."""
    births = [(sound(row.name), row.birth) for row in rows if row.name and row.birth]
    found = await known(tx, ids=(), phones=(), births=births, dwellings=sorted(doors))
    return _Near(found, area, _places)


def _bytes(keys: Iterable[object]) -> list[bytes]:
    return [key for key in keys if isinstance(key, bytes)]


def _held(number: int, said: Said, link: Link) -> Held:
    target = link.target.ref if link.target is not None else None
    return Held(
        number,
        _STATES[link.kind],
        link.why,
        link.question,
        link.mends,
        link.differs,
        link.signs.codes() if link.signs else {},
        target if isinstance(target, UUID) else None,
        tuple({"id": str(one.ref), "signs": signs.codes()} for one, signs in link.rivals),
        said.door if isinstance(said.door, UUID) else None,
    )


async def on_the_clock(tx: Tx) -> int:
    """A worker's tick: one bite of one list."""
    return await work.on_the_clock(tx, KIND, bite)


async def run(
    database: Database,
    list_id: UUID,
    *,
    shown: Callable[[Work], None] | None = None,
    now: datetime | None = None,
) -> Work:
    """Take bites until the list waits for a person (for the demonstration and tests)."""
    return await work.run(database, list_id, bite, shown=shown, now=now)
