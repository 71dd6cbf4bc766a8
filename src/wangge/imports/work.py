"""An import's second half: judged, applied and undone a bite at a time.

Each bite is one transaction with its mark (`kernel.work`): whatever is killed, whenever, a bite has
happened or it has not. Nothing is written to a register before a person has seen what would be.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from wangge.imports import bites
from wangge.imports.acts import act_of
from wangge.imports.applying import CHANGING
from wangge.imports.columns.fields import PEOPLE
from wangge.imports.events import ImportBegun, ImportUndone
from wangge.imports.model import PHASES
from wangge.imports.queries import registering, staging
from wangge.imports.queries.staging import KIND, Import
from wangge.imports.refusals import NothingApplied, NothingToApply, NotInThisPhase
from wangge.imports.things import bites as thing_bites
from wangge.imports.uploading import door
from wangge.kernel import work
from wangge.kernel.crypto import Vault, vault_of
from wangge.kernel.database import Database, Tx
from wangge.kernel.work import Work
from wangge.people.changes import undo_batch
from wangge.people.events import RegisterChanged
from wangge.people.roster import actor_of


async def _undo_bite(tx: Tx, found: Import, vault: Vault) -> None:
    await registering.one_importer_at_a_time(tx)
    undone = await undo_batch(tx, vault, found.id)
    kept = [msgspec.to_builtins(one) for one in undone.kept[:500]]
    await work.move(
        tx,
        found.id,
        undone.total,
        {"undone": undone.total, "kept": len(undone.kept), "kept_rows": kept},
    )
    await staging.set_undone(tx, found.id)
    await work.end(tx, found.id)
    tx.publish(
        ImportUndone(found.id, found.area_code, found.kind, undone.total, len(undone.kept))
    )


async def _bite(tx: Tx, taken: Work) -> None:
    """One bite of an import, for whoever uploaded it, with the posts they hold now."""
    found = await staging.import_of(tx, taken.id)
    vault = vault_of(tx.actor.district)
    actor = tx.actor
    by = await actor_of(tx, taken.by_id)
    if not by.reach(act_of(found.kind), tx.now).areas and found.phase != "undoing":
        await work.end(tx, found.id, "failed", "forbidden")
        return
    tx.actor = by
    mine = bites if found.kind == PEOPLE else thing_bites
    try:
        if found.phase == "judging":
            await mine.judge_bite(tx, taken, found, by, vault)
        elif found.phase == "applying":
            await mine.apply_bite(tx, taken, found, by, vault)
        elif found.phase == "undoing":
            await _undo_bite(tx, found, vault)
        else:
            await work.end(tx, found.id)
    finally:
        tx.actor = actor


async def on_the_clock(tx: Tx) -> int:
    """A worker's tick: one bite of one import."""
    return await work.on_the_clock(tx, KIND, _bite)


async def run(
    database: Database,
    import_id: UUID,
    *,
    shown: Callable[[Work], None] | None = None,
    now: datetime | None = None,
) -> Work:
    """Take bites until the import waits for a person or is over (for a terminal)."""
    return await work.run(database, import_id, _bite, shown=shown, now=now)


# -- apply, cancel, undo --------------------------------------------------------------------------


async def apply(
    tx: Tx,
    import_id: UUID,
    *,
    verdicts: Sequence[str] = CHANGING,
    numbers: Sequence[int] | None = None,
) -> Import:
    """Let open lines be registered: all that would change something, or those of some rows. A
    worker takes it from here. Raises NotInThisPhase, NothingToApply."""
    found = await door(tx, import_id, lock=True)
    if found.phase == "applying" and found.state == "running":
        return found
    if found.phase not in ("review", "applying"):
        raise NotInThisPhase(PHASES[found.phase])
    wanted = [verdict for verdict in verdicts if verdict in CHANGING]
    if numbers is None:
        queued = await registering.open_of(tx, import_id, wanted)
    else:
        queued = await registering.queue(tx, import_id, verdicts=wanted, numbers=numbers)
    if not queued:
        raise NothingToApply()
    await staging.set_phase(tx, import_id, "applying")
    await work.again(tx, import_id, queued)
    # Whether homes of this table may have households already: each is asked for only then.
    begun = await registering.some_applied(tx, import_id)
    whole = wanted if numbers is None else []
    await work.move(tx, import_id, 0, {"begun": begun, "whole": whole})
    tx.publish(ImportBegun(import_id, found.area_code, found.kind, queued))
    return await staging.import_of(tx, import_id)


async def cancel(tx: Tx, import_id: UUID) -> Import:
    """Stop. While rows are registered the bite under way is finished and what is in stays in (undo
    puts it back); before that the table is forgotten."""
    found = await door(tx, import_id, lock=True)
    if found.phase == "applying":
        await registering.unqueue(tx, import_id)
        await staging.set_phase(tx, import_id, "review")
        await staging.set_applied(tx, import_id)
        await work.set_state(tx, import_id, "cancelled")
        left = int(found.data.get("left", 0))
        if found.done > left:  # what is in is heard of as if it had come to its end
            tx.publish(
                RegisterChanged(import_id, found.area_code, "import", found.done - left, left)
            )
    elif found.phase in ("sheets", "columns", "judging", "review") and found.applied_at is None:
        await staging.set_phase(tx, import_id, "cancelled")
        await work.set_state(tx, import_id, "cancelled")
        await staging.forget_rows(tx, import_id)
        await staging.take_file(tx, import_id)
    return await staging.import_of(tx, import_id)


async def undo(tx: Tx, import_id: UUID) -> Import:
    """Put back everything the import changed, in the background. Rows that somebody changed since
    stay, and are named. Raises NotInThisPhase, NothingApplied, Forbidden."""
    found = await door(tx, import_id, lock=True)
    tx.require(act_of(found.kind), found.area_code)
    if found.phase != "review":
        raise NotInThisPhase(PHASES[found.phase])
    if found.applied_at is None:
        raise NothingApplied()
    await staging.set_phase(tx, import_id, "undoing")
    await staging.set_undone_by(tx, import_id)
    await work.again(tx, import_id, 0)
    return await staging.import_of(tx, import_id)


async def retry(tx: Tx, import_id: UUID) -> Import:
    """Go on with an import that failed."""
    found = await door(tx, import_id, lock=True)
    if found.state == "failed" and found.phase in ("judging", "applying", "undoing"):
        await work.resume(tx, import_id)
    return await staging.import_of(tx, import_id)
