"""A message for whoever is asked, sent to a real server on this machine."""

import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import small_town as town
from gateways import Gateway
from wangge import dispatch
from wangge.dispatch import Report, commands, notify, reactions, sending
from wangge.dispatch.sending import SendFailed, allowed, in_json
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.database import Tx
from wangge.kernel.http import District
from wangge.kernel.jobs import later as queue_job
from wangge.kernel.jobs import run_due
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid, Refusal
from wangge.kernel.relay import Relay, listen
from wangge.kernel.settings import decide

As = Callable[[str], Actor]
NOON = town.NOON
assert reactions


async def choose(district: District, **values: Any) -> None:
    async with district.database.tx(system_actor("town"), now=NOON) as tx:
        for name, value in values.items():
            await decide(tx, f"dispatch.{name}", value)


async def take(
    district: District, by: Actor, number: int = 1, *, at: datetime = NOON, **more: Any
) -> None:
    reports = [
        Report(
            id=new_id(at),
            by=by,
            words=f"甲居民1说{n}单元漏水,电话19900001001",
            class_code=more.get("class_code", "E0401"),
            area_code=town.GRID_1,
            trusted=True,
        )
        for n in range(number)
    ]
    async with district.database.tx(system_actor("town"), now=at) as tx:
        for answer in await dispatch.receive(tx, reports):
            assert not isinstance(answer, Refusal)
    await heard(district, at)


async def heard(district: District, at: datetime) -> None:
    """What the worker does: seal, and let the listener listen, at that moment."""
    relay = Relay(district.database)
    await relay.seal()
    await relay.close()
    from wangge.kernel.relay import read_facts

    async with district.database.tx(system_actor("town"), now=at) as tx:
        mark = await tx.maybe(
            int, "select seq from kernel_mark where listener = 'dispatch.notify'"
        )
        facts = await read_facts(tx, mark or 0)
        await notify.note(tx, facts)
        await tx.run(
            """
            insert into kernel_mark (listener, seq) values ('dispatch.notify', :seq)
            on conflict (listener) do update set seq = excluded.seq
            """,
            seq=facts[-1].seq if facts else mark or 0,
        )


async def later(district: District, seconds: float) -> int:
    return await run_due(district.database, "town", now=NOON + timedelta(seconds=seconds))


def no_secrets(text: str) -> None:
    for secret in ("甲居民", "漏水", "1990000", *(person.name for person in town.STAFF)):
        assert secret not in text


async def test_without_settings_nothing_is_queued(own_district: District, as_: As) -> None:
    await take(own_district, as_("grid_worker"))
    async with own_district.database.tx(system_actor("town")) as tx:
        assert await tx.one(int, "select count(*) from kernel_job") == 0


async def test_one_offer_is_one_message_without_secrets(
    own_district: District, as_: As, gateway: Gateway
) -> None:
    await choose(own_district, webhook_url=f"{gateway.url}/bot")
    await take(own_district, as_("grid_worker"))
    assert await later(own_district, 5) == 0
    assert await later(own_district, 11) == 1
    ((method, path, body, media),) = gateway.came
    assert (method, path) == ("POST", "/bot")
    assert media.startswith("application/json")
    text = json.loads(body)["text"]["content"]
    assert "管道破裂" in text
    assert "杏花社区" in text
    assert "街道级" in text
    assert "请在 9 分钟内答复" in text
    assert "紧急" in text
    no_secrets(body)
    assert await later(own_district, 60) == 0


async def test_a_burst_is_one_message_of_counts(
    own_district: District, as_: As, gateway: Gateway
) -> None:
    await choose(own_district, webhook_url=gateway.url)
    for at in range(4):
        await take(own_district, as_("grid_worker"), 25, at=NOON + timedelta(seconds=at))
    await later(own_district, 30)
    await later(own_district, 60)
    ((_, _, body, _),) = gateway.came
    assert "100 件待答复" in body
    assert "杏花社区 100" in body
    no_secrets(body)


async def test_an_offer_that_comes_as_the_message_leaves_gets_the_next_one(
    own_district: District, as_: As, gateway: Gateway
) -> None:
    await choose(own_district, webhook_url=gateway.url)
    await take(own_district, as_("grid_worker"))
    await take(own_district, as_("grid_worker"), at=NOON + timedelta(seconds=9))
    async with own_district.database.tx(system_actor("town")) as tx:
        assert await tx.one(int, "select count(*) from kernel_job") == 2


async def test_what_was_answered_meanwhile_is_not_spoken_of(
    own_district: District, as_: As, gateway: Gateway
) -> None:
    await choose(own_district, webhook_url=gateway.url)
    await take(own_district, as_("grid_worker"))
    async with own_district.database.tx(as_("department_staff"), now=NOON) as tx:
        from uuid import UUID

        await commands.accept(tx, await tx.one(UUID, "select id from tasks_task"))
    assert await later(own_district, 30) == 1
    assert gateway.came == []


async def test_a_gateway_that_is_away_is_tried_again_and_shows(
    own_district: District, as_: As, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    await choose(own_district, webhook_url=f"{gateway.url}/?key=geheim")
    await take(own_district, as_("grid_worker"))
    gateway.status = 500
    with caplog.at_level(logging.INFO):
        await later(own_district, 11)
    assert "geheim" not in caplog.text
    async with own_district.database.tx(system_actor("town")) as tx:
        assert await tx.one(str, "select error from kernel_job") == "SendFailed"
        assert await tx.one(int, "select count(*) from dispatch_notice") == 1
    gateway.status, gateway.says = 200, b'{"errcode": 310000}'
    await later(own_district, 20)
    gateway.says = b'{"errcode": 0}'
    await later(own_district, 60)
    assert len(gateway.came) == 3
    async with own_district.database.tx(system_actor("town")) as tx:
        assert await tx.one(int, "select count(*) from kernel_job") == 0
        assert await tx.one(int, "select count(*) from dispatch_notice") == 0


async def test_the_asked_get_a_text_each_and_not_too_many(
    own_district: District, as_: As, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    await choose(own_district, sms_url=f"{gateway.url}/sms?to={{phone}}&say={{text}}")
    with caplog.at_level(logging.DEBUG):
        await take(own_district, as_("grid_worker"), 3, class_code="Z0101")
        await later(own_district, 11)
        assert len(gateway.came) == 1
        await take(
            own_district,
            as_("grid_worker"),
            at=NOON + timedelta(seconds=60),
            class_code="Z0101",
        )
        await later(own_district, 120)
        assert len(gateway.came) == 1
        await later(own_district, 320)
    assert len(gateway.came) == 2
    asked = parse_qs(urlsplit(gateway.came[0][1]).query)
    number = [p.key for p in town.STAFF].index("grid_worker") + 1
    assert asked["to"] == [town.phone_of(number)]
    assert "3 件" in asked["say"][0]
    assert "4 件" in parse_qs(urlsplit(gateway.came[1][1]).query)["say"][0]
    assert "1990000" not in caplog.text
    async with own_district.database.tx(system_actor("town")) as tx:
        kept = await tx.one(
            str, "select coalesce(string_agg(data::text, ''), '') from kernel_job"
        )
    assert "1990000" not in kept


async def test_a_room_is_texted_too(own_district: District, as_: As, gateway: Gateway) -> None:
    """The screen may be off: whoever answers for the room is told, and nobody of the next one."""
    await choose(own_district, sms_url=f"{gateway.url}/?to={{phone}}&say={{text}}")
    await take(own_district, as_("grid_worker"), class_code="E0102")
    async with own_district.database.tx(system_actor("town"), now=NOON) as tx:
        target = await tx.one(str, "select target from tasks_task")
    assert target == f"role:community_officer@{town.XINGHUA}"
    await later(own_district, 11)
    ((_, path, _, _),) = gateway.came
    said = parse_qs(urlsplit(path).query)
    number = [p.key for p in town.STAFF].index("community_officer") + 1
    assert said["to"] == [town.phone_of(number)]
    assert "1 件派单待答复" in said["say"][0]


async def test_two_messages_queued_for_one_person_are_one_text(
    own_district: District, as_: As, gateway: Gateway
) -> None:
    await choose(own_district, sms_url=f"{gateway.url}/?to={{phone}}&say={{text}}")
    await take(own_district, as_("grid_worker"), class_code="Z0101")
    async with own_district.database.tx(system_actor("town"), now=NOON) as tx:
        asked = {"staff_id": str(town.PEOPLE["grid_worker"].id)}
        await queue_job(tx, "dispatch.sms", asked)
    await later(own_district, 11)
    assert len(gateway.came) == 1


async def test_a_text_by_post_and_one_that_fails_leaves_no_number(
    own_district: District, as_: As, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    await choose(
        own_district,
        sms_url=gateway.url,
        sms_body='{"mobile": "{phone}", "content": "{text}"}',
    )
    await take(own_district, as_("grid_worker"))
    gateway.status = 403
    with caplog.at_level(logging.DEBUG):
        await later(own_district, 11)
    assert "1990000" not in caplog.text
    async with own_district.database.tx(system_actor("town")) as tx:
        error = await tx.one(str, "select error from kernel_job")
        assert await tx.one(int, "select count(*) from dispatch_texted") == 0
    assert error == "SendFailed"
    method, _, body, _ = gateway.came[0]
    assert method == "POST"
    assert json.loads(body)["mobile"].startswith("1990000")


async def test_old_facts_are_no_news(own_district: District, as_: As, gateway: Gateway) -> None:
    await choose(own_district, webhook_url=gateway.url)
    await take(own_district, as_("grid_worker"), at=NOON - timedelta(hours=1))
    async with own_district.database.tx(system_actor("town"), now=NOON) as tx:
        from wangge.kernel.relay import read_facts

        await notify.note(tx, await read_facts(tx, 0))
        fresh = await tx.one(
            int, "select count(*) from dispatch_notice where at = :now", now=NOON
        )
    assert fresh == 0


async def test_the_listener_is_known_to_the_relay(own_district: District) -> None:
    from wangge.kernel.relay import listeners

    assert "dispatch.notify" in listeners()
    assert await listen(own_district.database, "town", "dispatch.notify") == 0


# -- addresses and templates -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://bot.example.org/send?key=1", True),
        ("http://127.0.0.1:9000/x", True),
        ("http://[::1]/x", True),
        ("http://localhost/x", True),
        ("http://bot.example.org/", False),
        ("http://127.0.0.1.example.org/", False),
        ("http://localhost@example.org/", False),
        ("ftp://example.org/", False),
        ("file:///etc/passwd", False),
        ("https://", False),
        ("https://[", False),
        ("https://example.org:port/", False),
        ("https://example.org/a b", False),
    ],
)
def test_only_https_leaves_the_house(url: str, good: bool) -> None:
    assert allowed(url) is good


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("webhook_url", "http://example.org/"),
        ("sms_url", "http://example.org/?p={phone}"),
        ("sms_url", "https://{text}.example.org/?p={phone}"),
        ("webhook_body", "{text}"),
        ("webhook_body", '{"a": "b"}'),
    ],
)
async def test_settings_that_would_leak_are_refused(tx: Tx, key: str, value: str) -> None:
    with pytest.raises(Invalid):
        await decide(tx, f"dispatch.{key}", value)


async def test_redirects_are_not_followed(gateway: Gateway) -> None:
    gateway.status, gateway.location = 302, f"{gateway.url}/elsewhere"
    with pytest.raises(SendFailed):
        await sending.send(gateway.url, b"{}")
    assert len(gateway.came) == 1


async def test_an_address_that_is_not_allowed_is_not_called() -> None:
    with pytest.raises(SendFailed):
        await sending.send("http://example.org/")


def test_text_is_escaped_for_json() -> None:
    made = in_json('{"a": "{text}"}', text='He said "no"\n\\o/')
    assert json.loads(made) == {"a": 'He said "no"\n\\o/'}
