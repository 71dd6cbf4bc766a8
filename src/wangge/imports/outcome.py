"""What became of lines that were queued, and of an import whose lines are all done."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from wangge.imports.applying import Done
from wangge.imports.events import ImportApplied
from wangge.imports.queries import registering, staging
from wangge.imports.queries.staging import Import
from wangge.kernel import work
from wangge.kernel.database import Tx
from wangge.kernel.work import Work
from wangge.people.events import RegisterChanged


async def keep_done(tx: Tx, import_id: UUID, done: Sequence[Done]) -> None:
    """What became of lines: nearly all became what was previewed, which is quickly said."""
    plain: list[Sequence[object]] = []
    other: list[Sequence[object]] = []
    for one in done:
        line = one.line
        as_seen = (one.verdict, one.why) == (line.verdict, line.why) and not one.code
        if one.state == "applied" and as_seen:
            plain.append((line.number, line.part, one.target_id, one.household_id))
            continue
        troubles = [*line.troubles, *([one.code] if one.code else [])]
        other.append(
            (
                *(line.number, line.part, one.state, one.verdict, one.why),
                msgspec.json.encode(troubles).decode(),
                *(one.target_id, one.household_id, None),
            )
        )
    if plain:
        await registering.save_applied(tx, import_id, plain)
    if other:
        await registering.save_lines(tx, import_id, other)


def counted(before: dict[str, Any], done: Iterable[Done]) -> dict[str, Any]:
    """The counts of a work with those of a bite: by verdict, and how many were left."""
    counts = dict(before)
    for one in done:
        key = one.verdict if one.state == "applied" else "left"
        counts[key] = int(counts.get(key, 0)) + 1
    return counts


async def applied(tx: Tx, taken: Work, found: Import) -> None:
    """Nothing is queued any more: the import is registered."""
    await staging.set_phase(tx, found.id, "review")
    await staging.set_applied(tx, found.id)
    await work.end(tx, found.id)
    left = int(taken.data.get("left", 0))
    done = taken.done - left
    tx.publish(
        ImportApplied(found.id, found.area_code, found.kind, done, left),
        # Rooms below hear of it as of any other batch: rosters of rounds that go on follow.
        RegisterChanged(found.id, found.area_code, "import", done, left),
    )
