"""`wangge verify`: a list of people held against a register, from files, without a database."""

import csv
import io
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkstemp

import click

from wangge.cli.plan_files import both
from wangge.cli.speak import Sorry, _, join, say
from wangge.kernel.columns import heading_key
from wangge.kernel.csv_text import harmless
from wangge.kernel.moments import local_date, now
from wangge.verification.answers import answer, called_in_both, mended, read_answer, written
from wangge.verification.checking import counted
from wangge.verification.columns import FIELDS, WORDS, Columns, columns_of
from wangge.verification.files import check, open_list, read_register
from wangge.verification.reading import Line
from wangge.verification.records import UNREAD

#: So many contradictions are printed; all stand in the file.
SHOWN = 12

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--in", "source", required=True, type=_file, help="名单 · the list")
@click.option("--register", type=_file, help="住户登记表 · the register; without: chains only")
@click.option(
    "--column",
    "said",
    multiple=True,
    metavar="表头=NAME",
    help="某一列是什么,如 XM=name · what a column is",
)
@click.option(
    "--answer",
    "looked",
    type=_file,
    help="有人看过的结果:写出改好的名单(CSV) · an answer somebody looked through: the mended list",
)
@click.option(
    "--out",
    "target",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="结果写到哪里 · where the answer is written",
)
def verify(
    source: Path, register: Path | None, said: Sequence[str], looked: Path | None, target: Path
) -> int:
    """核对一份名单:和登记对、和名单自己对 · hold a list against a register and against itself.

    名单(Excel、CSV 或 .txt 聊天记录)不改动;结果里有个人信息,只有本人能读 · the answer has people's
    data in it and is readable by its owner only.
    """
    for given in (source, register, looked):
        if given is not None and target.exists() and target.samefile(given):
            raise Sorry("结果不能写在名单或登记表自己上面,请换一个文件名。")
    table = open_list(source)
    columns = _columns(table.headings, said)
    if looked is not None:
        lines = [Line(row.number, row.cells) for row in table.rows]
        done_ = list(mended(read_answer(looked.read_bytes()), table.headings, lines, columns))
        _write(target, _csv(done_))
        say(_("改好的名单已写好,{rows} 行。", rows=len(lines)))
        return 0
    people = read_register(register) if register is not None else None
    done = check(table, people, local_date(now()), columns)
    _write(target, written(answer(done, people, both)))
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
    if unread := sum(note.words in UNREAD for note in done.notes):
        say(_("{count} 行没有当作人读入,行号在结果文件的 notes 里。", count=unread))
    if people is not None and people.unread:
        say(_("登记表里有 {count} 个住址没有读懂,只用了其他列。", count=people.unread))
    if done.columns.of_contacts:
        say(
            _(
                "{rows} 行写的接触情况,对不上的有 {count} 处。",
                rows=len(done.lines),
                count=len(done.findings),
            )
        )
    elif people is None:
        say(_("没有给登记表,名单里也没有接触情况:没有什么可核对的。"))
    for one in done.findings[:SHOWN]:
        words = called_in_both(one.kind, one.words, both)
        say("- " + join(words.zh, words.en))
    if len(done.findings) > SHOWN:
        say(_("……还有 {count} 句,都在结果文件里。", count=len(done.findings) - SHOWN))
    return 0


def _columns(headings: Sequence[str], said: Sequence[str]) -> Columns:
    """What the columns are: by their headings, and as they were said."""
    at = dict(columns_of(headings).at)
    places = {heading_key(heading): place for place, heading in enumerate(headings)}
    for one in said:
        heading, _between, name = one.rpartition("=")
        place = places.get(heading_key(heading))
        if name not in FIELDS or place is None:
            raise Sorry(
                "看不懂“{one}”。请写“表头=名称”,表头有:{found};名称有:{known}。",
                one=one,
                found="、".join(headings[:12]),
                known="、".join(f"{key}({words})" for key, words in WORDS.items()),
            )
        at = {key: held for key, held in at.items() if held != place} | {name: place}
    columns = Columns(at)
    keys = Counter(map(heading_key, headings))
    for place in columns.at.values():
        if keys[heading_key(headings[place])] > 1:
            raise Sorry(
                "有几列都叫“{heading}”,分不清用哪一列。请给另外几列改名,再来一次。",
                heading=headings[place],
            )
    if not (columns.of_people or columns.of_contacts):
        raise Sorry(
            "没有认出这张表的列:{found}。能认的有:{known}。可以用 --column 指明。",
            found="、".join(headings[:12]),
            known="、".join(WORDS.values()),
        )
    return columns


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    """As a spreadsheet opens it; a cell that a spreadsheet would take for a formula is none."""
    out = io.StringIO()
    csv.writer(out).writerows([harmless(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _write(target: Path, data: bytes) -> None:
    """Whole or not at all, readable by its owner only from the first moment."""
    handle, beside = mkstemp(dir=target.parent, prefix=f".{target.name}.")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    Path(beside).replace(target)
