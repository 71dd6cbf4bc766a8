"""Clockwork: helpers' posts and teams run out, and somebody says so."""

from datetime import timedelta

from wangge.kernel.database import Tx
from wangge.kernel.jobs import tick
from wangge.people.events import PostEnded, TeamEnded
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
