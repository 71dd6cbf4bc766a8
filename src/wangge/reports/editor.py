"""The editor of a report: fields of the dictionary, conditions, counts by area; looked at before it
is kept, and what changed since it was made last."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from wangge.cases.reference import REFERENCE
from wangge.forms.entries import dictionary
from wangge.forms.model import SUBJECTS as SUBJECT_NAMES
from wangge.forms.pages import areas_for, first_area
from wangge.kernel.http import Asking, asking, page
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid, Refusal
from wangge.people import ROSTER
from wangge.places import ATLAS
from wangge.places.forms import back, do_form
from wangge.reports import commands, editing, queries
from wangge.reports.acts import CHANGE, READ
from wangge.reports.comparing import compare
from wangge.reports.editing import Given, first
from wangge.reports.making import Preview, preview, question
from wangge.reports.model import (
    COUNTED,
    GROUPS,
    ROWS_NAMES,
    ReportClosed,
    Rows,
    Spec,
    check,
    full_names,
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


def rows_kind(text: str) -> Rows:
    """What a line is; a person where nothing sensible is said."""
    return Rows(text) if text in set(Rows) else Rows.RESIDENT


async def _editor(
    who: Asking,
    rows: Rows,
    given: Given,
    *,
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
        rows, {e.key: e.spec for e in entries}, frozenset(e.key for e in entries if e.own)
    )
    return page(
        who,
        "reports/edit.html",
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
async def new_page(request: Asked, rows: FromQuery[str] = "") -> Response[Any]:
    """An empty form; what a line is was chosen before, since it decides what can be ticked."""
    who = asking(request)
    who.must(CHANGE)
    async with who.tx(read_only=True) as tx:
        area = first_area(who, await ATLAS.get(tx), CHANGE)
    return await _editor(who, rows_kind(rows), {"area_code": [area]})


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
    return await _editor(who, spec.rows, given, before=found)


async def _saved(
    who: Asking, given: dict[str, list[str]], rows: Rows, before: tuple[Report, Spec] | None
) -> Response[Any]:
    """Keep it, or look at what it would be; whatever is wrong stands above the form as it was."""
    report = before[0] if before else None
    shown: Preview | None = None
    try:
        async with who.tx(read_only=True) as tx:
            fields = {entry.key: entry.spec for entry in (await dictionary(tx)).all()}
        spec = editing.read_spec(rows, given, fields)
        if before is not None and before[0].template_id is not None:
            # Its columns are those of the asker's form.
            old = before[1]
            spec = msgspec.structs.replace(old, filters=spec.filters)
        if first(given, "more"):
            room = editing.measures_shown(given) + editing.MEASURES_MORE
            given["measures"] = [str(room)]
            return await _editor(who, rows, given, before=report)
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
        return await _editor(who, rows, given, before=report, refusal=refusal)
    return await _editor(who, rows, given, before=report, shown=shown)


def _version(given: Given) -> int | None:
    text = first(given, "version")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


@post("/reports/edit", status_code=200)
async def save_new(request: Asked) -> Response[Any]:
    """A new report from the form, or a look at it."""
    who, given = asking(request), await _given(request)
    who.must(CHANGE)
    return await _saved(who, given, rows_kind(first(given, "rows")), None)


@post("/reports/{report_id:uuid}/edit", status_code=200)
async def save_changed(request: Asked, report_id: FromPath[UUID]) -> Response[Any]:
    """Another question for a report, or a look at it."""
    who, given = asking(request), await _given(request)
    before = await _theirs(who, report_id)
    return await _saved(who, given, before[1].rows, before)


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
    edit_page,
    save_new,
    save_changed,
    changes_page,
)
