"""Areas from tables and drawings: what becomes of each row, and how it is taken back."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from xlsxwriter import Workbook

import small_town as town
from wangge.kernel.actors import Actor
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Forbidden, NotFound, Refusal
from wangge.kernel.sheet_refusals import TableTooLarge
from wangge.places import ATLAS, commands
from wangge.places import imports as areas
from wangge.places.datums import gcj_of_wgs
from wangge.places.imports import Preview
from wangge.places.imports.reading import BYTES_MAX, NoAreaColumns, NotAMap
from wangge.places.imports.work import AreasTakenIn, set_datum
from wangge.web.rooms import import_rooms

As = Callable[[str], Actor]
import_rooms()


def table(*rows: str, head: str = "区域代码,名称,上级代码,级别") -> bytes:
    return "\n".join([head, *rows]).encode()


async def looked(tx: Tx, data: bytes, name: str = "areas.csv", **options: str) -> Preview:
    staged = await areas.stage(tx, data, name, **options)
    return await areas.preview(tx, staged.id)


def fates(preview: Preview) -> dict[int, tuple[str, str]]:
    """Row → (verdict, what was said about it)."""
    return {
        line.number: (
            line.verdict.value,
            ";".join(str(p.said("zh")["words"]) for p in [*line.problems, *line.warnings]),
        )
        for line in preview.lines
    }


async def only(tx: Tx, row: str, **options: str) -> tuple[str, str]:
    return fates(await looked(tx, table(row, **options)))[2]


GRID_9 = town.XINGHUA + "009"


async def test_a_table_makes_renames_and_leaves_alone(tx: Tx) -> None:
    preview = await looked(
        tx,
        table(
            f"{GRID_9}001,楼道一,{GRID_9},微网格",
            f"{GRID_9},第九网格,{town.XINGHUA},网格",
            f"{town.GRID_1},东一网格,{town.XINGHUA},网格",
            f"{town.GRID_2},第二网格,{town.XINGHUA},网格",
        ),
    )
    assert {n: fate for n, (fate, _) in fates(preview).items()} == {
        2: "new",
        3: "new",
        4: "changed",
        5: "same",
    }
    assert preview.lines[2].changes[0].old == "第一网格"
    applied = await areas.apply(tx, preview.id)
    assert (applied.new, applied.changed, applied.same, applied.refused) == (2, 1, 1, 0)
    atlas = await ATLAS.get(tx)
    assert atlas.path(f"{GRID_9}001") == "示范街道 / 杏花社区 / 第九网格 / 楼道一"
    assert atlas.name(town.GRID_1) == "东一网格"
    await tx.flush()
    said = await tx.many(str, "select kind from kernel_outbox order by kind")
    assert said == ["places.AreaOpened", "places.AreaOpened", "places.AreaRenamed"]


async def test_the_second_import_of_a_file_changes_nothing(tx: Tx) -> None:
    data = table(f"{GRID_9},第九网格,,网格", f"{town.GRID_1},东一网格,,")
    first = await looked(tx, data)
    await areas.apply(tx, first.id)
    again = await looked(tx, data)
    assert again.counts == {"new": 0, "same": 2, "changed": 0, "refused": 0}
    with pytest.raises(AreasTakenIn):
        await areas.apply(tx, first.id)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("9900010010,十位代码,,", "有 10 位"),
        ("99000100A,字母,,", "只能是数字"),
        (f"{GRID_9},,,网格", "1 到 60 个字"),
        (f"{GRID_9},自己的上级,{GRID_9},网格", "上级不能是它自己"),
        (f"{GRID_9},别人的上级,{town.LIUSHU},网格", "上级应是"),
        ("990001001009001,无根网格,,网格", "不存在"),
        (f"{GRID_9},级别不符,,社区", "有 15 位,是网格"),
        (f"{GRID_9},没有这种级别,,小组", "没有“小组”这种级别"),
        ("990002001,别的县,990002,街道", "不属于本区"),
        ("990002,第二个县,,区", "一个区(县)只有一个"),
        ("9.90001001001001E+17,科学计数,,", "科学计数法"),
        ("990001001001001000,近似值,,", "近似值"),
        (",,,", "没有区域"),
        (",没有上级,,网格", "不知道建在哪里"),
        (f",网格的网格,{town.XINGHUA},微网格", "下一级是网格"),
        (",第一网格,,网格", "有 3 个"),
        (",新的,没有这个社区,网格", "没有叫"),
    ],
)
async def test_a_row_that_cannot_be_taken_says_why(tx: Tx, row: str, words: str) -> None:
    if row == ",,,":
        with pytest.raises(Refusal):
            await looked(tx, table(row))
        return
    fate, said = await only(tx, row)
    assert fate == "refused", said
    assert words in said


async def test_the_same_code_twice_is_refused_the_second_time(tx: Tx) -> None:
    preview = await looked(tx, table(f"{GRID_9},甲,,", f"{GRID_9},乙,,"))
    assert fates(preview)[3] == ("refused", f"代码“{GRID_9}”在第 2 行已经有了。")


async def test_a_closed_code_is_not_opened_again(tx: Tx) -> None:
    await commands.close_area(tx, town.MICRO_1B, [town.MICRO_1A])
    fate, said = await only(tx, f"{town.MICRO_1B},又来,,")
    assert (fate, "停用" in said) == ("refused", True)


async def test_codes_padded_by_statistics_offices_are_cut_to_their_length(tx: Tx) -> None:
    preview = await looked(
        tx, table("990001001000,示范街道,990001000000,街道", "990001003000,新街道,,")
    )
    assert [(line.code, line.verdict.value) for line in preview.lines] == [
        ("990001001", "same"),
        ("990001003", "new"),
    ]


async def test_an_area_without_a_code_gets_the_next_number_and_is_known_again(tx: Tx) -> None:
    data = table(
        f",第三网格,{town.XINGHUA},网格", ",第四网格,杏花社区,网格", head="编码,名称,上级,级别"
    )
    preview = await looked(tx, data)
    assert [line.code for line in preview.lines] == [town.XINGHUA + "003", town.XINGHUA + "004"]
    await areas.apply(tx, preview.id)
    again = await looked(tx, data)
    assert again.counts["same"] == 2


async def test_excel_with_a_title_and_a_special_grid_is_read(tx: Tx) -> None:
    out = io.BytesIO()
    book = Workbook(out)
    page = book.add_worksheet()
    page.write(0, 0, "示范街道网格一览表")
    for row, cells in enumerate(
        [("序号", "网格编码", "网格名称", "类型"), ("1", GRID_9, "园区网格", "专属网格")], 1
    ):
        for column, cell in enumerate(cells):
            page.write_string(row, column, cell)
    book.close()
    preview = await looked(tx, out.getvalue(), "网格.xlsx")
    (line,) = preview.lines
    assert (line.code, line.grid_kind, line.verdict.value) == (GRID_9, "dedicated", "new")


async def test_an_undo_puts_names_back_and_takes_unused_areas_away(tx: Tx) -> None:
    preview = await looked(
        tx, table(f"{GRID_9},第九网格,,", f"{GRID_9}001,楼道一,,", f"{town.GRID_1},东一网格,,")
    )
    await areas.apply(tx, preview.id)
    undone = await areas.undo(tx, preview.id)
    assert (undone.back, undone.kept) == (3, ())
    atlas = await ATLAS.get(tx)
    assert atlas.area(GRID_9) is None
    assert atlas.name(town.GRID_1) == "第一网格"
    with pytest.raises(AreasTakenIn):
        await areas.undo(tx, preview.id)


async def test_an_undo_leaves_what_was_changed_or_used_since_and_says_so(tx: Tx) -> None:
    preview = await looked(
        tx,
        table(f"{GRID_9},第九网格,,", f"{GRID_9}001,楼道一,,", f"{town.GRID_1},东一网格,,"),
    )
    await areas.apply(tx, preview.id)
    await commands.rename(tx, town.GRID_1, "又改了")
    await tx.run(
        """
        update people_post set area_code = :code
         where id = (select id from people_post where area_code = :was limit 1)
        """,
        code=f"{GRID_9}001",
        was=town.GRID_1,
    )
    undone = await areas.undo(tx, preview.id)
    assert undone.back == 0
    assert {(k.code, str(k.why.said("zh")["words"])) for k in undone.kept} == {
        (town.GRID_1, "导入之后又改过,没有恢复。"),
        (f"{GRID_9}001", "已经有 1 个岗位,没有撤销。"),
        (GRID_9, "下面还有区域,没有撤销。"),
    }


async def test_rows_can_be_left_out_with_what_stands_on_them(tx: Tx) -> None:
    preview = await looked(tx, table(f"{GRID_9},第九网格,,", f"{GRID_9}001,楼道一,,"))
    applied = await areas.apply(tx, preview.id, [2])
    assert applied.new == 0
    assert (await ATLAS.get(tx)).area(GRID_9) is None


async def test_a_street_imports_its_own_and_no_other(tx: Tx, as_: As) -> None:
    tx.actor = as_("street_officer")
    preview = await looked(tx, table(f"{GRID_9},第九网格,,", f"{town.HUAIYIN}002,不是我的,,"))
    assert [fate for fate, _ in fates(preview).values()] == ["new", "refused"]
    tx.actor = as_("other_street_officer")
    with pytest.raises(NotFound):
        await areas.preview(tx, preview.id)
    tx.actor = as_("district_officer")
    assert (await areas.preview(tx, preview.id)).counts["new"] == 2
    tx.actor = as_("grid_worker")
    with pytest.raises(Forbidden):
        await areas.stage(tx, table(f"{GRID_9},第九网格,,"), "a.csv")


# -- drawings ----------------------------------------------------------------------------------


def feature(code: str, geometry: Any, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"code": code, **properties},
        "geometry": geometry,
    }


def drawing(*features: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features, **more}).encode()


def gcj(geometry: dict[str, Any]) -> dict[str, Any]:
    rings = [[list(gcj_of_wgs(*point)) for point in ring] for ring in geometry["coordinates"]]
    return {"type": "Polygon", "coordinates": rings}


def ground(code: str) -> dict[str, Any]:
    return town.box(*town.GROUND[code][1:])


async def drawn(tx: Tx, *features: dict[str, Any], **options: str) -> Preview:
    return await looked(tx, drawing(*features), "边界.geojson", **options)


async def test_a_drawing_changes_boundaries_and_no_names(tx: Tx) -> None:
    preview = await drawn(
        tx,
        feature(town.MICRO_1A, town.box(120.1, 30.1, 120.102, 30.104), name="别的叫法"),
        feature(town.MICRO_1B, ground(town.MICRO_1B)),
    )
    first, second = preview.lines
    assert (first.verdict.value, [c.field for c in first.changes]) == ("changed", ["boundary"])
    assert first.name == "一号微网格"
    assert second.verdict.value == "same"
    assert [(gap.code, gap.percent) for gap in preview.gaps] == [(town.GRID_1, 17)]
    await areas.apply(tx, preview.id)
    atlas = await ATLAS.get(tx)
    assert atlas.grid_of(120.1025, 30.102) == town.GRID_1
    again = await drawn(
        tx, feature(town.MICRO_1A, town.box(120.1, 30.1, 120.102, 30.104), name="别的叫法")
    )
    assert again.counts["same"] == 1


async def test_shifted_coordinates_are_recognised_and_put_back(tx: Tx) -> None:
    preview = await drawn(
        tx,
        feature(town.XINGHUA, gcj(ground(town.XINGHUA))),
        feature(town.GRID_1, gcj(ground(town.GRID_1))),
    )
    assert (preview.hint, preview.datum) == ("gcj02", "gcj02")
    assert preview.counts["same"] + preview.counts["changed"] == 2
    moved = [float(change.new) for line in preview.lines for change in line.changes]
    assert all(square < 1.0 for square in moved)
    await set_datum(tx, preview.id, "wgs84")
    wrong = await areas.preview(tx, preview.id)
    assert all(float(change.new) > 10_000 for line in wrong.lines for change in line.changes)


async def test_shifted_coordinates_are_recognised_where_areas_have_only_names(tx: Tx) -> None:
    """Whoever draws on somebody's map writes names, seldom codes."""
    atlas = await ATLAS.get(tx)
    first, above = atlas.name(town.GRID_1), atlas.name(town.XINGHUA)
    new = gcj(town.box(120.1005, 30.1005, 120.1025, 30.1035))
    for features in (
        [feature("", gcj(ground(town.GRID_1)), name=first, parent=above)],
        [feature("", gcj(ground(town.XINGHUA)), name=above)],
        [feature("", new, name="新网格", parent=town.GRID_1)],
    ):
        preview = await drawn(tx, *features)
        assert (preview.hint, preview.datum) == ("gcj02", "gcj02")


async def test_a_declared_system_is_believed(tx: Tx) -> None:
    preview = await drawn(tx, feature(town.GRID_1, ground(town.GRID_1)), datum="gcj02")
    assert (preview.hint, preview.datum) == ("wgs84", "gcj02")


@pytest.mark.parametrize(
    ("geometry", "words"),
    [
        ({"type": "Point", "coordinates": [120.1, 30.1]}, "没有多边形"),
        (None, "没有多边形"),
        (
            {
                "type": "Polygon",
                "coordinates": [
                    [[120.1, 30.1], [120.103, 30.104], [120.103, 30.1], [120.1, 30.104]]
                ],
            },
            "自己交叉",
        ),
        (
            {
                "type": "Polygon",
                "coordinates": [
                    ground(town.MICRO_1A)["coordinates"][0],
                    town.box(120.2, 30.2, 120.3, 30.3)["coordinates"][0],
                ],
            },
            "洞不在边界以内",
        ),
        ({"type": "Polygon", "coordinates": [[[120.1, 30.1], [120.2, 30.2]]]}, "少于三个角"),
        (town.box(30.1, 120.1, 30.104, 120.103), "写反了"),
        (town.box(500000.0, 3300000.0, 500100.0, 3300100.0), "不在中国范围"),
        (town.box(120.112, 30.100, 120.118, 30.108), "100% 在上级区域之外"),
    ],
)
async def test_a_bad_shape_is_refused_in_plain_words(tx: Tx, geometry: Any, words: str) -> None:
    preview = await drawn(tx, feature(town.MICRO_1A, geometry))
    fate, said = fates(preview)[1]
    assert (fate, words in said) == ("refused", True), said


async def test_what_does_not_fit_well_is_taken_and_shown(tx: Tx) -> None:
    preview = await drawn(
        tx, feature(town.MICRO_1A, town.box(120.0995, 30.1, 120.1035, 30.104))
    )
    fate, said = fates(preview)[1]
    assert fate == "changed"
    assert "在上级区域之外" in said
    assert "和“二号微网格”重叠约" in said


async def test_islands_and_holes_are_kept(tx: Tx) -> None:
    whole = ground(town.MICRO_1A)["coordinates"][0]
    hole = town.box(120.101, 30.101, 120.102, 30.102)["coordinates"][0]
    island = town.box(120.1055, 30.1035, 120.1058, 30.1038)["coordinates"]
    shape = {"type": "MultiPolygon", "coordinates": [[whole, hole], island]}
    preview = await drawn(tx, feature(town.MICRO_1A, shape))
    assert fates(preview)[1][0] == "changed"
    await areas.apply(tx, preview.id)
    atlas = await ATLAS.get(tx)
    assert atlas.grid_of(120.1015, 30.1015) == town.GRID_1
    assert atlas.grid_of(120.10565, 30.10365) == town.MICRO_1A


async def test_a_map_by_names_finds_its_areas_and_asks_when_there_are_two(tx: Tx) -> None:
    data = drawing(
        {
            "type": "Feature",
            "properties": {"name": "杏花社区"},
            "geometry": ground(town.XINGHUA),
        },
        {
            "type": "Feature",
            "properties": {"name": "第一网格"},
            "geometry": ground(town.GRID_1),
        },
        {
            "type": "Feature",
            "properties": {"name": "第二网格", "parent": {"adcode": int(town.XINGHUA)}},
            "geometry": ground(town.GRID_2),
        },
    )
    preview = await looked(tx, data, "a.json")
    assert [line.verdict.value for line in preview.lines] == ["same", "refused", "same"]


async def test_new_grids_come_with_a_map(tx: Tx) -> None:
    square = town.box(120.1, 30.1, 120.103, 30.102)
    preview = await drawn(tx, feature(town.MICRO_1A[:15] + "007", square, name="园区"))
    assert fates(preview)[1][0] == "new"
    assert "重叠" in fates(preview)[1][1]


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b'{"type": "FeatureCollection", "features": [', NotAMap),
        (b'{"type": "Topology"}', NotAMap),
        (b'{"type": "FeatureCollection", "features": []}', NotAMap),
        (b'{"type": "FeatureCollection", "features": [1]}', NotAMap),
        (
            b'{"type":"FeatureCollection","crs":{"properties":{"name":"EPSG:3857"}},"features":[{}]}',
            NotAMap,
        ),
        ("甲,乙\n1,2\n".encode(), NoAreaColumns),
        (b"{" + b" " * BYTES_MAX, TableTooLarge),
    ],
)
async def test_a_file_that_is_no_list_of_areas_is_refused_with_the_way_out(
    tx: Tx, data: bytes, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await looked(tx, data, "x.geojson")


async def test_undo_puts_a_boundary_back(tx: Tx) -> None:
    preview = await drawn(tx, feature(town.MICRO_1A, town.box(120.1, 30.1, 120.102, 30.104)))
    await areas.apply(tx, preview.id)
    assert (await ATLAS.get(tx)).grid_of(120.1025, 30.102) == town.GRID_1
    await areas.undo(tx, preview.id)
    assert (await ATLAS.get(tx)).grid_of(120.1025, 30.102) == town.MICRO_1A
