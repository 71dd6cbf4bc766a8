"""`wangge token create`: a key for a program, such as the 12345 hotline's."""

import click

from wangge.access import NewToken, make_token
from wangge.cli.inviting import acting
from wangge.cli.speak import _, say
from wangge.cli.target import Place, district, district_option, where
from wangge.cli.target import run as do
from wangge.kernel.moments import local
from wangge.web.rooms import import_rooms


@click.group()
def token() -> None:
    """接口密钥 · keys for programs."""


@token.command("create")
@click.argument("name")
@click.option(
    "--channel",
    default="hotline",
    show_default=True,
    help="渠道:hotline、police、camera、enterprise、superior… · channel",
)
@click.option(
    "--act",
    "acts",
    multiple=True,
    default=("cases.report",),
    show_default=True,
    help="权限,可重复 · what it may do, repeatable",
)
@click.option("--area", default="", help="区域代码,缺省为全区 · area code")
@click.option(
    "--trusted", is_flag=True, help="来件不用核实即可立案 · believed without verification"
)
@click.option("--days", default=365, show_default=True, help="有效天数 · days it lives")
@where
@district_option
def create(
    place: Place,
    district: str,
    name: str,
    channel: str,
    acts: tuple[str, ...],
    area: str,
    trusted: bool,
    days: int,
) -> None:
    """给一个程序开接口密钥,只显示一次 · make a key for a program, shown once."""
    import_rooms()
    with place.database() as dsn:
        made = do(_create(dsn, district, name, channel, acts, area, trusted, days))
    say(
        _(
            "✓ 密钥只显示这一次,请保存好(有效到 {until}):",
            until=f"{local(made.ends_at):%Y-%m-%d}",
        )
    )
    click.echo(made.token)


async def _create(
    dsn: str,
    wanted: str,
    name: str,
    channel: str,
    acts: tuple[str, ...],
    area: str,
    trusted: bool,
    days: int,
) -> NewToken:
    row = await district(dsn, wanted)
    async with acting(dsn, row) as tx:
        return await make_token(
            tx,
            name=name,
            acts=acts,
            area_code=area or row.code,
            channel=channel,
            trusted=trusted,
            days=days,
        )
