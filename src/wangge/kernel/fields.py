"""The field dictionary: what is known about people, homes and firms, declared where it is kept.

Every column that holds something about somebody is a *field* with a meaning, a source, a
purpose, a legal basis and a time after which it goes (个人信息保护法 Art. 5, 6, 13, 19). A field
that lacks one of them cannot be declared, so nothing can be collected without them. Reports
pick their columns here; requests from outside are compared with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, cast, get_args

FieldKind = Literal["text", "date", "number", "bool", "code", "codes", "phone", "id_number"]
KINDS: tuple[FieldKind, ...] = get_args(FieldKind)
KIND_NAMES: Mapping[FieldKind, str] = {
    "text": "文字",
    "date": "日期",
    "number": "数字",
    "bool": "是或否",
    "code": "选项",
    "codes": "多个选项",
    "phone": "电话号码",
    "id_number": "证件号码",
}


class Basis(StrEnum):
    """Why it may be processed: 个人信息保护法 Art. 13 (1)(1)-(4)."""

    CONSENT = "consent"
    CONTRACT = "contract"
    STATUTORY_DUTY = "statutory_duty"
    PUBLIC_HEALTH_EMERGENCY = "public_health_emergency"
    PROTECT_LIFE = "protect_life"


BASIS_NAMES: Mapping[Basis, str] = {
    Basis.CONSENT: "本人同意",
    Basis.CONTRACT: "履行合同",
    Basis.STATUTORY_DUTY: "法定职责",
    Basis.PUBLIC_HEALTH_EMERGENCY: "突发公共卫生事件",
    Basis.PROTECT_LIFE: "保护生命健康和财产安全",
}


class Source(StrEnum):
    """Where a value comes from."""

    ASKED = "asked"
    DOCUMENT = "document"
    OFFICE = "office"
    DERIVED = "derived"
    SYSTEM = "system"


SOURCE_NAMES: Mapping[Source, str] = {
    Source.ASKED: "上门或电话询问",
    Source.DOCUMENT: "核对证件",
    Source.OFFICE: "社区和部门台账",
    Source.DERIVED: "由别的字段算出",
    Source.SYSTEM: "系统自动记录",
}

#: The classes of docs/privacy.md.
SENSITIVITY_NAMES: Mapping[int, str] = {1: "公开", 2: "工作", 3: "个人信息", 4: "敏感个人信息"}


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One entry of the dictionary.

    `key` is `subject.name`. `fresh_days` is for how many days a confirmed value counts as
    fresh; None is for what does not go stale. `retention` names a class of
    `kernel.retention`, or nothing for what is not about anybody. `also` are other headings
    that mean the same, as offices write them. `columns` are the `table.column`s it is kept in;
    none for what is computed. `codes` gives the Chinese name of each value of a `code` or
    `codes` field.
    """

    key: str
    name: str
    meaning: str
    source: Source
    kind: FieldKind
    purpose: str
    basis: Basis
    fresh_days: int | None
    retention: str
    sensitivity: int
    also: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    codes: Mapping[str, str] | None = None

    @property
    def subject(self) -> str:
        """What it is said of: resident, household, dwelling, enterprise…"""
        return self.key.split(".")[0]

    @property
    def personal(self) -> bool:
        """Whether a list of its values is a list of people's data."""
        return self.sensitivity >= 3


_fields: dict[str, FieldSpec] = {}


def field(
    key: str,
    name: str,
    *,
    meaning: str,
    source: str,
    kind: str,
    purpose: str,
    basis: str,
    fresh_days: int | None,
    retention: str,
    sensitivity: int,
    also: Sequence[str] = (),
    columns: Sequence[str] = (),
    codes: Mapping[str, str] | None = None,
) -> FieldSpec:
    """Declare a field; see `FieldSpec`. `name`, `meaning` and `purpose` are Chinese.

    `source` is one of `Source`, `kind` of `KINDS`, `basis` of `Basis`; `sensitivity` is 1 to 4.
    Raises ValueError for a second declaration of a key and for one that says too little.
    """
    if key in _fields:
        raise ValueError(f"field {key} is declared twice")
    wrong = [
        what
        for what, holds in {
            "key is subject.name": key.count(".") == 1 and all(key.split(".")),
            "a name": name.strip(),
            "a meaning": meaning.strip(),
            "a purpose": purpose.strip(),
            f"source in {[s.value for s in Source]}": source in set(Source),
            f"kind in {list(KINDS)}": kind in KINDS,
            f"basis in {[b.value for b in Basis]}": basis in set(Basis),
            "fresh_days > 0, or None": fresh_days is None or fresh_days > 0,
            "a class of kernel.retention": "." in retention or sensitivity in (1, 2),
            "sensitivity in 1..4": sensitivity in SENSITIVITY_NAMES,
            "columns are table.column": all(c.count(".") == 1 for c in columns),
            "codes belong to code and codes": (codes is not None)
            == (kind in ("code", "codes")),
        }.items()
        if not holds
    ]
    if wrong:
        raise ValueError(f"field {key} lacks: {'; '.join(wrong)}")
    made = FieldSpec(
        key,
        name,
        meaning,
        Source(source),
        cast("FieldKind", kind),
        purpose,
        Basis(basis),
        fresh_days,
        retention,
        sensitivity,
        tuple(also),
        tuple(columns),
        codes,
    )
    _fields[key] = made
    return made


def all_fields() -> dict[str, FieldSpec]:
    """Every field of the rooms imported so far, by key, in the order of declaration."""
    return dict(_fields)
