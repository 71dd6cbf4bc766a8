"""Fields that are computed from others: what tables ask of a household as a whole."""

from wangge.kernel.fields import FieldSpec, field


def _derived(
    key: str, name: str, meaning: str, *, kind: str = "number", sensitivity: int = 3, also: str
) -> FieldSpec:
    return field(
        key,
        name,
        meaning=meaning,
        source="derived",
        kind=kind,
        purpose="出表时不用再问一遍",
        basis="statutory_duty",
        fresh_days=None,
        retention="people.residents",
        sensitivity=sensitivity,
        also=tuple(also.split()),
    )


HEAD_NAME = _derived(
    "household.head_name",
    "户主姓名",
    "户主的姓名;没有登记户主的,取户内年纪最大的",
    kind="text",
    also="户主 户主名 户主名字",
)
HEAD_PHONE = _derived(
    "household.head_phone",
    "户主电话",
    "户主的联系电话",
    kind="phone",
    sensitivity=4,
    also="户主联系电话 户主联系方式 户主手机 户主手机号 户主电话号码",
)
ELDERS = _derived(
    "household.elders",
    "60 岁以上人数",
    "户内 60 周岁以上的人数",
    also="60周岁以上人数 老人数 老年人数",
)
MINORS = _derived(
    "household.minors",
    "未成年人数",
    "户内不满 18 周岁的人数",
    also="18岁以下人数 未满18岁人数 儿童数",
)
