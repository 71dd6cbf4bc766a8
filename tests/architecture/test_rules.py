"""Our own rules, each a small function over the syntax tree, with a good and a bad example."""

import ast
import dataclasses
import json
import re
import typing
from collections.abc import Callable, Iterator
from datetime import datetime
from enum import Enum
from pathlib import Path
from uuid import UUID

import pytest

from wangge.kernel.facts import all_facts
from wangge.web.rooms import import_rooms

SOURCE = Path(__file__).parents[2] / "src" / "wangge"
MODULES = sorted(SOURCE.rglob("*.py"))
Finding = tuple[int, str]


def reads_the_clock(tree: ast.AST) -> Iterator[Finding]:
    """`datetime.now()`, `date.today()`, `datetime.utcnow()`: moments come in by the front door."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in ("now", "today", "utcnow")
            and isinstance(node.value, ast.Name)
            and node.value.id in ("datetime", "date")
        ):
            yield node.lineno, f"{node.value.id}.{node.attr}"


def answers_before_the_commit(tree: ast.AST) -> Iterator[Finding]:
    """Nothing may be sent from inside of a transaction: no Response made within `async with
    ….tx(…)` in an edge (a plain value returned from inside is only handed out after the commit)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AsyncWith) and any(
            isinstance(item.context_expr, ast.Call)
            and isinstance(item.context_expr.func, ast.Attribute)
            and item.context_expr.func.attr == "tx"
            for item in node.items
        ):
            for inner in ast.walk(node):
                if (
                    isinstance(inner, ast.Call)
                    and isinstance(inner.func, ast.Name)
                    and inner.func.id in ("Response", "Stream", "Redirect")
                ):
                    yield inner.lineno, inner.func.id


def writes_sql_with_values_in_it(tree: ast.AST) -> Iterator[Finding]:
    """An f-string given to tx.one/maybe/many/run."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("one", "maybe", "many", "run")
            and any(isinstance(argument, ast.JoinedStr) for argument in node.args)
        ):
            yield node.lineno, "f-string as SQL"


def may_swallow_a_cancellation(tree: ast.AST) -> Iterator[Finding]:
    """`asyncio.wait_for`: on Python 3.11 it answers a cancellation with the result when what it
    waits for is done in the same moment, and whoever cancelled waits for ever. `asyncio.timeout`
    does not."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr == "wait_for"
            and isinstance(node.value, ast.Name)
            and node.value.id == "asyncio"
        ):
            yield node.lineno, "asyncio.wait_for"


Rule = Callable[[ast.AST], Iterator[Finding]]
EXAMPLES: list[tuple[Rule, str, str]] = [
    (reads_the_clock, "moment = tx.now", "moment = datetime.now(UTC)"),
    (
        answers_before_the_commit,
        "async def f():\n async with who.tx() as tx:\n  x = 1\n return Response(x)",
        "async def f():\n async with who.tx() as tx:\n  return Response(1)",
    ),
    (
        writes_sql_with_values_in_it,
        "tx.run('delete from t where id = :id', id=1)",
        "tx.run(f'delete from t where id = {id}')",
    ),
    (
        may_swallow_a_cancellation,
        "async def f():\n async with asyncio.timeout(5):\n  await event.wait()",
        "async def f():\n await asyncio.wait_for(event.wait(), 5)",
    ),
]


@pytest.mark.parametrize(
    ("rule", "good", "bad"), EXAMPLES, ids=[r.__name__ for r, _, _ in EXAMPLES]
)
def test_the_rule_knows_good_from_bad(rule: Rule, good: str, bad: str) -> None:
    assert not list(rule(ast.parse(good)))
    assert list(rule(ast.parse(bad)))


@pytest.mark.parametrize(
    "rule", [rule for rule, _, _ in EXAMPLES], ids=lambda rule: rule.__name__
)
def test_no_module_breaks_the_rule(rule: Rule) -> None:
    found = [
        f"{path.relative_to(SOURCE)}:{line} {what}"
        for path in MODULES
        if not (rule is reads_the_clock and path == SOURCE / "kernel" / "moments.py")
        for line, what in rule(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not found


# -- facts -------------------------------------------------------------------------------------

PERSONAL = re.compile(
    r"name|phone|mobile|address|contact|words|text|reason|note|opinion|title|birth|sex|"
    r"health|symptom|temperature|id_number|password|secret"
)


def test_facts_carry_ids_codes_and_numbers_and_nobodys_secrets() -> None:
    import_rooms()
    facts = all_facts()
    assert len(facts) > 10
    for kind, fact in facts.items():
        if not fact.__module__.startswith("wangge."):
            continue
        hints = typing.get_type_hints(fact)
        names = [field.name for field in dataclasses.fields(fact)]
        assert hints[names[0]] is UUID, f"{kind}: the first field is the subject's id"
        assert "area_code" in names, kind
        for name in names:
            assert not PERSONAL.search(name), f"{kind}.{name} sounds personal"
            for arm in typing.get_args(hints[name]) or (hints[name],):
                assert arm in (UUID, str, int, bool, datetime, type(None), ...) or (
                    isinstance(arm, type) and issubclass(arm, Enum)
                ), f"{kind}.{name}: {arm}"


# -- words -------------------------------------------------------------------------------------

CHINESE = re.compile(r"[㐀-鿿]")
CALLS = re.compile(
    r"""\b_\(\s*(?P<quote>["'])(?P<text>(?:\\.|(?!(?P=quote)).)*)(?P=quote)""", re.S
)


def catalogue() -> dict[str, str]:
    words: dict[str, str] = {}
    for path in SOURCE.glob("*/locale/en*.json"):
        words.update(json.loads(path.read_text(encoding="utf-8")))
    return words


def chinese_of_templates() -> Iterator[tuple[str, str]]:
    for path in [*SOURCE.rglob("templates/**/*.html"), *SOURCE.rglob("templates/**/*.txt")]:
        for match in CALLS.finditer(path.read_text(encoding="utf-8")):
            yield str(path.relative_to(SOURCE)), match["text"]


def chinese_of_code() -> Iterator[tuple[str, str]]:
    """Refusals' words, acts', settings', menu entries', `_("…")` in modules, and sentences that
    rows keep (kernel/said.py)."""
    for path in MODULES:
        if "demo/town" in str(path):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("_", "said", "kept")
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                yield str(path.relative_to(SOURCE)), str(node.args[0].value)
            if (
                isinstance(node, ast.AnnAssign)
                and isinstance(node.target, ast.Name)
                and node.target.id == "says"
                and isinstance(node.value, ast.Constant)
            ):
                yield str(path.relative_to(SOURCE)), str(node.value.value)


def test_every_sentence_has_its_english() -> None:
    words = catalogue()
    missing = {
        f"{where}: {text}"
        for where, text in [*chinese_of_templates(), *chinese_of_code()]
        if CHINESE.search(text) and text not in words
    }
    assert not missing, f"{len(missing)} without English:\n" + "\n".join(sorted(missing)[:40])


def test_english_keeps_the_names_of_the_blanks() -> None:
    blank = re.compile(r"\{(\w+)")
    wrong = [
        text
        for text, english in catalogue().items()
        if set(blank.findall(text)) != set(blank.findall(english))
    ]
    assert not wrong
