"""A pasted list of who goes to live where: the door that a household lives behind, and its new one."""

import asyncio
import re
from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from wangge.imports.queries import bulk_homes as queries
from wangge.imports.queries.bulk_homes import DoorThere, HomeThere
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Invalid
from wangge.matching import Doors
from wangge.people.acts import RESIDENT_READ
from wangge.places import closed_list

#: Lines of one list, and characters of all of them.
LINES_MAX, TEXT_MAX = 500, 60_000

#: What may stand between two doors, the surest first: a column's end, an arrow, a word, a mark, a gap.
_BETWEEN = (
    r"\t+",
    r"\s*(?:→|⇒|-+>|=+>|—+>)\s*",
    r"\s*(?:搬到|搬至|迁到|迁至|改为)\s*",
    r"\s*[,,;;]\s*",
    r"\s{2,}",
    r"\s",
)


@dataclass(frozen=True, slots=True)
class Pair:
    """One line: the household and the door it moves to. `why` says why it leads nowhere: `no_pair`,
    `no_from`, `no_to`, `nobody`, `several`, `again`; "" when both are known."""

    said: str
    said_to: str = ""
    why: str = ""
    home: HomeThere | None = None
    to: DoorThere | None = None


def lines_of(text: str) -> list[tuple[str, str]]:
    """The two doors of each line; ("…", "") for a line that does not say two. Blank lines and a heading
    (a first line without a number) say nothing. Raises Invalid."""
    if len(text) > TEXT_MAX:
        raise Invalid.of("lines", "一次最多 {most} 行,请分几次做。", most=LINES_MAX)
    found: list[tuple[str, str]] = []
    for line in text.splitlines():
        said = line.strip()
        if not said or (not found and not re.search(r"[0-9一二三四五六七八九十]", said)):
            continue
        found.append(_two(said))
        if len(found) > LINES_MAX:
            raise Invalid.of("lines", "一次最多 {most} 行,请分几次做。", most=LINES_MAX)
    if not found:
        raise Invalid.of("lines", "请粘贴名单:一行一户,先写原门牌,再写新门牌。")
    return found


def _two(line: str) -> tuple[str, str]:
    for between in _BETWEEN:
        parts = [part.strip() for part in re.split(between, line) if part.strip()]
        if len(parts) == 2:
            return parts[0], parts[1]
        if len(parts) > 2:
            break
    return line, ""


async def pairs(tx: Tx, area: str, text: str) -> list[Pair]:
    """Who is meant and where to, line by line, among the doors of an area. Two statements, and one where
    the area's list of doors is not held yet. Raises Invalid."""
    said = lines_of(text)
    doors = await closed_list(tx, area)
    known = await asyncio.to_thread(_doors, doors, said)
    reach = tx.reach(RESIDENT_READ)
    behind: dict[UUID, list[HomeThere]] = {}
    for home in await queries.homes(tx, reach, doors=[at for at, _ in known if at is not None]):
        behind.setdefault(home.dwelling_id, []).append(home)
    to = {
        one.id: one
        for one in await queries.doors_of(
            tx, reach, ids=[at for _, at in known if at is not None]
        )
    }
    times = Counter(at for at, _ in known if at is not None)
    found: list[Pair] = []
    for (old, new), (from_id, to_id) in zip(said, known, strict=True):
        homes = behind.get(from_id, []) if from_id is not None else []
        door = to.get(to_id) if to_id is not None else None
        why = (
            "no_pair"
            if not new
            else "no_from"
            if from_id is None
            else "no_to"
            if door is None
            else "again"
            if times[from_id] > 1
            else "several"
            if len(homes) > 1
            else ""
            if homes
            else "nobody"
        )
        found.append(Pair(old, new, why, None if why else homes[0], None if why else door))
    return found


def _doors(doors: Doors, said: list[tuple[str, str]]) -> list[tuple[UUID | None, UUID | None]]:
    return [(_door(doors, old), _door(doors, new)) for old, new in said]


def _door(doors: Doors, words: str) -> UUID | None:
    """Only a door that may be taken without asking: nobody is moved on a guess."""
    placed = doors.resolve(words) if words else None
    return placed.door.dwelling_id if placed and placed.door and placed.sure else None
