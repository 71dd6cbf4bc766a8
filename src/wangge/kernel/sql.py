"""Named values in SQL: `:name` becomes `$n`, once a statement."""

import re
from functools import lru_cache

_TOKENS = re.compile(
    r"""
      '(?:[^']|'')*'          # a string
    | "(?:[^"]|"")*"          # a quoted name
    | --[^\n]*                # a comment
    | ::                      # a cast
    | :([a-z_][a-z0-9_]*)     # a named value
    """,
    re.VERBOSE,
)


@lru_cache(maxsize=4096)
def compiled(sql: str) -> tuple[str, tuple[str, ...]]:
    """The statement with `$n`, and the names in the order of their numbers."""
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        name = match.group(1)
        if name is None:
            return match.group(0)
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return _TOKENS.sub(number, sql), tuple(names)
