"""Whether a report can be taken at all, where it belongs and of which class it is."""

import math
import os
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import ClassVar

from wangge.cases.acts import REPORT
from wangge.cases.classify import classify
from wangge.cases.taxonomy import CaseClass
from wangge.dispatch.decide.report import CHANNELS, Grounds, Report
from wangge.kernel.refusals import Forbidden, Invalid, Refusal
from wangge.kernel.said import both, said
from wangge.places.geometry import shapely
from wangge.responses import NoResponse

WORDS_MAX = 2000
TITLE_MAX = 40
#: Degrees around the county's boundary that a phone's position may be off by (about 300 m).
DRIFT = 0.003
#: A live report may claim to be this old (a phone can be without a network for days).
OLD_MAX = timedelta(days=30)
AHEAD_MAX = timedelta(minutes=10)
_BREAK = re.compile(r"[。!?!?\n;;]")


@dataclass(eq=False)
class OtherDistrict(Refusal):
    """The place is not ours; we say so at once instead of letting it wait in a wrong queue."""

    says: ClassVar[str] = (
        "这个位置不在本区(县)范围内。请向当地反映,或拨打 12345;紧急情况拨 110、119、120。"
    )
    status: ClassVar[int] = 422


def check(report: Report, now: datetime) -> str:
    """The report's words, clean. Raises Invalid."""
    if report.channel not in CHANNELS:
        raise Invalid.of("channel", "没有“{channel}”这个渠道。", channel=report.channel)
    if report.by.kind != "resident" and not report.by.may_somewhere(REPORT, now):
        raise Forbidden(REPORT.name)
    words = report.clean_words()
    if not words and not report.class_code:
        raise Invalid.of("words", "请写几个字说明情况,或选一个事项。")
    if len(words) > WORDS_MAX:
        raise Invalid.of("words", "内容请在 {most} 字以内。", most=WORDS_MAX)
    claimed = report.reported_at
    if claimed is not None:
        oldest = now - OLD_MAX
        if claimed > now + AHEAD_MAX:
            raise Invalid.of("reported_at", "上报时间不能晚于现在。")
        if not report.historic and claimed < oldest:
            raise Invalid.of("reported_at", "上报时间太早;历史事件请用批量导入。")
    if (report.lon is None) != (report.lat is None):
        raise Invalid.of("lon", "经度和纬度要一起给。")
    if (
        report.lon is not None
        and report.lat is not None
        and not (
            math.isfinite(report.lon)
            and math.isfinite(report.lat)
            and -180 <= report.lon <= 180
            and -90 <= report.lat <= 90
        )
    ):
        raise Invalid.of("lon", "经纬度不对:经度在 -180 到 180 之间,纬度在 -90 到 90 之间。")
    return words


def area_of(report: Report, grounds: Grounds) -> tuple[str, str]:
    """Where it belongs, and a note when that is only roughly known. Raises Invalid and
    OtherDistrict."""
    atlas = grounds.atlas
    county = atlas.county
    if report.area_code:
        code = report.area_code
        area = atlas.area(code)
        if area is not None and area.open:
            return code, ""
        if not re.fullmatch(r"\d{6}|\d{9}|\d{12}|\d{15}|\d{18}", code):
            raise Invalid.of(
                "area_code",
                "区域编码“{code}”不对:应为 6、9、12、15 或 18 位数字。",
                code=code[:30],
            )
        if not code.startswith(county):
            raise OtherDistrict()
        if area is None:
            raise Invalid.of("area_code", "没有编码为“{code}”的区域。", code=code)
        successors = atlas.resolve(code)
        if len(successors) == 1:
            return successors[0], ""
        if report.lon is not None and report.lat is not None:
            inside = atlas.grid_of(report.lon, report.lat)
            if inside is not None and inside.startswith(successors):
                return inside, ""
        return code[:12], said("原网格已拆分,先到社区")
    if report.lon is not None and report.lat is not None:
        inside = atlas.grid_of(report.lon, report.lat)
        if inside is not None:
            return inside, ""
        shape = atlas.shape(county)
        here = shapely.Point(report.lon, report.lat)
        if shape is not None and not report.historic and shape.distance(here) > DRIFT:
            raise OtherDistrict()
        return county, said("位置不在任何网格内")
    return county, said("没有位置")


def class_of(
    report: Report, grounds: Grounds, area_code: str, words: str, *, declared: bool
) -> tuple[CaseClass | None, str | None, str]:
    """The chosen class or a keyword table's, by whom, and why. Raises Invalid, NoResponse."""
    reference = grounds.reference
    if report.class_code:
        known = reference.classes.get(report.class_code)
        if known is None:
            raise Invalid.of(
                "class_code", "没有“{code}”这个事项分类。", code=report.class_code[:30]
            )
        if known.needs_response and not declared:
            raise NoResponse(area_code)
        return known, "reporter", chosen(known)
    guess = classify(words, None, reference.keywords if declared else reference.peace)
    known = reference.classes.get(guess.code or "")
    name = both(known.name_zh, known.name_en) if known else guess.name
    return known, "keywords" if known else None, guess.kept(name)


@lru_cache(maxsize=1_000)
def chosen(known: CaseClass) -> str:
    """That the reporter chose the class, as a sentence to keep."""
    name = both(known.name_zh, known.name_en)
    return said("填报人选定 {code} {name}", code=known.code, name=name)


def title_of(words: str, known: CaseClass | None) -> str:
    """The first sentence, short; without words, the class's name."""
    if not words:
        return known.name_zh if known else ""
    end = _BREAK.search(words)
    first = (words[: end.start()].strip() if end else words) or words
    return first if len(first) <= TITLE_MAX else first[: TITLE_MAX - 1] + "…"


#: Crockford's base 32: no I, L, O, U, so that a number read over the telephone stays right.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = tuple(a + b for a in _ALPHABET for b in _ALPHABET)


def new_receipt() -> str:
    """Twelve characters by chance (60 bits): nobody guesses another's receipt."""
    chance = int.from_bytes(os.urandom(8), "big")
    a, b, c, d, e, f = (_PAIRS[(chance >> at) & 1023] for at in range(0, 60, 10))
    return f"{a}{b}-{c}{d}-{e}{f}"
