"""`wangge openapi`: the description of the HTTP API, for docs/."""

import json
from pathlib import Path

import click

from wangge.cli.speak import _, say


@click.command()
@click.option(
    "--output",
    default="docs/openapi.json",
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="写到哪里 · where to",
)
def openapi(output: Path) -> None:
    """写出接口说明 · write the description of the HTTP API."""
    from wangge.kernel.http import Installation
    from wangge.web.app import create_app

    app = create_app(Installation(Path("var"), ""))
    schema = app.openapi_schema.to_schema()
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(
        json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8"
    )
    paths = schema.get("paths", {})
    say(_("✓ 写好 {path},{number} 个地址。", path=str(output), number=len(paths)))
