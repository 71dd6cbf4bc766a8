"""Rows of a register's table judged and kept as lines: which thing each speaks of, and where it is.

Rows that may speak of one thing stand together: their lines have one `home` (the first of their
rows), and are judged, mended and applied together. Forty thousand hydrants of one name, each with its
number, are forty thousand homes: so that a bite stays a bite and a mended cell costs what hangs on
it. A row without a number may be any of them, and is judged beside a few of each sort (`judge_homes`).
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import msgspec

from wangge.imports.acts import act_of
from wangge.imports.columns.mapping import Mapping as Meaning
from wangge.imports.columns.mapping import read_mapping
from wangge.imports.placing import PLACERS, Placement, Placer, chosen, where_of
from wangge.imports.queries import lines, staging, things, together
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
from wangge.registers.tables.matching import Handle
from wangge.registers.tables.there import DoorAt

#: The first marks of a line join rows (`Handles.joins`); then comes its shape; then its other marks.
JOINING, SHAPE = 2, 2


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
    known: "Known"
    home: int

    @property
    def number(self) -> int:
        return self.line.number


class Known(msgspec.Struct, frozen=True):
    """What a row is known by, as keyed marks: its name, and as `JOINING` and `SHAPE` say. `loose` is a row
    that others of its name may outdo: they are told apart by something surer."""

    name: int = 0
    marks: tuple[int, ...] = ()
    loose: bool = False

    @property
    def lookups(self) -> tuple[int, ...]:
        """Marks by which those that outdo it may be found."""
        return (*self.marks[:1], *self.marks[SHAPE + 1 :])


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


def _read(by: Judge, import_id: UUID, row: RowKept, *, seen: bool = False) -> _Read:
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
    return _Read(RowSaid(row.number, texts, door, whom, seen), place, address, troubles)


async def judge(
    tx: Tx, by: Judge, import_id: UUID, rows: Sequence[RowKept], seen: Collection[int] = ()
) -> list[Judged]:
    """Judge rows that hang together, in the order of the table; those of `seen` were previewed as new.
    Five statements."""
    doors = [UUID(str(row.decided["door"])) for row in rows if row.decided.get("door")]
    if doors:
        by = replace(by, chosen={**by.chosen, **await chosen(tx, doors)})
    read = await asyncio.to_thread(
        lambda: [_read(by, import_id, row, seen=row.number in seen) for row in rows]
    )
    judged = await judge_things(tx, by.rules, [one.row for one in read])

    def kept() -> list[Judged]:
        groups, known = Groups(), [_known(by.vault, line) for line in judged]
        for line, own in zip(judged, known, strict=True):
            groups.add(line.number, own.marks[:JOINING])
        return [
            Judged(
                line,
                one.place,
                one.address,
                _said(by, one, line),
                own,
                groups.first(line.number),
            )
            for line, one, own in zip(judged, read, known, strict=True)
        ]

    return await asyncio.to_thread(kept)


async def mark(tx: Tx, by: Judge, import_id: UUID, rows: Sequence[RowKept]) -> None:
    """Lines that say nothing yet but what their rows are known by, to learn which of them stand
    together before any is judged."""

    def taken() -> list[tuple[object, ...]]:
        made = [wish(by.rules, _read(by, import_id, row).row).line for row in rows]
        empty = Said(Person(0, ""), Home(), Where(""))
        known = [_known(by.vault, line) for line in made]
        return [
            (
                *(import_id, line.number, 0, "nothing", "", "open", [], ""),
                *(line.number, own.loose, "", None, "", None, None, None, own.name, 0),
                list(own.marks),
                seal_said(by.vault, import_id, line.number, 0, empty),
            )
            for line, own in zip(made, known, strict=True)
        ]

    await lines.insert_lines(tx, await asyncio.to_thread(taken))


async def group(tx: Tx, import_id: UUID, upto: int) -> None:
    """Give every line the first row of those it stands together with."""
    kept = await together.marks_of(tx, import_id, upto)

    def firsts() -> list[int]:
        groups = Groups()
        for one in kept:
            groups.add(one.number, one.marks[:JOINING])
        return [groups.first(one.number) for one in kept]

    homes = await asyncio.to_thread(firsts)
    await together.set_homes(tx, import_id, [one.number for one in kept], homes)


def _known(vault: Vault, line: Line) -> Known:
    own = line.handles
    if own is None:
        return Known()
    marks = tuple(_mark(vault, one) for one in (*own.joins, own.shape, *own.others))
    if own.key is not None:
        return Known(0, marks)
    return Known(_mark(vault, ("name", own.name)), marks, own.rank > 0)


def _mark(vault: Vault, handle: Handle) -> int:
    said = ":".join(one.hex() if isinstance(one, bytes) else str(one) for one in handle)
    return vault.mark(f"thing:{said}")


async def judge_homes(
    tx: Tx, by: Judge, import_id: UUID, numbers: Sequence[int], *, marked: bool = True
) -> tuple[list[int], list[Judged]]:
    """Judge the rows of whole homes as the whole table would be: beside what they may be confused with,
    and with whatever else of the table speaks of the same thing. Answers all rows judged (those asked
    for and those that turned out to belong to them), and their lines. `marked` when what is kept of
    the rows is what they say now."""
    again = set(numbers)
    while True:
        rows = await staging.rows_of(tx, import_id, sorted(again))
        if marked:
            known = [
                Known(one.door_mark, one.marks, one.head)
                for one in await things.marks_of(tx, import_id, sorted(again))
            ]
        else:
            known = await asyncio.to_thread(_knowing, by, import_id, rows)
        beside = await things.few_beside(
            tx,
            import_id,
            list({one.name for one in known if one.name}),
            list({mark for one in known if one.loose for mark in one.lookups}),
        )
        if beside:
            rows = await staging.rows_of(tx, import_id, sorted(again | set(beside)))
        judged = await judge(tx, by, import_id, rows)
        mine = [one for one in judged if one.number in again]
        targets = list({one.line.thing.id for one in mine if one.line.thing})
        more = set(await things.joined(tx, import_id, [], targets)) if targets else set[int]()
        if more <= again:
            return sorted(again), mine
        again |= more


def _knowing(by: Judge, import_id: UUID, rows: Sequence[RowKept]) -> list[Known]:
    return [
        _known(by.vault, wish(by.rules, _read(by, import_id, row).row).line) for row in rows
    ]


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
        *(one.home, one.known.loose, "", line.dwelling_id, place.reason),
        line.thing.id if line.thing else None,
        None,
        line.thing.version if line.thing else None,
        one.known.name,
        vault.mark(said) if line.verdict == "unplaced" else 0,
        list(one.known.marks),
        seal_said(vault, import_id, line.number, 0, one.said),
    )


async def rejudge(
    tx: Tx, vault: Vault, by: Actor, found: Import, numbers: Sequence[int]
) -> list[int]:
    """Judge rows again, with all that may speak of the same things as they did or do now. Applied lines
    are left as they are."""
    rules = await judge_of(tx, found, by, vault)
    names = set(await things.names_of(tx, found.id, numbers))
    again = set(await things.hanging_on(tx, found.id, numbers)) | set(numbers)
    while True:
        again_, judged = await judge_homes(tx, rules, found.id, sorted(again), marked=False)
        marks = list({mark for one in judged for mark in one.known.marks[:JOINING]})
        names |= {one.known.name for one in judged if one.number in numbers} - {0}
        more = set(await things.joined(tx, found.id, marks, []))
        more |= set(await things.few_beside(tx, found.id, list(names), []))
        if more <= set(again_):
            break
        again = {*again_, *more}
    applied = {one.number for one in await lines.applied_of(tx, found.id, again_)}
    await lines.drop_lines(tx, found.id, again_)
    await keep(tx, vault, found.id, [one for one in judged if one.number not in applied])
    return again_
