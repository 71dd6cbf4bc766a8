"""What is done to a case. Each command looks, decides, writes, says."""

from wangge.cases.commands.accepting import (
    file_case,
    merge,
    reclassify,
    return_to_acceptor,
    self_close,
    void,
)
from wangge.cases.commands.closing import (
    call_back,
    close,
    reopen,
    reopen_by_receipt,
    score_by_receipt,
)
from wangge.cases.commands.grounds import Ground, class_for, condition_of, ground
from wangge.cases.commands.handling import (
    ask_extension,
    decide_extension,
    needs_joint,
    resume,
    rework,
    start_clock,
    suspend,
)
from wangge.cases.commands.moving import (
    PHOTOS_MAX,
    aside,
    door,
    find,
    hand_on,
    note,
    photos,
    progress,
)
from wangge.cases.commands.stairwells import go_along

__all__ = [
    "PHOTOS_MAX",
    "Ground",
    "aside",
    "ask_extension",
    "call_back",
    "class_for",
    "close",
    "condition_of",
    "decide_extension",
    "door",
    "file_case",
    "find",
    "go_along",
    "ground",
    "hand_on",
    "merge",
    "needs_joint",
    "note",
    "photos",
    "progress",
    "reclassify",
    "reopen",
    "reopen_by_receipt",
    "resume",
    "return_to_acceptor",
    "rework",
    "score_by_receipt",
    "self_close",
    "start_clock",
    "suspend",
    "void",
]
