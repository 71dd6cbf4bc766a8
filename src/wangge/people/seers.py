"""Who may see which needs, as parts of a statement."""

from typing import Any, LiteralString

from wangge.kernel.database import Tx
from wangge.people.queries.parts import seen_of

#: The needs of a resident `t` that the reader (`seer`) may see, as an array.
SEEN: LiteralString = seen_of("t")
#: Whether the reader may see needs of the kind `:tag` anywhere.
GUARD: LiteralString = """
    exists (select 1 from people_tag_kind k
             where k.code = :tag and (k.roles || 'system'::text) && :seer_roles::text[])
"""


def seer(tx: Tx) -> dict[str, Any]:
    """Who reads, as values: each live role with its area. A post over single stairwells counts for
    its area, of which it sees no more than those stairwells anyway."""
    held = [grant for grant in tx.actor.grants if grant.live(tx.now)]
    return {
        "seer_roles": [grant.role.value for grant in held],
        "seer_from": [grant.area_code for grant in held],
        "seer_to": [grant.area_code + ":" for grant in held],
    }
