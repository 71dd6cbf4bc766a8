"""Rate limits for strangers: token buckets in memory, bounded in number."""

from collections import OrderedDict
from dataclasses import dataclass

from wangge.kernel.refusals import TooMany


@dataclass
class _Bucket:
    tokens: float
    at: float


class Limiter:
    """At most `burst` at once and `per_minute` in the long run, for each key.

    Keys beyond `keys_max` push out the longest unused, so ten thousand addresses cost a fixed
    amount of memory.
    """

    def __init__(self, *, per_minute: float, burst: int, keys_max: int = 20_000) -> None:
        self._rate = per_minute / 60
        self._burst = burst
        self._keys_max = keys_max
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, key: str, now: float) -> None:
        """Use one token. `now` is in seconds of any steady clock. Raises TooMany."""
        bucket = self._buckets.get(key) or _Bucket(self._burst, now)
        bucket.tokens = min(self._burst, bucket.tokens + max(0.0, now - bucket.at) * self._rate)
        bucket.at = now
        self._buckets[key] = bucket
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._keys_max:
            self._buckets.popitem(last=False)
        if bucket.tokens < 1:
            raise TooMany(retry_after=max(1, round((1 - bucket.tokens) / self._rate)))
        bucket.tokens -= 1
