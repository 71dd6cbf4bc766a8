"""Whether lines may be planned before those above them are in the register. Pure.

While the database writes a piece of an import, the next is planned against the register as it was
before. That is right only where nothing the first writes would have been read for the second.
"""

from collections.abc import Sequence
from uuid import UUID

from wangge.imports.applying import Ground, Plan, Taken


def apart(above: Sequence[Taken], made: Plan, below: Sequence[Taken], ground: Ground) -> bool:
    """Whether the plan `made` of the lines `above` says nothing of anybody `below`: they share no
    number, telephone, sound with a birthday, door or person, and nobody whom `ground` found for
    those below is changed, or lives in a household that is."""
    if not _keys(above).isdisjoint(_keys(below)):
        return False
    read = {id_ for one in ground.found for id_ in (one.id, one.household_id)}
    return read.isdisjoint(_written(made))


def _keys(taken: Sequence[Taken]) -> set[object]:
    """What the register is asked by, for these lines."""
    keys = set[object]()
    for one in taken:
        who, line = one.who, one.line
        keys.update((who.id_index, who.phone_index, line.dwelling_id, line.target_id))
        if who.person.birth is not None:
            keys.add((who.sound, who.person.birth))
    keys.discard(None)
    return keys


def _written(made: Plan) -> set[UUID]:
    """Rows that a plan changes or makes, and those they belong to."""
    written = set(made.left)
    for change in made.changes:
        written.add(change.id)
        for owner in ("household_id", "resident_id"):
            if owner in change.values:
                written.add(change.values[owner])
    return written
