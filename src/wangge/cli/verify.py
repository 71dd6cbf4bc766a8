"""`wangge verify`: a list of people held against a register, from files, without a database."""

import json
import os
from pathlib import Path
from tempfile import mkstemp

import click

from wangge.cli.plan_files import both
from wangge.cli.speak import Sorry, _, join, say
from wangge.kernel.moments import local_date, now
from wangge.verification.checking import counted
from wangge.verification.columns import WORDS, columns_of
from wangge.verification.files import answer, check, open_list, read_register

#: So many contradictions are printed; all stand in the file.
SHOWN = 12

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--in", "source", required=True, type=_file, help="名单 · the list")
@click.option("--register", type=_file, help="住户登记表 · the register; without: chains only")
@click.option(
    "--out",
    "target",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="结果写到哪里 · where the answer is written",
)
def verify(source: Path, register: Path | None, target: Path) -> int:
    """核对一份名单:和登记对、和名单自己对 · hold a list against a register and against itself.

    名单(Excel、CSV 或 .txt 聊天记录)不改动;结果里有个人信息,只有本人能读 · the answer has people's
    data in it and is readable by its owner only.
    """
    for given in (source, register):
        if given is not None and target.exists() and target.samefile(given):
            raise Sorry("结果不能写在名单或登记表自己上面,请换一个文件名。")
    table = open_list(source)
    columns = columns_of(table.headings)
    if not (columns.of_people or columns.of_contacts):
        raise Sorry(
            "没有认出这张表的列:{found}。能认的有:{known}。",
            found="、".join(table.headings[:12]),
            known="、".join(WORDS.values()),
        )
    people = read_register(register) if register is not None else None
    done = check(table, people, local_date(now()))
    text = json.dumps(answer(done, people, both), ensure_ascii=False, indent=1) + "\n"
    _write(target, text)
    if done.outcomes:
        counts = counted(done.outcomes)
        say(
            _(
                "{rows} 行:{right} 行核对无误,{mended} 行有改正建议,{ask} 行要问一问。",
                rows=len(done.lines),
                right=counts["right"],
                mended=counts["mended"],
                ask=counts["ask"],
            )
        )
    if people is not None and people.unread:
        say(_("登记表里有 {count} 个住址没有读懂,只用了其他列。", count=people.unread))
    for one in done.findings[:SHOWN]:
        words = both(one.words)
        say("- " + join(words["zh"], words["en"]))
    if len(done.findings) > SHOWN:
        say(_("……还有 {count} 句,都在结果文件里。", count=len(done.findings) - SHOWN))
    return 0


def _write(target: Path, text: str) -> None:
    """Whole or not at all, readable by its owner only from the first moment."""
    handle, beside = mkstemp(dir=target.parent, prefix=f".{target.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(beside).replace(target)
