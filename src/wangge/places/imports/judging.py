"""What would become of each row: new, same, changed or refused, and what looks wrong with it.

The rows are laid over the atlas. A refusal is for what cannot be kept; a boundary that leaves its
parent by some per cent or overlaps its neighbour is kept and shown, since the maps that offices
have never fit perfectly, and the drawing tool is there to mend them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from wangge.kernel.actors import Reach
from wangge.kernel.refusals import Invalid, Problem
from wangge.places.atlas import Atlas
from wangge.places.datums import Datum, likely_datum, to_wgs
from wangge.places.geometry import DECIMALS, rounded, shapely
from wangge.places.imports.reading import RawRow
from wangge.places.model import (
    GRID_KINDS,
    KIND_NAMES,
    LENGTHS,
    AreaKind,
    kind_of,
    parent_of,
)
from wangge.places.shapes import (
    OUTSIDE_SHARE,
    SLIVER_M2,
    SLIVER_SHARE,
    polygon_of,
    rounded_json,
    square_metres,
)

#: So much of an area outside of its parent is no sliver but a mistake.
MOSTLY_OUTSIDE = 0.5
#: Shapes looked at for the datum.
LAID_MAX = 60
NAME_MAX = 60
#: Parents whose gaps are looked for.
GAPS_MAX = 500


class Verdict(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    SAME = "same"
    CHANGED = "changed"
    REFUSED = "refused"


VERDICT_NAMES: dict[Verdict, str] = {
    Verdict.NEW: "新建",
    Verdict.SAME: "没有变化",
    Verdict.CHANGED: "有变化",
    Verdict.REFUSED: "不能导入",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One field, from what to what. A boundary says how many square metres it changes."""

    field: str
    old: str
    new: str


@dataclass(slots=True)
class Line:
    """One row's fate. `boundary` is GeoJSON text in WGS-84, or None when none was given."""

    number: int
    code: str
    name: str
    kind: AreaKind | None
    grid_kind: str | None
    boundary: str | None
    verdict: Verdict
    changes: list[Change] = field(default_factory=list[Change])
    problems: list[Problem] = field(default_factory=list[Problem])
    warnings: list[Problem] = field(default_factory=list[Problem])
    shape: Any = None


def guess_datum(atlas: Atlas, rows: Sequence[RawRow], *, amap: bool) -> Datum | None:
    """What the coordinates look like, laid over known boundaries; else what kind of file it is."""
    named: dict[str, list[str]] = {}
    for area in atlas.open_areas():
        named.setdefault(area.name, []).append(area.code)
    pairs: list[tuple[Any, Any, bool]] = []
    for row in rows:
        if row.boundary is None or len(pairs) >= LAID_MAX:
            continue
        code, above = _meant(named, row)
        known = atlas.shape(code)
        parent = atlas.shape(above)
        if known is None and parent is None:
            continue
        try:
            shape = polygon_of(row.boundary)
        except Invalid:
            continue
        pairs.append((shape, known if known is not None else parent, known is not None))
    return likely_datum(pairs) or ("gcj02" if amap else None)


def _meant(named: Mapping[str, Sequence[str]], row: RawRow) -> tuple[str, str]:
    """The codes of the area and of its parent that a row speaks of, by code or by a name that only one
    area has (below that parent); "" for what it does not tell. Maps of others know names, seldom codes."""

    def only(codes: Sequence[str]) -> str:
        return codes[0] if len(codes) == 1 else ""

    above = row.parent if row.parent.isdecimal() else only(named.get(row.parent, ()))
    below = [one for one in named.get(row.name, ()) if not above or parent_of(one) == above]
    code = row.code or only(below)
    return code, parent_of(code) or above


@dataclass(frozen=True, slots=True)
class Gap:
    """So much of an area none of its parts will cover."""

    code: str
    name: str
    percent: int


@dataclass(frozen=True, slots=True)
class Judged:
    """Every row's fate, in the order of the file, and the gaps that will be left."""

    lines: tuple[Line, ...]
    gaps: tuple[Gap, ...]


def judge(
    atlas: Atlas, reach: Reach, rows: Sequence[RawRow], datum: Datum, *, renames: bool = True
) -> Judged:
    """Lay the rows over the atlas; costs no statement. `renames`: a name that differs is a change
    (a map's labels are somebody's habit, a table is a decision)."""
    judging = _Judging(atlas, reach, rows, datum, renames)
    lines = judging.lines()
    return Judged(tuple(lines), tuple(judging.gaps()))


class _Judging:
    def __init__(
        self,
        atlas: Atlas,
        reach: Reach,
        rows: Sequence[RawRow],
        datum: Datum,
        renames: bool,
    ) -> None:
        self._atlas = atlas
        self._reach = reach
        self._rows = rows
        self._datum: Datum = datum
        self._renames = renames
        self._lines: dict[str, Line] = {}
        self._refused: list[Line] = []
        self._next: dict[str, int] = {}
        self._named: dict[str, list[str]] = {}
        for area in atlas.open_areas():
            self._named.setdefault(area.name, []).append(area.code)

    def lines(self) -> list[Line]:
        # Parents first, whatever the order of the file: a code is never longer than its parts'.
        for row in sorted(self._rows, key=lambda row: (self._depth(row), row.number)):
            line = self._line(row)
            if line.verdict is Verdict.REFUSED:
                self._refused.append(line)
            else:
                self._lines[line.code] = line
                self._named.setdefault(line.name, [])
                if line.code not in self._named[line.name]:
                    self._named[line.name].append(line.code)
        self._fit()
        return sorted([*self._lines.values(), *self._refused], key=lambda line: line.number)

    def _depth(self, row: RawRow) -> int:
        if row.code:
            return len(row.code)
        return LENGTHS[AreaKind(row.kind)] if row.kind else 99

    # -- one row --------------------------------------------------------------------------

    def _line(self, row: RawRow) -> Line:
        try:
            if row.problem is not None:
                raise Invalid((row.problem,), 1)
            code = self._code(row)
            return self._known_line(row, code) if code else self._unnamed(row)
        except Invalid as wrong:
            kind = AreaKind(row.kind) if row.kind else None
            line = Line(row.number, row.code, row.name, kind, None, None, Verdict.REFUSED)
            line.problems.extend(wrong.problems)
            return line

    def _code(self, row: RawRow) -> str:
        """The row's own code, or that of the area it can only mean; "" for a new one to number."""
        if row.code:
            return row.code
        if not row.name:
            raise Invalid.of("code", "没有代码,也没有名称。", row=row.number)
        parent = self._parent_code(row)
        meant = [
            code
            for code in self._named.get(row.name, ())
            if (not parent or parent_of(code) == parent)
            and (not row.kind or kind_of(code).value == row.kind)
        ]
        if len(meant) > 1:
            raise Invalid.of(
                "code",
                "叫“{name}”的区域有 {count} 个({codes}),请写明代码。",
                row=row.number,
                name=row.name,
                count=len(meant),
                codes="、".join(meant[:5]),
            )
        return meant[0] if meant else ""

    def _parent_code(self, row: RawRow) -> str:
        """The code of the parent the row names, by code or by name; "" when it names none."""
        if not row.parent or row.parent in (row.code, row.name):
            if row.parent:
                raise Invalid.of("parent", "上级不能是它自己。", row=row.number)
            return ""
        if row.parent.isascii() and row.parent.isdigit():
            return row.parent
        meant = [
            code
            for code in self._named.get(row.parent, ())
            if not row.code or row.code.startswith(code)
        ]
        if len(meant) == 1:
            return meant[0]
        raise Invalid.of(
            "parent",
            "没有叫“{name}”的上级区域。"
            if not meant
            else "叫“{name}”的上级区域不止一个,请写代码。",
            row=row.number,
            name=row.parent,
        )

    def _unnamed(self, row: RawRow) -> Line:
        """A new area without a code: the next free number below its parent."""
        parent = self._parent_code(row)
        kind = AreaKind(row.kind) if row.kind else None
        if not parent:
            raise Invalid.of("code", "没有代码,也没有写上级,不知道建在哪里。", row=row.number)
        below = next(
            (k for k, length in LENGTHS.items() if length == len(parent) + 3),
            AreaKind.MICRO_GRID,
        )
        if kind is not None and kind is not below:
            raise Invalid.of(
                "kind",
                "“{parent}”的下一级是{below},不是{kind}。",
                row=row.number,
                parent=parent,
                below=KIND_NAMES[below],
                kind=KIND_NAMES[kind],
            )
        return self._known_line(row, self._free(parent, row.number))

    def _free(self, parent: str, number: int) -> str:
        """Codes are never used twice: behind every one that ever was."""
        if parent not in self._next:
            used = [int(code[-3:]) for code in self._atlas.ever_below(parent)]
            used += [
                int(row.code[-3:])
                for row in self._rows
                if row.code.isdigit() and parent_of(row.code) == parent
            ]
            self._next[parent] = max(used, default=0) + 1
        if self._next[parent] > 999:
            raise Invalid.of("code", "“{code}”下面的号码用完了。", row=number, code=parent)
        self._next[parent] += 1
        return f"{parent}{self._next[parent] - 1:03d}"

    def _known_line(self, row: RawRow, code: str) -> Line:
        number = row.number
        try:
            kind = kind_of(code)
        except Invalid as wrong:
            raise Invalid(
                tuple(Problem(p.field, p.words, number, p.values) for p in wrong.problems),
                wrong.count,
            ) from wrong
        if row.kind and row.kind != kind.value:
            raise Invalid.of(
                "kind",
                "代码“{code}”有 {length} 位,是{by_code},表里写的是{written}。",
                row=number,
                code=code,
                length=len(code),
                by_code=KIND_NAMES[kind],
                written=KIND_NAMES[AreaKind(row.kind)],
            )
        if code in self._lines:
            raise Invalid.of(
                "code",
                "代码“{code}”在第 {first} 行已经有了。",
                row=number,
                code=code,
                first=self._lines[code].number,
            )
        self._check_parent(row, code)
        if not self._reach.covers(code):
            raise Invalid.of("code", "“{code}”不在您可以调整的区域内。", row=number, code=code)
        area = self._atlas.area(code)
        if area is not None and not area.open:
            raise Invalid.of(
                "code",
                "“{name}”({code})已停用,代码不能再用。",
                row=number,
                name=area.name,
                code=code,
            )
        grid_kind = row.grid_kind or (area.grid_kind if area else None)
        allowed = GRID_KINDS.get(kind, ())
        if grid_kind and grid_kind not in allowed:
            raise Invalid.of(
                "grid_kind", "这种类型不能用在{kind}上。", row=number, kind=KIND_NAMES[kind]
            )
        grid_kind = grid_kind or (allowed[0] if allowed else None)
        name = row.name or (area.name if area else "")
        if not 1 <= len(name) <= NAME_MAX:
            raise Invalid.of("name", "名称应为 1 到 {most} 个字。", row=number, most=NAME_MAX)
        shape = self._shape(row)
        line = Line(
            number,
            code,
            name,
            kind,
            grid_kind,
            rounded_json(shape) if shape is not None else None,
            Verdict.NEW if area is None else Verdict.SAME,
            shape=shape,
        )
        if area is not None:
            self._compare(line)
        return line

    def _check_parent(self, row: RawRow, code: str) -> None:
        above = parent_of(code)
        if above is None:
            if self._atlas.county not in ("", code):
                raise Invalid.of(
                    "code",
                    "一个区(县)只有一个 6 位代码:{county}。",
                    row=row.number,
                    county=self._atlas.county,
                )
            return
        named = self._parent_code(row)
        if named and named != above and not above.startswith(named):
            raise Invalid.of(
                "parent",
                "代码“{code}”的上级应是 {above},表里写的是 {named}。",
                row=row.number,
                code=code,
                above=above,
                named=named,
            )
        if self._atlas.county and not code.startswith(self._atlas.county):
            raise Invalid.of(
                "code",
                "“{code}”不属于本区(县){county}。",
                row=row.number,
                code=code,
                county=self._atlas.county,
            )
        known = self._atlas.area(above)
        if above in self._lines or (known is not None and known.open):
            return
        raise Invalid.of(
            "parent",
            "上级区域 {above} 不存在或已停用;请先导入上级,或一起放在表里。",
            row=row.number,
            above=above,
        )

    def _shape(self, row: RawRow) -> Any:
        if row.boundary is None:
            return None
        try:
            given = polygon_of(row.boundary)
            shape = rounded(to_wgs(given, self._datum))
            if not shape.is_valid:
                shape = shapely.make_valid(shape).buffer(0)  # rounding folded a spike
            if square_metres(shape) < 1.0:
                raise Invalid.of("boundary", "这块地不到一平方米,请检查坐标。")
        except Invalid as wrong:
            raise Invalid(
                tuple(Problem(p.field, p.words, row.number, p.values) for p in wrong.problems),
                wrong.count,
            ) from wrong
        return shape

    def _compare(self, line: Line) -> None:
        area = self._atlas.area(line.code)
        assert area is not None
        if line.name != area.name:
            if self._renames:
                line.changes.append(Change("name", area.name, line.name))
            else:
                line.warnings.append(
                    Problem(
                        "name", "图上叫“{given}”,不改名。", line.number, {"given": line.name}
                    )
                )
                line.name = area.name
        if line.grid_kind != area.grid_kind:
            line.changes.append(Change("grid_kind", area.grid_kind or "", line.grid_kind or ""))
        if line.shape is not None:
            was = self._atlas.shape(line.code)
            if was is None:
                line.changes.append(
                    Change("boundary", "", str(round(square_metres(line.shape))))
                )
            elif not shapely.equals_exact(was, line.shape, 10.0**-DECIMALS):
                moved = square_metres(was.symmetric_difference(line.shape))
                line.changes.append(Change("boundary", "", str(round(moved))))
            else:
                line.boundary = None
        if line.changes:
            line.verdict = Verdict.CHANGED

    # -- how they lie beside one another ----------------------------------------------------

    def _after(self, code: str) -> Any:
        """The shape an area will have."""
        line = self._lines.get(code)
        return (
            line.shape
            if line is not None and line.shape is not None
            else self._atlas.shape(code)
        )

    def _fit(self) -> None:
        """Inside their parents, beside their neighbours: shown, and refused when it is most of
        an area."""
        families: dict[str, list[Line]] = {}
        for line in self._lines.values():
            if line.shape is not None and line.boundary is not None:
                families.setdefault(parent_of(line.code) or "", []).append(line)
        for parent, drawn in families.items():
            self._inside(self._after(parent) if parent else None, drawn)
            if parent:
                self._beside(parent, [one for one in drawn if one.code in self._lines])

    def _inside(self, around: Any, drawn: Iterable[Line]) -> None:
        if around is None:
            return
        shapely.prepare(around)
        for line in drawn:
            if line.code not in self._lines or around.covers(line.shape):
                continue
            size = square_metres(line.shape)
            outside = square_metres(line.shape.difference(around))
            percent = round(100 * outside / size)
            if outside > size * MOSTLY_OUTSIDE:
                self._refuse(
                    line,
                    Problem(
                        "boundary",
                        "边界有 {percent}% 在上级区域之外,可能代码或坐标系不对。",
                        line.number,
                        {"percent": percent},
                    ),
                )
            elif outside > max(SLIVER_M2, size * OUTSIDE_SHARE):
                line.warnings.append(
                    Problem(
                        "boundary",
                        "边界有 {percent}% 在上级区域之外。",
                        line.number,
                        {"percent": max(1, percent)},
                    )
                )

    def _refuse(self, line: Line, problem: Problem) -> None:
        """Refuse a row after all, and what was to be built on it."""
        was = line.verdict
        line.verdict = Verdict.REFUSED
        line.problems.append(problem)
        del self._lines[line.code]
        self._refused.append(line)
        if was is Verdict.NEW:
            for code in [code for code in self._lines if parent_of(code) == line.code]:
                self._refuse(
                    self._lines[code],
                    Problem(
                        "parent",
                        "上级(第 {row} 行)不能导入。",
                        self._lines[code].number,
                        {"row": line.number},
                    ),
                )

    def _beside(self, parent: str, drawn: Sequence[Line]) -> None:
        codes = {area.code for area in self._atlas.children(parent)}
        codes |= {code for code in self._lines if parent_of(code) == parent}
        around = [(code, self._after(code)) for code in sorted(codes)]
        around = [(code, shape) for code, shape in around if shape is not None]
        tree = shapely.STRtree([shape for _, shape in around])
        for line in drawn:
            near: list[int] = tree.query(line.shape, predicate="intersects").tolist()
            for at in sorted(near):
                code, shape = around[at]
                if code == line.code:
                    continue
                common = square_metres(line.shape.intersection(shape))
                least = min(square_metres(line.shape), square_metres(shape))
                if common > max(SLIVER_M2, least * SLIVER_SHARE):
                    line.warnings.append(
                        Problem(
                            "boundary",
                            "和“{name}”重叠约 {area} 平方米。",
                            line.number,
                            {"name": self._name(code), "area": round(common)},
                        )
                    )

    def gaps(self) -> list[Gap]:
        """Parents whose parts, all drawn, leave some of them uncovered."""
        found: list[Gap] = []
        parents = {parent_of(line.code) for line in self._lines.values() if line.boundary}
        for parent in sorted(code for code in parents if code)[:GAPS_MAX]:
            around = self._after(parent)
            codes = {area.code for area in self._atlas.children(parent)}
            codes |= {code for code in self._lines if parent_of(code) == parent}
            parts = [self._after(code) for code in codes]
            if around is None or any(part is None for part in parts):
                continue
            left = square_metres(around.difference(shapely.union_all(parts)))
            percent = round(100 * left / square_metres(around))
            if percent >= 1:
                found.append(Gap(parent, self._name(parent), percent))
        return found

    def _name(self, code: str) -> str:
        line = self._lines.get(code)
        return line.name if line is not None else self._atlas.name(code)
