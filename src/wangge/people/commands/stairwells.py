"""Stairwells that change hands: from the post of one head to that of another, and back."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.people.events import PostStairwellsChanged
from wangge.people.queries import staff as queries
from wangge.people.queries.staff import NarrowPost


@dataclass(frozen=True, slots=True)
class Goes:
    """A stairwell, and whose it was and will be; None where nobody heads that area."""

    unit_id: UUID
    from_code: str
    from_staff: UUID | None
    to_code: str
    to_staff: UUID | None


@dataclass(frozen=True, slots=True)
class Handed:
    """A post and a stairwell that it lost or gained."""

    post_id: UUID
    unit_id: UUID

    @classmethod
    def of(cls, post_id: str, unit_id: str) -> "Handed":
        """Back from `kept`."""
        return cls(UUID(post_id), UUID(unit_id))

    def kept(self) -> list[str]:
        """As JSON keeps it."""
        return [str(self.post_id), str(self.unit_id)]


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What changed hands, for an undo; `left` posts would have had no stairwell any more and stay as
    they are, for a person to decide: a post that names none reaches its whole area."""

    lost: tuple[Handed, ...]
    gained: tuple[Handed, ...]
    left: int


async def hand_over(tx: Tx, goes: Sequence[Goes]) -> HandedOver:
    """Heads' posts that name single stairwells lose and gain them; those over a whole area need
    nothing. Other people's posts on a stairwell stay with it. Two statements.

    The caller has checked who may do this.
    """
    wanted = [(one.from_staff, one.from_code) for one in goes if one.from_staff]
    wanted += [(one.to_staff, one.to_code) for one in goes if one.to_staff]
    posts = await queries.lock_narrow_posts(tx, wanted)
    lost = [
        Handed(post.id, one.unit_id)
        for one in goes
        for post in posts
        if (post.staff_id, post.area_code) == (one.from_staff, one.from_code)
        and one.unit_id in post.unit_ids
    ]
    gained = [
        Handed(post.id, one.unit_id)
        for one in goes
        for post in posts
        if (post.staff_id, post.area_code) == (one.to_staff, one.to_code)
        and one.unit_id not in post.unit_ids
    ]
    bare = await _change(tx, posts, lost, gained)
    return HandedOver(
        tuple(one for one in lost if one.post_id not in bare),
        tuple(gained),
        len(bare),
    )


async def give_back(tx: Tx, lost: Sequence[Handed], gained: Sequence[Handed]) -> None:
    """Undo a handing over: exactly those posts that lost a stairwell have it again, and those that gained
    one do not; a post that ended or was changed to a whole area stays as it is. Two statements."""
    ids = {one.post_id for one in (*lost, *gained)}
    posts = await queries.lock_narrow_posts_by_id(tx, sorted(ids))
    await _change(tx, posts, gained, lost)


async def _change(
    tx: Tx, posts: Sequence[NarrowPost], lose: Sequence[Handed], gain: Sequence[Handed]
) -> set[UUID]:
    """Change the posts; answers those that would be left without anything and were not made less."""
    bare: set[UUID] = set()
    changed: list[NarrowPost] = []
    for post in posts:
        away = {one.unit_id for one in lose if one.post_id == post.id}
        more = [one.unit_id for one in gain if one.post_id == post.id]
        units = [unit for unit in post.unit_ids if unit not in away]
        units += [unit for unit in dict.fromkeys(more) if unit not in units]
        if not units and not post.building_ids:
            bare.add(post.id)
        elif tuple(units) != post.unit_ids:
            changed.append(post.over(units))
    if changed:
        await queries.set_units(tx, [(post.id, post.unit_ids) for post in changed])
        await tx.bump("people")
        tx.publish(
            *(
                PostStairwellsChanged(p.id, p.area_code, p.staff_id, len(p.unit_ids))
                for p in changed
            )
        )
    return bare
