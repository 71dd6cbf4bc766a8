"""docs/openapi.json is what the program says of itself, so that a change of the API is a diff."""

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from wangge.cli.openapi import openapi

SNAPSHOT = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"


def test_the_snapshot_is_what_the_program_says(tmp_path: Path) -> None:
    written = tmp_path / "openapi.json"
    done = CliRunner().invoke(openapi, ["--output", str(written)])
    assert done.exit_code == 0, done.output
    kept: dict[str, Any] = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
    said: dict[str, Any] = json.loads(written.read_text(encoding="utf-8"))
    other = [
        path
        for path in sorted({*kept["paths"], *said["paths"]})
        if kept["paths"].get(path) != said["paths"].get(path)
    ]
    assert not other, "run: make openapi"
    assert kept == said, "run: make openapi"


def test_every_address_is_versioned_and_described() -> None:
    paths: dict[str, dict[str, Any]] = json.loads(SNAPSHOT.read_text(encoding="utf-8"))["paths"]
    assert len(paths) > 40
    assert [path for path in paths if not path.startswith("/api/v1/")] == []
    silent = [
        f"{method} {path}"
        for path, methods in paths.items()
        for method, said in methods.items()
        if not said.get("description")
    ]
    assert silent == []
