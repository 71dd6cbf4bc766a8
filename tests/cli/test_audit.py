"""`wangge audit` says whether the ledger is whole, and finds a tail that was cut off."""

import asyncio
from collections.abc import Callable

from cli_kit import VAULT, Wangge, ask, sql

from wangge.kernel.actors import Role, system_actor
from wangge.kernel.database import Database
from wangge.kernel.relay import Relay
from wangge.people.commands.posts import give_post, hire

AREA = "990001001001"


async def say_facts(dsn: str, number: int) -> None:
    database = await Database.connect(dsn, "town", connections=1)
    try:
        for _ in range(number):
            async with database.tx(system_actor("town")) as tx:
                person = await hire(tx, VAULT, "丁样例")
                await give_post(tx, person.id, Role.GRID_HEAD, AREA)
        relay = Relay(database)
        await relay.seal()
        await relay.close()
    finally:
        await database.close()


def test_whole_noted_changed_and_cut(
    wangge: Wangge, copy_of_town: Callable[[str], str], servers: tuple[str, str]
) -> None:
    dsn = copy_of_town("audit")
    asyncio.run(say_facts(dsn, 4))
    head = wangge("audit", "head", "--database-url", dsn)
    assert head.code == 0
    noted = head.out.strip().splitlines()[-1]
    assert noted.startswith("4:")
    assert wangge("audit", "verify", "--database-url", dsn, "--expect", noted).code == 0
    assert wangge("audit", "verify", "--database-url", dsn, "--expect", "4:zz").code == 1

    # The superuser cuts the tail off and mends the chain's end: only the note outside finds it.
    admin = servers[0].rsplit("/", 1)[0] + "/" + dsn.split("?")[0].rsplit("/", 1)[1]
    sql(
        admin,
        "delete from town.kernel_fact where seq = 4",
        "update town.kernel_chain set (seq, hash) ="
        " (select seq, hash from town.kernel_fact where seq = 3)",
    )
    assert wangge("audit", "verify", "--database-url", dsn).code == 0
    cut = wangge("audit", "verify", "--database-url", dsn, "--expect", noted)
    assert cut.code == 1
    assert "截掉" in cut.out
    sql(admin, "update town.kernel_fact set kind = 'people.Nothing' where seq = 2")
    changed = wangge("audit", "verify", "--database-url", dsn)
    assert changed.code == 1
    assert "第 2 条事实被改过" in changed.out
    assert ask(dsn, "select count(*) from town.kernel_fact") == [(3,)]
