"""Changes to many rows at once that can be undone: imports, merges, moves, bulk acts.

A caller writes down what it wants as `Change` rows, of any registered kind (a resident, a
household, a door, an entry of another register); `apply_changes` does them with a fixed number
of statements a kind, keeps what every row was before, and answers what it did not do.
`undo_batch` puts it back and says which rows it could not, because somebody came later.
"""

from wangge.people.changes import people, places
from wangge.people.changes.kinds import Kind, Touched, register_kind, registered, uses
from wangge.people.changes.model import (
    Applied,
    BatchGone,
    BatchUndone,
    CannotUndoWhole,
    Change,
    Kept,
    Undone,
    shared_area,
)
from wangge.people.changes.work import (
    UNDO_DAYS,
    apply_changes,
    load,
    settle,
    undo_batch,
    write_changes,
)

__all__ = [
    "UNDO_DAYS",
    "Applied",
    "BatchGone",
    "BatchUndone",
    "CannotUndoWhole",
    "Change",
    "Kept",
    "Kind",
    "Touched",
    "Undone",
    "apply_changes",
    "load",
    "people",
    "places",
    "register_kind",
    "registered",
    "settle",
    "shared_area",
    "undo_batch",
    "uses",
    "write_changes",
]
