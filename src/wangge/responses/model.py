"""A declared response, and whether one is live somewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from wangge.kernel.refusals import Refusal

Mode = Literal["peace", "war"]


@dataclass(eq=False)
class NoResponse(Refusal):
    """Epidemic classes, stays and zones open under a declared response only."""

    says: ClassVar[str] = "“{what}”只能在已宣布的应急响应期间使用;现在这里没有生效的响应。"
    status: ClassVar[int] = 409
    what: str


@dataclass(frozen=True, slots=True)
class Response:
    """One approved declaration."""

    id: UUID
    matter: str
    level: int
    area_code: str
    starts_at: datetime
    ends_at: datetime

    def live(self, area_code: str, now: datetime) -> bool:
        """Whether it is in force there, then."""
        return area_code.startswith(self.area_code) and self.starts_at <= now < self.ends_at


class Declared:
    """The approved declarations that have not been ended, as of one transaction."""

    def __init__(self, responses: Sequence[Response]) -> None:
        self.responses = tuple(sorted(responses, key=lambda r: (-len(r.area_code), r.id)))

    def live(self, area_code: str, now: datetime) -> Response | None:
        """The nearest in force there, or None."""
        for response in self.responses:
            if response.live(area_code, now):
                return response
        return None

    def mode(self, area_code: str, now: datetime) -> Mode:
        """平时 or 战时."""
        return "war" if self.live(area_code, now) else "peace"
