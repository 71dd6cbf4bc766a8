"""Words of past cases, by class: what is wrong, never who."""

from dataclasses import dataclass

from wangge.demo.town.model import Platform


@dataclass(frozen=True, slots=True)
class Kind:
    """How often a class comes up (`weight`), its usual `hours` of handling, its words.

    `on_the_spot` is the part of a worker's own reports that they settle there and then.
    """

    platform: Platform
    weight: float
    hours: float
    on_the_spot: float
    words: tuple[str, ...]
    places: tuple[str, ...]

    @classmethod
    def plain(cls, code: str) -> "Kind":
        """For a class this list does not know."""
        return cls("GG", 1.0, 8.0, 0.3, ("有情况需要处理", "有事项需要跟进"), OUTSIDE)


OUTSIDE: tuple[str, ...] = (
    "小区北门",
    "小区南门",
    "小区东门",
    "1幢楼下",
    "3幢车棚旁",
    "5幢楼道口",
    "沿街店铺前",
    "公园入口",
    "垃圾分类点旁",
    "地下车库入口",
    "健身器材旁",
    "公交站后",
    "快递柜旁",
    "幼儿园围墙外",
)
HOME: tuple[str, ...] = (
    "1幢1单元",
    "1幢2单元",
    "2幢1单元",
    "2幢3单元",
    "3幢2单元",
    "4幢1单元",
    "5幢1单元",
    "6幢2单元",
)
WATER: tuple[str, ...] = ("河边步道", "亲水平台", "小桥下", "排水口旁")
FIRM: tuple[str, ...] = ("园区1号厂房", "园区2号厂房", "沿街作坊", "综合市场")


def _kind(
    platform: Platform,
    weight: float,
    hours: float,
    spot: float,
    words: str,
    places: tuple[str, ...] = OUTSIDE,
) -> Kind:
    return Kind(platform, weight, hours, spot, tuple(words.split()), places)


CASE_CLASSES: dict[str, Kind] = {
    "E0101": _kind("JG", 1.5, 20, 0.0, "有人搭建雨棚 楼顶新砌了围墙 露台正在封闭施工", HOME),
    "E0102": _kind("JG", 14, 3, 0.72, "有成堆生活垃圾 垃圾桶满溢 绿化带里有成片垃圾"),
    "E0103": _kind("JG", 6, 6, 0.3, "堆放装修垃圾 有建筑垃圾未清运 有砖块水泥袋堆积"),
    "E0104": _kind("JG", 6, 2, 0.6, "路面有泥水 落叶堆积未清扫 有油污"),
    "E0105": _kind("JG", 2, 4, 0.2, "雨后积水难走 低洼处积水 结冰易滑"),
    "E0106": _kind("JG", 4, 4, 0.6, "绿地内有杂物 草坪被堆放物品 绿篱里有塑料袋"),
    "E0108": _kind("JG", 1.2, 40, 0.1, "河面有漂浮物 岸边有油花 水面有大量浮萍", WATER),
    "E0109": _kind("JG", 0.8, 1.5, 0.5, "有人焚烧枯叶 有烟味 有露天焚烧痕迹"),
    "E0201": _kind("JG", 7, 8, 0.75, "墙面有小广告 电线杆张贴广告 楼道里有牛皮癣"),
    "E0301": _kind("JG", 3, 5, 0.2, "夜间施工声音大 装修超时作业 机器噪声持续"),
    "E0401": _kind("YJ", 1.2, 3, 0.0, "水管爆裂冒水 供水管渗漏 地面不断涌水"),
    "E0402": _kind("YJ", 0.5, 6, 0.0, "路面下陷 人行道出现坑洞 路砖松动塌陷"),
    "E0501": _kind("JG", 1.5, 10, 0.3, "有无照摊点 有流动摊位售卖熟食"),
    "E0504": _kind("JG", 8, 3, 0.65, "店铺占道经营 摊位占用人行道 货物摆到路面"),
    "E0506": _kind("JG", 7, 4, 0.6, "乱堆物料 楼道口堆放纸箱 车棚堆放杂物"),
    "C0114": _kind("YJ", 0.8, 2, 0.0, "井盖移位 井盖开裂 井盖缺失已先围挡"),
    "C0114c": _kind("JG", 0.8, 18, 0.0, "井盖车过有异响 井盖松动弹跳"),
    "Z0101": _kind("ZZ", 7, 10, 0.6, "邻里因噪声争执 两户为停车争吵 因晾晒滴水有矛盾", HOME),
    "Z0103": _kind(
        "ZZ", 3, 60, 0.15, "对物业收费有异议 电梯维修费用分摊有争议 停车管理意见不一", HOME
    ),
    "Z0201": _kind("ZZ", 1.5, 4, 0.1, "发现可疑上门推销 车辆被划 门禁被撬动", HOME),
    "Z0202": _kind("ZZ", 0.8, 1, 0.3, "接到冒充客服电话 收到可疑中奖短信", HOME),
    "Z0301": _kind("ZZ", 9, 20, 0.8, "有新住户入住待登记 一户已搬离 租户变更待更新", HOME),
    "Z0302": _kind("ZZ", 2, 30, 0.2, "出租房隔间较多 出租房灭火器过期", HOME),
    "Y0101": _kind("YJ", 10, 3, 0.7, "车辆占用消防通道 消防通道被杂物堵住 登高面停车"),
    "Y0102": _kind("YJ", 10, 3, 0.7, "电动车飞线充电 楼道内有电动车充电 电瓶带上楼"),
    "Y0103": _kind("YJ", 0.4, 0.6, 0.0, "闻到燃气味已通风撤离 燃气表处疑似漏气", HOME),
    "Y0104": _kind("YJ", 2, 5, 0.2, "外墙瓷砖松动 窗台花盆未固定 空调外机支架锈蚀"),
    "Y0105": _kind("YJ", 0.5, 20, 0.0, "墙体有裂缝 围墙倾斜"),
    "Y0106": _kind("YJ", 0.4, 1, 0.1, "河水上涨接近步道 地下车库进水", WATER),
    "Y0107": _kind("YJ", 3, 30, 0.3, "车间通道堆料 配电箱门未关 灭火器压力不足", FIRM),
    "F0101": _kind("GG", 2, 40, 0.1, "有住户申请临时救助 有家庭需要生活帮扶", HOME),
    "F0102": _kind("GG", 3, 1.2, 0.7, "独居老人电话无人接 独居老人需要上门看望", HOME),
    "F0103": _kind("GG", 2.5, 10, 0.4, "需要轮椅借用 需要上门服务 需要陪同就医", HOME),
    "F0104": _kind("GG", 4, 8, 0.7, "老人需要代办手续 需要帮助手机操作 需要代缴费用", HOME),
    "F0105": _kind("YJ", 0.5, 0.6, 0.0, "电梯停运有人被困 电梯卡在楼层间", HOME),
    "F0106": _kind("GG", 3, 5, 0.1, "整幢停水 楼道停电 单元停气", HOME),
    "F0107": _kind("GG", 6, 6, 0.8, "咨询医保办理 咨询居住登记 咨询加装电梯政策", HOME),
}

TAILS: tuple[str, ...] = (
    "。",
    ",请尽快处理。",
    ",已拍照。",
    ",影响通行。",
    ",居民反映多次。",
    ",现场已先提醒。",
    ",请安排人员查看。",
    ",今早发现。",
)
