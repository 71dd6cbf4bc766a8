"""What must be asked goes along with the next sweep or visit, once, and to whom it concerns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from wangge.forms.acts import QUESTION, READ
from wangge.forms.entries import dictionary
from wangge.forms.events import QuestionClosed, QuestionOpened
from wangge.forms.fresh_values import Fresh, fresh_values
from wangge.forms.queries import questions as queries
from wangge.forms.queries.questions import Question, ToAsk
from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date, new_id
from wangge.kernel.refusals import Invalid, NotFound
from wangge.people.tags import kinds
from wangge.people.tags.noting import sees
from wangge.registers.kinds import KINDS

WORDS_MAX = 100
DAYS_MAX = 180
#: Questions open in one area: a visit is no interrogation.
OPEN_MAX = 12
_WAYS = ("sweep", "visit", "call")


@dataclass(frozen=True, slots=True)
class Asking:
    """A question to be asked in an area. `words` is how it is said at the door; `of_whom` is all,
    or stale: only where the answer is missing or old."""

    key: str
    area_code: str
    words: str = ""
    of_whom: str = "stale"
    tag: str | None = None
    ways: tuple[str, ...] = ("sweep", "visit")
    days: int = 60
    request_id: UUID | None = None


async def open_questions(tx: Tx, asked: Sequence[Asking]) -> list[Question]:
    """Open several at once. Raises Forbidden, Invalid."""
    known = await dictionary(tx)
    needs = await kinds(tx) if any(one.tag for one in asked) else {}
    made: list[Question] = []
    for row, one in enumerate(asked, 1):
        tx.require(QUESTION, one.area_code)
        spec = known.spec(one.key)
        if spec.source in ("derived", "system", "office"):
            raise Invalid.of("key", "“{name}”不用问住户,系统里就有。", row=row, name=spec.name)
        subject, _, name = one.key.partition(".")
        if subject in KINDS and name not in KINDS[subject].by_name:
            raise Invalid.of(
                "key", "“{name}”要看证照,到场所台账里改,不在路上问。", row=row, name=spec.name
            )
        if subject in KINDS and one.tag:
            raise Invalid.of("tag", "问场所的问题,不能限定住户的需求。", row=row)
        need = needs.get(one.tag) if one.tag else None
        if one.tag and (need is None or not sees(tx, need, one.area_code)):
            raise Invalid.of(
                "tag", "没有“{tag}”这种需求标签,或您的岗位看不到。", row=row, tag=one.tag
            )
        words = one.words.strip() or spec.name
        if need is not None and need.name in words:
            raise Invalid.of(
                "words",
                "问法里不要写“{need}”:去问的人不一定能看到谁有这种需求。",
                row=row,
                need=need.name,
            )
        if not 2 <= len(words) <= WORDS_MAX:
            raise Invalid.of("words", "问法应为 2 到 {most} 个字。", row=row, most=WORDS_MAX)
        if one.of_whom not in ("all", "stale"):
            raise Invalid.of("of_whom", "请选择问哪些住户。", row=row)
        if not one.ways or not set(one.ways) <= set(_WAYS):
            raise Invalid.of("ways", "请选择随扫楼、上门还是电话一起问。", row=row)
        if subject in KINDS and "sweep" not in one.ways:
            raise Invalid.of("ways", "问场所的问题随清查去问,请选上“扫楼”。", row=row)
        if not 1 <= one.days <= DAYS_MAX:
            raise Invalid.of("days", "提问期限应为 1 到 {most} 天。", row=row, most=DAYS_MAX)
        made.append(
            Question(
                new_id(tx.now),
                one.key,
                one.area_code,
                words,
                one.of_whom,
                one.tag or None,
                tuple(dict.fromkeys(one.ways)),
                tx.now,
                tx.now + timedelta(days=one.days),
                one.request_id,
                tx.actor.id,
                None,
            )
        )
    await _leave_room(tx, made)
    await queries.insert_questions(tx, made)
    tx.publish(*(QuestionOpened(q.id, q.area_code, q.key) for q in made))
    return made


async def _leave_room(tx: Tx, made: Sequence[Question]) -> None:
    """Neither the same thing twice nor a list nobody has the patience for."""
    live = await queries.questions(tx, tx.reach(READ), live=True, limit=1000)
    for one in made:
        around = [
            q
            for q in live
            if q.area_code.startswith(one.area_code) or one.area_code.startswith(q.area_code)
        ]
        if any(q.key == one.key and one.area_code.startswith(q.area_code) for q in around):
            raise Invalid.of("key", "这个问题在这里已经安排了,不用再问一遍。")
        if len(around) + len(made) > OPEN_MAX:
            raise Invalid.of(
                "key",
                "这里已有 {count} 个问题在问,最多 {most} 个。",
                count=len(around),
                most=OPEN_MAX,
            )


async def close_question(tx: Tx, question_id: UUID) -> Question:
    """Nobody asks it any more. Raises NotFound, Forbidden."""
    found = await queries.question(tx, tx.reach(READ), question_id)
    tx.require(QUESTION, found.area_code)
    if not await queries.close_question(tx, question_id):
        raise NotFound("这个问题")
    tx.publish(QuestionClosed(found.id, found.area_code))
    return await queries.question(tx, tx.reach(READ), question_id)


async def coming_along(tx: Tx, way: str, areas: Sequence[str]) -> list[Question]:
    """Live questions that concern any of these areas, the oldest first: what a sweep or a visit
    opened there takes along, whoever opens it."""
    return await queries.live_questions(tx, way, areas)


@dataclass(frozen=True, slots=True)
class AtDoor:
    """A question at a door. `people` are those it is asked about, where it is asked about persons and
    only of some of them: those with the need it is limited to (where the reader may know who that
    is), those whose answer is missing or old; () is the household or everybody."""

    household_id: UUID
    question_id: UUID
    key: str
    words: str
    people: tuple[UUID, ...] = ()


async def questions_for(
    tx: Tx,
    way: str,
    households: Sequence[UUID],
    *,
    fresh: Mapping[UUID, Fresh] | None = None,
) -> dict[UUID, list[AtDoor]]:
    """For a sweep or a visit: what to ask at which door. A household that answered since the question
    was opened is left out, and so is one whose answer is fresh where only old ones are asked for.
    Four statements at most for any number of doors; one with `fresh`, what is fresh of the fields
    asked about (`fresh_values`), where the caller has read it."""
    asked = await queries.to_ask(tx, way, households)
    old = sorted({one.key for one in asked if one.of_whom == "stale"})
    if fresh is None:
        doors = {one.household_id for one in asked if one.of_whom == "stale"}
        fresh = await fresh_values(tx, sorted(doors), old) if old else {}
    found: dict[UUID, list[AtDoor]] = {}
    for one in asked:
        people = _whom(one, fresh.get(one.household_id, Fresh()))
        if people is not None:
            found.setdefault(one.household_id, []).append(
                AtDoor(one.household_id, one.question_id, one.key, one.words, people)
            )
    return found


@dataclass(frozen=True, slots=True)
class AtThing:
    """A question at a shop, a site, a hydrant …"""

    thing_id: UUID
    question_id: UUID
    key: str
    words: str


async def questions_there(
    tx: Tx, way: str, things: Sequence[UUID]
) -> dict[UUID, list[AtThing]]:
    """For a round over a register: what to ask at which of its things. One that was answered since the
    question was opened is left out, and one whose answer is fresh where only old ones are asked for.
    One statement. The answers go back by `registers.answers.take`."""
    known = await dictionary(tx)
    today = local_date(tx.now)
    found: dict[UUID, list[AtThing]] = {}
    for one in await queries.to_ask_there(tx, way, things):
        entry = known.find(one.key)
        days = entry.spec.fresh_days if entry else None
        stays = days is None or one.confirmed_on >= today - timedelta(days=days)
        if one.of_whom == "stale" and one.held and stays:
            continue
        found.setdefault(one.thing_id, []).append(
            AtThing(one.thing_id, one.question_id, one.key, one.words)
        )
    return found


def _whom(one: ToAsk, fresh: Fresh) -> tuple[UUID, ...] | None:
    """Whom it is asked about; None for nobody. Of a home where nobody is listed it is not known.

    Who has a need is said to nobody who may not know it: the same door is asked, about everybody
    behind it whose answer is wanted (个人信息保护法 Art. 6; domain.md §12)."""
    of_people = one.key.startswith("resident.")
    if one.of_whom != "stale":
        return one.tagged if of_people and one.told else ()
    if not of_people:
        return None if one.key in fresh.household else ()
    missing = tuple(who for who in fresh.people if one.key not in fresh.people[who])
    asked = [who for who in fresh.people if not one.tagged or who in one.tagged]
    old = tuple(who for who in missing if who in asked)
    if asked and not old:
        return None
    named, all_ = (old, one.tagged) if one.told else (missing, ())
    return named if named and len(named) < len(fresh.people) else all_
