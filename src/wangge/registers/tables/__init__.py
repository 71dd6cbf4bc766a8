"""A register's rows from somebody's spreadsheet: what a column can be, which thing a row speaks of,
and what it would change. How tables come in, wait and are applied is `wangge.imports`."""

from wangge.registers.tables.columns import targets

__all__ = ["targets"]
