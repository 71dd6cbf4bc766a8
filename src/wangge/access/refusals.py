"""What the access room refuses. Nothing here tells whether a login exists."""

from dataclasses import dataclass
from typing import ClassVar

from wangge.kernel.refusals import Refusal


@dataclass(eq=False)
class SignInWrong(Refusal):
    """Unknown login, wrong password, closed account: one answer for all."""

    says: ClassVar[str] = "账号或密码不对。忘记密码请联系系统管理员重新邀请。"
    status: ClassVar[int] = 401


@dataclass(eq=False)
class SignInPaused(Refusal):
    says: ClassVar[str] = "试的次数太多,请 {retry_after} 秒后再试。急事请让同事代办。"
    status: ClassVar[int] = 429
    retry_after: int


@dataclass(eq=False)
class SecondFactorWanted(Refusal):
    says: ClassVar[str] = "请再输入验证器上的 6 位数字。"
    status: ClassVar[int] = 401


@dataclass(eq=False)
class SecondFactorMissing(Refusal):
    """A desk role without a second factor signs in on a page, where it can be set up."""

    says: ClassVar[str] = "您的岗位要求第二重验证。请先在电脑上登录一次,按提示设置验证器。"
    status: ClassVar[int] = 401


@dataclass(eq=False)
class SecondFactorWrong(Refusal):
    says: ClassVar[str] = "这个数字不对或已经用过。请等验证器换出新的数字再输入。"
    status: ClassVar[int] = 401


@dataclass(eq=False)
class InvitationWrong(Refusal):
    """No such code, expired, used, or the wrong PIN: one answer for all."""

    says: ClassVar[str] = "邀请无效、已过期,或口令不对。请向邀请您的人要一份新的邀请。"
    status: ClassVar[int] = 403


@dataclass(eq=False)
class LoginTaken(Refusal):
    says: ClassVar[str] = "登录名“{login}”已经有人用了,请换一个。"
    status: ClassVar[int] = 409
    login: str


@dataclass(eq=False)
class NotYourOwn(Refusal):
    """An administrator does not do this to their own account."""

    says: ClassVar[str] = "这件事不能对自己的账号做,请由另一位管理员操作。"
    status: ClassVar[int] = 403
