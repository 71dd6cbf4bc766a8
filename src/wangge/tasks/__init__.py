"""Tasks: what somebody does about a thing, offered to one who may say no, and never forgotten.

A task is offered to a target, a person or a pool; whoever accepts first holds it and nobody else
can. Who is asked next when nobody answers is for the room above (dispatch) to decide.
"""

from wangge.tasks.commands import (
    accept,
    cancel_for,
    create,
    decline,
    expire,
    finish,
    go_along,
    hand_back,
    held,
    offer_again,
    retime_for,
    start,
    strand,
)
from wangge.tasks.model import (
    AlreadyTaken,
    NewTask,
    OfferGone,
    Task,
    TaskKind,
    TaskState,
    WrongTaskState,
)
from wangge.tasks.targets import keys_of, my_keys, target_words

__all__ = [
    "AlreadyTaken",
    "NewTask",
    "OfferGone",
    "Task",
    "TaskKind",
    "TaskState",
    "WrongTaskState",
    "accept",
    "cancel_for",
    "create",
    "decline",
    "expire",
    "finish",
    "go_along",
    "hand_back",
    "held",
    "keys_of",
    "my_keys",
    "offer_again",
    "retime_for",
    "start",
    "strand",
    "target_words",
]
