"""`wangge bench`: measurements; the names are those of the bench room."""

import importlib
from typing import Any

import click

from wangge.cli.speak import Sorry, _, warn


# A measurement tells its own options: `--help` after its name is its own.
@click.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.pass_context
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="每行一个 JSON · one JSON object a line")
@click.argument("rest", nargs=-1, type=click.UNPROCESSED)
def bench(ctx: click.Context, name: str | None, as_json: bool, rest: tuple[str, ...]) -> int:
    """测速 · measure. 不写名字则列出全部,NAME --help 列出它的选项 · without a name: list them; NAME --help
    lists its options."""
    if name in ("--help", "-h"):
        click.echo(ctx.get_help())
        return 0
    try:
        room = importlib.import_module("wangge.bench")
    except ModuleNotFoundError as missing:
        raise Sorry("这个安装包里没有测速程序。") from missing
    benches: dict[str, Any] = room.BENCHES
    if name is None:
        for known in sorted(benches):
            click.echo(known)
        return 0
    if name not in benches:
        raise Sorry(
            "没有“{name}”这项测速,有:{all}。", name=name, all="、".join(sorted(benches))
        )
    chosen = benches[name]
    if isinstance(chosen, str):
        module, function = chosen.split(":")
        chosen = getattr(importlib.import_module(module), function)
    if not as_json:
        warn(_("… 正在测 {name}", name=name))
    answer = chosen(as_json=as_json, rest=list(rest))
    return answer if isinstance(answer, int) else 0
