"""What a list says stays in its sealed rows: not in logs, facts, deeds, jobs, or any other table."""

import logging
from typing import Any

import pytest
from declaring import a_live_one
from lists_kit import ABOUT, ID_1, SLIP, As

import small_town as town
from wangge.kernel import work
from wangge.kernel.actors import system_actor
from wangge.kernel.http import District
from wangge.verification import api, pages, queries
from wangge.verification import deeds as deeds
from wangge.verification.work import bite

HTML = {"accept": "text/html"}
#: Somebody who is in no register, so that whatever is found of them is the list's.
STRANGER, PHONE, NUMBER = "外来某某", "19900008642", "990199199001010013"
TEXT = (
    "编号,姓名,身份证号,联系电话,密接于,最后接触日期,备注\n"
    f"1,甲居民1,{SLIP},,,2026-03-09,\n"
    f"2,{STRANGER},{NUMBER},{PHONE},2,2026-02-30,同乘一辆车\n"
    f"3,{STRANGER}弟,,{PHONE},1,2026-03-10,\n"
)
SECRETS = (STRANGER, PHONE, NUMBER, SLIP, ID_1, "同乘一辆车")


@pytest.mark.usefixtures("clock")
async def test_nothing_a_list_says_lies_open_anywhere_or_is_logged(
    room_client: Any,
    own_district: District,
    as_: As,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    database = own_district.database
    async with database.tx(system_actor("town"), now=town.NOON) as tx:
        await a_live_one(
            tx, as_("street_officer"), as_("district_officer"), data_items=["contacts"]
        )
    routes = [*pages.ROUTES, *api.ROUTES]
    client = await room_client(routes, as_("street_officer"))
    about = {
        "title": "密接名单",
        "purpose": ABOUT.purpose,
        "asker": ABOUT.asker,
        "area": town.STREET,
        "days": "3",
    }
    made = await client.post("/verification", data={**about, "text": TEXT}, headers=HTML)
    assert made.status_code == 303, made.text
    path = made.headers["location"]
    async with database.tx(system_actor("town"), now=town.NOON) as tx:
        while (taken := await work.take(tx, queries.KIND)) is not None:
            await bite(tx, taken)
    assert (await client.post(f"{path}/accept", data={"number": "1"}, headers=HTML)).is_redirect
    await client.post(f"{path}/questions/2/open", headers=HTML)
    told = {"outcome": "mended", "cell_name": f"{STRANGER}甲", "cell_phone": PHONE}
    answered = await client.post(f"{path}/questions/2", data=told, headers=HTML)
    assert answered.is_redirect, answered.text
    other = await room_client(routes, as_("district_officer"))
    assert (await other.post(f"{path}/sign", headers=HTML)).is_redirect

    async with database.tx(system_actor("town"), now=town.NOON) as tx:
        tables = await tx.many(
            str,
            """
            select table_name::text from information_schema.tables
             where table_schema = current_schema() and table_type = 'BASE TABLE'
               and table_name not like 'people\\_%'
             order by table_name
            """,
        )
        assert {"verification_row", "kernel_deed"} <= set(tables)
        for table in tables:
            lines = await tx.many(str, f"select t::text from {table} t")  # type: ignore[arg-type]
            for secret in SECRETS:
                open_ = [line[:200] for line in lines if secret in line]
                assert not open_, (table, secret)
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert all(secret not in logged for secret in SECRETS)
