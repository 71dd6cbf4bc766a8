"""One door on the desk: what stands, what was answered, everything ever said, and typing in what
somebody brings on paper or by telephone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from wangge.kernel.crypto import vault_of
from wangge.kernel.database import Tx
from wangge.kernel.http import Asking, asking, do_many, page
from wangge.kernel.http.deeds import Sent
from wangge.kernel.moments import local_date
from wangge.kernel.refusals import Invalid, NotFound, Refusal
from wangge.people.acts import RESIDENT_READ
from wangge.places import ATLAS
from wangge.places.forms import back, fields, many, whole
from wangge.sweeps.acts import DECIDE, READ, REPORT
from wangge.sweeps.answering import masked, opened
from wangge.sweeps.asks import Asks, asks_of, open_keys
from wangge.sweeps.before import NOTHING, Before, before_of
from wangge.sweeps.kinds import kind_as_opened
from wangge.sweeps.model import HOW_NAMES, MET, PERSON_NAMES, How, Kind, Outcome, Round
from wangge.sweeps.paper_pages import filler
from wangge.sweeps.queries import doors, rounds
from wangge.sweeps.queries import roster as roster_queries
from wangge.sweeps.questions import Question
from wangge.sweeps.reporting import Deed, Report, words_context
from wangge.sweeps.showing import common
from wangge.sweeps.sync import sync_of

Asked = Request[Any, Any, Any]

_TYPED = (How.PAPER, How.PHONE, How.NEIGHBOUR, How.FAMILY, How.DOOR)


@dataclass(frozen=True, slots=True)
class Line:
    """A question of one door as shown: `key` is its answer's, `person` a masked name. `asked` says
    that nobody has a fresh answer; `open` that it is still to be asked; `last` is what the round
    before was told."""

    key: str
    question: Question
    person: str
    value: Any
    asked: bool
    open: bool
    flagged: bool
    last: Any


@dataclass(frozen=True, slots=True)
class Telling:
    """One report with what was said in it besides the outcome."""

    told: doors.Told
    answers: list[tuple[str, str]]
    words: str


async def open_of(
    tx: Tx, kind: Kind, rows: list[roster_queries.DoorRow]
) -> dict[UUID, list[str]]:
    """Which questions are still to be asked at these doors, by answers' keys; at most three
    statements."""
    asks = await asks_of(tx, kind.questions, rows)
    today = local_date(tx.now).isoformat()
    found = {
        row.id: open_keys(
            kind.questions, asks[row.id], row.people, row.outcome, row.answers, today
        )
        for row in rows
        if row.id in asks and not row.gone
    }
    return {id_: keys for id_, keys in found.items() if keys}


def _lines(
    kind: Kind,
    row: roster_queries.DoorRow,
    asks: Asks,
    names: Mapping[UUID, str],
    open_: set[str],
    before: Before,
) -> list[Line]:
    answers = masked(row.answers)
    made: list[Line] = []
    for question in kind.questions:
        if question.kind == "note":
            continue
        of_person = question.of == "person"
        for at, person in enumerate(row.people if of_person else (None,)):
            key = f"{question.key}@{person}" if person else question.key
            asked = (f"{question.key}@{at}" if person else question.key) in asks.keys
            made.append(
                Line(
                    key,
                    question,
                    names.get(person, "") if person else "",
                    answers.get(key, ""),
                    asked,
                    key in open_,
                    f"q:{key}" in row.flagged,
                    before.answers.get(key, ""),
                )
            )
    return made


async def _door(
    who: Asking, round_id: UUID, door_id: UUID, refusal: Refusal | None = None
) -> Response[Any]:
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        round_, kind, row = await _opened(tx, round_id, door_id)
        asks = (await asks_of(tx, kind.questions, [row])).get(door_id, Asks())
        reads = await doors.covers(tx, tx.reach(RESIDENT_READ), round_id, door_id)
        before = NOTHING
        if reads:
            found = await before_of(tx, round_, kind, [row], {door_id: asks})
            before = found.get(door_id, NOTHING)
        names = (
            {m.id: m.name_mask for m in await roster_queries.masks(tx, row.people)}
            if reads and row.people
            else {}
        )
        told = await doors.histories(tx, tx.reach(READ), round_id, [door_id])
        kept = await doors.said_of(tx, round_id, door_id) if reads else {}
        place = await doors.place_of(tx, round_id, door_id)
        fillers = await doors.fillers(tx, round_id, row.block_id)
        atlas = await ATLAS.get(tx)
        today = local_date(tx.now).isoformat()
    vault = vault_of(who.actor.district)
    open_ = set(open_keys(kind.questions, asks, row.people, row.outcome, row.answers, today))
    answered_keys = {key for key, value in row.answers.items() if value != ""}
    if not reads:
        # Who may see rounds and not residents sees how far a door is, and nothing of the people.
        row = replace(row, persons=None, answers={})
    lines = _lines(kind, row, asks, names, open_, before)
    by_key = {line.key: line for line in lines}
    tellings: list[Telling] = []
    for one in told.get(door_id, []):
        said = kept.get(one.id)
        shown = masked(said.answers) if said else {}
        tellings.append(
            Telling(
                one,
                [
                    (_asked(by_key[key]), by_key[key].question.told(value, who.locale) or "—")
                    for key, value in shown.items()
                    if key in by_key
                ],
                vault.open(said.words, words_context(one.id)) if said and said.words else "",
            )
        )
    return page(
        who,
        "sweeps/door.html",
        status=refusal.status if refusal else 200,
        round=round_,
        kind=kind,
        door=row,
        place=place,
        names=names,
        named={str(person): name for person, name in names.items()},
        persons={code.value: words for code, words in PERSON_NAMES.items()},
        lines=lines,
        before_on=before.on,
        reads=reads,
        answered=answered_keys,
        open=open_,
        tellings=tellings,
        met={code.value for code in MET},
        how_choices=[(how.value, HOW_NAMES[how]) for how in _TYPED],
        fillers=fillers,
        filled_by=None,
        atlas=atlas,
        locale=who.locale,
        today=today,
        refusal=who.said(refusal),
        **common(who),
    )


def _asked(line: Line) -> str:
    return f"{line.question.words}({line.person})" if line.person else line.question.words


async def _opened(
    tx: Tx, round_id: UUID, door_id: UUID
) -> tuple[Round, Kind, roster_queries.DoorRow]:
    reach = tx.reach(READ)
    round_ = await rounds.round_(tx, reach, round_id)
    kind = await kind_as_opened(tx, round_id)
    block = await doors.block_of(tx, reach, round_id, door_id)
    rows = await roster_queries.doors(tx, round_id, [block], [-1])
    row = next((row for row in rows if row.id == door_id), None)
    if row is None:
        raise NotFound("这一户")
    return round_, kind, row


@get("/sweeps/{round_id:uuid}/doors/{door_id:uuid}")
async def door_page(
    request: Asked, round_id: FromPath[UUID], door_id: FromPath[UUID]
) -> Response[Any]:
    """One door: its line, its answers, its history."""
    return await _door(asking(request), round_id, door_id)


@post("/sweeps/{round_id:uuid}/doors/{door_id:uuid}", status_code=200)
async def type_in(
    request: Asked, round_id: FromPath[UUID], door_id: FromPath[UUID]
) -> Response[Any]:
    """What was typed for one door: `outcome`, `how`, answers as `a-<key>`, single people as
    `p-<resident id>`; `go` is `next` for the next door of the stairwell with something to ask,
    `decide` for a ruling."""
    who, given = asking(request), await fields(request)
    decides = given.get("go") == "decide"
    who.must(DECIDE if decides else REPORT)
    async with who.tx(read_only=True) as tx:
        round_, kind, row = await _opened(tx, round_id, door_id)
        fillers = await doors.fillers(tx, round_id, row.block_id)
        if not await doors.covers(tx, tx.reach(RESIDENT_READ), round_id, door_id):
            # What was not shown cannot have been emptied: only what was typed is said.
            row = replace(row, answers={})
    try:
        answers = await _typed(request, kind, row, given, again=decides)
        if decides:
            answers |= _kept_phones(who, kind, row, answers)
        persons = _persons(row, given, decides=decides)
        how = "desk" if decides else given.get("how") or "paper"
        raw: dict[str, Any] = {
            "round": str(round_id),
            "block": str(row.block_id),
            "door": str(door_id),
            "outcome": given.get("outcome") or (row.outcome if decides else None),
            "how": how,
            "turn": round_.pass_n,
            "base": whole(given.get("base", "")),
            "filled_by": filler(fillers, given, how),
            "answers": answers,
            "persons": persons,
        }
        deed = UUID(given["deed"])
        if decides:
            body = msgspec.convert(raw, Report)
            sync = sync_of(who.district.database, who.district.schema)
            (answer,) = await sync.take([Deed(deed, who.actor, body, decides=True)])
            refused = answer if isinstance(answer, Refusal) else None
        else:
            (done,) = await do_many(who, "sweeps.report", [Sent(deed, raw)])
            refused = done if isinstance(done, Refusal) else None
        if refused is not None:
            raise refused
    except Refusal as refusal:
        return await _door(who, round_id, door_id, refusal)
    at = door_id
    if given.get("go") == "next":
        async with who.tx(read_only=True) as tx:
            rows = await roster_queries.doors(tx, round_id, [row.block_id], [-1])
            waiting = await open_of(tx, kind, rows)
        order = [one.id for one in rows]
        after = order[order.index(door_id) + 1 :] + order[: order.index(door_id)]
        found = next((id_ for id_ in after if id_ in waiting), None)
        if found is None:
            return back(who, f"/sweeps/{round_id}/blocks/{row.block_id}")
        at = found
    return back(who, f"/sweeps/{round_id}/doors/{at}")


async def _typed(
    request: Asked,
    kind: Kind,
    row: roster_queries.DoorRow,
    given: Mapping[str, str],
    *,
    again: bool,
) -> dict[str, Any]:
    """Answers that were typed, as data; what stayed as it was is left out, unless it is all said
    `again`, in a ruling. Raises Invalid."""
    before = masked(row.answers)
    found: dict[str, Any] = {}
    for question in kind.questions:
        for person in row.people if question.of == "person" else (None,):
            key = f"{question.key}@{person}" if person else question.key
            name = f"a-{key}"
            if name not in given and question.kind != "choices":
                continue
            if question.kind == "choices":
                ticked = set(await many(request, name))
                value: Any = " ".join(c.code for c in question.choices if c.code in ticked)
            else:
                value = _read(question, given[name])
            if question.kind == "phone" and value == "":
                continue  # the number that is kept is not shown, so that nothing typed changes nothing
            was = before.get(key, "")
            if value != was or (again and value != ""):
                found[key] = value
    return found


def _kept_phones(
    who: Asking, kind: Kind, row: roster_queries.DoorRow, answers: Mapping[str, Any]
) -> dict[str, Any]:
    """Telephones in dispute for which nothing was typed: a ruling says the one that is shown. What
    is disputed was judged, so that it lies under the door's own id."""
    flagged = {name[2:] for name in row.flagged if name.startswith("q:")}
    held: dict[str, Any] = {
        key: row.answers[key]
        for key in flagged - answers.keys()
        if key in row.answers
        and (question := kind.question(key)) is not None
        and question.kind == "phone"
    }
    return opened(vault_of(who.actor.district), row.id, held)


def _persons(
    row: roster_queries.DoorRow, given: Mapping[str, str], *, decides: bool
) -> dict[str, str]:
    """What is the case with single people, from fields `p-<resident id>`. A ruling, and a visit after
    which some are missing, say it of everybody for whom something is chosen; anything else only
    what was changed. Raises Invalid."""
    whole = decides or given.get("outcome") == Outcome.SOME
    stood = row.persons or {}
    found: dict[str, str] = {}
    for person in map(str, row.people):
        code = given.get(f"p-{person}", "")
        if code and code not in {one.value for one in PERSON_NAMES}:
            raise Invalid.of("persons", "没有这种情况,请从列表里选。")
        if code and (whole or code != stood.get(person)):
            found[person] = code
    return found


def _read(question: Question, text: str) -> Any:
    if text == "":
        return ""
    try:
        if question.kind == "bool":
            return {"1": True, "0": False}[text]
        if question.kind == "number":
            return int(text)
        if question.kind == "decimal":
            return float(text)
    except (KeyError, ValueError) as wrong:
        raise Invalid.of("answers", "“{key}”的回答不对。", key=question.words) from wrong
    return text


ROUTES: list[Any] = [door_page, type_in]
