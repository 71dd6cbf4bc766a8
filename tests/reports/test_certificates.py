"""A sweep's account comes out in the form its asker sent."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import httpx
from openpyxl import Workbook, load_workbook

from small_town import LIUSHU, NOON, STREET, XINGHUA
from wangge.kernel.database import Tx
from wangge.places import ATLAS
from wangge.reports.certificates import fill_form
from wangge.sweeps import KINDS
from wangge.sweeps.certificate import Account, AreaAccount

Client = Callable[..., Any]


def account() -> Account:
    """Two communities, as a closed check leaves them."""
    parts = [
        AreaAccount(XINGHUA, 32, {"all": 20, "refused": 2}, {"not_reached": 10}, 80, 50, 1),
        AreaAccount(LIUSHU, 10, {"all": 10}, {}, 21, 21, 0),
    ]
    return Account(
        uuid4(), 1, "check", "摸排", STREET, NOON, NOON + timedelta(minutes=20), NOON, NOON, 1,
        42, {"all": 30, "refused": 2}, {"not_reached": 10}, 0, 0, 101, 71, 1, {"door": 32},
        "0" * 64, parts,
    )  # fmt: skip


def form(*rows: list[Any]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def read(data: bytes) -> list[tuple[Any, ...]]:
    sheet = load_workbook(BytesIO(data)).active
    assert sheet is not None
    return list(sheet.iter_rows(values_only=True))


async def test_columns_are_known_by_their_headings_and_the_rest_is_left(tx: Tx) -> None:
    kind, atlas = (await KINDS.get(tx))["check"], await ATLAS.get(tx)
    head = ["序号", "社区", "应查户数", "齐", "拒", "没有走到", "完成率", "气温"]
    made = fill_form(form(["汇总表"], head), "表.xlsx", account(), kind, atlas, "李敏")
    assert made.unknown == ("气温",)
    rows = [row[:7] for row in read(made.data)[2:]]
    assert rows == [
        (1, atlas.name(XINGHUA), 32, 20, 2, 10, 68.8),
        (2, atlas.name(LIUSHU), 10, 10, 0, 0, 100),
    ]


async def test_a_form_that_names_its_communities_is_filled_row_by_row(tx: Tx) -> None:
    kind, atlas = (await KINDS.get(tx))["check"], await ATLAS.get(tx)
    rows = [
        ["社区", "应查户数", "已查户数"],
        [atlas.name(LIUSHU), None, None],
        [atlas.name(XINGHUA), None, None],
    ]
    made = fill_form(form(*rows), "表.xlsx", account(), kind, atlas, "李敏")
    assert read(made.data)[1:3] == [
        (atlas.name(LIUSHU), 10, 10),
        (atlas.name(XINGHUA), 32, 22),
    ]


async def test_a_form_that_names_their_sum_is_told_it_and_what_is_not_known_is_marked(
    tx: Tx,
) -> None:
    kind, atlas = (await KINDS.get(tx))["check"], await ATLAS.get(tx)
    rows = [
        ["社区", "总户数", "拒访户数", "外出", "领导签字"],
        [atlas.name(XINGHUA)],
        [atlas.name(LIUSHU)],
        ["合计"],
    ]
    made = fill_form(form(*rows), "表.xlsx", account(), kind, atlas, "李敏")
    assert read(made.data)[1:4] == [
        (atlas.name(XINGHUA), 32, 2, 0, None),
        (atlas.name(LIUSHU), 10, 0, 0, None),
        ("合计", 42, 2, 0, None),
    ]
    assert made.unknown == ("领导签字",)
    sheet = load_workbook(BytesIO(made.data)).active
    assert sheet is not None
    assert [sheet.cell(row, 5).fill.fill_type for row in (2, 3, 4)] == ["solid"] * 3


async def test_sums_are_of_the_areas_that_the_form_names(tx: Tx) -> None:
    kind, atlas = (await KINDS.get(tx))["check"], await ATLAS.get(tx)
    xinghua, liushu = atlas.name(XINGHUA), atlas.name(LIUSHU)
    head = ["社区", "总户数", "拒访户数", "完成率"]

    def filled(*rows: str) -> list[tuple[Any, ...]]:
        made = fill_form(
            form(head, *([row] for row in rows)), "表.xlsx", account(), kind, atlas, "李敏"
        )
        return read(made.data)[1 : 1 + len(rows)]

    one, other, both = (32, 2, 68.8), (10, 0, 100), (42, 2, 76.2)
    assert filled(xinghua, "合计") == [(xinghua, *one), ("合计", *one)]
    assert filled("合计", liushu) == [("合计", *other), (liushu, *other)]
    blocks = (xinghua, "合计", liushu, "合计", "总计")
    assert [row[1:] for row in filled(*blocks)] == [one, one, other, other, both]
    above = ("总计", "合计", xinghua, "合计", liushu)
    assert [row[1:] for row in filled(*above)] == [both, one, one, other, other]


async def test_two_communities_of_one_name_are_two_rows(tx: Tx) -> None:
    await tx.run(
        "update places_area set name = (select name from places_area where code = :one)"
        " where code = :other",
        one=XINGHUA,
        other=LIUSHU,
    )
    await tx.bump("places")
    kind, atlas = (await KINDS.get(tx))["check"], await ATLAS.get(tx)
    assert atlas.name(XINGHUA) == atlas.name(LIUSHU)
    made = fill_form(form(["社区", "应查户数"]), "表.xlsx", account(), kind, atlas, "李敏")
    rows = read(made.data)[1:]
    assert [row[1] for row in rows] == [32, 10]
    assert all(atlas.name(XINGHUA) in str(row[0]) for row in rows)


async def test_an_officer_fills_a_form_from_the_certificates_page(app_client: Client) -> None:
    officer: httpx.AsyncClient = await app_client("community_officer")
    opened = await officer.post("/api/v1/sweeps", json={"kind": "check", "areas": [XINGHUA]})
    path = f"/sweeps/{opened.json()['id']}"
    files = {"file": ("表.xlsx", form(["社区", "应查户数", "缺口"]))}
    assert (await officer.post(f"{path}/certificate/form", files=files)).status_code == 404
    await officer.post(f"/api/v1{path}/close")
    assert "certificate/form" in (await officer.get(f"{path}/certificate")).text
    for where in ("", "/api/v1"):
        answer = await officer.post(f"{where}{path}/certificate/form", files=files)
        assert answer.status_code == 200, answer.text
        assert read(answer.content)[1][1:3] == (32, 32)
    worker: httpx.AsyncClient = await app_client("community_officer_2")
    assert (await worker.post(f"{path}/certificate/form", files=files)).status_code == 404
