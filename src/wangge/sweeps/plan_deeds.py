"""Rounds that come again, as deeds."""

from uuid import UUID

import msgspec

from wangge.kernel.database import Tx
from wangge.kernel.http import deed
from wangge.sweeps.commands import planning
from wangge.sweeps.commands.planning import Planning
from wangge.sweeps.queries.plans import Plan


@deed("sweeps.plan", Planning, status=201)
async def plan(tx: Tx, body: Planning) -> Plan:
    return await planning.make_plan(tx, body)


class OfPlan(msgspec.Struct):
    plan: UUID


@deed("sweeps.pause_plan", OfPlan)
async def pause_plan(tx: Tx, body: OfPlan) -> Plan:
    return await planning.pause_plan(tx, body.plan, paused=True)


@deed("sweeps.resume_plan", OfPlan)
async def resume_plan(tx: Tx, body: OfPlan) -> Plan:
    return await planning.pause_plan(tx, body.plan, paused=False)


@deed("sweeps.end_plan", OfPlan)
async def end_plan(tx: Tx, body: OfPlan) -> Plan:
    return await planning.end_plan(tx, body.plan)
