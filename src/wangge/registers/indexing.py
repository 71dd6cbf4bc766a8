"""The marks that things are found by, written with the rows they speak of."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.people import marks

#: Things read and marked at a time.
CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class _Findable:
    id: UUID
    area_code: str
    unit_id: UUID | None
    kind: str
    name: str
    location: str
    credit_code: str
    plate_index: bytes | None
    plate_mask: str
    closed: bool
    people: tuple[str, ...]
    tails: tuple[str, ...]
    phones: tuple[bytes, ...]
    building_id: UUID | None
    compound_id: UUID | None
    building: str | None
    unit: str | None
    room: str | None


async def index_things(tx: Tx, vault: Vault, ids: Sequence[UUID]) -> int:
    """Write the marks of these things anew. Answers how many can be found. Three statements for
    every `CHUNK`."""
    found = 0
    for at in range(0, len(ids), CHUNK):
        chunk = list(ids[at : at + CHUNK])
        rows = await _findable(tx, chunk)
        await tx.run(
            "delete from registers_search where thing_id = any (:ids::uuid[])", ids=chunk
        )
        await tx.copy(
            "registers_search",
            ("thing_id", "area_code", "unit_id", "marks"),
            [(row.id, row.area_code, row.unit_id, _marks(vault, row)) for row in rows],
        )
        found += len(rows)
    return found


async def _findable(tx: Tx, ids: Sequence[UUID]) -> list[_Findable]:
    """Residents who answer for a thing are found by their own marks, in their own list."""
    return await tx.many(
        _Findable,
        """
        select t.id, t.area_code, t.unit_id, t.kind, t.name, t.location, t.credit_code,
               t.plate_index, t.plate_mask, t.closed_on is not null as closed,
               coalesce(p.names, '{}') as people, coalesce(p.tails, '{}') as tails,
               coalesce(p.phones, '{}') as phones, b.id as building_id, b.compound_id,
               b.number as building, u.number as unit, d.room
          from registers_thing t
          left join places_dwelling d on d.id = t.dwelling_id
          left join places_unit u on u.id = t.unit_id
          left join places_building b on b.id = t.building_id
          left join lateral (
               select array_agg(r.name) filter (where r.name <> '') as names,
                      array_agg(r.phone_tail) filter (where r.phone_tail <> '') as tails,
                      array_agg(r.phone_index) filter (where r.phone_index is not null) as phones
                 from registers_person r where r.thing_id = t.id and r.to_date is null) p on true
         where t.id = any (:ids::uuid[])
        """,
        ids=ids,
    )


def state_word(kind: str, state: str) -> str | None:
    """The mark of a kind's things in a state ("open", "closed", "all"); None for all there are."""
    if state == "all":
        return f"k:{kind}" if kind else None
    return f"k:{kind}:{state}" if kind else f"z:{state}"


def plate_tail(plate: str) -> str:
    """A plate's end, as people say it: its last two characters."""
    return plate[-2:]


def _marks(vault: Vault, row: _Findable) -> list[int]:
    state = "closed" if row.closed else "open"
    words = [
        f"k:{row.kind}",
        f"k:{row.kind}:{state}",
        f"z:{state}",
        *marks.of_name(row.name),
        *(mark for mark in marks.of_name(row.location) if mark.startswith("n:")),
        *(f"o{mark}" for name in row.people for mark in marks.of_name(name)),
        *(f"p:{tail}" for tail in row.tails),
        *([f"cc:{row.credit_code}"] if row.credit_code else []),
        *([f"v:{plate_tail(row.plate_mask)}"] if row.plate_mask else []),
    ]
    if row.compound_id is not None and row.building_id is not None:
        words += marks.of_door(
            row.compound_id,
            row.building_id,
            row.building or "",
            row.unit or "",
            row.room or "",
        )
    wholes = [marks.whole(index) for index in (*row.phones, row.plate_index) if index]
    return list(dict.fromkeys([*marks.numbers(vault, words), *wholes]))
