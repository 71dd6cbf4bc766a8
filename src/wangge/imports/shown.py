"""Lines in words: what a row says about somebody, what is wrong with it and what would change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from wangge.imports.columns.fields import PEOPLE, targets
from wangge.imports.judged import opened_lines
from wangge.imports.model import WHYS
from wangge.imports.queries import lines
from wangge.imports.queries.staging import Import
from wangge.imports.records import Differs, Said
from wangge.imports.troubles import BAD, NOTED, REFUSED, REMARK, Trouble
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.i18n import Locale, translate
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


def bare(code: str, kind: str, locale: Locale) -> str:
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
        place_words(said, locale) if line.verdict == "unplaced" else "",
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


def place_words(said: Said, locale: Locale) -> str:
    if said.where.state == "likely":
        percent = round(said.where.score * 100)
        return translate(
            locale, "像是“{door}”({score}%),请确认。", door=said.where.name, score=percent
        )
    words = reason_words(said.where.reason, rivals=bool(said.where.rivals))
    return translate(locale, words, **filled(said.where.values))


# -- what was not understood -----------------------------------------------------------------------
