"""Finding residents: what may be asked, and one page of the answer.

Numbers and names come in the body of a request, never in an address, and leave as masks.
"""

from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.matching import sound
from wangge.people import acts, finding, marks, sealing, seers
from wangge.people.model import clean_id_number, clean_phone
from wangge.people.queries.parts import HOME_OF_T

TABLE = finding.Table("people_search", "resident_id")


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for. `name` is any two neighbouring characters or more of one, or a
    surname; with `sounds`, whoever's whole name sounds like it. `phone` is a whole number or its
    last four digits, `id_number` a whole one, `address` words of a door, `tag` a need's code."""

    name: str = ""
    sounds: bool = False
    phone: str = ""
    id_number: str = ""
    address: str = ""
    tag: str = ""

    @property
    def anything(self) -> bool:
        return any((self.name, self.phone, self.id_number, self.address, self.tag))


@dataclass(frozen=True, slots=True)
class ResidentLine:
    """One line of the residents list. Masks only."""

    id: UUID
    household_id: UUID
    area_code: str
    unit_id: UUID
    compound: str
    dwelling: str
    floor: int
    name_mask: str
    sex: str
    birth_year: int | None
    phone_mask: str
    id_mask: str
    relation: str
    tags: tuple[str, ...]
    version: int


_LINES: LiteralString = (
    """
    select t.id, t.household_id, t.area_code, t.unit_id, c.name as compound, d.name as dwelling,
           d.floor, t.name_mask, t.sex, t.birth_year, t.phone_mask, t.id_mask, t.relation,
           """
    + seers.SEEN
    + """ as tags, t.version
      from page p
      join people_resident t on t.id = p.id"""
    + HOME_OF_T
    + """
     order by p.area_code, p.id
"""
)


async def page(
    tx: Tx, vault: Vault, asked: Asked, *, area: str, after: tuple[str, UUID], limit: int
) -> list[ResidentLine]:
    """Residents within reach below `area`, after a (code, id), in that order: one statement, and
    one before it for words of an address. Raises Invalid for a number that is none."""
    parts, area = await _wanted(tx, vault, asked, area)
    wanted = finding.joined(parts)
    scope = finding.Scope.of(tx.reach(acts.RESIDENT_READ), area)
    if wanted.nothing or not (scope.lows or scope.narrow):
        return []
    filtered = bool(wanted.all_of)
    looked_up = scope.wide and not wanted.common and (filtered or wanted.any_of is not None)
    marked: dict[str, Any] = {}
    if filtered:
        marked["all_of"] = list(wanted.all_of)
    if wanted.any_of is not None:
        marked["any_of"] = list(wanted.any_of)
    if asked.tag:
        marked["tag"] = asked.tag
    part = finding.page_of(
        TABLE,
        looked_up=looked_up,
        any_of=wanted.any_of is not None,
        filtered=filtered,
        narrow=scope.narrow,
        glance=not wanted.rare,
        guard=seers.GUARD if asked.tag else "true",
    )
    return await tx.many(
        ResidentLine,
        "with " + part + _LINES,
        after_code=after[0],
        after_id=after[1],
        limit=limit,
        **seers.seer(tx),
        **scope.values(area, looked_up=looked_up),
        **marked,
    )


async def _wanted(
    tx: Tx, vault: Vault, asked: Asked, area: str
) -> tuple[list[finding.Wanted], str]:
    parts: list[finding.Wanted] = []
    if asked.name.strip():
        words = marks.asked_name(asked.name)
        if asked.sounds:
            words = [f"y:{sound(asked.name)}"]
        common = len(words) == 1 and words[0].startswith("s:")
        numbers = tuple(marks.numbers(vault, words))
        parts.append(finding.Wanted(numbers, None, common, rare=len(words) > 1))
    if asked.phone.strip():
        parts.append(finding.Wanted((phone_mark(vault, asked.phone),), rare=True))
    if asked.id_number.strip():
        index = sealing.id_index(vault, clean_id_number(asked.id_number))
        parts.append(finding.Wanted((marks.whole(index or b""),), rare=True))
    if asked.tag:
        parts.append(finding.Wanted(tuple(marks.numbers(vault, [f"t:{asked.tag}"]))))
    if asked.address.strip():
        where, area = await finding.wanted_address(
            tx, vault, acts.RESIDENT_READ, area, asked.address
        )
        parts.append(where)
    return parts, area


def phone_mark(vault: Vault, text: str) -> int:
    """What a phone, or the tail of one, is found by."""
    digits = "".join(character for character in text if character.isdigit())
    if len(digits) == TAIL:
        return marks.numbers(vault, [f"p:{digits}"])[0]
    return marks.whole(sealing.phone_index(vault, clean_phone(text)) or b"")


#: A phone's end, as people say it.
TAIL = 4
