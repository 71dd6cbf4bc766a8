"""An import and its lines as they are told: to a page in words, to a program in the same words.

Whoever uploaded a table reads it as it is; everybody else within reach sees names and numbers
masked, as in the register.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from wangge.imports.columns.fields import PEOPLE, targets
from wangge.imports.judged import opened_lines
from wangge.imports.model import PHASES, VERDICTS, WHYS
from wangge.imports.queries import lines, staging
from wangge.imports.queries.staging import Import
from wangge.imports.records import Differs, Said, open_cells, open_said
from wangge.imports.troubles import BAD, NOTED, REFUSED, REMARK, Trouble, refuses
from wangge.imports.uploading import door
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.i18n import Locale, translate
from wangge.kernel.paging import page_size
from wangge.kernel.refusals import Invalid
from wangge.people.model import (
    HOUSEHOLD_KINDS,
    HUKOU,
    ID_KINDS,
    NEEDS,
    RELATIONS,
    SEXES,
    TENURES,
    mask_id,
    mask_name,
    mask_phone,
)
from wangge.places.naming.model import filled, reason_words
from wangge.registers.kinds import KINDS
from wangge.registers.tables.columns import called

#: Codes that a change shows in words, by target.
_CODES: Mapping[str, Mapping[str, str]] = {
    "sex": SEXES,
    "relation": RELATIONS,
    "hukou": HUKOU,
    "home_kind": HOUSEHOLD_KINDS,
    "tenure": TENURES,
    "tags": NEEDS,
}
#: What a work remembers beside its counts: how far it has come.
_CURSORS = frozenset(("before", "after", "read", "grouped", "judged", "home", "begun"))
#: Troubles that are words of ours: a value that is a code, and what it is a code of.
_TOLD_CODES: Mapping[str, Mapping[str, str]] = {"kind": ID_KINDS}


@dataclass(frozen=True, slots=True)
class Told:
    """One thing said of a line: its code, the target it is about, the sentence."""

    code: str
    field: str
    words: str
    refuses: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """A field that would change, masked where it is a name or a number."""

    field: str
    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Perhaps:
    """Somebody of the register, or a door, that a line may mean."""

    id: UUID
    name: str
    where: str


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of a review. `row` is the row of its sheet, `number` its place among all rows; of a
    thing, `name` is what it is called and `beside` who answers for it."""

    number: int
    part: int
    sheet: int
    row: int
    verdict: str
    why: str
    state: str
    name: str
    beside: str
    relation: str
    birth: date | None
    id_number: str
    phone: str
    address: str
    door: str
    place: str
    known: str
    told: list[Told]
    changes: list[Changed]
    people: list[Perhaps]
    doors: list[Perhaps]
    decided: dict[str, str]
    mended: bool


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
                one.code, str(one.lines), _bare(one.code, found.kind, locale), refuses(one.code)
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


def _bare(code: str, kind: str, locale: Locale) -> str:
    """A trouble's sentence without a row's values, for a list of all troubles."""
    for begins, words in ((BAD, "“{field}”要改"), (REMARK, "“{field}”请看一下")):
        if code.startswith(begins):
            field = _field_name(kind, code.removeprefix(begins))
            return translate(locale, words, field=translate(locale, field))
    blanks: dict[str, Any] = dict.fromkeys(
        ("row", "text", "length", "name", "count", "most", "door", "score", "kind"), "…"
    )
    return Trouble(code, "", blanks).words(locale) if code in REFUSED or code in NOTED else code


def _field_name(kind: str, key: str) -> str:
    """What a difference or a trouble is about, in Chinese."""
    if kind != PEOPLE:
        return called(KINDS[kind]).get(key, key)
    known = targets(kind)
    return known[key].name if key in known else key


async def line_views(
    tx: Tx,
    vault: Vault,
    found: Import,
    kept: Sequence[lines.LineKept],
    locale: Locale,
    *,
    own: bool,
) -> list[LineView]:
    """Lines opened, in words; masked unless they are the asker's own table. Another row that is
    spoken of is called as the sheet calls it; one statement."""
    opened_ = opened_lines(vault, found.id, kept)
    meant = {
        int(trouble.values["row"])
        for _, said in opened_
        for trouble in said.troubles
        if "row" in trouble.values
    }
    rows = {
        one.number: f"{one.at}({found.sheets[one.sheet]})"
        if len(found.sheets) > 1
        else str(one.at)
        for one in await lines.rows_at(tx, found.id, list(meant))
    }
    return [_view(line, said, found.kind, locale, rows, own=own) for line, said in opened_]


def _view(
    line: lines.LineKept,
    said: Said,
    kind: str,
    locale: Locale,
    rows: Mapping[int, str],
    *,
    own: bool,
) -> LineView:
    person, where = said.person, said.where
    codes_left = [code for code in line.troubles if code not in {t.code for t in said.troubles}]
    troubles = [*said.troubles, *(Trouble(code) for code in codes_left)]
    return LineView(
        line.number,
        line.part,
        line.sheet,
        line.at,
        line.verdict,
        translate(locale, WHYS[line.why]) if WHYS.get(line.why) else "",
        line.state,
        said.title or (person.name if own else mask_name(person.name)),
        said.beside,
        translate(locale, RELATIONS[person.relation]) if person.relation else "",
        person.birth,
        mask_id(person.id_number) if person.id_number else "",
        mask_phone(person.phone) if person.phone else "",
        where.text,
        where.name,
        _place_words(said, locale) if line.verdict == "unplaced" else "",
        said.known,
        [_told(trouble, locale, rows) for trouble in troubles],
        [_changed(one, kind, locale) for one in said.differs],
        _perhaps(line, said, kind, locale),
        [Perhaps(id_, name, "") for id_, name in where.rivals],
        {key: str(value) for key, value in line.decided.items()},
        line.mended,
    )


def _perhaps(line: lines.LineKept, said: Said, kind: str, locale: Locale) -> list[Perhaps]:
    """Whom (or what) a line may mean. Somebody who was found can be somebody else all the same: two of
    one name, born on one day."""
    found = [Perhaps(one.id, one.name, one.where) for one in said.rivals]
    taken = line.target_id if line.verdict in ("changed", "moved", "merged") else None
    if kind == PEOPLE and taken is not None and taken not in {one.id for one in found}:
        found.append(Perhaps(taken, said.known, translate(locale, "系统里已有的这一位")))
    return found


def _told(trouble: Trouble, locale: Locale, rows: Mapping[int, str]) -> Told:
    values: dict[str, Any] = {
        key: translate(locale, _TOLD_CODES[key].get(str(value), str(value)))
        if key in _TOLD_CODES
        else value
        for key, value in trouble.values.items()
    }
    if "row" in values:
        values["row"] = rows.get(int(values["row"]), values["row"])
    words = Trouble(trouble.code, trouble.key, values).words(locale)
    return Told(trouble.code, trouble.key, words, trouble.refuses)


def _changed(one: Differs, kind: str, locale: Locale) -> Changed:
    codes: Mapping[str, str] = _CODES.get(one.key, {}) if kind == PEOPLE else {}

    def said(text: str) -> str:
        if one.key.startswith("d."):  # a register says what stands there in words of its own
            return translate(locale, text) if text else ""
        if not codes:
            return text
        return "、".join(translate(locale, codes.get(c, c)) for c in text.split(",") if c)

    name = translate(locale, _field_name(kind, one.key))
    return Changed(one.key, name, said(one.old), said(one.new))


def _place_words(said: Said, locale: Locale) -> str:
    if said.where.state == "likely":
        percent = round(said.where.score * 100)
        return translate(
            locale, "像是“{door}”({score}%),请确认。", door=said.where.name, score=percent
        )
    return translate(locale, reason_words(said.where.reason), **filled(said.where.values))


# -- what was not understood -----------------------------------------------------------------------


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
                _place_words(said, locale),
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
