"""Tables of areas (code, name, parent, kind) and GeoJSON with their boundaries, as they come.

Offices pad codes to twelve digits, spreadsheets turn long ones into floating point, and maps
call the code `adcode`. What can be read is read; what cannot says why, row by row.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, cast

import msgspec

from wangge.kernel.columns import heading_key, match_headings
from wangge.kernel.refusals import Problem, Refusal
from wangge.kernel.sheet_refusals import FileMissingOrEmpty, TableTooLarge, TooManyRows
from wangge.kernel.sheets import open_table
from wangge.places.geometry import shapely
from wangge.places.model import GRID_KIND_NAMES, AreaKind

#: Bytes of a file, and areas in it. A county has some 25,000.
BYTES_MAX = 60_000_000
ROWS_MAX = 60_000

#: Words people put above the columns, the most certain first.
HEADINGS: Mapping[str, Sequence[str]] = {
    "code": (
        *("区域代码", "代码", "编码", "区划代码", "行政区划代码", "统计用区划代码", "网格编码"),
        *("网格代码", "社区代码", "微网格编码", "code", "adcode", "区域编码", "村社代码"),
    ),
    "name": (
        *("区域名称", "名称", "网格名称", "社区名称", "街道名称", "村(社区)名称", "微网格名称"),
        *("name", "村社名称", "单位名称"),
    ),
    "parent": (
        *("上级代码", "上级编码", "上级区域代码", "上级", "上级区域", "上级名称", "所属网格"),
        *("所属社区", "所属街道", "parent", "parentcode", "streetcode", "areacode"),
    ),
    "kind": ("级别", "层级", "区域级别", "类型", "区域类型", "kind", "level"),
    "grid_kind": ("网格类型", "网格类别", "微网格类型", "gridkind"),
    "boundary": ("边界", "边界坐标", "网格边界", "坐标串", "boundary", "geojson", "wkt"),
}
KIND_WORDS: Mapping[str, AreaKind] = {
    word: kind
    for kind, words in {
        AreaKind.COUNTY: ("区(县)", "区县", "区", "县", "县级市", "county", "district"),
        AreaKind.STREET: (
            *("街道(镇)", "街道", "镇", "乡", "乡镇", "乡镇街道", "街道镇", "镇街", "street"),
            "town",
        ),
        AreaKind.COMMUNITY: (
            *(
                "社区(村)",
                "社区",
                "村",
                "行政村",
                "村社",
                "村(社区)",
                "社区村",
                "居委会",
                "村委会",
            ),
            *("community", "village"),
        ),
        AreaKind.GRID: ("网格", "grid", "基础网格", "专属网格"),
        AreaKind.MICRO_GRID: (
            *("微网格", "micro_grid", "microgrid", "楼道微网格", "卡口微网格", "企业微网格"),
        ),
    }.items()
    for word in words
}
_GRID_KINDS = {words: code for code, words in GRID_KIND_NAMES.items()} | {
    code: code for code in GRID_KIND_NAMES
}
#: Keys of a map's properties.
_CODE_KEYS = ("code", "adcode", "区域代码", "代码", "编码", "区划代码", "网格编码", "社区代码")
_NAME_KEYS = ("name", "名称", "区域名称", "网格名称", "社区名称")
_PARENT_KEYS = ("parent", "上级", "上级代码", "parentcode")
_KIND_KEYS = ("kind", "级别", "类型", "level")
#: Maps of 高德 (DataV) and their copies carry these, and they are GCJ-02.
_AMAP = frozenset({"adcode", "acroutes", "childrenNum", "subFeatureIndex", "centroid"})
#: Coordinate systems in degrees on WGS-84 or CGCS2000, which differ by centimetres.
_DEGREES = re.compile(r"CRS84|4326|4490|4979|WGS ?84|CGCS", re.I)


@dataclass(eq=False)
class NotAMap(Refusal):
    """A GeoJSON file that is none."""

    says: ClassVar[str] = "文件《{name}》不是边界文件:{why}。请导出 GeoJSON(经纬度)再传。"
    status: ClassVar[int] = 422
    name: str
    why: str


@dataclass(eq=False)
class NoAreaColumns(Refusal):
    """A table that names neither codes nor names."""

    says: ClassVar[str] = (
        "文件《{name}》里没有区域代码或名称的列。表头请写“区域代码、名称、上级代码、级别”。"
    )
    status: ClassVar[int] = 422
    name: str


@dataclass(frozen=True, slots=True)
class RawRow:
    """One area as somebody wrote it. `parent` is a code or a name; `boundary` GeoJSON as given."""

    number: int
    code: str
    name: str
    parent: str = ""
    kind: str = ""
    grid_kind: str = ""
    boundary: Any = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What was found in a file. `amap` says that it looks like one of 高德's."""

    kind: str
    rows: tuple[RawRow, ...]
    notes: tuple[Problem, ...] = ()
    amap: bool = False


def read_file(data: bytes, name: str) -> ReadFile:
    """Told apart by its first byte. Raises the refusals of `kernel.sheets`, NotAMap,
    NoAreaColumns."""
    if len(data) > BYTES_MAX:
        raise TableTooLarge(name, -(-len(data) // 1_000_000), BYTES_MAX // 1_000_000)
    if not data:
        raise FileMissingOrEmpty(name)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return _read_map(data, name)
    return _read_table(data, name)


# -- tables ------------------------------------------------------------------------------------


def _read_table(data: bytes, name: str) -> ReadFile:
    known = {heading_key(word) for words in HEADINGS.values() for word in words}
    table = open_table(
        data,
        name,
        known=lambda text: heading_key(text) in known,
        max_bytes=BYTES_MAX,
        max_rows=ROWS_MAX,
    )
    columns = match_headings(table.headings, HEADINGS)
    if "code" not in columns and "name" not in columns:
        raise NoAreaColumns(name)
    place = {heading: at for at, heading in enumerate(table.headings)}
    at = {key: place[found[0]] for key, found in columns.items()}

    def cell(cells: Sequence[str], key: str) -> str:
        return cells[at[key]].strip() if key in at else ""

    rows = [
        _row(
            row.number,
            cell(row.cells, "code"),
            cell(row.cells, "name"),
            cell(row.cells, "parent"),
            cell(row.cells, "kind"),
            cell(row.cells, "grid_kind"),
            cell(row.cells, "boundary"),
        )
        for row in table.rows
    ]
    return ReadFile("table", tuple(rows), tuple(table.notes))


def _row(
    number: int, code: str, name: str, parent: str, kind: str, grid_kind: str, boundary: Any
) -> RawRow:
    kind, grid_kind = _clean(kind), _clean(grid_kind)
    grid_kind = grid_kind or (kind if kind in _GRID_KINDS else "")
    problem: Problem | None = None
    code, problem = read_code(code, kind)
    problem = problem and replace(problem, row=number)
    if parent and parent != name:
        parent = read_code(parent, "")[0] or parent
    if not problem and kind and kind not in KIND_WORDS:
        problem = Problem("kind", "没有“{kind}”这种级别。", number, {"kind": kind[:40]})
    if not problem and grid_kind and grid_kind not in _GRID_KINDS:
        problem = Problem(
            "grid_kind", "没有“{kind}”这种网格。", number, {"kind": grid_kind[:40]}
        )
    shape: Any = None
    if isinstance(boundary, str) and boundary and not problem:
        shape = _shape_of_text(boundary)
        if shape is None:
            problem = Problem(
                "boundary", "边界看不懂。请写 GeoJSON、WKT,或“经度,纬度;经度,纬度;…”。", number
            )
    elif boundary:
        shape = boundary
    return RawRow(
        number,
        code[:40],
        " ".join(name.split())[:200],
        " ".join(parent.split())[:200],
        KIND_WORDS[kind].value if kind in KIND_WORDS else "",
        _GRID_KINDS.get(grid_kind, ""),
        shape,
        problem,
    )


def _clean(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def read_code(text: str, kind: str) -> tuple[str, Problem | None]:
    """A code as digits. A twelve-digit code of a street or county (330604001000, as statistics
    offices write it) is cut to its own length."""
    code = _clean(text).lstrip("'").removesuffix(".0")
    if re.fullmatch(r"\d(\.\d+)?[Ee]\+?\d+", code):
        return code, Problem(
            "code",
            "代码“{code}”变成了科学计数法,请把这一列设成文本再填。",
            values={"code": code},
        )
    if len(code) == 18 and code.endswith("000") and code.isdigit():
        return code, Problem(
            "code",
            "代码“{code}”的末尾是 000,像是表格把长数字改成了近似值。请把这一列设成文本再填。",
            values={"code": code},
        )
    level = KIND_WORDS.get(kind)
    if len(code) == 12 and code.isdigit() and level in (None, AreaKind.STREET, AreaKind.COUNTY):
        if code.endswith("000000"):
            return code[:6], None
        if code.endswith("000"):
            return code[:9], None
    return code, None


def _shape_of_text(text: str) -> Any:
    """GeoJSON, WKT, or pairs of degrees; None when it is none of them."""
    text = text.strip()
    try:
        if text.startswith("{"):
            return _geometry(msgspec.json.decode(text))
        if text[:1].isalpha():
            return msgspec.json.decode(shapely.to_geojson(shapely.from_wkt(text)))
        pairs = [pair for pair in re.split(r"[;;|\n]+", text) if pair.strip()]
        ring = [[float(number) for number in re.split(r"[,,\s]+", p.strip())] for p in pairs]
        if any(len(point) != 2 for point in ring) or len(ring) < 3:
            return None
        return {"type": "Polygon", "coordinates": [_closed(ring)]}
    except (ValueError, TypeError, msgspec.DecodeError, shapely.errors.ShapelyError):
        return None


def _closed(ring: list[list[float]]) -> list[list[float]]:
    return ring if ring[0] == ring[-1] else [*ring, ring[0]]


# -- maps ----------------------------------------------------------------------------------------


@dataclass
class _Found:
    rows: list[RawRow] = field(default_factory=list[RawRow])
    amap: bool = False


def _read_map(data: bytes, name: str) -> ReadFile:
    try:
        whole: Any = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        try:
            whole = msgspec.json.decode(data.decode("gb18030").lstrip("\ufeff").encode())
        except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
            raise NotAMap(name, "JSON 不完整或已损坏") from wrong
    _check_system(whole, name)
    features = _features(whole, name)
    if len(features) > ROWS_MAX:
        raise TooManyRows(name, ROWS_MAX)
    found = _Found()
    for number, feature in enumerate(features, 1):
        found.rows.append(_feature(number, feature))
        found.amap = found.amap or bool(_AMAP & _properties(feature).keys())
    return ReadFile("geojson", tuple(found.rows), (), found.amap)


def _check_system(whole: Any, name: str) -> None:
    if not isinstance(whole, Mapping) or "crs" not in whole:
        return
    system = msgspec.json.encode(cast("Mapping[str, Any]", whole)["crs"]).decode()
    if system != "null" and not _DEGREES.search(system):
        raise NotAMap(name, "坐标不是经纬度(投影坐标)")


def _features(whole: Any, name: str) -> list[Mapping[str, Any]]:
    if isinstance(whole, Mapping):
        one = cast("Mapping[str, Any]", whole)
        if one.get("type") == "FeatureCollection" and isinstance(one.get("features"), list):
            whole = one["features"]
        elif one.get("type") == "Feature":
            whole = [one]
        elif one.get("type") in ("Topology", "GeometryCollection", "Polygon", "MultiPolygon"):
            raise NotAMap(name, "没有写明每块边界属于哪个区域")
        else:
            raise NotAMap(name, "没有 FeatureCollection")
    items = cast("list[Any]", whole)
    if not items:
        raise NotAMap(name, "里面没有边界")
    if not all(isinstance(item, Mapping) for item in items):
        raise NotAMap(name, "没有 FeatureCollection")
    return cast("list[Mapping[str, Any]]", items)


def _properties(feature: Mapping[str, Any]) -> Mapping[str, Any]:
    found = feature.get("properties")
    return cast("Mapping[str, Any]", found) if isinstance(found, Mapping) else {}


def _said(properties: Mapping[str, Any], keys: Iterable[str]) -> str:
    lower = {str(key).lower(): value for key, value in properties.items()}
    for key in keys:
        value = lower.get(key)
        if isinstance(value, Mapping):  # 高德: {"parent": {"adcode": 330604}}
            value = _said(cast("Mapping[str, Any]", value), _CODE_KEYS)
        if value is None or isinstance(value, bool | list | dict):
            continue
        text = f"{value:.0f}" if isinstance(value, float) else str(value)
        if text.strip():
            return text.strip()
    return ""


def _feature(number: int, feature: Mapping[str, Any]) -> RawRow:
    properties = _properties(feature)
    kind = _clean(_said(properties, _KIND_KEYS))
    geometry = _geometry(feature.get("geometry"))
    row = _row(
        number,
        _said(properties, _CODE_KEYS),
        _said(properties, _NAME_KEYS),
        _said(properties, _PARENT_KEYS),
        kind if kind in KIND_WORDS else "",
        "",
        geometry,
    )
    if geometry is None and row.problem is None:
        problem = Problem("boundary", "这一块没有多边形(Polygon 或 MultiPolygon)。", number)
        return replace(row, boundary=None, problem=problem)
    return row


def _geometry(geometry: Any) -> Any:
    """A polygon's GeoJSON with its rings closed; None for anything else. What is wrong inside is
    said by `shapes.polygon_of`."""
    if not isinstance(geometry, Mapping):
        return None
    one = cast("Mapping[str, Any]", geometry)
    if one.get("type") == "Feature":
        return _geometry(one.get("geometry"))
    if one.get("type") not in ("Polygon", "MultiPolygon"):
        return None
    return {"type": one["type"], "coordinates": _flat(one.get("coordinates"))}


def _flat(part: Any) -> Any:
    """Rings closed, heights taken off. What is no ring stays as it is, to be refused."""
    items = _list(part)
    if not items:
        return part
    if all(_is_point(item) for item in items):
        return _closed([[float(item[0]), float(item[1])] for item in items])
    return [_flat(item) for item in items]


def _list(part: Any) -> Sequence[Any]:
    return cast("Sequence[Any]", part) if isinstance(part, list) else ()


def _is_point(item: Any) -> bool:
    numbers = _list(item)
    return len(numbers) >= 2 and all(
        isinstance(number, int | float) and not isinstance(number, bool) for number in numbers
    )
