"""A report, what it is judged by, and what is decided of it."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from uuid import UUID

from wangge.cases.commands import Ground
from wangge.cases.model import STAGES
from wangge.cases.queries import NewCase, Step
from wangge.cases.reference import Reference
from wangge.dispatch.asking import Around
from wangge.dispatch.rules import Rulebook
from wangge.kernel.actors import Actor
from wangge.kernel.i18n import Locale
from wangge.kernel.said import both
from wangge.people.roster import Roster
from wangge.places import Atlas
from wangge.responses.model import Responses
from wangge.tasks import NewTask, target_words

CHANNELS = frozenset(
    {"worker", "resident", "hotline", "police", "camera", "enterprise", "superior", "batch"}
)
#: Targets whose words are remembered.
_TARGETS_MAX = 20_000
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Report:
    """Something a person, a hotline or a machine says needs attention."""

    id: UUID
    by: Actor
    words: str
    channel: str = "worker"
    class_code: str | None = None
    area_code: str | None = None
    lon: float | None = None
    lat: float | None = None
    place: str = ""
    unit_id: UUID | None = None
    dwelling_id: UUID | None = None
    photos: tuple[UUID, ...] = ()
    trusted: bool = False
    reported_at: datetime | None = None
    external_id: str | None = None
    self_close: str | None = None
    contact_sealed: bytes | None = None
    contact_mask: str | None = None
    #: An importer brings old cases; their time is taken as it is.
    historic: bool = False
    #: An importer vouches for what the words say; otherwise an acceptor confirms the class.
    words_decide: bool = False
    #: False: filed and routed, but nobody is asked before a dispatcher says so.
    offer: bool = True

    def clean_words(self) -> str:
        """Without NUL and other control characters, which PostgreSQL or a screen would choke on."""
        return CONTROL.sub("", self.words).strip()


_STAGES = {state.value: stage.value for state, stage in STAGES.items()}


@dataclass(frozen=True)
class Grounds:
    """What reports are judged by; good until one of the five is read anew."""

    reference: Reference
    responses: Responses
    atlas: Atlas
    roster: Roster
    rules: Rulebook
    around: Around
    _targets: dict[tuple[str, Locale], str] = field(
        default_factory=dict[tuple[str, Locale], str], init=False, repr=False, compare=False
    )

    @cached_property
    def peace(self) -> Ground:
        return Ground(self.reference, war=False)

    @cached_property
    def war(self) -> Ground:
        return Ground(self.reference, war=True)

    def stage(self, state: str) -> str:
        return _STAGES[state]

    def class_name(self, code: str | None, locale: Locale = "zh") -> str:
        known = self.reference.classes.get(code or "")
        if known is None:
            return ""
        return known.name_en or known.name_zh if locale == "en" else known.name_zh

    def target_name(self, target: str | None, locale: Locale = "zh") -> str:
        """A target in words for the reporter: a person only by post."""
        if target is None:
            return ""
        words = self._targets.get((target, locale))
        if words is None:
            words = target_words(target, self.roster, self.atlas, locale=locale)
            if len(self._targets) < _TARGETS_MAX:
                self._targets[target, locale] = words
        return words

    def target_said(self, target: str) -> dict[str, str]:
        """The same in both languages, for a sentence to keep."""
        return both(self.target_name(target), self.target_name(target, "en"))


@dataclass(frozen=True, slots=True)
class Decision:
    """A report's case with its story so far, and the first task with its first offer."""

    report: Report
    case: NewCase
    steps: tuple[Step, ...]
    task: NewTask | None
