"""The queue: what waits, soonest due first. Plain GET; every page of it has an address."""

from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.params import FromQuery

from wangge.cases import acts
from wangge.cases.lists import CaseFilter, case_page
from wangge.cases.pages import choices
from wangge.cases.reference import REFERENCE
from wangge.kernel.http import asking, page
from wangge.kernel.moments import day_start
from wangge.places import ATLAS

#: Rows a page of the queue has.
ROWS = 50
#: Pages one can go back by the link; more than that, and a search is the better way.
BACK_MAX = 20


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filter as its form holds it. Empty text is no condition."""

    q: str = ""
    state: str = ""
    stage: str = ""
    class_code: str = ""
    channel: str = ""
    platform: str = ""
    area: str = ""
    from_day: str = ""
    to_day: str = ""
    live: str = "1"
    sort: str = "due"
    overdue: bool = False
    mine: bool = False

    def query(self) -> str:
        """As the query of an address, without what is at its default."""
        given = {
            _NAMES.get(f.name, f.name): ("1" if value is True else value)
            for f in fields(self)
            if (value := getattr(self, f.name)) != f.default
        }
        return urlencode(given)

    def filter(self) -> CaseFilter:
        """As the room's own filter."""
        return CaseFilter(
            q=self.q,
            stage=self.stage or None,
            states=(self.state,) if self.state else (),
            class_code=self.class_code,
            channel=self.channel or None,
            platform=self.platform or None,
            area=self.area,
            overdue=self.overdue,
            live=self.live != "0",
            from_=day(self.from_day),
            to=day(self.to_day, after=True),
            mine=self.mine,
            sort="new" if self.sort == "new" else "due",
        )


_NAMES = {"class_code": "class", "from_day": "from", "to_day": "to"}


def day(text: str, *, after: bool = False) -> datetime | None:
    """Midnight at the beginning of a day in Asia/Shanghai, or at its end; None for no day."""
    try:
        start = day_start(datetime.fromisoformat(text).date())
    except ValueError:
        return None
    return start + timedelta(days=1) if after else start


@get("/cases")
async def queue(
    request: Request[Any, Any, Any],
    q: FromQuery[str] = "",
    stage: FromQuery[str] = "",
    channel: FromQuery[str] = "",
    platform: FromQuery[str] = "",
    area: FromQuery[str] = "",
    live: FromQuery[str] = "1",
    sort: FromQuery[str] = "due",
    overdue: FromQuery[str] = "",
    mine: FromQuery[str] = "",
    after: FromQuery[str] = "",
    back: FromQuery[str] = "",
) -> Response[Any]:
    """The list within reach. `back` is the marks of the pages before, for 上一页."""
    who = asking(request)
    who.signed()
    # These four are words of Python's, or of the filter's own.
    given = request.query_params
    case_state, class_code = given.get("state", ""), given.get("class", "")
    from_day, to_day = given.get("from", ""), given.get("to", "")
    chosen = Chosen(
        q.strip()[:100],
        case_state,
        stage,
        class_code,
        channel,
        platform,
        area,
        from_day,
        to_day,
        live,
        sort,
        overdue == "1",
        mine == "1",
    )
    async with who.tx(read_only=True) as tx:
        found = await case_page(tx, chosen.filter(), after or None, ROWS)
        versions = await tx.versions()
        reference = await REFERENCE.get(tx, versions)
        atlas = await ATLAS.get(tx, versions)
        areas = choices.areas(atlas, tx.reach(acts.READ), area)
    query = chosen.query()
    before = back.split(",") if back else []
    return page(
        who,
        "cases/queue.html",
        acts=acts,
        chosen=chosen,
        more_chosen=replace(
            Chosen(),
            stage=stage,
            class_code=class_code,
            channel=channel,
            platform=platform,
            from_day=from_day,
            to_day=to_day,
        )
        != Chosen(),
        query=query,
        page=found,
        number=len(before) + 1,
        earlier=_earlier(query, before),
        later=_later(query, before, after, found.next),
        states=choices.states(who.locale),
        stages=choices.stages(who.locale),
        classes=choices.classes(reference, who.locale),
        channels=choices.said(who.locale, choices.CHANNELS),
        platforms=choices.platforms(who.locale),
        areas=areas,
        places={
            line.area_code: choices.place_words(atlas, line.area_code) for line in found.items
        },
        class_names={
            code: choices.class_name(known, who.locale)
            for code, known in reference.classes.items()
        },
    )


def _later(query: str, before: list[str], here: str, mark: str | None) -> str:
    if mark is None:
        return ""
    back = [*before, here or "-"][-BACK_MAX:]
    return _joined(query, urlencode({"after": mark, "back": ",".join(back)}))


def _earlier(query: str, before: list[str]) -> str | None:
    """The query of the page before; None on the first."""
    if not before:
        return None
    *rest, mark = before
    given = {"after": mark} if mark != "-" else {}
    if rest:
        given["back"] = ",".join(rest)
    return _joined(query, urlencode(given))


def _joined(*parts: str) -> str:
    return "&".join(part for part in parts if part)


ROUTES: list[Any] = [queue]
