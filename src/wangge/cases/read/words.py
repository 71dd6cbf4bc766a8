"""Ids into words, for people."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.cases.model import STATE_NAMES, VERB_NAMES, State, Verb
from wangge.cases.read.views import OfferLine, StepLine, TaskLine
from wangge.kernel.actors import ANONYMOUS_ID, SYSTEM_ID
from wangge.kernel.i18n import Locale, translate
from wangge.kernel.said import worded
from wangge.people.roster import Roster
from wangge.places import Atlas
from wangge.tasks import target_words


@dataclass(frozen=True, slots=True)
class Words:
    """Ids into words, for people."""

    roster: Roster
    atlas: Atlas
    locale: Locale

    def person(self, id_: UUID | None) -> str:
        if id_ is None:
            return ""
        if id_ == SYSTEM_ID:
            return translate(self.locale, "系统")
        if id_ == ANONYMOUS_ID:
            return translate(self.locale, "居民")
        return self.roster.staff_name(id_) or translate(self.locale, "接入渠道")

    def target(self, target: str | None) -> str:
        return target_words(target, self.roster, self.atlas, named=True, locale=self.locale)

    def step(self, step: dict[str, Any]) -> StepLine:
        return StepLine(
            UUID(step["id"]),
            datetime.fromisoformat(step["at"]),
            self.person(UUID(step["actor_id"])),
            step["verb"],
            translate(self.locale, VERB_NAMES[Verb(step["verb"])]),
            step["from_state"],
            step["to_state"],
            translate(self.locale, STATE_NAMES[State(step["to_state"])]),
            worded(self.locale, step["opinion"]),
            self.target(step["target"]),
            step["minutes"],
            step["overdue"],
            _moment(step["due_at"]),
            worded(self.locale, step["due_cause"]),
        )

    def task(self, task: dict[str, Any]) -> TaskLine:
        holder = task["holder_id"]
        return TaskLine(
            UUID(task["id"]),
            task["kind"],
            task["state"],
            self.target(task["target"]),
            self.person(UUID(holder) if holder else None),
            task["level"],
            _moment(task["offered_at"]),
            _moment(task["answer_by"]),
            datetime.fromisoformat(task["due_at"]),
            datetime.fromisoformat(task["created_at"]),
        )

    def offer(self, offer: dict[str, Any]) -> OfferLine:
        return OfferLine(
            self.target(offer["target"]),
            datetime.fromisoformat(offer["offered_at"]),
            datetime.fromisoformat(offer["answer_by"]),
            offer["answer"],
            _moment(offer["answered_at"]),
            offer["reason"],
            worded(self.locale, offer["why"]),
        )

    def present(self, task: dict[str, Any]) -> OfferLine:
        return OfferLine(
            self.target(task["target"]),
            datetime.fromisoformat(task["offered_at"]),
            datetime.fromisoformat(task["answer_by"]),
            "waiting",
            None,
            "",
            worded(self.locale, task["why"]),
        )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
