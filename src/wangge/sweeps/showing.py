"""What every page of a round names."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from wangge.kernel.http import Asking
from wangge.kernel.i18n import translate
from wangge.kernel.moments import new_id
from wangge.people import Roster
from wangge.registers.acts import READ as REGISTERS_READ
from wangge.registers.kinds import KINDS as REGISTERS
from wangge.sweeps.acts import DEAL, DECIDE, OPEN, REPORT
from wangge.sweeps.counting import counted, unit_of
from wangge.sweeps.model import HOW_NAMES, OUTCOME_MARKS, Kind
from wangge.sweeps.needs import COLOURS, MARKS
from wangge.sweeps.queries.certificate import DoorAccount
from wangge.sweeps.queries.dealing import Held


def hands_of(
    doors: Sequence[DoorAccount], held: Sequence[Held], roster: Roster
) -> dict[UUID, list[str]]:
    """By door, the names of those on whose floors it is."""
    floors: dict[UUID, list[Held]] = {}
    for share in held:
        floors.setdefault(share.block_id, []).append(share)
    return {
        door.id: [
            roster.staff_name(share.worker_id)
            for share in floors.get(door.block_id, ())
            if share.floor_from <= door.floor <= share.floor_to
        ]
        for door in doors
    }


def by_block(doors: Sequence[DoorAccount]) -> list[list[DoorAccount]]:
    """Doors stairwell by stairwell, in the order people count them: 2幢 before 10幢."""
    found: dict[UUID, list[DoorAccount]] = {}
    for door in doors:
        found.setdefault(door.block_id, []).append(door)

    def order(group: list[DoorAccount]) -> tuple[str, list[tuple[int, str]]]:
        parts = re.findall(r"\d+|\D+", group[0].block)
        return group[0].area_code, [(int(p), "") if p.isdecimal() else (0, p) for p in parts]

    return sorted(found.values(), key=order)


def common(who: Asking) -> dict[str, Any]:
    """Marks, words and what the asker may do; `counted(kind, n)` is “3 家”, `unit(kind)` “家”."""

    def some(kind: Kind, n: int) -> str:
        return counted(kind, who.locale, n)

    def unit(kind: Kind) -> str:
        if who.locale == "zh":
            return unit_of(kind)
        return translate(who.locale, "处" if kind.stops else "户")

    return {
        "marks": {code.value: mark for code, mark in OUTCOME_MARKS.items()},
        "need_marks": {need.value: mark for need, mark in MARKS.items()},
        "need_colours": {need.value: colour for need, colour in COLOURS.items()},
        "registers": REGISTERS,
        "hows": {how.value: words for how, words in HOW_NAMES.items()},
        "can": {
            "open": who.may(OPEN),
            "deal": who.may(DEAL),
            "decide": who.may(DECIDE),
            "report": who.may(REPORT),
            "registers": who.may(REGISTERS_READ),
        },
        "counted": some,
        "unit": unit,
        "new_id": new_id,
    }
