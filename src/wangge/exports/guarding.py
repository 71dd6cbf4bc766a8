"""The data-protection officer's pages: who saw what, what one person may be told, what is kept."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from wangge.exports import acts, looks
from wangge.exports.model import FULL_NAMES, UNUSUAL_TIMES
from wangge.kernel.actors import ROLE_NAMES, Role
from wangge.kernel.http import Asking, asking, nav, page
from wangge.kernel.moments import local_date, new_id
from wangge.kernel.paging import mark_of, read_mark
from wangge.kernel.refusals import Invalid, Refusal
from wangge.kernel.retention import HOLD_DAYS_MAX, purged, standings
from wangge.kernel.settings import decided
from wangge.people import ROSTER
from wangge.people.acts import RESIDENT_READ
from wangge.people.queries.residents import resident
from wangge.places import ATLAS
from wangge.places.forms import area_digits, back, do_form, fields, read_day, whole
from wangge.registers.acts import READ as REGISTERS_READ

Req = Request[Any, Any, Any]

ROWS = 50
#: Nights the page of retention reports.
NIGHTS = 14

nav(64, "/looks", "查看记录", "eye", acts.AUDIT, first=(Role.DATA_PROTECTION,))
nav(65, "/keeping", "保存期限", "clock", acts.KEEPING)


@get("/looks")
async def looks_page(
    request: Req,
    day: FromQuery[str] = "",
    area: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[Any]:
    """A day by community beside a usual one, and every full value opened, newest first."""
    who = asking(request)
    who.must(acts.AUDIT)
    area = area_digits(area, "area")
    async with who.tx(read_only=True) as tx:
        today = local_date(tx.now)
        on = min(read_day(day, "day"), today) if day else today
        reach = tx.reach(acts.AUDIT)
        days = await looks.day(tx, reach, on)
        rows = await looks.page_of(
            tx, reach, area=area, after=read_mark(after or None), limit=ROWS + 1
        )
        times = (await decided(tx))(UNUSUAL_TIMES)
        roster, atlas = await ROSTER.get(tx), await ATLAS.get(tx)
    shown = rows[:ROWS]
    return page(
        who,
        "exports/looks.html",
        may_homes=who.may(RESIDENT_READ),
        may_things=who.may(REGISTERS_READ),
        on=on,
        today=today,
        before=on - timedelta(days=1),
        following=on + timedelta(days=1),
        days=days,
        times=times,
        usual_days=looks.USUAL_DAYS,
        area=area,
        rows=shown,
        mark=mark_of(shown[-1].at, shown[-1].id) if len(rows) > ROWS else None,
        field_names=looks.FIELD_NAMES,
        roster=roster,
        atlas=atlas,
    )


@get("/residents/{resident_id:uuid}/seen")
async def seen_page(
    request: Req, resident_id: FromPath[UUID], after: FromQuery[str] = ""
) -> Response[Any]:
    """Who has seen one person's data, when and why; printed, it is what the person is given
    (PIPL 44, 45): posts instead of names."""
    who = asking(request)
    who.must(acts.SEEN)
    async with who.tx(read_only=True) as tx:
        # Auditors may not read residents; the mask and the door's address are all they see here.
        line = await resident(tx, tx.reach(acts.SEEN), resident_id)
        rows = await looks.seen(tx, resident_id, after=read_mark(after or None), limit=ROWS + 1)
        roster, atlas = await ROSTER.get(tx), await ATLAS.get(tx)
        now = tx.now
    shown = rows[:ROWS]
    return page(
        who,
        "exports/seen.html",
        line=line,
        rows=shown,
        mark=mark_of(shown[-1].at, shown[-1].id) if len(rows) > ROWS else None,
        field_names=looks.FIELD_NAMES,
        full_names=FULL_NAMES,
        role_names=ROLE_NAMES,
        post_behind=looks.post_behind,
        roster=roster,
        atlas=atlas,
        asked_at=now,
        may_read=who.may(RESIDENT_READ),
    )


async def _keeping(
    who: Asking, *, refusal: Refusal | None = None, given: dict[str, str] | None = None
) -> Response[Any]:
    who.must(acts.KEEPING)
    async with who.tx(read_only=True) as tx:
        kept = await standings(tx)
        gone = await purged(tx, since=local_date(tx.now) - timedelta(days=NIGHTS))
        roster, atlas = await ROSTER.get(tx), await ATLAS.get(tx)
    return page(
        who,
        "exports/keeping.html",
        status=refusal.status if refusal else 200,
        kept=kept,
        names={one.keep.key: one.keep.name for one in kept},
        gone=gone,
        nights=NIGHTS,
        hold_days_max=HOLD_DAYS_MAX,
        roster=roster,
        atlas=atlas,
        given=given or {},
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/keeping")
async def keeping_page(request: Req) -> Response[Any]:
    """Every class of data: how long, by which rule, what goes next, what is held; and what went."""
    return await _keeping(asking(request))


@post("/keeping/{step:str}", status_code=200)
async def keeping_form(request: Req, step: FromPath[str]) -> Response[Any]:
    """Hold a class, let it go, or delete what is over at once."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        raw: dict[str, Any] = {"class_key": given.get("class_key", "")}
        if step == "hold":
            raw["days"] = whole(given.get("days", ""))
            raw["reason"] = given.get("reason", "")
        elif step not in ("release", "delete_soon"):
            raise Invalid.of("step", "没有这种操作。")
        await do_form(who, given, f"exports.{step}", raw)
    except Invalid as refusal:
        return await _keeping(who, refusal=refusal, given=given)
    return back(who, f"/keeping#{raw['class_key']}")


ROUTES: list[Any] = [looks_page, seen_page, keeping_page, keeping_form]
