"""Refusals: what we say when we will not do a thing, as data.

One object becomes problem+json for a program (RFC 9457), a sentence beside a form, a line on a
phone. Whatever is not a Refusal is a bug: it is logged and alarmed, and its text is never shown.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from typing import Any, ClassVar

from wangge.kernel.i18n import Locale, translate
from wangge.kernel.moments import local

_registry: dict[str, type["Refusal"]] = {}


class Refusal(Exception):
    """Base of all refusals. Subclass with `@dataclass(eq=False)`; fields are the data.

    `says` is a Chinese template formatted with the fields (its English is in the room's
    `locale/en.json`); `status` is the HTTP status; `code` is made from the class name.
    """

    says: ClassVar[str] = "这件事现在不能做。"
    status: ClassVar[int] = 409
    code: ClassVar[str] = "refusal"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.code = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()
        before = _registry.get(cls.code)
        if before is not None and before.__module__ != cls.__module__:
            raise TypeError(f"refusal {cls.code} is in {before.__module__} already")
        _registry[cls.code] = cls

    def data(self) -> dict[str, Any]:
        """The refusal's own fields."""
        own: Any = self  # every refusal with data is a dataclass
        return {f.name: getattr(own, f.name) for f in fields(own)} if is_dataclass(own) else {}

    def words(self, locale: Locale = "zh") -> str:
        """The sentence for a person."""
        shown = {
            key: local(value) if isinstance(value, datetime) else value
            for key, value in self.data().items()
        }
        return translate(locale, self.says, **shown)

    def __str__(self) -> str:
        return self.words("en")


def all_refusals() -> dict[str, type[Refusal]]:
    """Every refusal there is, by code (for the docs test)."""
    return dict(_registry)


@dataclass(eq=False)
class NotFound(Refusal):
    """Out of reach and out of existence look the same."""

    says: ClassVar[str] = "没有找到{what},或不在您的责任范围内。"
    status: ClassVar[int] = 404
    what: str = "这条记录"


@dataclass(eq=False)
class Forbidden(Refusal):
    """The thing is within reach, the act is not."""

    says: ClassVar[str] = "您的岗位不能“{act}”。请联系网格长或指挥室。"
    status: ClassVar[int] = 403
    act: str


@dataclass(eq=False)
class NotSignedIn(Refusal):
    says: ClassVar[str] = "请先登录。"
    status: ClassVar[int] = 401


@dataclass(eq=False)
class Stale(Refusal):
    """Somebody changed it since the asker last looked."""

    says: ClassVar[str] = "在您打开之后,别人已经改过这条记录。请刷新后再试,您填的内容还在。"
    status: ClassVar[int] = 409
    version: int


@dataclass(eq=False)
class TooMany(Refusal):
    says: ClassVar[str] = "操作太频繁,请 {retry_after} 秒后再试。紧急情况请拨 110、119、120。"
    status: ClassVar[int] = 429
    retry_after: int


@dataclass(eq=False)
class Busy(Refusal):
    """The server has more than it can take now; nothing was kept, send it again."""

    says: ClassVar[str] = "系统正忙,请 {retry_after} 秒后自动重试,您的内容没有丢。"
    status: ClassVar[int] = 503
    retry_after: int


@dataclass(eq=False)
class DeedReused(Refusal):
    """The same deed id came with another body or another actor."""

    says: ClassVar[str] = "这个操作编号已经用过,内容却不同。请重新填写后提交。"
    status: ClassVar[int] = 409


@dataclass(eq=False)
class UnknownLetter(Refusal):
    """Sealed to another key than ours, for another deed or by another person, or damaged."""

    says: ClassVar[str] = (
        "这一条加密的内容打不开(可能不是本人交的,或系统换过密钥)。请重新填写后提交。"
    )
    status: ClassVar[int] = 422


@dataclass(frozen=True, slots=True)
class Problem:
    """One wrong thing in what somebody sent: where it is, and the way out."""

    field: str
    words: str
    row: int | None = None
    values: Mapping[str, Any] | None = None

    def said(self, locale: Locale) -> dict[str, Any]:
        """As sent to a program: the words are made from the values, never the other way."""
        answer: dict[str, Any] = {
            "field": self.field,
            "words": translate(locale, self.words, **(self.values or {})),
        }
        if self.row is not None:
            answer["row"] = self.row
        return answer


@dataclass(eq=False)
class Invalid(Refusal):
    """What was sent cannot be taken as it is; each problem names its field (and row)."""

    says: ClassVar[str] = "有 {count} 处需要改正,改好后再提交。"
    status: ClassVar[int] = 422
    problems: tuple[Problem, ...] = ()
    count: int = 0

    @classmethod
    def of(
        cls, field_name: str, words: str, *, row: int | None = None, **values: Any
    ) -> "Invalid":
        """The usual case: one field is wrong."""
        return cls.all([Problem(field_name, words, row, values)])

    @classmethod
    def all(cls, problems: Iterable[Problem]) -> "Invalid":
        """Everything that is wrong, at once, so that a person mends a form in one go."""
        found = tuple(problems)
        return cls(found, len(found))

    def words(self, locale: Locale = "zh") -> str:
        if len(self.problems) == 1:
            one = self.problems[0]
            return translate(locale, one.words, **(one.values or {}))
        return super().words(locale)


def as_problem(refusal: Refusal, locale: Locale) -> dict[str, Any]:
    """RFC 9457 problem+json. Extra members carry the refusal's own data."""
    body: dict[str, Any] = {
        "type": f"urn:wangge:refusal:{refusal.code}",
        "title": refusal.words(locale),
        "status": refusal.status,
        "code": refusal.code,
    }
    if isinstance(refusal, Invalid):
        body["problems"] = [problem.said(locale) for problem in refusal.problems]
    else:
        body["data"] = refusal.data()
    return body
