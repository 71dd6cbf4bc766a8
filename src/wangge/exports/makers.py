"""The lists of rooms below: residents. Rooms above register their own."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from wangge.exports.model import Cell, Column, Sheet, Subject, maker
from wangge.kernel.crypto import Vault, vault_of
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Invalid
from wangge.people import acts as people_acts
from wangge.people import lists
from wangge.people.model import NEEDS, RELATIONS, SEXES, seal_context
from wangge.people.queries.leaving import LeavingResident, count_leaving, leaving
from wangge.places import ATLAS

#: Residents read by one statement.
READ_AT_ONCE = 5_000

PEOPLE_LIST = "people.list"
#: 居民身份证法 Art. 13 lets bodies look at ID cards for their duty; a list of numbers needs a law
#: or an order of its own, which the reason names.
ID_NUMBERS_BASIS = "法律、行政法规或应急响应决定要求报送身份证号"


def checked(spec: Mapping[str, Any]) -> tuple[str, str]:
    """Area prefix and tag of a request. Raises Invalid."""
    area, tag = str(spec.get("area", "")), str(spec.get("tag", ""))
    lists.checked_area(area)
    if tag and tag not in NEEDS:
        raise Invalid.of("tag", "没有“{tag}”这种需求标签。", tag=tag)
    return area, tag


async def count_people(tx: Tx, spec: Mapping[str, Any]) -> int:
    """How many residents the list would contain today, for the actor."""
    area, tag = checked(spec)
    low, high = lists.bounds(tx, people_acts.RESIDENT_READ, area)
    return await count_leaving(
        tx, tx.reach(people_acts.RESIDENT_READ), low=low, high=high, tag=tag
    )


def _columns(full: frozenset[str]) -> list[Column]:
    columns = [
        Column("区域", 34),
        Column("住址", 22),
        Column("姓名", 10, "name" if "name" in full else ""),
        Column("与户主关系", 11),
        Column("性别", 8),
        Column("出生年", 8),
        Column("电话", 15, "phone" if "phone" in full else ""),
        Column("需求", 24),
    ]
    if "id_number" in full:
        columns.append(Column("身份证号", 22, "id_number"))
    return columns


async def _headings(tx: Tx, spec: Mapping[str, Any]) -> list[str]:
    return [column.title for column in _columns(frozenset(spec.get("full", ())))]


@maker(
    PEOPLE_LIST,
    "住户名单",
    people_acts.RESIDENT_READ,
    headings=_headings,
    full=("name", "phone"),
    id_numbers=ID_NUMBERS_BASIS,
)
async def people_list(tx: Tx, spec: Mapping[str, Any]) -> Sheet:
    """Residents below an area, perhaps with one need; `spec` has `area`, `tag`."""
    area, tag = checked(spec)
    full = frozenset(str(name) for name in spec.get("full", ()))
    low, high = lists.bounds(tx, people_acts.RESIDENT_READ, area)
    reach = tx.reach(people_acts.RESIDENT_READ)
    found: list[LeavingResident] = []
    after: tuple[str, UUID] = ("", UUID(int=0))
    while True:
        some = await leaving(
            tx, reach, low=low, high=high, tag=tag, after=after, limit=READ_AT_ONCE
        )
        found += some
        if len(some) < READ_AT_ONCE:
            break
        after = (some[-1].area_code, some[-1].id)
    atlas = await ATLAS.get(tx)
    paths = {code: atlas.path(code) for code in {one.area_code for one in found}}
    return Sheet(
        "住户名单",
        _columns(full),
        _rows(vault_of(tx.actor.district), found, paths, full),
        [Subject(one.id, one.area_code) for one in found],
        len(found),
        [f"共 {len(found)} 人", "姓名和号码已脱敏" if not full else ""],
    )


def _rows(
    vault: Vault,
    found: Sequence[LeavingResident],
    paths: Mapping[str, str],
    full: frozenset[str],
) -> Iterator[list[Cell]]:
    for one in found:
        phone = one.phone_mask
        if "phone" in full and one.phone_sealed is not None:
            phone = vault.open(one.phone_sealed, seal_context(one.id, "phone"))
        row: list[Cell] = [
            paths[one.area_code],
            one.dwelling,
            one.name if "name" in full else one.name_mask,
            RELATIONS.get(one.relation, one.relation),
            SEXES[one.sex],
            one.birth_year,
            phone,
            "、".join(NEEDS.get(tag, tag) for tag in one.tags),
        ]
        if "id_number" in full:
            row.append(
                vault.open(one.id_sealed, seal_context(one.id, "id_number"))
                if one.id_sealed is not None
                else ""
            )
        yield row
