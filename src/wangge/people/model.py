"""Staff, posts, teams and residents: words, masks and rules, without a database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from wangge.kernel.actors import Role
from wangge.kernel.refusals import Invalid, Refusal
from wangge.kernel.settings import setting
from wangge.matching import read_id_number, read_phone

HELPER_DAYS = setting("people.helper_days", 30, "临时人员的岗位默认几天后到期")
REVEALS_PER_HOUR = setting("people.reveals_per_hour", 30, "每人每小时最多查看几次完整信息")

FAMILY_MAX = setting(
    "people.family_max", 15, "家庭户、合租户最多登记几人;再多要先核对门牌,或登记为集体户"
)
#: People in one collective household; a factory's dormitory is several, by floors or rooms.
COLLECTIVE_MAX = 2_000

#: Shortest reason for looking at a full number, in characters.
REASON_MIN = 4
#: A helper's post lasts at most this long; then somebody decides again.
HELPER_DAYS_MAX = 180

#: Roles that exist for a task only and always expire.
HELPER_ROLES: frozenset[Role] = frozenset({Role.PART_TIME_WORKER, Role.VOLUNTEER})
#: Roles that may also be lent for a task.
LENDABLE_ROLES: frozenset[Role] = HELPER_ROLES | {Role.POLICE, Role.DOCTOR}
#: 三员分立: nobody holds two of these (GB/T 22239-2019, level 3).
ADMINISTRATORS: frozenset[Role] = frozenset(
    {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN}
)
#: Roles nobody is given by hand.
MACHINE_ROLES: frozenset[Role] = frozenset({Role.CHANNEL, Role.SYSTEM})

#: The four platforms of the 1-4-1 system (domain.md §3.4); a district may add to them.
PLATFORMS: Mapping[str, str] = {
    "ZZ": "综治工作",
    "JG": "监管执法",
    "YJ": "应急管理",
    "GG": "公共服务",
}
ORG_KINDS: Mapping[str, str] = {
    "bureau": "局委办",
    "station": "站所",
    "team": "队伍",
    "company": "公司",
    "other": "其他",
}
#: What somebody may need, never why; a district's own list stands in people_tag_kind.
NEEDS: Mapping[str, str] = {
    "elder_alone": "独居老人",
    "elder": "高龄老人",
    "reduced_mobility": "行动不便",
    "hearing_sight": "听力视力不便",
    "infant": "婴幼儿",
    "expecting": "孕产妇",
    "medical_lane": "就医绿色通道",
    "medicine": "需代配药",
    "meal": "需送餐",
    "child_alone": "困境儿童",
    "hardship": "困难家庭",
    "no_phone": "不用手机",
    "interpreter": "需翻译或方言",
}
RELATIONS: Mapping[str, str] = {
    "head": "户主",
    "spouse": "配偶",
    "child": "子女",
    "child_in_law": "儿媳或女婿",
    "parent": "父母",
    "parent_in_law": "公婆或岳父母",
    "grandparent": "祖父母",
    "grandchild": "孙辈",
    "sibling": "兄弟姐妹",
    "relative": "其他亲属",
    "tenant": "租客",
    "carer": "保姆或护工",
    "other": "其他",
}
SEXES: Mapping[str, str] = {"male": "男", "female": "女", "unknown": "未登记"}
HOUSEHOLD_KINDS: Mapping[str, str] = {
    "family": "家庭户",
    "shared": "合租户",
    "collective": "集体户",
    "business": "商户",
    "other": "其他",
}
TENURES: Mapping[str, str] = {
    "owner": "自有",
    "tenant": "租住",
    "employer": "单位宿舍",
    "public": "公租房",
    "other": "其他",
    "unknown": "未登记",
}
ID_KINDS: Mapping[str, str] = {
    "id_card": "居民身份证",
    "passport": "护照",
    "hk_macau": "港澳居民证件",
    "taiwan": "台湾居民证件",
    "foreign_resident": "外国人永居证",
    "none": "无",
    "other": "其他",
}
#: Where somebody's household register (户籍) is.
HUKOU: Mapping[str, str] = {
    "local": "本社区",
    "county": "本区(县)",
    "province": "本省外区(县)",
    "elsewhere": "外省",
    "abroad": "境外",
    "unknown": "未登记",
}
#: How somebody is tied to a household they do not live in, or no longer.
TIES: Mapping[str, str] = {
    "lives": "曾住",
    "registered": "户籍在此",
    "owns": "房主",
    "rents": "承租",
}
#: Why somebody left the register.
LEFT_WHY: Mapping[str, str] = {
    "moved_away": "搬走",
    "died": "去世",
    "merged": "并入另一条",
    "mistake": "登错",
}
#: Why a household ended.
ENDED_WHY: Mapping[str, str] = {
    "moved": "搬走",
    "joined": "并入另一户",
    "empty": "已无人",
    "demolished": "房屋拆除",
    "mistake": "登错",
}


class Field(StrEnum):
    """What can be revealed of a person."""

    NAME = "name"
    PHONE = "phone"
    ID_NUMBER = "id_number"


class HomeField(StrEnum):
    """What can be revealed of a household."""

    LANDLORD_NAME = "landlord_name"
    LANDLORD_PHONE = "landlord_phone"


# -- masks (domain.md §12.4) -------------------------------------------------------------------


def mask_name(name: str) -> str:
    """张三丰 → 张*; the surname and one star, whatever the length."""
    name = name.strip()
    return f"{name[0]}*" if name else ""


def mask_phone(phone: str) -> str:
    """The first three and the last four digits: 199****0001."""
    if not phone:
        return ""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "****"


def mask_id(number: str) -> str:
    """The first three and the last two: 990*************12."""
    return f"{number[:3]}{'*' * (len(number) - 5)}{number[-2:]}" if len(number) > 5 else ""


#: What is wrong with a telephone number, by the reader's code.
PHONE_PROBLEMS: Mapping[str, str] = {
    "masked": "电话里有星号,请填完整号码。",
    "rounded": "电话被表格改成了科学计数,后几位已经丢失,请重填。",
    "characters": "电话里有不认识的字符,只填数字。",
    "length": "电话位数不对:手机 11 位,座机要带区号,如 0574-87650000。",
    "prefix": "没有这样的手机号段或区号,请核对前几位。",
    "several": "这里有不止一个电话,请只留一个。",
}
#: What is wrong with an identity number, by the reader's code.
ID_PROBLEMS: Mapping[str, str] = {
    "masked": "身份证号里有星号,请填完整号码。",
    "rounded": "身份证号被表格改成了科学计数,后几位已经丢失,请重填。",
    "characters": "身份证号里有不认识的字符。",
    "length": "身份证号应为 18 位(老号 15 位),请数一数。",
    "region": "身份证号前六位不是行政区划代码,请核对。",
    "date": "身份证号里的出生日期不存在,请核对第 7 到 14 位。",
    "future": "身份证号里的出生日期在今天之后,请核对。",
    "check": "身份证号最后一位校验码不符,有一位写错了,请核对。",
}


def clean_phone(text: str) -> str:
    """A phone number as it is kept: a mobile's 11 digits, 0574-87650000, or, from abroad, + and its
    digits; "" for none. Raises Invalid, which says what is wrong."""
    read = read_phone(text)
    if read.value is not None:
        return read.value
    if read.problem == "empty":
        return ""
    abroad = "".join(c for c in text if c.isascii() and c.isdigit())
    if text.strip().startswith("+") and not abroad.startswith("86") and 8 <= len(abroad) <= 15:
        return "+" + abroad
    raise Invalid.of("phone", PHONE_PROBLEMS[read.problem or "length"])


def clean_id_number(text: str) -> str:
    """18 characters of GB 11643 with a capital X; a number of 15 digits becomes one of 18; "" for
    none. Raises Invalid, which says what is wrong."""
    read = read_id_number(text)
    if read.value is not None:
        return read.value
    if read.problem == "empty":
        return ""
    raise Invalid.of("id_number", ID_PROBLEMS[read.problem or "length"])


# -- teams -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """One kind of place in a team: so many people of a role."""

    position: str
    role: Role
    count: int


@dataclass(frozen=True, slots=True)
class Template:
    """What a team of this kind is made of; rows, so that a district writes its own."""

    code: str
    name: str
    kind: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Vacancy:
    """Places of a team nobody has taken."""

    position: str
    role: Role
    missing: int


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a team. `position` is a template's word: 应急队员."""

    staff_id: UUID
    position: str


def vacancies(template: Template, members: Sequence[Member]) -> tuple[Vacancy, ...]:
    """The places of the template that these members leave open, in the template's order."""
    held: dict[str, int] = {}
    for member in members:
        held[member.position] = held.get(member.position, 0) + 1
    return tuple(
        Vacancy(place.position, place.role, place.count - held.get(place.position, 0))
        for place in template.places
        if place.count > held.get(place.position, 0)
    )


# -- rows ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Post:
    """A role over an area or over single units and buildings of it, until a moment."""

    id: UUID
    staff_id: UUID
    role: Role
    area_code: str
    unit_ids: tuple[UUID, ...]
    building_ids: tuple[UUID, ...]
    org_id: UUID | None
    helper: bool
    from_at: datetime
    until_at: datetime | None

    def live(self, now: datetime) -> bool:
        """Begun and not over."""
        return self.from_at <= now and (self.until_at is None or now < self.until_at)

    @property
    def narrow(self) -> bool:
        """Covers some doors of its area only."""
        return bool(self.unit_ids or self.building_ids)


@dataclass(frozen=True, slots=True)
class Org:
    """A department's body that handles cases: 供水服务站 on platform GG."""

    id: UUID
    code: str
    name: str
    platform: str
    area_code: str
    kind: str


@dataclass(frozen=True, slots=True)
class Team:
    """A team of a template over an area, until a moment."""

    id: UUID
    name: str
    kind: str
    area_code: str
    template: str
    from_at: datetime
    until_at: datetime | None

    def live(self, now: datetime) -> bool:
        return self.from_at <= now and (self.until_at is None or now < self.until_at)


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who works here. `phone_mask` is all that lists show."""

    id: UUID
    name: str
    phone_mask: str
    active: bool


@dataclass(frozen=True, slots=True)
class HouseholdRow:
    """One household as a loader brings it."""

    id: UUID
    dwelling_id: UUID
    area_code: str
    unit_id: UUID
    kind: str
    from_date: date
    tenure: str = "unknown"
    label: str = ""
    landlord_name: str = ""
    landlord_phone: str = ""
    confirmed_on: date | None = None


@dataclass(frozen=True, slots=True)
class ResidentRow:
    """One resident as a loader brings it, in plain; sealed before it is kept.

    `phone` and `id_number` may be "". Area and unit are those of the household. `since` is the
    day they came to live there, by default today; so is `confirmed_on`.
    """

    id: UUID
    household_id: UUID
    area_code: str
    unit_id: UUID
    name: str
    sex: str
    birth_year: int | None
    phone: str
    id_number: str
    relation: str
    tags: tuple[str, ...] = ()
    birth_date: date | None = None
    since: date | None = None
    hukou: str = "unknown"
    hukou_place: str = ""
    workplace: str = ""
    confirmed_on: date | None = None


# -- refusals -------------------------------------------------------------------------------------


@dataclass(eq=False)
class TwoAdministrators(Refusal):
    """三员分立."""

    says: ClassVar[str] = (
        "系统管理员、安全管理员、审计管理员要由三个人分别担任,不能一人兼两职。"
    )


@dataclass(eq=False)
class PostOver(Refusal):
    says: ClassVar[str] = "这个岗位已经结束。"


@dataclass(eq=False)
class TeamOver(Refusal):
    says: ClassVar[str] = "这支队伍已经解散。"


@dataclass(eq=False)
class OrgCodeTaken(Refusal):
    says: ClassVar[str] = "单位代码“{code_given}”已经用过,请换一个。"
    code_given: str


@dataclass(eq=False)
class IdNumberTaken(Refusal):
    says: ClassVar[str] = "这个身份证号已经登记在别的住户名下,请先核对。"


@dataclass(eq=False)
class LivesElsewhere(Refusal):
    """Somebody with this number lives in another household within the asker's reach; one person is
    one row, however many households they have to do with."""

    says: ClassVar[str] = (
        "这个身份证号的 {name_mask} 现在登记住在{place}。如果本人已搬来,请到那一户办“搬到别处”并选这一户;"
        "如果只是户籍或产权在这里,请在那一条记录上加一条“户籍在此”或“房主”。"
    )
    resident_id: UUID
    name_mask: str
    place: str


@dataclass(eq=False)
class HouseholdTooLarge(Refusal):
    """More people than a family has: a slip of the door, or a dormitory under the wrong name."""

    says: ClassVar[str] = (
        "这一户要登记 {size} 人,超过家庭户上限 {most} 人。如果是宿舍、养老院等,请把户类型改为“集体户”;"
        "如果不是,请核对楼栋、单元和房号是否写漏了。"
    )
    size: int
    most: int


@dataclass(eq=False)
class CollectiveTooLarge(Refusal):
    says: ClassVar[str] = (
        "一个集体户最多登记 {most} 人,现在是 {size} 人。请按楼层或房间分成几户。"
    )
    size: int
    most: int


@dataclass(eq=False)
class HasLeft(Refusal):
    says: ClassVar[str] = "{name_mask} 已不在登记中({why}),不能再改。"
    name_mask: str
    why: str


@dataclass(eq=False)
class HouseholdEnded(Refusal):
    says: ClassVar[str] = "这一户已经结束登记,不能再改。"


@dataclass(eq=False)
class TooManyReveals(Refusal):
    says: ClassVar[str] = "一小时内最多查看 {most} 次完整信息。请稍后再试,或联系社区专干。"
    status: ClassVar[int] = 429
    most: int


@dataclass(eq=False)
class NothingThere(Refusal):
    says: ClassVar[str] = "这一项没有登记。"
    status: ClassVar[int] = 404


def check_size(kind: str, size: int, family_max: int) -> None:
    """How many people a household of this kind may have. Raises HouseholdTooLarge with the ways out
    for a family of 41, CollectiveTooLarge for a dormitory beyond all measure."""
    if kind == "collective":
        if size > COLLECTIVE_MAX:
            raise CollectiveTooLarge(size, COLLECTIVE_MAX)
    elif size > family_max:
        raise HouseholdTooLarge(size, family_max)


def seal_context(row_id: UUID, field: str) -> bytes:
    """Associated data that binds a sealed value to its row and column."""
    return row_id.bytes + field.encode()


def template_of(code: str, name: str, kind: str, positions: Any) -> Template:
    """From a row of people_template."""
    return Template(
        code,
        name,
        kind,
        tuple(Place(p["position"], Role(p["role"]), int(p["count"])) for p in positions),
    )
