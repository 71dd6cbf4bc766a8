"""Statements of questions, and of where each has to be asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx
from wangge.people.seers import seer
from wangge.registers.kinds import KINDS


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked along with the next sweep or visit in an area."""

    id: UUID
    key: str
    area_code: str
    words: str
    of_whom: str
    tag: str | None
    ways: tuple[str, ...]
    from_at: datetime
    until_at: datetime
    request_id: UUID | None
    by_id: UUID
    closed_at: datetime | None


async def insert_questions(tx: Tx, questions: Sequence[Question]) -> int:
    """Many at once; `ways` travel as one text."""
    return await tx.run(
        """
        insert into forms_question (id, key, area_code, words, of_whom, tag, ways, from_at,
                                    until_at, request_id, by_id)
        select id, key, area_code, words, of_whom, tag, string_to_array(ways, ','), from_at,
               until_at, request_id, :by_id
          from unnest(:ids::uuid[], :keys::text[], :areas::text[], :words::text[],
                      :whom::text[], :tags::text[], :ways::text[], :froms::timestamptz[],
                      :untils::timestamptz[], :requests::uuid[])
               r(id, key, area_code, words, of_whom, tag, ways, from_at, until_at, request_id)
        """,
        ids=[q.id for q in questions],
        keys=[q.key for q in questions],
        areas=[q.area_code for q in questions],
        words=[q.words for q in questions],
        whom=[q.of_whom for q in questions],
        tags=[q.tag for q in questions],
        ways=[",".join(q.ways) for q in questions],
        froms=[q.from_at for q in questions],
        untils=[q.until_at for q in questions],
        requests=[q.request_id for q in questions],
        by_id=tx.actor.id,
    )


async def questions(tx: Tx, reach: Reach, *, live: bool, limit: int) -> list[Question]:
    """Questions within reach, the newest first."""
    return await tx.many(
        Question,
        """
        select t.id, t.key, t.area_code, t.words, t.of_whom, t.tag, t.ways, t.from_at, t.until_at,
               t.request_id, t.by_id, t.closed_at
          from forms_question t
         where (not :live::boolean or (t.closed_at is null and t.until_at > :now))
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi
                           or r.lo like t.area_code || '%')
         order by t.from_at desc, t.id desc limit :limit
        """,
        live=live,
        now=tx.now,
        limit=limit,
        **reach.values(),
    )


async def live_questions(tx: Tx, way: str, areas: Sequence[str]) -> list[Question]:
    """Questions asked in a way, in areas that hold any of these or lie in them."""
    return await tx.many(
        Question,
        """
        select t.id, t.key, t.area_code, t.words, t.of_whom, t.tag, t.ways, t.from_at, t.until_at,
               t.request_id, t.by_id, t.closed_at
          from forms_question t
         where t.closed_at is null and t.from_at <= :now and t.until_at > :now
           and :way = any (t.ways)
           and exists (select 1 from unnest(:areas::text[]) a(code)
                        where starts_with(a.code, t.area_code)
                           or starts_with(t.area_code, a.code))
         order by t.from_at, t.id limit 100
        """,
        way=way,
        areas=list(areas),
        now=tx.now,
    )


async def questions_of(tx: Tx, request_id: UUID) -> list[Question]:
    """Questions that were opened for a request."""
    return await tx.many(
        Question,
        """
        select t.id, t.key, t.area_code, t.words, t.of_whom, t.tag, t.ways, t.from_at, t.until_at,
               t.request_id, t.by_id, t.closed_at
          from forms_question t where t.request_id = :id order by t.from_at, t.id
        """,
        id=request_id,
    )


async def question(tx: Tx, reach: Reach, question_id: UUID) -> Question:
    """The door to one question."""
    return await tx.one(
        Question,
        """
        select t.id, t.key, t.area_code, t.words, t.of_whom, t.tag, t.ways, t.from_at, t.until_at,
               t.request_id, t.by_id, t.closed_at
          from forms_question t
         where t.id = :id
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
        """,
        id=question_id,
        **reach.values(),
    )


async def close_question(tx: Tx, question_id: UUID) -> int:
    return await tx.run(
        "update forms_question set closed_at = :now where id = :id and closed_at is null",
        id=question_id,
        now=tx.now,
    )


@dataclass(frozen=True, slots=True)
class ToAsk:
    """One question at one door; `of_whom` is all, or stale: of whom the answer is old or missing. Of a
    question limited to a need, `tagged` are those who have it, and `told` says whether the reader's
    posts there may know it."""

    household_id: UUID
    question_id: UUID
    key: str
    words: str
    of_whom: str
    tagged: tuple[UUID, ...]
    told: bool


async def to_ask(tx: Tx, way: str, households: Sequence[UUID]) -> list[ToAsk]:
    """Which live questions these households have not answered yet, in one statement. A household
    that answered since the question was opened is left alone; what is asked of shops, vehicles … is
    asked of no household."""
    return await tx.many(
        ToAsk,
        """
        select h.id as household_id, q.id as question_id, q.key, q.words, q.of_whom,
               array(select r.id from people_resident r
                      where r.household_id = h.id and r.ended_on is null and q.tag = any (r.tags)
                      order by r.id) as tagged,
               q.tag is null
               or exists (select 1
                            from people_tag_kind k,
                                 unnest(:seer_roles::text[], :seer_from::text[],
                                        :seer_to::text[]) as a(role, lo, hi)
                           where k.code = q.tag and (a.role = 'system' or a.role = any (k.roles))
                             and h.area_code >= a.lo and h.area_code < a.hi) as told
          from people_household h
          join forms_question q
            on h.area_code >= q.area_code and h.area_code < q.area_code || ':'
         where h.id = any (:households::uuid[]) and h.to_date is null
           and q.closed_at is null and q.from_at <= :now and q.until_at > :now
           and :way = any (q.ways)
           and (q.tag is null
                or exists (select 1 from people_resident r
                            where r.household_id = h.id and r.ended_on is null
                              and q.tag = any (r.tags)))
           and split_part(q.key, '.', 1) <> all (:registers::text[])
           and not exists (select 1 from forms_contact c
                            where c.household_id = h.id and c.at >= q.from_at
                              and c.result = 'answered' and q.key = any (c.keys))
         order by h.id, q.from_at, q.id
        """,
        way=way,
        households=list(households),
        registers=list(KINDS),
        now=tx.now,
        **seer(tx),
    )


@dataclass(frozen=True, slots=True)
class ToAskThere:
    """One question at one thing of a register; `held` is what it says now, as text, and `confirmed_on`
    the day that was found true."""

    thing_id: UUID
    question_id: UUID
    key: str
    words: str
    of_whom: str
    held: str
    confirmed_on: date


async def to_ask_there(tx: Tx, way: str, things: Sequence[UUID]) -> list[ToAskThere]:
    """Which live questions these open things have not answered since they were opened."""
    return await tx.many(
        ToAskThere,
        """
        select t.id as thing_id, q.id as question_id, q.key, q.words, q.of_whom,
               coalesce(t.details ->> n.name, '') as held, n.confirmed_on
          from registers_thing t
          join forms_question q
            on t.area_code >= q.area_code and t.area_code < q.area_code || ':'
           and split_part(q.key, '.', 1) = t.kind
          cross join lateral (
               select split_part(q.key, '.', 2) as name,
                      coalesce((t.confirmed ->> split_part(q.key, '.', 2))::date, t.confirmed_on)
                          as confirmed_on) n
         where t.id = any (:things::uuid[]) and t.closed_on is null
           and q.closed_at is null and q.from_at <= :now and q.until_at > :now
           and :way = any (q.ways)
           and not (coalesce(t.details ->> n.name, '') <> ''
                    and t.confirmed ? n.name
                    and n.confirmed_on >= (q.from_at at time zone 'Asia/Shanghai')::date)
         order by t.id, q.from_at, q.id
        """,
        way=way,
        things=list(things),
        now=tx.now,
    )
