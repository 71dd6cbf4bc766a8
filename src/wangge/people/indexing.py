"""The marks that residents are found by, written with the rows they speak of."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from wangge.kernel import packing
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.matching import sound
from wangge.people import marks
from wangge.people.sealing import unhexed

#: Residents read and marked at a time.
CHUNK = 2_000


class _Findable(msgspec.Struct, frozen=True):
    id: UUID
    area_code: str
    unit_id: UUID
    household_id: UUID
    name: str
    sound: str | None
    phone_tail: str
    phone_index: bytes | None
    id_index: bytes | None
    tags: tuple[str, ...] = ()


class _Door(msgspec.Struct, frozen=True):
    """The door of a household."""

    household_id: UUID
    building_id: UUID
    compound_id: UUID
    building: str
    unit: str
    room: str


async def index_residents(
    tx: Tx,
    vault: Vault,
    ids: Sequence[UUID],
    born: Mapping[UUID, Mapping[str, Any]] | None = None,
) -> int:
    """Write the marks of these residents anew; those who left are found no more. `born` were not in
    the register before and have no marks to take away; what they were written with (columns of
    people_resident) is not read again. Answers how many can be found. Four statements for every
    `CHUNK`, two for the born."""
    born = born or {}
    new = [id_ for id_ in ids if id_ in born]
    known = [id_ for id_ in ids if id_ not in born]
    loop, found = asyncio.get_running_loop(), 0
    marked: asyncio.Future[list[bytes]] | None = None

    def mark(rows: Sequence[_Findable], doors: Sequence[_Door]) -> list[bytes]:
        at_door = {door.household_id: _door_marks(vault, door) for door in doors}
        return [
            packing.row(
                packing.uuid(row.id),
                packing.text(row.area_code),
                packing.uuid(row.unit_id),
                _marks(vault, row, at_door[row.household_id]),
            )
            for row in rows
        ]

    chunks = [
        (some[at : at + CHUNK], some is new)
        for some in (new, known)
        for at in range(0, len(some), CHUNK)
    ]
    for chunk, are_new in chunks:
        rows = _born(born, chunk) if are_new else await _findable(tx, chunk)
        doors = await _doors(tx, {row.household_id for row in rows})
        # The marks of the chunk before are made while the database reads this one.
        if marked is not None:
            await _write(tx, await marked)
        if not are_new:
            await forget(tx, chunk)
        marked = loop.run_in_executor(None, mark, rows, doors)
        found += len(rows)
    if marked is not None:
        await _write(tx, await marked)
    return found


async def forget(tx: Tx, ids: Sequence[UUID]) -> int:
    """Take away the marks of these residents; whoever deletes somebody does."""
    return await tx.run(
        "delete from people_search where resident_id = any (:ids::uuid[])", ids=list(ids)
    )


async def without_marks(tx: Tx, most: int) -> list[UUID]:
    """Residents that live here and cannot be found yet, with their sounds made first."""
    rows = await tx.many(
        _Unmarked,
        """
        select t.id, t.name from people_resident t
         where t.ended_on is null
           and not exists (select 1 from people_search s where s.resident_id = t.id)
         order by t.id limit :most
        """,
        most=most,
    )
    if rows:
        await tx.run(
            """
            update people_resident t set sound = nullif(r.sound, '')
              from unnest(:ids::uuid[], :sounds::text[]) r(id, sound) where t.id = r.id
            """,
            ids=[row.id for row in rows],
            sounds=[sound(row.name) for row in rows],
        )
    return [row.id for row in rows]


@dataclass(frozen=True, slots=True)
class _Unmarked:
    id: UUID
    name: str


async def _write(tx: Tx, rows: Sequence[bytes]) -> None:
    await tx.copy_packed(
        "people_search", ("resident_id", "area_code", "unit_id", "marks"), rows
    )


async def _findable(tx: Tx, ids: Sequence[UUID]) -> list[_Findable]:
    """Those of these residents who live here, held until the end, so that nobody deletes them before
    their marks are written."""
    return await tx.many(
        _Findable,
        """
        select id, area_code, unit_id, household_id, name, sound, phone_tail, phone_index,
               id_index, tags
          from people_resident where id = any (:ids::uuid[]) and ended_on is null
           for key share
        """,
        ids=ids,
    )


def _born(born: Mapping[UUID, Mapping[str, Any]], ids: Sequence[UUID]) -> list[_Findable]:
    """The same of residents who were just written, of their columns."""
    return [
        _Findable(
            *(id_, own["area_code"], own["unit_id"], own["household_id"]),
            *(own["name"], own["sound"], own.get("phone_tail", "")),
            unhexed(own.get("phone_index")),
            unhexed(own.get("id_index")),
        )
        for id_ in ids
        if (own := born[id_]).get("ended_on") is None
    ]


async def _doors(tx: Tx, households: Collection[UUID]) -> list[_Door]:
    """The doors of households, each looked up once for all who live there."""
    return await tx.many(
        _Door,
        """
        select h.id as household_id, b.id as building_id, b.compound_id, b.number as building,
               u.number as unit, d.room
          from people_household h
          join places_dwelling d on d.id = h.dwelling_id
          join places_unit u on u.id = d.unit_id
          join places_building b on b.id = u.building_id
         where h.id = any (:ids::uuid[])
        """,
        ids=list(households),
    )


def _door_marks(vault: Vault, door: _Door) -> bytes:
    return marks.packed_door(
        vault, door.compound_id, door.building_id, door.building, door.unit, door.room
    )


def _marks(vault: Vault, row: _Findable, door: bytes) -> bytes:
    """What somebody is found by, packed; `door` are the marks of where they live."""
    words = [f"t:{tag}" for tag in row.tags]
    if row.phone_tail:
        words.append(f"p:{row.phone_tail}")
    return packing.bigints(
        marks.packed_name(vault, row.name, row.sound or ""),
        door,
        marks.packed(vault, words),
        *(
            marks.packed_whole(index)
            for index in (row.phone_index, row.id_index)
            if index is not None
        ),
    )
