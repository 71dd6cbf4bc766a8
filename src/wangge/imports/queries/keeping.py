"""Forgetting rows whose time is over."""

from collections.abc import Sequence
from datetime import datetime

from wangge.kernel.database import Tx
from wangge.kernel.retention import Gone


async def forget_staged(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Rows of imports that ended before a moment, but those still to be placed."""
    return await tx.many(
        Gone,
        """
        with gone as (
             delete from imports_row r using imports_import i
              where i.id = r.import_id
                and (r.import_id, r.number) in (
                    select r.import_id, r.number
                      from kernel_work w join imports_row r on r.import_id = w.id
                     where w.kind = 'imports.register' and w.changed_at < :before
                       and w.state in ('done', 'cancelled', 'failed')
                       and not exists (
                           select 1 from imports_line l
                            where l.import_id = r.import_id and l.number = r.number
                              and l.verdict = 'unplaced' and l.state = 'open')
                     limit :limit)
             returning i.area_code)
        select area_code, count(*)::int as items from gone group by area_code
        """,
        before=before,
        limit=limit,
    )


async def count_staged(tx: Tx, before: datetime) -> Sequence[Gone]:
    """How many `forget_staged` would drop."""
    return await tx.many(
        Gone,
        """
        select i.area_code, count(*)::int as items
          from kernel_work w join imports_import i using (id)
          join imports_row r on r.import_id = i.id
         where w.kind = 'imports.register' and w.changed_at < :before
           and w.state in ('done', 'cancelled', 'failed')
           and not exists (select 1 from imports_line l
                            where l.import_id = r.import_id and l.number = r.number
                              and l.verdict = 'unplaced' and l.state = 'open')
         group by i.area_code
        """,
        before=before,
    )


async def forget_unplaced(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Rows uploaded before a moment whose door nobody found."""
    return await tx.many(
        Gone,
        """
        with gone as (
             delete from imports_row r using imports_import i
              where i.id = r.import_id
                and (r.import_id, r.number) in (
                    select l.import_id, l.number
                      from imports_line l join imports_import i on i.id = l.import_id
                     where l.verdict = 'unplaced' and l.state = 'open' and i.at < :before
                     limit :limit)
             returning i.area_code)
        select area_code, count(*)::int as items from gone group by area_code
        """,
        before=before,
        limit=limit,
    )


async def count_unplaced(tx: Tx, before: datetime) -> Sequence[Gone]:
    """How many `forget_unplaced` would drop."""
    return await tx.many(
        Gone,
        """
        select i.area_code, count(distinct (l.import_id, l.number))::int as items
          from imports_line l join imports_import i on i.id = l.import_id
         where l.verdict = 'unplaced' and l.state = 'open' and i.at < :before
         group by i.area_code
        """,
        before=before,
    )
