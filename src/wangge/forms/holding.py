"""What forms keeps under area codes, and how it follows an area that was redrawn."""

from collections.abc import Sequence

from wangge.kernel.database import Tx
from wangge.places.holders import Count, Moved, holds, moves


@holds("forms.contacts", "条询问记录")
async def contacts(tx: Tx, codes: Sequence[str]) -> Sequence[Count]:
    """Who asked which household what."""
    return await tx.many(
        Count,
        """
        select area_code, count(*) as items from forms_contact
         where area_code = any(:codes::text[]) group by area_code
        """,
        codes=list(codes),
    )


@moves("forms.contacts")
async def contacts_follow(tx: Tx, moved: Moved) -> Sequence[Count]:
    """They go where their household's stairwell went."""
    return await tx.many(
        Count,
        """
        with moved as (
            update forms_contact t set area_code = u.area_code
              from places_unit u
             where u.id = t.unit_id and t.area_code = any(:old::text[])
               and u.area_code <> t.area_code
            returning t.area_code)
        select area_code, count(*) as items from moved group by area_code order by area_code
        """,
        old=list(moved.old),
    )


@holds("forms.questions", "个待问的问题")
async def questions(tx: Tx, codes: Sequence[str]) -> Sequence[Count]:
    """Questions that are still asked; they stay, and resolve."""
    return await tx.many(
        Count,
        """
        select area_code, count(*) as items from forms_question
         where area_code = any(:codes::text[]) and closed_at is null group by area_code
        """,
        codes=list(codes),
    )
