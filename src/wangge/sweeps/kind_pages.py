"""Kinds of rounds and their questions on the desk: made, put in order, shown as a phone shows them,
brought in and taken out as XLSForm."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from wangge.kernel.database import Tx
from wangge.kernel.http import Asking, asking, page
from wangge.kernel.refusals import Invalid, Refusal
from wangge.people.model import NEEDS
from wangge.places import ATLAS
from wangge.places.forms import back, do_form, fields, many, whole
from wangge.sweeps.acts import KINDS as CHANGE
from wangge.sweeps.acts import READ
from wangge.sweeps.commands.kinds import SaveKind, body_of
from wangge.sweeps.kinds import KINDS, kind
from wangge.sweeps.model import (
    HELP,
    MISSED,
    OUTCOME_MARKS,
    OUTCOME_NAMES,
    UNTESTED,
    Kind,
    Outcome,
)
from wangge.sweeps.showing import common

Asked = Request[Any, Any, Any]

#: What else than an outcome or help may become a case, as shown.
_WHENS: Mapping[str, str] = {MISSED: "两遍都没见到人", UNTESTED: "漏检(结束时)"}


async def read_kind(tx: Tx, code: str) -> tuple[Kind, bool]:
    """A kind, and whether the asker may change it."""
    found = await kind(tx, code)
    county = (await ATLAS.get(tx)).county
    return found, tx.reach(CHANGE).covers(found.area_code or county)


# -- the list, and one kind ------------------------------------------------------------------------


@get("/sweeps/kinds")
async def kinds_page(request: Asked) -> Response[Any]:
    """Every kind, with what it asks and whose it is."""
    who = asking(request)
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        found = await KINDS.get(tx)
        atlas = await ATLAS.get(tx)
    return page(
        who,
        "sweeps/kinds.html",
        kinds=list(found.values()),
        atlas=atlas,
        may_change=who.may(CHANGE),
        **common(who),
    )


async def _edit(
    who: Asking, code: str, given: SaveKind | None = None, refusal: Refusal | None = None
) -> Response[Any]:
    who.must(READ)
    may = who.may(CHANGE)
    if code == "":
        who.must(CHANGE)
        shown, tubes = given or SaveKind("", 0, "", 60, []), False
    else:
        async with who.tx(read_only=True) as tx:
            found, may = await read_kind(tx, code)
        shown, tubes = given or body_of(found), found.tubes
    return page(
        who,
        "sweeps/kind.html",
        status=refusal.status if refusal else 200,
        shown=shown,
        fresh=code == "",
        tubes=tubes,
        rows=_rows(shown),
        raised={rule.when: rule for rule in shown.raises},
        whens={**{o.value: OUTCOME_NAMES[o] for o in Outcome}, **HELP, **_WHENS},
        needs=NEEDS,
        may_change=may,
        refusal=who.said(refusal),
        **common(who),
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One outcome in the form of a kind: used or not, in which place, in which words."""

    code: str
    mark: str
    usual: str
    place: int | None
    words: str
    settled: bool


def _rows(shown: SaveKind) -> list[Row]:
    used = {button.code: (at, button) for at, button in enumerate(shown.buttons, 1)}
    order = [*used, *(code.value for code in Outcome if code.value not in used)]
    made: list[Row] = []
    for code in order:
        known = Outcome(code)
        place, button = used.get(code, (None, None))
        made.append(
            Row(
                code,
                OUTCOME_MARKS[known],
                OUTCOME_NAMES[known],
                place,
                button.words if button else "",
                button.settled if button else False,
            )
        )
    return made


def _body(
    given: Mapping[str, str], lists: Mapping[str, list[str]], before: Kind | None
) -> SaveKind:
    """What was filled in. Raises Invalid for numbers that are none."""

    def number(name: str, text: str) -> int:
        if (found := whole(text, -1)) < 0:
            raise Invalid.of(name, "“{given}”不是整数。", given=text[:20])
        return found

    placed = sorted(
        (number("buttons", given[f"o-{code.value}"]), at, code.value)
        for at, code in enumerate(Outcome)
        if given.get(f"o-{code.value}")
    )
    raw: dict[str, Any] = {
        "code": given.get("code", ""),
        "version": number("version", given.get("version", "0")),
        "name": given.get("name", ""),
        "minutes": number("minutes", given.get("minutes", "")),
        "targets": given.get("targets", "household"),
        "needs_response": bool(given.get("needs_response")),
        "feeds": bool(given.get("feeds")),
        "by_tube": bool(given.get("by_tube")) or not given.get("tubes"),
        "closed": bool(given.get("closed")),
        "special": lists["special"],
        "wanted": lists["wanted"],
        "things": lists["things"],
        "buttons": [
            {
                "code": code,
                "words": given.get(f"w-{code}", "") or OUTCOME_NAMES[Outcome(code)],
                "settled": bool(given.get(f"s-{code}")),
            }
            for _, _, code in placed
        ],
        "raises": [
            {
                "when": when,
                "case_class": given[f"r-{when}"].upper(),
                "calm": given.get(f"c-{when}", "").upper(),
            }
            for when in (*(o.value for o in Outcome), *HELP, *_WHENS)
            if given.get(f"r-{when}")
        ],
        "questions": [question.raw for question in before.questions] if before else [],
    }
    return msgspec.convert(raw, SaveKind)


@get("/sweeps/kinds/new")
async def new_kind(request: Asked) -> Response[Any]:
    """The empty form."""
    return await _edit(asking(request), "")


@get("/sweeps/kinds/{code:str}")
async def kind_page(request: Asked, code: FromPath[str]) -> Response[Any]:
    """One kind, to read or to change."""
    return await _edit(asking(request), code)


@post(["/sweeps/kinds/new", "/sweeps/kinds/{code:str}"], status_code=200)
async def save(request: Asked, code: FromPath[str] = "") -> Response[Any]:
    """Make or change a kind."""
    who, given = asking(request), await fields(request)
    who.must(CHANGE)
    lists = {name: await many(request, name) for name in ("special", "wanted", "things")}
    async with who.tx(read_only=True) as tx:
        before = (await read_kind(tx, code))[0] if code else None
    body: SaveKind | None = None
    try:
        body = _body({**given, **({"code": code} if code else {})}, lists, before)
        await do_form(who, given, "sweeps.save_kind", msgspec.to_builtins(body))
    except Refusal as refusal:
        return await _edit(who, code, body, refusal)
    return back(who, f"/sweeps/kinds/{body.code}/questions" if not code else "/sweeps/kinds")


ROUTES: list[Any] = [kinds_page, new_kind, kind_page, save]
