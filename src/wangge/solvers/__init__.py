"""Solvers: arithmetic under the plans, and checks of plans. Pure: no database, no room, no network.

Each solver takes plain inputs and answers a proposal with its reasons; nothing here decides for
anybody. Same input, same seed, same tries: same answer.
"""

from wangge.solvers.running import Budget, Progress, Stopped, Watch
from wangge.solvers.words import Sentence, said

__all__ = ["Budget", "Progress", "Sentence", "Stopped", "Watch", "said"]
