"""What a verb is judged by."""

from dataclasses import dataclass
from datetime import datetime

from wangge.cases.model import Case, Limit, limit_from
from wangge.cases.reference import REFERENCE, Reference
from wangge.cases.taxonomy import CaseClass
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Invalid
from wangge.kernel.worktime import Span
from wangge.responses import RESPONSES, NoResponse


@dataclass(frozen=True, slots=True)
class Ground:
    """What a verb is judged by: the taxonomy, and whether a response is declared there."""

    reference: Reference
    war: bool

    def span_of(self, known: CaseClass) -> Span:
        """The class limit; under a declared response every clock runs without a break."""
        return known.span.as_urgent() if self.war else known.span

    def limit(self, start: datetime, span: Span, what: str, why: str) -> Limit:
        """A limit from `start`, urgent under a declared response."""
        used = span.as_urgent() if self.war else span
        return limit_from(start, used, what, why, self.reference.calendar)

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
