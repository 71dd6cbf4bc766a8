"""Desk pages of tables on their way into the registers."""

from typing import Any

from wangge.imports.acts import BULK, IMPORT
from wangge.imports.pages import bulk, bulk_homes, columns, listing, mending, one
from wangge.kernel.http import nav

nav(64, "/imports", "导入表格", "upload", IMPORT)
nav(65, "/residents/bulk", "批量操作", "list", BULK)

ROUTES: list[Any] = [
    *listing.ROUTES,
    *columns.ROUTES,
    *one.ROUTES,
    *mending.ROUTES,
    *bulk.ROUTES,
    *bulk_homes.ROUTES,
]
