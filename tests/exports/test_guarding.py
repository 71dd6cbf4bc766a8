"""Who saw what, what one person may be told, and what is kept: the officer's pages."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest

import small_town as town
from wangge.exports import acts, looks
from wangge.exports.events import ClassHeld
from wangge.exports.model import class_id
from wangge.kernel.actors import Actor, Role, system_actor
from wangge.kernel.database import Tx
from wangge.kernel.http import Installation
from wangge.kernel.moments import local_date, new_id
from wangge.people.model import Post

RoomClient = Callable[..., Awaitable[httpx.AsyncClient]]
As = Callable[[str], Actor]
WHY = "上门前电话约时间"
PERSON = next(one for one in town.homes()[1] if one.area_code.startswith(town.XINGHUA))


async def look(tx: Tx, at: datetime, resident_id: UUID, area: str, reason: str = WHY) -> None:
    await tx.run(
        """
        insert into people_look (id, staff_id, resident_id, area_code, field, reason, at)
        values (:id, :staff, :resident_id, :area, 'phone', :reason, :at)
        """,
        id=new_id(at),
        staff=tx.actor.id,
        resident_id=resident_id,
        area=area,
        reason=reason,
        at=at,
    )


async def test_a_person_is_told_of_every_look_and_of_every_fetched_file(
    app_client: RoomClient, own_installation: Installation
) -> None:
    worker, office = await app_client("grid_worker"), await app_client("community_officer")
    page = await office.get(f"/residents/{PERSON.id}/seen")
    assert page.status_code == 200
    assert "没有人打开过本人的完整信息" in page.text
    revealed = await office.post(
        f"/residents/{PERSON.id}/reveal", data={"field": "phone", "reason": WHY}
    )
    assert revealed.status_code == 200
    database = own_installation.districts["town"].database
    async with database.tx(system_actor("town")) as tx:
        export_id = new_id()
        staff = await tx.one(UUID, "select staff_id from people_look")
        await tx.run(
            """
            insert into exports_export (id, mark, what, spec, title, area_code, people,
                                        full_fields, format, reason, state, asked_by, asked_at)
            values (:id, 'WJ-1', 'people.list', '{}', '住户名单', :area, 1, '{phone}', 'csv',
                    '防台风逐户通知', 'making', :staff, :now)
            """,
            id=export_id,
            area=town.XINGHUA,
            staff=staff,
            now=tx.now,
        )
        await tx.run(
            "insert into exports_person (export_id, resident_id, area_code) "
            "values (:export_id, :resident_id, :area)",
            export_id=export_id,
            resident_id=PERSON.id,
            area=PERSON.area_code,
        )
    assert "防台风逐户通知" not in (await office.get(f"/residents/{PERSON.id}/seen")).text
    async with database.tx(system_actor("town")) as tx:
        await tx.run(
            "insert into exports_fetch (id, export_id, staff_id, at) "
            "values (:id, :export_id, :staff, :now)",
            id=new_id(),
            export_id=export_id,
            staff=staff,
            now=tx.now,
        )
    told = (await office.get(f"/residents/{PERSON.id}/seen")).text
    assert WHY in told
    assert "打开完整的电话" in told
    assert "stack-table" in told, "on a phone a row's cells stand below each other"
    assert all(f'data-label="{word}"' in told for word in ("岗位", "谁", "看了什么", "原因"))
    assert "防台风逐户通知" in told
    assert "社区" in told
    assert (await worker.get(f"/residents/{PERSON.id}/seen")).status_code == 403
    elsewhere = await app_client("community_officer_2")
    assert (await elsewhere.get(f"/residents/{PERSON.id}/seen")).status_code == 404


async def test_what_was_seen_of_a_duplicate_counts_for_whoever_it_was_merged_into(
    tx: Tx,
) -> None:
    other = next(
        one
        for one in town.homes()[1]
        if one.household_id == PERSON.household_id and one != PERSON
    )
    await look(tx, tx.now, other.id, other.area_code)
    assert await looks.seen(tx, PERSON.id, after=None, limit=9) == []
    await tx.run(
        """
        update people_resident set merged_into = :into, ended_why = 'merged', ended_on = :day
         where id = :id
        """,
        into=PERSON.id,
        id=other.id,
        day=local_date(tx.now),
    )
    (seen,) = await looks.seen(tx, PERSON.id, after=None, limit=9)
    assert seen.resident_id == other.id


async def test_a_look_is_told_with_the_post_that_reaches_the_person(tx: Tx) -> None:
    begun = tx.now - timedelta(days=9)

    def post(area: str, *, ended: timedelta | None = None) -> Post:
        until = None if ended is None else tx.now - ended
        role = Role.GRID_HEAD
        return Post(new_id(), tx.actor.id, role, area, (), (), None, False, begun, until)

    await look(tx, tx.now, PERSON.id, PERSON.area_code)
    (seen,) = await looks.seen(tx, PERSON.id, after=None, limit=9)
    street, own = post(town.STREET), post(PERSON.area_code)
    other, over = post("990009"), post(PERSON.area_code, ended=timedelta(days=1))
    assert looks.post_behind([other, street, own], seen) is own
    assert looks.post_behind([other, over, street], seen) is street, "held at that time"
    assert looks.post_behind([other], seen) is other
    assert looks.post_behind([], seen) is None


async def test_a_day_is_unusual_beside_its_own_weeks_only(tx: Tx, as_: As) -> None:
    on = local_date(tx.now)
    reach = as_("data_protection").reach(acts.AUDIT, tx.now)
    for days in range(1, 29):
        await look(tx, tx.now - timedelta(days=days), PERSON.id, PERSON.area_code)
    assert await looks.day(tx, reach, on) == []
    for _ in range(looks.UNUSUAL_MIN - 1):
        await look(tx, tx.now, PERSON.id, PERSON.area_code)
    (few,) = await looks.day(tx, reach, on)
    assert few.area_code == town.XINGHUA
    assert (few.looks, few.usual_looks) == (looks.UNUSUAL_MIN - 1, 1.0)
    assert not few.unusual(3)
    await look(tx, tx.now, PERSON.id, PERSON.area_code)
    (many,) = await looks.day(tx, reach, on)
    assert many.unusual(3)
    assert not many.unusual(11)


async def test_the_list_of_looks_is_paged_and_kept_within_reach(tx: Tx, as_: As) -> None:
    for minutes in range(5):
        await look(
            tx,
            tx.now - timedelta(minutes=minutes),
            PERSON.id,
            PERSON.area_code,
            f"原因第{minutes}",
        )
    reach = as_("data_protection").reach(acts.AUDIT, tx.now)
    read: list[str] = []
    after = None
    while rows := await looks.page_of(tx, reach, area="", after=after, limit=2):
        read += [row.reason for row in rows]
        after = (rows[-1].at, rows[-1].id)
    assert read == [f"原因第{n}" for n in range(5)]
    assert await looks.page_of(tx, reach, area=town.XINGHUA, after=None, limit=9)
    assert not await looks.page_of(tx, reach, area="990001999", after=None, limit=9)
    nobody = as_("grid_worker").reach(acts.AUDIT, tx.now)
    assert not await looks.page_of(tx, nobody, area="", after=None, limit=9)


@pytest.mark.parametrize(
    ("path", "key"), [("/looks", "audit_admin"), ("/keeping", "data_protection")]
)
async def test_the_pages_are_for_those_who_answer_for_the_data(
    app_client: RoomClient, path: str, key: str
) -> None:
    assert (await (await app_client(key)).get(path)).status_code == 200
    assert (await (await app_client("community_officer")).get(path)).status_code == 403


async def test_a_look_at_a_shop_leads_to_the_shop(
    app_client: RoomClient, own_installation: Installation
) -> None:
    officer, auditor = await app_client("data_protection"), await app_client("audit_admin")
    database = own_installation.districts["town"].database
    async with database.tx(system_actor("town")) as tx:
        thing = new_id()
        await tx.run(
            """
            insert into registers_thing (id, kind, area_code, name, confirmed_on, updated_at)
            values (:id, 'shop', :area, '甲乙面馆', :day, :now)
            """,
            id=thing,
            area=town.GRID_1,
            day=local_date(tx.now),
            now=tx.now,
        )
        await tx.run(
            """
            insert into people_look (id, staff_id, thing_id, area_code, field, reason, at)
            select :id, id, :thing, :area, 'person_phone', '挪车通知', :now
              from people_staff limit 1
            """,
            id=new_id(),
            thing=thing,
            area=town.GRID_1,
            now=tx.now,
        )
    link = f"/registers/{thing}"
    assert link in (await officer.get("/looks")).text
    listed = (await auditor.get("/looks")).text
    assert "挪车通知" in listed
    assert link not in listed, "who may not see the registers gets no link that refuses them"


async def test_a_class_is_held_with_a_reason_and_let_go_again(
    app_client: RoomClient, own_installation: Installation
) -> None:
    officer = await app_client("data_protection")
    assert "导出记录" in (await officer.get("/keeping")).text

    async def step(name: str, **given: str) -> httpx.Response:
        return await officer.post(
            f"/keeping/{name}",
            data={"deed": str(new_id()), "class_key": "exports.records", **given},
        )

    refused = await step("hold", days="30", reason="审")
    assert refused.status_code == 422
    assert "至少 4 个字" in refused.text
    assert (await step("hold", days="0", reason="纪委调阅")).status_code == 422
    assert (await step("hold", days="30", reason="纪委调阅")).status_code == 303
    shown = (await officer.get("/keeping")).text
    assert "暂缓到" in shown
    assert "纪委调阅" in shown
    assert (await step("release")).status_code == 303
    assert (await step("release")).status_code == 422
    assert (await step("delete_soon")).status_code == 303
    assert (await step("burn")).status_code == 422
    async with own_installation.districts["town"].database.tx(system_actor("town")) as tx:
        said = await tx.many(
            str,
            "select data::text from kernel_outbox where kind = :kind and subject_id = :id",
            kind=ClassHeld.kind,
            id=class_id("exports.records"),
        )
    assert len(said) == 2
    assert not any("纪委" in one for one in said)
