"""What the pages change: rules and their order, and days of the calendar."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from wangge.cases.acts import CONFIGURE as TAXONOMY
from wangge.cases.events import ClassesChanged
from wangge.cases.taxonomy import Level
from wangge.dispatch.acts import CONFIGURE
from wangge.dispatch.decide import CHANNELS
from wangge.dispatch.events import DutyPhoneShown, RuleChanged
from wangge.dispatch.pages import queries
from wangge.dispatch.rules import Rule, all_rules
from wangge.kernel.actors import Act, Role
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Forbidden, Invalid, NotFound, Problem
from wangge.people.model import PLATFORMS, seal_context
from wangge.places import ATLAS

#: Rules are numbered in steps, so that one can be put between two by hand.
STEP = 10
MODES = ("any", "peace", "war")
HOURS = ("any", "working", "off")
KINDS = ("org", "role", "team", "room")


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule as its form holds it."""

    name: str = ""
    class_prefix: str = ""
    area_code: str = ""
    channel: str = ""
    mode: str = "any"
    hours: str = "any"
    unit_kind: str = "org"
    unit: str = ""
    level: str = "street"
    answer_minutes: str = "30"
    note: str = ""


def may(tx: Tx, act: Act) -> str:
    """The area whose rules these are, for the fact. Raises Forbidden."""
    reach = tx.reach(act)
    if not reach.areas:
        raise Forbidden(act.name)
    return reach.areas[0]


async def save_rule(tx: Tx, rule_id: UUID | None, draft: Draft) -> Rule:
    """Add a rule at the end, or change one where it is. Raises Invalid, NotFound, Forbidden."""
    area = may(tx, CONFIGURE)
    await queries.lock_rules(tx)
    rules = await all_rules(tx)
    before = next((rule for rule in rules if rule.id == rule_id), None)
    if rule_id is not None and before is None:
        raise NotFound("这条规则")
    await _check(tx, draft)
    last = max((rule.position for rule in rules), default=0)
    rule = Rule(
        id=before.id if before else new_id(tx.now),
        position=before.position if before else last + STEP,
        name=draft.name.strip(),
        active=before.active if before else True,
        class_prefix=draft.class_prefix.strip(),
        area_code=draft.area_code,
        channel=draft.channel or None,
        mode=draft.mode,
        hours=draft.hours,
        unit_kind=draft.unit_kind,
        unit="" if draft.unit_kind == "room" else draft.unit.strip(),
        level=Level(draft.level),
        answer_minutes=int(draft.answer_minutes),
        note=draft.note.strip()[:200],
    )
    await queries.put_rule(tx, rule)
    await _changed(tx, area, [rule])
    return rule


async def _check(tx: Tx, draft: Draft) -> None:
    problems: list[Problem] = []

    def wrong(field: str, words: str) -> None:
        problems.append(Problem(field, words))

    if not 1 <= len(draft.name.strip()) <= 40:
        wrong("name", "规则名称写 1 到 40 个字。")
    if draft.area_code and (await ATLAS.get(tx)).area(draft.area_code) is None:
        wrong("area_code", "没有这个区域。")
    if draft.channel and draft.channel not in CHANNELS:
        wrong("channel", "没有这个来源。")
    if draft.mode not in MODES or draft.hours not in HOURS or draft.unit_kind not in KINDS:
        wrong("mode", "请从列表里选择。")
    if draft.level not in set(Level):
        wrong("level", "请选择由哪一级先接。")
    if not draft.answer_minutes.isdigit() or not 1 <= int(draft.answer_minutes) <= 10_080:
        wrong("answer_minutes", "答复时间填 1 到 10080 分钟。")
    if draft.unit_kind == "role" and draft.unit not in set(Role):
        wrong("unit", "派给岗位时,请选一个岗位。")
    if draft.unit_kind == "org" and draft.unit.partition(":")[0] not in PLATFORMS:
        wrong("unit", "派给部门时,填平台代码,可加冒号和单位名称里的字,例如 GG:供水。")
    if draft.unit_kind == "team" and not draft.unit.strip():
        wrong("unit", "派给队伍时,填队伍类型。")
    if problems:
        raise Invalid.all(problems)


async def set_active(tx: Tx, rule_id: UUID, active: bool) -> None:
    """Switch a rule on or off; it keeps its place."""
    area = may(tx, CONFIGURE)
    await queries.lock_rules(tx)
    for rule in await all_rules(tx):
        if rule.id == rule_id:
            changed = replace(rule, active=active)
            await queries.put_rule(tx, changed)
            await _changed(tx, area, [changed])
            return
    raise NotFound("这条规则")


async def move_rule(tx: Tx, rule_id: UUID, up: bool) -> None:
    """Change places with the neighbour. The first that matches decides, so order matters."""
    area = may(tx, CONFIGURE)
    await queries.lock_rules(tx)
    rules = await all_rules(tx)
    at = next((n for n, rule in enumerate(rules) if rule.id == rule_id), None)
    if at is None:
        raise NotFound("这条规则")
    other = at - 1 if up else at + 1
    if not 0 <= other < len(rules):
        return
    one, two = rules[at], rules[other]
    for moved in (
        replace(one, position=two.position),
        replace(two, position=one.position),
    ):
        await queries.put_rule(tx, moved)
    await _changed(tx, area, [one])


async def _changed(tx: Tx, area: str, rules: Sequence[Rule]) -> None:
    for rule in rules:
        tx.publish(RuleChanged(rule.id, area, rule.active))
    await tx.bump("dispatch")


async def set_day(tx: Tx, day: date, worked: bool | None, name: str) -> None:
    """A holiday (False), a swapped workday (True), or as the week says again (None)."""
    area = may(tx, TAXONOMY)
    if worked is None:
        await queries.drop_day(tx, day)
    else:
        await queries.put_day(tx, day, worked, name.strip()[:20])
    tx.publish(ClassesChanged(tx.actor.id, area, 0))
    await tx.bump("cases")


@dataclass(frozen=True, slots=True)
class Phone:
    """A number to dial, and whose it is."""

    name: str
    phone: str


async def show_phone(tx: Tx, vault: Vault, task_id: UUID) -> Phone:
    """Open the number of whoever is asked and does not answer; that it was opened is a fact."""
    found = await queries.duty_phone(tx, task_id)
    if found.phone_sealed is None:
        raise NotFound("这个人的电话")
    tx.publish(DutyPhoneShown(found.task_id, found.area_code, found.staff_id))
    return Phone(
        found.name, vault.open(found.phone_sealed, seal_context(found.staff_id, "phone"))
    )
