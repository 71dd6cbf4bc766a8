"""Values of the fields a district added itself, as images that can be undone like any other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date, new_id
from wangge.kernel.refusals import Invalid
from wangge.people import acts
from wangge.people.changes import Change, apply_changes
from wangge.people.model import HouseholdEnded
from wangge.people.queries import households as queries


@dataclass(frozen=True, slots=True)
class _Own:
    more: Mapping[str, str]


async def keep_own(
    tx: Tx,
    vault: Vault,
    household_id: UUID,
    resident_id: UUID | None,
    values: Mapping[str, str],
) -> UUID:
    """Keep values of own fields (`own_1` …) of a household, or of somebody who lives in it; ""
    takes one away. They count as confirmed today. The caller has checked them against the
    dictionary. Raises NotFound, Forbidden, HouseholdEnded, Invalid. Answers the batch."""
    if not values:
        raise Invalid.of("values", "没有要登记的内容。")
    homes = await queries.lock_homes(tx, tx.reach(acts.RESIDENT_READ), [household_id])
    home = homes[household_id]
    tx.require(acts.RESIDENT_CHANGE, home.area_code)
    if home.to_date is not None:
        raise HouseholdEnded()
    confirmed: Mapping[str, Any] = home.confirmed
    kind, id_ = "household", household_id
    if resident_id is None:
        own = await tx.one(_Own, "select more from people_household where id = :id", id=id_)
    else:
        people = await queries.lock_people(tx, tx.reach(acts.RESIDENT_READ), [resident_id])
        if people[0].household_id != household_id or people[0].ended_on is not None:
            raise Invalid.of("resident_id", "这个人现在不住在这一户。")
        kind, id_, confirmed = "resident", resident_id, people[0].confirmed
        own = await tx.one(_Own, "select more from people_resident where id = :id", id=id_)
    kept = {key: value for key, value in {**own.more, **values}.items() if value}
    today = local_date(tx.now).isoformat()
    given = {"more": kept, "confirmed": {**confirmed, **dict.fromkeys(values, today)}}
    batch = new_id(tx.now)
    await apply_changes(
        tx, vault, batch, [Change(kind, "update", id_, home.area_code, given)], what="correct"
    )
    return batch


async def own_values(
    tx: Tx, household_id: UUID, residents: list[UUID]
) -> dict[UUID, Mapping[str, str]]:
    """What is kept of a household and of people, by id; one statement. Their door is open."""
    rows = await tx.many(
        _OwnRow,
        """
        select id, more from people_household where id = :household_id
        union all
        select id, more from people_resident where id = any (:residents::uuid[])
        """,
        household_id=household_id,
        residents=residents,
    )
    return {row.id: row.more for row in rows}


@dataclass(frozen=True, slots=True)
class _OwnRow:
    id: UUID
    more: Mapping[str, str]
