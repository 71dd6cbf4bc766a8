"""What the web room itself refuses."""

from dataclasses import dataclass
from typing import ClassVar

from wangge.kernel.refusals import Refusal


@dataclass(eq=False)
class ForeignSite(Refusal):
    """A browser was made to send this by another site."""

    says: ClassVar[str] = "这个请求不是从本系统的页面发出的,没有执行。请回到本系统的页面重试。"
    status: ClassVar[int] = 403


@dataclass(eq=False)
class LinkOver(Refusal):
    """A signed link to a file is too old, was changed, or was made for somebody else."""

    says: ClassVar[str] = "这个链接已经失效。请回到原来的页面刷新后再打开。"
    status: ClassVar[int] = 403


@dataclass(eq=False)
class TooManyScreens(Refusal):
    says: ClassVar[str] = "实时连接的屏幕太多了,页面仍可使用,请手动刷新。"
    status: ClassVar[int] = 503
    retry_after: int = 30
