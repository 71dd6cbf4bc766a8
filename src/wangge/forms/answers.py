"""What somebody answered to a question of the district's own: kept beside the register, and in the
ledger, so that nobody asks again. Declared fields are answered where they live, on the resident's
and the household's page."""

from collections.abc import Mapping
from uuid import UUID

from wangge.forms import ledger
from wangge.forms.acts import ASK
from wangge.forms.entries import dictionary
from wangge.forms.model import Contact, read_value
from wangge.kernel.crypto import vault_of
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Invalid
from wangge.people.commands.own import keep_own


async def answer(
    tx: Tx,
    household_id: UUID,
    resident_id: UUID | None,
    values: Mapping[str, str],
    *,
    way: str = "visit",
) -> UUID:
    """Keep answers by field key (`household.own_1`); an empty one takes the value away. Raises
    NotFound, Forbidden, Invalid naming the field. Answers the batch, which can be undone."""
    known = await dictionary(tx)
    subject = "household" if resident_id is None else "resident"
    read: dict[str, str] = {}
    for key, text in values.items():
        entry = known.find(key)
        if entry is None or not entry.own or not entry.active:
            raise Invalid.of("values", "字典里没有“{key}”这个字段,或已停用。", key=key[:80])
        if entry.spec.subject != subject:
            raise Invalid.of(key, "“{name}”不是问这个的。", name=entry.spec.name)
        read[key.partition(".")[2]] = read_value(entry.spec, text)
    batch = await keep_own(tx, vault_of(tx.actor.district), household_id, resident_id, read)
    given = tuple(key for key, text in values.items() if text.strip())
    if given and tx.actor.may_somewhere(ASK, tx.now):
        await ledger.record(tx, [Contact(household_id, given, way)])
    return batch
