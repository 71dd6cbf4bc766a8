"""A case's page: its story, and what may be done with it now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from wangge.access.links import sign_file
from wangge.cases import appeals, commands
from wangge.cases.acts import CALL_BACK
from wangge.cases.pages import choices
from wangge.cases.pages.forms import SPECS, WITH_PHOTOS, DeedForm, Field, body_of
from wangge.cases.pages.queries import MyTask, contact, my_tasks
from wangge.cases.pages.settings import TILE_URL
from wangge.cases.read import CaseView, case_view, near
from wangge.cases.reference import REFERENCE, Reference
from wangge.kernel.database import Tx
from wangge.kernel.http import Asking, asking, do_deed, page
from wangge.kernel.http.photos import FORM_BYTES_MAX, form_photos
from wangge.kernel.i18n import translate
from wangge.kernel.moments import new_id
from wangge.kernel.moments import now as moment_now
from wangge.kernel.refusals import NotFound, Refusal, as_problem
from wangge.kernel.settings import decided
from wangge.people import ROSTER, Roster
from wangge.places import ATLAS, Atlas
from wangge.responses import RESPONSES
from wangge.tasks import target_words

#: Digits of the area drawn around a case's point: its community.
AROUND = 12


@dataclass(frozen=True, slots=True)
class Failed:
    """A form that was refused: what was typed is kept, and said why."""

    key: str
    typed: Mapping[str, str]
    refusal: dict[str, Any]
    status: int


@dataclass(frozen=True, slots=True)
class Ground:
    """What a case's forms offer to choose from."""

    who: Asking
    view: CaseView
    reference: Reference
    atlas: Atlas
    roster: Roster
    near: list[tuple[str, str]]
    war: bool
    tx: Tx

    def _(self, words: str, **values: Any) -> str:
        return translate(self.who.locale, words, **values)


def reason(ground: Ground, label: str, help_: str = "") -> Field:
    """A written reason: what every return, void and rework needs."""
    return Field("reason", "words", ground._(label), help=ground._(help_) if help_ else "")


def fields_of(verb: str, ground: Ground) -> list[Field]:
    """What a verb asks for."""
    _ = ground._
    view = ground.view
    if verb in ("file", "reclassify"):
        made = [
            Field(
                "class_code",
                "select",
                _("分类和立案标准"),
                value=view.class_code or "",
                groups=[
                    ("", choices.classes(ground.reference, ground.who.locale, war=ground.war))
                ],
            )
        ]
        return made if verb == "file" else [*made, reason(ground, "改分类的原因")]
    if verb == "dispatch":
        groups = choices.targets(
            ground.atlas,
            ground.roster,
            view.area_code,
            view.platform,
            ground.tx.now,
            ground.who.locale,
        )
        return [
            Field("target", "select", _("派给谁"), groups=groups),
            Field("note", "words", _("派遣意见"), required=False),
        ]
    if verb == "decide_extension":
        return [
            Field(
                "approve", "choice", _("是否同意"), options=_yes_no(ground, "同意", "不同意")
            ),
            Field(
                "reason", "words", _("意见"), required=False, help=_("不同意时必须写明原因。")
            ),
        ]
    if verb == "close":
        return [
            Field("met", "tick", _("已达到结案标准"), help=view.closing_condition or ""),
        ]
    if verb == "call_back":
        scores = [(str(n), _("{n} 分", n=n)) for n in (5, 4, 3, 2, 1)]
        return [
            Field("score", "choice", _("居民给几分"), options=scores),
            Field("note", "words", _("居民怎么说"), required=False),
        ]
    if verb == "merge":
        return [
            Field(
                "into",
                "select" if ground.near else "line",
                _("并入哪一件"),
                help=_("填另一件的办理编号。")
                if not ground.near
                else _("列出的是附近 24 小时内的同类事件。"),
                groups=[("", ground.near)] if ground.near else (),
            )
        ]
    if verb == "suspend":
        return [
            reason(ground, "挂起的原因", "只用于外部原因,例如等配件、等天气。"),
            Field("review_at", "moment", _("什么时候复查")),
        ]
    if verb in ("self_close", "finish", "meet"):
        return [Field("result", "words", _("处置结果"))]
    if verb == "ask_extension":
        return [reason(ground, "申请延期的原因"), Field("until", "moment", _("延到什么时候"))]
    if verb == "verify_answer":
        return [
            Field(
                "true_report",
                "choice",
                _("情况属实吗"),
                options=_yes_no(ground, "属实", "不属实"),
            ),
            Field("note", "words", _("现场看到什么")),
        ]
    if verb == "inspect_answer":
        return [
            Field(
                "passed",
                "choice",
                _("达到结案标准吗"),
                options=_yes_no(ground, "通过", "不通过"),
            ),
            Field("note", "words", _("现场看到什么")),
        ]
    if verb == "note":
        return [Field("text", "words", _("意见"))]
    if verb == "decide_appeal":
        return [
            Field(
                "passed",
                "choice",
                _("申诉成立吗"),
                options=_yes_no(ground, "通过,交上一级", "不成立"),
            ),
            Field(
                "reason", "words", _("意见"), required=False, help=_("不成立时必须写明原因。")
            ),
        ]
    if "reason" in SPECS[verb].reads:
        return [reason(ground, "原因")]
    return []


def _yes_no(ground: Ground, yes: str, no: str) -> list[tuple[str, str]]:
    return [("yes", ground._(yes)), ("no", ground._(no))]


def form_of(
    verb: str, ground: Ground, failed: Failed | None, task: MyTask | None, of: str = ""
) -> DeedForm:
    """The button of a verb with its form; opened, with what was typed, when it was refused. `of` tells
    forms of one verb apart."""
    spec = SPECS[verb]
    view = ground.view
    key = f"{verb}-{task.id}" if task else f"{verb}-{of}" if of else verb
    hidden = {"task_id": str(task.id)} if task else {"version": str(view.version)}
    made = DeedForm(
        key=key,
        words=ground._(spec.words),
        submit=ground._(spec.submit),
        tone=spec.tone,
        action=f"/cases/{view.id}/do/{verb}",
        deed_id=new_id(),
        hidden={**hidden, "key": key},
        fields=fields_of(verb, ground),
        note=ground._(spec.note) if spec.note else "",
        photos=verb in WITH_PHOTOS,
    )
    if failed is not None and failed.key == key:
        return replace(made, open=True, typed=failed.typed)
    return made


#: What may be answered to an offer, and done with a task that is held, by its kind.
OFFERED: Mapping[str, tuple[str, ...]] = {"handle": ("accept", "decline", "return_task")}
HELD: Mapping[str, tuple[str, ...]] = {
    "handle": ("start", "finish", "ask_extension", "return_task"),
    "verify": ("verify_answer",),
    "inspect": ("inspect_answer",),
    "joint": ("meet",),
}


def task_verbs(task: MyTask, case_state: str) -> tuple[str, ...]:
    """What this actor may do with a task of the case now."""
    if not task.held:
        return OFFERED.get(task.kind, ("accept", "decline"))
    verbs = HELD.get(task.kind, ())
    if task.state != "accepted":
        verbs = tuple(verb for verb in verbs if verb != "start")
    if case_state not in ("acked", "handling"):
        verbs = tuple(verb for verb in verbs if verb != "ask_extension")
    if case_state == "extension_pending":
        verbs = tuple(verb for verb in verbs if verb not in ("start", "finish"))
    return verbs


def forms_of(ground: Ground, tasks: Sequence[MyTask], failed: Failed | None) -> list[DeedForm]:
    """Only what this actor may do now: one's own task first, then the desk's verbs."""
    made = [
        form_of(verb, ground, failed, task)
        for task in tasks
        for verb in task_verbs(task, ground.view.state)
    ]
    allowed = frozenset(ground.view.verbs)
    return made + [
        form_of(verb, ground, failed, None)
        for verb, spec in SPECS.items()
        if verb in allowed and spec.deed.startswith("cases.")
    ]


@dataclass(frozen=True, slots=True)
class MarkShown:
    """A mark against a unit as the page shows it, with what was said and what may be done."""

    what: str
    at: datetime
    unit: str
    state: str
    state_words: str
    reason: str
    due_at: datetime | None
    said: list[tuple[str, str, bool, str]]
    forms: list[DeedForm]


def marks_shown(
    ground: Ground, standings: Sequence[appeals.Standing], failed: Failed | None
) -> list[MarkShown]:
    """The marks of a case in words, each with its appeal."""
    shown: list[MarkShown] = []
    for one in standings:
        appeal, _ = one.appeal, ground._
        hidden = {"step_id": str(one.mark.step_id)}
        if appeal is not None:
            hidden = {"appeal_id": str(appeal.id), "version": str(appeal.version)}
        verbs = [
            verb
            for verb, may in (
                ("appeal", one.may_appeal),
                ("decide_appeal", one.may_decide),
                ("withdraw_appeal", one.may_withdraw),
            )
            if may
        ]
        shown.append(
            MarkShown(
                _(appeals.WHAT_NAMES[one.mark.what]),
                one.mark.at,
                target_words(
                    one.mark.unit, ground.roster, ground.atlas, locale=ground.who.locale
                ),
                appeal.state if appeal else "",
                _(appeals.STATE_NAMES[appeals.AppealState(appeal.state)]) if appeal else "",
                appeal.reason if appeal else "",
                appeal.due_at if appeal else None,
                [
                    (
                        _(appeals.STATE_NAMES[appeals.AppealState(line["level"])]),
                        ground.roster.staff_name(UUID(line["by"])),
                        bool(line["passed"]),
                        str(line["opinion"]),
                    )
                    for line in (appeal.said if appeal else ())
                ],
                [
                    replace(
                        form_of(verb, ground, failed, None, str(one.mark.step_id)),
                        hidden={**hidden, "key": f"{verb}-{one.mark.step_id}"},
                    )
                    for verb in verbs
                ],
            )
        )
    return shown


async def show(
    who: Asking, case_id: UUID, failed: Failed | None = None, *, phone: str = ""
) -> Response[Any]:
    """Draw the page as the case is now."""
    async with who.tx(read_only=True) as tx:
        view = await case_view(tx, case_id, who.locale)
        versions = await tx.versions()
        reference = await REFERENCE.get(tx, versions)
        atlas = await ATLAS.get(tx, versions)
        roster = await ROSTER.get(tx, versions)
        others: list[tuple[str, str]] = []
        if "merge" in view.verbs and view.lon is not None and view.lat is not None:
            found = await near(tx, view.lon, view.lat, view.class_code or "")
            others = [
                (one.receipt, f"{one.receipt} {one.title}")
                for one in found
                if one.id != view.id
            ]
        mine = await my_tasks(tx, case_id)
        war = (await RESPONSES.get(tx, versions)).live(view.area_code, tx.now) is not None
        ground = Ground(who, view, reference, atlas, roster, others, war, tx)
        forms = forms_of(ground, mine, failed)
        marked = marks_shown(
            ground, await appeals.standings(tx, case_id, view.area_code), failed
        )
        tiles = (await decided(tx))(TILE_URL)
    return page(
        who,
        "cases/case.html",
        status=failed.status if failed else 200,
        case=view,
        class_name=choices.class_name(reference.classes.get(view.class_code or ""), who.locale),
        photos=[(photo, sign_file(who, photo.id)) for photo in view.photos],
        forms=forms,
        marks=marked,
        phone=phone,
        may_call=who.actor.may(CALL_BACK, view.area_code, moment_now()),
        failed=failed,
        areas_src=f"/api/v1/areas.geojson?prefix={view.area_code[:AROUND]}&kinds=grid",
        tile_url=tiles,
    )


@get("/cases/{case_id:uuid}")
async def case_page(request: Request[Any, Any, Any], case_id: FromPath[UUID]) -> Response[Any]:
    """Who, what, where, when; the whole story; and what may be done now."""
    who = asking(request)
    who.signed()
    return await show(who, case_id)


@post("/cases/{case_id:uuid}/do/{verb:str}", request_max_body_size=FORM_BYTES_MAX)
async def do(
    request: Request[Any, Any, Any], case_id: FromPath[UUID], verb: FromPath[str]
) -> Response[Any]:
    """Do one thing and go back to the page; a refusal keeps what was typed in its form."""
    who = asking(request)
    who.signed()
    form = await request.form()
    typed = {name: value for name, value in form.items() if isinstance(value, str)}
    try:
        form_id = deed_id(typed)
        photos: tuple[UUID, ...] = ()
        if verb in WITH_PHOTOS:
            photos = await form_photos(who, form, form_id, commands.PHOTOS_MAX)
        deed, body = body_of(verb, case_id, typed, photos)
        await do_deed(who, deed, form_id, body)
    except Refusal as refusal:
        said = as_problem(refusal, who.locale)
        return await show(
            who, case_id, Failed(typed.get("key", verb), typed, said, refusal.status)
        )
    return Response(
        b"", status_code=303, headers={"Location": f"{who.base}/cases/{quote(str(case_id))}"}
    )


@post("/cases/{case_id:uuid}/contact", status_code=200)
async def show_contact(
    request: Request[Any, Any, Any], case_id: FromPath[UUID]
) -> Response[Any]:
    """Open the number of whoever reported it, to call back. The story says that it was opened."""
    who = asking(request)
    who.signed()
    async with who.tx() as tx:
        await commands.note(tx, case_id, "查看了回访电话")
        kept = await contact(tx, case_id)
        tx.require(CALL_BACK, kept.area_code)
        if kept.contact_sealed is None:
            raise NotFound("回访电话")
        phone = who.district.vault.open(kept.contact_sealed, case_id.bytes)
    return await show(who, case_id, phone=phone)


def deed_id(typed: Mapping[str, str]) -> UUID:
    """The form's own id, so that a double click does it once."""
    try:
        return UUID(typed.get("deed", ""))
    except ValueError:
        return new_id()


ROUTES: list[Any] = [case_page, do, show_contact]
