"""The command room's part of the API."""

from typing import Any

from litestar import Request, get
from litestar.params import FromQuery

from wangge.command.board import Board, board
from wangge.kernel.http import asking


@get("/api/v1/board")
async def get_board(
    request: Request[Any, Any, Any], area: FromQuery[str] = "", fine: FromQuery[bool] = False
) -> Board:
    """Live work by area with its colour and reason, and totals. `area` narrows to one area;
    `fine` counts by grids, as the map does."""
    who = asking(request)
    who.signed()
    async with who.tx(read_only=True) as tx:
        return await board(tx, area, who.locale, fine=fine)


ROUTES: list[Any] = [get_board]
