"""Every SQL statement of the room but those of the freshness overview (`fresh.py`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from wangge.forms.model import Before, Contact, EntryRow
from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id
from wangge.people.seers import seer
from wangge.registers.kinds import KINDS

# -- the dictionary --------------------------------------------------------------------------------


async def entries(tx: Tx) -> list[EntryRow]:
    return await tx.many(
        EntryRow,
        """
        select id, key, own, name, meaning, also, fresh_days, source, kind, codes, purpose, basis,
               retention, sensitivity, active
          from forms_entry order by own, changed_at, key
        """,
    )


async def save_entry(tx: Tx, row: EntryRow) -> int:
    """A new entry, or other words for the one with this key."""
    return await tx.run(
        """
        insert into forms_entry (id, key, own, name, meaning, also, fresh_days, source, kind,
                                 codes, purpose, basis, retention, sensitivity, active,
                                 changed_by, changed_at)
        values (:id, :key, :own, :name, :meaning, :also::text[], :fresh_days, :source, :kind,
                :codes, :purpose, :basis, :retention, :sensitivity, :active, :by_id, :now)
        on conflict (key) do update
           set name = excluded.name, meaning = excluded.meaning, also = excluded.also,
               fresh_days = excluded.fresh_days, active = excluded.active,
               changed_by = excluded.changed_by, changed_at = excluded.changed_at
        """,
        id=row.id,
        key=row.key,
        own=row.own,
        name=row.name,
        meaning=row.meaning,
        also=None if row.also is None else list(row.also),
        fresh_days=row.fresh_days,
        source=row.source,
        kind=row.kind,
        codes=row.codes,
        purpose=row.purpose,
        basis=row.basis,
        retention=row.retention,
        sensitivity=row.sensitivity,
        active=row.active,
        by_id=tx.actor.id,
        now=tx.now,
    )


async def lock_dictionary(tx: Tx) -> int:
    """Two who add a field at once must not both take the next number."""
    return await tx.run(
        "select pg_advisory_xact_lock(727160, hashtext(:district))", district=tx.actor.district
    )


@dataclass(frozen=True, slots=True)
class Remembered:
    path: str
    key: str


async def headings(tx: Tx) -> list[Remembered]:
    return await tx.many(Remembered, "select path, key from forms_heading")


async def save_headings(tx: Tx, decided: dict[str, str]) -> int:
    """What headings mean, as somebody decided; the last decision holds."""
    return await tx.run(
        """
        insert into forms_heading (path, key, decided_by, decided_at)
        select path, key, :by_id, :now
          from unnest(:paths::text[], :keys::text[]) r(path, key)
        on conflict (path) do update
           set key = excluded.key, decided_by = excluded.decided_by,
               decided_at = excluded.decided_at
        """,
        paths=list(decided),
        keys=list(decided.values()),
        by_id=tx.actor.id,
        now=tx.now,
    )


# -- requests for tables ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody wants a table. `columns` are `AskedColumn`s as plain data."""

    id: UUID
    token: str
    title: str
    asker: str
    area_code: str
    basis: str
    frequency: str
    minutes: int
    until_date: date | None
    subject: str
    columns: Any
    known: int
    new: int
    households: int
    file_id: UUID | None
    state: str
    filed_by: UUID
    filed_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    reason: str
    merged_into: UUID | None
    version: int


async def insert_request(tx: Tx, request: Request) -> int:
    return await tx.run(
        """
        insert into forms_request (id, token, title, asker, area_code, basis, frequency, minutes,
                                   until_date, subject, columns, known, new, households, file_id,
                                   state, filed_by, filed_at)
        values (:id, :token, :title, :asker, :area_code, :basis, :frequency, :minutes,
                :until_date, :subject, :columns, :known, :new, :households, :file_id, 'waiting',
                :filed_by, :now)
        """,
        id=request.id,
        token=request.token,
        title=request.title,
        asker=request.asker,
        area_code=request.area_code,
        basis=request.basis,
        frequency=request.frequency,
        minutes=request.minutes,
        until_date=request.until_date,
        subject=request.subject,
        columns=request.columns,
        known=request.known,
        new=request.new,
        households=request.households,
        file_id=request.file_id,
        filed_by=request.filed_by,
        now=tx.now,
    )


async def request(tx: Tx, reach: Reach, request_id: UUID) -> Request:
    """The door to a request: within reach, or filed by the asker."""
    return await tx.one(
        Request,
        """
        select t.id, t.token, t.title, t.asker, t.area_code, t.basis, t.frequency, t.minutes,
               t.until_date, t.subject, t.columns, t.known, t.new, t.households, t.file_id,
               t.state, t.filed_by, t.filed_at, t.decided_by, t.decided_at, t.reason,
               t.merged_into, t.version
          from forms_request t
         where t.id = :id
           and (t.filed_by = :me
                or exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                            where t.area_code >= r.lo and t.area_code < r.hi))
        """,
        id=request_id,
        me=tx.actor.id,
        **reach.values(),
    )


async def answer(tx: Tx, token: str) -> Request:
    """For the page of whoever asked: the token is the key."""
    return await tx.one(
        Request,
        """
        select id, token, title, asker, area_code, basis, frequency, minutes, until_date, subject,
               columns, known, new, households, file_id, state, filed_by, filed_at, decided_by,
               decided_at, reason, merged_into, version
          from forms_request where token = :token
        """,
        token=token,
    )


async def lock_request(tx: Tx, request_id: UUID) -> int:
    return await tx.run("select id from forms_request where id = :id for update", id=request_id)


async def decide_request(
    tx: Tx, request_id: UUID, state: str, reason: str, merged_into: UUID | None
) -> int:
    return await tx.run(
        """
        update forms_request
           set state = :state, reason = :reason, merged_into = :merged_into, decided_by = :by_id,
               decided_at = :now, version = version + 1
         where id = :id and state = 'waiting'
        """,
        id=request_id,
        state=state,
        reason=reason,
        merged_into=merged_into,
        by_id=tx.actor.id,
        now=tx.now,
    )


async def set_columns(tx: Tx, request_id: UUID, columns: Any, *, known: int, new: int) -> int:
    """What became of a request's columns: those that were unknown are fields now."""
    return await tx.run(
        """
        update forms_request
           set columns = :columns, known = :known, new = :new, version = version + 1
         where id = :id
        """,
        id=request_id,
        columns=columns,
        known=known,
        new=new,
    )


async def requests_page(
    tx: Tx,
    reach: Reach,
    *,
    state: str,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Request]:
    """Requests within reach or of one's own, the newest first."""
    return await tx.many(
        Request,
        """
        select t.id, t.token, t.title, t.asker, t.area_code, t.basis, t.frequency, t.minutes,
               t.until_date, t.subject, t.columns, t.known, t.new, t.households, t.file_id,
               t.state, t.filed_by, t.filed_at, t.decided_by, t.decided_at, t.reason,
               t.merged_into, t.version
          from forms_request t
         where (:state = '' or t.state = :state)
           and (:before_at::timestamptz is null
                or (t.filed_at, t.id) < (:before_at::timestamptz, :before_id::uuid))
           and (t.filed_by = :me
                or exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                            where t.area_code >= r.lo and t.area_code < r.hi))
         order by t.filed_at desc, t.id desc limit :limit
        """,
        state=state,
        before_at=before[0] if before else None,
        before_id=before[1] if before else None,
        me=tx.actor.id,
        limit=limit,
        **reach.values(),
    )


async def live_households(tx: Tx, area_code: str) -> int:
    """Households that live in an area today, within the actor's second lock."""
    return await tx.one(
        int,
        """
        select count(*)::int from people_household
         where area_code >= :low and area_code < :low || ':' and to_date is null
        """,
        low=area_code,
    )


# -- flags -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Flag:
    """A worker was asked to fill something nobody admitted."""

    id: UUID
    area_code: str
    words: str
    by_id: UUID
    at: datetime
    answer: str
    answered_by: UUID | None
    answered_at: datetime | None
    request_id: UUID | None


async def insert_flag(tx: Tx, flag_id: UUID, area_code: str, words: str) -> int:
    return await tx.run(
        """
        insert into forms_flag (id, area_code, words, by_id, at)
        values (:id, :area_code, :words, :by_id, :now)
        """,
        id=flag_id,
        area_code=area_code,
        words=words,
        by_id=tx.actor.id,
        now=tx.now,
    )


async def flags_page(
    tx: Tx, reach: Reach, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[Flag]:
    """Flags within reach or of one's own, the newest first."""
    return await tx.many(
        Flag,
        """
        select t.id, t.area_code, t.words, t.by_id, t.at, t.answer, t.answered_by, t.answered_at,
               t.request_id
          from forms_flag t
         where (:before_at::timestamptz is null
                or (t.at, t.id) < (:before_at::timestamptz, :before_id::uuid))
           and (t.by_id = :me
                or exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                            where t.area_code >= r.lo and t.area_code < r.hi))
         order by t.at desc, t.id desc limit :limit
        """,
        before_at=before[0] if before else None,
        before_id=before[1] if before else None,
        me=tx.actor.id,
        limit=limit,
        **reach.values(),
    )


async def flag(tx: Tx, reach: Reach, flag_id: UUID) -> Flag:
    """The door to one flag."""
    return await tx.one(
        Flag,
        """
        select t.id, t.area_code, t.words, t.by_id, t.at, t.answer, t.answered_by, t.answered_at,
               t.request_id
          from forms_flag t
         where t.id = :id
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
        """,
        id=flag_id,
        **reach.values(),
    )


async def answer_flag(tx: Tx, flag_id: UUID, answer_: str, request_id: UUID | None) -> int:
    return await tx.run(
        """
        update forms_flag
           set answer = :answer, request_id = :request_id, answered_by = :by_id,
               answered_at = :now
         where id = :id and answered_at is null
        """,
        id=flag_id,
        answer=answer_,
        request_id=request_id,
        by_id=tx.actor.id,
        now=tx.now,
    )


# -- questions -------------------------------------------------------------------------------------


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


# -- the contact ledger ----------------------------------------------------------------------------


async def insert_contacts(
    tx: Tx,
    reach: Reach,
    contacts: Sequence[Contact],
    *,
    at: datetime,
    origin: str,
    origin_id: UUID | None,
) -> list[str]:
    """Many in one statement; households out of reach are passed over, and so is what a sweep has
    already said once. Answers the areas of those written. `keys` travel as one text."""
    return await tx.many(
        str,
        """
        insert into forms_contact (id, household_id, area_code, unit_id, keys, way, result,
                                   office, by_id, at, origin, origin_id)
        select c.id, h.id, h.area_code, h.unit_id, string_to_array(c.keys, ','),
               c.way, c.result, c.office, :by_id, :at, :origin, :origin_id
          from unnest(:ids::uuid[], :households::uuid[], :keys::text[], :ways::text[],
                      :results::text[], :offices::text[])
               c(id, household_id, keys, way, result, office)
          join people_household h on h.id = c.household_id
         where exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where h.area_code >= r.lo and h.area_code < r.hi)
            or h.unit_id = any (:reach_units::uuid[])
            or h.unit_id in (select u.id from places_unit u
                              where u.building_id = any (:reach_buildings::uuid[]))
        on conflict do nothing
        returning area_code
        """,
        ids=[new_id(at) for _ in contacts],
        households=[c.household_id for c in contacts],
        keys=[",".join(c.keys) for c in contacts],
        ways=[c.way for c in contacts],
        results=[c.result for c in contacts],
        offices=[c.office for c in contacts],
        by_id=tx.actor.id,
        at=at,
        origin=origin,
        origin_id=origin_id,
        **reach.values(),
    )


async def insert_confirmed(
    tx: Tx,
    *,
    ids: Sequence[UUID],
    households: Sequence[UUID],
    keys: Sequence[str],
    ways: Sequence[str],
    by: Sequence[UUID],
    at: Sequence[datetime],
) -> int:
    """Contacts of the register's own confirmations, by the fact that says so: read twice, it is
    written once. A household that is gone by now is passed over."""
    return await tx.run(
        """
        insert into forms_contact (id, household_id, area_code, unit_id, keys, way, result,
                                   office, by_id, at, origin, origin_id)
        select c.id, h.id, h.area_code, h.unit_id, string_to_array(c.keys, ','),
               c.way, 'answered', '', c.by_id, c.at, 'visit', c.id
          from unnest(:ids::uuid[], :households::uuid[], :keys::text[], :ways::text[],
                      :by::uuid[], :at::timestamptz[])
               c(id, household_id, keys, way, by_id, at)
          join people_household h on h.id = c.household_id
        on conflict do nothing
        """,
        ids=list(ids),
        households=list(households),
        keys=list(keys),
        ways=list(ways),
        by=list(by),
        at=list(at),
    )


@dataclass(frozen=True, slots=True)
class ContactLine:
    """One entry of a household's ledger."""

    id: UUID
    keys: tuple[str, ...]
    way: str
    result: str
    office: str
    by_id: UUID
    by_name: str
    at: datetime
    origin: str


async def contacts_page(
    tx: Tx,
    household_id: UUID,
    *,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[ContactLine]:
    """Whoever asks must have come by the household's door (`household`)."""
    return await tx.many(
        ContactLine,
        """
        select c.id, c.keys, c.way, c.result, c.office, c.by_id, coalesce(s.name, '') as by_name,
               c.at, c.origin
          from forms_contact c left join people_staff s on s.id = c.by_id
         where c.household_id = :household_id
           and (:before_at::timestamptz is null
                or (c.at, c.id) < (:before_at::timestamptz, :before_id::uuid))
         order by c.at desc, c.id desc limit :limit
        """,
        household_id=household_id,
        before_at=before[0] if before else None,
        before_id=before[1] if before else None,
        limit=limit,
    )


@dataclass(frozen=True, slots=True)
class Home:
    """A household as its ledger shows it: the door, nobody's name."""

    id: UUID
    area_code: str
    unit_id: UUID
    dwelling: str
    over: bool


async def household(tx: Tx, reach: Reach, household_id: UUID) -> Home:
    """The door to a household's ledger."""
    return await tx.one(
        Home,
        """
        select t.id, t.area_code, t.unit_id, d.name as dwelling, t.to_date is not null as over
          from people_household t join places_dwelling d on d.id = t.dwelling_id
         where t.id = :household_id
           and (exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                         where t.area_code >= r.lo and t.area_code < r.hi)
                or t.unit_id = any (:reach_units::uuid[])
                or t.unit_id in (select u.id from places_unit u
                                  where u.building_id = any (:reach_buildings::uuid[])))
        """,
        household_id=household_id,
        **reach.values(),
    )


async def asked_before(tx: Tx, households: Sequence[UUID], keys: Sequence[str]) -> list[Before]:
    """The last asking, and the last answer, for each household and field that has one."""
    return await tx.many(
        Before,
        """
        select distinct on (c.household_id, k.key)
               c.household_id, k.key, c.at as asked_at, c.way, c.result, c.office, c.by_id,
               max(c.at) filter (where c.result = 'answered')
                   over (partition by c.household_id, k.key) as answered_at
          from forms_contact c
          join unnest(:keys::text[]) k(key) on k.key = any (c.keys)
         where c.household_id = any (:households::uuid[])
         order by c.household_id, k.key, c.at desc, c.id desc
        """,
        households=list(households),
        keys=list(keys),
    )
