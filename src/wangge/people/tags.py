"""Needs: what somebody may need help with, never why; each with a purpose, a basis and an end."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date, new_id
from wangge.people.changes import Change


@dataclass(frozen=True, slots=True)
class TagKind:
    """A kind of need, as the district has it. `roles` may see it; it ends after `days`."""

    code: str
    name: str
    purpose: str
    basis: str
    days: int
    roles: tuple[str, ...]
    place: int
    retired: bool


async def kinds(tx: Tx) -> dict[str, TagKind]:
    """Every kind, in the order of the list, retired ones too."""
    rows = await tx.many(
        TagKind,
        """
        select code, name, purpose, basis, days, roles, place, retired
          from people_tag_kind order by place, code
        """,
    )
    return {row.code: row for row in rows}


def noted(tx: Tx, kind: TagKind, resident_id: UUID, area_code: str, unit_id: UUID) -> Change:
    """A need noted now by who acts, on the kind's own basis, until its days are over."""
    return Change(
        "tag",
        "insert",
        new_id(tx.now),
        area_code,
        {
            "resident_id": resident_id,
            "unit_id": unit_id,
            "kind": kind.code,
            "basis": kind.basis,
            "consent": "spoken" if kind.basis == "consent" else "",
            "noted_by": tx.actor.id,
            "noted_at": tx.now,
            "until_date": local_date(tx.now) + timedelta(days=kind.days),
        },
    )
