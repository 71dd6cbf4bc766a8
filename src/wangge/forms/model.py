"""The dictionary as a district has it, requests and their cost, contacts: rules without a database."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar, cast
from uuid import UUID

from wangge.forms.likeness import NUMBER, REMARK, Known, Match
from wangge.kernel.fields import (
    SENSITIVITY_NAMES,
    Basis,
    FieldKind,
    FieldSpec,
    Source,
)
from wangge.kernel.refusals import Invalid, Problem, Refusal
from wangge.kernel.settings import setting
from wangge.registers.kinds import KINDS

REST_DAYS = setting("forms.rest_days", 7, "同一户几天内已联系过的,不列入下一批要问的")
SECONDS_A_FIELD = setting(
    "forms.seconds_a_field", 20, "每户每问一项大约要多少秒(估算要表工作量)"
)

#: What a field may be said of, the things of the registers among them.
SUBJECTS: Mapping[str, str] = {
    "resident": "居民",
    "household": "住户",
    "dwelling": "房屋",
    "area": "区域",
    **{kind.code: kind.name for kind in KINDS.values()},
    "case": "事件",
}
#: What a district may add fields to.
OWN_SUBJECTS = ("resident", "household")
#: Kinds of fields a district may add. Numbers of people are sealed, and only the register seals.
OWN_KINDS: tuple[FieldKind, ...] = ("text", "date", "number", "bool", "code", "codes")
#: A field of one's own goes with the rest of what is known about the home.
OWN_RETENTION = "people.residents"
#: Fields of its own a district may have in use: a dictionary, not a diary.
OWN_MAX = 60
NAME_MAX, WORDS_MAX = 30, 200


class Frequency(StrEnum):
    """How often an outside table is wanted."""

    ONCE = "once"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"


FREQUENCY_NAMES: Mapping[Frequency, str] = {
    Frequency.ONCE: "只要一次",
    Frequency.DAILY: "每天",
    Frequency.WEEKLY: "每周",
    Frequency.MONTHLY: "每月",
    Frequency.QUARTERLY: "每季度",
    Frequency.YEARLY: "每年",
}
_DAYS_BETWEEN: Mapping[Frequency, int] = {
    Frequency.DAILY: 1,
    Frequency.WEEKLY: 7,
    Frequency.MONTHLY: 30,
    Frequency.QUARTERLY: 91,
    Frequency.YEARLY: 365,
}
#: A table without an end is counted for so long, so that its burden is not infinite.
COUNTED_DAYS = 365

REQUEST_STATES: Mapping[str, str] = {
    "waiting": "等待审批",
    "admitted": "已准入",
    "merged": "并入已有报表",
    "refused": "不准入",
    "withdrawn": "已撤回",
}
WAYS: Mapping[str, str] = {
    "sweep": "扫楼",
    "visit": "上门",
    "call": "电话",
    "message": "消息",
    "form": "填表",
    "counter": "来社区办事",
}
RESULTS: Mapping[str, str] = {
    "answered": "已答复",
    "partly": "答了一部分",
    "nobody": "没联系上",
    "refused": "不愿回答",
}


# -- refusals --------------------------------------------------------------------------------------


@dataclass(eq=False)
class FieldAlreadyHeld(Refusal):
    """A second field for the same thing would be asked for a second time."""

    says: ClassVar[str] = "字典里已有“{name}”({key}),就是同一件事,不要再收集一遍。请直接用它。"
    key: str
    name: str


@dataclass(eq=False)
class TooManyFields(Refusal):
    says: ClassVar[str] = "自建字段最多 {most} 个。请先停用不再需要的,已收集的内容会按期删除。"
    most: int


@dataclass(eq=False)
class RequestOver(Refusal):
    says: ClassVar[str] = "这项需求已经处理过了,请刷新页面查看结果。"


@dataclass(eq=False)
class OwnRequest(Refusal):
    says: ClassVar[str] = "自己提交的需求要由别人审批;不要了可以撤回。"
    status: ClassVar[int] = 403


@dataclass(eq=False)
class FlagAnswered(Refusal):
    says: ClassVar[str] = "这条举报已经有人答复了,请刷新页面查看。"


# -- the dictionary --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """A field as this district has it: the declaration with its own words and freshness, or a
    field of its own."""

    spec: FieldSpec
    own: bool
    changed: bool
    active: bool

    @property
    def key(self) -> str:
        return self.spec.key

    @property
    def known(self) -> Known:
        return Known(self.spec.key, self.spec.name, self.spec.also)


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A row of forms_entry; what is None is as declared."""

    id: UUID
    key: str
    own: bool
    name: str | None = None
    meaning: str | None = None
    also: tuple[str, ...] | None = None
    fresh_days: int | None = None
    source: str | None = None
    kind: str | None = None
    codes: dict[str, str] | None = None
    purpose: str | None = None
    basis: str | None = None
    retention: str | None = None
    sensitivity: int | None = None
    active: bool = True


class Dictionary:
    """Every field there is here. Never changed after it is made."""

    def __init__(self, declared: Mapping[str, FieldSpec], rows: Sequence[EntryRow]) -> None:
        changes = {row.key: row for row in rows}
        entries = [_changed(spec, changes.get(key)) for key, spec in declared.items()]
        entries += [_own(row) for row in rows if row.own and row.key not in declared]
        self._entries = {entry.key: entry for entry in entries}

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, key: str) -> Entry | None:
        """One entry, in use or not; None for a key that never was."""
        return self._entries.get(key)

    def spec(self, key: str) -> FieldSpec:
        """A field in use. Raises Invalid."""
        entry = self._entries.get(key)
        if entry is None or not entry.active:
            raise Invalid.of("key", "字典里没有“{key}”这个字段,或已停用。", key=key)
        return entry.spec

    def all(self, subject: str = "", *, active: bool = True) -> list[Entry]:
        """Entries by subject in the order of declaration; own ones come last."""
        return [
            entry
            for entry in self._entries.values()
            if (not subject or entry.spec.subject == subject) and (entry.active or not active)
        ]

    @property
    def subjects(self) -> list[str]:
        """Subjects that have fields, in order."""
        return list(dict.fromkeys(entry.spec.subject for entry in self._entries.values()))


def _changed(spec: FieldSpec, row: EntryRow | None) -> Entry:
    if row is None:
        return Entry(spec, own=False, changed=False, active=True)
    made = replace(
        spec,
        name=row.name or spec.name,
        meaning=row.meaning or spec.meaning,
        also=tuple(dict.fromkeys((*spec.also, *(row.also or ())))),
        fresh_days=row.fresh_days or spec.fresh_days,
    )
    return Entry(made, own=False, changed=True, active=row.active)


def _own(row: EntryRow) -> Entry:
    spec = FieldSpec(
        row.key,
        row.name or row.key,
        row.meaning or "",
        Source(row.source or "asked"),
        cast("FieldKind", row.kind or "text"),
        row.purpose or "",
        Basis(row.basis or "consent"),
        row.fresh_days,
        row.retention or "",
        row.sensitivity or 3,
        row.also or (),
        (),
        row.codes,
    )
    return Entry(spec, own=True, changed=False, active=row.active)


@dataclass(frozen=True, slots=True)
class OwnField:
    """A field a district adds. Everything must be said; `options` are the choices of a code field,
    each its own name."""

    subject: str
    name: str
    meaning: str
    kind: str
    purpose: str
    basis: str
    retention: str
    sensitivity: int
    fresh_days: int | None = None
    also: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


def check_own(field: OwnField) -> None:
    """Raises Invalid with everything that is missing (个人信息保护法 Art. 5, 6, 13, 19)."""
    wrong: list[Problem] = []

    def want(holds: object, name: str, words: str, **values: object) -> None:
        if not holds:
            wrong.append(Problem(name, words, None, values))

    want(field.subject in OWN_SUBJECTS, "subject", "请选择这个字段说的是谁。")
    want(
        1 <= len(field.name.strip()) <= NAME_MAX,
        "name",
        "字段名应为 1 到 {most} 个字。",
        most=NAME_MAX,
    )
    want(
        1 <= len(field.meaning.strip()) <= WORDS_MAX,
        "meaning",
        "请写清楚含义,别人才不会填错。",
    )
    want(
        field.kind in OWN_KINDS,
        "kind",
        "请选择内容的类型。电话和证件号要加密保存,请用系统自带的字段。",
    )
    want(
        2 <= len(field.purpose.strip()) <= WORDS_MAX,
        "purpose",
        "没有写明用途的,不能收集(个人信息保护法第六条)。",
    )
    want(
        field.basis in set(Basis),
        "basis",
        "没有法律依据的,不能收集(个人信息保护法第十三条)。",
    )
    want(
        field.basis != Basis.PUBLIC_HEALTH_EMERGENCY,
        "basis",
        "“突发公共卫生事件”只能用于已宣布的应急响应,请选别的依据。",
    )
    want(
        field.retention == OWN_RETENTION,
        "retention",
        "没有写明保存多久的,不能收集(个人信息保护法第十九条)。",
    )
    want(field.sensitivity in SENSITIVITY_NAMES, "sensitivity", "请选择敏感程度。")
    want(field.sensitivity >= 3, "sensitivity", "关于人和家庭的内容至少是“个人信息”。")
    want(
        field.fresh_days is None or 1 <= field.fresh_days <= 3650,
        "fresh_days",
        "多少天内算新鲜:应为 1 到 3650 天。",
    )
    codes = field.kind in ("code", "codes")
    want(
        not codes or 2 <= len(field.options) <= 30,
        "options",
        "选项类字段要写 2 到 30 个选项,一行一个。",
    )
    want(codes or not field.options, "options", "只有选项类字段才写选项。")
    if wrong:
        raise Invalid.all(wrong)


def own_key(subject: str, number: int) -> str:
    """The key of a district's own field: numbered, since its name may be put better later."""
    return f"{subject}.own_{number}"


def read_value(spec: FieldSpec, text: str) -> str:
    """An answer as it is kept: dates as ISO, yes and no as 1 and 0, choices by their code, several
    of them with commas; "" stays "". Raises Invalid naming the field."""
    text = text.strip()
    if not text:
        return ""

    def refuse(words: str) -> Invalid:
        return Invalid.of(spec.key, words, name=spec.name, given=text[:40])

    if spec.kind == "bool":
        found = {"是": "1", "有": "1", "1": "1", "true": "1", "yes": "1"} | {
            **dict.fromkeys(("否", "无", "没有", "0", "false", "no"), "0")
        }
        if text.lower() not in found:
            raise refuse("“{name}”应填是或否,“{given}”看不懂。")
        return found[text.lower()]
    if spec.kind == "number":
        if not re.fullmatch(r"-?\d{1,12}(\.\d{1,4})?", text):
            raise refuse("“{name}”应填数字,“{given}”不是。")
        return text
    if spec.kind == "date":
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            raise refuse("“{name}”应填日期,写成 2026-03-18 的样子。") from None
    if spec.kind in ("code", "codes"):
        codes = spec.codes or {}
        by_name = {name: code for code, name in codes.items()}
        parts = re.split(r"[,,、;;]", text) if spec.kind == "codes" else [text]
        read = [by_name.get(part.strip(), part.strip()) for part in parts if part.strip()]
        if any(code not in codes for code in read):
            raise refuse("“{name}”里没有“{given}”这个选项。")
        return ",".join(read)
    if len(text) > WORDS_MAX:
        raise refuse("“{name}”太长了。")
    return text


def said(spec: FieldSpec, value: str) -> str:
    """A kept value as people read it."""
    if spec.kind == "bool":
        return {"1": "是", "0": "否"}.get(value, "")
    if spec.kind in ("code", "codes"):
        codes = spec.codes or {}
        return "、".join(codes.get(code, code) for code in value.split(",") if code)
    return value


# -- requests for tables ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AskedColumn:
    """One column of a request. `held`: the share of fresh values we have, 0 to 1; None for what is
    not in the dictionary."""

    words: str
    key: str | None
    field: str
    sure: bool
    why: str
    held: float | None
    fresh: float | None

    @property
    def filler(self) -> bool:
        """Numbers and remarks: nobody is asked for them."""
        return self.key in (NUMBER, REMARK)

    @property
    def new(self) -> bool:
        return self.key is None


def columns_of(
    matches: Sequence[Match], freshness: Mapping[str, "Freshness"]
) -> tuple[AskedColumn, ...]:
    """What a table asks for, beside what we know of each column."""
    found: list[AskedColumn] = []
    for match in matches:
        fresh = freshness.get(match.key or "")
        found.append(
            AskedColumn(
                match.heading.words,
                match.key,
                match.field,
                match.sure,
                match.why,
                None if fresh is None else fresh.held_share,
                None if fresh is None else fresh.fresh_share,
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Burden:
    """What a request costs the households and whoever asks them. Minutes of one round, rounds
    until its end, and how much of it is for columns that are held already."""

    households: int
    minutes_each: int
    rounds: int
    columns: int
    known: int
    new: int

    @property
    def minutes_round(self) -> int:
        return self.households * self.minutes_each

    @property
    def hours(self) -> int:
        """All rounds together."""
        return round(self.minutes_round * self.rounds / 60)

    @property
    def hours_needed(self) -> int:
        """If only the new columns were asked."""
        asked = self.known + self.new
        return round(self.hours * self.new / asked) if asked else 0

    @property
    def hours_saved(self) -> int:
        return self.hours - self.hours_needed


def rounds(frequency: Frequency, begin: date, until: date | None) -> int:
    """How often a table is filled until its end, at most for a year."""
    if frequency is Frequency.ONCE:
        return 1
    days = COUNTED_DAYS if until is None else min(COUNTED_DAYS, max(0, (until - begin).days))
    return days // _DAYS_BETWEEN[frequency] + 1


# -- freshness -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Freshness:
    """How a field stands in an area: all subjects, those with a value, those with a fresh one."""

    key: str
    area_code: str
    total: int
    held: int
    fresh: int

    @property
    def held_share(self) -> float:
        return round(self.held / self.total, 3) if self.total else 0.0

    @property
    def fresh_share(self) -> float:
        return round(self.fresh / self.total, 3) if self.total else 0.0


# -- contacts --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Contact:
    """One household was asked something. `keys` are fields of the dictionary, `office` is for whom
    (empty: for ourselves)."""

    household_id: UUID
    keys: tuple[str, ...]
    way: str
    result: str = "answered"
    office: str = ""


@dataclass(frozen=True, slots=True)
class Before:
    """That a household was asked for a field already. `answered_at` is the last time somebody got
    an answer; while it is fresh (until `fresh_until`) nobody need ask again."""

    household_id: UUID
    key: str
    asked_at: datetime
    way: str
    result: str
    office: str
    by_id: UUID
    answered_at: datetime | None

    def fresh_until(self, spec: FieldSpec) -> datetime | None:
        """None: never answered. A field that does not go stale is fresh for ever."""
        if self.answered_at is None:
            return None
        if spec.fresh_days is None:
            return datetime.max.replace(tzinfo=self.answered_at.tzinfo)
        return self.answered_at + timedelta(days=spec.fresh_days)


#: Names of codes that pages show, for the test that demands their English.
NAMES_FOR_WORDS: Mapping[str, Sequence[str]] = {
    "subjects": list(SUBJECTS.values()),
    "frequencies": list(FREQUENCY_NAMES.values()),
    "request states": list(REQUEST_STATES.values()),
    "ways": list(WAYS.values()),
    "results": list(RESULTS.values()),
}
