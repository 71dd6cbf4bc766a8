"""What the law asks of a list before it is read."""

from wangge.kernel.database import Tx
from wangge.responses import queries as responses
from wangge.responses.commands import RESPONSES
from wangge.responses.model import Response
from wangge.verification.refusals import ContactsNeedResponse


async def contact_areas(tx: Tx) -> frozenset[str]:
    """The areas of live responses that name contacts: a list of contacts may be brought over each."""
    return frozenset(
        one.area_code
        for one in (await RESPONSES.get(tx)).all
        if one.live(tx.now) and "contacts" in one.data_items
    )


async def response_for(tx: Tx, area: str) -> Response:
    """A live response over the area that names contacts among what may be collected. It is held: if
    it ends meanwhile, it ends after this list is there, and takes it with it. Raises
    ContactsNeedResponse."""
    found = [
        one
        for one in (await RESPONSES.get(tx)).all
        if one.covers(area) and one.live(tx.now) and "contacts" in one.data_items
    ]
    if not found:
        raise ContactsNeedResponse()
    first = min(found, key=lambda one: (one.level, -len(one.area_code), one.id))
    now = await responses.lock(tx, first.id)
    if not now.live(tx.now):
        raise ContactsNeedResponse()
    return now
