"""What the commands of `wangge plan` share: files in, sentences in both languages, files out."""

import json
import signal
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar

import click

from wangge.cli.speak import Progress, Sorry, _, join, say, warn
from wangge.kernel.i18n import translate
from wangge.solvers import Budget, Sentence
from wangge.solvers import Progress as Standing
from wangge.solvers.files import Unreadable

T = TypeVar("T")
#: Adds an option to a command.
Option = Callable[[Callable[..., Any]], Callable[..., Any]]
#: So many sentences are printed; all stand in the file.
SHOWN = 12

given = click.Path(exists=True, dir_okay=False, path_type=Path)
out_option = click.option(
    "--out",
    "target",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="结果写到哪里 · where the answer is written",
)
seed_option = click.option("--seed", type=int, default=0, help="随机种子 · seed")
tries_option = click.option(
    "--tries", type=click.IntRange(1), help="最多试多少次 · at most so many tries"
)


def in_option(words: str) -> Option:
    """What a command reads."""
    return click.option("--in", "source", required=True, type=given, help=words)


def plan_option(words: str, *, required: bool = False) -> Option:
    """The plan that is judged or mended."""
    return click.option("--plan", "planned", required=required, type=given, help=words)


def seconds_option(default: float, least: float = 0.01) -> Option:
    """When to give what there is."""
    return click.option(
        "--seconds",
        type=Number(least, 100_000),
        default=default,
        help="最多多少秒 · at most so long",
    )


class Number(click.FloatRange):
    """A number within a range; a range lets through what is no number at all."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        found = super().convert(value, param, ctx)
        if not isfinite(found):
            self.fail(f"{value!r}", param, ctx)
        return float(found)


class Faults(Sorry):
    """What is wrong with a file, in the solver's own sentences."""

    def __init__(self, sentences: Sequence[Sentence]) -> None:
        super().__init__("")
        self.sentences = sentences

    def __str__(self) -> str:
        return "\n  ".join(join(both(one)["zh"], both(one)["en"]) for one in self.sentences)


def both(one: Sentence) -> dict[str, str]:
    """A sentence in both languages."""
    return {
        "zh": translate("zh", one.text, **one.values),
        "en": translate("en", one.text, **one.values),
    }


def reading(read: Callable[[bytes], T], source: Path) -> T:
    """A file, or its faults in words."""
    try:
        return read(source.read_bytes())
    except Unreadable as wrong:
        raise Faults(wrong.problems) from None


@contextmanager
def stoppable(
    tries: int, seconds: float | None, words: Callable[[Standing], str] | None = None
) -> Generator[Budget]:
    """A budget that a first Ctrl-C ends with what there is, and a second one at once; `words` say where the
    work stands."""
    pressed: list[int] = []
    progress = Progress()

    def stop(_number: int, _frame: object) -> None:
        if pressed:
            raise KeyboardInterrupt
        pressed.append(1)
        warn(_("正在停下,写出目前最好的;再按一次 Ctrl-C 就放弃。"))

    def show(at: Standing) -> None:
        if words is not None:
            progress.show(words(at))

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield Budget(tries, seconds, show, lambda: bool(pressed))
    finally:
        signal.signal(signal.SIGINT, before)
        progress.done()


def trying(at: Standing, part: str) -> str:
    """How far a search is, in tenths; the part of the work in Chinese, or a name."""
    return _("正在试 {part}:{share}%", part=part, share=at.done * 10 // at.whole * 10)


def tell(sentences: Iterable[Sentence]) -> None:
    """Print sentences, the first of them."""
    told = [join(both(one)["zh"], both(one)["en"]) for one in sentences]
    for line in told[:SHOWN]:
        say(line)
    if len(told) > SHOWN:
        say(_("……还有 {count} 句,都在结果文件里。", count=len(told) - SHOWN))


def tell_stopped(why: str) -> None:
    """Print why a search ended before it was done; "" says nothing."""
    if why == "time":
        say(_("时间到了,先给出目前最好的;多给些秒数也许更好。"))
    if why == "cancelled":
        say(_("停下了,这是到那时最好的。"))
    if why == "tries":
        say(_("试的次数用完了,先给出目前最好的;多给些次数也许更好。"))


def write(target: Path, told: dict[str, Any]) -> None:
    """The answer's file."""
    target.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
