"""`wangge audit`: is the ledger of facts whole?"""

import re

import click

from wangge.cli.speak import Sorry, _, say
from wangge.cli.target import Place, district, district_option, run, where
from wangge.kernel.audit import Verdict, verify

FAULTS = {
    "missing": "第 {seq} 条事实不见了",
    "changed": "第 {seq} 条事实被改过",
    "rewritten": "第 {seq} 条事实与您先前记下的校验值不同,之前的账被整个改写过",
    "cut": "从第 {seq} 条起,账的末尾被截掉了",
}


@click.group()
def audit() -> None:
    """核对事实账本 · check the ledger of facts."""


@audit.command("verify")
@where
@district_option
@click.option(
    "--expect",
    default="",
    help="先前记下的 序号:校验值 · a head noted earlier, SEQ:HASH, kept outside the database",
)
def verify_(place: Place, district: str, expect: str) -> int:
    """从第一条起重算哈希链 · recompute the chain from the first fact."""
    noted = read_head(expect)
    with place.database() as dsn:
        name, verdict = run(_verify(dsn, district, noted))
    return report(name, verdict)


@audit.command("head")
@where
@district_option
def head(place: Place, district: str) -> None:
    """核对后印出账尾,请记在库外 · verify, then print the head; note it outside the database."""
    with place.database() as dsn:
        name, verdict = run(_verify(dsn, district, None))
    if report(name, verdict):
        raise SystemExit(1)
    say(f"{verdict.facts}:{verdict.head}")


def read_head(text: str) -> tuple[int, str] | None:
    """SEQ:HASH. Raises Sorry when it is neither empty nor that."""
    if not text:
        return None
    found = re.fullmatch(r"\s*(\d+):([0-9a-fA-F]{64})\s*", text)
    if found is None:
        raise Sorry("--expect 应为“序号:校验值”,即 wangge audit head 印出的那一行。")
    return int(found[1]), found[2].lower()


async def _verify(dsn: str, wanted: str, noted: tuple[int, str] | None) -> tuple[str, Verdict]:
    row = await district(dsn, wanted)
    return row.name, await verify(dsn, row.schema, expect=noted)


def report(name: str, verdict: Verdict) -> int:
    """Say what was found. Answers the exit code."""
    if verdict.whole:
        say(
            _(
                "✓ {name}:{facts} 条事实完整,账尾 {head}。",
                name=name,
                facts=verdict.facts,
                head=verdict.head[:16],
            )
        )
        return 0
    for broken in verdict.breaks:
        say(f"✗ {name}: {_(FAULTS[broken.what], seq=broken.seq)}")
    say(_("账本对不上。请保留现场(不要再写入),并把最近的备份与此比对。"))
    return 1
