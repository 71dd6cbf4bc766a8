"""`wangge demo`: the invented town, and what is said about it."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from wangge.cli.serving import Serving, stoppable
from wangge.cli.speak import Progress, Sorry, _, chosen, say, table
from wangge.cli.target import Place, where
from wangge.cli.target import run as do
from wangge.demo.accounts import PASSWORD, PRINTED
from wangge.demo.there import Loaded, begun_scale, loaded
from wangge.kernel.actors import ROLE_NAMES, Role
from wangge.kernel.districts import list_districts
from wangge.worker.children import ChildPlan

if TYPE_CHECKING:
    from wangge.demo.town import Scale

SCALES: "tuple[Scale, ...]" = ("community", "street", "county")
SCALE_NAMES = {"community": "一个社区", "street": "一个街道", "county": "一个区(县)"}

TRY_ZH = (
    "用 street 登录指挥室:{address}/ —— 看地图、看案件、看谁没有应答",
    "用 worker 打开手机端:{address}/field/ —— 断网后上报一处“水管爆裂”,联网后看它自动送达",
    "居民入口,不用账号:{address}/r —— 扫楼道码上报,拿回执号查进度",
    "在案件页点开一件:每一步是谁、什么时候、为什么这样派,都在",
    "用 department10 接单、处置、拍照;再用 dispatcher 核查结案",
    "拔掉电源再启动也不会丢:已经答复“收到”的,都在",
)
TRY_EN = (
    "Sign in as street: {address}/ — the map, the cases, the offers nobody has answered",
    "Open {address}/field/ as worker — cut the network, report a burst pipe, go online again",
    "A resident needs no account: {address}/r — report by a stairwell's code, follow the receipt",
    "Open any case: every step, who, when, and why it was sent there",
    "Accept, handle and photograph as department10; inspect and close as dispatcher",
    "Pull the plug and start again: whatever was answered with “received” is there",
)


@click.command()
@click.option(
    "--scale",
    type=click.Choice(SCALES),
    default="community",
    show_default=True,
    help="规模 · size",
)
@where
def demo(place: Place, scale: str) -> None:
    """建立演示区,可中断,再运行会接着做 · load the invented town; resumes where it stopped."""
    with stoppable(), place.database(make=True) as dsn:
        found = do(seed(dsn, place.data_dir, scale))
    say(accounts_table(found))


async def seed(dsn: str, data_dir: Path, scale: str) -> Loaded:
    """The demonstration, made now if it is not there yet. Raises Sorry."""
    there = await loaded(dsn)
    if there is not None:
        if there.scale != scale:
            say(
                _(
                    "这里已有{scale}规模的演示区,就用它;要别的规模请换一个 --data-dir。",
                    scale=SCALE_NAMES[there.scale],
                )
            )
        return there
    begun = await begun_scale(dsn)
    real = [row.name for row in await list_districts(dsn) if not row.code.startswith("99")]
    if real:
        raise Sorry(
            "这个数据库里有正式的区(县)({names}),演示区不和它放在一起;请换一个 --data-dir。",
            names="、".join(real),
        )
    if begun is not None and begun != scale:
        say(_("接着建立上次没有建完的{scale}规模的演示区。", scale=SCALE_NAMES[begun]))
        scale = begun
    # All rooms are needed to load a town, and none to find one: a second start is quick.
    from wangge.demo.loading import Cancelled, load

    shown = Progress()

    def tell(what: str, done: int, total: int) -> None:
        part = f" {done:,} / {total:,}" if total else ""
        shown.show(_(what) + part)

    try:
        made = await load(dsn, data_dir, cast("Scale", scale), tell)
    except Cancelled:
        shown.done()
        raise Sorry("演示区的建立被取消了;再运行一次会接着做。") from None
    shown.done(_("演示区“{name}”已就绪。", name=made.name))
    return made


def accounts_table(found: Loaded) -> str:
    """The printed accounts."""
    by_login = {account.login: account for account in found.accounts}
    rows: list[tuple[str, ...]] = [(_("账号"), _("密码"), _("岗位"), _("在哪里"))]
    for login in PRINTED:
        account = by_login.get(login)
        if account is not None:
            where_ = account.area_name + (f" {account.org}" if account.org else "")
            rows.append((login, PASSWORD, _(ROLE_NAMES[Role(account.role)]), where_))
    return table(rows)


def demo_words(address: str, found: Loaded, simulated: bool) -> str:
    """What is printed when the demonstration runs: where, who, and what to try."""
    lines = [
        "",
        "  " + _("网格已在运行:{address}", address=address),
        "",
        accounts_table(found),
        "",
    ]
    for mode, heading, tries in (
        ("zh", "试试看", TRY_ZH),
        ("en", "What to try", TRY_EN),
    ):
        if chosen() in (mode, "both"):
            lines.append(f"  {heading}")
            lines += [
                f"  {n}. {what.format(address=address)}" for n, what in enumerate(tries, 1)
            ]
            lines.append("")
    if simulated:
        lines.append(
            "  " + _("模拟居民和网格员正在活动(--no-simulation 关掉)。人物和地址都是虚构的。")
        )
    lines.append("  " + _("按 Ctrl-C 停止。数据保留,下次接着用。"))
    return "\n".join(lines)


def demo_child(how: Serving, found: Loaded, every: float) -> ChildPlan:
    """The simulation, which knows of the installation what a browser knows: an address, and
    people who can sign in."""
    people = [
        {"login": a.login, "role": a.role, "area_code": a.area_code, "org": a.org}
        for a in found.accounts
    ]
    env = {
        "WANGGE_SIMULATE": json.dumps(
            {
                "address": how.address,
                "every": every,
                "people": people,
                "password": PASSWORD,
            }
        )
    }
    # It is nobody's business where the database is.
    env |= {name: "" for name in ("WANGGE_DATABASE_URL",) if name in os.environ}
    return ChildPlan(
        "simulation", (sys.executable, "-m", "wangge.demo.simulate"), env, needed=False
    )
