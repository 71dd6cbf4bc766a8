"""A whole paper roster typed in one go, by the keyboard alone: read line by line while it is typed,
saved door by door, what is wrong left to be mended, and all of it taken back at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from wangge.kernel.database import Tx
from wangge.kernel.http import Asking, asking, do_deed, do_many, page
from wangge.kernel.http.deeds import Sent
from wangge.kernel.i18n import translate
from wangge.kernel.refusals import Invalid, NotFound, Problem, Refusal
from wangge.people.acts import RESIDENT_READ
from wangge.places import ATLAS
from wangge.places.forms import back, fields, speaking, whole
from wangge.sweeps.acts import READ, REPORT
from wangge.sweeps.answering import cleaned
from wangge.sweeps.commands.sheets import tube_id, typed_doors, typed_tubes
from wangge.sweeps.commands.testing import HOLDS, MODE_NAMES
from wangge.sweeps.kinds import kind_as_opened
from wangge.sweeps.model import HOW_NAMES, PERSON_NAMES, How, Kind, Round
from wangge.sweeps.paper_lines import (
    LETTERS,
    PERSON_LETTERS,
    TEXT_MAX,
    Sheet,
    Typed,
    numbered,
    numbers,
    read,
)
from wangge.sweeps.paper_tubes import Codes, Tube, too_full
from wangge.sweeps.queries import doors as door_queries
from wangge.sweeps.queries import labels as label_queries
from wangge.sweeps.queries import roster as roster_queries
from wangge.sweeps.queries import rounds
from wangge.sweeps.queries import testing as tube_queries
from wangge.sweeps.showing import common

Asked = Request[Any, Any, Any]

HOWS = (How.PAPER, How.PHONE, How.NEIGHBOUR, How.FAMILY, How.DOOR)
#: Printings of labels that a round is asked for: twenty sheets of A4 each.
PRINTINGS_MAX = 200
#: How a tube is filled that the round did not print, unless something else is chosen.
OTHER_MODE = "household"


@dataclass(frozen=True, slots=True)
class Stairwell:
    """What a sheet is typed against. `doors` are in the order of their numbers; `fillers` may have
    filled it; `printed` are the labels of a testing round's tubes, None where there are no tubes."""

    round: Round
    kind: Kind
    block: roster_queries.BlockRow
    doors: list[roster_queries.DoorRow]
    fillers: list[door_queries.Filler]
    printed: list[label_queries.Labels] | None

    def read(self, text: str, mode: str | None) -> Sheet:
        """What a text says here, limits of questions and of tubes included. `mode` is that of tubes
        whose codes the round did not print."""
        codes = None
        if self.printed is not None:
            other = mode if mode in HOLDS else OTHER_MODE
            codes = Codes(self.round.id, self.printed, other)
        return judged(read(text, self.kind, self.doors, codes), self.kind)


async def _stairwell(tx: Tx, round_id: UUID, block_id: UUID) -> Stairwell:
    round_ = await rounds.round_(tx, tx.reach(READ), round_id)
    found = await roster_queries.blocks(
        tx, tx.reach(READ), tx.reach(RESIDENT_READ), round_id, [block_id], 1
    )
    if not found:
        raise NotFound("这个楼道")
    rows = await roster_queries.doors(tx, round_id, [block_id], [-1])
    kind = await kind_as_opened(tx, round_id)
    people = await door_queries.fillers(tx, round_id, block_id)
    printed = await label_queries.printed(tx, round_id, PRINTINGS_MAX) if kind.tubes else None
    return Stairwell(round_, kind, found[0], numbered(rows), people, printed)


def judged(sheet: Sheet, kind: Kind) -> Sheet:
    """With answers that break their question's limits said as well, before anything is sent."""
    asked = {question.key: question for question in kind.questions}
    fine: list[Typed] = []
    for typed in sheet.typed:
        try:
            cleaned(asked, typed.answers)
        except Invalid as wrong:
            problem = wrong.problems[0]
            sheet.wrong.append(Problem("lines", problem.words, typed.line, problem.values))
        else:
            fine.append(typed)
    sheet.wrong += too_full(sheet.tubes)
    bad = {problem.row for problem in sheet.wrong}
    # A line is taken whole or not at all, so that what is left of it still means the same.
    sheet.typed = [typed for typed in fine if typed.line not in bad]
    sheet.wrong.sort(key=lambda problem: problem.row or 0)
    return sheet


async def _page(
    who: Asking,
    round_id: UUID,
    block_id: UUID,
    *,
    text: str = "",
    wrong: Sequence[Problem] = (),
    typed: UUID | None = None,
    how: str = "paper",
    filled_by: str | None = None,
    mode: str | None = None,
    undoing: bool = False,
    status: int = 200,
) -> Response[Any]:
    who.must(REPORT)
    async with who.tx(read_only=True) as tx:
        at = await _stairwell(tx, round_id, block_id)
        told = await _told(tx, at, typed) if typed else []
        tubes = await _told_tubes(tx, at, typed) if typed else []
        atlas = await ATLAS.get(tx)
    return page(
        who,
        "sweeps/sheet.html",
        status=status,
        round=at.round,
        kind=at.kind,
        block=at.block,
        doors=at.doors,
        questions=[one for one in at.kind.questions if one.kind != "note"],
        letters={code.value: letter for code, letter in LETTERS.items()},
        person_letters=" ".join(
            f"{letter} {translate(who.locale, PERSON_NAMES[code])}"
            for code, letter in PERSON_LETTERS.items()
        ),
        text=text,
        most=TEXT_MAX,
        wrong=wrong,
        undoing=undoing,
        typed=typed,
        told=told,
        tubes=tubes,
        modes=[(code, translate(who.locale, name)) for code, name in MODE_NAMES.items()],
        mode=mode or OTHER_MODE,
        numbers=numbers(at.doors),
        how=how,
        fillers=at.fillers,
        filled_by=filled_by,
        how_choices=[(one.value, HOW_NAMES[one]) for one in HOWS],
        words=speaking(who),
        atlas=atlas,
        locale=who.locale,
        **common(who),
    )


async def _told(tx: Tx, at: Stairwell, typed: UUID) -> list[roster_queries.DoorRow]:
    """Doors that this typing reported and nobody took back."""
    found = set(await typed_doors(tx, at.round.id, [door.id for door in at.doors], typed))
    return [door for door in at.doors if door.id in found]


async def _told_tubes(tx: Tx, at: Stairwell, typed: UUID) -> list[tube_queries.Code]:
    """Tubes that this typing filled and nobody took back."""
    if at.printed is None:
        return []
    return await typed_tubes(tx, at.round.id, [door.id for door in at.doors], typed)


@get("/sweeps/{round_id:uuid}/blocks/{block_id:uuid}/sheet")
async def sheet_page(
    request: Asked,
    round_id: FromPath[UUID],
    block_id: FromPath[UUID],
    typed: FromQuery[UUID | None] = None,
) -> Response[Any]:
    """Type a whole sheet. `typed` is what was just saved, to be looked at and taken back."""
    return await _page(asking(request), round_id, block_id, typed=typed)


@post("/sweeps/{round_id:uuid}/blocks/{block_id:uuid}/sheet/check", status_code=200)
async def check(
    request: Asked, round_id: FromPath[UUID], block_id: FromPath[UUID]
) -> Response[Any]:
    """What the lines typed so far mean; nothing is kept."""
    who, given = asking(request), await fields(request)
    who.must(REPORT)
    async with who.tx(read_only=True) as tx:
        at = await _stairwell(tx, round_id, block_id)
    sheet = at.read(given.get("lines", "")[:TEXT_MAX], given.get("mode"))
    return page(
        who,
        "sweeps/_sheet.html",
        kind=at.kind,
        sheet=sheet,
        persons={code.value: words for code, words in PERSON_NAMES.items()},
        doors=at.doors,
        words=speaking(who),
        **common(who),
    )


@post("/sweeps/{round_id:uuid}/blocks/{block_id:uuid}/sheet", status_code=200)
async def save(
    request: Asked, round_id: FromPath[UUID], block_id: FromPath[UUID]
) -> Response[Any]:
    """Save what can be read; the rest comes back with what is wrong with it. `lines` is the text,
    `base-<door>` what was seen."""
    who, given = asking(request), await fields(request)
    who.must(REPORT)
    text = given.get("lines", "")
    deed = _deed(given)
    how = given.get("how") if given.get("how") in set(HOWS) else How.PAPER.value
    if len(text) > TEXT_MAX:
        long = [Problem("lines", "一次最多 {most} 个字,请分几次存。", None, {"most": TEXT_MAX})]
        return await _page(who, round_id, block_id, text=text, wrong=long, status=422)
    async with who.tx(read_only=True) as tx:
        at = await _stairwell(tx, round_id, block_id)
    sheet = at.read(text, given.get("mode"))
    filled_by = filler(at.fillers, given, str(how))
    said = [typed for typed in sheet.typed if typed.outcome or typed.persons or typed.answers]
    sent = [_sent(at, typed, deed, given, str(how), filled_by) for typed in said]
    answers = await do_many(who, "sweeps.report", sent) if sent else []
    refused: list[Typed] = []
    for typed, answer in zip(said, answers, strict=True):
        if isinstance(answer, Refusal):
            refused.append(typed)
            words = answer.words(who.locale)
            sheet.wrong.append(Problem("lines", words, typed.line, {}))
    for tube in sheet.tubes_but(refused):
        refusal = await _fill(who, at, tube, deed, filled_by)
        if refusal is not None:
            refused += [one for one in sheet.typed if tube.code in one.tubes.values()]
            words = refusal.words(who.locale)
            sheet.wrong += [Problem("lines", words, line, {}) for line in tube.lines]
    kept = deed if any(typed not in refused for typed in sheet.typed) else None
    if not sheet.wrong:
        path = f"/sweeps/{round_id}/blocks/{block_id}/sheet"
        return back(who, f"{path}?typed={kept}" if kept else path)
    return await _page(
        who,
        round_id,
        block_id,
        text=sheet.left_over(refused),
        wrong=sorted(sheet.wrong, key=lambda problem: problem.row or 0),
        typed=kept,
        how=str(how),
        filled_by=given.get("filled_by"),
        mode=given.get("mode"),
        status=422,
    )


async def _fill(
    who: Asking, at: Stairwell, tube: Tube, deed: UUID, filled_by: str | None
) -> Refusal | None:
    """Put a tube's people into it: as one deed, so that a form sent twice fills it once."""
    id_ = tube_id(deed, tube.code)
    body = {
        "round": str(at.round.id),
        "tube": str(id_),
        "code": tube.code,
        "mode": tube.mode,
        "people": [{"door": str(door), "person": str(person)} for door, person in tube.people],
        "filled_by": filled_by,
    }
    try:
        await do_deed(who, "sweeps.fill_tube", id_, body)
    except Refusal as refusal:
        return refusal
    return None


def _deed(given: Mapping[str, str]) -> UUID:
    try:
        return UUID(given.get("deed", ""))
    except ValueError as wrong:
        raise Invalid.of("deed", "操作编号应是 UUID。") from wrong


def filler(
    fillers: Sequence[door_queries.Filler], given: Mapping[str, str], how: str
) -> str | None:
    """Who filled the paper that is being typed, None where it is none or nobody was named. Raises
    Invalid for somebody who was not offered."""
    chosen = given.get("filled_by") or None
    if chosen is None or how != How.PAPER:
        return None
    if chosen not in {str(one.id) for one in fillers}:
        raise Invalid.of("filled_by", "没有这位填表人,请从列表里选。")
    return chosen


def _sent(
    at: Stairwell,
    typed: Typed,
    deed: UUID,
    given: Mapping[str, str],
    how: str,
    filled_by: str | None,
) -> Sent:
    body = {
        "round": str(at.round.id),
        "block": str(at.block.id),
        "door": str(typed.door.id),
        "outcome": typed.outcome,
        "how": how,
        "turn": at.round.pass_n,
        "base": whole(given.get(f"base-{typed.door.id}", ""), digits=5),
        "answers": typed.answers,
        "persons": {str(person): code for person, code in typed.persons.items()},
        "filled_by": filled_by,
    }
    return Sent(uuid5(deed, str(typed.door.id)), body)


@post("/sweeps/{round_id:uuid}/blocks/{block_id:uuid}/sheet/undo", status_code=200)
async def undo(
    request: Asked, round_id: FromPath[UUID], block_id: FromPath[UUID]
) -> Response[Any]:
    """Take a whole typing back, its tubes and its reports that still stand: all of it or, where
    something is in the way, nothing."""
    who, given = asking(request), await fields(request)
    who.must(REPORT)
    typed = _deed({"deed": given.get("typed", "")})
    body = {"round": str(round_id), "block": str(block_id), "typed": str(typed)}
    try:
        await do_deed(who, "sweeps.take_back_sheet", uuid5(typed, f"undo {block_id}"), body)
    except Refusal as refusal:
        wrong = [Problem("lines", refusal.words(who.locale), None, {})]
        return await _page(
            who, round_id, block_id, wrong=wrong, typed=typed, undoing=True, status=409
        )
    return back(who, f"/sweeps/{round_id}/blocks/{block_id}/sheet")


ROUTES: list[Any] = [sheet_page, check, save, undo]
