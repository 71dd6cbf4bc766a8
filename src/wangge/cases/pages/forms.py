"""The small forms under a case's buttons: what each verb asks for, and how it becomes a deed's body.

One table for all of them, so that a form, the body it sends and the words beside it cannot drift.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.kernel.moments import ZONE
from wangge.kernel.refusals import Invalid

Pairs = Sequence[tuple[str, str]]
Groups = Sequence[tuple[str, Pairs]]


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `kind` is how it is drawn: words, line, select, choice, tick, moment."""

    name: str
    kind: str
    label: str
    required: bool = True
    help: str = ""
    value: str = ""
    options: Pairs = ()
    groups: Groups = ()


@dataclass(frozen=True, slots=True)
class DeedForm:
    """A button and the form it opens. `key` tells forms of one page apart."""

    key: str
    words: str
    submit: str
    tone: str
    action: str
    deed_id: UUID
    hidden: Mapping[str, str]
    fields: Sequence[Field]
    note: str = ""
    open: bool = False
    photos: bool = False
    typed: Mapping[str, str] = field(default_factory=dict[str, str])


def text(value: str) -> Any:
    """As it was typed."""
    return value


def whole(value: str) -> Any:
    """A number, or nothing where none was typed."""
    return int(value) if value.isdigit() else value


def yes(value: str) -> Any:
    """A tick or a choice of yes."""
    return value in ("1", "yes")


def target(value: str) -> Any:
    """`org:<id>` as {kind, id}."""
    kind, _, rest = value.partition(":")
    return {"kind": kind, "id": rest}


def moment(value: str) -> Any:
    """What a date-and-time field sends is local time; deeds speak ISO 8601 with its offset."""
    try:
        return datetime.fromisoformat(value).replace(tzinfo=ZONE).isoformat()
    except ValueError as wrong:
        raise Invalid.of("until", "请填写日期和时间。") from wrong


def nothing(_: str) -> Any:
    return None


@dataclass(frozen=True, slots=True)
class Spec:
    """What a verb's form is made of: the deed, and how each field becomes a part of its body."""

    deed: str
    words: str
    tone: str
    reads: Mapping[str, Callable[[str], Any]]
    note: str = ""
    submit: str = "确定"


#: By verb, in the order of the buttons.
SPECS: dict[str, Spec] = {
    "file": Spec(
        "cases.file", "确认立案", "primary", {"class_code": text}, "选定的分类就是立案标准。"
    ),
    "dispatch": Spec("cases.dispatch", "派遣给…", "primary", {"target": target, "note": text}),
    "decide_extension": Spec(
        "cases.decide_extension", "审批延期", "primary", {"approve": yes, "reason": text}
    ),
    "close": Spec("cases.close", "确认结案", "primary", {"met": yes}),
    "inspect": Spec(
        "cases.inspect",
        "派人核查(结案前)",
        "primary",
        {},
        "由最近的网格员到现场看处置结果,属结案之前的检查。",
    ),
    "call_back": Spec("cases.call_back", "登记回访", "primary", {"score": whole, "note": text}),
    "resume": Spec("cases.resume", "解挂", "primary", {}, "计时从剩余的时间继续。"),
    "verify": Spec(
        "cases.verify",
        "派人核实(立案前)",
        "secondary",
        {},
        "由最近的网格员到现场看情况是否属实,属立案之前的检查。",
    ),
    "self_close": Spec("cases.self_close", "现场自处办结", "secondary", {"result": text}),
    "rework": Spec(
        "cases.rework",
        "返工",
        "secondary",
        {"reason": text},
        "仍由原单位办理,材料都保留;时限为剩余时间加原时限的一半。",
    ),
    "return_to_acceptor": Spec(
        "cases.return_to_acceptor", "退回受理", "secondary", {"reason": text}
    ),
    "reclassify": Spec(
        "cases.reclassify", "改分类", "secondary", {"class_code": text, "reason": text}
    ),
    "suspend": Spec(
        "cases.suspend", "挂起", "secondary", {"reason": text, "review_at": moment}
    ),
    "merge": Spec("cases.merge", "并入另一件", "secondary", {"into": text}),
    "reopen": Spec("cases.reopen", "重新打开", "secondary", {"reason": text}),
    "void": Spec("cases.void", "作废", "danger", {"reason": text}),
    "note": Spec("cases.note", "写一条意见", "secondary", {"text": text}, submit="记下"),
    "appeal": Spec(
        "cases.appeal",
        "申诉",
        "secondary",
        {"step_id": text, "reason": text},
        "写明为什么不应计入本单位:预审、主管部门、领导三级审,每级一个人。",
    ),
    "decide_appeal": Spec(
        "cases.decide_appeal",
        "审申诉",
        "primary",
        {"appeal_id": text, "passed": yes, "reason": text},
    ),
    "withdraw_appeal": Spec(
        "cases.withdraw_appeal", "撤回申诉", "secondary", {"appeal_id": text}
    ),
    "accept": Spec("dispatch.accept", "接受任务", "primary", {}),
    "start": Spec("dispatch.start", "开始处置", "primary", {}),
    "finish": Spec("dispatch.finish", "处置完成", "primary", {"result": text}),
    "verify_answer": Spec(
        "dispatch.verify_answer",
        "填写核实结果",
        "primary",
        {"true_report": yes, "note": text},
    ),
    "inspect_answer": Spec(
        "dispatch.inspect_answer", "填写核查结果", "primary", {"passed": yes, "note": text}
    ),
    "meet": Spec(
        "dispatch.meet",
        "写会商结论",
        "primary",
        {"result": text},
        "三次退回后的疑难会商:写明由谁牵头、怎么办。",
    ),
    "ask_extension": Spec(
        "dispatch.ask_extension", "申请延期", "secondary", {"reason": text, "until": moment}
    ),
    "decline": Spec(
        "dispatch.decline", "不能接", "secondary", {"reason": text}, "会马上转问下一位。"
    ),
    "return_task": Spec("dispatch.return_task", "退回派遣", "secondary", {"reason": text}),
}

#: Deeds whose body carries the version the form was drawn from.
VERSIONED = frozenset(
    spec.deed
    for verb, spec in SPECS.items()
    if spec.deed.startswith("cases.") and verb not in ("note", "appeal", "withdraw_appeal")
)
#: Verbs whose form takes photos, and whose deed is sent them.
WITH_PHOTOS = frozenset({"finish", "verify_answer", "inspect_answer", "meet", "appeal"})


def body_of(
    verb: str, case_id: UUID, typed: Mapping[str, str], photos: Sequence[UUID] = ()
) -> tuple[str, dict[str, Any]]:
    """The deed and its body, from a form's fields and the photos that were kept for it. Raises Invalid
    for what cannot be read."""
    spec = SPECS.get(verb)
    if spec is None:
        raise Invalid.of("verb", "没有“{verb}”这种操作。", verb=verb)
    body: dict[str, Any] = {
        name: read(typed.get(name, "")) for name, read in spec.reads.items()
    }
    if spec.deed.startswith("dispatch."):
        body["task_id"] = typed.get("task_id", "")
    else:
        body["case_id"] = str(case_id)
    if spec.deed in VERSIONED:
        body["version"] = whole(typed.get("version", ""))
    if verb in WITH_PHOTOS:
        body["photos"] = [str(photo) for photo in photos]
    return spec.deed, body
