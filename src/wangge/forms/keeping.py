"""How long the contact ledger is kept. It goes with its household at the latest."""

from collections.abc import Sequence
from datetime import datetime

from wangge.kernel.database import Tx
from wangge.kernel.retention import Gone, count_older, counts, days, forget_older, keeps
from wangge.kernel.settings import setting

CONTACT_DAYS = setting("forms.contact_days", 730, "住户联系记录保存几天", check=days)


@keeps(
    "forms.contacts",
    "住户联系记录",
    CONTACT_DAYS,
    since="联系之日",
    source="个人信息保护法第十九条(保存期限应为实现目的所必要的最短时间)",
)
async def forget_contacts(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Entries nobody needs any more so as not to ask again."""
    return await forget_older(tx, "forms_contact", before, limit)


@counts("forms.contacts")
async def old_contacts(tx: Tx, before: datetime) -> Sequence[Gone]:
    """Entries that the next round deletes."""
    return await count_older(tx, "forms_contact", before)
