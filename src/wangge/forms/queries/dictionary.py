"""Statements of the dictionary: what a district says of fields, and what headings mean."""

from dataclasses import dataclass

from wangge.forms.model import EntryRow
from wangge.kernel.database import Tx


async def entries(tx: Tx) -> list[EntryRow]:
    return await tx.many(
        EntryRow,
        """
        select id, key, own, name, meaning, also, fresh_days, source, kind, codes, purpose, basis,
               retention, sensitivity, active
          from forms_entry order by own, changed_at, key
        """,
    )


async def save_entry(tx: Tx, row: EntryRow) -> int:
    """A new entry, or other words for the one with this key."""
    return await tx.run(
        """
        insert into forms_entry (id, key, own, name, meaning, also, fresh_days, source, kind,
                                 codes, purpose, basis, retention, sensitivity, active,
                                 changed_by, changed_at)
        values (:id, :key, :own, :name, :meaning, :also::text[], :fresh_days, :source, :kind,
                :codes, :purpose, :basis, :retention, :sensitivity, :active, :by_id, :now)
        on conflict (key) do update
           set name = excluded.name, meaning = excluded.meaning, also = excluded.also,
               fresh_days = excluded.fresh_days, active = excluded.active,
               changed_by = excluded.changed_by, changed_at = excluded.changed_at
        """,
        id=row.id,
        key=row.key,
        own=row.own,
        name=row.name,
        meaning=row.meaning,
        also=None if row.also is None else list(row.also),
        fresh_days=row.fresh_days,
        source=row.source,
        kind=row.kind,
        codes=row.codes,
        purpose=row.purpose,
        basis=row.basis,
        retention=row.retention,
        sensitivity=row.sensitivity,
        active=row.active,
        by_id=tx.actor.id,
        now=tx.now,
    )


async def lock_dictionary(tx: Tx) -> int:
    """Two who add a field at once must not both take the next number."""
    return await tx.run(
        "select pg_advisory_xact_lock(727160, hashtext(:district))", district=tx.actor.district
    )


@dataclass(frozen=True, slots=True)
class Remembered:
    path: str
    key: str


async def headings(tx: Tx) -> list[Remembered]:
    return await tx.many(Remembered, "select path, key from forms_heading")


async def save_headings(tx: Tx, decided: dict[str, str]) -> int:
    """What headings mean, as somebody decided; the last decision holds."""
    return await tx.run(
        """
        insert into forms_heading (path, key, decided_by, decided_at)
        select path, key, :by_id, :now
          from unnest(:paths::text[], :keys::text[]) r(path, key)
        on conflict (path) do update
           set key = excluded.key, decided_by = excluded.decided_by,
               decided_at = excluded.decided_at
        """,
        paths=list(decided),
        keys=list(decided.values()),
        by_id=tx.actor.id,
        now=tx.now,
    )
