"""The desk's pages of the registers: lists, one thing, its forms, what has gone stale."""

from typing import Any

from wangge.kernel.http import nav
from wangge.registers import acts
from wangge.registers.pages.beside import here
from wangge.registers.pages.editing import edit, edit_page, new_page, register
from wangge.registers.pages.listing import confirm_many, list_page, search_page, stale_page
from wangge.registers.pages.one import (
    close,
    confirm,
    end_person,
    reopen,
    reveal,
    set_person,
    thing_page,
    undo,
)

nav(63, "/registers", "场所台账", "book", acts.READ)
ROUTES: list[Any] = [
    list_page,
    search_page,
    stale_page,
    confirm_many,
    new_page,
    register,
    here,
    thing_page,
    edit_page,
    edit,
    confirm,
    set_person,
    end_person,
    close,
    reopen,
    undo,
    reveal,
]
