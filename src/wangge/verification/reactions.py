"""A response that ends takes its contact lists with it."""

from wangge.kernel.database import Tx
from wangge.kernel.relay import reaction
from wangge.responses.events import ResponseEnded
from wangge.verification.deciding import destroyed


@reaction("verification.responses", ResponseEnded)
async def response_ended(tx: Tx, fact: ResponseEnded) -> None:
    """Rows and contacts of its lists are deleted; what stays is that there were lists."""
    while await destroyed(tx, "response", response_id=fact.response_id):
        pass
