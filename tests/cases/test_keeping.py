"""A case that is long over keeps its numbers and loses its people."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

import small_town as town
from wangge import dispatch
from wangge.cases.keeping import TITLE_GONE
from wangge.cases.read import case_view, receipt_view
from wangge.dispatch import Received, Report
from wangge.kernel import files
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.files import Shelf, register_shelf
from wangge.kernel.http import District
from wangge.kernel.moments import new_id
from wangge.kernel.retention import Gone, all_keeps
from wangge.web.rooms import import_rooms

As = Callable[[str], Actor]
import_rooms()

#: Words that only this case says: wherever they still are, a search of the database finds them.
MARK = "麒麟踏雪"
BEFORE = town.NOON + timedelta(seconds=1)


async def ended_case(tx: Tx, as_: As, shelf: Shelf) -> tuple[Received, UUID]:
    """Handled on the spot, with a photo, a caller and a door."""
    photo, worker = new_id(town.NOON), as_("grid_worker")
    tx.actor = worker
    await files.keep(
        tx, shelf, photo, MARK.encode(), "image/jpeg", expires_at=files.loose_until(tx.now)
    )
    report = Report(
        id=new_id(town.NOON),
        by=worker,
        words=f"{MARK}家门口堆放杂物",
        place=f"{MARK}楼下",
        class_code="Z0101",
        area_code=town.GRID_1,
        lon=120.101,
        lat=30.101,
        unit_id=town.unit_id("1-1-1"),
        dwelling_id=town.dwelling_id("1-1-1-101"),
        trusted=True,
        external_id=f"{MARK}-1",
        photos=(photo,),
        contact_sealed=Vault(bytes(32)).seal(town.phone_of(1), b"x"),
        contact_mask="199****0001",
        self_close=f"{MARK}已清走",
    )
    tx.actor = system_actor(tx.actor.district)
    answer = (await dispatch.receive(tx, [report]))[0]
    assert isinstance(answer, Received), answer
    await tx.run(
        """
        insert into cases_search (case_id, reported_at, marks)
        values (:id, :now, array[:mark]) on conflict (case_id) do update set marks = array[:mark]
        """,
        id=answer.id,
        now=tx.now,
        mark=MARK,
    )
    return answer, photo


async def tables_that_say(tx: Tx, text: str) -> set[str]:
    """Every table with that text in any column of any row."""
    tables = await tx.many(
        str,
        """
        select c.relname::text from pg_class c
         where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace
        """,
    )
    found: set[str] = set()
    for table in tables:
        sql = f"select count(*) from {table} t where t::text like '%' || :text || '%'"
        if await tx.one(int, sql, text=text):  # type: ignore[arg-type]
            found.add(table)
    return found


@pytest.fixture
def shelf(tx: Tx, tmp_path: Path) -> Shelf:
    made = Shelf(tmp_path)
    register_shelf(tx.actor.district, made)
    return made


async def test_after_its_time_a_case_is_a_number_and_its_words_are_nowhere(
    tx: Tx, as_: As, shelf: Shelf
) -> None:
    case, _photo = await ended_case(tx, as_, shelf)
    await tx.flush()
    keep = all_keeps()["cases.ordinary"]
    assert await tables_that_say(tx, MARK) == {"cases_case", "cases_step", "cases_search"}
    assert keep.waiting is not None
    assert await keep.waiting(tx, BEFORE) == [Gone(town.GRID_1, 1)]

    assert await keep.purge(tx, BEFORE, keep.bite) == [Gone(town.GRID_1, 1)]
    await tx.flush()
    assert await tables_that_say(tx, MARK) == set()
    assert await keep.purge(tx, BEFORE, keep.bite) == []
    assert await keep.waiting(tx, BEFORE) == []

    tx.actor = as_("district_officer")
    view = await case_view(tx, case.id)
    assert (view.title, view.words, view.photos) == (TITLE_GONE, "", [])
    assert (view.lon, view.contact_mask) == (None, None)
    assert (view.area_code, view.class_code) == (town.GRID_1, "Z0101")
    assert view.steps[0].verb == "report"
    assert (await receipt_view(tx, case.receipt)).stages


async def test_the_bytes_of_a_forgotten_photo_go_after_the_commit(
    tx: Tx, as_: As, shelf: Shelf
) -> None:
    _, photo = await ended_case(tx, as_, shelf)
    sha256 = (await files.kept(tx, photo)).sha256
    keep = all_keeps()["cases.ordinary"]
    await keep.purge(tx, BEFORE, keep.bite)
    assert await tx.one(int, "select count(*) from kernel_file") == 0
    jobs = await tx.many(
        str, "select data ->> 'sha256' from kernel_job where name = 'kernel.unlink'"
    )
    assert jobs == [f'["{sha256}"]']
    assert shelf.path(sha256).exists()
    await files.unlink(tx, {"sha256": [sha256]})
    assert shelf.path(sha256).exists()  # too young: its row may be on its way
    age(shelf, sha256)
    await files.unlink(tx, {"sha256": [sha256]})
    assert not shelf.path(sha256).exists()


def age(shelf: Shelf, sha256: str) -> None:
    os.utime(shelf.path(sha256), (1_700_000_000, 1_700_000_000))


async def test_a_case_that_is_not_over_or_not_over_long_enough_keeps_its_words(
    tx: Tx, as_: As, shelf: Shelf
) -> None:
    case, _ = await ended_case(tx, as_, shelf)
    keep = all_keeps()["cases.ordinary"]
    assert await keep.purge(tx, town.NOON, keep.bite) == []
    await tx.run("update cases_case set ended_at = null where id = :id", id=case.id)
    assert await keep.purge(tx, BEFORE + timedelta(days=9999), keep.bite) == []
    assert "cases_case" in await tables_that_say(tx, MARK)


async def test_a_callers_number_goes_long_before_the_words(
    tx: Tx, as_: As, shelf: Shelf
) -> None:
    case, _ = await ended_case(tx, as_, shelf)
    keep = all_keeps()["cases.contacts"]
    assert await keep.purge(tx, BEFORE, keep.bite) == [Gone(town.GRID_1, 1)]
    left = await tx.one(
        int,
        """
        select count(*) from cases_case
         where id = :id and contact_mask is null and contact_sealed is null and words <> ''
        """,
        id=case.id,
    )
    assert left == 1


async def test_the_story_of_a_case_cannot_be_rewritten_but_for_its_words(
    district: District,
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with district.database.tx(system_actor(district.schema)) as tx:
            await tx.run("update cases_step set verb = 'close'")
