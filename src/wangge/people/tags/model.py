"""Kinds of needs."""

from dataclasses import dataclass

from wangge.kernel.database import Tx


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
