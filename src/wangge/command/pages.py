"""Pages of the command room: my own day, the wall, the map, and filters with a name."""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery
from msgspec import Struct

from wangge.cases import acts as case_acts
from wangge.cases import appeals
from wangge.cases.colours import COLOUR_RULES
from wangge.cases.lists import CaseFilter, CaseLine, case_page
from wangge.cases.pages.choices import place_words
from wangge.cases.pages.settings import TILE_URL
from wangge.command import queries
from wangge.command.acts import BOARD
from wangge.command.board import Board, board
from wangge.dispatch.acts import WATCH_OFFERS
from wangge.dispatch.lists import my_tasks
from wangge.kernel.actors import Act
from wangge.kernel.database import Tx
from wangge.kernel.http import Asking, asking, nav, page
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid
from wangge.kernel.settings import decided
from wangge.places import ATLAS
from wangge.places.model import KINDS
from wangge.sweeps.board import SweepBoard, under_way
from wangge.sweeps.needs import COLOURS, MARKS

Asked = Request[Any, Any, Any]
FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
#: Newest cases on the wall.
NEWEST = 12
#: Sweeps under way on the wall.
SWEEPS = 3
#: Tasks on the page of one's own day; phones show them all.
TASKS_SHOWN = 20
#: Filters one person may give a name.
SAVED_MAX = 20
#: Pages whose filters may be kept.
SAVED_PAGES = ("cases",)

nav(10, "/today", "我的工作", "home", case_acts.READ)
nav(30, "/map", "地图", "map", BOARD)
nav(32, "/wall", "指挥大屏", "wall", BOARD)


@dataclass(frozen=True, slots=True)
class Tile:
    """Something that waits for whoever looks, with the list it leads to."""

    words: str
    number: int
    overdue: int | None
    path: str


#: What waits for whom: states, the act that may go on from there, and its words.
WAITING: tuple[tuple[str, Act, str], ...] = (
    ("reported", case_acts.ACCEPT, "待受理"),
    ("filed", case_acts.DISPATCH, "待派遣"),
    ("extension_pending", case_acts.DECIDE, "延期待批"),
    ("handled", case_acts.CLOSE, "待核查结案"),
)


@get("/today")
async def today(request: Asked) -> Response[Any]:
    """What waits for whoever signed in; a number leads to its list."""
    who = asking(request)
    who.signed()
    async with who.tx(read_only=True) as tx:
        states = await queries.state_counts(tx, tx.reach(case_acts.READ))
        mine = await my_tasks(tx)
        atlas = await ATLAS.get(tx)
        judged = [one.appeal.due_at for one in await appeals.to_decide(tx)]
        moment, unanswered = tx.now, 0
        if who.may(WATCH_OFFERS):
            offers = await queries.offer_counts(tx, tx.reach(WATCH_OFFERS), "", 6)
            unanswered = sum(row.unanswered for row in offers)
    counted = {row.state: row for row in states}
    waiting = [
        Tile(words, row.number, row.overdue, f"/cases?state={state}")
        for state, act, words in WAITING
        if who.may(act) and (row := counted.get(state))
    ]
    if judged:
        late = sum(1 for due_at in judged if due_at is not None and due_at < moment)
        waiting.append(Tile("待审申诉", len(judged), late, "/appeals"))
    if unanswered:
        waiting.append(Tile("派出去还没人应答", unanswered, None, "/offers"))
    return page(
        who,
        "command/today.html",
        waiting=waiting,
        states=states,
        tasks=mine[:TASKS_SHOWN],
        places={task.id: place_words(atlas, task.area_code) for task in mine[:TASKS_SHOWN]},
        can={"report": who.may(case_acts.REPORT), "board": who.may(BOARD)},
    )


@dataclass(frozen=True, slots=True)
class Looked:
    """What the wall and the map are drawn from."""

    board: Board
    title: str
    newest: list[tuple[CaseLine, str]]
    tile_url: str
    sweeps: list[SweepBoard]


async def look(who: Asking, area: str, newest: int, *, fine: bool = False) -> Looked:
    """The board of an area, its name, and the newest cases."""
    who.signed()
    async with who.tx(read_only=True) as tx:
        made = await board(tx, area, who.locale, fine=fine)
        atlas = await ATLAS.get(tx)
        found = await newest_cases(tx, area, newest) if newest else []
        tiles = (await decided(tx))(TILE_URL)
        swept = await under_way(tx, area, who.locale, SWEEPS) if newest else []
    title = atlas.name(area) if area else who.district.name
    return Looked(made, title, found, tiles, swept)


async def newest_cases(tx: Tx, area: str, number: int) -> list[tuple[CaseLine, str]]:
    """What came in last, each with its place as people say it."""
    atlas = await ATLAS.get(tx)
    found = await case_page(tx, CaseFilter(area=area, live=False, sort="new"), None, number)
    return [(line, place_words(atlas, line.area_code)) for line in found.items]


def _drawn(who: Asking, template: str, looked: Looked) -> Response[Any]:
    kind = KINDS.get(looked.board.level)
    src = f"/api/v1/areas.geojson?prefix={looked.board.area}&kinds={kind.value if kind else ''}"
    return page(
        who,
        template,
        board=looked.board,
        title=looked.title,
        newest=looked.newest,
        areas_src=src,
        tile_url=looked.tile_url,
        sweeps=looked.sweeps,
        sweep_words={
            "marks": {need.value: mark for need, mark in MARKS.items()},
            "colours": {need.value: colour for need, colour in COLOURS.items()},
        },
        rules=[(colour.value, rule) for colour, rule in COLOUR_RULES.items()],
    )


@get("/wall")
async def wall(request: Asked, area: FromQuery[str] = "") -> Response[Any]:
    """The command wall: right before any script runs, kept right by <live-wall>."""
    who = asking(request)
    return _drawn(who, "command/wall.html", await look(who, area, NEWEST))


@get("/wall/newest")
async def newest(request: Asked, area: FromQuery[str] = "") -> Response[Any]:
    """The wall's list of newest cases, as a part of the page."""
    who = asking(request)
    who.signed()
    async with who.tx(read_only=True) as tx:
        found = await newest_cases(tx, area, NEWEST)
    return page(who, "command/newest.html", newest=found)


@get("/map")
async def map_page(request: Asked, area: FromQuery[str] = "") -> Response[Any]:
    """Areas and live cases on a map, with the same in a list beside it."""
    who = asking(request)
    return _drawn(who, "command/map.html", await look(who, area, 0, fine=True))


# -- filters with a name -------------------------------------------------------------------------


def kept_query(query: str) -> str:
    """A page's query without marks of paging and without typed words, which may name somebody."""
    pairs = [
        (name, value)
        for name, value in parse_qsl(query)
        if name not in ("after", "back", "q", "page") and value
    ]
    return urlencode(pairs)[:500]


@get("/saved-filters")
async def saved(request: Asked) -> Response[Any]:
    """The asker's own for one page; as a part of that page, or on its own without a script."""
    who = asking(request)
    who.signed()
    of = request.query_params.get("page", "cases")
    async with who.tx(read_only=True) as tx:
        found = await queries.saved_filters(tx, of)
    part = request.headers.get("hx-request") == "true"
    return page(
        who,
        "command/saved.html" if part else "command/saved_page.html",
        saved=found,
        page_name=of,
        query=kept_query(str(request.url.query)),
    )


class SaveForm(Struct):
    name: str = ""
    page: str = "cases"
    query: str = ""


@post("/saved-filters")
async def save(request: Asked, data: Annotated[SaveForm, FORM]) -> Response[Any]:
    """Give the present filter a name; the same name again replaces it."""
    who = asking(request)
    who.signed()
    name = data.name.strip()
    if not 1 <= len(name) <= 20:
        raise Invalid.of("name", "名字请写 1 到 20 个字。")
    if data.page not in SAVED_PAGES:
        raise Invalid.of("page", "这个页面不能保存筛选。")
    query = kept_query(data.query)
    async with who.tx() as tx:
        held = await queries.saved_filters(tx, data.page)
        if len(held) >= SAVED_MAX and name not in [one.name for one in held]:
            raise Invalid.of("name", "常用筛选最多 {most} 个,请先删掉一个。", most=SAVED_MAX)
        await queries.save_filter(
            tx, queries.SavedFilter(new_id(tx.now), data.page, name, query)
        )
    return _back(who, data.page, query)


@post("/saved-filters/{filter_id:uuid}/drop")
async def drop(request: Asked, filter_id: FromPath[UUID]) -> Response[Any]:
    """Forget one of one's own."""
    who = asking(request)
    who.signed()
    async with who.tx() as tx:
        await queries.drop_filter(tx, filter_id)
    return _back(who, "cases", "")


def _back(who: Asking, to: str, query: str) -> Response[Any]:
    where = f"{who.base}/{to}" + (f"?{query}" if query else "")
    return Response(b"", status_code=303, headers={"Location": where})


ROUTES: list[Any] = [today, wall, newest, map_page, saved, save, drop]
