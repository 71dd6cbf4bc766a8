"""A believable present moment: cases of the last hours, reported and taken on by the commands
that real ones go through, at moments that were."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from wangge.demo.town import CASE_CLASSES, Town, past_cases, uuid7_at
from wangge.demo.town.minting import stream
from wangge.dispatch import Report, receive
from wangge.dispatch import commands as dispatch
from wangge.kernel.actors import Actor, Role, system_actor
from wangge.kernel.database import Database
from wangge.kernel.moments import now as clock
from wangge.kernel.refusals import Refusal
from wangge.people import ROSTER, Roster

#: How far back the present reaches.
HOURS = 6
#: The newest reports, in minutes, whose offers nobody has answered yet.
FRESH_MINUTES = 2.5
#: Reports taken in by one transaction.
BUNCH = 20

_CHANNELS = {
    "worker_app": "worker",
    "desk": "worker",
    "resident": "resident",
    "hotline_12345": "hotline",
    "police_110": "police",
    "video": "camera",
    "sensor": "camera",
    "superior": "superior",
    "enterprise": "enterprise",
}
_DONE = ("已处理完毕,现场恢复正常。", "已清理并拍照。", "已修好,请核查。")


@dataclass(frozen=True, slots=True)
class _Offer:
    id: UUID
    kind: str
    target: str
    offered_at: datetime


@dataclass(frozen=True, slots=True)
class _Live:
    """A report of the last hours. `ago` is how long ago it came."""

    id: UUID
    ago: timedelta
    report: Report


async def happen(database: Database, town: Town, count: int, seed: int) -> None:
    """`count` live cases. Running it again adds nothing: the ids are the same, and what is
    underway is left as it is."""
    now, rng = clock(), stream(seed, town.code, "present")
    system = system_actor(database.schema)
    async with database.tx(system, read_only=True) as tx:
        there = await tx.one(int, "select count(*)::int from cases_case where ended_at is null")
    if there >= count // 2:
        return
    lives = sorted(_reports(town, count, seed, system, now, rng), key=lambda live: -live.ago)
    for some in _bunches(lives):
        moment = now - some[-1].ago
        async with database.tx(system, now=moment) as tx:
            await receive(tx, [live.report for live in some])
            offers = await tx.many(
                _Offer,
                """
                select id, kind, target, offered_at from tasks_task
                 where state = 'offered' and origin_id = any(:ids::uuid[]) order by id
                """,
                ids=[live.id for live in some],
            )
            roster = await ROSTER.get(tx)
        if now - moment < timedelta(minutes=FRESH_MINUTES):
            continue
        for offer in offers:
            await _take(database, offer, roster, now, rng)


def _bunches(lives: list[_Live]) -> Iterator[list[_Live]]:
    """Oldest first, at most twenty and three minutes together."""
    bunch: list[_Live] = []
    for live in lives:
        if bunch and (len(bunch) == BUNCH or bunch[0].ago - live.ago > timedelta(minutes=3)):
            yield bunch
            bunch = []
        bunch.append(live)
    if bunch:
        yield bunch


def _reports(
    town: Town, count: int, seed: int, system: Actor, now: datetime, rng: Random
) -> Iterator[_Live]:
    told = past_cases(town, count, seed + 1, now=now, classes=tuple(CASE_CLASSES))
    for n, past in enumerate(told):
        # The newest ones every few seconds, the older ones further apart.
        ago = timedelta(hours=HOURS) * ((n + rng.random()) / count) ** 1.6
        moment = now - ago
        yield _Live(
            id_ := uuid7_at(int(moment.timestamp() * 1000), rng),
            ago,
            Report(
                id_,
                system,
                past.text,
                channel=_CHANNELS[past.channel],
                class_code=past.class_code,
                area_code=past.area_code,
                lon=past.lon,
                lat=past.lat,
                place=past.place,
                trusted=_CHANNELS[past.channel] in ("worker", "hotline", "police", "superior"),
            ),
        )


async def _take(
    database: Database, offer: _Offer, roster: Roster, now: datetime, rng: Random
) -> None:
    """Somebody who was asked accepts, and may by now be at it, or through with it."""
    who = answerers(roster, offer.target, offer.offered_at)
    if not who or rng.random() < 0.04:
        return
    staff_id = who[int(rng.random() * len(who))]
    actor = Actor(staff_id, "staff", database.schema, roster.grants(staff_id, offer.offered_at))
    at = offer.offered_at + timedelta(seconds=20 + 90 * rng.random())
    fate = rng.random()
    try:
        async with database.tx(actor, now=min(at, now)) as tx:
            await dispatch.accept(tx, offer.id)
        if offer.kind != "handle" or fate < 0.2:
            return
        at += timedelta(minutes=2 + 15 * rng.random())
        if at >= now:
            return
        async with database.tx(actor, now=at) as tx:
            await dispatch.start(tx, offer.id)
        at += timedelta(minutes=10 + 80 * rng.random())
        if at >= now or fate < 0.6:
            return
        async with database.tx(actor, now=at) as tx:
            await dispatch.finish(tx, offer.id, _DONE[int(rng.random() * len(_DONE))], ())
    except Refusal:
        return  # it was too late, or somebody else was quicker: that happens


def answerers(roster: Roster, target: str, now: datetime) -> list[UUID]:
    """Who may answer an offer to that target."""
    kind, _, rest = target.partition(":")
    if kind == "staff":
        return [UUID(rest)]
    if kind == "org":
        return list(roster.org_members(UUID(rest), now))
    if kind == "team":
        return [member.staff_id for member in roster.members(UUID(rest))]
    role, _, code = rest.partition("@")
    return [
        staff_id
        for staff_id in roster.holders(Role(role), code, now)
        if any(post.area_code == code for post in roster.posts_of(staff_id))
    ]
