"""Which column is what: by its heading, as it was the last time, by what stands in it, or as a person
says. Whoever says it lets the rows be held against the register anew."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from wangge.kernel import work
from wangge.kernel.columns import remember, remembered
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Invalid
from wangge.matching import read_id_number
from wangge.people.contents import is_door, is_mobile, looks_a_name, mostly
from wangge.people.model import mask_name
from wangge.verification import queries
from wangge.verification.acts import CHECK
from wangge.verification.columns import FIELDS, Columns, columns_of
from wangge.verification.laws import response_for
from wangge.verification.model import PHASES, List
from wangge.verification.records import hidden, open_cells, seal_cells
from wangge.verification.refusals import ColumnsSettled, ListNotReady, NoColumnOfPeople

#: Rows looked at to see what a column is.
LOOKED = 40
#: The sealed headings of a list that waits for its columns.
HEADINGS = 0
#: What a number with a slip in it is called by `read_id_number`: a list has many.
_SLIPS = ("check", "date", "future", "region", "rounded")


def _an_id_number(cell: str) -> bool:
    reading = read_id_number(cell)
    return reading.value is not None or reading.problem in _SLIPS


#: What a column may be found out to be by its cells, the surest first.
_CONTENTS = (
    ("id_number", _an_id_number),
    ("phone", is_mobile),
    ("address", is_door),
    ("name", looks_a_name),
)


async def columns_for(tx: Tx, headings: Sequence[str]) -> Columns:
    """What such headings mean: as somebody said the last time, else by their words."""
    kept = await remembered(tx, queries.KIND, headings)
    if kept is None:
        return columns_of(headings)
    place = {heading: at for at, heading in enumerate(headings)}
    return Columns(
        {name: place[said] for name, said in kept.items() if name in FIELDS and said in place}
    )


def suggested(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Columns:
    """What the columns seem to be, by their words and then by what stands in them: for a person to
    look at."""
    at = dict(columns_of(headings).at)
    for column in range(len(headings)):
        cells = [row[column].strip() for row in rows if column < len(row)]
        cells = [cell for cell in cells if cell]
        if column in at.values() or not cells:
            continue
        for name, holds in _CONTENTS:
            if name not in at and mostly(cells, holds):
                at[name] = column
                break
    return Columns(at)


def shown(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Headings that nobody has agreed to yet: numbers in them are hidden, and so is a name that stands
    above names."""
    made: list[str] = []
    for column, heading in enumerate(headings):
        cells = [row[column] for row in rows if column < len(row) and row[column]]
        a_name = looks_a_name(heading) and bool(cells) and mostly(cells, looks_a_name)
        made.append(mask_name(heading) if a_name else hidden(heading))
    return made


async def headings_of(tx: Tx, vault: Vault, found: List) -> tuple[str, ...]:
    """A list's headings; the door has opened."""
    if found.phase != "columns":
        return found.headings
    return open_cells(vault, found.id, await queries.one_row(tx, found.id, HEADINGS))


async def choose(
    tx: Tx,
    vault: Vault,
    list_id: UUID,
    columns: Mapping[str, int],
    *,
    headless: bool = False,
) -> List:
    """Say which column (from 0) is what, and let every row be held against the register anew.
    `headless`: what was taken for the headings is somebody, too.

    Raises NotFound, Forbidden, Invalid, ListNotReady, ColumnsSettled, NoColumnOfPeople,
    ContactsNeedResponse.
    """
    found = await queries.one_list(tx, list_id, lock=True)
    tx.require(CHECK, found.area_code)
    waits = found.phase == "columns"
    if not waits and (headless or found.phase not in ("checking", "review")):
        raise ListNotReady(PHASES[found.phase])
    if await queries.has_decisions(tx, list_id):
        raise ColumnsSettled()
    headings = await headings_of(tx, vault, found)
    chosen = _whole(columns, len(headings))
    response_id = found.response_id
    if chosen.of_contacts and response_id is None:
        response_id = (await response_for(tx, found.area_code)).id
    rows = found.rows
    if headless:
        first = await queries.one_row(tx, list_id, HEADINGS)
        rows += 1
        sealed = seal_cells(vault, list_id, rows, headings)
        await queries.add_rows(tx, list_id, [(rows, first.at, sealed)])
        headings = tuple(f"第{at}列" for at in range(1, len(headings) + 1))
    else:
        said = {name: headings[at] for name, at in chosen.at.items()}
        await remember(tx, queries.KIND, headings, found.title, said)
    await queries.set_columns(
        tx, list_id, headings=headings, columns=chosen.at, response_id=response_id, rows=rows
    )
    await queries.begin_again(tx, list_id)
    await queries.note_hand(tx, list_id)
    await work.again(tx, list_id, rows)
    return await queries.list_of(tx, list_id)


def said_twice(at: int) -> Invalid:
    """Two columns for one thing; the one at `at` is the second."""
    return Invalid.of("columns", "第 {n} 列和前面一列选了同一种意思,请只留一列。", n=at + 1)


def _whole(columns: Mapping[str, int], width: int) -> Columns:
    """The columns as they were said. Raises Invalid, NoColumnOfPeople."""
    for name, at in columns.items():
        if name not in FIELDS:
            raise Invalid.of("columns", "没有“{name}”这一项可填。", name=name[:40])
        if not 0 <= at < width:
            raise Invalid.of("columns", "名单里没有第 {n} 列。", n=at + 1)
    twice = [at for at in columns.values() if list(columns.values()).count(at) > 1]
    if twice:
        raise Invalid.of("columns", "第 {n} 列选了两种意思,请只留一种。", n=twice[0] + 1)
    chosen = Columns(dict(columns))
    if not chosen.of_people:
        raise NoColumnOfPeople()
    return chosen
