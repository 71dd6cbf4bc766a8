"""Pages of pairs that may be one person: side by side, decided, merged, undone."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from wangge.kernel.http import Asking, asking, page
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Refusal
from wangge.people import acts, lists, pairs
from wangge.people.model import HUKOU, RELATIONS, SEXES, TIES
from wangge.people.pairs.deciding import TAKEN
from wangge.people.pairs.reading import REASONS
from wangge.people.roster import ROSTER
from wangge.places import ATLAS
from wangge.places.forms import back, do_form, fields

#: Areas to choose from.
AREAS_MAX = 400
Asked = Request[Any, Any, Any]

#: Pairs of one screen; each is a decision.
PAIRS = 20
#: Rows of the comparison, in order.
COMPARED = (
    ("name", "姓名"),
    ("sex", "性别"),
    ("birth_date", "出生日期"),
    ("phone", "电话"),
    ("id_number", "身份证号"),
    ("relation", "与户主关系"),
    ("hukou", "户籍所在"),
    ("workplace", "工作单位"),
    ("place", "住址"),
    ("since", "住进来的日期"),
    ("confirmed_on", "核实日期"),
)
#: What the other household may be to them.
HOMES = ("registered", "owns", "rents", "lives")


def words(side: pairs.Side, name: str) -> tuple[str, bool]:
    """A field of one side as shown, and whether the words are to be translated."""
    if name == "sex":
        return SEXES[side.sex] if side.sex != "unknown" else "", True
    if name == "relation":
        return RELATIONS.get(side.relation, side.relation), True
    if name == "hukou":
        return HUKOU[side.hukou] if side.hukou != "unknown" else "", True
    if name == "birth_date":
        return str(side.birth_date or side.birth_year or ""), False
    masks = {"name": side.name_mask, "phone": side.phone_mask, "id_number": side.id_mask}
    return masks.get(name) or str(getattr(side, name, "") or ""), False


async def _pairs(
    who: Asking,
    *,
    area: str = "",
    view: str = "",
    after: str = "",
    refusal: Refusal | None = None,
) -> Response[Any]:
    who.must(acts.RESIDENT_CHANGE)
    async with who.tx(read_only=True) as tx:
        look = lists.decided_pairs if view == "decided" else lists.open_pairs
        rows, mark = await look(tx, area=area, after=after, limit=PAIRS)
        atlas = await ATLAS.get(tx)
        roster = await ROSTER.get(tx)
        areas = [
            one
            for prefix in tx.reach(acts.RESIDENT_CHANGE).areas
            for one in atlas.open_areas(prefix or atlas.county)
            if len(one.code) <= 15
        ][:AREAS_MAX]
    return page(
        who,
        "people/duplicates.html",
        status=refusal.status if refusal else 200,
        rows=rows,
        mark=mark,
        area=area,
        areas=areas,
        view=view,
        atlas=atlas,
        names={
            row.decided_by: roster.staff_name(row.decided_by) for row in rows if row.decided_by
        },
        reasons=REASONS,
        compared=COMPARED,
        words=words,
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/duplicates")
async def duplicates_page(
    request: Asked,
    area: FromQuery[str] = "",
    view: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[Any]:
    """Pairs to decide, the likeliest first; `view=decided` those that somebody decided."""
    return await _pairs(asking(request), area=area, view=view, after=after)


async def _pair(
    who: Asking,
    pair_id: UUID,
    *,
    refusal: Refusal | None = None,
    given: dict[str, str] | None = None,
) -> Response[Any]:
    who.must(acts.RESIDENT_CHANGE)
    async with who.tx(read_only=True) as tx:
        found = await pairs.pair(tx, pair_id, locked=False)
        atlas = await ATLAS.get(tx)
    given = given or {}
    keep = found.other if given.get("keep") == str(found.other.id) else found.one
    return page(
        who,
        "people/duplicate.html",
        status=refusal.status if refusal else 200,
        pair=found,
        keep=keep,
        gone=found.one if keep is found.other else found.other,
        atlas=atlas,
        reasons=REASONS,
        compared=COMPARED,
        taken=TAKEN,
        words=words,
        homes={code: TIES[code] for code in HOMES},
        given=given,
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/duplicates/{pair_id:uuid}")
async def duplicate_page(
    request: Asked, pair_id: FromPath[UUID], keep: FromQuery[str] = ""
) -> Response[Any]:
    """One pair, to be merged field by field."""
    return await _pair(asking(request), pair_id, given={"keep": keep})


@post("/duplicates/{pair_id:uuid}/merge", status_code=200)
async def merge(request: Asked, pair_id: FromPath[UUID]) -> Response[Any]:
    """They are one: `keep` stays, `take_FIELD` = other or kept says whose value counts."""
    who, given = asking(request), await fields(request)
    who.must(acts.RESIDENT_CHANGE)
    body = {
        "pair_id": str(pair_id),
        "keep_id": given.get("keep", ""),
        "take": {
            name: given[f"take_{name}"] == "other"
            for name in TAKEN
            if given.get(f"take_{name}")
        },
        "other_home": given.get("other_home", ""),
    }
    try:
        await do_form(who, given, "people.merge", body)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return await _pair(who, pair_id, refusal=refusal, given=given)
    return back(who, "/duplicates?view=decided")


async def _decided(request: Asked, pair_id: UUID, kind: str, then: str) -> Response[Any]:
    who, given = asking(request), await fields(request)
    who.must(acts.RESIDENT_CHANGE)
    try:
        await do_form(who, given, kind, {"pair_id": str(pair_id)})
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return await _pairs(who, view=given.get("view", ""), refusal=refusal)
    return back(who, then)


@post("/duplicates/{pair_id:uuid}/different", status_code=200)
async def different(request: Asked, pair_id: FromPath[UUID]) -> Response[Any]:
    """They are two; nobody is asked again."""
    return await _decided(request, pair_id, "people.different", "/duplicates")


@post("/duplicates/{pair_id:uuid}/unmerge", status_code=200)
async def unmerge(request: Asked, pair_id: FromPath[UUID]) -> Response[Any]:
    """Take the merge back."""
    return await _decided(request, pair_id, "people.unmerge", f"/duplicates/{pair_id}")


@post("/duplicates/{pair_id:uuid}/reopen", status_code=200)
async def reopen(request: Asked, pair_id: FromPath[UUID]) -> Response[Any]:
    """Decide again."""
    return await _decided(request, pair_id, "people.reopen", f"/duplicates/{pair_id}")


ROUTES: list[Any] = [
    duplicates_page,
    duplicate_page,
    merge,
    different,
    unmerge,
    reopen,
]
