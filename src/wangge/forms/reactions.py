"""Whoever was asked whether all is as it was has been asked: the ledger says so, and nobody comes
again with the same question."""

from collections.abc import Sequence

from wangge.forms.queries import ledger as queries
from wangge.kernel.database import Tx
from wangge.kernel.facts import Recorded
from wangge.kernel.relay import bite
from wangge.people.events import HouseholdConfirmed


@bite("forms", HouseholdConfirmed)
async def confirmed(tx: Tx, facts: Sequence[Recorded]) -> None:
    """One statement for many confirmations; each is written once, whatever is read again."""
    told = [
        (fact, said)
        for fact in facts
        if isinstance(said := fact.fact(), HouseholdConfirmed) and said.fields
    ]
    if told:
        await queries.insert_confirmed(
            tx,
            ids=[fact.id for fact, _ in told],
            households=[said.household_id for _, said in told],
            keys=[",".join(said.fields) for _, said in told],
            ways=[said.way for _, said in told],
            by=[fact.actor_id for fact, _ in told],
            at=[fact.at for fact, _ in told],
        )
