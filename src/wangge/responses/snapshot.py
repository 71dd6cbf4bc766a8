"""The live declarations in memory."""

from wangge.kernel.cache import Cached
from wangge.kernel.database import Tx
from wangge.responses.model import Declared, Response


async def _load(tx: Tx) -> Declared:
    return Declared(
        await tx.many(
            Response,
            """
            select id, matter, level, area_code, starts_at, ends_at
              from responses_response
             where approved_at is not null and ended_at is null
            """,
        )
    )


#: `await RESPONSES.get(tx)`; renewed when a response is approved, renewed or ended.
RESPONSES: Cached[Declared] = Cached("responses", _load)
