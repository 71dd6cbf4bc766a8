"""Who had to do with whom, by days: a chain at a time, drawn and as a list that can be read aloud."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import hypot
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery

from wangge.kernel.http import Asking, page
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Refusal
from wangge.places.forms import back, do_form, fields, gone, whole
from wangge.solvers.chains import Drawing, Line, Spot, chains, day_of, draw, earliest
from wangge.solvers.contacts import Entry
from wangge.verification import queries
from wangge.verification.chaining import contacts_of
from wangge.verification.makers import CHAIN
from wangge.verification.pages.common import Answer, Ask, office
from wangge.verification.records import hidden

#: Entries drawn; a picture of more is no picture. Chains offered at a time.
DRAWN_MAX, OFFERED = 300, 60
#: Pixels between days and between lanes, and around; of an entry's circle.
WIDE, HIGH, EDGE, ROUND = 120, 44, 60, 17


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain to choose: its place among all, how many are in it, from when to when."""

    at: int
    people: int
    first: date | None
    last: date | None


def _chain(at: int, entries: list[Entry]) -> Chain:
    days = [day for one in entries if (day := day_of(one)) is not None]
    return Chain(at, len(entries), min(days, default=None), max(days, default=None))


def _place(spot: Spot) -> tuple[int, int]:
    return EDGE + spot.column * WIDE, EDGE + spot.lane * HIGH


def line_between(a: tuple[int, int], b: tuple[int, int]) -> str:
    """A straight line, up to the circle that it leads to; between two of one day a bow, so that it does
    not run through others."""
    if a[0] != b[0]:
        x, y = _edge(a, b)
        return f"M{a[0]} {a[1]}L{x} {y}"
    middle = a[0] + WIDE // 2, (a[1] + b[1]) // 2
    x, y = _edge(middle, b)
    return f"M{a[0]} {a[1]}Q{middle[0]} {middle[1]} {x} {y}"


def _edge(a: tuple[int, int], b: tuple[int, int]) -> tuple[float, float]:
    """Where what comes from `a` meets the circle around `b`."""
    far = hypot(a[0] - b[0], a[1] - b[1]) or 1
    return (
        round(b[0] + (a[0] - b[0]) * ROUND / far, 1),
        round(b[1] + (a[1] - b[1]) * ROUND / far, 1),
    )


def _told(drawn: Drawing, called: Mapping[str, str]) -> dict[str, tuple[list[str], list[str]]]:
    """Of each entry, its sources and whom it is linked with."""
    told: dict[str, tuple[list[str], list[str]]] = {one.id: ([], []) for one in drawn.spots}
    for line in drawn.lines:
        told[line.b][0 if line.directed else 1].append(called[line.a])
        if not line.directed:
            told[line.a][1].append(called[line.b])
    return told


async def _show(
    who: Asking, list_id: UUID, at: int, after: int, refusal: Refusal | None = None
) -> Answer:
    async with who.tx(read_only=True) as tx:
        found = await queries.one_list(tx, list_id)
        entries = await contacts_of(tx, who.district.vault, found)

    def drawing() -> tuple[list[Chain], int, Chain | None, Drawing]:
        all_ = chains(entries)
        offered = [_chain(n, one) for n, one in enumerate(all_)][after : after + OFFERED]
        if not all_:
            return [], 0, None, draw([])
        place = min(at, len(all_) - 1)
        shown = _chain(place, all_[place])
        return offered, len(all_), shown, draw(earliest(all_[place], DRAWN_MAX))

    offered, count, shown, drawn = await asyncio.to_thread(drawing)
    called = {one.id: hidden(one.id) for one in drawn.spots}
    spot_of = {one.id: _place(one) for one in drawn.spots}

    def path(line: Line) -> str:
        return line_between(spot_of[line.a], spot_of[line.b])

    return page(
        who,
        "verification/chain.html",
        status=refusal.status if refusal else 200,
        one=found,
        chains=offered,
        count=count,
        more=after + OFFERED if count > after + OFFERED else None,
        shown=shown,
        days=[(EDGE + n * WIDE, day) for n, day in enumerate(drawn.days)],
        spots=[(one, *spot_of[one.id]) for one in drawn.spots],
        lines=[(path(line), line.directed) for line in drawn.lines],
        told=_told(drawn, called),
        called=called,
        wide=EDGE * 2 + max(0, len(drawn.days) - 1) * WIDE,
        high=EDGE * 2 + max(0, drawn.lanes - 1) * HIGH,
        drawn=DRAWN_MAX,
        round=ROUND,
        new_id=new_id,
        refusal=who.said(refusal),
    )


@get("/verification/{list_id:uuid}/chain")
async def chain_page(
    request: Ask, list_id: FromPath[UUID], at: FromQuery[str] = "", after: FromQuery[str] = ""
) -> Answer:
    """One chain of the list, the longest unless another is chosen. Entries are called by their numbers
    in the list."""
    return await _show(office(request), list_id, whole(at), whole(after))


@post("/verification/{list_id:uuid}/chain", status_code=200)
async def export_chain(request: Ask, list_id: FromPath[UUID]) -> Answer:
    """Ask for all chains as a table: who, whom, when, by the list's numbers."""
    who, given = office(request), await fields(request)
    async with who.tx(read_only=True) as tx:
        found = await queries.one_list(tx, list_id)
    body: dict[str, Any] = {
        "what": CHAIN,
        "area_code": found.area_code,
        "people": found.rows,
        "reason": given.get("reason", ""),
        "spec": {"list": str(list_id)},
        "full": [],
        "title": found.title,
    }
    try:
        done = await do_form(who, given, "exports.ask", body)
    except Refusal as refusal:
        if gone(refusal):
            raise
        return await _show(who, list_id, 0, 0, refusal)
    return back(who, f"/exports/{done['id']}")


ROUTES: list[Any] = [chain_page, export_chain]
