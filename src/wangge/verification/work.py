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
        return lines, [(line.number, reader.said(line.cells)) for line in lines]

    lines, said = await asyncio.to_thread(read)
    people = await _people(tx, found.area_code, [one for _, one in said])
    first = await asyncio.to_thread(_links, said, people, year)
    doors = {at: door for at, one in enumerate(first) if (door := family_of(one)) is not None}
    if doors:  # a name that is not quite theirs may be that of somebody they live with
        wanted = [replace(said[at][1], door=door) for at, door in doors.items()]
        families = await _people(tx, found.area_code, wanted)
        for (at, _), one in zip(doors.items(), wanted, strict=True):
            first[at] = decide(said[at][1], families.near(one), year=year)

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


def _links(said: Sequence[tuple[int, Said]], people: "_Near", year: int) -> list[Link]:
    links = held(said, [people.near(row) for _, row in said], year=year)
    return [
        with_namesakes(row, link, people.namesakes(row), year=year)
        if link.question == "nobody"
        else link
        for (_, row), link in zip(said, links, strict=True)
    ]


class _Near:
    """Residents by the keys they are found by."""

    def __init__(self, found: Sequence[Resident]) -> None:
        self._by: dict[object, list[Known]] = {}
        for one in found:
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
            keys: list[object] = [made.id_key, made.phone, made.door]
            if one.birth_date is not None:
                keys.append((sound(one.name), one.birth_date))
            for key in keys:
                if key is not None:
                    self._by.setdefault(key, []).append(made)
        for key, sharing in list(self._by.items()):
            # The register is asked for so many of a telephone: as many may be more. A key that so
            # many share is no evidence.
            most = PHONE_SHARED_MAX - 1 if key == sharing[0].phone else SHARED_MAX
            if len(sharing) > most:
                del self._by[key]

    def near(self, said: Said) -> list[Known]:
        """Everybody who has one of a row's keys, each once."""
        keys: list[object] = [*said.slips, *said.phones]
        keys += [key for key in (said.id_key, said.door) if key is not None]
        return self._each(keys)

    def namesakes(self, said: Said) -> list[Known]:
        """Whoever sounds alike and was born on the same day."""
        return self._each([(sound(said.name), said.birth)])

    def _each(self, keys: Sequence[object]) -> list[Known]:
        return list({one.ref: one for key in keys for one in self._by.get(key, ())}.values())


async def _people(tx: Tx, area: str, rows: Sequence[Said]) -> _Near:
    """Whoever of the area the rows may mean, in one statement; those beyond it stay unknown."""
    found = await known(
        tx,
        ids=_bytes(key for said in rows for key in (said.id_key, *said.slips)),
        phones=_bytes(key for said in rows for key in said.phones),
        births=[
            (sound(said.name), said.birth)
            for said in rows
            if said.name and said.birth is not None
        ],
        dwellings=[said.door for said in rows if isinstance(said.door, UUID)],
    )
    return _Near([one for one in found if one.area_code.startswith(area) and not one.ended_why])


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
