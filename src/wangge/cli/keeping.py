"""`wangge backup`, `wangge restore`, `wangge upgrade`."""

import os
from pathlib import Path

import click

from wangge import __version__
from wangge.cli.archive import Manifest, save
from wangge.cli.archive import restore as bring_back
from wangge.cli.archive.keys import checked_passphrase
from wangge.cli.archive.saving import default_name
from wangge.cli.speak import Progress, Sorry, _, say
from wangge.cli.target import Place, where
from wangge.cli.target import run as do
from wangge.kernel import migrate
from wangge.kernel.audit import verify
from wangge.kernel.districts import list_districts
from wangge.kernel.moments import local, now

passphrase_option = click.option(
    "--passphrase-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="备份口令,写在一个文件里 · a file with the passphrase (or WANGGE_BACKUP_PASSPHRASE)",
)


def _passphrase(file: Path | None) -> str | None:
    if file is not None:
        return checked_passphrase(file.read_text(encoding="utf-8").strip())
    given = os.environ.get("WANGGE_BACKUP_PASSPHRASE", "")
    return checked_passphrase(given) if given else None


def _save(place: Place, dsn: str, path: Path, passphrase: str | None) -> Manifest:
    shown = Progress()

    def tell(what: str, rows: int) -> None:
        shown.show(_("备份 {what}", what=what) + (f" {rows:,}" if rows else ""))

    manifest = do(save(dsn, place.data_dir, path, passphrase=passphrase, tell=tell))
    shown.done(
        _(
            "已备份到 {path}:{districts} 个区(县),{rows} 行,{files} 张照片,{size} MiB。",
            path=str(path),
            districts=len(manifest.districts),
            rows=f"{manifest.rows:,}",
            files=sum(district.files for district in manifest.districts),
            size=f"{path.stat().st_size / 2**20:.1f}",
        )
    )
    for district in manifest.districts:
        say(f"  {district.name}: {district.facts}:{district.head}")
    if any(not district.sealed_key for district in manifest.districts):
        say(
            _(
                "! 这份备份不含密钥:没有 {keys} 就读不出电话和证件号。请把它另存在别处,"
                "或加 --passphrase-file。",
                keys=str(place.data_dir / "keys"),
            )
        )
    return manifest


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@passphrase_option
@where
def backup(place: Place, file: Path, passphrase_file: Path | None) -> None:
    """备份全部数据和照片,不停机 · back everything up while work goes on. FILE 也可以是文件夹."""
    path = file / default_name(local(now())) if file.is_dir() else file
    if path.exists():
        raise Sorry("{path} 已经有了,没有覆盖它。", path=str(path))
    passphrase = _passphrase(passphrase_file)
    with place.database() as dsn:
        _save(place, dsn, path, passphrase)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@passphrase_option
@click.option(
    "--into-empty-schema",
    is_flag=True,
    help="目标库里已有别的区(县),放在它们旁边 · beside other districts",
)
@where
def restore(
    place: Place, file: Path, passphrase_file: Path | None, into_empty_schema: bool
) -> None:
    """从备份恢复,从不覆盖已有数据 · restore; never writes over what is there."""
    shown = Progress()

    def tell(what: str, rows: int) -> None:
        shown.show(_("恢复 {what}", what=what) + (f" {rows:,}" if rows else ""))

    passphrase = _passphrase(passphrase_file)
    with place.database(make=True) as dsn:
        manifest = do(
            bring_back(
                dsn,
                place.data_dir,
                file,
                passphrase=passphrase,
                beside_others=into_empty_schema,
                tell=tell,
            )
        )
    shown.done(
        _("已恢复 {rows} 行,行数、校验值和事实账本都对得上。", rows=f"{manifest.rows:,}")
    )
    for district in manifest.districts:
        say(f"  {district.name}({district.code}): {district.facts}:{district.head}")
        if not district.sealed_key and not _has_key(place, district.schema):
            say(
                _(
                    "! 还缺密钥:请把原来的 {key} 放回去,否则读不出电话和证件号。",
                    key=str(place.data_dir / "keys" / f"{district.schema}.key"),
                )
            )


def _has_key(place: Place, schema: str) -> bool:
    return (place.data_dir / "keys" / f"{schema}.key").exists()


@click.command()
@click.option(
    "--backup-to",
    type=click.Path(path_type=Path, file_okay=False),
    help="升级前的备份放在哪里 · where the backup goes first",
)
@passphrase_option
@where
def upgrade(place: Place, backup_to: Path | None, passphrase_file: Path | None) -> int:
    """升级:先备份,再更新表结构,再核对 · back up, migrate, verify."""
    passphrase = _passphrase(passphrase_file)
    with place.database() as dsn:
        rows = do(list_districts(dsn))
        waiting = {row.schema: do(migrate.pending(dsn, row.schema)) for row in rows}
        if not any(waiting.values()):
            say(_("✓ 已是最新(wangge {version}),没有要更新的。", version=__version__))
            return 0
        folder = backup_to or place.data_dir / "backups"
        _save(
            place,
            dsn,
            folder / f"before-{__version__}-{default_name(local(now()))}",
            passphrase,
        )
        do(migrate.prepare_server(dsn))
        for row in rows:
            for done in do(migrate.migrate(dsn, row.schema)):
                say(_("✓ 数据库结构已更新:{what}", what=f"{row.name} {done.room}/{done.name}"))
            verdict = do(verify(dsn, row.schema))
            if not verdict.whole:
                say(
                    _(
                        "✗ “{name}”的事实账本对不上,运行 wangge audit verify 看详情。",
                        name=row.name,
                    )
                )
                return 1
    say(_("✓ 升级完成,账本完整。请重新启动 wangge serve。"))
    return 0
