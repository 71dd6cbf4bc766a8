"""The command line: `wangge …`. Nothing heavy is imported before a command is chosen."""

from wangge.cli.group import main

__all__ = ["main"]
