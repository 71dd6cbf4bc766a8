"""`wangge staff invite`: let somebody in again when nobody who may is left inside."""

from uuid import UUID

import click

from wangge.access import Invitation, invite
from wangge.cli.inviting import acting, link_base, show, vault_of
from wangge.cli.speak import Sorry, _, say
from wangge.cli.target import Place, district, district_option, where
from wangge.cli.target import run as do
from wangge.kernel.actors import Role
from wangge.kernel.database import Tx
from wangge.kernel.districts import DistrictRow
from wangge.people import ROSTER
from wangge.people.commands.posts import give_post, hire

POSTS = sorted(role.value for role in Role if role not in (Role.CHANNEL, Role.SYSTEM))


@click.group()
def staff() -> None:
    """人员 · people who work here."""


@staff.command("invite")
@click.argument("name")
@click.option("--role", type=click.Choice(POSTS), help="新人的岗位 · the post of somebody new")
@click.option("--area", default="", help="岗位的区域代码,缺省为全区 · the post's area code")
@click.option("--login", default="", help="登录名 · login name")
@click.option("--phone", default="", help="电话,同名的人用它区分 · phone")
@click.option(
    "--url",
    default="http://127.0.0.1:8141",
    show_default=True,
    help="公开地址 · public address",
)
@where
@district_option
def invite_(
    place: Place,
    district: str,
    name: str,
    role: str | None,
    area: str,
    login: str,
    phone: str,
    url: str,
) -> None:
    """邀请一个人,在册的或新来的,二维码加 PIN · invite somebody, on the roster or new."""
    with place.database() as dsn:
        row, invitation, post = do(
            _invite(dsn, place, district, name.strip(), role, area, login, phone)
        )
        base = do(link_base(dsn, url, row))
    say(_("✓ 已邀请 {name}。从前的邀请作废。", name=invitation.name))
    show(invitation, post, base)


async def _invite(
    dsn: str,
    place: Place,
    wanted: str,
    name: str,
    role: str | None,
    area: str,
    login: str,
    phone: str,
) -> tuple[DistrictRow, Invitation, Role]:
    row = await district(dsn, wanted)
    async with acting(dsn, row) as tx:
        found = await _on_the_roster(tx, name)
        if found is None:
            if role is None:
                raise Sorry("名册里没有“{name}”。新来的人请用 --role 说明岗位。", name=name)
            person = await hire(tx, vault_of(place.data_dir, row), name, phone)
            await give_post(tx, person.id, Role(role), area or row.code)
            found = (person.id, Role(role))
        id_, post = found
        made = await invite(tx, id_, login or f"user-{id_.hex[-6:]}")
    return row, made, post


async def _on_the_roster(tx: Tx, name: str) -> tuple[UUID, Role] | None:
    """The one of that name, with a post. Raises Sorry when there are several."""
    roster = await ROSTER.get(tx)
    same = [person for person in roster.all_staff() if person.name == name and person.active]
    if len(same) > 1:
        raise Sorry(
            "名册里有 {number} 位“{name}”,请在网页的“人员”里邀请。", number=len(same), name=name
        )
    if not same:
        return None
    posts = [post for post in roster.posts_of(same[0].id) if post.live(tx.now)]
    if not posts:
        raise Sorry("“{name}”现在没有岗位,请先安排岗位。", name=name)
    return same[0].id, posts[0].role
