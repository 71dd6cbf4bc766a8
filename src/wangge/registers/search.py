"""Finding things: what may be asked, and one page of the answer.

Names of people, numbers and plates come in the body of a request, never in an address.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Invalid
from wangge.matching import read_plate
from wangge.people import finding, marks
from wangge.people.lists import checked_area, read_mark
from wangge.people.search import phone_mark
from wangge.registers import acts
from wangge.registers.indexing import plate_tail, state_word
from wangge.registers.model import STATES, clean_credit_code, kind_of, plate_index

TABLE = finding.Table("registers_search", "thing_id")


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for. `name` is any two neighbouring characters or more of a thing's name
    or of where it lies; `person` the same of whoever answers for it. `phone` is a whole number or
    its last four digits, `plate` a whole one or its last two characters, `address` words of a
    door. `state` is open, closed or all."""

    kind: str = ""
    state: str = "open"
    name: str = ""
    person: str = ""
    phone: str = ""
    plate: str = ""
    credit_code: str = ""
    address: str = ""

    @property
    def anything(self) -> bool:
        """Whether something is looked for that must not stand in an address."""
        return any(
            (self.name, self.person, self.phone, self.plate, self.credit_code, self.address)
        )


@dataclass(frozen=True, slots=True)
class ThingLine:
    """One line of a list. `people` and `phones` are masks, side by side; `door` the door's or
    building's name, "" where there is none."""

    id: UUID
    kind: str
    area_code: str
    unit_id: UUID | None
    dwelling_id: UUID | None
    compound: str
    door: str
    location: str
    name: str
    credit_code: str
    plate_mask: str
    details: Mapping[str, Any]
    roles: tuple[str, ...]
    people: tuple[str, ...]
    phones: tuple[str, ...]
    opened_on: date | None
    closed_on: date | None
    stale_on: date | None
    version: int


#: Columns of a line of a thing `t`; its joins are `LINE_JOINS`.
LINE: LiteralString = """
    t.id, t.kind, t.area_code, t.unit_id, t.dwelling_id, coalesce(c.name, '') as compound,
    coalesce(d.name, case when starts_with(u.name, b.name) then u.name else b.name || u.name end,
             b.name, '') as door,
    t.location, t.name, t.credit_code, t.plate_mask, t.details,
    coalesce(r.roles, '{}') as roles, coalesce(r.people, '{}') as people,
    coalesce(r.phones, '{}') as phones, t.opened_on, t.closed_on, t.stale_on, t.version
"""
LINE_JOINS: LiteralString = """
    left join places_dwelling d on d.id = t.dwelling_id
    left join places_unit u on u.id = t.unit_id
    left join places_building b on b.id = t.building_id
    left join places_compound c on c.id = b.compound_id
    left join lateral (
         select array_agg(x.role order by x.role, x.id) as roles,
                array_agg(coalesce(h.name_mask, x.name_mask) order by x.role, x.id) as people,
                array_agg(coalesce(h.phone_mask, x.phone_mask) order by x.role, x.id) as phones
           from registers_person x
           left join people_resident h on h.id = x.resident_id
          where x.thing_id = t.id and x.to_date is null) r on true
"""


async def page(
    tx: Tx, vault: Vault, asked: Asked, *, area: str = "", after: str = "", limit: int
) -> tuple[list[ThingLine], str | None]:
    """Things within reach below `area`, by area and id, and the mark of the next page: one
    statement, and one before it for words of an address. Raises Invalid for what cannot be read."""
    parts, area = await _wanted(tx, vault, asked, checked_area(area))
    wanted = finding.joined(parts)
    scope = finding.Scope.of(tx.reach(acts.READ), area)
    mark = read_mark(after)
    if wanted.nothing or not (scope.lows or scope.narrow):
        return [], None
    filtered = bool(wanted.all_of)
    looked_up = scope.wide and not wanted.common and (filtered or wanted.any_of is not None)
    marked: dict[str, Any] = {}
    if filtered:
        marked["all_of"] = list(wanted.all_of)
    if wanted.any_of is not None:
        marked["any_of"] = list(wanted.any_of)
    part = finding.page_of(
        TABLE,
        looked_up=looked_up,
        any_of=wanted.any_of is not None,
        filtered=filtered,
        narrow=scope.narrow,
        glance=not wanted.rare,
    )
    rows = await tx.many(
        ThingLine,
        "with "
        + part
        + " select "
        + LINE
        + " from page p join registers_thing t on t.id = p.id"
        + LINE_JOINS
        + " order by p.area_code, p.id",
        after_code=mark[0],
        after_id=mark[1],
        limit=limit + 1,
        **scope.values(area, looked_up=looked_up),
        **marked,
    )
    return cut(rows, limit)


def cut(rows: list[ThingLine], limit: int) -> tuple[list[ThingLine], str | None]:
    """A page's rows, and the mark of the next when there is one more."""
    shown, more = rows[:limit], len(rows) > limit
    return shown, f"{shown[-1].area_code}.{shown[-1].id.hex}" if more else None


async def _wanted(
    tx: Tx, vault: Vault, asked: Asked, area: str
) -> tuple[list[finding.Wanted], str]:
    if asked.state not in STATES:
        raise Invalid.of("state", "没有“{state}”这种状态。", state=asked.state)
    if asked.kind:
        kind_of(asked.kind)
    parts: list[finding.Wanted] = []
    if asked.name.strip():
        words = marks.asked_name(asked.name)
        common = len(words) == 1 and words[0].startswith("s:")
        parts.append(
            finding.Wanted(
                tuple(marks.numbers(vault, words)), None, common, rare=len(words) > 1
            )
        )
    if asked.person.strip():
        words = [f"o{word}" for word in marks.asked_name(asked.person)]
        parts.append(finding.Wanted(tuple(marks.numbers(vault, words)), rare=len(words) > 1))
    if asked.phone.strip():
        parts.append(finding.Wanted((phone_mark(vault, asked.phone),), rare=True))
    if asked.plate.strip():
        parts.append(_plate(vault, asked.plate))
    if asked.credit_code.strip():
        code = clean_credit_code(asked.credit_code)
        parts.append(finding.Wanted(tuple(marks.numbers(vault, [f"cc:{code}"])), rare=True))
    if asked.address.strip():
        where, area = await finding.wanted_address(tx, vault, acts.READ, area, asked.address)
        parts.append(where)
    state = state_word(asked.kind, asked.state)
    if state is not None:
        parts.append(finding.Wanted(tuple(marks.numbers(vault, [state]))))
    return parts, area


def _plate(vault: Vault, text: str) -> finding.Wanted:
    read = read_plate(text, bicycle=True)
    if read.value is not None:
        return finding.Wanted((marks.whole(plate_index(vault, read.value) or b""),), rare=True)
    tail = text.strip().upper()
    if len(tail) == 2 and tail.isalnum():
        return finding.Wanted(tuple(marks.numbers(vault, [f"v:{plate_tail(tail)}"])))
    raise Invalid.of("plate", "车牌请写全,或只写最后两位。")
