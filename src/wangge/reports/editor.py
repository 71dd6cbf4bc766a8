"""The editor of a report: fields of the dictionary, conditions, counts by area; looked at before it
is kept, and what changed since it was made last."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from wangge.cases.reference import REFERENCE
from wangge.forms.entries import dictionary
from wangge.forms.model import SUBJECTS as SUBJECT_NAMES
from wangge.forms.pages.common import areas_for, first_area
from wangge.kernel.http import Asking, asking, page
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid, Refusal
from wangge.people import ROSTER
from wangge.places import ATLAS
from wangge.places.forms import back, do_form
from wangge.registers.kinds import KINDS
from wangge.reports import commands, editing, queries, things
from wangge.reports.acts import CHANGE, READ
from wangge.reports.asking import Preview, preview, question
from wangge.reports.comparing import compare
from wangge.reports.editing import Given, first
from wangge.reports.model import (
    COUNTED,
    GROUPS,
    ROWS_NAMES,
    ReportClosed,
    Rows,
    Spec,
    check,
    full_names,
    line_words,
)
from wangge.reports.outgoing import digest_of
from wangge.reports.queries import Report

Asked = Request[Any, Any, Any]


async def _given(request: Asked) -> dict[str, list[str]]:
    """Everything the form says, all values of each name."""
    form = await request.form()
    found: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            found.setdefault(str(name), []).append(value.strip())
    return found


def rows_kind(text: str, register: str = "") -> tuple[Rows, str]:
    """What a line is, and of which register; a person where nothing sensible is said."""
    if text == Rows.THING:
        return (Rows.THING, register) if register in KINDS else (Rows.RESIDENT, "")
    return (Rows(text) if text in set(Rows) else Rows.RESIDENT), ""


def _kinds_of(rows: Rows, register: str, given: Given) -> Callable[[str], list[str]]:
    """The kinds of things whose conditions stand under a prefix: the report's own, what a number
    counts, and those that somebody already said something of."""

    def kinds(prefix: str) -> list[str]:
        if register:
            return [register]
        begin = f"{prefix}:thing:"
        said = {
            name.removeprefix(begin).split(".")[0] for name in given if name.startswith(begin)
        }
        said.add(first(given, f"{prefix}:of"))
        return [code for code in KINDS if code in said] if rows is Rows.GROUP else []

    return kinds


def _about_of(given: Given) -> Callable[[str, frozenset[str]], frozenset[str]]:
    """Which other conditions make sense there: a number of shops asks nothing of people."""

    def about(prefix: str, whole: frozenset[str]) -> frozenset[str]:
        return frozenset({"door"}) if first(given, f"{prefix}:of") in KINDS else whole

    return about


async def _editor(
    who: Asking,
    rows: Rows,
    given: Given,
    register: str,
    *,
    at: int | None = None,
    before: Report | None = None,
    shown: Preview | None = None,
    refusal: Refusal | None = None,
) -> Response[Any]:
    who.must(CHANGE)
    async with who.tx(read_only=True) as tx:
        atlas, known = await ATLAS.get(tx), await dictionary(tx)
        classes = (await REFERENCE.get(tx)).classes.values()
    entries = known.all()

    def one(name: str) -> str:
        return first(given, name)

    def chosen(name: str) -> frozenset[str]:
        return frozenset(given.get(name, ()))

    offered = editing.choices(
        rows,
        {e.key: e.spec for e in entries},
        frozenset(e.key for e in entries if e.own),
        register,
    )
    kinds_of = _kinds_of(rows, register, given)
    return page(
        who,
        "reports/edit.html" if at is None else "reports/_measure.html",
        prefix=f"m{at}",
        register=register,
        lines=things.LINES,
        line_words=line_words,
        thing_groups=things.GROUPS,
        thing_states=things.STATES,
        near=editing.NEAR,
        kinds_of=kinds_of,
        about_of=_about_of(given),
        open_of=kinds_of,
        status=refusal.status if refusal else 200,
        before=before,
        rows=rows,
        rows_names=ROWS_NAMES,
        first=one,
        chosen=chosen,
        measures=max(editing.MEASURES_OFFERED, editing.measures_shown(given)),
        offered=offered,
        own_columns=editing.OWN_COLUMNS,
        subjects=SUBJECT_NAMES,
        groups=GROUPS,
        counted=COUNTED,
        classes=list(classes),
        areas=areas_for(who, atlas, CHANGE, digits=15),
        atlas=atlas,
        limits=editing.LIMITS,
        shown=shown,
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/reports/new")
async def new_page(
    request: Asked, rows: FromQuery[str] = "", register: FromQuery[str] = ""
) -> Response[Any]:
    """An empty form; what a line is was chosen before, since it decides what can be ticked."""
    who = asking(request)
    who.must(CHANGE)
    async with who.tx(read_only=True) as tx:
        area = first_area(who, await ATLAS.get(tx), CHANGE)
    kind, register = rows_kind(rows, register)
    return await _editor(who, kind, {"area_code": [area]}, register)


@post("/reports/edit/conditions", status_code=200)
async def conditions_part(request: Asked, at: FromQuery[int]) -> Response[Any]:
    """The conditions of one number, after somebody chose what it counts."""
    who, given = asking(request), await _given(request)
    return await _editor(who, Rows.GROUP, given, "", at=at)


async def _theirs(who: Asking, report_id: UUID) -> tuple[Report, Spec]:
    """A report that may be changed, and what it asks."""
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        found = await queries.report(tx, tx.reach(READ), report_id)
        tx.require(CHANGE, found.area_code)
        if found.closed_at is not None:
            raise ReportClosed()
        try:
            spec = msgspec.convert(found.spec, Spec)
        except msgspec.ValidationError as wrong:
            raise Invalid.of("spec", "这张报表的内容读不懂了,请重新建立。") from wrong
    return found, spec


@get("/reports/{report_id:uuid}/edit")
async def edit_page(request: Asked, report_id: FromPath[UUID]) -> Response[Any]:
    """What a report asks, as a form."""
    who = asking(request)
    found, spec = await _theirs(who, report_id)
    given = {
        **editing.written(spec),
        "name": [found.name],
        "asker": [found.asker],
        "area_code": [found.area_code],
        "version": [str(found.version)],
    }
    return await _editor(who, spec.rows, given, spec.register, before=found)


async def _saved(
    who: Asking,
    given: dict[str, list[str]],
    rows: Rows,
    register: str,
    before: tuple[Report, Spec] | None,
) -> Response[Any]:
    """Keep it, or look at what it would be; whatever is wrong stands above the form as it was."""
    report = before[0] if before else None
    shown: Preview | None = None
    try:
        async with who.tx(read_only=True) as tx:
            fields = {entry.key: entry.spec for entry in (await dictionary(tx)).all()}
        spec = editing.read_spec(rows, given, fields, register)
        if before is not None and before[0].template_id is not None:
            # Its columns are those of the asker's form.
            old = before[1]
            spec = msgspec.structs.replace(old, filters=spec.filters)
        if first(given, "more"):
            room = editing.measures_shown(given) + editing.MEASURES_MORE
            given["measures"] = [str(room)]
            return await _editor(who, rows, given, register, before=report)
        check(spec, fields)
        draft = commands.Draft(
            first(given, "name") or "…",
            report.area_code if report else first(given, "area_code"),
            spec,
            first(given, "asker"),
        )
        if not first(given, "look"):
            possible = set(full_names(spec.keys))
            made = await do_form(
                who,
                {"deed": first(given, "deed")},
                "reports.save",
                {
                    "name": first(given, "name"),
                    "area_code": draft.area_code,
                    "asker": draft.asker,
                    "spec": msgspec.to_builtins(spec),
                    "full": [n for n in (report.full_names if report else ()) if n in possible],
                    "report_id": str(report.id) if report else None,
                    "version": _version(given) if report else None,
                },
            )
            return back(who, f"/reports/{made['id']}")
        async with who.tx(read_only=True) as tx:
            would = await commands.drafted(tx, draft, report)
            shown = await preview(tx, await question(tx, would), who.district.vault)
    except Refusal as refusal:
        if refusal.code == "not-found":
            raise
        return await _editor(who, rows, given, register, before=report, refusal=refusal)
    return await _editor(who, rows, given, register, before=report, shown=shown)


def _version(given: Given) -> int | None:
    text = first(given, "version")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


@post("/reports/edit", status_code=200)
async def save_new(request: Asked) -> Response[Any]:
    """A new report from the form, or a look at it."""
    who, given = asking(request), await _given(request)
    who.must(CHANGE)
    rows, register = rows_kind(first(given, "rows"), first(given, "register"))
    return await _saved(who, given, rows, register, None)


@post("/reports/{report_id:uuid}/edit", status_code=200)
async def save_changed(request: Asked, report_id: FromPath[UUID]) -> Response[Any]:
    """Another question for a report, or a look at it."""
    who, given = asking(request), await _given(request)
    before = await _theirs(who, report_id)
    return await _saved(who, given, before[1].rows, before[1].register, before)


@get("/reports/{report_id:uuid}/changes")
async def changes_page(request: Asked, report_id: FromPath[UUID]) -> Response[Any]:
    """What it would say now that it did not say the last time."""
    who = asking(request)
    who.must(READ)
    refusal: Refusal | None = None
    found = None
    async with who.tx(read_only=True) as tx:
        one = await queries.report(tx, tx.reach(READ), report_id)
        asked = await question(tx, one)
        template = await commands.form_of(tx, who.district.shelf, one)
        try:
            found = await compare(tx, asked, digest_of(asked, ()), who.district.vault, template)
        except Refusal as wrong:
            refusal = wrong
        roster = await ROSTER.get(tx)
    return page(
        who,
        "reports/changes.html",
        status=refusal.status if refusal else 200,
        one=one,
        found=found,
        roster=roster,
        refusal=who.said(refusal),
    )


ROUTES: Sequence[Any] = (
    new_page,
    conditions_part,
    edit_page,
    save_new,
    save_changed,
    changes_page,
)
