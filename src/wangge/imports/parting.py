"""Rows taken apart: each row's door, household and people, with the keys they are known by.

Nothing here asks anybody or remembers a row above: a row is taken apart by itself, so that a
process beside this one can do it (`beside`). What rows above say of it is `judging`'s affair.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from wangge.imports.columns.mapping import Mapping as Meaning
from wangge.imports.matching import Sought
from wangge.imports.placing import Placement, Placer
from wangge.imports.queries.staging import RowKept
from wangge.imports.reading import Address, Person, Reader, ReadRow
from wangge.imports.records import open_cells
from wangge.kernel.crypto import Vault
from wangge.matching import sound
from wangge.people.sealing import id_index, phone_index


@dataclass(frozen=True, slots=True)
class Parting:
    """What rows of one import are taken apart by."""

    import_id: UUID
    meaning: Meaning
    reader: Reader
    placer: Placer
    vault: Vault


class Keys(msgspec.Struct, frozen=True, array_like=True):
    """What one person of a row is known by: in this table (`marks`) and in the register."""

    marks: tuple[int, ...]
    id_index: bytes | None
    phone_index: bytes | None
    sound: str


class Behind(msgspec.Struct, frozen=True, array_like=True):
    """A row at a door: where it is, the door as this import knows it, and the keys of its people."""

    place: Placement
    door_mark: int
    people: tuple[Keys, ...]


class Parted(msgspec.Struct, frozen=True, array_like=True):
    """A row taken apart; `behind` is None where the row names no door of its own."""

    read: ReadRow
    behind: Behind | None


def part(by: Parting, rows: Sequence[tuple[int, bytes]]) -> list[Parted]:
    """Rows (their number, and their cells sealed) taken apart, in their order."""
    parted: list[Parted] = []
    for number, sealed in rows:
        read = by.reader.read(open_cells(by.vault, by.import_id, number, sealed))
        address = read.address
        parted.append(Parted(read, behind(by, read, address) if address.text else None))
    return parted


def numbered(rows: Sequence[RowKept]) -> list[tuple[int, bytes]]:
    """Rows as `part` takes them."""
    return [(row.number, row.sealed) for row in rows]


def behind(
    by: Parting, read: ReadRow, address: Address, told: Placement | None = None
) -> Behind:
    """A row at the door of an address, or at the one somebody has `told`."""
    place = told or by.placer.place(address, sure=by.meaning.sure, make=by.meaning.make)
    door = door_mark(by.vault, read, place, address)
    return Behind(
        place, door, tuple(keys(by.vault, person, door) for person in people_of(read))
    )


def people_of(read: ReadRow) -> tuple[Person, ...]:
    """Whom a row names; somebody without a name where it names nobody."""
    return read.people or (Person(0, ""),)


def door_mark(vault: Vault, read: ReadRow, place: Placement, address: Address) -> int:
    """The door as this import knows it; households with numbers of their own are told apart."""
    where = place.dwelling_id.hex if place.dwelling_id else address.text
    return vault.mark(f"door:{where}:{read.home.no}")


def keys(vault: Vault, person: Person, door: int) -> Keys:
    """What somebody behind a door is known by."""
    return Keys(
        _marks(vault, person, door),
        id_index(vault, person.id_number),
        phone_index(vault, person.phone),
        sound(person.name),
    )


def _marks(vault: Vault, person: Person, door: int) -> tuple[int, ...]:
    """By number, by number and name, by name and telephone, by name and door."""
    mark, name = vault.mark, person.name
    if not name:
        return ()
    if person.id_number:
        return mark(f"row:id:{person.id_number}"), mark(f"row:idn:{person.id_number}:{name}")
    born = person.birth.isoformat() if person.birth else ""
    at_door = mark(f"row:door:{name}:{door}:{born}")
    if not person.phone:
        return (at_door,)
    return at_door, mark(f"row:phone:{name}:{person.phone}:{born}")


def sought_by(person: Person, known_by: Keys, place: Placement) -> Sought:
    """Somebody at a door, as the register is asked for them."""
    return Sought(
        person,
        place.dwelling_id,
        place.area_code,
        known_by.id_index,
        known_by.phone_index,
        known_by.sound,
    )


def told_door(chosen: Mapping[UUID, Placement], row: RowKept) -> Placement | None:
    """The door that a person chose for a row."""
    door = row.decided.get("door")
    return chosen.get(UUID(str(door))) if door else None
