"""Past cases with their steps, by COPY: eighteen months that nobody needs to wait for."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from wangge.cases.commands.grounds import handling_of
from wangge.cases.marks import marks_of
from wangge.cases.reference import REFERENCE, Reference
from wangge.cases.taxonomy import CaseClass
from wangge.demo import work
from wangge.demo.bare import dress, undress
from wangge.demo.town import CASE_CLASSES, PastCase, Town, past_cases
from wangge.demo.town.crew import Roll
from wangge.dispatch.decide.placing import chosen
from wangge.kernel import packing
from wangge.kernel.actors import SYSTEM_ID, system_actor
from wangge.kernel.database import Database
from wangge.kernel.said import said
from wangge.kernel.worktime import due

KIND = "demo.history"
#: Cases in one transaction.
BATCH = 10_000
#: From so many cases on, indexes are dropped and made anew at the end.
BARE_FROM = 200_000

_CHANNELS = {
    "worker_app": "worker",
    "desk": "worker",
    "resident": "resident",
    "hotline_12345": "hotline",
    "police_110": "police",
    "video": "camera",
    "sensor": "camera",
    "superior": "superior",
    "enterprise": "enterprise",
}
_TRUSTED = frozenset({"worker", "hotline", "police", "superior"})
_ENDED = frozenset({"closed", "self_closed", "void", "merged"})
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ROUTED = said("历史案件,按当时的规则派遣")
_NOT_SO = said("经核实不属实,作废。")
_SCORES = tuple(said("满意度 {score} 分", score=score) for score in range(6))

CASE_COLUMNS = (
    *("id", "receipt", "area_code", "channel", "trusted", "title", "words", "place"),
    *("lon", "lat", "reporter_id", "class_code", "class_by", "class_reason", "platform"),
    *("route_reason", "unit", "handler_id", "level", "state", "urgent", "verified"),
    *("returns", "reworks", "score", "merged_into", "result", "reported_at", "received_at"),
    *("state_at", "final_due_at", "final_cause", "ended_at", "version"),
)
STEP_COLUMNS = (
    *("id", "case_id", "n", "at", "actor_id", "verb", "from_state", "to_state", "opinion"),
    *("target", "minutes", "overdue"),
)
SEARCH_COLUMNS = ("case_id", "reported_at", "marks")
TABLES = ("cases_case", "cases_step", "cases_search")

_RESULTS = (
    "已到现场处理完毕。",
    "已联系责任单位处理,现场恢复正常。",
    "已清理并拍照留存。",
    "已劝导整改,当场改正。",
    "已维修,经试用正常。",
    "已上门走访,问题解决。",
)


@dataclass
class _Batch:
    cases: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])
    steps: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])
    marks: list[bytes] = field(default_factory=list[bytes])


class Historian:
    """Turns past cases of the town into rows."""

    def __init__(self, town: Town, reference: Reference, now: datetime) -> None:
        self._reference = reference
        self._now = now
        self._workers = workers_by_community(town)
        self._staff: dict[UUID, list[UUID]] = {}
        self._desk: list[UUID] = []
        for office in town.offices:
            for post in office.posts:
                if post.org_id is not None:
                    self._staff.setdefault(post.org_id, []).append(post.staff_id)
                elif post.role in ("acceptor", "dispatcher"):
                    self._desk.append(post.staff_id)
        self._last_closed: dict[str, UUID] = {}

    def write(self, past: PastCase, batch: _Batch) -> None:
        """One case into a batch."""
        known = self._reference.classes[past.class_code]
        chance = past.id.int
        channel = _CHANNELS[past.channel]
        crew = self._workers.get(past.area_code[:12]) or (SYSTEM_ID,)
        reporter = crew[chance % len(crew)]
        state: str = past.state
        into: UUID | None = None
        if state == "merged":
            into = self._last_closed.get(past.area_code[:12])
            state = "merged" if into else "void"
        ended = past.closed_at or past.opened_at
        recall = ended + timedelta(hours=20)
        if state == "closed" and past.score is not None and recall < self._now:
            state = "called_back"
        handler = self._handler(past, reporter, chance)
        limit = self._limit(known, past)
        story = list(self._story(past, state, reporter, handler, into, chance, limit))
        result = _RESULTS[chance % len(_RESULTS)] if past.handled_at else ""
        batch.cases.append(
            (
                past.id,
                receipt(past.id),
                past.area_code,
                channel,
                channel in _TRUSTED,
                past.text[:40],
                past.text,
                past.place,
                past.lon,
                past.lat,
                reporter if channel == "worker" else None,
                known.code,
                "reporter" if channel == "worker" else "keyword",
                chosen(known) if channel == "worker" else "",
                known.platform.value,
                _ROUTED if past.dispatched_at else "",
                f"org:{past.org_id}" if past.org_id else None,
                handler if past.handled_at else None,
                known.first_level.value,
                state,
                known.urgent,
                channel not in _TRUSTED,
                0,
                past.rework,
                past.score if state == "called_back" else None,
                into,
                result,
                past.opened_at,
                past.opened_at,
                story[-1][0],
                limit,
                handling_of(known) if limit else "",
                ended,
                len(story),
            )
        )
        before: str | None = None
        last = past.opened_at
        for n, (at, actor, verb, to, opinion, target) in enumerate(story):
            batch.steps.append(
                (
                    UUID(int=past.id.int ^ (n + 1) << 20),
                    past.id,
                    n,
                    at,
                    actor,
                    verb,
                    before,
                    to,
                    opinion,
                    target,
                    int((at - last).total_seconds() // 60),
                    verb == "finish" and limit is not None and at > limit,
                )
            )
            before, last = to, at
        found = marks_of(
            past.opened_at,
            past.text,
            past.place,
            past.area_code,
            known.code,
            channel,
            known.platform.value,
            live=False,
        )
        batch.marks.append(
            packing.row(
                packing.uuid(past.id), packing.moment(past.opened_at), packing.texts(found)
            )
        )
        if state == "closed":
            self._last_closed[past.area_code[:12]] = past.id

    def _handler(self, past: PastCase, reporter: UUID, chance: int) -> UUID:
        crew = self._staff.get(past.org_id) if past.org_id else None
        return crew[chance % len(crew)] if crew else reporter

    def _limit(self, known: CaseClass, past: PastCase) -> datetime | None:
        if past.dispatched_at is None:
            return None
        return due(past.dispatched_at, known.span, self._reference.calendar)

    def _story(
        self,
        past: PastCase,
        state: str,
        reporter: UUID,
        handler: UUID,
        into: UUID | None,
        chance: int,
        limit: datetime | None,
    ) -> Iterator[tuple[datetime, UUID, str, str, str, str | None]]:
        """(at, actor, verb, to_state, opinion, target), as the real commands would have said."""
        desk = self._desk[chance % len(self._desk)] if self._desk else SYSTEM_ID
        first = reporter if past.channel in ("worker_app", "desk") else SYSTEM_ID
        yield past.opened_at, first, "report", "reported", "", None
        ended = past.closed_at or past.opened_at
        if state == "self_closed":
            result = _RESULTS[chance % len(_RESULTS)]
            yield ended, reporter, "self_close", "self_closed", result, None
            return
        if state == "void":
            yield ended, desk, "void", "void", _NOT_SO, None
            return
        if state == "merged":
            yield ended, desk, "merge", "merged", "", f"case:{into}"
            return
        accepted, sent, done = past.accepted_at, past.dispatched_at, past.handled_at
        assert accepted is not None
        assert sent is not None
        assert done is not None
        unit = f"org:{past.org_id}" if past.org_id else None
        yield accepted, desk, "file", "filed", "", None
        yield sent, desk, "dispatch", "dispatched", _ROUTED, unit
        spent = done - sent
        yield sent + spent * 0.05, handler, "ack", "acked", "", unit
        yield sent + spent * 0.1, handler, "start", "handling", "", None
        if past.rework:
            result = "初步处理。"
            yield sent + spent * 0.4, handler, "finish", "handled", result, None
            yield sent + spent * 0.5, desk, "rework", "rework", "现场仍有残留,请再处理。", None
            yield sent + spent * 0.6, handler, "start", "handling", "", None
        yield done, handler, "finish", "handled", _RESULTS[chance % len(_RESULTS)], None
        yield ended, desk, "close", "closed", "", None
        if state == "called_back":
            opinion = _SCORES[past.score or 0]
            yield ended + timedelta(hours=20), desk, "call_back", "called_back", opinion, None


def receipt(id_: UUID) -> str:
    """Twelve characters, from the id: a past case keeps its receipt in every copy of the town."""
    chance = (id_.int * 0x9E3779B97F4A7C15F39CC0605CEDC835) >> 34
    drawn = "".join(_ALPHABET[(chance >> (5 * at)) & 31] for at in range(12))
    return f"{drawn[:4]}-{drawn[4:8]}-{drawn[8:]}"


def workers_by_community(town: Town) -> dict[str, tuple[UUID, ...]]:
    """The full-time grid workers of each community, without making the community: a crew hires
    its grid heads first and its grid workers next."""
    found: dict[str, tuple[UUID, ...]] = {}
    for street in town.plan.streets:
        for plan in street.communities:
            roll = Roll(plan.code, plan.index, town.seed)
            for _ in range(plan.grids + plan.full_time):
                roll.hire()
            found[plan.code] = tuple(person.id for person in roll.staff[plan.grids :])
    return found


async def load_history(database: Database, town: Town, count: int, now: datetime) -> None:
    """`count` past cases or a few more, all of them ended; goes on where it was."""
    actor = system_actor(database.schema)
    drawn = count + count // 100 + 20
    async with database.tx(actor) as tx:
        begun = await work.begin(tx, KIND, drawn, {})
        reference = await REFERENCE.get(tx)
    if begun.state == "done":
        return
    if count >= BARE_FROM:
        await undress(database, KIND, TABLES)
    historian = Historian(town, reference, now)
    classes = tuple(code for code in CASE_CLASSES if code in reference.classes)
    past = past_cases(town, drawn, town.seed, now=now, classes=classes)
    done = begun.done
    for _ in islice(past, done):
        pass
    while some := list(islice(past, BATCH)):
        batch = _Batch()
        for one in some:
            if one.state in _ENDED:
                historian.write(one, batch)
        async with database.tx(actor) as tx:
            await tx.copy("cases_case", CASE_COLUMNS, batch.cases)
            await tx.copy("cases_step", STEP_COLUMNS, batch.steps)
            await tx.copy_packed("cases_search", SEARCH_COLUMNS, batch.marks)
            done += len(some)
            await work.step(tx, KIND, done)
    await dress(database, KIND)
    async with database.tx(actor) as tx:
        await work.finish(tx, KIND)
