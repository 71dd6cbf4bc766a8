"""A list comes in: read, weighed against the law, sealed row by row."""

import asyncio
import hashlib
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import msgspec

from wangge.kernel import work
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date, new_id
from wangge.kernel.refusals import Forbidden, Invalid, NotFound, Problem
from wangge.kernel.settings import decided
from wangge.kernel.sheets import Row, Table, open_table
from wangge.people.pasted import decoded, open_pasted
from wangge.places import ATLAS
from wangge.verification import queries
from wangge.verification.acts import CHECK
from wangge.verification.choosing import HEADINGS, columns_for
from wangge.verification.columns import Columns, names_a_column, speaks_of_contacts
from wangge.verification.events import ListBrought
from wangge.verification.laws import response_for
from wangge.verification.model import List
from wangge.verification.reading import must_have_rows
from wangge.verification.records import notes_of, seal_cells, seal_notes
from wangge.verification.settings import KEEP_MOST

FILE_BYTES_MAX, ROWS_MAX = 30_000_000, 100_000
#: Rows written by one statement.
ADDED_AT_ONCE = 10_000
#: Characters of a purpose at least.
PURPOSE_MIN = 4


class About(msgspec.Struct, frozen=True):
    """What has to be said of a list before it is read: what for, who asked, whose area, how long."""

    title: str
    purpose: str
    asker: str
    area: str
    days: int


async def bring(
    tx: Tx, vault: Vault, source: bytes | Path | str, name: str, about: About
) -> List:
    """Read a list (pasted text, when `source` is a str) and let it be checked; one whose headings
    name no people waits until somebody says what its columns are. The same list again, while it is
    there, is the one that is there: nothing changes, but that it goes earlier where fewer days were
    said.

    Raises Invalid, Forbidden, NotFound, ContactsNeedResponse, and the refusals of `kernel.sheets`.
    """
    await _must_be_whole(tx, about)
    table, rows = await asyncio.to_thread(_read, source, name)
    columns = await columns_for(tx, table.headings)
    ready = columns.of_people
    told = (*table.headings, name, about.title, about.purpose)
    contacts = columns.of_contacts or speaks_of_contacts(told)
    response = await response_for(tx, about.area) if contacts else None
    digest = vault.index("list:" + await asyncio.to_thread(_digest, table, rows))
    await tx.run("select pg_advisory_xact_lock(hashtext('verification.bring'))")
    keep_until = local_date(tx.now) + timedelta(days=about.days)
    there = await queries.same_list(tx, about.area, digest)
    if there is not None:
        await queries.keep_no_longer(tx, there, keep_until)
        return await queries.list_of(tx, there)
    id_ = new_id(tx.now)
    await work.add(tx, id_, queries.KIND, total=len(rows))
    await queries.add_list(
        tx,
        id_,
        title=about.title.strip(),
        purpose=about.purpose.strip(),
        asker=about.asker.strip(),
        area_code=about.area,
        response_id=response.id if response else None,
        keep_until=keep_until,
        digest=digest,
        headings=table.headings if ready else (),
        columns=columns.at if ready else {},
        rows=len(rows),
        phase="checking" if ready else "columns",
    )
    if notes := notes_of(table.notes):
        await queries.set_notes(tx, id_, seal_notes(vault, id_, notes))
    sealed = await asyncio.to_thread(_sealed, vault, id_, rows)
    for at in range(0, len(sealed), ADDED_AT_ONCE):
        await queries.add_rows(tx, id_, sealed[at : at + ADDED_AT_ONCE])
    if ready:
        await work.again(tx, id_, len(rows))
    else:  # what stands above the rows may be somebody's name
        above = seal_cells(vault, id_, HEADINGS, table.headings)
        await queries.add_rows(tx, id_, [(HEADINGS, table.heading.bottom + 1, above)])
    tx.publish(ListBrought(id_, about.area, len(rows), contacts))
    return await queries.list_of(tx, id_)


async def _must_be_whole(tx: Tx, about: About) -> None:
    reach = tx.reach(CHECK)
    if not reach.areas:
        raise Forbidden(CHECK.name)
    atlas = await ATLAS.get(tx)
    if atlas.area(about.area) is None or not reach.covers(about.area):
        raise NotFound("这个区域")
    most = (await decided(tx))(KEEP_MOST)
    problems: list[Problem] = []
    if not 1 <= len(about.title.strip()) <= 60:
        problems.append(Problem("title", "请写名单的名称,不超过 60 字。"))
    if not PURPOSE_MIN <= len(about.purpose.strip()) <= 200:
        problems.append(Problem("purpose", "请写明核对的目的,4 到 200 字。"))
    if not 2 <= len(about.asker.strip()) <= 60:
        problems.append(Problem("asker", "请写明名单由谁提供或谁要求核对。"))
    if not 1 <= about.days <= most:
        problems.append(
            Problem("days", "请写明几天后删除,1 到 {most} 天。", None, {"most": most})
        )
    if problems:
        raise Invalid.all(problems)


def _read(source: bytes | Path | str, name: str) -> tuple[Table, list[Row]]:
    if isinstance(source, bytes) and name.lower().endswith(".txt"):
        source = decoded(source)
    if isinstance(source, str):
        table = open_pasted(source, name, names_a_column)
    else:
        table = open_table(
            source, name, known=names_a_column, max_bytes=FILE_BYTES_MAX, max_rows=ROWS_MAX
        )
    rows = list(table.rows)
    must_have_rows(len(rows))
    return table, rows


def _digest(table: Table, rows: list[Row]) -> str:
    made = hashlib.sha256(msgspec.json.encode(list(table.headings)))
    for row in rows:
        made.update(msgspec.json.encode(row.cells))
    return made.hexdigest()


def _sealed(vault: Vault, id_: UUID, rows: list[Row]) -> list[tuple[int, int, bytes]]:
    return [
        (number, row.number, seal_cells(vault, id_, number, row.cells))
        for number, row in enumerate(rows, 1)
    ]


def columns_kept(found: List) -> Columns:
    """The columns of a list as they were read."""
    return Columns({str(name): int(at) for name, at in found.columns.items()})
