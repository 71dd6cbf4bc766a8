"""The roster a phone carries: the doors of its owner's blocks, floor by floor, and who is behind
them, masked. Small enough for a weak network: a stairwell of 56 households is some 10 kB packed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.i18n import Locale, translate
from wangge.kernel.settings import decided
from wangge.people.acts import RESIDENT_READ
from wangge.registers.kinds import KINDS as REGISTERS
from wangge.sweeps.acts import READ
from wangge.sweeps.answering import masked
from wangge.sweeps.asks import Asks, asks_of
from wangge.sweeps.before import NOTHING, Before, before_of
from wangge.sweeps.counting import unit_of
from wangge.sweeps.kinds import kind_as_opened, kinds_as_opened
from wangge.sweeps.model import (
    CLOSE_HOURS,
    HELP,
    HOW_NAMES,
    OUTCOME_MARKS,
    PERSON_NAMES,
    How,
    Kind,
    Round,
)
from wangge.sweeps.queries import roster as queries
from wangge.sweeps.queries import rounds
from wangge.sweeps.questions import for_phone

#: Blocks in one answer; a phone that has more asks again.
BLOCKS_MAX = 40


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody behind a door, masked. `special`: on the list of those who cannot come out."""

    id: UUID
    name: str
    special: bool


@dataclass(frozen=True, slots=True)
class DoorLine:
    """A door and what stands for it. `version` is what a report made now names as `base`.
    `persons` are exceptions by resident id; `prior` is what stood in the round before; `joined`
    is `moved_in` for a household that came after the opening, `gone` for one that left. `asks` are
    the questions that nobody has a fresh answer to: `key`, or `key@n` of the n-th person; `known`
    are fresh answers that conditions of other questions speak of. Telephones are masked. `what` is
    the name of the register that a stop stands in, "" for homes. `before` are answers of the round
    before to what is asked now, of the day `before_on`: the start, until somebody says them again."""

    id: UUID
    floor: int
    room: str
    label: str
    people: list[PersonLine]
    joined: str
    gone: bool
    prior: str | None
    outcome: str | None
    persons: dict[str, str]
    needs: list[str]
    answers: dict[str, Any]
    version: int
    flagged: list[str]
    tries: int
    asks: list[str]
    known: dict[str, Any]
    what: str
    before: dict[str, Any]
    before_on: date | None


@dataclass(frozen=True, slots=True)
class BlockRoster:
    """One block. `kind` is unit (a stairwell, floor by floor) or road (a street or village: `floor`
    counts down from -1 along it). `mark` is what to ask for changes with. `floors` are those of the
    asker's share; null when all are. `home`: the asker is there for those who are visited at home, and
    knocks at no other door. `visits` are the floors to which whoever knocks on some goes for such visits
    too."""

    id: UUID
    area_code: str
    kind: str
    label: str
    mark: int
    floors: list[list[int]] | None
    home: bool
    visits: list[list[int]]
    wave: int | None
    called_at: datetime | None
    doors: list[DoorLine]


@dataclass(frozen=True, slots=True)
class RoundLine:
    """What a phone must know of a round: its buttons with their words and shapes, what may be said
    of one person, how it may be known, the help that may be asked for; `by_tube` of one in which
    whoever is listed is done by a tube and not by word; `stops` of one that goes to entries of the
    registers; `unit` counts its doors in Chinese (户, 家, 辆, 处). After `wipe_at` a phone
    throws its roster away, whether it has heard of the round's close or not."""

    id: UUID
    kind: str
    kind_name: str
    title: str
    buttons: list[dict[str, Any]]
    questions: list[dict[str, Any]]
    persons: dict[str, str]
    hows: dict[str, str]
    help: dict[str, str]
    tubes: bool
    by_tube: bool
    stops: bool
    unit: str
    turn: int
    opened_at: datetime
    ends_at: datetime
    closed_at: datetime | None
    wipe_at: datetime


@dataclass(frozen=True, slots=True)
class Roster:
    """`more` says that the asker has blocks that did not fit. `at` is the server's clock."""

    at: datetime
    round: RoundLine
    blocks: list[BlockRoster]
    more: bool


@dataclass(frozen=True, slots=True)
class MyBlock:
    """A block somebody has, as listed; `total` and `reported` count their own doors."""

    id: UUID
    area_code: str
    label: str
    total: int
    reported: int
    floors: list[list[int]] | None
    home: bool
    visits: list[list[int]]
    wave: int | None
    called_at: datetime | None


@dataclass(frozen=True, slots=True)
class MyRound:
    """An open round and what of it is mine."""

    round: RoundLine
    blocks: list[MyBlock]


#: How a walker may know; the rest is said by desks and by the system.
_WALKED = (How.DOOR, How.PHONE, How.NEIGHBOUR, How.FAMILY)


def _said(locale: Locale, names: Mapping[Any, str]) -> dict[str, str]:
    return {str(code): translate(locale, words) for code, words in names.items()}


def round_line(round_: Round, kind_: Kind, close_hours: int, locale: Locale) -> RoundLine:
    """For a phone, in its owner's language."""
    return RoundLine(
        round_.id,
        round_.kind,
        translate(locale, kind_.name),
        round_.title,
        [
            {
                "code": b.code.value,
                "words": translate(locale, b.words),
                "settled": b.settled,
                "mark": OUTCOME_MARKS[b.code],
            }
            for b in kind_.buttons
        ],
        [for_phone(question, locale) for question in kind_.questions],
        _said(locale, PERSON_NAMES),
        _said(locale, {how: HOW_NAMES[how] for how in _WALKED}),
        _said(locale, HELP),
        kind_.tubes,
        kind_.by_tube,
        kind_.stops,
        unit_of(kind_),
        round_.pass_n,
        round_.opened_at,
        round_.ends_at,
        round_.closed_at,
        round_.closed_at or round_.ends_at + timedelta(hours=close_hours),
    )


async def mine(tx: Tx, locale: Locale = "zh") -> list[MyRound]:
    """Open rounds in which the asker has a share; four statements."""
    held = await queries.my_blocks(tx)
    if not held:
        return []
    found = {
        round_.id: round_
        for round_ in await queries.rounds_by_id(tx, sorted({b.round_id for b in held}))
    }
    hours = (await decided(tx))(CLOSE_HOURS)
    kinds = await kinds_as_opened(tx, list(found))
    answer: list[MyRound] = []
    for round_id, round_ in found.items():
        kind_ = kinds[round_id]
        answer.append(
            MyRound(
                round_line(round_, kind_, hours, locale),
                [
                    MyBlock(
                        b.id,
                        b.area_code,
                        b.label,
                        b.total,
                        b.reported,
                        *_part(b),
                        b.wave,
                        b.called_at,
                    )
                    for b in held
                    if b.round_id == round_id
                ],
            )
        )
    return answer


def _part(
    block: queries.MyBlockRow | queries.BlockRow,
) -> tuple[list[list[int]] | None, bool, list[list[int]]]:
    """`floors`, `home` and `visits` as a phone is told them."""
    if block.visits and not block.floors:
        return block.visits, True, []
    return None if block.whole else block.floors, False, block.visits


async def roster(
    tx: Tx,
    round_id: UUID,
    blocks: Sequence[UUID],
    marks: Mapping[UUID, int],
    locale: Locale = "zh",
) -> Roster:
    """The roster of some blocks, or of the asker's own when none are named. With `marks`, only
    doors that changed after them. Raises NotFound."""
    reach = tx.reach(READ)
    round_ = await rounds.round_(tx, reach, round_id)
    kind_ = await kind_as_opened(tx, round_id)
    hours = (await decided(tx))(CLOSE_HOURS)
    found = await queries.blocks(
        tx, reach, tx.reach(RESIDENT_READ), round_id, list(blocks), BLOCKS_MAX + 1
    )
    more = len(found) > BLOCKS_MAX
    found = found[:BLOCKS_MAX]
    ids = [block.id for block in found]
    doors = await queries.doors(tx, round_id, ids, [marks.get(id_, -1) for id_ in ids])
    blocks_by_id = {block.id: block for block in found}
    readable = [door for door in doors if blocks_by_id[door.block_id].reads_at(door.floor)]
    reads = {door.id for door in readable}
    people = await _people(tx, readable)
    asks = await asks_of(tx, kind_.questions, doors)
    before = await before_of(tx, round_, kind_, readable, asks)
    by_block: dict[UUID, list[DoorLine]] = {id_: [] for id_ in ids}
    for door in doors:
        start = before.get(door.id, NOTHING)
        line = _door(door, people, asks.get(door.id, Asks()), start, locale)
        by_block[door.block_id].append(line if door.id in reads else _unread(line))
    return Roster(
        tx.now,
        round_line(round_, kind_, hours, locale),
        [
            BlockRoster(
                block.id,
                block.area_code,
                block.kind,
                block.label,
                block.version,
                *_part(block),
                block.wave,
                block.called_at,
                by_block[block.id],
            )
            for block in found
        ],
        more,
    )


async def _people(tx: Tx, doors: Sequence[queries.DoorRow]) -> dict[UUID, str]:
    """Masked names of those listed, for whoever may read residents at all."""
    if not tx.actor.may_somewhere(RESIDENT_READ, tx.now):
        return {}
    ids = [person for door in doors for person in door.people]
    return {row.id: row.name_mask for row in await queries.masks(tx, ids)} if ids else {}


def _unread(line: DoorLine) -> DoorLine:
    """A door for whoever was not sent there and reads no residents there: how far it is, and what
    nobody has answered yet; nothing of the people."""
    places = {f"@{person.id}": f"@{at}" for at, person in enumerate(line.people)}
    answered: set[str] = set()
    for key, value in line.answers.items():
        name, at, person = key.partition("@")
        if value != "":
            answered.add(name + places.get(at + person, at + person))
    return replace(
        line,
        persons={},
        answers={},
        known={},
        asks=[key for key in line.asks if key not in answered],
    )


def _door(
    door: queries.DoorRow,
    names: Mapping[UUID, str],
    asks: Asks,
    before: Before,
    locale: Locale,
) -> DoorLine:
    special = set(door.special)
    return DoorLine(
        door.id,
        door.floor,
        door.room,
        door.label,
        [PersonLine(id_, names.get(id_, ""), id_ in special) for id_ in door.people],
        door.joined,
        door.gone,
        door.prior,
        door.outcome,
        door.persons or {},
        list(door.needs),
        masked(door.answers),
        door.version,
        list(door.flagged),
        door.tries,
        list(asks.keys),
        dict(asks.known),
        translate(locale, REGISTERS[door.what].name) if door.what in REGISTERS else "",
        dict(before.answers),
        before.on,
    )
