"""Clockwork: helpers' posts and teams run out, and somebody says so."""

from datetime import timedelta

from wangge.kernel.crypto import vault_of
from wangge.kernel.database import Tx
from wangge.kernel.jobs import tick
from wangge.people import indexing, pairs, tags
from wangge.people.events import PostEnded, TeamEnded
from wangge.people.pairs.finding import note_run
from wangge.people.queries import staff as queries

#: Posts whose end is said in one round; the rest follow in the next.
EXPIRED_MAX = 2_000


@tick("people.expire", every=timedelta(minutes=5))
async def expire(tx: Tx) -> int:
    """Say that posts and teams are over. They stopped counting at their moment, not now."""
    posts = await queries.mark_expired_posts(tx, EXPIRED_MAX)
    teams = await queries.mark_expired_teams(tx)
    tx.publish(*(PostEnded(p.id, p.area_code, p.staff_id, p.role) for p in posts))
    tx.publish(*(TeamEnded(t.id, t.area_code) for t in teams))
    if posts or teams:
        await tx.bump("people")
    return len(posts) + len(teams)


@tick("people.needs_expire", every=timedelta(hours=1))
async def needs_expire(tx: Tx) -> int:
    """Needs end on their day; whoever still needs it is asked and it is noted again."""
    return await tags.expire(tx, vault_of(tx.actor.district))


#: Residents marked in one round; the next follows at once while there are more.
MARKED_MAX = 2_000


@tick("people.index", every=timedelta(hours=1))
async def index(tx: Tx) -> int:
    """Residents without marks (of a register from before there were any, or restored) are given
    theirs, so that they are found."""
    ids = await indexing.without_marks(tx, MARKED_MAX)
    return await indexing.index_residents(tx, vault_of(tx.actor.district), ids) if ids else 0


@tick("people.pairs", every=timedelta(hours=24))
async def find_pairs(tx: Tx) -> int:
    """Look for duplicates among what changed since the last time; the first time among all."""
    note = await pairs.find(tx, since=await pairs.last_run(tx))
    await note_run(tx, note)
    return 0
