"""Routing rules in the order they are asked, and a box to try a report without sending it."""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from wangge.cases.pages import choices
from wangge.cases.reference import REFERENCE
from wangge.dispatch.acts import CONFIGURE
from wangge.dispatch.decide import Grounds, Report, decide
from wangge.dispatch.intake import grounds_of
from wangge.dispatch.pages import changes
from wangge.dispatch.pages.changes import Draft
from wangge.dispatch.rules import Rule, all_rules
from wangge.kernel.actors import ROLE_NAMES, Reach, Role
from wangge.kernel.database import Tx
from wangge.kernel.http import Asking, asking, page
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import NotFound, Refusal
from wangge.kernel.said import worded
from wangge.people.model import PLATFORMS
from wangge.places import ATLAS

Asked = Request[Any, Any, Any]

ROLES = (Role.GRID_WORKER, Role.GRID_HEAD, Role.POLICE, Role.DOCTOR, Role.SOCIAL_WORKER)
LEVEL_NAMES = {"grid": "网格", "community": "社区", "street": "街道", "county": "区(县)"}


@dataclass(frozen=True, slots=True)
class Trial:
    """What would become of a report; nothing of it was kept."""

    words: str
    area_code: str
    channel: str
    state: str
    stage: str
    class_name: str
    class_reason: str
    route_reason: str
    asked: str
    due_at: Any
    due_cause: str
    rule_id: UUID | None


async def grounds(tx: Tx) -> Grounds:
    """What reports are judged by now."""
    return await grounds_of(tx, await tx.versions())


async def attempt(tx: Tx, words: str, area_code: str, channel: str) -> Trial:
    """Decide a report as the entrance would, and throw the decision away."""
    found = await grounds(tx)
    report = Report(
        id=new_id(tx.now),
        by=tx.actor,
        words=words,
        channel=channel,
        area_code=area_code or None,
        trusted=True,
    )
    decision = decide(report, found, tx.now)
    case = decision.case.case
    known = found.reference.classes.get(case.class_code or "")
    locale = tx.actor.locale
    return Trial(
        words,
        area_code,
        channel,
        case.state.value,
        found.stage(case.state.value),
        choices.class_name(known, locale),
        worded(locale, decision.case.class_reason),
        worded(locale, case.route_reason),
        found.target_name(decision.task.target if decision.task else None, locale),
        case.due_at,
        worded(locale, case.due_cause),
        case.rule_id,
    )


async def show(
    who: Asking,
    *,
    trial: Trial | None = None,
    typed: dict[str, str] | None = None,
    refusal: Refusal | None = None,
) -> Response[Any]:
    """The list and the box."""
    who.must(CONFIGURE)
    async with who.tx(read_only=True) as tx:
        rules = await all_rules(tx)
        atlas = await ATLAS.get(tx)
        areas = choices.areas(atlas, tx.reach(CONFIGURE))
        names = {rule.id: unit_words(rule) for rule in rules}
        places = {
            rule.area_code: atlas.name(rule.area_code) for rule in rules if rule.area_code
        }
    return page(
        who,
        "dispatch/rules.html",
        status=refusal.status if refusal else 200,
        rules=rules,
        units=names,
        places=places,
        levels=LEVEL_NAMES,
        trial=trial,
        typed=typed or {},
        refused=who.said(refusal),
        areas=areas,
        channels=choices.said(who.locale, choices.CHANNELS),
    )


def unit_words(rule: Rule) -> tuple[str, str]:
    """Whom a rule names: a translatable word and the rest."""
    if rule.unit_kind == "role":
        return ROLE_NAMES[Role(rule.unit)], ""
    if rule.unit_kind == "org":
        platform, _, part = rule.unit.partition(":")
        return PLATFORMS.get(platform, platform), part
    if rule.unit_kind == "team":
        return "队伍", rule.unit
    return "指挥室", ""


@get("/rules")
async def rules_page(request: Asked) -> Response[Any]:
    """All of them, in order."""
    return await show(asking(request))


@post("/rules/try", status_code=200)
async def try_report(request: Asked) -> Response[Any]:
    """What would happen with this report? Nothing is kept."""
    who = asking(request)
    who.signed()
    typed = {name: str(value) for name, value in (await request.form()).items()}
    try:
        async with who.tx(read_only=True) as tx:
            changes.may(tx, CONFIGURE)
            trial = await attempt(
                tx,
                typed.get("words", ""),
                typed.get("area_code", ""),
                typed.get("channel", "hotline"),
            )
    except Refusal as refusal:
        return await show(who, typed=typed, refusal=refusal)
    return await show(who, trial=trial, typed=typed)


async def edit(
    who: Asking, rule_id: UUID | None, draft: Draft | None, refusal: Refusal | None = None
) -> Response[Any]:
    """The form of one rule."""
    who.must(CONFIGURE)
    async with who.tx(read_only=True) as tx:
        rules = {rule.id: rule for rule in await all_rules(tx)}
        reference = await REFERENCE.get(tx)
        areas = choices.areas(await ATLAS.get(tx), Reach((who.district.code,)))
    if rule_id is not None and rule_id not in rules:
        raise NotFound("这条规则")
    made = draft
    if made is None:
        made = _draft(rules[rule_id]) if rule_id is not None else Draft()
    return page(
        who,
        "dispatch/rule.html",
        status=refusal.status if refusal else 200,
        rule_id=rule_id,
        draft=made,
        refused=who.said(refusal),
        classes=choices.classes(reference, who.locale),
        areas=areas,
        channels=choices.said(who.locale, choices.CHANNELS),
        roles=[(role.value, ROLE_NAMES[role]) for role in ROLES],
        platforms=list(PLATFORMS.items()),
        levels=LEVEL_NAMES,
    )


def _draft(rule: Rule) -> Draft:
    return Draft(
        rule.name,
        rule.class_prefix,
        rule.area_code,
        rule.channel or "",
        rule.mode,
        rule.hours,
        rule.unit_kind,
        rule.unit,
        rule.level.value,
        str(rule.answer_minutes),
        rule.note,
    )


@get("/rules/new")
async def new_rule(request: Asked) -> Response[Any]:
    """An empty form."""
    return await edit(asking(request), None, None)


@get("/rules/{rule_id:uuid}")
async def one_rule(request: Asked, rule_id: FromPath[UUID]) -> Response[Any]:
    """One rule's form."""
    return await edit(asking(request), rule_id, None)


async def _save(request: Asked, rule_id: UUID | None) -> Response[Any]:
    who = asking(request)
    who.signed()
    form = await request.form()
    draft = Draft(**{name: str(form.get(name, "")) for name in asdict(Draft())})
    try:
        async with who.tx() as tx:
            await changes.save_rule(tx, rule_id, draft)
    except Refusal as refusal:
        return await edit(who, rule_id, draft, refusal)
    return back(who)


@post("/rules/new")
async def add_rule(request: Asked) -> Response[Any]:
    """Add it at the end."""
    return await _save(request, None)


@post("/rules/{rule_id:uuid}")
async def save_rule(request: Asked, rule_id: FromPath[UUID]) -> Response[Any]:
    """Change it where it is."""
    return await _save(request, rule_id)


@post("/rules/{rule_id:uuid}/{what:str}")
async def turn(request: Asked, rule_id: FromPath[UUID], what: FromPath[str]) -> Response[Any]:
    """Move it up or down, switch it on or off."""
    who = asking(request)
    who.signed()
    async with who.tx() as tx:
        if what in ("up", "down"):
            await changes.move_rule(tx, rule_id, what == "up")
        elif what in ("on", "off"):
            await changes.set_active(tx, rule_id, what == "on")
        else:
            raise NotFound("这种操作")
    return back(who)


def back(who: Asking) -> Response[Any]:
    """To the list."""
    return Response(b"", status_code=303, headers={"Location": f"{who.base}/rules"})


ROUTES: list[Any] = [rules_page, try_report, new_rule, add_rule, one_rule, save_rule, turn]
