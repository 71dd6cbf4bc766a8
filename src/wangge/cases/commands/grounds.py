"""What a verb is judged by."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from wangge.cases.model import Case, Limit, limit_from
from wangge.cases.reference import REFERENCE, Reference
from wangge.cases.taxonomy import CaseClass
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Invalid
from wangge.kernel.said import both, said
from wangge.kernel.worktime import Span, full_minute
from wangge.responses import RESPONSES, NoResponse

#: Limits one ground remembers.
_LIMITS_MAX = 2_000


@lru_cache(maxsize=1_000)
def handling_of(known: CaseClass) -> str:
    """What the class limit is for, as a sentence to keep."""
    return said("{name}处置", name=both(known.name_zh, known.name_en))


@lru_cache(maxsize=1_000)
def condition_of(known: CaseClass) -> str:
    """The class's filing condition, as a sentence to keep; "" when it has none."""
    if not known.condition_zh:
        return ""
    return said("{condition}", condition=both(known.condition_zh, known.condition_en))


@dataclass(frozen=True, slots=True)
class Ground:
    """What a verb is judged by: the taxonomy, and whether a response is declared there."""

    reference: Reference
    war: bool
    #: Limits begin at full minutes, so what arrives within one shares them. The span is kept
    #: with its limit: an identity is only good as long as nothing else can get it.
    _limits: dict[tuple[int, int, str, str], tuple[Span, Limit]] = field(
        default_factory=dict[tuple[int, int, str, str], tuple[Span, Limit]],
        init=False,
        repr=False,
        compare=False,
    )

    def span_of(self, known: CaseClass) -> Span:
        """The class limit; under a declared response every clock runs without a break."""
        return known.span.as_urgent() if self.war else known.span

    def limit(self, start: datetime, span: Span, what: str, why: str) -> Limit:
        """A limit from `start`, urgent under a declared response."""
        key = (full_minute(start), id(span), what, why)
        known = self._limits.get(key)
        if known is not None:
            return known[1]
        used = span.as_urgent() if self.war else span
        limit = limit_from(start, used, what, why, self.reference.calendar)
        if len(self._limits) >= _LIMITS_MAX:
            self._limits.clear()
        self._limits[key] = (span, limit)
        return limit

    def handling(self, known: CaseClass, start: datetime) -> Limit:
        """The class limit, from dispatch on."""
        return self.limit(start, known.span, "handle", handling_of(known))

    def to_accept(self, case: Case, start: datetime) -> Limit:
        """How long a report may wait for an acceptor."""
        limits = self.reference.limits
        span = limits.accept_urgent if case.urgent else limits.accept_other
        return self.limit(start, span, "accept", "受理")

    def to_dispatch(self, start: datetime) -> Limit:
        """How long a filed case may wait for its unit."""
        return self.limit(start, self.reference.limits.dispatch, "dispatch", "派遣")


async def ground(tx: Tx, area_code: str) -> Ground:
    """Read once a command."""
    versions = await tx.versions()
    reference = await REFERENCE.get(tx, versions)
    responses = await RESPONSES.get(tx, versions)
    return Ground(reference, responses.mode(area_code, tx.now) == "war")


async def class_for(tx: Tx, grounds: Ground, code: str, area_code: str) -> CaseClass:
    """A known class; one that needs a declared response only while there is one."""
    known = grounds.reference.classes.get(code)
    if known is None:
        raise Invalid.of("class_code", "没有“{code}”这个事项分类。", code=code)
    if known.needs_response:
        responses = await RESPONSES.get(tx)
        if responses.live(area_code, tx.now) is None:
            raise NoResponse(area_code)
    return known
