"""Hours: what people worked and are to work, and the guard against too much of it.

A worker sees their own, whoever plans sees their people's. There is no ranking, no score, no place
tracked: hours come from shifts and from what people themselves say.
"""

from wangge.hours.guarding import tired
from wangge.hours.limits import LIMITS, minute_of

__all__ = ["LIMITS", "minute_of", "tired"]
