"""Which column of somebody else's table is what. Pure, but for what was remembered."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from wangge.dispatch.decide import CHANNELS
from wangge.kernel.columns import heading_key, match_headings, remembered
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Invalid
from wangge.kernel.sheets import Table

Outside = Literal["refuse", "county"]

#: Under this name columns are remembered and the work runs.
KIND = "cases.import"

#: What a case can be given from a table, with the words people put above such a column.
FIELDS: dict[str, tuple[str, ...]] = {
    "words": (
        *("内容", "描述", "问题描述", "事件描述", "详情", "留言详情", "诉求内容", "反映内容"),
        *("事件内容", "正文", "情况说明", "问题", "words", "detail", "details", "description"),
        *("content", "text", "body", "request", "message", "complaint"),
    ),
    "title": (
        *("标题", "主题", "留言主题", "事件名称", "事件标题", "诉求标题", "名称"),
        *("title", "subject", "case_title", "summary", "name"),
    ),
    "class_code": (
        *(
            "分类",
            "类别",
            "事项",
            "事项分类",
            "事件类型",
            "类型",
            "分类编码",
            "事项编码",
            "小类",
        ),
        *("class", "class_code", "category", "type", "service_name", "label"),
    ),
    "area_code": ("区域编码", "网格编码", "社区编码", "区划代码", "area_code", "area", "grid"),
    "place": (
        *("地址", "地点", "位置", "事发地点", "发生地点", "详细地址", "事件地址"),
        *("place", "address", "location", "incident_address", "street_address"),
    ),
    "lon": ("经度", "lon", "lng", "longitude", "x坐标"),
    "lat": ("纬度", "lat", "latitude", "y坐标"),
    "reported_at": (
        *(
            "上报时间",
            "发生时间",
            "时间",
            "受理时间",
            "登记时间",
            "留言时间",
            "来电时间",
            "创建时间",
        ),
        *("reported_at", "time", "open_dt", "created", "created_at", "created_date", "opened"),
        *("requested_datetime", "date"),
    ),
    "closed_at": (
        *("结案时间", "办结时间", "完成时间", "答复时间", "关闭时间", "处置时间"),
        *("closed_at", "closed_dt", "closed_date", "closed", "reply_time", "completed_at"),
    ),
    "external_id": (
        *(
            "编号",
            "事件编号",
            "工单编号",
            "工单号",
            "案件编号",
            "留言编号",
            "受理编号",
            "序列号",
        ),
        *("external_id", "id", "case_id", "case_enquiry_id", "unique_key", "ticket"),
        *("service_request_id", "reference"),
    ),
    "channel": ("渠道", "来源", "问题来源", "事件来源", "channel", "source"),
    "state": ("状态", "事件状态", "处理状态", "办理状态", "state", "status", "case_status"),
    "result": (
        *("处理结果", "办理结果", "结果", "答复意见", "答复内容", "处置结果", "回复"),
        *("result", "reply", "resolution", "closure_reason", "resolution_description"),
    ),
}
#: Columns that are put together; of others the first that is not blank counts.
JOINED = frozenset({"words", "place"})
#: Values a table may be told to read as ours.
VALUED = frozenset({"class_code", "area_code", "channel", "state"})

#: A public format is recognised by these columns; the others it may lack.
CORE = ("external_id", "title", "words", "reported_at")

_WORDS = frozenset(heading_key(word) for words in FIELDS.values() for word in words)

COLUMNS_MAX = 8
VALUES_MAX = 2000
SOURCE_MAX = 20


@dataclass(frozen=True, slots=True)
class Mapping:
    """Field → headings; and what the table's own values mean.

    values   field → (the table's value → a class code, area code, channel, "open" or "closed")
    tz       the zone of times written without one
    channel  the channel of rows that name none
    outside  a place beyond the district: refuse the row, or keep the text under the county
    source   the system the table comes from, so that two systems may use the same numbers
    """

    columns: dict[str, tuple[str, ...]]
    values: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    tz: str = "Asia/Shanghai"
    channel: str = "batch"
    outside: Outside = "refuse"
    source: str = ""
    name: str = ""

    def all_headings(self) -> set[str]:
        """Every heading that is taken; the others are kept out."""
        return {heading for headings in self.columns.values() for heading in headings}

    def checked(self, headings: Sequence[str]) -> "Mapping":
        """Itself, if it fits such a table. Raises Invalid naming every misfit."""
        wrong: list[Invalid] = []
        for name, wanted in self.columns.items():
            if name not in FIELDS:
                wrong.append(Invalid.of(name, "没有“{name}”这一项可填。", name=name[:40]))
            if len(wanted) > COLUMNS_MAX:
                wrong.append(Invalid.of(name, "一项最多由 {most} 列组成。", most=COLUMNS_MAX))
            wrong += [
                Invalid.of(name, "表里没有“{heading}”这一列。", heading=heading[:60])
                for heading in wanted
                if heading not in headings
            ]
        if not (self.columns.get("words") or self.columns.get("title")):
            wrong.append(Invalid.of("words", "请指明哪一列是内容或标题。"))
        if bool(self.columns.get("lon")) != bool(self.columns.get("lat")):
            wrong.append(Invalid.of("lon", "经度和纬度要一起指明。"))
        for name, values in self.values.items():
            if name not in VALUED or len(values) > VALUES_MAX:
                wrong.append(Invalid.of(name, "“{name}”不能这样对照。", name=name[:40]))
        if self.channel not in CHANNELS:
            wrong.append(
                Invalid.of("channel", "没有“{channel}”这个渠道。", channel=self.channel[:20])
            )
        if len(self.source) > SOURCE_MAX:
            wrong.append(Invalid.of("source", "来源请在 {most} 个字以内。", most=SOURCE_MAX))
        if not _zone(self.tz):
            wrong.append(
                Invalid.of("tz", "没有“{tz}”这个时区,例如 Asia/Shanghai。", tz=self.tz[:40])
            )
        if wrong:
            raise Invalid.all([one.problems[0] for one in wrong])
        return self

    def fit(self, headings: Sequence[str]) -> "Mapping":
        """Without the columns such a table does not have."""
        there = set(headings)
        kept = {
            name: tuple(heading for heading in wanted if heading in there)
            for name, wanted in self.columns.items()
        }
        return replace(self, columns={name: found for name, found in kept.items() if found})

    def builtins(self) -> dict[str, Any]:
        """As JSON."""
        made: dict[str, Any] = msgspec.to_builtins(self)
        return made


def _zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (OSError, ValueError):  # ZoneInfoNotFoundError is a KeyError
        return False
    except KeyError:
        return False
    return True


def read_mapping(raw: Any) -> Mapping:
    """A mapping from JSON. Raises Invalid naming the field."""
    try:
        return msgspec.convert(raw, Mapping)
    except msgspec.ValidationError as wrong:
        raise Invalid.of("mapping", "列对照的格式不对:{detail}", detail=str(wrong)) from wrong


def names_a_column(text: str) -> bool:
    """Whether a text is something people put above a column of cases."""
    return heading_key(text) in _WORDS


def guess_mapping(table: Table) -> Mapping:
    """What the headings say, Chinese or English; a known public format is known as a whole."""
    return guess(table.headings)


def guess(headings: Sequence[str]) -> Mapping:
    """The same, from the headings alone."""
    for preset in presets().values():
        core = {h for name in CORE for h in preset.columns.get(name, ())}
        if core <= set(headings):
            return preset.fit(headings)
    columns = match_headings(headings, FIELDS)
    if bool(columns.get("lon")) != bool(columns.get("lat")):
        columns.pop("lon", None)
        columns.pop("lat", None)
    return Mapping(columns)


@cache
def presets() -> dict[str, Mapping]:
    """Mappings that come with the product, by name ("311", "messages")."""
    found: dict[str, Mapping] = {}
    for name in ("311", "messages"):
        path = resources.files("wangge.dispatch").joinpath("data", f"mapping_{name}.json")
        found[name] = read_mapping(json.loads(path.read_text(encoding="utf-8")))
    return found


@dataclass(frozen=True, slots=True)
class Known:
    """A mapping and where it came from."""

    mapping: Mapping
    remembered: bool


async def mapping_for(tx: Tx, headings: Sequence[str]) -> Known:
    """What such a table's columns meant the last time, else a guess."""
    kept = await remembered(tx, KIND, headings)
    if kept is None:
        return Known(guess(headings), remembered=False)
    return Known(read_mapping(kept), remembered=True)
