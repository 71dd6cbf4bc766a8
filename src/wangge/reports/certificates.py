"""A sweep's account in the asker's own form: one row an area, or the rows that the form names.

Counts only, nothing of anybody. Headings are known by what they usually say and by the outcomes in
the words of the round's kind; what is not known stays empty and is marked.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO

from wangge.kernel.moments import local_date
from wangge.places.atlas import Atlas
from wangge.reports.workbook.fill import Column, Filler
from wangge.reports.workbook.layout import Layout, understand
from wangge.reports.workbook.package import open_package
from wangge.sweeps.certificate import GAPS, Account, AreaAccount
from wangge.sweeps.model import OUTCOME_NAMES, Kind, Outcome

#: What headings usually say, by value.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "area": (
        "区域",
        "地区",
        "单位",
        "社区",
        "村",
        "社区(村)",
        "村(社区)",
        "村社区",
        "网格",
        "名称",
    ),
    "total": (
        "应查",
        "应查户数",
        "应检户数",
        "总户数",
        "户数",
        "应走访户数",
        "应访户数",
        "底数",
    ),
    "done": (
        "已查",
        "已查户数",
        "实查户数",
        "有结果",
        "已走访户数",
        "已访户数",
        "完成户数",
        "已完成户数",
    ),
    "missing": ("缺口", "未查户数", "未完成户数", "漏查户数", "未走访户数", "漏检户数"),
    "people": ("登记人数", "总人数", "人数", "应检人数"),
    "people_done": ("已完成人数", "完成人数", "已检人数", "实检人数", "已采人数"),
    "people_exempt": ("免检人数", "免的人数"),
    "rate": ("完成率", "走访率", "检测率", "完成率(%)"),
    "number": ("序号", "编号"),
    "outcome:nobody": ("家中无人", "无人在家", "不在家"),
    "outcome:away": ("外出", "在外"),
    "outcome:refused": ("拒访", "拒绝", "不配合", "拒绝配合"),
    "outcome:vacant": ("空房", "空户", "空置房"),
}
#: What a row is called that holds the sums of areas, above or below it.
SUMS = ("合计", "总计", "共计", "全部")
_NUMBER = "number"


@dataclass(frozen=True, slots=True)
class FilledForm:
    """The workbook; `unknown` are headings that nothing was known for."""

    data: bytes
    unknown: tuple[str, ...]


def meanings(kind: Kind) -> dict[str, str]:
    """Heading → value, for a round's kind. Its own words go before the usual ones."""
    found = {
        words + ending: key
        for key, all_ in HEADINGS.items()
        for words in all_
        for ending in (("", "户数", "户") if key.startswith("outcome:") else ("",))
    }
    found |= {words: f"gap:{reason}" for reason, words in GAPS.items()}
    for outcome in Outcome:
        for words in (OUTCOME_NAMES[outcome], kind.words(outcome)):
            for ending in ("", "户数", "户"):
                found.setdefault(words + ending, f"outcome:{outcome}")
    return found


def value(key: str, area: AreaAccount | Account) -> str:
    """One number of a part of an account, or of the whole."""
    done = sum(area.counts.values())
    if key.startswith("outcome:"):
        return str(area.counts.get(key[8:], 0))
    if key.startswith("gap:"):
        return str(area.gaps.get(key[4:], 0))
    numbers = {
        "total": area.total,
        "done": done,
        "missing": area.total - done,
        "people": area.people,
        "people_done": area.people_done,
        "people_exempt": area.people_exempt,
    }
    if key == "rate":
        return f"{100 * done / area.total:.1f}" if area.total else "0"
    return str(numbers[key])


def _labels(account: Account, atlas: Atlas) -> dict[str, AreaAccount]:
    """Areas by what a row calls them: by name where that is one area's only, else by the path from
    the street down; two areas never share a row."""
    names = Counter(atlas.name(area.area_code) for area in account.areas)
    found: dict[str, AreaAccount] = {}
    for area in account.areas:
        name = atlas.name(area.area_code)
        label = name if names[name] == 1 else atlas.path(area.area_code)
        found[label if label not in found else f"{label} {area.area_code}"] = area
    return found


def _sum(areas: Collection[AreaAccount]) -> AreaAccount:
    """Areas as one; its code is nobody's."""

    def each(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
        found: Counter[str] = Counter()
        for part in parts:
            found.update(part)
        return dict(found)

    return AreaAccount(
        "",
        sum(area.total for area in areas),
        each(area.counts for area in areas),
        each(area.gaps for area in areas),
        sum(area.people for area in areas),
        sum(area.people_done for area in areas),
        sum(area.people_exempt for area in areas),
    )


def _named_rows(
    rows: Mapping[int, str], labels: Mapping[str, AreaAccount]
) -> dict[int, AreaAccount]:
    """What belongs in the rows that a form names. A sum is that of the areas that the form names, so
    that its table adds up: those since the sum before, or all of them where there are none."""
    numbers = sorted(rows)
    if rows[numbers[0]] not in labels:
        numbers.reverse()  # sums stand above what they are of
    every = {area.area_code: area for words in rows.values() if (area := labels.get(words))}
    found: dict[int, AreaAccount] = {}
    block: dict[str, AreaAccount] = {}
    for number in numbers:
        area = labels.get(rows[number])
        if area is not None:
            block[area.area_code] = area
        else:
            area = _sum((block or every).values())
            block = {}
        found[number] = area
    return found


def fill_form(
    data: bytes, name: str, account: Account, kind: Kind, atlas: Atlas, by: str
) -> FilledForm:
    """Fill an asker's form with an account. `by` is who fills it in. Raises the refusals of
    `workbook` (no heading known, nothing to fill, unreadable, macros)."""
    known = meanings(kind)
    package = open_package(data, name)
    labels = _labels(account, atlas)

    def laid_out(*sums: str) -> Layout:
        rows = {*labels, *sums}
        return understand(
            package, known.__contains__, named=list(known), row_labels=rows.__contains__
        )

    layout = laid_out(*SUMS)
    # A form that names its areas may name their sums too; one that does not is told it by `once`.
    if not labels.keys() & set(layout.labels.values()):
        layout = laid_out()
    named = _named_rows(layout.labels, labels) if layout.labels else {}
    codes = {area.area_code: area for area in named.values() if area.area_code}
    whole = _sum(codes.values()) if named else account
    where: dict[str, int] = {}
    unknown: list[tuple[int, str]] = []
    for slot in layout.slots:
        key = known.get(slot.heading.leaf)
        if key is None:
            if not slot.formula:
                unknown.append((slot.heading.column, slot.heading.leaf))
        else:
            where.setdefault(key, slot.heading.column)
    keys = [key for key in where if key != _NUMBER]
    columns = [Column(where[key], "text" if key == "area" else "number", False) for key in keys]
    today = local_date(account.at)
    once = {
        "unit": atlas.path(account.area_code),
        "date": today.isoformat(),
        "day": f"{today.year}年{today.month}月{today.day}日",
        "by": by,
        "rows": str(whole.total),
    }
    once |= {
        f"named:{words}": value(key, whole)
        for words, key in known.items()
        if key not in ("area", _NUMBER)
    }
    out = BytesIO()
    filler = Filler(
        package,
        layout,
        columns,
        out,
        unfilled=[column for column, _ in unknown],
        numbered=where.get(_NUMBER),
        once=once,
    )
    try:
        if named:
            filler.counted(
                {
                    number: [_cell(key, layout.labels[number], area) for key in keys]
                    for number, area in named.items()
                }
            )
        else:
            for label, area in labels.items():
                filler.row([_cell(key, label, area) for key in keys])
        filler.close()
    except BaseException:
        filler.abandon()
        raise
    return FilledForm(out.getvalue(), tuple(words for _, words in unknown))


def _cell(key: str, label: str, area: AreaAccount) -> bytes:
    text = label if key == "area" else value(key, area)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").encode()
