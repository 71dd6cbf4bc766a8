"""`wangge addresses`: addresses of anywhere taken apart, and a model for it of one's own."""

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from wangge.cli.speak import Sorry, _, say
from wangge.matching.addresses import Element, elements
from wangge.matching.addresses.elements import KINDS
from wangge.matching.addresses.labelled import NotLabelled, Pieces, read_labelled
from wangge.matching.addresses.learned import Tagger, score, train

#: Fewer labelled addresses than this teach nothing that the grammar does not know.
FEWEST = 50

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def addresses() -> None:
    """把地址拆成省、市、路、幢、室 · take addresses apart."""


@addresses.command("elements")
@click.argument("file", type=_file)
@click.option("--model", type=_file, help="自己学出来的模型 · a model of your own")
@click.option("--labelled", is_flag=True, help="印成标注,改好可以拿去学 · print labels to mend")
def elements_(file: Path, model: Path | None, labelled: bool) -> None:
    """每行一个地址,拆开印出 · one address a line."""
    apart = _reader(model)
    for line in _lines(file):
        found = apart(line)
        if labelled:
            sys.stdout.write(" ".join(f"{one.text}/{one.kind}" for one in found) + "\n")
        else:
            parts = [{"kind": e.kind, "text": e.text, "start": e.start} for e in found]
            said = json.dumps({"address": line, "elements": parts}, ensure_ascii=False)
            sys.stdout.write(said + "\n")


@addresses.command("train")
@click.argument("file", type=_file)
@click.option(
    "--to",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="模型写到哪里 · where the model is written",
)
def train_(file: Path, to: Path) -> None:
    """从标好的地址学习 · learn from labelled addresses."""
    if to.exists() and to.samefile(file):
        raise Sorry("模型不能写在标好的地址自己上面,请换一个文件名。")
    if not to.absolute().parent.is_dir():
        raise Sorry("没有 {path} 这个文件夹。", path=str(to.parent))
    labelled = _labelled(file)
    held = labelled[::5]
    model = Tagger(train(one for n, one in enumerate(labelled) if n % 5))
    learned, grammar = score(model.elements, held), score(elements, held)
    to.write_bytes(train(labelled))
    say(
        _(
            "✓ 写好 {path}。没见过的 {count} 行里,模型 F1 {learned},自带语法 F1 {grammar}。",
            path=str(to),
            count=len(held),
            learned=f"{learned.f1:.3f}",
            grammar=f"{grammar.f1:.3f}",
        )
    )
    if learned.f1 <= grammar.f1:
        say(_("模型还不如自带的语法,先不要用;多标一些再来。"))


@addresses.command("score")
@click.argument("file", type=_file)
@click.option("--model", type=_file, help="自己学出来的模型 · a model of your own")
def score_(file: Path, model: Path | None) -> None:
    """用标好的地址打分 · score against labelled addresses."""
    labelled = _labelled(file, fewest=1)
    found = score(_reader(model), labelled)
    say(
        _(
            "{count} 个地址:F1 {f1},整条全对 {whole}。",
            count=len(labelled),
            f1=f"{found.f1:.4f}",
            whole=f"{found.whole:.4f}",
        )
    )


def _reader(model: Path | None) -> Callable[[str], tuple[Element, ...]]:
    if model is None:
        return elements
    try:
        return Tagger(model.read_bytes()).elements
    except ValueError as wrong:
        raise Sorry(
            "{path} 不是 wangge addresses train 写出的模型。", path=str(model)
        ) from wrong


def _text(file: Path) -> str:
    raw = file.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace")


def _lines(file: Path) -> Iterable[str]:
    return [line.strip() for line in _text(file).splitlines() if line.strip()]


def _labelled(file: Path, *, fewest: int = FEWEST) -> list[Pieces]:
    try:
        found = read_labelled(_text(file))
    except NotLabelled as wrong:
        words = (
            "第 {number} 行的“{piece}”不是“字 B-类别”,类别有:{kinds}。"
            if wrong.by_piece
            else "第 {number} 行的“{piece}”不是“文字/类别”,类别有:{kinds}。"
        )
        raise Sorry(
            words, number=wrong.number, piece=wrong.piece, kinds=" ".join(KINDS)
        ) from wrong
    if len(found) < fewest:
        raise Sorry(
            "只有 {count} 行标好的地址,至少要 {fewest} 行。", count=len(found), fewest=fewest
        )
    return found
