"""An import and its lines as they are told: to a page in words, to a program in the same words.

Whoever uploaded a table reads it as it is; everybody else within reach sees names and numbers
masked, as in the register.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.imports.model import PHASES, VERDICTS
from wangge.imports.queries import lines, staging
from wangge.imports.queries.staging import Import
from wangge.imports.records import Said, open_cells, open_said
from wangge.imports.shown import LineView, Perhaps, Told, bare, line_views, place_words
from wangge.imports.troubles import refuses
from wangge.imports.uploading import door
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.i18n import Locale, translate
from wangge.kernel.paging import page_size
from wangge.kernel.refusals import Invalid

#: What a work remembers beside its counts: how far it has come.
_CURSORS = frozenset(("before", "after", "read", "grouped", "judged", "home", "begun"))


@dataclass(frozen=True, slots=True)
class Tally:
    """Lines of one verdict, by what became of them."""

    verdict: str
    name: str
    open: int
    queued: int
    applied: int
    left: int
    noted: int

    @property
    def lines(self) -> int:
        return self.open + self.queued + self.applied + self.left


@dataclass(frozen=True, slots=True)
class ImportView:
    """An import as told to a program. `counts` are of the running or last part of its work."""

    id: UUID
    name: str
    kind: str
    area_code: str
    phase: str
    phase_name: str
    state: str
    error: str
    rows: int
    done: int
    total: int
    by_id: UUID
    at: datetime
    applied_at: datetime | None
    undone_at: datetime | None
    sheets: list[str]
    headings: list[str]
    mapping: dict[str, Any]
    remembered: bool
    notes: list[str]
    counts: dict[str, int]


def import_view(found: Import, locale: Locale) -> ImportView:
    """Without anything of what the rows say."""
    numbers = {
        key: n for key, n in found.data.items() if isinstance(n, int) and key not in _CURSORS
    }
    return ImportView(
        found.id,
        found.name,
        found.kind,
        found.area_code,
        found.phase,
        translate(locale, PHASES[found.phase]),
        found.state,
        str(found.data.get("error", "")),
        found.rows,
        found.done,
        found.total,
        found.by_id,
        found.at,
        found.applied_at,
        found.undone_at,
        list(found.sheets),
        list(found.headings),
        found.mapping,
        found.remembered,
        notes(found, locale),
        numbers,
    )


def notes(found: Import, locale: Locale) -> list[str]:
    """What was mended or left out while the table was read."""
    said: list[str] = []
    for note in found.notes:
        values: dict[str, Any] = note.get("values") or {}
        said.append(translate(locale, str(note["words"]), **values))
    return said


# -- lines ---------------------------------------------------------------------------------------


def line_mark(line: LineView) -> str:
    """The place just after a line."""
    return f"{line.number}.{line.part}"


def read_line_mark(mark: str) -> tuple[int, int]:
    """Back from a mark. Raises Invalid."""
    if not mark:
        return 0, -1
    number, _, part = mark.partition(".")
    if not (number.isdecimal() and part.isdecimal() and len(mark) < 20):
        raise Invalid.of("after", "翻页标记无效,请回到第一页。")
    return int(number), int(part)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which lines of a review."""

    verdict: str = ""
    code: str = ""
    state: str = ""
    said: int | None = None
    after: str = ""
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """An import, its lines counted, and some of them. Five statements, whatever its length."""

    found: Import
    tallies: list[Tally]
    codes: list[Told]
    lines: list[LineView]
    more: str | None
    own: bool

    def count(self, *verdicts: str, state: str = "") -> int:
        """Lines of these verdicts, in a state."""
        chosen = [tally for tally in self.tallies if tally.verdict in verdicts]
        return sum(getattr(tally, state) if state else tally.lines for tally in chosen)


async def review(tx: Tx, vault: Vault, import_id: UUID, asked: Asked, locale: Locale) -> Review:
    """What would become of the rows. Raises NotFound, Invalid."""
    found = await door(tx, import_id)
    if asked.verdict and asked.verdict not in VERDICTS:
        raise Invalid.of("verdict", "没有“{code}”这个选项。", code=asked.verdict[:20])
    size = page_size(asked.limit)
    counted = await lines.counts(tx, import_id)
    codes = await lines.codes(tx, import_id, asked.verdict)
    kept = await lines.page(
        tx,
        import_id,
        verdict=asked.verdict,
        code=asked.code,
        state=asked.state,
        said=asked.said,
        after=read_line_mark(asked.after),
        limit=size + 1,
    )
    own = found.by_id == tx.actor.id
    shown = await line_views(tx, vault, found, kept[:size], locale, own=own)
    return Review(
        found,
        _tallies(counted, locale),
        [
            Told(
                one.code, str(one.lines), bare(one.code, found.kind, locale), refuses(one.code)
            )
            for one in codes
        ],
        shown,
        line_mark(shown[-1]) if len(kept) > size else None,
        own,
    )


def _tallies(counted: Sequence[lines.Count], locale: Locale) -> list[Tally]:
    found: list[Tally] = []
    for verdict, name in VERDICTS.items():
        mine = {one.state: one for one in counted if one.verdict == verdict}
        if mine:
            by_state = {state: one.lines for state, one in mine.items()}
            found.append(
                Tally(
                    verdict,
                    translate(locale, name),
                    by_state.get("open", 0),
                    by_state.get("queued", 0),
                    by_state.get("applied", 0),
                    by_state.get("left", 0),
                    sum(one.noted for one in mine.values()),
                )
            )
    return found


@dataclass(frozen=True, slots=True)
class Phrase:
    """An address that was not understood: how many lines share it, one of them, and why. `mark` is
    text: JSON's numbers are too short for it."""

    mark: str
    number: int
    phrase: str
    lines: int
    example: str
    reason: str
    words: str
    door: str
    doors: list[Perhaps]


async def phrases(
    tx: Tx, vault: Vault, import_id: UUID, locale: Locale, limit: int = 100
) -> list[Phrase]:
    """The work list of an import, those of most lines first. Raises NotFound."""
    found = await door(tx, import_id, part=True)
    made: list[Phrase] = []
    for one in await lines.misunderstood(tx, found.id, limit):
        said = opened(vault, found.id, one)
        made.append(
            Phrase(
                str(one.said_mark),
                one.number,
                said.where.said,
                one.lines,
                said.where.text,
                one.place_reason,
                place_words(said, locale),
                said.where.name,
                [Perhaps(id_, name, "") for id_, name in said.where.rivals],
            )
        )
    return made


def opened(vault: Vault, import_id: UUID, one: lines.SaidCount) -> Said:
    """The line that stands for all with its phrase."""

    return open_said(vault, import_id, one.number, one.part, one.sealed)


async def first_rows(
    tx: Tx, vault: Vault, found: Import, limit: int
) -> list[tuple[int, tuple[str, ...]]]:
    """The first rows of a table as they came: (row of the sheet, cells)."""

    rows = await staging.rows_after(tx, found.id, 0, limit)
    return [(row.at, open_cells(vault, found.id, row.number, row.sealed).cells) for row in rows]
