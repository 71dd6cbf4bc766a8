"""Stairwells that change hands: from the post of one head to that of another."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.people.events import PostStairwellsChanged
from wangge.people.queries import staff as queries


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A stairwell, and whose it was and will be; None where nobody heads that area."""

    unit_id: UUID
    from_code: str
    from_staff: UUID | None
    to_code: str
    to_staff: UUID | None


async def hand_over(tx: Tx, goes: Sequence[HandedOver]) -> int:
    """Posts that name single stairwells follow them; those over a whole area need nothing. Two
    statements. Other people's posts on a stairwell stay with it. Answers how many posts would have
    been left without any stairwell and were therefore left as they are, for a person to decide:
    a post that names none reaches its whole area.

    The caller has checked who may do this.
    """
    lost = [one for one in goes if one.from_staff is not None]
    changed = await queries.take_units(
        tx, [(one.from_staff, one.from_code, one.unit_id) for one in lost if one.from_staff]
    )
    gained = [one for one in goes if one.to_staff is not None]
    changed += await queries.add_units(
        tx, [(one.to_staff, one.to_code, one.unit_id) for one in gained if one.to_staff]
    )
    told = [one for one in changed if one.done]
    if told:
        await tx.bump("people")
        tx.publish(
            *(PostStairwellsChanged(p.id, p.area_code, p.staff_id, p.units) for p in told)
        )
    return len(changed) - len(told)
