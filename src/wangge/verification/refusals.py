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

    says: ClassVar[str] = "请至少指明姓名、身份证号、电话当中的一列,才能和登记核对。"
    status: ClassVar[int] = 422


@dataclass(eq=False)
class ColumnsSettled(Refusal):
    """The columns of a list whose rows somebody has worked at."""

    says: ClassVar[str] = (
        "这份名单已经有人处理过几行,不能再改各列的意思。请删除这份名单,重新上传,再指明各列。"
    )
    status: ClassVar[int] = 409


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


@dataclass(eq=False)
class NoRegister(Refusal):
    """A file given as a register that names nobody, or says nothing of them."""

    says: ClassVar[str] = (
        "《{name}》不像登记表:要有姓名,还要有身份证号、电话、地址当中的一列。读到的表头是:{headings}。"
    )
    status: ClassVar[int] = 422
    name: str
    headings: str
