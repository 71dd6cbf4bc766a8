"""Rows of a register's table judged and kept as lines: which thing each speaks of, and where it is.

Rows that may speak of one thing stand together: their lines have one `home` (the first of their
rows), and are judged, mended and applied together.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import msgspec

from wangge.imports.acts import act_of
from wangge.imports.columns.mapping import Mapping as Meaning
from wangge.imports.columns.mapping import read_mapping
from wangge.imports.placing import PLACERS, Placement, Placer, chosen, where_of
from wangge.imports.queries import lines, staging
from wangge.imports.queries.staging import Import, RowKept
from wangge.imports.reading import Address, Home, Person, Reader
from wangge.imports.records import Differs, Rival, Said, Where, open_cells, seal_said
from wangge.imports.things.grouping import Groups
from wangge.imports.troubles import Trouble, of_problem
from wangge.kernel.actors import Actor
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date
from wangge.matching.addresses import SURE
from wangge.registers.kinds import KINDS
from wangge.registers.tables.judging import Line, RowSaid, Rules, wish
from wangge.registers.tables.judging import judge as judge_things
from wangge.registers.tables.there import DoorAt


@dataclass(frozen=True, slots=True)
class Judge:
    """What rows of one table are judged by, as of one transaction."""

    meaning: Meaning
    reader: Reader
    placer: Placer
    rules: Rules
    #: Doors that people chose for rows, by id.
    chosen: dict[UUID, Placement]

    @property
    def vault(self) -> Vault:
        return self.rules.vault


class Judged(msgspec.Struct, frozen=True):
    """A row with its thing and its door, and its line to be kept."""

    line: Line
    place: Placement
    address: Address
    said: Said
    marks: tuple[int, ...]
    home: int

    @property
    def number(self) -> int:
        return self.line.number


class _Read(msgspec.Struct, frozen=True):
    row: RowSaid
    place: Placement
    address: Address
    troubles: tuple[Trouble, ...]


async def judge_of(tx: Tx, found: Import, by: Actor, vault: Vault) -> Judge:
    """By the rules, doors and reach of now."""
    meaning = read_mapping(found.mapping)
    placers = await PLACERS.get(tx)
    reach = by.reach(act_of(found.kind), tx.now)
    return Judge(
        meaning,
        Reader(meaning, found.headings, local_date(tx.now)),
        await placers.of(tx, found.area_code[:12]),
        Rules(KINDS[found.kind], vault, found.area_code, reach, tx.now),
        {},
    )


def _read(by: Judge, import_id: UUID, row: RowKept) -> _Read:
    opened = open_cells(by.vault, import_id, row.number, row.sealed)
    said, address, troubles = by.reader.thing(opened)
    told = row.decided.get("door")
    place = by.chosen.get(UUID(str(told))) if told else None
    if place is None:
        place = by.placer.place(address, sure=by.meaning.sure, make=by.meaning.make)
    door = None
    if place.state in ("placed", "new"):
        assert place.dwelling_id is not None
        assert place.unit_id is not None
        door = DoorAt(
            place.dwelling_id,
            place.unit_id,
            place.area_code,
            place.name,
            place.make.building_id if place.make else None,
        )
    whom = str(row.decided.get("0", ""))
    texts = {**said, "address": address.text}
    return _Read(RowSaid(row.number, texts, door, whom), place, address, troubles)


async def judge(tx: Tx, by: Judge, import_id: UUID, rows: Sequence[RowKept]) -> list[Judged]:
    """Judge rows that hang together, in the order of the table. Five statements."""
    doors = [UUID(str(row.decided["door"])) for row in rows if row.decided.get("door")]
    if doors:
        by = replace(by, chosen={**by.chosen, **await chosen(tx, doors)})
    read = await asyncio.to_thread(lambda: [_read(by, import_id, row) for row in rows])
    judged = await judge_things(tx, by.rules, [one.row for one in read])

    def kept() -> list[Judged]:
        groups, marks = Groups(), [_marks(by.vault, line) for line in judged]
        for line, own in zip(judged, marks, strict=True):
            groups.add(line.number, own)
        return [
            Judged(
                line,
                one.place,
                one.address,
                _said(by, one, line),
                own,
                groups.first(line.number),
            )
            for line, one, own in zip(judged, read, marks, strict=True)
        ]

    return await asyncio.to_thread(kept)


async def mark(tx: Tx, by: Judge, import_id: UUID, rows: Sequence[RowKept]) -> None:
    """Lines that say nothing yet but what their rows are known by, to learn which of them stand
    together before any is judged."""

    def taken() -> list[tuple[object, ...]]:
        made = [wish(by.rules, _read(by, import_id, row).row).line for row in rows]
        empty = Said(Person(0, ""), Home(), Where(""))
        return [
            (
                *(import_id, line.number, 0, "nothing", "", "open", [], ""),
                *(line.number, False, "", None, "", None, None, None, 0, 0),
                list(_marks(by.vault, line)),
                seal_said(by.vault, import_id, line.number, 0, empty),
            )
            for line in made
        ]

    await lines.insert_lines(tx, await asyncio.to_thread(taken))


async def group(tx: Tx, import_id: UUID, upto: int) -> None:
    """Give every line the first row of those it stands together with."""
    kept = await lines.marks_of(tx, import_id, upto)

    def firsts() -> list[int]:
        groups = Groups()
        for one in kept:
            groups.add(one.number, one.marks)
        return [groups.first(one.number) for one in kept]

    homes = await asyncio.to_thread(firsts)
    await lines.set_homes(tx, import_id, [one.number for one in kept], homes)


def _marks(vault: Vault, line: Line) -> tuple[int, ...]:
    return tuple(
        vault.mark(f"thing:{of}:{value.hex() if isinstance(value, bytes) else value}")
        for of, value in line.groups
    )


def _said(by: Judge, one: _Read, line: Line) -> Said:
    place = one.place
    troubles = [
        *(of_problem(problem, refuses=True) for problem in line.problems),
        *one.troubles,
        *(of_problem(problem, refuses=False) for problem in line.notes),
        *_of_place(by, one, line),
    ]
    shown = place.state in ("placed", "new") or line.verdict == "unplaced"
    return Said(
        Person(0, ""),
        Home(),
        where_of(one.address.text, place) if shown else _in_words(one.address.text, place),
        tuple(troubles),
        tuple(Differs(*differs) for differs in line.differs),
        tuple(Rival(rival.id, rival.title, rival.where) for rival in line.rivals),
        line.thing.title if line.thing else "",
        line.title,
        line.beside,
    )


def _in_words(text: str, place: Placement) -> Where:
    """An address that was kept as words, with the doors it may mean."""
    likely = ((place.dwelling_id, place.name),) if place.dwelling_id is not None else ()
    return Where(text, rivals=(*likely, *place.rivals))


def _of_place(by: Judge, one: _Read, line: Line) -> list[Trouble]:
    place = one.place
    percent = round(place.score * 100)
    if place.state == "new":
        return [Trouble("door_new", "door", {"door": place.name})]
    if place.state == "placed":
        likely = {"door": place.name, "score": percent}
        return [Trouble("door_likely", "door", likely)] if place.score < SURE else []
    if line.verdict not in ("new", "changed") or not one.address.text or by.rules.placeless:
        return []
    if line.thing is not None and line.thing.dwelling_id is not None:
        return []
    if place.state == "likely":
        return [Trouble("door_perhaps", "door", {"door": place.name, "score": percent})]
    return [Trouble("door_in_words", "door", {"text": one.address.text[:40]})]


async def keep(tx: Tx, vault: Vault, import_id: UUID, judged: Sequence[Judged]) -> None:
    """Lines by COPY."""

    def rows() -> list[tuple[object, ...]]:
        return [_row(vault, import_id, one) for one in judged]

    await lines.insert_lines(tx, await asyncio.to_thread(rows))


def _row(vault: Vault, import_id: UUID, one: Judged) -> tuple[object, ...]:
    line, place = one.line, one.place
    codes = list(dict.fromkeys(trouble.code for trouble in one.said.troubles))
    said = f"said:{place.said}"
    return (
        *(import_id, line.number, 0, line.verdict, line.why, "open", codes, line.area_code),
        *(one.home, False, "", line.dwelling_id, place.reason),
        line.thing.id if line.thing else None,
        None,
        line.thing.version if line.thing else None,
        0,
        vault.mark(said) if line.verdict == "unplaced" else 0,
        list(one.marks),
        seal_said(vault, import_id, line.number, 0, one.said),
    )


async def rejudge(
    tx: Tx, vault: Vault, by: Actor, found: Import, numbers: Sequence[int]
) -> list[int]:
    """Judge rows again, with all that may speak of the same things. Applied lines are left as they
    are."""
    rules = await judge_of(tx, found, by, vault)
    again = set(numbers) | set(await lines.beside(tx, found.id, numbers, []))
    while True:
        rows = await staging.rows_of(tx, found.id, sorted(again))
        judged = await judge(tx, rules, found.id, rows)
        marks = list({mark for one in judged for mark in one.marks})
        named = await lines.beside(tx, found.id, [], marks) if marks else []
        more = set(await lines.beside(tx, found.id, named, [])) if named else set[int]()
        if more <= again:
            break
        again |= more
    applied = {one.number for one in await lines.applied_of(tx, found.id, sorted(again))}
    await lines.drop_lines(tx, found.id, sorted(again))
    await keep(tx, vault, found.id, [one for one in judged if one.number not in applied])
    return sorted(again)
