"""A street's list, brought and held against the register of the small town."""

from collections.abc import Callable

import small_town as town
from town_fixtures import VAULT
from wangge.kernel import work
from wangge.kernel.actors import Actor
from wangge.kernel.database import Tx
from wangge.matching.numbers import check_character
from wangge.verification import queries
from wangge.verification.bringing import About, bring
from wangge.verification.model import List
from wangge.verification.work import bite

As = Callable[[str], Actor]
ABOUT = About("返乡人员名单", "核对返乡人员现住址", "区疾控", town.STREET, 7)

#: A number with a wrong digit; the first resident's is right.
ID_1 = town.id_number_of(1)
SLIP = ID_1[:15] + str((int(ID_1[15]) + 1) % 10) + ID_1[16:]
HEADINGS = "序号,姓名,身份证号,联系电话,现住址"
ROWS = (
    f"1,甲居民1,{ID_1},{town.phone_of(1001)},杏花苑1幢1单元101室",
    f"2,甲居民1,{SLIP},,",
    f"3,甲居民2,,{town.phone_of(1002)},",
    "4,无此人,,,",
)


def text(*rows: str, headings: str = HEADINGS) -> str:
    return "\n".join((headings, *rows))


async def brought(
    tx: Tx,
    *rows: str,
    headings: str = HEADINGS,
    about: About = ABOUT,
    as_file: bool = False,
) -> List:
    """Brought by whoever acts, as pasted text or as a CSV file."""
    said = text(*(rows or ROWS), headings=headings)
    name = "名单.csv" if as_file else "名单"
    return await bring(tx, VAULT, said.encode() if as_file else said, name, about)


async def checked(
    tx: Tx, as_: As, *rows: str, headings: str = HEADINGS, about: About = ABOUT
) -> List:
    """Brought by a street's officer and held against the register."""
    before, tx.actor = tx.actor, as_("street_officer")
    found = await brought(tx, *rows, headings=headings, about=about)
    tx.actor = before
    return await run(tx, found)


async def run(tx: Tx, found: List) -> List:
    while (taken := await work.take(tx, queries.KIND, found.id)) is not None:
        await bite(tx, taken)
    return await queries.list_of(tx, found.id)


async def states(tx: Tx, found: List) -> list[str]:
    return [row.state for row in await queries.rows_after(tx, found.id, 0, 100)]


#: Headings of `contact_rows`.
CHAINED = HEADINGS + ",密接于,末次接触日期,发病日期"


def contact_rows(count: int) -> list[str]:
    """Contacts, each of an earlier one, with rows of one person in all the ways there are, days that
    never were and somebody whom the list has not."""
    rows: list[str] = []
    for n in range(1, count + 1):
        kind = n % 10
        name, number, phone = f"某某{n // 10}", "", ""
        if kind == 1:
            number, phone = _number(n), town.phone_of(3000 + n)
        elif kind == 2:
            number = _number(n - 1)
        elif kind == 3:
            phone = town.phone_of(3000 + n - 2)
        elif kind == 4:
            number, phone = _number(n), town.phone_of(3000 + n - 3)
        elif kind == 5:
            number = _number(n - 4)[:16] + _number(n - 4)[17]
        elif kind in (6, 7):
            name, number = "甲居民1", ID_1 if kind == 6 else SLIP
        else:
            name, phone = f"另有{n}", town.phone_of(6000 + n)
        end = "2026.2.30" if n % 17 == 0 else f"2026-03-{n % 8 + 1:02d}"
        source = f"TJ{9000 + n}" if n % 23 == 0 else f"TJ{max(1, n - 3)}" if n > 3 else ""
        rows.append(f"TJ{n},{name},{number},{phone},,{source},{end},2026-03-09")
    return rows


def _number(n: int) -> str:
    first = f"9902011980{n % 12 + 1:02d}{n % 28 + 1:02d}{n % 1000:03d}"
    return first + check_character(first)
