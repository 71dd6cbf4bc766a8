"""Questions as people make them, checked one by one: nothing is kept that could not be asked at a door."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from wangge.forms.model import Dictionary, Entry
from wangge.kernel.refusals import Invalid, Problem
from wangge.registers.kinds import KINDS as REGISTERS
from wangge.sweeps.conditions import (
    Node,
    Unreadable,
    is_node,
    keys_of,
    parse,
    well_formed,
)
from wangge.sweeps.questions import (
    CHOICES_MAX,
    CODE,
    COLUMNS,
    FILLS,
    KEY,
    OF_WHOM,
    QUESTION_KINDS,
    QUESTIONS_MAX,
    WORDS_MAX,
    Choice,
    Question,
)


def checked(
    raws: Sequence[Mapping[str, Any]], known: Dictionary, helps: Iterable[str]
) -> tuple[Question, ...]:
    """Questions as somebody wrote them, `when` and `must` as text or as data. Raises Invalid with
    everything that is wrong; `row` counts questions from 1."""
    wrong: list[Problem] = []
    made: list[Question] = []
    helps = frozenset(helps)
    if len(raws) > QUESTIONS_MAX:
        raise Invalid.of("questions", "一种清查最多 {most} 个问题。", most=QUESTIONS_MAX)
    for row, raw in enumerate(raws, 1):

        def want(
            fine: object, field: str, words: str, row: int = row, **values: object
        ) -> None:
            if not fine:
                wrong.append(Problem(field, words, row, values))

        made.append(_checked(raw, {q.key for q in made}, known, helps, want))
    if wrong:
        raise Invalid.all(wrong)
    return tuple(made)


def _checked(
    raw: Mapping[str, Any],
    before: set[str],
    known: Dictionary,
    helps: frozenset[str],
    want: Callable[..., None],
) -> Question:
    def text(name: str) -> str:
        return str(raw.get(name) or "").strip()

    key, words, kind = text("key"), text("words"), text("kind")
    want(KEY.fullmatch(key), "key", "“{key}”不能作问题代号:只用字母、数字和下划线。", key=key)
    want(key not in before, "key", "代号“{key}”前面已经用过,请换一个。", key=key)
    want(1 <= len(words) <= WORDS_MAX, "words", "问题应为 1 到 {most} 个字。", most=WORDS_MAX)
    want(kind in QUESTION_KINDS, "kind", "没有“{kind}”这种问题。", kind=kind)
    of = text("of") or "household"
    want(of in OF_WHOM, "of", "请选择每户问一次还是每人问一次。")
    given: list[Mapping[str, Any]] = list(raw.get("choices") or ())
    choices = tuple(
        Choice(
            str(c.get("code") or "").strip(),
            str(c.get("words") or "").strip(),
            str(c.get("words_en") or "").strip(),
            str(c.get("need") or "").strip(),
        )
        for c in given
    )
    field = text("field")
    entry = known.find(field) if field else None
    if kind in ("choice", "choices") and not choices and entry is not None:
        choices = tuple(Choice(code, name) for code, name in (entry.spec.codes or {}).items())
    if kind in ("choice", "choices"):
        want(
            2 <= len(choices) <= CHOICES_MAX,
            "choices",
            "选择题要有 2 到 {most} 个选项。",
            most=CHOICES_MAX,
        )
    else:
        choices = ()
    want(
        len({one.code for one in choices}) == len(choices),
        "choices",
        "选项代号有重复。",
    )
    for one in choices:
        want(CODE.fullmatch(one.code), "choices", "选项代号“{code}”不能有空格。", code=one.code)
        want(1 <= len(one.words) <= 60, "choices", "每个选项要有 1 到 60 个字的文字。")
        want(
            not one.need or one.need in helps,
            "choices",
            "没有“{need}”这种需求。",
            need=one.need,
        )
    when = _condition(raw.get("when"), "when", before, want, own=False)
    must = _condition(raw.get("must"), "must", before, want, own=True)
    want(
        must is None or text("must_words"),
        "must_words",
        "写了限制,就要写答错时怎么提示。",
    )
    if field:
        _check_field(field, kind, of, choices, entry, want)
    return Question(
        key,
        words,
        kind,
        choices,
        text("words_en")[:WORDS_MAX],
        text("hint")[:WORDS_MAX],
        of,
        bool(raw.get("required")) and kind != "note",
        when,
        must,
        text("must_words")[:WORDS_MAX],
        text("must_words_en")[:WORDS_MAX],
        field,
    )


def _condition(
    given: Any, name: str, before: set[str], want: Callable[..., None], *, own: bool
) -> Node | None:
    if given is None or given == "":
        return None
    if isinstance(given, str):
        try:
            node = parse(given)
        except Unreadable as wrong:
            want(
                False,
                name,
                "条件里的“{what}”看不懂。可以写 ${dogs} = 'yes'、and、or、not()、selected() 和比大小。",
                what=wrong.what,
            )
            return None
    else:
        want(well_formed(given), name, "条件的格式不对。")
        node = given if well_formed(given) else None
    strangers = sorted(keys_of(node) - before)
    want(
        not strangers,
        name,
        "条件里的“{key}”不是前面问过的问题。",
        key=strangers[0] if strangers else "",
    )
    want(own or "it" not in _heads(node), name, "显示条件里不能用“.”。")
    return node


def _heads(node: Any) -> set[str]:
    if not is_node(node) or not node:
        return set()
    what, parts = node[0], node[1:]
    return {str(what)} | {head for part in parts for head in _heads(part)}


def _check_field(
    field: str,
    kind: str,
    of: str,
    choices: Sequence[Choice],
    entry: Entry | None,
    want: Callable[..., None],
) -> None:
    if entry is None or not entry.active:
        want(False, "field", "字典里没有“{key}”这个字段,或已停用。", key=field)
        return
    spec = entry.spec
    register = REGISTERS.get(spec.subject)
    fits = spec.subject == "resident" if of == "person" else spec.subject == "household"
    want(
        fits or (register and of != "person"), "field", "“{name}”不是问这个的。", name=spec.name
    )
    want(
        register or spec.source in ("asked", "document"),
        "field",
        "“{name}”不用问住户,系统里就有。",
        name=spec.name,
    )
    want(
        spec.kind in FILLS.get(kind, frozenset()),
        "field",
        "“{name}”填不进这种回答,请换一种问法或换一个字段。",
        name=spec.name,
    )
    if register:
        want(
            field.partition(".")[2] in register.by_name,
            "field",
            "“{name}”要看证照,不能由现场的回答填写。请到台账里改。",
            name=spec.name,
        )
    else:
        want(
            field in COLUMNS or entry.own,
            "field",
            "“{name}”要核对证件,不能由门口的回答填写。请到住户页改。",
            name=spec.name,
        )
    strange = [one.code for one in choices if one.code not in (spec.codes or {})]
    want(
        not strange,
        "choices",
        "“{name}”里没有代号“{code}”。把选项留空,就用字段自己的选项。",
        name=spec.name,
        code=strange[0] if strange else "",
    )
