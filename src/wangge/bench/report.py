"""`wangge bench report`: a street's table of 40 columns, a line for every household, into .xlsx.

What is known of a household (25 fields) and 15 fields of the district's own, masked, read under
row-level security as a street officer of that street and written as the file that is handed on.
`against` is openpyxl in its write-only mode writing the same cells, read already; `cpu_ms` is what this
process and the database's computed for a line.
"""

import io
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from time import perf_counter, process_time
from typing import Any

import asyncpg
import msgspec

from wangge.bench.options import options
from wangge.bench.register import VAULT, registered
from wangge.bench.rows import Row, process_cpu, show
from wangge.bench.stand import stand
from wangge.kernel.actors import Actor, Grant, Role
from wangge.kernel.database import Database, counting
from wangge.kernel.loops import be_patient, run
from wangge.kernel.moments import new_id, now
from wangge.reports.asking import question
from wangge.reports.making import make
from wangge.reports.model import Col, Rows, Spec
from wangge.reports.queries import Report
from wangge.web.rooms import import_rooms

#: openpyxl ships no types.
_Workbook: Any = import_module("openpyxl").Workbook
#: Households of the street in the seeds, and people behind a door of the invented register.
HOUSEHOLDS, BEHIND_A_DOOR = 51_438, 17 / 7
ROUNDS = 3
OWN = 15
_FIELDS = (
    *("area.street", "area.community", "area.grid", "area.micro_grid", "area.code"),
    *("dwelling.compound", "dwelling.building", "dwelling.unit", "dwelling.room"),
    *("dwelling.address", "dwelling.floor", "dwelling.lift"),
    *("household.label", "household.kind", "household.from_date", "household.to_date"),
    *("household.size", "household.tenure", "household.landlord_name"),
    *("household.landlord_phone", "household.ended_why", "household.head_name"),
    *("household.head_phone", "household.elders", "household.minors"),
)


def main(*, as_json: bool, rest: Sequence[str]) -> int:
    """Options: `--households N`, `--rounds N`."""
    import_rooms()
    asked = options("report", rest, households=HOUSEHOLDS, rounds=ROUNDS)
    be_patient()  # as the server and the worker are
    with stand() as at:
        run(_measure(at.dsn, asked.households, asked.rounds, as_json))
    return 0


async def _measure(dsn: str, households: int, rounds: int, as_json: bool) -> None:
    database = await registered(dsn, "street", round(households * BEHIND_A_DOOR))
    try:
        street = await _own_fields(dsn, database.schema)
        officer = Actor(
            new_id(),
            "staff",
            database.schema,
            (Grant(Role.STREET_OFFICER, street),),
        )
        report = _report(officer, street)
        for _ in range(rounds):
            row, lines = await _once(database, officer, report)
            row = _beside(row, lines)
            show(row, as_json=as_json)
    finally:
        await database.close()


def _report(officer: Actor, street: str) -> Report:
    columns = (*_FIELDS, *(f"household.own_{n}" for n in range(1, OWN + 1)))
    spec = Spec(Rows.HOUSEHOLD, tuple(Col(key) for key in columns))
    at = now()
    return Report(
        id=new_id(),
        name="住户情况表",
        asker="街道",
        area_code=street,
        spec=msgspec.to_builtins(spec),
        personal=True,
        full_names=(),
        template_id=None,
        mapping=[],
        request_id=None,
        owner_id=officer.id,
        every="never",
        rhythm={},
        at_minute=0,
        reason="",
        next_at=None,
        paused_at=None,
        made_at=at,
        changed_at=at,
        closed_at=None,
        version=1,
    )


async def _own_fields(dsn: str, schema: str) -> str:
    """Fifteen fields of the district's own with a value for most households. The street's code."""
    connection = await asyncpg.connect(dsn, command_timeout=600)
    try:
        await connection.execute(f"set search_path = {schema}; set app.areas = 'all'")
        await connection.execute(
            """
            insert into forms_entry (id, key, own, name, meaning, source, kind, purpose, basis,
                                     retention, sensitivity, changed_by, changed_at)
            select gen_random_uuid(), 'household.own_' || n, true, '自有字段' || n, '测速用', 'asked',
                   'text', '测速', 'statutory_duty', 'people.ended', 2, gen_random_uuid(), now()
              from generate_series(1, $1::int) n
            """,
            OWN,
        )
        await connection.execute(
            """
            update people_household h set more = (
                select jsonb_object_agg('own_' || n, '值' || n || left(h.id::text, 4))
                  from generate_series(1, $1::int) n where n % 5 > 0)
            """,
            OWN,
        )
        await connection.execute("vacuum (analyze) people_household")
        return str(
            await connection.fetchval(
                "select left(area_code, 9) from people_household group by 1 order by count(*) desc"
            )
        )
    finally:
        await connection.close()


async def _once(
    database: Database, officer: Actor, report: Report
) -> tuple[Row, list[list[str]]]:
    async with database.tx(officer, read_only=True) as tx:
        process = await tx.one(int, "select pg_backend_pid()")
    began, computed = perf_counter(), _computed(process)
    with counting() as count:
        async with database.tx(officer, read_only=True) as tx:
            made = await make(tx, await question(tx, report), VAULT)
        data, _ = made.finish()
    seconds = perf_counter() - began
    used = _computed(process) - computed
    async with database.tx(officer, read_only=True) as tx:
        asked = await question(tx, report)
        again = await make(tx, asked, VAULT, keep_lines=True)
    again.filler.abandon()
    row = Row(
        f"report households, {len(asked.spec.keys)} columns, {len(data) // 1024} KiB",
        made.rows,
        round(seconds, 3),
        round(made.rows / seconds, 1),
        cpu_ms=round(used / made.rows, 4),
        statements=count.total,
    )
    return row, list(again.texts())


def _computed(process: int) -> float:
    """Milliseconds of CPU of this process and the database's so far."""
    return process_time() * 1000 + (process_cpu(process) or 0.0)


def _beside(row: Row, lines: list[list[str]]) -> Row:
    """The same cells by openpyxl."""
    began = perf_counter()
    book = _Workbook(write_only=True)
    sheet: Any = book.create_sheet("表")
    for line in lines:
        sheet.append(line)
    book.save(io.BytesIO())
    seconds = perf_counter() - began
    return replace(
        row,
        against=f"openpyxl, write-only, same cells: {seconds:.1f} s",
        ratio=round(seconds / row.seconds, 2),
    )
