"""Cases and tasks over HTTP, under /api/v1."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.status_codes import HTTP_200_OK

from wangge.access.links import sign_file
from wangge.cases import appeals, lists, read
from wangge.cases.acts import READ
from wangge.cases.lists import CaseFilter
from wangge.cases.reference import REFERENCE
from wangge.dispatch import lists as tasks
from wangge.dispatch.acts import WATCH_OFFERS
from wangge.dispatch.deeds import ReportBody, take
from wangge.dispatch.imports_api import ROUTES as IMPORT_ROUTES
from wangge.dispatch.intake import Received
from wangge.kernel.deeds import Answer
from wangge.kernel.http import Asking, asking, do_deed, express
from wangge.kernel.moments import new_id, now
from wangge.kernel.refusals import Invalid
from wangge.responses import RESPONSES

Req = Request[Any, Any, Any]


def _said(answer: Answer) -> Response[Any]:
    return Response(answer.body, status_code=answer.status)


async def _do(who: Asking, kind: str, body: Any, deed_id: UUID | None = None) -> Response[Any]:
    who.signed()
    return _said(await do_deed(who, kind, deed_id or new_id(), body))


def _deed_id(request: Req) -> UUID | None:
    text = request.headers.get("deed-id")
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError as wrong:
        raise Invalid.of("Deed-Id", "操作编号不是 UUID。") from wrong


@post("/api/v1/cases", status_code=201)
async def report(request: Req, data: JSONBody[dict[str, Any]]) -> Response[Any]:
    """Report a case. The body's `id` names the deed: sending it twice is harmless."""
    who = asking(request)
    who.signed()
    try:
        deed_id = UUID(str(data.get("id", "")))
    except ValueError as wrong:
        raise Invalid.of("id", "请由发送方生成事件编号 id(UUID)。") from wrong
    return _said(await do_deed(who, "cases.report", deed_id, data))


@express("POST", "/api/v1/cases", ReportBody, status=201)
async def report_at_once(who: Asking, body: ReportBody) -> Received:
    """The same, when a storm makes a thousand people report."""
    who.signed()
    return await take(who, body)


#: Verbs of the desk as `POST /api/v1/cases/{id}/{verb}`, and their deeds.
CASE_VERBS = frozenset(
    {
        "verify",
        "file",
        "void",
        "merge",
        "return_to_acceptor",
        "dispatch",
        "decide_extension",
        "suspend",
        "resume",
        "inspect",
        "rework",
        "close",
        "call_back",
        "reopen",
        "self_close",
        "reclassify",
        "note",
    }
)
TASK_VERBS = frozenset(
    {
        "accept",
        "decline",
        "start",
        "finish",
        "return_task",
        "ask_extension",
        "verify_answer",
        "inspect_answer",
        "meet",
    }
)


@post("/api/v1/cases/{case_id:uuid}/{verb:str}", status_code=HTTP_200_OK)
async def case_verb(
    request: Req, case_id: FromPath[UUID], verb: FromPath[str], data: JSONBody[dict[str, Any]]
) -> Response[Any]:
    """Do a verb to a case; `Deed-Id` in the header makes it harmless to repeat."""
    if verb not in CASE_VERBS:
        raise Invalid.of("verb", "没有“{verb}”这种操作。", verb=verb[:40])
    body = {**data, "case_id": str(case_id)}
    return await _do(asking(request), f"cases.{verb}", body, _deed_id(request))


@post("/api/v1/tasks/{task_id:uuid}/{verb:str}", status_code=HTTP_200_OK)
async def task_verb(
    request: Req, task_id: FromPath[UUID], verb: FromPath[str], data: JSONBody[dict[str, Any]]
) -> Response[Any]:
    """Do a verb to a task."""
    if verb not in TASK_VERBS:
        raise Invalid.of("verb", "没有“{verb}”这种操作。", verb=verb[:40])
    body = {**data, "task_id": str(task_id)}
    return await _do(asking(request), f"dispatch.{verb}", body, _deed_id(request))


@get("/api/v1/cases")
async def cases(
    request: Req,
    q: FromQuery[str] = "",
    stage: FromQuery[str | None] = None,
    class_: FromQuery[str] = "",
    channel: FromQuery[str | None] = None,
    platform: FromQuery[str | None] = None,
    area: FromQuery[str] = "",
    overdue: FromQuery[bool] = False,
    live: FromQuery[bool] = True,
    since: FromQuery[datetime | None] = None,
    until: FromQuery[datetime | None] = None,
    mine: FromQuery[bool] = False,
    sort: FromQuery[str] = "due",
    after: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> dict[str, Any]:
    """A page of cases within reach. `class` and `state` are asked for by those very names, which
    a handler's arguments cannot have."""
    who = asking(request)
    state = request.query_params.get("state")
    who.must(READ)
    wanted = CaseFilter(
        q=q.strip(),
        stage=stage or None,
        states=(state,) if state else (),
        class_code=request.query_params.get("class", class_),
        channel=channel or None,
        platform=platform or None,
        area=area,
        overdue=overdue,
        live=live,
        from_=since,
        to=until,
        mine=mine,
        sort=sort,
    )
    async with who.tx(read_only=True) as tx:
        page = await lists.case_page(tx, wanted, after, limit)
    return {"items": page.items, "next": page.next}


@get("/api/v1/cases/near")
async def near(
    request: Req, lon: FromQuery[float], lat: FromQuery[float], class_code: FromQuery[str]
) -> dict[str, Any]:
    """What may be the same thing, before it is reported twice."""
    who = asking(request)
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        return {"items": await read.near(tx, lon, lat, class_code)}


@get("/api/v1/cases/points")
async def points(request: Req, area: FromQuery[str] = "") -> dict[str, Any]:
    """Live cases as GeoJSON, with the colour of help needed (domain.md §7.2 A)."""
    who = asking(request)
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        found = await read.live_points(tx, area)
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [point.lon, point.lat]},
                "properties": {
                    "id": point.id,
                    "receipt": point.receipt,
                    "title": point.title,
                    "class_code": point.class_code,
                    "state": point.state.value,
                    "stage": point.stage(),
                    "urgent": point.urgent,
                    "overdue": point.overdue,
                    "colour": point.colour(),
                },
            }
            for point in found
        ],
    }


@get("/api/v1/cases/{case_id:uuid}")
async def case(request: Req, case_id: FromPath[UUID]) -> dict[str, Any]:
    """One case with its whole story."""
    who = asking(request)
    who.signed()
    async with who.tx(read_only=True) as tx:
        view = await read.case_view(tx, case_id, who.locale)
    shown: dict[str, Any] = {
        name: getattr(view, name) for name in view.__dataclass_fields__ if name != "photos"
    }
    shown["photos"] = [
        {"id": p.id, "purpose": p.purpose, "at": p.at, "url": sign_file(who, p.id)}
        for p in view.photos
    ]
    return shown


@get("/api/v1/tasks")
async def my_tasks(request: Req) -> dict[str, Any]:
    """Offers to me and what I hold."""
    who = asking(request)
    who.signed()
    async with who.tx(read_only=True) as tx:
        found = await tasks.my_tasks(tx)
    return {"items": [_task(who, task) for task in found], "next": None}


def _task(who: Asking, task: tasks.MyTask) -> dict[str, Any]:
    shown: dict[str, Any] = {name: getattr(task, name) for name in task.__dataclass_fields__}
    shown["photos"] = [{"id": id_, "url": sign_file(who, UUID(id_))} for id_ in task.photos]
    return shown


@get("/api/v1/tasks/unanswered")
async def unanswered(request: Req, area: FromQuery[str] = "") -> dict[str, Any]:
    """Offers to telephone about."""
    who = asking(request)
    who.must(WATCH_OFFERS)
    async with who.tx(read_only=True) as tx:
        return {"items": await tasks.unanswered(tx, area)}


@get("/api/v1/classes")
async def classes(request: Req) -> dict[str, Any]:
    """The taxonomy, and which classes are open now (X needs a declared response)."""
    who = asking(request)
    async with who.tx(read_only=True) as tx:
        reference = await REFERENCE.get(tx)
        declared = (await RESPONSES.get(tx)).live(who.district.code, now()) is not None
    return {
        "items": [
            {
                "code": known.code,
                "name": known.name_zh,
                "name_en": known.name_en,
                "platform": known.platform.value,
                "urgent": known.urgent,
                "on_the_spot": known.on_the_spot,
                "emergency_line": "、".join(known.emergency_lines),
                "condition": known.condition_zh,
                "closing_condition": known.closing_condition_zh,
                "needs_response": known.needs_response,
                "open": declared or not known.needs_response,
            }
            for known in reference.classes.values()
        ]
    }


@get("/api/v1/appeals")
async def open_appeals(
    request: Req, after: FromQuery[str | None] = None, limit: FromQuery[int | None] = None
) -> dict[str, Any]:
    """A page of the appeals nobody has ended, within reach or of one's own unit, first due first."""
    who = asking(request)
    who.signed()
    async with who.tx(read_only=True) as tx:
        page = await appeals.waiting(tx, after, limit)
    return {
        "items": [
            {
                "id": one.appeal.id,
                "case_id": one.appeal.case_id,
                "step_id": one.appeal.step_id,
                "receipt": one.receipt,
                "area_code": one.appeal.area_code,
                "unit": one.appeal.unit,
                "what": one.appeal.what,
                "reason": one.appeal.reason,
                "state": one.appeal.state,
                "at": one.appeal.at,
                "due_at": one.appeal.due_at,
                "version": one.appeal.version,
            }
            for one in page.items
        ],
        "next": page.next,
    }


@get("/api/v1/marks")
async def marks(
    request: Req,
    since: FromQuery[datetime | None] = None,
    until: FromQuery[datetime | None] = None,
) -> dict[str, Any]:
    """What stands against each unit on cases reported in that time (the last 30 days when nothing is
    said): marks of an upheld appeal do not count."""
    who = asking(request)
    who.signed()
    async with who.tx(read_only=True) as tx:
        units = await appeals.unit_marks(tx, since, until)
    return {
        "items": [
            {
                "unit": one.unit,
                "handled": one.handled,
                "late": one.late,
                "reworks": one.reworks,
                "late_upheld": one.late_upheld,
                "reworks_upheld": one.reworks_upheld,
                "late_counted": one.late_counted,
                "reworks_counted": one.reworks_counted,
            }
            for one in units
        ]
    }


@get("/api/v1/keywords")
async def keywords(request: Req) -> dict[str, Any]:
    """The word table, so that a phone without a network can suggest a class."""
    who = asking(request)
    async with who.tx(read_only=True) as tx:
        reference = await REFERENCE.get(tx)
    return {"items": [[v.word, v.code, v.weight] for v in reference.keywords.votes()]}


ROUTES: list[Any] = [
    report,
    case_verb,
    task_verb,
    cases,
    near,
    points,
    case,
    my_tasks,
    unanswered,
    classes,
    open_appeals,
    marks,
    keywords,
    *IMPORT_ROUTES,
]
