"""One row of somebody's table as a report. Pure: what is judged by comes with `Grounds`."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.dispatch.decide import CHANNELS, DRIFT, WORDS_MAX, Grounds, Report
from wangge.dispatch.imports.mapping import JOINED, Mapping
from wangge.kernel.actors import Actor
from wangge.kernel.csv_text import plain
from wangge.kernel.refusals import Invalid, Problem, Refusal
from wangge.kernel.sheets import Row, parse_time
from wangge.places import Atlas
from wangge.places.geometry import shapely

EXTERNAL_MAX = 100
RESULT_MAX = 2000

_CLOSED = frozenset(
    {"closed", "close", "done", "resolved", "completed", "complete", "finished"}
    | {
        "结案",
        "已结案",
        "办结",
        "已办结",
        "已完成",
        "完成",
        "已处理",
        "已处置",
        "已关闭",
        "关闭",
    }
    | {"已回复", "已答复", "自处办结", "已回访"}
)
_OPEN = frozenset(
    {"open", "new", "pending", "in progress", "started", "assigned"}
    | {"待受理", "待处理", "待处置", "处理中", "处置中", "办理中", "未办结", "未结案", "已立案"}
    | {"已派遣", "已受理", "核实中", "已接单"}
)


@dataclass(frozen=True, slots=True)
class Read:
    """A row that can be judged. `closed_at` None: it is still open."""

    number: int
    report: Report
    external_id: str
    closed_at: datetime | None
    result: str
    notes: tuple[Problem, ...]


class Reader:
    """Reads the rows of one table. Fields in problems are the table's own headings."""

    def __init__(
        self,
        mapping: Mapping,
        headings: Sequence[str],
        by: Actor,
        grounds: Grounds,
        now: datetime,
        *,
        offer: bool,
    ) -> None:
        at = {heading: place for place, heading in enumerate(headings)}
        self._at = {
            name: tuple(at[heading] for heading in wanted)
            for name, wanted in mapping.columns.items()
        }
        self._mapping = mapping
        self._by = by
        self._grounds = grounds
        self._now = now
        self._offer = offer
        self._class_names: dict[str, str] = {}
        for known in grounds.reference.classes.values():
            self._class_names.setdefault(known.name_zh, known.code)
            self._class_names.setdefault(known.name_en.lower(), known.code)
        self._area_names = _names(grounds.atlas)

    def read(self, row: Row) -> Read:
        """One row. Raises Invalid with everything that is wrong with it."""
        return _OneRow(self, row).read()

    # -- what a row needs to know ----------------------------------------------------------

    def cell(self, row: Row, name: str) -> str:
        """A field's text: several columns joined, or the first that is not blank."""
        texts = [plain(row.cells[place]) for place in self._at.get(name, ())]
        if name in JOINED:
            return ("\n" if name == "words" else ",").join(
                dict.fromkeys(text for text in texts if text)
            )
        return next((text for text in texts if text), "")

    def heading(self, name: str) -> str:
        return next(iter(self._mapping.columns.get(name, ())), name)

    def meant(self, name: str, text: str) -> str | None:
        """What the mapping says this value means, if it says."""
        return self._mapping.values.get(name, {}).get(text)

    @property
    def mapping(self) -> Mapping:
        return self._mapping

    @property
    def grounds(self) -> Grounds:
        return self._grounds

    @property
    def by(self) -> Actor:
        return self._by

    @property
    def now(self) -> datetime:
        return self._now

    @property
    def offer(self) -> bool:
        return self._offer

    def class_named(self, text: str) -> str | None:
        """A class by its code or its name."""
        if text in self._grounds.reference.classes:
            return text
        return self._class_names.get(text) or self._class_names.get(text.lower())

    def area_named(self, text: str) -> str | None:
        """An area by its code, or by its name when only one is called so."""
        if text.isascii() and text.isdigit() and len(text) in (6, 9, 12, 15, 18):
            return text
        return self._area_names.get(text)


def _names(atlas: Atlas) -> dict[str, str]:
    found: dict[str, str] = {}
    twice: set[str] = set()
    for area in atlas.open_areas():
        if area.name in found:
            twice.add(area.name)
        found[area.name] = area.code
    return {name: code for name, code in found.items() if name not in twice}


class _OneRow:
    """Reads cell by cell and gathers every problem, so that a row is mended in one go."""

    def __init__(self, reader: Reader, row: Row) -> None:
        self._reader = reader
        self._row = row
        self._problems: list[Problem] = []
        self._notes: list[Problem] = []

    def read(self) -> Read:
        reader, now = self._reader, self._reader.now
        title, detail = self._cell("title"), self._cell("words")
        words = "\n".join(dict.fromkeys(part for part in (title, detail) if part))
        if not words:
            self._wrong("words", "这一行没有内容。")
        if len(words) > WORDS_MAX:
            words = words[:WORDS_MAX]
            self._note("words", "内容超过 {most} 字,只取前面的。", most=WORDS_MAX)
        reported_at = self._time("reported_at")
        closed_at = self._closed(reported_at)
        if reported_at is None and closed_at is not None:
            self._wrong("reported_at", "已经办结的要有上报时间。")
        place = self._cell("place")
        lon, lat = self._point()
        area_code, place, lon, lat = self._area(place, lon, lat)
        channel = self._channel()
        external = self._cell("external_id")
        if len(external) > EXTERNAL_MAX:
            self._wrong("external_id", "编号太长,请在 {most} 个字以内。", most=EXTERNAL_MAX)
        if external and reader.mapping.source:
            external = f"{reader.mapping.source}:{external}"
        if not external:
            # A row without a name of its own is named by what it says: repeats stay harmless.
            said = "\n".join((words, place, reported_at.isoformat() if reported_at else ""))
            external = "~" + hashlib.sha256(said.encode()).hexdigest()[:24]
        class_code = self._class()
        if self._problems:
            raise Invalid.all(self._problems)
        report = Report(
            id=case_id(reader.by.district, channel, external, reported_at or now),
            by=reader.by,
            words=words,
            channel=channel,
            class_code=class_code,
            area_code=area_code,
            lon=lon,
            lat=lat,
            place=place,
            trusted=True,
            reported_at=reported_at,
            external_id=external,
            historic=True,
            words_decide=True,
            offer=reader.offer and closed_at is None,
        )
        result = self._cell("result")[:RESULT_MAX]
        return Read(self._row.number, report, external, closed_at, result, tuple(self._notes))

    # -- cells -----------------------------------------------------------------------------

    def _cell(self, name: str) -> str:
        return self._reader.cell(self._row, name)

    def _wrong(self, name: str, words: str, **values: Any) -> None:
        field = self._reader.heading(name)
        self._problems.append(Problem(field, words, self._row.number, values))

    def _note(self, name: str, words: str, **values: Any) -> None:
        field = self._reader.heading(name)
        self._notes.append(Problem(field, words, self._row.number, values))

    def _time(self, name: str) -> datetime | None:
        text = self._cell(name)
        if not text:
            return None
        try:
            moment = parse_time(text, self._reader.mapping.tz)
        except Refusal as refusal:
            self._wrong(name, refusal.says, **refusal.data())
            return None
        if moment > self._reader.now:
            self._wrong(name, "时间晚于现在,请核对。")
            return None
        return moment

    def _closed(self, reported_at: datetime | None) -> datetime | None:
        closed_at = self._time("closed_at")
        state = self._cell("state")
        said = self._reader.meant("state", state) if state else None
        low = (said or state).lower()
        if low in _OPEN:
            if closed_at is not None:
                self._note("closed_at", "状态是未办结,没有采用办结时间。")
            return None
        if low in _CLOSED and closed_at is None and not self._cell("closed_at"):
            self._wrong("state", "状态是已办结,却没有办结时间。")
        if state and low not in _CLOSED:
            self._wrong(
                "state",
                "看不懂状态“{state}”,请在对照里说明是 open 还是 closed。",
                state=state[:20],
            )
        if closed_at is not None and reported_at is not None and closed_at < reported_at:
            self._wrong("closed_at", "办结时间早于上报时间,请核对。")
        return closed_at

    def _point(self) -> tuple[float | None, float | None]:
        texts = self._cell("lon"), self._cell("lat")
        if not any(texts):
            return None, None
        try:
            lon, lat = (float(text) for text in texts)
        except ValueError:
            self._wrong("lon", "经纬度要都填数字,或都留空。")
            return None, None
        if not (math.isfinite(lon) and math.isfinite(lat)) or abs(lon) > 180 or abs(lat) > 90:
            self._wrong("lon", "经度在 -180 到 180 之间,纬度在 -90 到 90 之间。")
            return None, None
        return (lon, lat) if lon or lat else (None, None)

    def _area(
        self, place: str, lon: float | None, lat: float | None
    ) -> tuple[str | None, str, float | None, float | None]:
        """Area code (None: by the point), place, point; outside, by the mapping's choice."""
        atlas, outside = self._reader.grounds.atlas, self._reader.mapping.outside
        text = self._cell("area_code")
        if text:
            code = self._reader.meant("area_code", text) or self._reader.area_named(text)
            if code is not None and code.startswith(atlas.county) and atlas.area(code):
                return code, place, lon, lat
            if outside == "county":
                self._note("area_code", "不是本区(县)的区域,记在区(县)名下,文字留在地点里。")
                return atlas.county, f"{text} {place}".strip(), None, None
            self._wrong(
                "area_code", "没有“{area}”这个区域,请填编码或在对照里说明。", area=text[:30]
            )
            return None, place, lon, lat
        if lon is None or lat is None or _near(atlas, lon, lat):
            return None, place, lon, lat
        if outside == "county":
            self._note("lon", "位置不在本区(县),记在区(县)名下,只留地点文字。")
            return atlas.county, place, None, None
        self._wrong("lon", "位置不在本区(县)范围内;要留下请选“区外的只留文字”。")
        return None, place, lon, lat

    def _channel(self) -> str:
        text = self._cell("channel")
        meant = self._reader.meant("channel", text) if text else None
        if meant in CHANNELS or text in CHANNELS:
            return meant or text
        return self._reader.mapping.channel

    def _class(self) -> str | None:
        text = self._cell("class_code")
        if not text:
            return None
        code = self._reader.meant("class_code", text)
        if code is not None and code not in self._reader.grounds.reference.classes:
            self._wrong("class_code", "对照里的“{code}”不是事项分类编码。", code=code[:20])
            return None
        code = code or self._reader.class_named(text)
        if code is None:
            self._note("class_code", "“{text}”不是本区(县)的分类,按文字归类。", text=text[:20])
        return code


def _near(atlas: Atlas, lon: float, lat: float) -> bool:
    if atlas.grid_of(lon, lat) is not None:
        return True
    shape = atlas.shape(atlas.county)
    return shape is None or bool(shape.distance(shapely.Point(lon, lat)) <= DRIFT)


def case_id(district: str, channel: str, external_id: str, moment: datetime) -> UUID:
    """A UUIDv7 whose chance is a hash of where the case came from: the same row is the same case,
    whoever imports it, and still sorts by its time."""
    ms = max(0, int(moment.timestamp() * 1000))
    said = hashlib.sha256("\n".join((district, channel, external_id)).encode()).digest()
    value = (ms & ((1 << 48) - 1)) << 80 | int.from_bytes(said[:10], "big")
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return UUID(int=value)


__all__ = ["Read", "Reader", "case_id"]
