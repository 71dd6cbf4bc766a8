"""The `wangge` command: finds its sub-commands by name, says errors as sentences."""

import importlib
import logging
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import click

from wangge.cli import speak
from wangge.cli.speak import Sorry, _, warn

#: Command → module:function. A command's module is imported when it is called.
COMMANDS: dict[str, str] = {
    "run": "wangge.cli.run:run",
    "serve": "wangge.cli.run:serve",
    "init": "wangge.cli.init:init",
    "doctor": "wangge.cli.doctor:doctor",
    "backup": "wangge.cli.keeping:backup",
    "restore": "wangge.cli.keeping:restore",
    "upgrade": "wangge.cli.keeping:upgrade",
    "audit": "wangge.cli.audit:audit",
    "sweep": "wangge.cli.sweep:sweep",
    "import": "wangge.cli.imports:imports",
    "report": "wangge.cli.reports:report",
    "demo": "wangge.cli.demo:demo",
    "token": "wangge.cli.token:token",
    "staff": "wangge.cli.staff:staff",
    "openapi": "wangge.cli.openapi:openapi",
    "addresses": "wangge.cli.addresses:addresses",
    "plan": "wangge.cli.plan:plan",
    "verify": "wangge.cli.verify:verify",
    "bench": "wangge.cli.bench:bench",
}


class LazyGroup(click.Group):
    """Imports a sub-command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, name = place.split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


def _set_language(_ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    if value:
        speak.choose(value)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--lang",
    type=click.Choice(speak.MODES),
    expose_value=False,
    is_eager=True,
    callback=_set_language,
    help="只用中文或只用英文 · speak one language only (WANGGE_LANG)",
)
@click.version_option(package_name="wangge", prog_name="wangge")
def wangge() -> None:
    """网格 wangge:社区网格协同处置系统 · community-grid response.

    第一次?运行 wangge run --demo community · New here? Run: wangge run --demo community
    """


def main(args: list[str] | None = None) -> None:
    """The entry point. Exit codes: 0 done, 1 refused or failed, 2 called wrongly, 130 stopped."""
    logging.basicConfig(
        level=os.environ.get("WANGGE_LOG", "ERROR"),
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    sys.exit(called(args))


def called(args: list[str] | None) -> int:
    """Do a command; answers its exit code."""
    try:
        answer: Any = wangge.main(args=args, prog_name="wangge", standalone_mode=False)
    except click.Abort:
        warn(_("已停止。"))
        return 130
    except KeyboardInterrupt:
        warn(_("已停止。"))
        return 130
    except click.ClickException as wrong:
        wrong.show()
        return wrong.exit_code
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        return 1
    except Exception as error:
        said = sentence(error)
        if said is None:
            raise_or_note(error)
        else:
            warn(f"✗ {said}")
        return 1
    return answer if isinstance(answer, int) else 0


def sentence(error: BaseException) -> str | None:
    """What to tell a person about an expected trouble; None for a bug."""
    import asyncpg

    from wangge.kernel.postgres import ClusterError
    from wangge.kernel.refusals import Invalid, Refusal

    if isinstance(error, Sorry):
        return str(error)
    if isinstance(error, ClusterError):
        return speak.words(error.words)
    if isinstance(error, Invalid):
        return "\n  ".join(
            speak.join(p.said("zh")["words"], p.said("en")["words"]) for p in error.problems
        )
    if isinstance(error, Refusal):
        return speak.join(error.words("zh"), error.words("en"))
    if isinstance(
        error, asyncpg.InvalidPasswordError | asyncpg.InvalidAuthorizationSpecificationError
    ):
        return _("数据库不接受这个账号或口令,请检查 --database-url。")
    if isinstance(error, asyncpg.InvalidCatalogNameError):
        return _("服务器上没有这个数据库,请先建库(见 docs/running.md)。")
    if isinstance(error, asyncpg.InsufficientPrivilegeError):
        return _("数据库账号的权限不够:{detail}(见 docs/running.md)。", detail=str(error))
    if isinstance(error, ConnectionError | TimeoutError | asyncpg.CannotConnectNowError):
        return _("连不上数据库。它在运行吗?运行 wangge doctor 看看。")
    if isinstance(error, FileNotFoundError):
        return _("没有找到文件 {name}。", name=str(error.filename))
    if isinstance(error, PermissionError):
        return _("没有权限读写 {name}。", name=str(error.filename))
    if isinstance(error, OSError) and error.errno == 28:
        return _("磁盘满了。")
    return None


def raise_or_note(error: Exception) -> None:
    """A bug: its traceback goes to a file (or, with WANGGE_DEBUG, to the screen)."""
    text = "".join(traceback.format_exception(error))
    if os.environ.get("WANGGE_DEBUG"):
        warn(text)
        return
    place = Path(os.environ.get("WANGGE_DATA_DIR", "var")) / "log" / "cli-error.log"
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    except OSError:
        warn(text)
        return
    warn(
        _(
            "✗ 程序出错了({kind})。经过写在 {place};请带上它报告问题。",
            kind=type(error).__name__,
            place=str(place),
        )
    )
