"""`wangge sweep`: does a round's certificate hold?"""

from uuid import UUID

import click

from wangge.cli.speak import Sorry, _, say
from wangge.cli.target import Place, district, district_option, run, where
from wangge.sweeps.verify import Verified, verify

TROUBLES = {
    "fact-changed": "第 {where} 条事实被改过",
    "door-not-frozen": "户 {where} 不在冻结的名册里",
    "total-differs": "第 {where} 条事实(核对表)的总户数对不上",
    "counts-differ": "第 {where} 条事实(核对表)的分项数对不上",
    "doors-differ": "第 {where} 条事实(核对表)的逐户校验值对不上",
    "account-differs": "第 {where} 条事实对应的核对表被改过",
    "door-differs": "户 {where} 的结果与账本不符",
    "doors-missing": "名册里少了 {where} 户",
    "no-certificate": "这一轮已经结束,账本里却没有它的核对表",
    "certificate-gone": "第 {where} 次出具的核对表,账本里没有",
}
#: Nothing is wrong with what is there.
MILD = {
    "unknown": "{name}:没有编号 {id} 的清查。",
    "still-open": "{name}:这一轮还没有结束,没有核对表可核对。结束后再来。",
    "waiting": "{name}:这一轮有刚来的记录还没有记进账本。请过一会儿再核对;总是这样,请运行 wangge doctor。",
}


@click.group()
def sweep() -> None:
    """清查核对 · check sweep rounds."""


@sweep.command("verify")
@click.argument("round_id", metavar="ROUND")
@where
@district_option
def verify_(place: Place, district: str, round_id: str) -> int:
    """只凭账本重算一轮清查的核对表 · make a round's certificate again from the ledger alone."""
    try:
        wanted = UUID(round_id)
    except ValueError:
        raise Sorry("ROUND 应是一轮清查的编号(页面地址里的那一串)。") from None
    with place.database() as dsn:
        name, found = run(_verify(dsn, district, wanted))
    return report(name, found)


async def _verify(dsn: str, wanted: str, round_id: UUID) -> tuple[str, Verified]:
    row = await district(dsn, wanted)
    return row.name, await verify(dsn, row.schema, round_id)


def report(name: str, found: Verified) -> int:
    """Say what was found. Answers the exit code."""
    if found.whole:
        say(
            _(
                "✓ {name}:{facts} 条事实、{doors} 户、{certificates} 份核对表,全部相符。",
                name=name,
                facts=found.facts,
                doors=found.doors,
                certificates=found.certificates,
            )
        )
        if found.purged:
            say(_("名册已按期删除,以上只凭账本算出。"))
        return 0
    if not found.alarming:
        for trouble in found.troubles:
            say(_(MILD[trouble.what], name=name, id=trouble.where))
        return 1
    for trouble in found.troubles:
        if trouble.what in TROUBLES:
            say(f"✗ {name}: {_(TROUBLES[trouble.what], where=trouble.where)}")
    say(_("核对不上。请保留现场,并运行 wangge audit verify 检查整个账本。"))
    return 1
