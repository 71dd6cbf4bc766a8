"""A table from a terminal: by the rules of the desk, in somebody's own name when people are in it."""

from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from openpyxl import load_workbook
from test_reports import counts_form

import small_town as town
from wangge.access import create_account
from wangge.cli import reports as terminal
from wangge.cli.speak import Sorry
from wangge.cli.target import Place
from wangge.exports.commands import approve
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.database import Database
from wangge.kernel.http import Installation
from wangge.kernel.settings import decide
from wangge.reports.commands import Draft, save
from wangge.reports.model import Col, Measure, Rows, Spec

PASSWORD = "十五号楼的腊梅今年又开了"
COUNTS = Spec(Rows.GROUP, groups=("area.community",), measures=(Measure("人数"),))
LIST = Spec(Rows.RESIDENT, columns=(Col("resident.name"), Col("resident.phone")))


@pytest.fixture
def database(own_installation: Installation) -> Database:
    return own_installation.districts["town"].database


@pytest.fixture
def place(own_installation: Installation) -> Place:
    return Place(own_installation.data_dir, own_installation.dsn)


async def saved(database: Database, actor: Actor, *specs: tuple[str, Spec]) -> None:
    async with database.tx(actor) as tx:
        for name, spec in specs:
            await save(tx, Draft(name, town.STREET, spec))


async def test_a_count_is_listed_and_made(
    database: Database, place: Place, tmp_path: Path, as_: Any, capsys: Any
) -> None:
    await saved(database, as_("street_officer"), ("各社区人数", COUNTS), ("同名", COUNTS))
    await saved(database, as_("street_officer"), ("同名", COUNTS))
    dsn = place.database_url or ""
    assert await terminal._list(dsn, place, "town") == 0
    assert "各社区人数" in capsys.readouterr().out
    out = tmp_path / "表.xlsx"

    async def made(name: str, template: Path | None = None) -> int:
        return await terminal._run(dsn, place, "town", "", name, out, template, "", False)

    assert await made("各社区人数") == 0
    assert load_workbook(out).active is not None
    form = tmp_path / "街道的表.xlsx"
    form.write_bytes(counts_form())
    assert await made("各社区人数", form) == 0
    said = capsys.readouterr().out
    assert "养犬户数" in said, "what cannot be filled is said"
    sheet: Any = load_workbook(BytesIO(out.read_bytes())).active
    assert sheet["A3"].value == "杏花社区"
    for wrong, words in (("没有的表", "没有报表"), ("同名", "请用编号")):
        with pytest.raises(Sorry, match=words):
            await made(wrong)


async def test_people_leave_in_somebodys_name_and_wait_for_a_second_person(
    database: Database,
    place: Place,
    tmp_path: Path,
    as_: Any,
    capsys: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    officer = as_("street_officer")
    await saved(database, officer, ("花名册", LIST))
    dsn, out = place.database_url or "", tmp_path / "册.xlsx"
    with pytest.raises(Sorry, match="--as"):
        await terminal._run(dsn, place, "town", "", "花名册", out, None, "月度报送", False)
    async with database.tx(system_actor("town")) as tx:
        await create_account(tx, officer.id, "street", PASSWORD, demo=True)
        await decide(tx, "exports.approval_above", 1)
    monkeypatch.setenv("WANGGE_PASSWORD", PASSWORD)
    code = await terminal._run(
        dsn, place, "town", "street", "花名册", out, None, "月度报送", False
    )
    assert (code, out.exists()) == (1, False)
    assert "批准" in capsys.readouterr().out
    async with database.tx(as_("district_officer")) as tx:
        waiting = await tx.one(UUID, "select id from exports_export where state = 'waiting'")
        await approve(tx, waiting)
    code = await terminal._fetch(dsn, place, "town", "street", waiting, out)
    assert code == 0
    cells = [str(c.value) for row in load_workbook(out).active.iter_rows() for c in row]
    assert any("****" in cell for cell in cells), "masked, whoever asks from a terminal"
    async with database.tx(system_actor("town")) as tx:
        assert await tx.one(int, "select count(*)::int from access_session") == 0
