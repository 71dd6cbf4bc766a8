"""Drawing a roster: its posts and people, a proposal asked for, changes by hand, earlier versions again.
Nobody is told anything until somebody publishes it (`publishing`)."""

from datetime import date, timedelta
from uuid import UUID

import msgspec

from wangge.hours.acts import OWN, PLAN, READ
from wangge.hours.commands import must_work_there, within, works_there
from wangge.hours.events import RosterAsked, RosterChanged, RosterDrawn, RosterDropped
from wangge.hours.rosters import kept
from wangge.hours.rosters.ground import Ground, ground
from wangge.hours.rosters.model import (
    DAYS_MAX,
    DAYS_USUAL,
    NAME_MAX,
    PEOPLE_MAX,
    USUAL,
    AlreadyPublished,
    NothingToRoster,
    RosterOver,
    Says,
    Setup,
    SlotBegun,
    StillWorking,
    Work,
    checked_skills,
    rows_of,
    still_there,
)
from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date
from wangge.kernel.refusals import Forbidden, Invalid, NotFound, Problem, Stale
from wangge.people import ROSTER
from wangge.solvers.shifts import Entry

#: A roster begins at most so far ahead, as stints may be planned (`hours.model.FURTHEST`) to its end.
AHEAD = timedelta(days=60)
#: Days said about somebody at once.
SAID_MAX = 62
_DAYS_OLD = timedelta(days=31)


class Drawing(msgspec.Struct, forbid_unknown_fields=True):
    """A new roster; `like`: another whose posts and people it begins with."""

    id: UUID
    area_code: str
    name: str
    first_day: date
    days: int = DAYS_USUAL
    like: UUID | None = None


class SettingUp(msgspec.Struct, forbid_unknown_fields=True):
    """`version` is the one that was looked at; `skills` of people, who are not named keep theirs."""

    roster_id: UUID
    version: int
    setup: Setup
    skills: dict[UUID, list[str]] = {}


class Putting(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody (`staff_id`, none: nobody) stands in a place instead of somebody (`was`, none: nobody)."""

    roster_id: UUID
    version: int
    day: int
    shift: str
    post: str
    staff_id: UUID | None = None
    was: UUID | None = None


class GoingBack(msgspec.Struct, forbid_unknown_fields=True):
    """Make version `number` the latest again."""

    roster_id: UUID
    number: int
    version: int


class Asking(msgspec.Struct, forbid_unknown_fields=True):
    """`make`: anew; `mend`: with the fewest changes to what people go by."""

    roster_id: UUID
    kind: Work
    seed: int = 0


class Away(msgspec.Struct, forbid_unknown_fields=True):
    """These people cannot come from `since` to `until`; a mended roster is asked for."""

    roster_id: UUID
    staff_ids: list[UUID]
    since: date
    until: date
    seed: int = 0


class OfRoster(msgspec.Struct, forbid_unknown_fields=True):
    roster_id: UUID


class Saying(msgspec.Struct, forbid_unknown_fields=True):
    """What days of somebody say (none: one's own); "": nothing any more."""

    since: date
    until: date
    says: Says | str = ""
    staff_id: UUID | None = None


async def draw(tx: Tx, body: Drawing) -> UUID:
    """Begin a roster. Raises Invalid, NotFound, Forbidden."""
    await within(tx, PLAN, body.area_code)
    today = local_date(tx.now)
    name = body.name.strip()
    problems: list[Problem] = []
    if not 1 <= len(name) <= NAME_MAX:
        problems.append(Problem("name", "名称 1 到 {most} 字。", None, {"most": NAME_MAX}))
    if not 1 <= body.days <= DAYS_MAX:
        problems.append(Problem("days", "请排 1 到 {most} 天。", None, {"most": DAYS_MAX}))
    if not today <= body.first_day <= today + AHEAD:
        problems.append(
            Problem(
                "first_day", "第一天应从今天起、{most} 天以内。", None, {"most": AHEAD.days}
            )
        )
    if problems:
        raise Invalid.all(problems)
    setup = USUAL
    if body.like is not None:
        setup = (await kept.sheet(tx, READ, body.like)).plan
        roster = await ROSTER.get(tx)
        there = [
            one for one in setup.people if works_there(roster, one, body.area_code, tx.now)
        ]
        setup = msgspec.structs.replace(setup, people=there).clean(body.days)
    await kept.insert(tx, body.id, body.area_code, name, body.first_day, body.days, setup)
    tx.publish(RosterDrawn(body.id, body.area_code, body.days))
    return body.id


async def _door(tx: Tx, id_: UUID, version: int | None = None) -> kept.Sheet:
    """The roster, held, for whoever may change it; fresh, where a version was looked at."""
    found = await kept.hold(tx, PLAN, id_)
    if version is not None:
        if found.work:  # what is worked out would be written over it
            raise StillWorking()
        if version != found.version:
            raise Stale(found.version)
    return found


async def set_up(tx: Tx, body: SettingUp) -> int:
    """Shifts, posts, people and what they can. Entries that name what is gone go too. Answers the new
    version. Raises Invalid, NotFound, Stale."""
    sheet = await _door(tx, body.roster_id, body.version)
    setup = body.setup.clean(sheet.days)
    old = set(sheet.plan.people)
    await must_work_there(tx, [one for one in setup.people if one not in old], sheet.area_code)
    roster = await ROSTER.get(tx)
    there = [one for one in setup.people if works_there(roster, one, sheet.area_code, tx.now)]
    setup = msgspec.structs.replace(setup, people=there)  # whoever left meanwhile goes
    skills = {who: checked_skills(words) for who, words in body.skills.items()}
    if set(skills) - set(body.setup.people):
        raise NotFound("这个人员")
    skills = {who: words for who, words in skills.items() if who in there}
    await kept.set_up(tx, sheet.id, setup)
    if skills:
        await kept.note_skills(tx, skills)
    rows = list(still_there(setup, sheet.rows))
    return await _new_version(tx, sheet, "setup", rows)


async def put(tx: Tx, body: Putting) -> int:
    """Put somebody in a place by hand; what the checker says is shown, nothing is refused for it.
    Answers the new version. Raises Invalid, NotFound, Stale, SlotBegun."""
    sheet = await _door(tx, body.roster_id, body.version)
    found = await ground(tx, sheet)
    _known(found, body)
    rows = set(sheet.rows)
    if body.was is not None:
        old = Entry(body.day, body.shift, body.post, str(body.was))
        if old not in rows:
            raise NotFound("这个岗次")
        rows.remove(old)
    if body.staff_id is not None:
        rows.add(Entry(body.day, body.shift, body.post, str(body.staff_id)))
    return await _new_version(tx, sheet, "set", list(rows))


def _known(found: Ground, body: Putting) -> None:
    if not found.has(body.day, body.shift, body.post):
        raise NotFound("这个岗次")
    if body.staff_id is not None and str(body.staff_id) not in found.problem.person_of:
        raise NotFound("这个人员")
    if not found.ahead(body.day, body.shift):
        raise SlotBegun()


async def go_back(tx: Tx, body: GoingBack) -> int:
    """An earlier version again. Answers the new one. Raises Invalid, NotFound, Stale."""
    sheet = await _door(tx, body.roster_id, body.version)
    rows = await kept.entries_at(tx, sheet.id, body.number)
    if rows is None:
        raise Invalid.of("number", "这张排班表没有第 {number} 版。", number=body.number)
    return await _new_version(tx, sheet, "back", list(rows))


async def _new_version(tx: Tx, sheet: kept.Sheet, what: str, rows: list[Entry]) -> int:
    number = sheet.version + 1
    await kept.add_version(tx, sheet.id, number, what, rows_of(rows))
    tx.publish(RosterChanged(sheet.id, sheet.area_code, number))
    return number


async def ask(tx: Tx, body: Asking) -> None:
    """Have it worked out by the clock; asked twice is asked once. Raises NotFound, Invalid,
    StillWorking, NothingToRoster, RosterOver."""
    sheet = await _door(tx, body.roster_id)
    if not 0 <= body.seed <= 2_147_483_647:
        raise Invalid.of("seed", "种子应是 0 到 2147483647 的整数。")
    if sheet.work:
        if (sheet.work, sheet.seed) == (body.kind, body.seed):
            return
        raise StillWorking()
    found = await ground(tx, sheet)
    if not found.setup.people or not any(sum(p.counts.values()) for p in found.setup.posts):
        raise NothingToRoster()
    if not found.problem.needs:
        raise RosterOver()
    await kept.ask(tx, sheet.id, body.kind, body.seed)
    tx.publish(RosterAsked(sheet.id, sheet.area_code, body.kind))


async def away(tx: Tx, body: Away) -> None:
    """Several people cannot come: their days say so, and a mended roster is asked for. Raises as `ask`,
    and Invalid where nobody is named."""
    sheet = await _door(tx, body.roster_id)
    if not body.staff_ids or len(body.staff_ids) > PEOPLE_MAX:
        raise Invalid.of("staff_ids", "请勾选不能来的人。")
    if set(body.staff_ids) - set(sheet.plan.people):
        raise NotFound("这个人员")
    _days(tx, body.since, body.until)
    await kept.say(tx, body.staff_ids, body.since, body.until, "away", own=False)
    await ask(tx, Asking(sheet.id, "mend", body.seed))


async def stop(tx: Tx, body: OfRoster) -> None:
    """Work it out no further; nothing of it is kept."""
    sheet = await _door(tx, body.roster_id)
    if sheet.work:
        await kept.rest(tx, sheet.id)


async def drop(tx: Tx, body: OfRoster) -> None:
    """A draft nobody wants. Raises NotFound, AlreadyPublished."""
    sheet = await _door(tx, body.roster_id)
    if sheet.work:
        raise StillWorking()
    if sheet.published or await kept.publications(tx, sheet.id, 1):
        raise AlreadyPublished()
    await kept.drop(tx, sheet.id)
    tx.publish(RosterDropped(sheet.id, sheet.area_code))


async def say(tx: Tx, body: Saying) -> None:
    """What days say: of one's own whether to be spared or to have them, of one's people also that they
    are away. Raises Invalid, NotFound, Forbidden."""
    if body.says not in ("away", "spare", "like", ""):
        raise Invalid.of("says", "请选择不能来、最好不排或想排。")
    whose = body.staff_id or tx.actor.id
    own = whose == tx.actor.id
    if own:
        if not tx.actor.may_somewhere(OWN, tx.now):
            raise Forbidden(OWN.name)
        if body.says == "away":
            raise Invalid.of("says", "不能来请告诉排班的负责人,由他登记。")
    else:
        reach = tx.reach(PLAN)
        grants = (await ROSTER.get(tx)).grants(whose, tx.now)
        if not any(reach.covers(one.area_code) for one in grants):
            raise NotFound("这个人员")
    _days(tx, body.since, body.until)
    await kept.say(tx, [whose], body.since, body.until, body.says, own=own)


def _days(tx: Tx, since: date, until: date) -> None:
    today = local_date(tx.now)
    if not timedelta() <= until - since < timedelta(days=SAID_MAX):
        raise Invalid.of("until", "最后一天不能早于第一天,一次最多 {most} 天。", most=SAID_MAX)
    if not today - _DAYS_OLD <= since <= today + AHEAD + _DAYS_OLD:
        raise Invalid.of("since", "日期离今天太远,请检查。")
