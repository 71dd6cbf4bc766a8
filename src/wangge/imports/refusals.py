"""Why an import will not do what was asked of it."""

from dataclasses import dataclass
from typing import ClassVar

from wangge.kernel.refusals import Refusal


@dataclass(eq=False)
class NotInThisPhase(Refusal):
    """Columns cannot change while rows are taken, nor rows after an undo."""

    says: ClassVar[str] = "这次导入现在“{phase}”,不能这样做。请刷新页面看看进展。"
    phase: str


@dataclass(eq=False)
class NothingToApply(Refusal):
    says: ClassVar[str] = "没有可以登记的行。请先改好被退回的行,或到待落户清单里指明门牌。"


@dataclass(eq=False)
class NothingApplied(Refusal):
    says: ClassVar[str] = "这次导入还没有登记任何内容,不用撤销。"


@dataclass(eq=False)
class AreaNotChosen(Refusal):
    """Doors are looked for in one area."""

    says: ClassVar[str] = "请选择这张表是哪个社区(街道)的。"
    status: ClassVar[int] = 422


@dataclass(eq=False)
class OnlyItsUploader(Refusal):
    """What a table says in plain is for whoever brought it."""

    says: ClassVar[str] = "表里的原文只有上传的人能看、能改。您可以指明门牌、登记或撤销。"
    status: ClassVar[int] = 403


@dataclass(eq=False)
class ListChanged(Refusal):
    """What was previewed is not what would be done now."""

    says: ClassVar[str] = "预览之后名单有了变化,没有动任何人。请重新预览,看过再做。"


@dataclass(eq=False)
class NothingToDo(Refusal):
    says: ClassVar[str] = "名单里没有要改的人。请换一种操作,或放宽范围。"
