"""`wangge init`: a district for real use, with its three administrators and nothing else."""

import re
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import click

from wangge.access import Invitation, invite
from wangge.cases.reference import install_starter
from wangge.cli.inviting import acting, checked_url, link_base, show, vault_of
from wangge.cli.speak import Sorry, _, say
from wangge.cli.target import Place, where
from wangge.cli.target import run as do
from wangge.dispatch import install_starter_rules
from wangge.kernel import migrate
from wangge.kernel.actors import Role
from wangge.kernel.districts import (
    DistrictRow,
    add_district,
    list_districts,
    schema_for,
)
from wangge.kernel.moments import now
from wangge.people.commands.posts import give_post, hire
from wangge.places.commands import add_area

#: The provinces' first two digits (GB/T 2260-2007).
PROVINCES = frozenset(
    (
        *("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36"),
        *("37", "41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62"),
        *("63", "64", "65", "71", "81", "82"),
    )
)
ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
LOGINS = {
    Role.SYSTEM_ADMIN: "system-admin",
    Role.SECURITY_ADMIN: "security-admin",
    Role.AUDIT_ADMIN: "audit-admin",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be made."""

    code: str
    name: str
    slug: str
    people: dict[Role, str]


@click.command()
@click.option("--code", prompt="区(县)代码,6 位 · area code of the county, 6 digits")
@click.option("--name", prompt="名称,例如 某某区 · name of the district")
@click.option("--slug", prompt="简称,用在网址里 · short name for addresses, e.g. my-district")
@click.option("--system", "system_", prompt="系统管理员姓名 · system administrator's name")
@click.option("--security", prompt="安全管理员姓名 · security administrator's name")
@click.option("--audit", prompt="审计管理员姓名 · audit administrator's name")
@click.option(
    "--url",
    default="http://127.0.0.1:8141",
    show_default=True,
    help="别人打开本系统的地址,写进二维码 · the public address, goes into the QR codes",
)
@where
def init(
    place: Place,
    code: str,
    name: str,
    slug: str,
    system_: str,
    security: str,
    audit: str,
    url: str,
) -> None:
    """建立一个正式的区(县)和它的三员 · make a district and invite its three administrators."""
    wish = checked(
        Wish(
            code.strip(),
            name.strip(),
            slug.strip(),
            {
                Role.SYSTEM_ADMIN: system_.strip(),
                Role.SECURITY_ADMIN: security.strip(),
                Role.AUDIT_ADMIN: audit.strip(),
            },
        )
    )
    checked_url(url)
    with place.database(make=True) as dsn:
        made = do(make(dsn, place.data_dir, wish))
        if made is None:
            say(
                _(
                    "✓ “{name}”({code})已经建好,没有改动。要重新邀请:wangge staff invite。",
                    name=wish.name,
                    code=wish.code,
                )
            )
            return
        row, invitations = made
        base = do(link_base(dsn, url, row))
    say(_("✓ 已建立“{name}”({code})。", name=row.name, code=row.code))
    say(_("请把三张二维码分别交给三位管理员;PIN 只在这里显示这一次。"))
    for role, invitation in invitations:
        show(invitation, role, base)
    say()
    say(_("接着:wangge serve 启动;系统管理员登录后建街道、社区、网格和人员。"))
    if url.startswith("http://"):
        say(_("提示:手机离线功能只在 HTTPS 下可用,见 docs/running.md。"))


def checked(wish: Wish) -> Wish:
    """Refuse what would be regretted later. Raises Sorry."""
    if not re.fullmatch(r"\d{6}", wish.code):
        raise Sorry("区(县)代码应为 6 位数字(GB/T 2260),例如 330212。")
    if wish.code.startswith("99"):
        raise Sorry(
            "99 开头的代码只给演示用。正式使用请填真实的 6 位代码;演示请用 wangge demo。"
        )
    if wish.code[:2] not in PROVINCES or wish.code.endswith("00"):
        raise Sorry("“{code}”不是一个区(县)的代码,请核对。", code=wish.code)
    if not 2 <= len(wish.name) <= 30:
        raise Sorry("名称应为 2 到 30 个字。")
    if re.search(r"演示|示范|样例|测试|demo|test", wish.name, re.IGNORECASE):
        raise Sorry(
            "名称“{name}”看上去是演示。正式使用请填真实名称;演示请用 wangge demo。",
            name=wish.name,
        )
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,29}", wish.slug):
        raise Sorry("简称用 2 到 30 个小写字母、数字和横线,以字母开头。")
    if wish.slug == "demo":
        raise Sorry("简称 demo 留给演示区,请换一个。")
    names = list(wish.people.values())
    if not all(1 <= len(name) <= 40 for name in names):
        raise Sorry("三位管理员的姓名都要填。")
    if len(set(names)) < len(names):
        raise Sorry("系统管理员、安全管理员、审计管理员要由三个人分别担任(三员分立)。")
    return wish


async def make(
    dsn: str, data_dir: Path, wish: Wish
) -> tuple[DistrictRow, list[tuple[Role, Invitation]]] | None:
    """The district and the first invitations; None when it was made before."""
    await migrate.prepare_server(dsn)
    for row in await list_districts(dsn):
        if row.code == wish.code:
            return None
        if row.slug == wish.slug:
            raise Sorry("简称“{slug}”已是“{name}”的,请换一个。", slug=wish.slug, name=row.name)
        if row.code.startswith("99"):
            raise Sorry("这个数据库里有演示区,正式的区(县)不和它放在一起;请换一个 --data-dir。")
    schema = schema_for(wish.code)
    await migrate.migrate(dsn, schema)
    moment = now()
    row = DistrictRow(schema, wish.slug, wish.code, wish.name, (), moment)
    invitations: list[tuple[Role, Invitation]] = []
    vault = vault_of(data_dir, row)
    async with acting(dsn, row) as tx:
        if not await tx.one(bool, "select exists (select 1 from places_area)"):
            await add_area(tx, wish.code, wish.name)
            await install_starter(tx)
            await install_starter_rules(tx)
        if await tx.one(bool, "select exists (select 1 from people_post)"):
            raise Sorry(
                "模式 {schema} 里已有人员,却没有登记为区(县)。请先运行 wangge doctor。",
                schema=schema,
            )
        for role in ADMINISTRATORS:
            person = await hire(tx, vault, wish.people[role])
            await give_post(tx, person.id, role, wish.code)
            invitations.append((role, await invite(tx, person.id, LOGINS[role])))
    try:
        made = await add_district(
            dsn, code=wish.code, name=wish.name, slug=wish.slug, now=moment
        )
    except asyncpg.UniqueViolationError:
        raise Sorry("简称“{slug}”已经用过,请换一个。", slug=wish.slug) from None
    return made, invitations
