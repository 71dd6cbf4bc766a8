"""Codes and kinds of areas. A code is its own path, so most questions are about prefixes."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID, uuid5

from wangge.kernel.refusals import Invalid, Refusal


class AreaKind(StrEnum):
    """The five levels that have codes (domain.md §3.1, §3.5)."""

    COUNTY = "county"
    STREET = "street"
    COMMUNITY = "community"
    GRID = "grid"
    MICRO_GRID = "micro_grid"


#: Digits of a code, by kind.
LENGTHS: dict[AreaKind, int] = {
    AreaKind.COUNTY: 6,
    AreaKind.STREET: 9,
    AreaKind.COMMUNITY: 12,
    AreaKind.GRID: 15,
    AreaKind.MICRO_GRID: 18,
}
KINDS: dict[int, AreaKind] = {length: kind for kind, length in LENGTHS.items()}

KIND_NAMES: dict[AreaKind, str] = {
    AreaKind.COUNTY: "区(县)",
    AreaKind.STREET: "街道(镇)",
    AreaKind.COMMUNITY: "社区(村)",
    AreaKind.GRID: "网格",
    AreaKind.MICRO_GRID: "微网格",
}
#: What a grid or a micro-grid may be; other kinds have none.
GRID_KINDS: dict[AreaKind, tuple[str, ...]] = {
    AreaKind.GRID: ("base", "dedicated"),
    AreaKind.MICRO_GRID: ("stairwell", "checkpoint", "enterprise"),
}
GRID_KIND_NAMES: dict[str, str] = {
    "base": "基础网格",
    "dedicated": "专属网格",
    "stairwell": "楼道微网格",
    "checkpoint": "卡口微网格",
    "enterprise": "企业微网格",
}

_NAMESPACE = UUID("6d1f4e0a-3a52-5c0b-9a51-0c4f6a7e1b11")


def area_id(code: str) -> UUID:
    """The id under which facts speak of an area: a UUIDv5 of its code."""
    return uuid5(_NAMESPACE, code)


def kind_of(code: str, field: str = "code") -> AreaKind:
    """The kind that a code's length says. Raises Invalid for what is no code."""
    if not code.isascii() or not code.isdigit():
        raise Invalid.of(field, "区域代码只能是数字,“{code}”不是。", code=code)
    kind = KINDS.get(len(code))
    if kind is None:
        raise Invalid.of(
            field,
            "区域代码“{code}”有 {length} 位。应为 6 位(区县)、9 位(街道)、12 位(社区)、"
            "15 位(网格)或 18 位(微网格)。",
            code=code,
            length=len(code),
        )
    return kind


def parent_of(code: str) -> str | None:
    """The code one level up; None for a county."""
    return code[:-3] if len(code) > 6 else None


def levels(code: str) -> list[str]:
    """The code itself and everything above it, deepest first."""
    return [code[:length] for length in (18, 15, 12, 9, 6) if length <= len(code)]


@dataclass(frozen=True, slots=True)
class Area:
    """One area, without its boundary. `successors` is empty while it is open."""

    code: str
    kind: AreaKind
    grid_kind: str | None
    name: str
    valid_from: date
    valid_to: date | None
    successors: tuple[str, ...]
    centre_lon: float | None
    centre_lat: float | None
    has_boundary: bool

    @property
    def open(self) -> bool:
        """Not closed yet."""
        return self.valid_to is None


@dataclass(eq=False)
class CodeTaken(Refusal):
    """Codes are never used twice, not even after an area was closed."""

    says: ClassVar[str] = "代码 {code_given} 已经用过。停用的代码也不能再用,请换一个。"
    code_given: str


@dataclass(eq=False)
class AreaIsClosed(Refusal):
    says: ClassVar[str] = "“{name}”已经停用,不能再改。"
    name: str


@dataclass(eq=False)
class AreaStillHasParts(Refusal):
    """An area cannot close over the heads of its parts."""

    says: ClassVar[str] = "“{name}”下面还有 {count} 个在用的区域,请先停用或调整它们。"
    name: str
    count: int
