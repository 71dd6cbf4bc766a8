"""From what is said about somebody to what is kept: numbers sealed, masked and indexed.

A sealed value is bound to its row and column, so that it cannot be moved to another.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from wangge.kernel.crypto import Vault
from wangge.matching import sound
from wangge.people.model import mask_id, mask_name, mask_phone, seal_context


def hexed(value: bytes | None) -> str | None:
    """Bytes as PostgreSQL reads them out of JSON."""
    return None if value is None else "\\x" + value.hex()


def unhexed(text: str | None) -> bytes | None:
    """What `hexed` wrote."""
    return None if text is None else bytes.fromhex(text[2:])


def phone_index(vault: Vault, phone: str) -> bytes | None:
    """Equal for equal numbers; None for none."""
    return vault.index("phone:" + phone) if phone else None


def id_index(vault: Vault, number: str) -> bytes | None:
    """Equal for equal numbers; None for none."""
    return vault.index("id_number:" + number) if number else None


def sealed(vault: Vault, row: UUID, column: str, plain: str) -> bytes | None:
    """The value, readable only in this column of this row; None for none."""
    return vault.seal(plain, seal_context(row, column)) if plain else None


def resident_columns(vault: Vault, row: UUID, values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of people_resident from plain values; only what is given, and what follows from it.

    `phone` and `id_number` are cleaned ("" takes one away); the birth date and the sex follow
    from an identity number unless they are given.
    """
    columns = dict(values)
    if "name" in columns:
        columns["name_mask"] = mask_name(columns["name"])
        columns["sound"] = sound(columns["name"]) or None
    if "phone" in columns:
        phone = columns.pop("phone")
        columns["phone_sealed"] = hexed(sealed(vault, row, "phone", phone))
        columns["phone_mask"] = mask_phone(phone)
        columns["phone_tail"] = phone[-4:]
        columns["phone_index"] = hexed(phone_index(vault, phone))
    if "id_number" in columns:
        number = columns.pop("id_number")
        columns["id_sealed"] = hexed(sealed(vault, row, "id_number", number))
        columns["id_mask"] = mask_id(number)
        columns["id_index"] = hexed(id_index(vault, number))
        if columns.get("id_kind", "id_card") == "id_card" and number:
            columns.setdefault("birth_date", _born(number))
            if columns.get("sex", "unknown") == "unknown":
                columns["sex"] = "male" if int(number[16]) % 2 else "female"
    born = columns.get("birth_date")
    if isinstance(born, date):
        columns["birth_year"] = born.year
    return columns


def _born(number: str) -> date:
    """The birth date in a number that was read and found right (GB 11643-1999 §3)."""
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def household_columns(vault: Vault, row: UUID, values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of people_household from plain values: `landlord_phone` is sealed."""
    columns = dict(values)
    if "landlord_name" in columns:
        columns["landlord_mask"] = mask_name(columns["landlord_name"])
    if "landlord_phone" in columns:
        phone = columns.pop("landlord_phone")
        columns["landlord_phone_sealed"] = hexed(sealed(vault, row, "landlord_phone", phone))
        columns["landlord_phone_mask"] = mask_phone(phone)
        columns["landlord_phone_index"] = hexed(phone_index(vault, phone))
    return columns
