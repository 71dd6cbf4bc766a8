"""Needs: what somebody may need help with, never why; each with a purpose, a basis and an end."""

from wangge.people.tags.model import TagKind, kinds
from wangge.people.tags.noting import (
    CONSENTS,
    ENDS,
    Need,
    NeedsConsent,
    Running,
    end,
    expire,
    note,
    noted,
    of_person,
    running_out,
    set_kind,
)

__all__ = [
    "CONSENTS",
    "ENDS",
    "Need",
    "NeedsConsent",
    "Running",
    "TagKind",
    "end",
    "expire",
    "kinds",
    "note",
    "noted",
    "of_person",
    "running_out",
    "set_kind",
]
