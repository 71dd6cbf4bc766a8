"""A house list of the small town, and the road of an import in one call."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

import small_town as town
from town_fixtures import VAULT
from wangge.imports import judged, mending, uploading, work
from wangge.imports.columns.mapping import Mapping
from wangge.imports.queries import lines, staging
from wangge.imports.queries.staging import Import
from wangge.imports.records import Said
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.database import Database, Tx

As = Callable[[str], Actor]

HEADINGS = "门牌 姓名 与户主关系 性别 身份证号 联系电话"


def number_of(birth: str, n: int) -> str:
    """An identity number of nobody's: born that day, the n-th of them."""
    body = f"990001{birth.replace('-', '')}{n:03d}"
    total = sum(int(digit) * (1 << (17 - at)) for at, digit in enumerate(body))
    return body + "10X98765432"[total % 11]


def table(*rows: str, headings: str = HEADINGS) -> bytes:
    """A CSV of rows whose cells are parted by spaces; `-` is a blank cell."""
    text = [headings, *rows]
    cells = [["" if cell == "-" else cell for cell in row.split(" ")] for row in text]
    return "\n".join(",".join(row) for row in cells).encode()


@dataclass(frozen=True)
class Shown:
    """A line of a review."""

    at: int
    name: str
    verdict: str
    why: str
    troubles: tuple[str, ...]
    state: str
    said: Said

    @property
    def brief(self) -> tuple[int, str, str]:
        return self.at, self.name, self.verdict


class Office:
    """A community's office at its imports: what it does, it does in transactions of its own."""

    def __init__(self, database: Database, actor: Actor, now: datetime = town.NOON) -> None:
        self.database, self.actor, self.now = database, actor, now

    async def upload(self, data: bytes | str, name: str = "名册.csv", **more: Any) -> Import:
        async with self.database.tx(self.actor, now=self.now) as tx:
            return await uploading.stage(tx, VAULT, data, name, **more)

    async def judged(
        self, data: bytes | str, meaning: Mapping | None = None, *, area: str = "", **more: Any
    ) -> Import:
        """Uploaded and looked at, with nothing done."""
        found = await self.upload(data, **more)
        async with self.database.tx(self.actor, now=self.now) as tx:
            await uploading.agree(tx, found.id, meaning, area=area or None)
        await self.run(found)
        return await self.see(found)

    async def run(self, found: Import) -> None:
        """What the worker does."""
        await work.run(self.database, found.id, now=self.now)

    async def see(self, found: Import) -> Import:
        async with self.database.tx(self.actor, now=self.now) as tx:
            return await uploading.door(tx, found.id)

    async def lines(self, found: Import, **more: Any) -> list[Shown]:
        async with self.database.tx(self.actor, now=self.now) as tx:
            kept = await lines.page(tx, found.id, limit=1000, **more)
        return [
            Shown(
                line.at,
                said.person.name,
                line.verdict,
                line.why,
                line.troubles,
                line.state,
                said,
            )
            for line, said in judged.opened_lines(VAULT, found.id, kept)
        ]

    async def brief(self, found: Import) -> list[tuple[int, str, str]]:
        return [line.brief for line in await self.lines(found)]

    async def apply(self, found: Import, **more: Any) -> Import:
        async with self.database.tx(self.actor, now=self.now) as tx:
            await work.apply(tx, found.id, **more)
        await self.run(found)
        return await self.see(found)

    async def imported(self, data: bytes | str, meaning: Mapping | None = None) -> Import:
        """Uploaded, looked at, taken."""
        return await self.apply(await self.judged(data, meaning))

    async def undo(self, found: Import) -> Import:
        async with self.database.tx(self.actor, now=self.now) as tx:
            await work.undo(tx, found.id)
        await self.run(found)
        return await self.see(found)

    async def mend(
        self, found: Import, at: int, cells: dict[str, str] | None = None, **decided: str
    ) -> list[int]:
        """Change a row of the (first) sheet, as its page would."""
        async with self.database.tx(system_actor("town"), now=self.now) as tx:
            number = await tx.one(
                int,
                "select number from imports_row where import_id = :id and at = :at",
                id=found.id,
                at=at,
            )
            told = {key.removeprefix("_"): value for key, value in decided.items()}
            return await mending.mend(
                tx,
                VAULT,
                self.actor,
                await staging.import_of(tx, found.id),
                [mending.Mend(number, cells or {}, told)],
            )


class _One:
    """A database of one transaction: whoever asks for another gets this one."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    @asynccontextmanager
    async def tx(self, actor: Actor, **_: Any) -> AsyncGenerator[Tx]:
        self._tx.actor = actor
        yield self._tx


class Desk(Office):
    """An office in one transaction that is rolled back at the end: it needs no town of its own."""

    def __init__(self, tx: Tx, actor: Actor) -> None:
        super().__init__(cast("Database", _One(tx)), actor)

    async def run(self, found: Import) -> None:
        async with self.database.tx(system_actor("town")) as tx:
            while await work.on_the_clock(tx):
                pass


@dataclass(frozen=True)
class Resident:
    name: str
    door: str
    relation: str
    sex: str
    birth_date: date | None
    phone_mask: str
    id_mask: str
    ended: bool
    tags: tuple[str, ...]


async def residents(database: Database, names: Sequence[str] = ()) -> list[Resident]:
    """Who is in the register, by name."""
    async with database.tx(system_actor("town"), read_only=True) as tx:
        return await tx.many(
            Resident,
            """
            select t.name, d.name as door, t.relation, t.sex, t.birth_date, t.phone_mask, t.id_mask,
                   t.ended_on is not null as ended, t.tags
              from people_resident t
              join people_household h on h.id = t.household_id
              join places_dwelling d on d.id = h.dwelling_id
             where cardinality(:names::text[]) = 0 or t.name = any (:names)
             order by t.name, d.name
            """,
            names=list(names),
        )


async def count(database: Database, what: str) -> int:
    """How many residents, households or doors there are."""
    statements = {
        "residents": "select count(*) from people_resident where ended_on is null",
        "households": "select count(*) from people_household where to_date is null",
        "doors": "select count(*) from places_dwelling",
        "images": "select count(*) from people_change",
    }
    async with database.tx(system_actor("town"), read_only=True) as tx:
        sql: Any = statements[what]
        found: int = await tx.one(int, sql)
        return found


async def everything(tx: Tx) -> list[str]:
    """The whole register as text, but for versions and moments."""
    return await tx.many(
        str,
        """
        select (to_jsonb(t) - 'updated_at' - 'version' - 'confirmed')::text as row
          from people_resident t
        union all
        select (to_jsonb(h) - 'updated_at' - 'version' - 'confirmed')::text from people_household h
        union all select to_jsonb(d)::text from places_dwelling d
        union all select (to_jsonb(g) - 'updated_at' - 'version')::text from people_tag g
        union all select (to_jsonb(s) - 'updated_at' - 'version')::text from people_residence s
        order by row
        """,
    )
