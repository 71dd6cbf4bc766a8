"""What sweeps keeps under area codes: a round's roster is frozen, so it stays and resolves; a plan goes
on in what its areas became."""

from collections.abc import Sequence
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.places.holders import Count, Moved, holds, moves
from wangge.sweeps.model import meeting
from wangge.sweeps.queries import plans


@holds("sweeps.open", "轮进行中的清查")
async def open_rounds(tx: Tx, codes: Sequence[str]) -> Sequence[Count]:
    """Rounds that are not closed."""
    return await tx.many(
        Count,
        """
        select area_code, count(*) as items from sweeps_round
         where area_code = any(:codes::text[]) and closed_at is null group by area_code
        """,
        codes=list(codes),
    )


@holds("sweeps.plans", "个重复清查的计划")
async def open_plans(tx: Tx, codes: Sequence[str]) -> Sequence[Count]:
    """Plans that have not ended, by each of the areas they go to."""
    return await tx.many(
        Count,
        """
        select a.code as area_code, count(*) as items
          from sweeps_plan p cross join unnest(p.areas) as a(code)
         where a.code = any(:codes::text[]) and p.ended_at is null group by a.code
        """,
        codes=list(codes),
    )


@moves("sweeps.plans")
async def plans_follow(tx: Tx, moved: Moved) -> Sequence[Count]:
    """A plan over an area that went as a whole goes on over what it became; one over an area that was
    split says at its next time that the area is no more. Two statements."""
    counts: dict[str, int] = {}
    found: list[tuple[UUID, str, list[str]]] = []
    for plan in await plans.over(tx, list(moved.codes)):
        areas = sorted({moved.codes.get(code, code) for code in plan.areas})
        found.append((plan.id, meeting(areas), areas))
        for code in plan.areas:
            if new := moved.codes.get(code):
                counts[new] = counts.get(new, 0) + 1
    if found:
        await plans.set_areas(tx, found)
    return [Count(code, items) for code, items in sorted(counts.items())]
