"""What verification refuses."""

from dataclasses import dataclass
from typing import ClassVar

from wangge.kernel.refusals import Refusal


@dataclass(eq=False)
class ContactsNeedResponse(Refusal):
    """A list of contacts where no response that names contacts is live."""

    says: ClassVar[str] = (
        "这份名单写了接触情况。这里没有正在生效、并写明要收集“接触情况”的应急响应,不能收。"
        "请先由指挥中心宣布应急响应;或者删去接触、来源、发病各列再上传。"
    )
    status: ClassVar[int] = 409


@dataclass(eq=False)
class NoColumnOfPeople(Refusal):
    """A table without any column that says who is meant."""

    says: ClassVar[str] = (
        "没有认出姓名、身份证号或电话的列。请在表头写明,例如:姓名、身份证号、联系电话、现住址。"
    )
    status: ClassVar[int] = 422


@dataclass(eq=False)
class MenderCannotSign(Refusal):
    """Two people: whoever brought or mended a list cannot sign it."""

    says: ClassVar[str] = "上传或改过这份名单的人不能自己签字。请另一位有权限的人复核。"
    status: ClassVar[int] = 403


@dataclass(eq=False)
class NotLookedAt(Refusal):
    """Proposals nobody decided."""

    says: ClassVar[str] = "还有 {count} 条改正建议没有人看过。请先逐条采用或改为询问,再签字。"
    status: ClassVar[int] = 409
    count: int


@dataclass(eq=False)
class ListNotReady(Refusal):
    """The list is at another step."""

    says: ClassVar[str] = "这份名单现在“{phase}”,不能这样做。请刷新页面看看进展。"
    status: ClassVar[int] = 409
    phase: str


@dataclass(eq=False)
class RowDecided(Refusal):
    """Somebody was faster."""

    says: ClassVar[str] = "第 {row} 行已经有人处理过了。请刷新页面。"
    status: ClassVar[int] = 409
    row: int
