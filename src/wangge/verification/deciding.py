"""What people decide: a mend taken or doubted, a question answered, a list signed or given up."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from wangge.exports.keeping import end_of
from wangge.kernel import work
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid, Problem
from wangge.kernel.settings import decided
from wangge.people.model import TooManyReveals
from wangge.verification import queries
from wangge.verification.acts import CHECK, SIGN
from wangge.verification.bringing import columns_kept
from wangge.verification.columns import WORDS
from wangge.verification.events import ListDestroyed, ListSigned, RowOpened
from wangge.verification.makers import CHAIN, LIST
from wangge.verification.model import OUTCOMES, PHASES, List, RowKept
from wangge.verification.records import open_cells, seal_cells
from wangge.verification.refusals import (
    ListNotReady,
    MenderCannotSign,
    NotLookedAt,
    RowDecided,
)
from wangge.verification.settings import OPENS
from wangge.verification.work import hold_rows

#: Characters of one corrected cell.
CELL_MAX = 200


async def door(tx: Tx, list_id: UUID, *, phase: str = "review") -> List:
    """A list to be worked at, locked. Raises NotFound, Forbidden, ListNotReady."""
    found = await queries.one_list(tx, list_id, lock=True)
    tx.require(CHECK, found.area_code)
    if found.phase != phase:
        raise ListNotReady(PHASES[found.phase])
    return found


async def _there(tx: Tx, list_id: UUID, *, lock: bool = False) -> List:
    """A list whose rows are still there. Raises NotFound, Forbidden, ListNotReady."""
    found = await queries.one_list(tx, list_id, lock=lock)
    tx.require(CHECK, found.area_code)
    if found.phase == "gone":
        raise ListNotReady(PHASES[found.phase])
    return found


#: Whoever saw a row so lately sees it again with what they typed, and it stays one look.
SEEN = timedelta(hours=1)


async def look(
    tx: Tx, vault: Vault, list_id: UUID, number: int
) -> tuple[RowKept, tuple[str, ...]]:
    """One row in full, for whoever asks about it; written down and counted. Why is what the list is
    checked for. Raises NotFound, Forbidden, ListNotReady, TooManyReveals."""
    found = await _there(tx, list_id)
    row = await queries.one_row(tx, list_id, number)
    most = (await decided(tx))(OPENS)
    if await queries.looks_since(tx, tx.now - timedelta(hours=1)) >= most:
        raise TooManyReveals(most)
    await queries.add_look(tx, new_id(tx.now), list_id, number, found.area_code)
    tx.publish(RowOpened(list_id, found.area_code, number))
    return row, open_cells(vault, list_id, row)


async def look_again(tx: Tx, vault: Vault, list_id: UUID, numbers: Sequence[int]) -> None:
    """Rows that are shown once more because what was typed was refused: only those are a look that
    the actor has not seen just now. Raises NotFound, Forbidden, ListNotReady, TooManyReveals."""
    await _there(tx, list_id)
    seen = await queries.seen_since(tx, list_id, numbers, tx.now - SEEN)
    for number in numbers:
        if number not in seen:
            await look(tx, vault, list_id, number)


async def accept(
    tx: Tx, list_id: UUID, numbers: Sequence[int] | None, mends: Sequence[str]
) -> int:
    """Take mends that are proposed: of some rows, or all of one kind. Answers how many."""
    await door(tx, list_id)
    await queries.note_hand(tx, list_id)
    return await queries.accept(tx, list_id, numbers, mends)


async def doubt(tx: Tx, list_id: UUID, number: int) -> None:
    """Rather ask than take a mend. Raises NotFound, RowDecided."""
    await door(tx, list_id)
    await queries.note_hand(tx, list_id)
    row = await queries.one_row(tx, list_id, number)
    if not await queries.doubt(tx, list_id, number):
        raise RowDecided(row.at)


async def answer(
    tx: Tx,
    vault: Vault,
    list_id: UUID,
    number: int,
    outcome: str,
    *,
    target: UUID | None = None,
    cells: dict[str, str] | None = None,
) -> RowKept:
    """What came of asking about an open row.

    `is` needs `target`, one of those it may mean; `mended` needs `cells` (field → text), and the row is
    held against the register again: if that settles it, it is `mended`, else it is proposed or open
    again. Raises NotFound, Invalid, RowDecided.
    """
    found = await door(tx, list_id)
    row = await queries.one_row(tx, list_id, number, lock=True)
    if row.state != "open":
        raise RowDecided(row.at)
    if outcome not in OUTCOMES:
        raise Invalid.of("outcome", "没有“{code}”这个选项。", code=outcome[:20])
    await queries.note_hand(tx, list_id)
    if outcome == "mended":
        return await _mend(tx, vault, found, row, cells or {})
    if outcome == "is" and str(target) not in {one["id"] for one in row.rivals}:
        raise Invalid.of("target", "请选是哪一位。")
    if outcome == "twice":
        other = await queries.one_row(tx, list_id, row.same_as) if row.same_as else None
        if other is None or other.outcome == "twice":
            raise Invalid.of("outcome", "没有看出和哪一行是同一个人,不能这样记。请选别的结果。")
    await queries.settle(
        tx,
        list_id,
        number,
        state="open" if outcome == "not_reached" else "settled",
        outcome=outcome,
        target_id=target if outcome == "is" else row.target_id,
    )
    return await queries.one_row(tx, list_id, number)


async def _mend(
    tx: Tx, vault: Vault, found: List, row: RowKept, cells: dict[str, str]
) -> RowKept:
    columns = columns_kept(found)
    old = list(open_cells(vault, found.id, row))
    problems: list[Problem] = []
    changed: list[str] = []
    for name, text in cells.items():
        if name not in columns.at:
            problems.append(Problem(name, "这份名单没有这一列。"))
        elif len(text) > CELL_MAX:
            problems.append(
                Problem(name, "“{column}”太长,最多 {most} 字。", None,
                        {"column": WORDS[name], "most": CELL_MAX})
            )  # fmt: skip
        elif columns.of(old, name) != text.strip():
            old += [""] * (columns.at[name] + 1 - len(old))
            old[columns.at[name]] = text.strip()
            changed.append(name)
    if problems:
        raise Invalid.all(problems)
    if not changed:
        raise Invalid.of("cells", "请按本人说的改一处,再保存。")
    await queries.settle(
        tx,
        found.id,
        row.number,
        state="settled",
        outcome="mended",
        target_id=None,
        sealed=seal_cells(vault, found.id, row.number, old),
        typed=changed,
    )
    await hold_rows(tx, vault, found, [await queries.one_row(tx, found.id, row.number)])
    again = await queries.one_row(tx, found.id, row.number)
    if again.state == "right":
        # Whoever asked has mended it; the register agrees. What the register has otherwise stays a
        # proposal that somebody has to look at.
        await queries.settle(
            tx,
            found.id,
            row.number,
            state="mended",
            outcome="mended",
            target_id=again.target_id,
        )
    return await queries.one_row(tx, found.id, row.number)


async def settle_finding(tx: Tx, list_id: UUID, number: int) -> None:
    """A contradiction somebody has asked about. Raises NotFound, RowDecided."""
    await door(tx, list_id)
    await queries.note_hand(tx, list_id)
    kept = await queries.one_finding(tx, list_id, number)
    if not await queries.settle_finding(tx, list_id, number):
        raise RowDecided(kept.rows[0] if kept.rows else number)


async def sign(tx: Tx, list_id: UUID) -> List:
    """A second person's word that the list is what it says: rows that are still open leave with their
    question. Raises NotFound, Forbidden, ListNotReady, NotLookedAt, MenderCannotSign."""
    found = await queries.one_list(tx, list_id, lock=True)
    tx.require(SIGN, found.area_code)
    if found.phase != "review":
        raise ListNotReady(PHASES[found.phase])
    if found.by_id == tx.actor.id or await queries.has_mended(tx, list_id, tx.actor.id):
        raise MenderCannotSign()
    counts = {one.state: one.rows for one in await queries.tallies(tx, list_id)}
    if counts.get("proposed"):
        raise NotLookedAt(counts["proposed"])
    await queries.sign(tx, list_id)
    tx.publish(
        ListSigned(
            list_id,
            found.area_code,
            counts.get("right", 0),
            counts.get("mended", 0),
            counts.get("settled", 0),
            counts.get("open", 0),
        )
    )
    return await queries.list_of(tx, list_id)


async def drop(tx: Tx, list_id: UUID) -> None:
    """Give a list up now: its rows go, that it was stays. Also stops a check under way."""
    await _there(tx, list_id, lock=True)
    await destroyed(tx, "person", ids=[list_id])


async def retry(tx: Tx, list_id: UUID) -> List:
    """Go on where a check stopped. Raises ListNotReady."""
    found = await door(tx, list_id, phase="checking")
    if found.state == "failed":
        await work.resume(tx, list_id)
    elif found.state == "cancelled":
        await queries.go_on(tx, list_id)
    return await queries.list_of(tx, list_id)


async def stop(tx: Tx, list_id: UUID) -> List:
    """Stop a check; what is done stays, and it can go on. Raises ListNotReady."""
    found = await door(tx, list_id, phase="checking")
    await work.set_state(tx, found.id, "cancelled")
    return await queries.list_of(tx, list_id)


async def destroyed(
    tx: Tx, why: str, *, ids: Sequence[UUID] = (), response_id: UUID | None = None
) -> int:
    """Delete the rows of lists, and say so. Answers how many lists."""
    gone = await queries.destroy(tx, why, ids=ids, response_id=response_id)
    if gone:
        tx.publish(*(ListDestroyed(one.id, one.area_code, one.rows, why) for one in gone))
    if why == "response":
        # Whoever gives a list up has the file she made of it; the end of a response ends both.
        await end_of(tx, (LIST, CHAIN), "list", [one.id for one in gone])
    return len(gone)
