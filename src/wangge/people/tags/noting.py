"""Noting a need, keeping it, ending it."""

from datetime import timedelta
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date, new_id
from wangge.people.changes import Change
from wangge.people.tags.model import TagKind


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
