"""Offers that nobody answers: who to telephone, and since when they were asked."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from wangge.cases.pages.choices import place_words
from wangge.dispatch.acts import WATCH_OFFERS
from wangge.dispatch.lists import unanswered
from wangge.dispatch.pages import changes
from wangge.kernel.http import Asking, asking, page
from wangge.kernel.refusals import Refusal
from wangge.places import ATLAS

Asked = Request[Any, Any, Any]


async def show(
    who: Asking, phone: tuple[UUID, changes.Phone] | None = None, refusal: Refusal | None = None
) -> Response[Any]:
    """The list; at most one number is open on it."""
    who.must(WATCH_OFFERS)
    async with who.tx(read_only=True) as tx:
        found = await unanswered(tx)
        atlas = await ATLAS.get(tx)
    return page(
        who,
        "dispatch/offers.html",
        status=refusal.status if refusal else 200,
        offers=found,
        places={offer.area_code: place_words(atlas, offer.area_code) for offer in found},
        opened=phone[0] if phone else None,
        phone=phone[1] if phone else None,
        refused=who.said(refusal),
    )


@get("/offers")
async def offers_page(request: Asked) -> Response[Any]:
    """Urgent ones first, then what was to be answered earliest."""
    return await show(asking(request))


@post("/offers/{task_id:uuid}/phone", status_code=200)
async def phone(request: Asked, task_id: FromPath[UUID]) -> Response[Any]:
    """Open one number, to dial it now. That it was opened goes into the ledger."""
    who = asking(request)
    who.signed()
    try:
        async with who.tx() as tx:
            opened = await changes.show_phone(tx, who.district.vault, task_id)
    except Refusal as refusal:
        return await show(who, refusal=refusal)
    return await show(who, (task_id, opened))


ROUTES: list[Any] = [offers_page, phone]
