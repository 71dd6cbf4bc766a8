"""准入: a table somebody wants from the grass roots is compared with what is held, costed, and
admitted, merged or refused by somebody else than who asks (domain.md §3.6)."""

import asyncio
import secrets
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import msgspec

from wangge.forms.acts import ADMIT, FLAG, READ, REQUEST
from wangge.forms.entries import WORDS, decide_headings
from wangge.forms.events import RequestDecided, RequestFiled, RequestFlagged
from wangge.forms.fresh import freshness
from wangge.forms.headings import pasted, read_headings
from wangge.forms.likeness import NUMBER, REMARK, Match, path_as_said, path_of
from wangge.forms.model import (
    SECONDS_A_FIELD,
    SUBJECTS,
    AskedColumn,
    Burden,
    FlagAnswered,
    Frequency,
    OwnRequest,
    RequestOver,
    columns_of,
    rounds,
)
from wangge.forms.of_registers import of_register, register_of, remembered_as
from wangge.forms.queries import flags as flag_queries
from wangge.forms.queries import requests as queries
from wangge.forms.queries.flags import Flag
from wangge.forms.queries.requests import Request
from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date, new_id
from wangge.kernel.refusals import Invalid, Problem
from wangge.kernel.settings import decided
from wangge.registers.freshness import open_things
from wangge.registers.kinds import KINDS

REASON_MIN = 4
BASIS_MAX = 200


@dataclass(frozen=True, slots=True)
class Checked:
    """What a table asks for, as the admission check shows it."""

    sheet: str
    #: What a row of it is: a resident, a household, a shop …
    subject: str
    matches: tuple[Match, ...]
    columns: tuple[AskedColumn, ...]
    #: How many are asked: households, or the things of a register.
    households: int
    minutes: int

    @property
    def known(self) -> int:
        return sum(1 for c in self.columns if not c.new and not c.filler)

    @property
    def new(self) -> int:
        return sum(1 for c in self.columns if c.new)

    @property
    def unsure(self) -> list[AskedColumn]:
        """Suggestions that somebody has to confirm."""
        return [c for c in self.columns if not c.new and not c.sure]


async def check(
    tx: Tx,
    area_code: str,
    *,
    text: str = "",
    data: bytes = b"",
    name: str = "",
    subject: str = "",
    chosen: dict[str, str] | None = None,
) -> Checked:
    """Read the headings of a table and compare them with the dictionary; nothing is kept.

    `data` is a workbook or CSV, or `text` is pasted; `subject` is what a row of it is, "" for what its
    headings say; `chosen` overrides matches: the heading as shown, or its plain path → key, "" for
    none. Raises the refusals of `headings`, NoHeadings, Forbidden, Invalid.
    """
    tx.require(REQUEST, area_code)
    if subject and subject not in SUBJECTS:
        raise Invalid.of("subject", "请选择这张表一行是什么。")
    words = await WORDS.get(tx)
    if data:
        known = words.matcher(subject or "resident").known
        sheet, headings = await asyncio.to_thread(read_headings, data, name, known)
    else:
        sheet, headings = "", pasted(text)
    subject = subject or register_of([heading.leaf for heading in headings]) or "resident"
    matcher = words.matcher(subject)
    specs = {entry.key: entry.spec for entry in words.dictionary.all()}
    chosen = {path_as_said(words): key for words, key in (chosen or {}).items()}
    matches: list[Match] = []
    for heading in headings:
        match = matcher.match(heading)
        if subject in KINDS:
            match = of_register(match, subject, specs, words.remembered)
        if (path := path_of(heading)) in chosen:
            key = chosen[path] or None
            field = (
                words.dictionary.spec(key).name if key and key not in (NUMBER, REMARK) else ""
            )
            match = Match(heading, key, field or heading.leaf, True, 1.0, "remembered")
        matches.append(match)
    keys = [m.key for m in matches if m.key is not None]
    fresh = {f.key: f for f in await freshness(tx, area_code, keys)}
    columns = columns_of(matches, fresh)
    if subject in KINDS:
        households = await open_things(tx, KINDS[subject], area_code)
    else:
        households = await queries.live_households(tx, area_code)
    asked = sum(1 for c in columns if not c.filler)
    seconds = (await decided(tx))(SECONDS_A_FIELD)
    minutes = max(1, round(asked * seconds / 60)) if asked else 0
    return Checked(sheet, subject, tuple(matches), columns, households, minutes)


@dataclass(frozen=True, slots=True)
class Filing:
    """Who wants the table, on what ground, how often, for how long. `minutes` is what one
    household costs; None takes our estimate."""

    title: str
    asker: str
    area_code: str
    basis: str
    frequency: Frequency
    minutes: int | None = None
    until_date: date | None = None
    file_id: UUID | None = None


async def file_request(
    tx: Tx, filing: Filing, checked: Checked, *, request_id: UUID | None = None
) -> Request:
    """Put a request before whoever may admit it. What was confirmed about its headings is kept for
    the next one. Raises Forbidden, Invalid."""
    tx.require(REQUEST, filing.area_code)
    wrong: list[Problem] = []
    if not 1 <= len(filing.title.strip()) <= 100:
        wrong.append(Problem("title", "请写表名,100 个字以内。"))
    if not 1 <= len(filing.asker.strip()) <= 60:
        wrong.append(Problem("asker", "请写是哪个单位要这张表。"))
    if not 2 <= len(filing.basis.strip()) <= BASIS_MAX:
        wrong.append(Problem("basis", "请写要表的依据(文件名或文号)。没有依据的不受理。"))
    if filing.minutes is not None and not 0 <= filing.minutes <= 240:
        wrong.append(Problem("minutes", "每户所需时间应为 0 到 240 分钟。"))
    if filing.until_date is not None and filing.until_date < local_date(tx.now):
        wrong.append(Problem("until_date", "截止日期已经过了。"))
    if wrong:
        raise Invalid.all(wrong)
    await decide_headings(
        tx,
        {
            remembered_as(checked.subject, m.heading)
            if checked.subject in KINDS
            else path_of(m.heading): m.key or ""
            for m in checked.matches
            if m.sure and m.key
        },
    )
    made = Request(
        request_id or new_id(tx.now),
        secrets.token_urlsafe(18),
        filing.title.strip(),
        filing.asker.strip(),
        filing.area_code,
        filing.basis.strip(),
        filing.frequency.value,
        checked.minutes if filing.minutes is None else filing.minutes,
        filing.until_date,
        checked.subject,
        msgspec.to_builtins(checked.columns),
        checked.known,
        checked.new,
        checked.households,
        filing.file_id,
        "waiting",
        tx.actor.id,
        tx.now,
        None,
        None,
        "",
        None,
        1,
    )
    await queries.insert_request(tx, made)
    tx.publish(
        RequestFiled(
            made.id,
            made.area_code,
            len(checked.columns),
            made.new,
            made.households * made.minutes,
        )
    )
    return made


def asked_columns(request: Request) -> list[AskedColumn]:
    """The columns of a kept request."""
    return msgspec.convert(request.columns, list[AskedColumn])


def burden_of(request: Request) -> Burden:
    """What a request costs, from what was counted when it was filed."""
    begin = local_date(request.filed_at)
    return Burden(
        request.households,
        request.minutes,
        rounds(Frequency(request.frequency), begin, request.until_date),
        len(request.columns),
        request.known,
        request.new,
    )


def reading_reach(tx: Tx) -> Reach:
    """Whose requests somebody sees: those they may decide, and those of areas they read in."""
    return tx.reach(READ)


async def decide_request(
    tx: Tx,
    request_id: UUID,
    verdict: str,
    *,
    reason: str = "",
    merged_into: UUID | None = None,
) -> Request:
    """Admit, merge (into a report, whose door the caller has opened), or refuse with a reason.

    Raises NotFound, Forbidden, OwnRequest, RequestOver, Invalid.
    """
    found = await queries.request(tx, reading_reach(tx), request_id)
    if verdict == "withdrawn":
        if found.filed_by != tx.actor.id:
            raise Invalid.of("verdict", "只有提交的人能撤回。")
    else:
        tx.require(ADMIT, found.area_code)
        if found.filed_by == tx.actor.id:
            raise OwnRequest()
    if verdict not in ("admitted", "merged", "refused", "withdrawn"):
        raise Invalid.of("verdict", "请选择准入、并入或不准入。")
    if verdict == "refused" and len(reason.strip()) < REASON_MIN:
        raise Invalid.of("reason", "不准入要写明原因,至少 {least} 个字。", least=REASON_MIN)
    if (verdict == "merged") != (merged_into is not None):
        raise Invalid.of("merged_into", "并入时要选一张已有的报表。")
    if len(reason) > BASIS_MAX:
        raise Invalid.of("reason", "原因应在 {most} 个字以内。", most=BASIS_MAX)
    if not await queries.decide_request(tx, request_id, verdict, reason.strip(), merged_into):
        raise RequestOver()
    tx.publish(RequestDecided(found.id, found.area_code, verdict))
    return await queries.request(tx, reading_reach(tx), request_id)


# -- flags -----------------------------------------------------------------------------------------


async def flag(tx: Tx, area_code: str, words: str = "", *, flag_id: UUID | None = None) -> UUID:
    """I am asked to fill something that nobody admitted. One tap: words are welcome, not needed.

    Raises Forbidden, Invalid."""
    if not area_code:
        reach = tx.reach(FLAG)
        held = [g.area_code for g in tx.actor.grants if g.live(tx.now) and g.role in FLAG.roles]
        area_code = (list(reach.areas) or held or [""])[0]
    if not (tx.reach(FLAG).covers(area_code) or _narrowly(tx, area_code)):
        tx.require(FLAG, area_code)
    if len(words) > BASIS_MAX:
        raise Invalid.of("words", "说明应在 {most} 个字以内。", most=BASIS_MAX)
    made = flag_id or new_id(tx.now)
    await flag_queries.insert_flag(tx, made, area_code, words.strip())
    tx.publish(RequestFlagged(made, area_code))
    return made


def _narrowly(tx: Tx, area_code: str) -> bool:
    """A stairwell head reaches single units, and may flag in the name of their area."""
    return any(
        g.narrow and g.area_code == area_code and g.live(tx.now) and g.role in FLAG.roles
        for g in tx.actor.grants
    )


async def answer_flag(
    tx: Tx, flag_id: UUID, answer: str, request_id: UUID | None = None
) -> Flag:
    """Tell the worker what becomes of it: not to be filled, or admitted as that request.

    Raises NotFound, Forbidden, FlagAnswered, Invalid."""
    found = await flag_queries.flag(tx, tx.reach(READ), flag_id)
    tx.require(ADMIT, found.area_code)
    if not 2 <= len(answer.strip()) <= BASIS_MAX:
        raise Invalid.of("answer", "请写答复,{most} 个字以内。", most=BASIS_MAX)
    if request_id is not None:
        await queries.request(tx, reading_reach(tx), request_id)
    if not await flag_queries.answer_flag(tx, flag_id, answer.strip(), request_id):
        raise FlagAnswered()
    return await flag_queries.flag(tx, tx.reach(READ), flag_id)
