"""QR codes as SVG, one on a page or hundreds on sheets to print.

Choosing the best of eight masks is most of the work (5 of 7 ms a code), so sheets take a fixed one: the
code says which (ISO/IEC 18004, format information), and readers take any. Sheets are drawn beside the
loop, so that nobody else waits while a community's codes are made.
"""

import asyncio
from collections.abc import Sequence

import segno
from markupsafe import Markup

#: Restores some 15 % of a code that is scratched or dirty.
LEVEL = "m"
#: The mask of codes on sheets.
SHEET_MASK = 3


def qr(text: str, *, scale: int | None = None) -> Markup:
    """A QR code as SVG with a border of two modules: `scale` pixels a module, or, without, as
    large as its place on the page."""
    return _drawn(text, scale, 2, None)


async def qr_sheet(
    texts: Sequence[str], *, scale: int | None = None, border: int = 2
) -> list[Markup]:
    """Codes of a sheet, in the order of their texts; `border` modules are empty around each."""
    return await asyncio.to_thread(
        lambda: [_drawn(text, scale, border, SHEET_MASK) for text in texts]
    )


def _drawn(text: str, scale: int | None, border: int, mask: int | None) -> Markup:
    code = segno.make(text, error=LEVEL, micro=False, mask=mask)
    size = {"omitsize": True} if scale is None else {"scale": scale}
    return Markup(
        code.svg_inline(border=border, dark="#000", light="#fff", lineclass=None, **size)
    )
