"""The desk's taxonomy: a sentence is tried, words are taught and forgotten, newer classes come in."""

from collections.abc import Awaitable, Callable

import httpx

from wangge.cases.classify import classify
from wangge.cases.reference import REFERENCE, starter_not_here
from wangge.kernel.actors import system_actor
from wangge.kernel.http import District

Client = Callable[..., Awaitable[httpx.AsyncClient]]


async def code_of(district: District, text: str) -> str | None:
    async with district.database.tx(system_actor("town"), read_only=True) as tx:
        return classify(text, None, (await REFERENCE.get(tx)).keywords).code


async def test_a_word_is_taught_tried_and_forgotten(
    app_client: Client, own_district: District
) -> None:
    client = await app_client("district_officer", accept="text/html")
    assert await code_of(own_district, "门口有人舞龙灯") is None
    told = await client.post(
        "/classes/E0509/words", data={"word": "舞龙灯", "weight": "4"}, follow_redirects=False
    )
    assert told.status_code == 303
    assert await code_of(own_district, "门口有人舞龙灯") == "E0509"
    tried = await client.get("/classes", params={"tried": "门口有人舞龙灯"})
    assert "因 “舞龙灯” 归为 E0509" in tried.text
    assert "舞龙灯" in (await client.get("/classes/E0509")).text
    await client.post("/classes/E0509/words", data={"word": "舞龙灯", "drop": "1"})
    assert await code_of(own_district, "门口有人舞龙灯") is None


async def test_a_word_that_says_nothing_is_refused_with_the_way_out(
    app_client: Client, own_district: District
) -> None:
    client = await app_client("district_officer", accept="text/html")
    wrong = await client.post("/classes/E0509/words", data={"word": "吵", "weight": "4"})
    assert wrong.status_code == 422
    assert "至少两个字" in wrong.text
    worker = await app_client("grid_worker", accept="text/html")
    refused = await worker.post("/classes/E0509/words", data={"word": "舞龙灯", "weight": "4"})
    assert refused.status_code == 403


async def test_a_district_from_before_takes_in_the_newer_classes(
    app_client: Client, own_district: District
) -> None:
    old = "code like 'C0118%' or code = 'E0110'"
    async with own_district.database.tx(system_actor("town")) as tx:
        await tx.run(
            "update cases_keyword set class_code = 'F0106' "
            f"where class_code in (select code from cases_class where {old})"
        )
        await tx.run(f"delete from cases_class where {old}")
        await tx.run(
            "update cases_class set active = false, name_zh = '本地停用' where code = 'E0202'"
        )
        await tx.run("update cases_class set span_value = '9' where code = 'E0101'")
        await tx.bump("cases")
    assert await code_of(own_district, "路灯不亮") == "F0106"
    client = await app_client("district_officer", accept="text/html")
    shown = await client.get("/classes")
    assert "本区还没有" in shown.text
    assert "C0118 路灯不亮或损坏" in shown.text
    await client.post("/classes/starter")
    assert await code_of(own_district, "路灯不亮") == "C0118"
    async with own_district.database.tx(system_actor("town"), read_only=True) as tx:
        assert await starter_not_here(tx) == ()
        known = (await REFERENCE.get(tx)).classes
    assert "E0202" not in known, "what a district retired stays retired"
    assert known["E0101"].span.value == 9, "what a district changed stays changed"
    codes = list(known)
    assert codes[codes.index("E0110") - 1].startswith("E01"), "beside its kin"
    assert codes[codes.index("C0118") - 1].startswith("C01")
    assert "本区还没有" not in (await client.get("/classes")).text
