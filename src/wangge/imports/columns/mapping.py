"""What the columns of a register table mean: guessed from headings and contents, then decided by
whoever imports it, and remembered for the next table with those headings."""

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import msgspec

from wangge.imports.columns.fields import PEOPLE, targets
from wangge.kernel.refusals import Invalid
from wangge.registers.kinds import KINDS

#: Columns that together make one thing, people beside the head in one row, words explained.
COLUMNS_MAX, MEMBERS_MAX, VALUES_MAX = 8, 20, 2000
#: How consent to noting a need may have been given (people_tag.consent).
CONSENTS: Map[str, str] = {
    "spoken": "口头同意",
    "written": "书面同意",
    "guardian": "监护人同意",
}


@dataclass(frozen=True, slots=True)
class Member:
    """Another person in the same row: their relation to the head, and their own columns."""

    relation: str
    columns: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Mapping:
    """Target → headings.

    columns  of the row's person (or the household's head) and of the door
    members  people beside them in the same row
    values   target → (a word of the table → our code): relations, needs, nicknames of houses
    make     make doors, stairwells and houses that are not there
    sure     take proposals of doors that are likely but not certain (`Placed.score` below SURE)
    consent  how consent to noting needs was given; "" notes none that needs it
    listed   the day on which the table was true; None says today
    estate   the estate of doors that name none (1-1-901); "" when the whole area is looked at
    """

    columns: dict[str, tuple[str, ...]]
    members: tuple[Member, ...] = ()
    values: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    make: bool = False
    sure: bool = False
    consent: str = ""
    listed: date | None = None
    estate: str = ""

    def headings(self) -> set[str]:
        """Every heading that is read; the others are kept out."""
        own = [self.columns, *(member.columns for member in self.members)]
        return {one for columns in own for headings in columns.values() for one in headings}

    def has(self, *keys: str) -> bool:
        """Whether any of these targets has a column."""
        return any(self.columns.get(key) for key in keys)

    def checked(self, kind: str, headings: Sequence[str]) -> "Mapping":
        """Itself, if it fits such a table. Raises Invalid naming every misfit."""
        wrong = [*self._misfits(kind, headings), *self._missing(kind)]
        if wrong:
            raise Invalid.all([one.problems[0] for one in wrong])
        return self

    def _misfits(self, kind: str, headings: Sequence[str]) -> list[Invalid]:
        known, there, wrong = targets(kind), set(headings), list[Invalid]()
        for columns in (self.columns, *(member.columns for member in self.members)):
            for key, wanted in columns.items():
                if key not in known:
                    wrong.append(Invalid.of(key, "没有“{name}”这一项可填。", name=key[:40]))
                if len(wanted) > COLUMNS_MAX:
                    wrong.append(
                        Invalid.of(key, "一项最多由 {most} 列组成。", most=COLUMNS_MAX)
                    )
                wrong += [
                    Invalid.of(key, "表里没有“{heading}”这一列。", heading=one[:60])
                    for one in wanted
                    if one not in there
                ]
        if len(self.members) > MEMBERS_MAX:
            wrong.append(Invalid.of("members", "一行最多 {most} 个成员。", most=MEMBERS_MAX))
        if sum(map(len, self.values.values())) > VALUES_MAX:
            wrong.append(Invalid.of("values", "对照的说法最多 {most} 条。", most=VALUES_MAX))
        if self.consent and self.consent not in CONSENTS:
            wrong.append(
                Invalid.of("consent", "没有“{how}”这种同意方式。", how=self.consent[:20])
            )
        return wrong

    def _missing(self, kind: str) -> list[Invalid]:
        wrong: list[Invalid] = []
        if kind == PEOPLE and not self.has("name", "name_phone", "head"):
            wrong.append(Invalid.of("name", "请指明哪一列是姓名。"))
        if (kind == PEOPLE or KINDS[kind].at_door) and not self.has("door", "room", "building"):
            wrong.append(Invalid.of("door", "请指明哪一列是门牌,或哪几列是幢、单元、室。"))
        if kind != PEOPLE:
            wrong += [
                Invalid.of(key, "请指明哪一列是{field}。", field=targets(kind)[key].name)
                for key in ("name", "plate")
                if key in targets(kind) and not self.has(key)
            ]
        return wrong

    def fit(self, headings: Sequence[str]) -> "Mapping":
        """Without the columns such a table does not have."""
        there = set(headings)
        members = [replace(m, columns=_fitted(m.columns, there)) for m in self.members]
        return replace(
            self,
            columns=_fitted(self.columns, there),
            members=tuple(member for member in members if member.columns),
        )

    def remembered(self) -> "Mapping":
        """What holds for the next table with these headings too: columns and words, not what was
        decided for this one."""
        values = {key: words for key, words in self.values.items() if key != "place"}
        return Mapping(self.columns, self.members, values)

    def builtins(self) -> dict[str, Any]:
        """As JSON."""
        made: dict[str, Any] = msgspec.to_builtins(self)
        return made


def _fitted(columns: Map[str, tuple[str, ...]], there: set[str]) -> dict[str, tuple[str, ...]]:
    kept = {key: tuple(h for h in wanted if h in there) for key, wanted in columns.items()}
    return {key: found for key, found in kept.items() if found}


def read_mapping(raw: Any) -> Mapping:
    """A mapping from JSON. Raises Invalid naming the field."""
    try:
        return msgspec.convert(raw, Mapping)
    except msgspec.ValidationError as wrong:
        raise Invalid.of("mapping", "列对照的格式不对:{detail}", detail=str(wrong)) from wrong
