"""Fields of cases, so that a report can show them and the dictionary explains them."""

from collections.abc import Mapping

from wangge.cases.model import STATE_NAMES, State
from wangge.kernel.fields import FieldSpec, field

#: Channels as a report names them.
CHANNELS: Mapping[str, str] = {
    "hotline": "热线电话",
    "resident": "居民上报",
    "worker": "网格员上报",
    "police": "110 转来",
    "superior": "上级交办",
    "enterprise": "企业诉求",
    "camera": "视频发现",
    "batch": "批量导入",
}


def _of_case(
    key: str,
    name: str,
    meaning: str,
    *,
    kind: str = "text",
    sensitivity: int = 2,
    also: str = "",
    codes: Mapping[str, str] | None = None,
) -> FieldSpec:
    return field(
        key,
        name,
        meaning=meaning,
        source="system",
        kind=kind,
        purpose="事件办理情况报表",
        basis="statutory_duty",
        fresh_days=None,
        retention="cases.ordinary" if sensitivity > 2 else "",
        sensitivity=sensitivity,
        also=tuple(also.split()),
        codes=codes,
    )


RECEIPT = _of_case("case.receipt", "回执号", "事件的回执号", also="事件编号 受理编号 工单号")
TITLE = _of_case(
    "case.title",
    "事件标题",
    "事件的标题,里面可能有人名",
    sensitivity=3,
    also="标题 事件名称 事项名称",
)
CLASS = _of_case("case.class", "事件分类", "事项分类的名称", also="事项分类 分类 事件类型 类别")
STATE = _of_case(
    "case.state",
    "办理状态",
    "现在办到哪一步",
    kind="code",
    also="状态 处置状态 事件状态",
    codes={state.value: STATE_NAMES[state] for state in State},
)
CHANNEL = _of_case(
    "case.channel",
    "事件来源",
    "从哪里报来的",
    kind="code",
    also="来源 上报渠道",
    codes=CHANNELS,
)
PLACE = _of_case(
    "case.place",
    "事发地点",
    "上报时写的地点,可能是某户的门牌",
    sensitivity=3,
    also="地点 发生地点 事件地点",
)
REPORTED_ON = _of_case(
    "case.reported_on", "上报日期", "上报的日期", kind="date", also="上报时间 发生日期 受理日期"
)
DUE_ON = _of_case(
    "case.due_on", "办理期限", "应在哪天前办好", kind="date", also="截止时间 期限"
)
ENDED_ON = _of_case(
    "case.ended_on",
    "办结日期",
    "办结的日期;空着表示还没办结",
    kind="date",
    also="办结时间 结案日期",
)
