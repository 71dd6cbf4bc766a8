"""The marks that residents are found by, written with the rows they speak of."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from wangge.kernel import packing
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.matching import sound
from wangge.people import marks

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
    tags: tuple[str, ...]
    building_id: UUID
    compound_id: UUID
    building: str
    unit: str
    room: str


async def index_residents(
    tx: Tx, vault: Vault, ids: Sequence[UUID], born: Collection[UUID] = ()
) -> int:
    """Write the marks of these residents anew; those who left are found no more. `born` were not in
    the register before and have no marks to take away. Answers how many can be found. Three
    statements for every `CHUNK`."""
    loop, found = asyncio.get_running_loop(), 0
    marked: asyncio.Future[list[bytes]] | None = None

    def mark(rows: Sequence[_Findable]) -> list[bytes]:
        doors: dict[UUID, bytes] = {}
        return [
            packing.row(
                packing.uuid(row.id),
                packing.text(row.area_code),
                packing.uuid(row.unit_id),
                _marks(vault, row, doors),
            )
            for row in rows
        ]

    for at in range(0, len(ids), CHUNK):
        chunk = list(ids[at : at + CHUNK])
        # The marks of the chunk before are made while the database reads this one.
        rows = await _findable(tx, chunk)
        if marked is not None:
            await _write(tx, await marked)
        known = [id_ for id_ in chunk if id_ not in born]
        if known:
            await tx.run(
                "delete from people_search where resident_id = any (:ids::uuid[])", ids=known
            )
        marked = loop.run_in_executor(None, mark, rows)
        found += len(rows)
    if marked is not None:
        await _write(tx, await marked)
    return found


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
    """The doors of households are looked up once for all who live there."""
    return await tx.many(
        _Findable,
        """
        with t as materialized (
             select id, area_code, unit_id, household_id, name, sound, phone_tail, phone_index,
                    id_index, tags
               from people_resident where id = any (:ids::uuid[]) and ended_on is null),
        home as materialized (
             select h.id, b.id as building_id, b.compound_id, b.number as building,
                    u.number as unit, d.room
               from (select distinct household_id from t) o
               join people_household h on h.id = o.household_id
               join places_dwelling d on d.id = h.dwelling_id
               join places_unit u on u.id = d.unit_id
               join places_building b on b.id = u.building_id)
        select t.*, home.building_id, home.compound_id, home.building, home.unit, home.room
          from t join home on home.id = t.household_id
        """,
        ids=ids,
    )


def _marks(vault: Vault, row: _Findable, doors: dict[UUID, bytes]) -> bytes:
    """What somebody is found by, packed. `doors` remembers the marks of a household's door."""
    door = doors.get(row.household_id)
    if door is None:
        door = doors[row.household_id] = marks.packed_door(
            vault, row.compound_id, row.building_id, row.building, row.unit, row.room
        )
    words = [f"t:{tag}" for tag in row.tags]
    if row.phone_tail:
        words.append(f"p:{row.phone_tail}")
    wholes = [marks.whole(index) for index in (row.phone_index, row.id_index) if index]
    return packing.bigints(
        marks.packed_name(vault, row.name, row.sound or ""),
        door,
        packing.elements([*marks.numbers(vault, words), *wholes]),
    )
