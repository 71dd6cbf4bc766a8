"""The kinds of things a community keeps a register of, as data: which fields each has.

What is asked is what somebody is responsible for finding when there is a fire, an inspection or a
flood, and no more (个人信息保护法 Art. 6). Sources of the single registers stand at each kind.
Nothing in `details` is about a person: people stand in `registers_person`, a plate is sealed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal, LiteralString

from wangge.kernel.fields import Basis

ValueKind = Literal["text", "number", "date", "bool", "code", "codes"]

#: Days: what changes with the season, what changes with the tenant, what changes with the house.
QUARTER, HALF, YEAR = 90, 180, 365
#: A number in a field: nobody employs, lets or houses more behind one entry.
NUMBER_MAX = 1_000_000
#: Characters of a text in a field.
TEXT_MAX = 60

#: Under which name freshness keeps the people who answer for a thing, and where it is.
PEOPLE = "people"
PLACE = "location"


@dataclass(frozen=True, slots=True)
class Detail:
    """A field of one kind: `name` is its key in `details`, `words` its Chinese name. Names are
    literals: a report's statement is put together from them."""

    name: LiteralString
    words: str
    meaning: str
    kind: ValueKind = "text"
    codes: Mapping[str, str] | None = None
    fresh_days: int | None = None
    required: bool = False
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A register: `name` is its Chinese name, `unit` its measure word, `roles` who may answer for a
    thing of it, by what they are called there. `named` things have a name of their own, `coded`
    ones a unified social credit code, `plated` ones a plate; with `at_door`, they are a door."""

    code: str
    name: str
    unit: str
    title: str
    purpose: str
    source: str
    roles: Mapping[str, str]
    details: tuple[Detail, ...]
    closings: Mapping[str, str]
    named: bool = True
    coded: bool = False
    plated: bool = False
    at_door: bool = False
    people_days: int = HALF
    name_also: tuple[str, ...] = ()
    basis: Basis = Basis.STATUTORY_DUTY
    opened: str = "开业日期"
    by_name: Mapping[str, Detail] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {one.name: one for one in self.details})

    @property
    def fresh(self) -> Mapping[str, int]:
        """Field → days for which a confirmation counts, of what goes stale."""
        return {
            **({PEOPLE: self.people_days} if self.roles else {}),
            **{one.name: one.fresh_days for one in self.details if one.fresh_days},
        }


_CLOSED = {
    "closed": "停业或注销",
    "moved": "搬走",
    "demolished": "房屋拆除",
    "merged": "与另一条重复",
    "mistake": "登错",
}

#: 国民经济行业分类 GB/T 4754-2017: the sections, in the words of a form.
_INDUSTRIES = {
    "farming": "农林牧渔",
    "manufacturing": "制造加工",
    "building": "建筑安装",
    "trade": "批发零售",
    "transport": "运输仓储邮政",
    "catering": "住宿餐饮",
    "software": "信息软件",
    "finance": "金融",
    "property": "房地产物业",
    "services": "商务租赁服务",
    "technical": "科研技术",
    "resident_services": "居民服务修理",
    "education": "教育",
    "health": "卫生社会工作",
    "leisure": "文体娱乐",
    "other": "其他",
}
_HAZARDS = {
    "none": "没有",
    "dust": "涉爆粉尘",
    "chemicals": "危险化学品",
    "confined": "有限空间",
    "ammonia": "涉氨制冷",
    "hot_work": "动火作业",
    "other": "其他",
}
#: 九小场所: the nine small premises of fire inspection, and what else lies along a street.
_TRADES = {
    "shop": "商店超市",
    "food": "餐饮",
    "beauty": "美容美发",
    "bath": "洗浴足浴",
    "entertainment": "歌舞娱乐",
    "internet": "网吧电竞",
    "clinic": "诊所药店",
    "training": "培训托管",
    "workshop": "小加工作坊",
    "repair": "维修",
    "parcel": "快递驿站",
    "other": "其他",
}
_GAS = {"none": "不用燃气", "pipe": "管道燃气", "bottle": "瓶装燃气"}
_STAGES = {
    "ground": "基坑土方",
    "structure": "主体施工",
    "fitting": "装修安装",
    "demolition": "拆除",
    "stopped": "停工",
    "done": "收尾",
}
_SCHOOLS = {
    "nursery": "托育机构",
    "kindergarten": "幼儿园",
    "primary": "小学",
    "junior": "初中",
    "senior": "高中",
    "vocational": "职业学校",
    "university": "高校",
    "training": "校外培训",
}
_HOTELS = {
    "hotel": "宾馆酒店",
    "chain": "快捷酒店",
    "homestay": "民宿",
    "hostel": "招待所旅社",
    "other": "其他",
}
_LETTINGS = {
    "whole": "整租",
    "shared": "合租",
    "short": "日租短租",
    "dormitory": "集体宿舍",
}
_VEHICLES = {
    "car": "小型客车",
    "bus": "中大型客车",
    "lorry": "货车",
    "hazardous": "危险品运输车",
    "motorcycle": "摩托车",
    "bicycle": "电动自行车",
    "tricycle": "三轮车",
    "other": "其他",
}
_POWERS = {"fuel": "燃油", "electric": "纯电", "hybrid": "混动", "other": "其他"}
_FACILITIES = {
    "hydrant": "消防栓",
    "fire_station": "微型消防站",
    "lift": "电梯",
    "power": "配电房变压器",
    "gas": "燃气调压",
    "water": "水泵房水箱",
    "charging": "充电桩充电棚",
    "waste": "垃圾分类点",
    "toilet": "公共厕所",
    "camera": "监控",
    "aed": "急救设备",
    "shelter": "应急避难场所",
    "fitness": "健身器材",
    "other": "其他",
}

ENTERPRISE = Kind(
    "enterprise",
    "企业",
    "家",
    "企业名称",
    "安全生产和应急时找到企业负责人",
    "市场主体登记管理条例;安全生产法",
    {"legal": "法定代表人", "manager": "负责人", "safety": "安全管理人"},
    (
        Detail("industry", "行业", "国民经济行业分类的门类", "code", _INDUSTRIES, YEAR * 2),
        Detail(
            "staff",
            "从业人数",
            "在这里上班的人数",
            "number",
            None,
            HALF,
            also=("员工人数", "职工人数"),
        ),
        Detail("dormitory", "有员工宿舍", "厂区或楼内是否住人", "bool", None, HALF),
        Detail("hazards", "危险作业", "应急时救援人员要先知道的危险", "codes", _HAZARDS, HALF),
        Detail("fire_keys", "微型消防站", "单位内有没有微型消防站", "bool", None, YEAR),
    ),
    _CLOSED,
    coded=True,
    name_also=("单位名称", "公司名称", "市场主体名称"),
)
SHOP = Kind(
    "shop",
    "商户",
    "家",
    "店招",
    "消防巡查(九小场所)和通知到店",
    "消防法;安全生产法第三十六条(燃气报警装置);XF 703(住宿与经营合用场所)",
    {"owner": "经营者", "manager": "店长", "landlord": "房东"},
    (
        Detail(
            "trade",
            "经营类别",
            "九小场所和沿街店的类别",
            "code",
            _TRADES,
            HALF,
            also=("业态", "经营范围", "场所类型"),
        ),
        Detail(
            "area_m2", "经营面积", "平方米", "number", None, None, also=("营业面积", "面积")
        ),
        Detail("staff", "从业人数", "平时在店里的人数", "number", None, HALF),
        Detail(
            "gas",
            "燃气",
            "餐饮等场所用的是哪种燃气",
            "code",
            _GAS,
            HALF,
            also=("用气方式", "燃气类型"),
        ),
        Detail("gas_alarm", "燃气报警器", "装了可燃气体报警装置并能用", "bool", None, HALF),
        Detail(
            "living_in",
            "店内住人",
            "营业的地方夜里有没有人住",
            "bool",
            None,
            QUARTER,
            also=("是否住人", "三合一"),
        ),
        Detail(
            "licence",
            "许可证号",
            "食品经营等许可证的编号",
            "text",
            also=("许可证编号", "食品经营许可证"),
        ),
    ),
    _CLOSED,
    coded=True,
    name_also=("店名", "店铺名称", "商铺名称", "商户名称", "门店名称", "字号名称", "场所名称"),
)
SITE = Kind(
    "site",
    "工地",
    "处",
    "工程名称",
    "扬尘、夜间施工和安全事件找到现场负责人",
    "建筑法第七条(施工许可);建设工程安全生产管理条例",
    {"manager": "项目经理", "safety": "安全员", "contact": "值班联系人"},
    (
        Detail("builder", "建设单位", "谁出资建设", "text", None, YEAR),
        Detail(
            "contractor",
            "施工单位",
            "总承包单位",
            "text",
            None,
            HALF,
            also=("总包单位", "承建单位"),
        ),
        Detail("permit", "施工许可证号", "施工许可证的编号", "text", also=("施工许可证",)),
        Detail(
            "stage", "施工阶段", "现在做到哪一步", "code", _STAGES, QUARTER, also=("形象进度",)
        ),
        Detail(
            "staff",
            "工人数",
            "现场的工人数",
            "number",
            None,
            QUARTER,
            also=("务工人数", "现场人数"),
        ),
        Detail("dormitory", "工地住人", "工地上有没有宿舍", "bool", None, QUARTER),
        Detail(
            "ends_on",
            "计划竣工",
            "计划竣工的日期",
            "date",
            None,
            HALF,
            also=("竣工日期", "预计竣工时间"),
        ),
    ),
    {"finished": "竣工", "closed": "停工撤场", "merged": "与另一条重复", "mistake": "登错"},
    people_days=QUARTER,
    name_also=("项目名称", "工地名称"),
    opened="开工日期",
)
SCHOOL = Kind(
    "school",
    "学校",
    "所",
    "学校名称",
    "上下学秩序、疏散和停课通知",
    "义务教育法;校车安全管理条例;民办教育促进法",
    {"manager": "校(园)长", "safety": "安全负责人"},
    (
        Detail(
            "level",
            "学校类型",
            "托育、幼儿园到高校、校外培训",
            "code",
            _SCHOOLS,
            YEAR,
            also=("办学类型", "学段"),
        ),
        Detail(
            "students",
            "学生数",
            "在校学生数",
            "number",
            None,
            YEAR,
            also=("在校生数", "学生人数", "幼儿数"),
        ),
        Detail("staff", "教职工数", "教职工人数", "number", None, YEAR),
        Detail("boarding", "有寄宿", "有没有学生住校", "bool", None, YEAR),
        Detail("buses", "校车数", "登记的校车数量", "number", None, YEAR),
        Detail("canteen", "有食堂", "有没有食堂或供餐", "bool", None, YEAR),
        Detail("licence", "办学许可证号", "办学许可证的编号", "text", also=("办学许可证",)),
    ),
    _CLOSED,
    coded=True,
    name_also=("园所名称", "机构名称"),
    opened="办学日期",
)
HOTEL = Kind(
    "hotel",
    "旅馆",
    "家",
    "旅馆名称",
    "疏散、应急安置和治安联系",
    "旅馆业治安管理办法第四条(特种行业许可)",
    {"owner": "经营者", "manager": "负责人", "contact": "前台"},
    (
        Detail(
            "category",
            "旅馆类型",
            "宾馆、快捷酒店、民宿等",
            "code",
            _HOTELS,
            YEAR,
            also=("住宿类型",),
        ),
        Detail("rooms", "客房数", "可以住人的房间数", "number", None, YEAR, also=("房间数",)),
        Detail("beds", "床位数", "床位数", "number", None, YEAR),
        Detail(
            "licence",
            "特种行业许可证号",
            "旅馆业特种行业许可证的编号",
            "text",
            also=("特行许可证号", "特种行业许可证"),
        ),
        Detail("night_staff", "夜间值班", "夜里有没有人值班", "bool", None, HALF),
    ),
    _CLOSED,
    coded=True,
    name_also=("酒店名称", "宾馆名称", "民宿名称"),
)
RENTED = Kind(
    "rented",
    "出租房",
    "套",
    "",
    "出租房安全检查和租赁备案",
    "住房租赁条例;商品房屋租赁管理办法第十四条(三十日内备案)",
    {"landlord": "房东", "manager": "管理人(二房东)"},
    (
        Detail(
            "letting",
            "出租方式",
            "整租、合租、短租或集体宿舍",
            "code",
            _LETTINGS,
            HALF,
            also=("租住方式", "租赁方式"),
        ),
        Detail("rooms", "出租间数", "出租的房间数", "number", None, HALF, also=("出租房间数",)),
        Detail(
            "filing",
            "租赁备案号",
            "房屋租赁登记备案的编号",
            "text",
            also=("备案编号", "租赁备案编号", "备案号"),
        ),
        Detail(
            "partitioned",
            "有隔断",
            "是否打了隔断或阳台、厨房住人",
            "bool",
            None,
            HALF,
            also=("是否群租", "群租"),
        ),
        Detail("extinguisher", "有灭火器", "有没有灭火器和逃生用品", "bool", None, HALF),
        Detail(
            "ebike_inside", "电动车进屋", "电动车或电池有没有在屋里充电", "bool", None, QUARTER
        ),
    ),
    {
        "closed": "不再出租",
        "demolished": "房屋拆除",
        "merged": "与另一条重复",
        "mistake": "登错",
    },
    named=False,
    at_door=True,
    opened="开始出租",
)
VEHICLE = Kind(
    "vehicle",
    "车辆",
    "辆",
    "",
    "挪车、消防通道和应急转移时找到车主",
    "道路交通安全法;GA 36-2018(号牌);个人信息保护法第六条",
    {"owner": "车主", "contact": "使用人"},
    (
        Detail(
            "category",
            "车辆类型",
            "小车、货车、电动自行车等",
            "code",
            _VEHICLES,
            None,
            required=True,
            also=("车型", "车辆种类"),
        ),
        Detail(
            "power", "动力", "燃油、纯电或混动", "code", _POWERS, also=("能源类型", "燃料种类")
        ),
        Detail(
            "looks",
            "品牌颜色",
            "品牌和颜色,便于认车",
            "text",
            also=("车辆品牌", "品牌型号", "车身颜色"),
        ),
        Detail(
            "parking", "车位", "平时停在哪里", "text", None, HALF, also=("车位号", "停放位置")
        ),
    ),
    {"sold": "卖掉或报废", "moved": "搬走", "merged": "与另一条重复", "mistake": "登错"},
    named=False,
    plated=True,
    people_days=YEAR,
    basis=Basis.CONSENT,
    opened="登记日期",
)
FACILITY = Kind(
    "facility",
    "设施",
    "处",
    "设施名称",
    "巡查、检修和应急调用",
    "消防法;特种设备安全法第四十条(定期检验)",
    {"manager": "管理责任人", "contact": "维保联系人"},
    (
        Detail(
            "category",
            "设施类型",
            "消防、电梯、配电、充电等",
            "code",
            _FACILITIES,
            None,
            required=True,
            also=("设施种类", "设施类别"),
        ),
        Detail(
            "number", "设施编号", "铭牌或台账上的编号", "text", also=("设备编号", "注册代码")
        ),
        Detail(
            "keeper",
            "管理单位",
            "谁负责管理",
            "text",
            None,
            YEAR,
            also=("产权单位", "管护单位"),
        ),
        Detail(
            "inspected_on",
            "上次检查",
            "上一次检验或检修的日期",
            "date",
            None,
            HALF,
            also=("检验日期", "上次检验日期"),
        ),
        Detail(
            "due_on",
            "下次检验",
            "下一次应当检验的日期",
            "date",
            None,
            HALF,
            also=("下次检验日期", "检验有效期"),
        ),
        Detail(
            "works",
            "能正常使用",
            "最近一次看时能不能用",
            "bool",
            None,
            QUARTER,
            also=("是否完好", "完好情况"),
        ),
    ),
    {"closed": "停用", "demolished": "拆除", "merged": "与另一条重复", "mistake": "登错"},
    people_days=YEAR,
    name_also=("设备名称",),
    opened="启用日期",
)

#: Every kind, in the order of menus.
KINDS: Mapping[str, Kind] = {
    one.code: one for one in (ENTERPRISE, SHOP, SITE, SCHOOL, HOTEL, RENTED, VEHICLE, FACILITY)
}
#: What somebody may be to a thing, whatever the kind calls it.
ROLES: tuple[LiteralString, ...] = (
    "owner",
    "legal",
    "manager",
    "safety",
    "landlord",
    "contact",
)


def stale_on(kind: Kind, confirmed_on: date, confirmed: Mapping[str, str]) -> date | None:
    """The first day on which something of a thing has to be asked again."""
    days = [
        _day(confirmed.get(name), confirmed_on) + timedelta(days=days + 1)
        for name, days in kind.fresh.items()
    ]
    return min(days, default=None)


def stale_fields(
    kind: Kind, confirmed_on: date, confirmed: Mapping[str, str], today: date
) -> tuple[str, ...]:
    """The fields that have gone stale today, in the kind's order."""
    return tuple(
        name
        for name, days in kind.fresh.items()
        if _day(confirmed.get(name), confirmed_on) + timedelta(days=days) < today
    )


def confirmed_days(
    kind: Kind, confirmed_on: date, confirmed: Mapping[str, str]
) -> dict[str, date]:
    """Field → the day it was last confirmed, of what goes stale."""
    return {name: _day(confirmed.get(name), confirmed_on) for name in kind.fresh}


def _day(said: str | None, otherwise: date) -> date:
    return date.fromisoformat(said) if said else otherwise
