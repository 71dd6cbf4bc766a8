"""What a check on the spot found, before filing (核实) and before closing (核查)."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from wangge import tasks
from wangge.cases import commands as cases
from wangge.cases import queries as case_queries
from wangge.cases.model import NO_LIMIT, VERB_NAMES, Verb, reason
from wangge.dispatch.commands.giving import dispatch_by_rule, send_back
from wangge.dispatch.commands.scenes import scene
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Forbidden
from wangge.kernel.said import said as kept
from wangge.tasks import Task, TaskKind


async def verify_answer(
    tx: Tx,
    task_id: UUID,
    true_report: bool,
    note: str,
    class_code: str | None,
    files: Sequence[UUID],
) -> Task:
    """What the worker found (核实): true, and of which class; or not so.

    A true report with a chosen class goes on by rule at once, as from a trusted channel.
    """
    task = await tasks.finish(tx, task_id, await tasks.my_keys(tx), TaskKind.VERIFY)
    case = await case_queries.lock_for_task(tx, task.origin_id)
    found = await scene(tx, case.area_code)
    said = note.strip() if true_report else reason("note", note)
    chosen = class_code or case.class_code
    known = await cases.class_for(tx, found.ground, chosen, case.area_code) if chosen else None
    checked = await cases.progress(
        tx,
        case,
        Verb.VERIFIED if true_report else Verb.REFUTED,
        found.ground.to_accept(case, tx.now),
        opinion=said,
        edit=lambda moved: replace(moved, verified=true_report),
    )
    await cases.photos(tx, case.id, files, "verify")
    if true_report and known is not None:
        checked = replace(
            checked,
            class_code=known.code,
            platform=known.platform,
            urgent=known.urgent,
        )
        filed = await cases.progress(
            tx,
            checked,
            Verb.FILE,
            found.ground.to_dispatch(tx.now),
            opinion=cases.condition_of(known),
        )
        await case_queries.reclass(tx, case.id, known.code, "verifier", kept("核实人确认"))
        await dispatch_by_rule(tx, filed, found)
    return task


async def inspect_answer(
    tx: Tx, task_id: UUID, passed: bool, note: str, files: Sequence[UUID]
) -> Task:
    """What the inspector found (核查): the closing condition is met, or rework."""
    task = await tasks.finish(tx, task_id, await tasks.my_keys(tx), TaskKind.INSPECT)
    case = await case_queries.lock_for_task(tx, task.origin_id)
    if case.handler_id == tx.actor.id:
        raise Forbidden(VERB_NAMES[Verb.PASS])
    await cases.photos(tx, case.id, files, "inspect")
    if passed:
        found = await scene(tx, case.area_code)
        known = found.ground.reference.classes.get(case.class_code or "")
        words = note.strip() or (known.closing_condition_zh if known else "")
        await cases.progress(tx, case, Verb.PASS, NO_LIMIT, opinion=words)
    else:
        await send_back(tx, case, note)
    return task
