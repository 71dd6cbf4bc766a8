"""Areas and boundaries from somebody's table or drawing: read, previewed, applied, taken back."""

from wangge.places.imports.judging import Line, Verdict
from wangge.places.imports.work import Applied, Preview, Undone, apply, preview, stage, undo

__all__ = [
    "Applied",
    "Line",
    "Preview",
    "Undone",
    "Verdict",
    "apply",
    "preview",
    "stage",
    "undo",
]
