"""What is known about doors and where they are. A door says nothing about who lives behind it."""

from wangge.kernel.fields import FieldSpec, field


def _place(
    name: str, words: str, meaning: str, *columns: str, kind: str = "text", also: str = ""
) -> FieldSpec:
    subject = name.split(".")[0]
    return field(
        name,
        words,
        meaning=meaning,
        source="office",
        kind=kind,
        purpose="划分责任区、找到这一户",
        basis="statutory_duty",
        fresh_days=None,
        retention="",
        sensitivity=1 if subject == "area" else 2,
        also=tuple(also.split()),
        columns=columns,
    )


AREA_STREET = _place(
    "area.street",
    "街道(乡镇)",
    "所在街道或乡镇的名称",
    also="街道 乡镇 镇街 街道名称 乡镇街道 所属街道 所在街道 街道/乡镇",
)
AREA_COMMUNITY = _place(
    "area.community",
    "社区(村)",
    "所在社区或行政村的名称",
    also="社区 村居 村社 社区名称 村(社区) 所属社区 所在社区 社区/村",
)
AREA_GRID = _place(
    "area.grid", "网格", "所在网格的名称", also="网格名称 所属网格 所在网格 网格号"
)
AREA_MICRO = _place(
    "area.micro_grid",
    "微网格",
    "所在微网格的名称;没有分微网格时为空",
    also="微网格名称 所属微网格 所在微网格",
)
AREA_CODE = _place(
    "area.code",
    "网格代码",
    "15 位网格代码;分了微网格的为 18 位",
    "places_dwelling.area_code",
    also="网格编码 区域代码 网格编号",
)

DWELLING_ADDRESS = _place(
    "dwelling.address",
    "住址",
    "小区、幢、单元、室,合成一行",
    also="地址 现住址 居住地址 家庭住址 详细地址 家庭地址 居住地 现居住地址 房屋地址 住址门牌",
)
DWELLING_COMPOUND = _place(
    "dwelling.compound",
    "小区",
    "小区、自然村或沿街路段",
    "places_compound.name",
    also="小区名称 楼盘 自然村 小区/自然村 所在小区",
)
DWELLING_BUILDING = _place(
    "dwelling.building",
    "幢",
    "幢(楼栋)的名称或号",
    "places_building.number",
    "places_building.name",
    also="楼栋 楼号 幢号 楼幢 栋 栋号 楼栋号",
)
DWELLING_UNIT = _place(
    "dwelling.unit",
    "单元",
    "单元(楼道)号",
    "places_unit.number",
    "places_unit.name",
    also="单元号 楼道 楼道号",
)
DWELLING_FLOOR = _place(
    "dwelling.floor",
    "楼层",
    "在第几层",
    "places_dwelling.floor",
    kind="number",
    also="层 所在楼层 层数",
)
DWELLING_ROOM = _place(
    "dwelling.room",
    "室",
    "门牌上的室号",
    "places_dwelling.room",
    "places_dwelling.name",
    also="室号 房号 门牌 门牌号 房间号 房室号 户号",
)
DWELLING_LIFT = _place(
    "dwelling.lift",
    "有无电梯",
    "这个单元有没有电梯",
    "places_unit.has_lift",
    kind="bool",
    also="电梯 是否有电梯",
)
