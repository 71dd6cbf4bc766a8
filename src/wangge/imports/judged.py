"""Rows of an import judged as of one transaction: what they are judged by, and their lines kept."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from wangge.imports.acts import IMPORT
from wangge.imports.columns.mapping import read_mapping
from wangge.imports.judging import Judge, Line
from wangge.imports.parting import Parting
from wangge.imports.placing import PLACERS, chosen
from wangge.imports.queries import lines, together
from wangge.imports.queries.staging import Import, RowKept
from wangge.imports.reading import Reader
from wangge.imports.records import Said, open_said, seal_said
from wangge.imports.seen import Seen
from wangge.kernel.actors import Actor
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date
from wangge.people.tags import kinds


async def judge_of(tx: Tx, found: Import, by: Actor, vault: Vault) -> Judge:
    meaning = read_mapping(found.mapping)
    placers = await PLACERS.get(tx)
    reader = Reader(meaning, found.headings, local_date(tx.now))
    placer = await placers.of(tx, found.area_code)
    parting = Parting(found.id, meaning, reader, placer, vault)
    return Judge(parting, by.reach(IMPORT, tx.now), await kinds(tx), {})


async def with_chosen(tx: Tx, by: Judge, rows: Sequence[RowKept]) -> Judge:
    """With the doors that people chose for these rows."""
    doors = [UUID(str(row.decided["door"])) for row in rows if row.decided.get("door")]
    return replace(by, chosen=await chosen(tx, doors)) if doors else by


async def seen_before(tx: Tx, import_id: UUID, upto: int, but: Sequence[int] = ()) -> Seen:
    seen = Seen()
    for mark in await together.marks_of(tx, import_id, upto, but):
        seen.add(
            (mark.number, mark.part), mark.door_mark, mark.marks, mark.home, head=mark.head
        )
    seen.upto = upto
    return seen


async def keep_lines(tx: Tx, vault: Vault, import_id: UUID, judged: Sequence[Line]) -> None:
    def rows() -> list[tuple[object, ...]]:
        return [
            (
                *(import_id, one.number, one.part, one.verdict, one.why, "open"),
                *(list(one.troubles), one.area_code, one.home, one.head, one.said.home.kind),
                *(one.dwelling_id, one.place_reason),
                one.target.id if one.target else None,
                one.target.household_id if one.target else None,
                one.target.version if one.target else None,
                *(one.door_mark, one.said_mark, list(one.marks)),
                seal_said(vault, import_id, one.number, one.part, one.said),
            )
            for one in judged
        ]

    await lines.insert_lines(tx, await asyncio.to_thread(rows))


def opened_lines(
    vault: Vault, import_id: UUID, kept: Sequence[lines.LineKept]
) -> list[tuple[lines.LineKept, Said]]:
    """Lines with what they say, for a page."""
    return [
        (line, open_said(vault, import_id, line.number, line.part, line.sealed))
        for line in kept
    ]
