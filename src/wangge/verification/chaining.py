"""The contacts of a list, as they were kept for its graph."""

import asyncio

from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.solvers.chains import chains
from wangge.solvers.contacts import Entry
from wangge.verification import queries
from wangge.verification.bringing import columns_kept
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
    lines = await lines_kept(tx, vault, found)

    def read() -> list[Entry]:
        return [one for chain in chains(entries_of(lines, columns)) for one in chain]

    return await asyncio.to_thread(read)


async def lines_kept(tx: Tx, vault: Vault, found: List) -> list[Line]:
    """Every row of a list, opened; the door has opened."""
    rows: list[RowKept] = []
    while some := await queries.rows_after(
        tx, found.id, rows[-1].number if rows else 0, READ_AT_ONCE
    ):
        rows += some
    return await asyncio.to_thread(lines_of, vault, found.id, rows)
