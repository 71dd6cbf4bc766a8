"""What the clock does for dispatch."""

from datetime import timedelta

from wangge.cases.limits import CONTACT_DAYS
from wangge.cases.queries import forget_contacts
from wangge.cases.reference import REFERENCE
from wangge.dispatch import commands
from wangge.dispatch.imports import work
from wangge.kernel.database import Tx
from wangge.kernel.jobs import tick


@tick("dispatch.offers", every=timedelta(seconds=1))
async def offers(tx: Tx) -> int:
    """Offers without an answer go on."""
    return await commands.expire_offers(tx)


@tick("dispatch.climb", every=timedelta(seconds=5))
async def climb(tx: Tx) -> int:
    """Overdue cases climb."""
    return await commands.climb(tx)


@tick("cases.contacts", every=timedelta(hours=1))
async def contacts(tx: Tx) -> int:
    """Phone numbers given for a call-back are deleted when the call-back is over."""
    days = (await REFERENCE.get(tx)).decided(CONTACT_DAYS)
    await forget_contacts(tx, tx.now - timedelta(days=days))
    return 0


@tick("dispatch.imports", every=timedelta(seconds=1))
async def imports(tx: Tx) -> int:
    """Running imports go on."""
    return await work.on_the_clock(tx)


@tick("dispatch.imports_forget", every=timedelta(hours=1))
async def forget_imports(tx: Tx) -> int:
    """Old uploads and refused rows are deleted."""
    await work.forget(tx)
    return 0
