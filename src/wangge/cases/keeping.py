"""How long the words, places, photos and callers of cases are kept (domain.md §12.4).

An ordinary case keeps its receipt, class, areas, times and steps for the statistics; what could
lead to a person goes: words, title, place, position, door, caller, results, opinions, photos.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from wangge.cases.limits import CASE_DAYS, CONTACT_DAYS, RESPONSE_DAYS
from wangge.kernel import files
from wangge.kernel.database import Tx
from wangge.kernel.retention import Gone, counts, keeps
from wangge.tasks.queries import forget_reasons

#: What stands where a title stood. Chinese, translated where it is shown.
TITLE_GONE = "(已按保存期限去标识)"
#: Cases one transaction takes: each touches five tables.
BITE = 500

MINIMAL = "个人信息保护法第十九条、第四十七条"


@dataclass(frozen=True, slots=True)
class _Ended:
    id: UUID
    area_code: str


@keeps(
    "cases.contacts",
    "来电人联系方式",
    CONTACT_DAYS,
    since="办结之日",
    source=MINIMAL,
    every=timedelta(hours=1),
)
async def forget_contacts(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Phone numbers given for a call-back are deleted when the call-back is over."""
    return await tx.many(
        Gone,
        """
        with gone as (
            update cases_case set contact_sealed = null, contact_mask = null
             where id in (select id from cases_case
                           where contact_mask is not null and ended_at < :before limit :limit)
            returning area_code)
        select area_code, count(*) as items from gone group by area_code
        """,
        before=before,
        limit=limit,
    )


@counts("cases.contacts")
async def contacts(tx: Tx, before: datetime) -> Sequence[Gone]:
    """Numbers that the next round deletes."""
    return await tx.many(
        Gone,
        """
        select area_code, count(*) as items from cases_case
         where contact_mask is not null and ended_at < :before group by area_code
        """,
        before=before,
    )


@keeps(
    "cases.ordinary",
    "一般事件的文字、位置和照片",
    CASE_DAYS,
    since="办结之日",
    source=MINIMAL,
    way="deidentified",
    bite=BITE,
)
async def deidentify_ordinary(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Cases that ended so long ago."""
    return await _deidentify(
        tx,
        await tx.many(
            _Ended,
            """
            select id, area_code from cases_case
             where ended_at < :before and deidentified_at is null
             order by ended_at limit :limit for update skip locked
            """,
            before=before,
            limit=limit,
        ),
    )


@counts("cases.ordinary")
async def ordinary(tx: Tx, before: datetime) -> Sequence[Gone]:
    """Cases that the next round de-identifies."""
    return await tx.many(
        Gone,
        """
        select area_code, count(*) as items from cases_case
         where ended_at < :before and deidentified_at is null group by area_code
        """,
        before=before,
    )


@keeps(
    "cases.response",
    "应急响应期间按响应收集的事件",
    RESPONSE_DAYS,
    since="响应结束且事件办结",
    source="突发事件应对法第八十四条(应急处置结束后的个人信息处理)",
    way="deidentified",
    bite=BITE,
)
async def deidentify_response(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Cases that could only be opened under a response, once it is over."""
    return await _deidentify(
        tx,
        await tx.many(
            _Ended,
            """
            select c.id, c.area_code
              from cases_case c
              join responses_response r on r.id = c.response_id
             where r.ended_at < :before and c.ended_at < :before and c.deidentified_at is null
             order by c.ended_at limit :limit for update of c skip locked
            """,
            before=before,
            limit=limit,
        ),
    )


@counts("cases.response")
async def of_responses(tx: Tx, before: datetime) -> Sequence[Gone]:
    """Cases that the next round de-identifies."""
    return await tx.many(
        Gone,
        """
        select c.area_code, count(*) as items
          from cases_case c
          join responses_response r on r.id = c.response_id
         where r.ended_at < :before and c.ended_at < :before and c.deidentified_at is null
         group by c.area_code
        """,
        before=before,
    )


async def _deidentify(tx: Tx, cases: Sequence[_Ended]) -> list[Gone]:
    """Take from these cases whatever could lead to a person; seven statements for all."""
    if not cases:
        return []
    ids = [case.id for case in cases]
    await tx.run(
        """
        update cases_case
           set words = '', title = :title, place = '', lon = null, lat = null, unit_id = null,
               dwelling_id = null, external_id = null, contact_sealed = null,
               contact_mask = null, result = '', class_reason = '', route_reason = '',
               deidentified_at = :now
         where id = any(:ids::uuid[])
        """,
        title=TITLE_GONE,
        ids=ids,
        now=tx.now,
    )
    await tx.run(
        "update cases_step set opinion = '' where case_id = any(:ids::uuid[]) and opinion <> ''",
        ids=ids,
    )
    await tx.run(
        """
        update cases_appeal
           set reason = '',
               said = coalesce((select jsonb_agg(line || '{"opinion": ""}')
                                  from jsonb_array_elements(said) line), '[]')
         where case_id = any(:ids::uuid[])
        """,
        ids=ids,
    )
    await tx.run("delete from cases_search where case_id = any(:ids::uuid[])", ids=ids)
    photos = await tx.many(
        UUID,
        "delete from cases_photo where case_id = any(:ids::uuid[]) returning file_id",
        ids=ids,
    )
    await files.forget(tx, photos)
    await forget_reasons(tx, ids)
    by_area: dict[str, int] = {}
    for case in cases:
        by_area[case.area_code] = by_area.get(case.area_code, 0) + 1
    return [Gone(code, items) for code, items in by_area.items()]
