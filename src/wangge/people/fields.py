"""What is known about residents and households: every column that says something of somebody."""

from collections.abc import Mapping

from wangge.kernel.fields import FieldSpec, field
from wangge.people.model import (
    ENDED_WHY,
    HOUSEHOLD_KINDS,
    HUKOU,
    ID_KINDS,
    LEFT_WHY,
    NEEDS,
    RELATIONS,
    SEXES,
    TENURES,
)

_GONE = "people.residents"
#: A half-year: the rhythm of a community's visits (domain.md §11 row 15). A district may change it.
_HALF = 180


def _of_person(
    key: str,
    name: str,
    meaning: str,
    purpose: str,
    *columns: str,
    kind: str = "text",
    source: str = "asked",
    basis: str = "statutory_duty",
    fresh: int | None = None,
    sensitivity: int = 3,
    also: str = "",
    codes: Mapping[str, str] | None = None,
) -> FieldSpec:
    return field(
        key,
        name,
        meaning=meaning,
        source=source,
        kind=kind,
        purpose=purpose,
        basis=basis,
        fresh_days=fresh,
        retention=_GONE,
        sensitivity=sensitivity,
        also=tuple(also.split()),
        columns=columns,
        codes=codes,
    )


NAME = _of_person(
    "resident.name",
    "姓名",
    "本人姓名,与证件一致",
    "上门服务和应急时找到本人",
    "people_resident.name",
    "people_resident.name_mask",
    "people_resident.sound",
    fresh=_HALF * 4,
    also="名字 居民姓名 人员姓名 住户姓名 被采样人姓名 人员名称",
)
SEX = _of_person(
    "resident.sex",
    "性别",
    "证件上的性别",
    "分类统计和服务安排",
    "people_resident.sex",
    kind="code",
    source="document",
    also="男女",
    codes=SEXES,
)
BIRTH_DATE = _of_person(
    "resident.birth_date",
    "出生日期",
    "证件上的出生日期;有身份证号的由号码得出",
    "老人、儿童等服务安排,核对本人",
    "people_resident.birth_date",
    kind="date",
    source="document",
    also="出生年月 出生年月日 生日 出生时间",
)
BIRTH_YEAR = _of_person(
    "resident.birth_year",
    "出生年份",
    "出生的年份",
    "老人、儿童等服务安排",
    "people_resident.birth_year",
    kind="number",
    source="document",
    also="出生年 生年",
)
AGE = _of_person(
    "resident.age",
    "年龄",
    "出表当天的周岁;只知道出生年份的,按年份相减",
    "老人、儿童等服务安排",
    kind="number",
    source="derived",
    also="岁数 周岁 年纪",
)
PHONE = _of_person(
    "resident.phone",
    "联系电话",
    "能找到本人的电话",
    "应急联络和上门预约",
    "people_resident.phone_sealed",
    "people_resident.phone_mask",
    "people_resident.phone_tail",
    "people_resident.phone_index",
    kind="phone",
    fresh=_HALF,
    sensitivity=4,
    also="电话 手机 手机号 手机号码 联系方式 电话号码 移动电话 本人电话 联系手机",
)
ID_NUMBER = _of_person(
    "resident.id_number",
    "身份证号",
    "公民身份号码或其他证件号码",
    "防止重复登记、核对本人",
    "people_resident.id_sealed",
    "people_resident.id_mask",
    "people_resident.id_index",
    kind="id_number",
    source="document",
    sensitivity=4,
    also="身份证 身份证号码 证件号码 证件号 公民身份号码 身份证件号码 公民身份证号码",
)
ID_KIND = _of_person(
    "resident.id_kind",
    "证件类型",
    "号码属于哪一种证件",
    "知道号码按什么规则核对",
    "people_resident.id_kind",
    kind="code",
    source="document",
    also="证件种类 证件名称",
    codes=ID_KINDS,
)
RELATION = _of_person(
    "resident.relation",
    "与户主关系",
    "与户主的关系",
    "弄清一户里有谁,便于联系家属",
    "people_resident.relation",
    kind="code",
    fresh=_HALF * 2,
    also="与户主的关系 关系 家庭关系 户主关系",
    codes=RELATIONS,
)
HUKOU_KIND = _of_person(
    "resident.hukou",
    "户籍所在",
    "户口登记在本社区、本区(县)、本省还是外省",
    "区分常住和流动人口,安排登记和服务",
    "people_resident.hukou",
    kind="code",
    fresh=_HALF * 2,
    also="户籍性质 户籍类别 是否本地户籍 人口类型 是否外来人口",
    codes=HUKOU,
)
HUKOU_PLACE = _of_person(
    "resident.hukou_place",
    "户籍地址",
    "户口簿上的地址",
    "流动人口登记,必要时联系户籍地",
    "people_resident.hukou_place",
    fresh=_HALF * 4,
    also="户籍地 户籍地址详址 籍贯 户口所在地 原籍",
)
WORKPLACE = _of_person(
    "resident.workplace",
    "工作单位",
    "工作单位或就读学校",
    "应急时通过单位联系",
    "people_resident.workplace",
    fresh=_HALF,
    also="单位 就业单位 工作单位及职务 工作地点 就读学校 服务处所",
)
SINCE = _of_person(
    "resident.since",
    "来此居住日期",
    "本人从哪天起住在现在这一户",
    "弄清何时谁住在这里",
    "people_resident.since",
    kind="date",
    also="居住起始日期 迁入日期 来本地时间",
)
LEFT_ON = _of_person(
    "resident.ended_on",
    "离开日期",
    "本人哪天搬走或注销;空着表示还住着",
    "离开后按期删除",
    "people_resident.ended_on",
    kind="date",
    also="迁出日期 注销日期",
)
LEFT_BECAUSE = _of_person(
    "resident.ended_why",
    "离开原因",
    "搬走、去世、并入另一条或登错",
    "不再打扰已离开的人",
    "people_resident.ended_why",
    kind="code",
    also="注销原因 迁出原因",
    codes=LEFT_WHY,
)
TAGS = _of_person(
    "resident.tags",
    "需求标签",
    "需要什么帮助:独居、行动不便、婴幼儿等;不记病名",
    "优先上门、送餐、就医等帮助",
    "people_resident.tags",
    kind="codes",
    basis="consent",
    fresh=_HALF,
    sensitivity=4,
    also="需求 人员类别 重点人群 重点人群类别 特殊人群 人员类型 服务对象类别 标签",
    codes=NEEDS,
)

HOUSEHOLD_KIND = _of_person(
    "household.kind",
    "户类型",
    "家庭户、合租户、集体户等",
    "安排上门和统计户数",
    "people_household.kind",
    kind="code",
    fresh=_HALF * 2,
    also="户别 住户类型 户籍类型 家庭类型",
    codes=HOUSEHOLD_KINDS,
)
HOUSEHOLD_FROM = _of_person(
    "household.from_date",
    "入住日期",
    "这一户从哪天起住在这里",
    "弄清何时谁住在这里",
    "people_household.from_date",
    kind="date",
    also="入住时间 来此居住日期 何时入住",
)
HOUSEHOLD_TO = _of_person(
    "household.to_date",
    "搬离日期",
    "这一户哪天搬走;空着表示还住着",
    "搬走后按期删除",
    "people_household.to_date",
    kind="date",
    also="搬离时间 离开日期",
)
HOUSEHOLD_SIZE = _of_person(
    "household.size",
    "户内人数",
    "登记在这一户的人数",
    "统计和物资分配",
    kind="number",
    source="derived",
    also="人数 家庭人数 户内人口 家庭人口 人口数 居住人数 常住人数",
)
TENURE = _of_person(
    "household.tenure",
    "住房性质",
    "自有、租住、单位宿舍还是公租房",
    "出租房登记和房东联系",
    "people_household.tenure",
    kind="code",
    fresh=_HALF,
    also="居住性质 房屋性质 住房类型 自住或出租 房屋用途",
    codes=TENURES,
)
LABEL = _of_person(
    "household.label",
    "户名",
    "宿舍、商户等的名称,家庭户不填",
    "门上没有人名时找得到这一户",
    "people_household.label",
    fresh=_HALF * 2,
    also="宿舍名称 集体户名称 店招",
)
LANDLORD_NAME = _of_person(
    "household.landlord_name",
    "房东姓名",
    "出租房的房东或管理人",
    "出租房安全和流动人口登记",
    "people_household.landlord_name",
    "people_household.landlord_mask",
    fresh=_HALF,
    also="房东 出租人 房屋出租人 房主姓名 产权人",
)
LANDLORD_PHONE = _of_person(
    "household.landlord_phone",
    "房东电话",
    "能找到房东或管理人的电话",
    "出租房安全和应急联络",
    "people_household.landlord_phone_sealed",
    "people_household.landlord_phone_mask",
    "people_household.landlord_phone_index",
    kind="phone",
    fresh=_HALF,
    sensitivity=4,
    also="房东联系电话 房东手机 出租人电话 房主电话",
)
HOUSEHOLD_ENDED = _of_person(
    "household.ended_why",
    "结束原因",
    "这一户为什么结束:搬走、并户、拆除等",
    "弄清户数为什么变",
    "people_household.ended_why",
    kind="code",
    also="销户原因",
    codes=ENDED_WHY,
)
