"""docs/commands.md lists exactly the commands there are."""

import re
from collections.abc import Iterator
from pathlib import Path

import click

from wangge.cli.group import wangge

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


def commands(group: click.Group, before: str) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by its full name."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{before} {name}")
        else:
            yield f"{before} {name}", command


def listed() -> list[str]:
    return re.findall(r"^\| `(wangge [a-z ]+)` \|", PAGE.read_text("utf-8"), re.MULTILINE)


def test_every_command_is_listed_once_and_nothing_else() -> None:
    assert sorted(listed()) == sorted(name for name, _ in commands(wangge, "wangge"))


def test_options_named_on_the_page_exist() -> None:
    page = PAGE.read_text("utf-8")
    known = dict(commands(wangge, "wangge"))
    for name, words in re.findall(r"^\| `(wangge [a-z ]+)` \| (.*) \|$", page, re.MULTILINE):
        options = {
            flag
            for param in known[name].params
            for flag in (*param.opts, *param.secondary_opts)
        }
        for flag in re.findall(r"--[a-z-]+", words):
            assert flag in options, f"{name} has no {flag}"


def test_every_command_has_help_in_both_languages() -> None:
    for name, command in commands(wangge, "wangge"):
        assert command.help, name
        assert re.search("[一-鿿]", command.help), name
        assert re.search("[a-z]{4}", command.help), name
