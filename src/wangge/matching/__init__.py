"""Matching: what people typed against what is known. Numbers, names, addresses.

Pure: no database, no clock, no room. Everything that reads a list (imports, verification, the
desk's search) reads it with this, so that one line is read one way everywhere.
"""

from wangge.matching.addresses import Door, Doors, Element, Placed, elements
from wangge.matching.codes import CodeReading, PlateReading, read_credit_code, read_plate
from wangge.matching.dates import DateReading, read_date
from wangge.matching.names import Likeness, alike, sound, tidy
from wangge.matching.numbers import (
    IdReading,
    PhoneReading,
    id_repairs,
    read_id_number,
    read_phone,
)

__all__ = [
    "CodeReading",
    "DateReading",
    "Door",
    "Doors",
    "Element",
    "IdReading",
    "Likeness",
    "PhoneReading",
    "Placed",
    "PlateReading",
    "alike",
    "elements",
    "id_repairs",
    "read_credit_code",
    "read_date",
    "read_id_number",
    "read_phone",
    "read_plate",
    "sound",
    "tidy",
]
