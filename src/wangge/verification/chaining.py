"""The contacts of a list, as they were kept for its graph."""

import asyncio
from collections.abc import Sequence

from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.solvers.chains import chains
from wangge.solvers.contacts import Entry
from wangge.verification import queries
from wangge.verification.bringing import columns_kept
from wangge.verification.columns import Columns
from wangge.verification.model import List, RowKept
from wangge.verification.reading import Line, entries_of
from wangge.verification.records import lines_of, open_chain

#: Rows read by one statement.
READ_AT_ONCE = 20_000


async def contacts_of(tx: Tx, vault: Vault, found: List) -> list[Entry]:
    """Who of a list had to do with whom; the door has opened. Lists that were checked before contacts
    were kept apart have them in their rows."""
    sealed = await queries.chain_of(tx, found.id)
    columns = columns_kept(found)
    if sealed or found.phase not in ("review", "signed") or not columns.of_contacts:
        return await asyncio.to_thread(open_chain, vault, found.id, sealed)
    return await asyncio.to_thread(contacts_in, await lines_kept(tx, vault, found), columns)


def contacts_in(lines: Sequence[Line], columns: Columns) -> list[Entry]:
    """Who of these rows, all of a list, had to do with whom."""
    return together(entries_of(lines, columns))


def together(entries: Sequence[Entry]) -> list[Entry]:
    """Entries chain by chain."""
    return [one for chain in chains(entries) for one in chain]


async def rows_kept(tx: Tx, found: List) -> list[RowKept]:
    """Every row of a list; the door has opened."""
    rows: list[RowKept] = []
    while some := await queries.rows_after(
        tx, found.id, rows[-1].number if rows else 0, READ_AT_ONCE
    ):
        rows += some
    return rows


async def lines_kept(tx: Tx, vault: Vault, found: List) -> list[Line]:
    """The same, opened."""
    return await asyncio.to_thread(lines_of, vault, found.id, await rows_kept(tx, found))
