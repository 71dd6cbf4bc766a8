"""What is done to a case through its tasks: ask, accept, handle, check, ask again, climb."""

from wangge.dispatch.commands.checks import inspect_answer, verify_answer
from wangge.dispatch.commands.desk import dispatch, inspect, rework, verify
from wangge.dispatch.commands.giving import dispatch_by_rule
from wangge.dispatch.commands.offers import accept, ask_next, climb, decline, expire_offers
from wangge.dispatch.commands.scenes import Scene, rule_for, scene
from wangge.dispatch.commands.working import (
    ask_extension,
    finish,
    finish_meeting,
    return_task,
    start,
)

__all__ = [
    "Scene",
    "accept",
    "ask_extension",
    "ask_next",
    "climb",
    "decline",
    "dispatch",
    "dispatch_by_rule",
    "expire_offers",
    "finish",
    "finish_meeting",
    "inspect",
    "inspect_answer",
    "return_task",
    "rework",
    "rule_for",
    "scene",
    "start",
    "verify",
    "verify_answer",
]
