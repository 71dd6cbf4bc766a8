"""Areas begin, are drawn, end; and a code is never used twice."""

from collections.abc import Callable
from typing import Any

import asyncpg
import pytest

import small_town as town
from wangge.kernel.actors import Actor
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Forbidden, Invalid, NotFound
from wangge.places import ATLAS, area_id, commands, kind_of
from wangge.places.model import AreaIsClosed, AreaStillHasParts, CodeTaken

As = Callable[[str], Actor]
NEW_GRID = town.XINGHUA + "003"


async def said(tx: Tx) -> list[str]:
    await tx.flush()
    return await tx.many(str, "select kind from kernel_outbox order by n")


@pytest.mark.parametrize("code", ["9900010010", "99000100100", "", "990001001001001001001"])
def test_a_code_of_a_wrong_length_is_told_what_lengths_there_are(code: str) -> None:
    with pytest.raises(Invalid) as refused:
        kind_of(code)
    assert "15 位" in refused.value.words() or "数字" in refused.value.words()


async def test_a_street_officer_opens_a_grid_and_says_so(tx: Tx, as_: As) -> None:
    tx.actor = as_("street_officer")
    made = await commands.add_area(tx, NEW_GRID, " 第三网格 ")
    assert (made.name, made.grid_kind, made.open) == ("第三网格", "base", True)
    assert "places.AreaOpened" in await said(tx)
    atlas = await ATLAS.get(tx)
    assert atlas.path(NEW_GRID) == "示范街道 / 杏花社区 / 第三网格"


async def test_nobody_opens_an_area_on_a_street_that_is_not_theirs(tx: Tx, as_: As) -> None:
    tx.actor = as_("other_street_officer")
    with pytest.raises(Forbidden):
        await commands.add_area(tx, NEW_GRID, "第三网格")
    with pytest.raises(NotFound):
        await commands.rename(tx, town.GRID_1, "我的网格")


async def test_a_grid_worker_sees_the_grid_but_does_not_rename_it(tx: Tx, as_: As) -> None:
    tx.actor = as_("grid_worker")
    with pytest.raises(Forbidden):
        await commands.rename(tx, town.GRID_1, "我的网格")


async def test_an_area_needs_an_open_parent(tx: Tx) -> None:
    with pytest.raises(Invalid) as refused:
        await commands.add_area(tx, "990001001009001", "无根网格")
    assert "上级区域" in refused.value.words()


async def test_a_code_is_never_used_twice(tx: Tx) -> None:
    await commands.close_area(tx, town.MICRO_1B, [town.MICRO_1A])
    with pytest.raises(CodeTaken):
        await commands.add_area(tx, town.MICRO_1B, "又来")


async def test_a_closed_area_leads_to_its_successors(tx: Tx) -> None:
    closed = await commands.close_area(tx, town.MICRO_1B, [town.MICRO_1A])
    assert not closed.open
    atlas = await ATLAS.get(tx)
    assert atlas.resolve(town.MICRO_1B) == (town.MICRO_1A,)
    assert atlas.grid_of(120.105, 30.102) == town.GRID_1
    with pytest.raises(AreaIsClosed):
        await commands.rename(tx, town.MICRO_1B, "旧网格")


async def test_an_area_does_not_close_over_its_parts(tx: Tx) -> None:
    with pytest.raises(AreaStillHasParts) as refused:
        await commands.close_area(tx, town.GRID_1)
    assert refused.value.count == 2


@pytest.mark.parametrize("successor", [town.GRID_1, "990001001001001009", town.MICRO_1B])
async def test_a_successor_is_an_open_area_of_the_same_kind(tx: Tx, successor: str) -> None:
    with pytest.raises(Invalid):
        await commands.close_area(tx, town.MICRO_1B, [successor])


def shifted(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    return town.box(west, south, east, north)


def ring(*points: tuple[float, float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[list(point) for point in points]]}


GOOD = (120.100, 30.100, 120.103, 30.104)


@pytest.mark.parametrize(
    ("boundary", "words"),
    [
        (ring((120.1, 30.1), (120.103, 30.1), (120.103, 30.104), (120.1, 30.104)), "没有闭合"),
        (ring((120.1, 30.1), (120.103, 30.1), (120.1, 30.1)), "少于三个角"),
        (
            ring(
                (120.1, 30.1),
                (120.103, 30.104),
                (120.103, 30.1),
                (120.1, 30.104),
                (120.1, 30.1),
            ),
            "自己交叉",
        ),
        (ring((30.1, 120.1), (30.104, 120.1), (30.104, 120.103), (30.1, 120.1)), "写反了"),
        (ring((12.1, 30.1), (12.2, 30.1), (12.2, 30.2), (12.1, 30.1)), "不在中国范围"),
        (shifted(120.100, 30.100, 120.1045, 30.104), "重叠"),
        (shifted(120.097, 30.100, 120.103, 30.104), "上级区域之外"),
        ({"type": "MultiPolygon", "coordinates": []}, "MultiPolygon"),
        ({"type": "Polygon", "coordinates": [[["东", 1]]]}, "坐标"),
        ({"type": "Polygon", "coordinates": [[[1]]]}, "坐标"),
        ({"type": "Polygon"}, "没有坐标"),
        ("杏花苑", "GeoJSON"),
    ],
)
async def test_a_bad_boundary_is_refused_in_plain_words(
    tx: Tx, boundary: Any, words: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await commands.set_boundary(tx, town.MICRO_1A, boundary)
    assert words in refused.value.words()


async def test_a_sliver_over_the_border_is_forgiven(tx: Tx) -> None:
    west, south, east, north = GOOD
    await commands.set_boundary(tx, town.MICRO_1A, shifted(west, south, east + 0.00001, north))
    atlas = await ATLAS.get(tx)
    found = atlas.area(town.MICRO_1A)
    assert found is not None
    assert found.centre_lon is not None
    assert west < found.centre_lon < east
    assert "places.BoundaryChanged" in await said(tx)


async def test_facts_of_an_area_share_one_subject(tx: Tx) -> None:
    await commands.rename(tx, town.GRID_1, "东一网格")
    await tx.flush()
    subject = await tx.many(
        str,
        "select subject_id::text from kernel_outbox where area_code = :code",
        code=town.GRID_1,
    )
    assert subject == [str(area_id(town.GRID_1))]


@pytest.mark.parametrize(
    ("code", "kind", "constraint"),
    [
        ("9900010019", "street", "places_area_length_says_kind"),
        ("99000100A", "street", "places_area_code_is_digits"),
        ("990001009", "grid", "places_area_length_says_kind"),
    ],
)
async def test_the_table_refuses_what_is_no_code(
    tx: Tx, code: str, kind: str, constraint: str
) -> None:
    with pytest.raises(asyncpg.CheckViolationError) as broken:
        await tx.run(
            """
            insert into places_area (code, kind, name, valid_from)
            values (:code, :kind, '某处', '2026-01-01')
            """,
            code=code,
            kind=kind,
        )
    assert broken.value.constraint_name == constraint
