"""A house list from a terminal: looked at, and registered when told so."""

from pathlib import Path

import pytest
from importing import count, residents, table

import small_town as town
from wangge.cli import imports as terminal
from wangge.kernel.http import Installation


async def test_a_list_is_looked_at_and_then_registered(
    own_installation: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = own_installation.districts["town"].database
    keys = own_installation.data_dir / "keys"
    file = tmp_path / "名册.csv"
    file.write_bytes(table("3-2-401 赵演示 户主 - - -", "老街坊楼1 钱样例 - - - -"))
    before = await count(database, "residents")
    for apply_, more in ((False, 0), (True, 1), (False, 1)):
        code = await terminal._register(
            own_installation.dsn, keys, "town", file, "people", town.XINGHUA, (), False, apply_
        )
        assert code == 0
        assert await count(database, "residents") == before + more
    assert [one.door for one in await residents(database, ["赵演示"])] == ["3幢2单元401室"]
    told = capsys.readouterr().out
    assert "赵演示" not in told, "a terminal's scroll is no place for names"
    assert "如果是哪个小区的别名" in told, "what is not placed says why"
