"""A door and its block while a transaction judges them, and what they add to the board."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from wangge.kernel.crypto import Vault
from wangge.sweeps.answering import opened
from wangge.sweeps.judge import NOTHING, Line, Said, done_people
from wangge.sweeps.model import Kind, Outcome
from wangge.sweeps.queries.taken import LineRow
from wangge.sweeps.queries.taking import Kept


@dataclass(slots=True)
class Block:
    """A locked block: the mark its changes get, and how its counts move."""

    round_id: UUID
    id: UUID
    mark: int
    changes: dict[str, int] = field(default_factory=dict[str, int])
    fresh: int = 0
    touched: bool = False

    def add(self, counts: Mapping[str, int], sign: int) -> None:
        for name, number in counts.items():
            self.changes[name] = self.changes.get(name, 0) + sign * number


@dataclass(slots=True)
class Door:
    """One door while a transaction judges it."""

    round_id: UUID
    id: UUID
    block: Block
    area_code: str
    residents: int
    reports: int
    kind: Kind
    closed: bool
    said: list[Said] = field(default_factory=list[Said])
    people: tuple[UUID, ...] = ()
    line: Line = NOTHING
    counted: dict[str, int] = field(default_factory=dict[str, int])
    late: bool = False
    #: Judged with everything that was ever said of it.
    whole: bool = False


Key = tuple[UUID, UUID]
#: How a report was said, for the line that shows it.
Source = tuple[UUID, str, datetime | None, int | None, datetime]


#: Outcomes in which everybody listed counts, and as what.
PEOPLED: Mapping[str, str] = {
    Outcome.ALL.value: "done_people",
    Outcome.SOME.value: "done_people",
    Outcome.EXEMPT.value: "exempt_people",
}


def speaks_for_itself(said: Said) -> bool:
    """Whether a door's first report is its line as it is."""
    return said.outcome is not None and said.undoes is None


def said_of(kept: Kept, vault: Vault) -> Said:
    return Said(
        kept.id,
        kept.n,
        kept.by_id,
        kept.base,
        kept.after,
        kept.undoes,
        kept.decides,
        kept.pass_n,
        kept.outcome,
        {UUID(person): status for person, status in (kept.persons or {}).items()},
        frozenset(kept.needs or ()),
        opened(vault, kept.id, kept.answers),
    )


def counts_of(door: Door, line: Line) -> dict[str, int]:
    """What a door adds to its block's counts."""
    found: dict[str, int] = {}
    if line.outcome is not None:
        found[line.outcome] = 1
    if line.flagged:
        found["flagged"] = 1
    if door.late:
        found["late"] = 1
    done, exempt = done_people(
        line.outcome, line.persons, door.people, by_tube=door.kind.by_tube
    )
    if done:
        found["done_people"] = done
    if exempt:
        found["exempt_people"] = exempt
    return found


def line_row(door: Door, sources: Mapping[UUID, Source]) -> LineRow:
    line = door.line
    by, how, claimed, off, at = sources[line.report or door.said[-1].id]
    return LineRow(
        door.round_id,
        door.id,
        line.outcome,
        {str(person): status for person, status in line.persons.items()} or None,
        " ".join(sorted(line.needs)),
        line.report,
        by,
        how,
        claimed,
        off,
        at,
        line.version,
        line.tries,
        " ".join(line.flagged),
        door.late,
        door.block.mark,
    )
