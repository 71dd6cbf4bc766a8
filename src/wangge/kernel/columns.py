"""Which column of somebody's table is what: by the words above it, and as it was the last time."""

import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wangge.kernel.database import Tx


def heading_key(heading: str) -> str:
    """A heading as it is compared: without case, width, spaces, line breaks, stars and colons."""
    narrow = unicodedata.normalize("NFKC", heading).lower().replace("_", "")
    return "".join(narrow.split()).strip("*:")


def match_headings(
    headings: Sequence[str], fields: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """Field → the heading that is called like it. Earlier words win, and no heading serves two.

    fields  field → words people put above such a column, the most certain first
    """
    by_key: dict[str, str] = {}
    for heading in headings:
        by_key.setdefault(heading_key(heading), heading)
    found: dict[str, tuple[str, ...]] = {}
    taken: set[str] = set()
    for name, words in fields.items():
        for word in words:
            called = by_key.get(heading_key(word))
            if called is not None and called not in taken:
                found[name] = (called,)
                taken.add(called)
                break
    return found


def headings_hash(headings: Sequence[str]) -> bytes:
    """The same set of headings in another order is the same kind of table."""
    return hashlib.sha256(json.dumps(sorted(headings)).encode()).digest()


@dataclass(frozen=True, slots=True)
class _Kept:
    mapping: Mapping[str, Any]


async def remembered(tx: Tx, kind: str, headings: Sequence[str]) -> Any | None:
    """What the columns of such a table meant the last time, as JSON; None for a new one."""
    kept = await tx.maybe(
        _Kept,
        """
        select mapping from kernel_mapping
         where kind = :kind and headings_hash = :hash
        """,
        kind=kind,
        hash=headings_hash(headings),
    )
    return None if kept is None else kept.mapping


async def remember(
    tx: Tx, kind: str, headings: Sequence[str], name: str, mapping: Mapping[str, Any]
) -> None:
    """For the next table of that kind with these headings."""
    await tx.run(
        """
        insert into kernel_mapping (kind, headings_hash, name, mapping, used_at)
        values (:kind, :hash, :name, :mapping, :now)
        on conflict (kind, headings_hash) do update
           set name = excluded.name, mapping = excluded.mapping, used_at = excluded.used_at
        """,
        kind=kind,
        hash=headings_hash(headings),
        name=name,
        mapping=dict(mapping),
        now=tx.now,
    )
