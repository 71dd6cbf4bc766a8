"""What people mean to do with the dictionary, with requests, questions and contacts."""

from datetime import date
from uuid import UUID

import msgspec

from wangge.forms import answers, entries, following, ledger, questions, requests
from wangge.forms.model import Contact, Frequency, OwnField
from wangge.forms.queries.questions import Question
from wangge.forms.queries.requests import Request
from wangge.kernel import files
from wangge.kernel.database import Tx
from wangge.kernel.http import deed
from wangge.kernel.refusals import NotFound


class ChangeField(msgspec.Struct, forbid_unknown_fields=True):
    """Other words for a field; what is left out stays. An empty text goes back to the declaration."""

    key: str
    name: str | None = None
    meaning: str | None = None
    also: list[str] | None = None
    fresh_days: int | None = None
    active: bool | None = None


class FieldSaid(msgspec.Struct):
    key: str
    name: str


@deed("forms.change_field", ChangeField)
async def change_field(tx: Tx, body: ChangeField) -> FieldSaid:
    change = entries.Change(
        body.name,
        body.meaning,
        None if body.also is None else tuple(body.also),
        body.fresh_days,
        body.active,
    )
    entry = await entries.change_field(tx, body.key, change)
    return FieldSaid(entry.key, entry.spec.name)


class AddField(msgspec.Struct, forbid_unknown_fields=True):
    """A field of the district's own. `options` are the choices of a code field."""

    subject: str
    name: str
    meaning: str
    kind: str
    purpose: str = ""
    basis: str = ""
    retention: str = ""
    sensitivity: int = 3
    fresh_days: int | None = None
    also: list[str] = msgspec.field(default_factory=list[str])
    options: list[str] = msgspec.field(default_factory=list[str])


def own_field(body: AddField) -> OwnField:
    """As the dictionary takes it."""
    return OwnField(
        body.subject,
        body.name,
        body.meaning,
        body.kind,
        body.purpose,
        body.basis,
        body.retention,
        body.sensitivity,
        body.fresh_days,
        tuple(body.also),
        tuple(body.options),
    )


@deed("forms.add_field", AddField, status=201)
async def add_field(tx: Tx, body: AddField) -> FieldSaid:
    entry = await entries.add_field(tx, own_field(body))
    return FieldSaid(entry.key, entry.spec.name)


class FileRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A table somebody wants. `headings` are its columns, a line each or with tabs; `chosen` says
    what some of them mean (plain path → key); `subject` what a row is, "" for what its headings say."""

    title: str
    asker: str
    area_code: str
    basis: str
    headings: str
    frequency: Frequency = Frequency.ONCE
    subject: str = ""
    minutes: int | None = None
    until_date: date | None = None
    chosen: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    file_id: UUID | None = None


class RequestSaid(msgspec.Struct):
    """`answer` is the path of the page on which the asker sees what becomes of it."""

    id: UUID
    state: str
    columns: int
    known: int
    new: int
    hours: int
    hours_needed: int
    answer: str


def request_said(request: Request) -> RequestSaid:
    """As told to a program."""
    burden = requests.burden_of(request)
    return RequestSaid(
        request.id,
        request.state,
        burden.columns,
        burden.known,
        burden.new,
        burden.hours,
        burden.hours_needed,
        f"/answers/{request.token}",
    )


@deed("forms.file_request", FileRequest, status=201)
async def file_request(tx: Tx, body: FileRequest) -> RequestSaid:
    if body.file_id is not None:
        sent = await files.kept(tx, body.file_id)
        if sent.by_id != tx.actor.id:
            raise NotFound("这个文件")
        await files.attach(tx, [sent.id])
    checked = await requests.check(
        tx, body.area_code, text=body.headings, subject=body.subject, chosen=body.chosen
    )
    made = await requests.file_request(
        tx,
        requests.Filing(
            body.title,
            body.asker,
            body.area_code,
            body.basis,
            body.frequency,
            body.minutes,
            body.until_date,
            body.file_id,
        ),
        checked,
    )
    return request_said(made)


class DecideRequest(msgspec.Struct, forbid_unknown_fields=True):
    """`verdict`: admitted, refused (with a reason) or withdrawn. Merging is a deed of reports, which
    know what can be merged into."""

    request_id: UUID
    verdict: str
    reason: str = ""


@deed("forms.decide_request", DecideRequest)
async def decide_request(tx: Tx, body: DecideRequest) -> RequestSaid:
    return request_said(
        await requests.decide_request(tx, body.request_id, body.verdict, reason=body.reason)
    )


class FlagRequest(msgspec.Struct, forbid_unknown_fields=True):
    """One tap. Without an area it is the worker's own."""

    area_code: str = ""
    words: str = ""


class Flagged(msgspec.Struct):
    id: UUID


@deed("forms.flag", FlagRequest, status=201)
async def flag(tx: Tx, body: FlagRequest) -> Flagged:
    return Flagged(await requests.flag(tx, body.area_code, body.words))


class AnswerFlag(msgspec.Struct, forbid_unknown_fields=True):
    flag_id: UUID
    answer: str
    request_id: UUID | None = None


@deed("forms.answer_flag", AnswerFlag)
async def answer_flag(tx: Tx, body: AnswerFlag) -> Flagged:
    return Flagged(
        (await requests.answer_flag(tx, body.flag_id, body.answer, body.request_id)).id
    )


class OneQuestion(msgspec.Struct, forbid_unknown_fields=True):
    """`ways`: sweep, visit, call. `of_whom`: all, or stale."""

    key: str
    area_code: str
    words: str = ""
    of_whom: str = "stale"
    tag: str | None = None
    ways: list[str] = msgspec.field(default_factory=lambda: ["sweep", "visit"])
    days: int = 60
    request_id: UUID | None = None


class OpenQuestions(msgspec.Struct, forbid_unknown_fields=True):
    questions: list[OneQuestion]


@deed("forms.open_questions", OpenQuestions, status=201)
async def open_questions(tx: Tx, body: OpenQuestions) -> list[Question]:
    return await questions.open_questions(
        tx,
        [
            questions.Asking(
                q.key,
                q.area_code,
                q.words,
                q.of_whom,
                q.tag,
                tuple(q.ways),
                q.days,
                q.request_id,
            )
            for q in body.questions
        ],
    )


class WantedColumn(msgspec.Struct, forbid_unknown_fields=True):
    """A column of a request that is asked for; `field` says what an unknown one becomes."""

    words: str
    say: str = ""
    field: AddField | None = None


class AskForRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Columns of an admitted request become questions of the next sweep or visit."""

    request_id: UUID
    columns: list[WantedColumn]
    ways: list[str] = msgspec.field(default_factory=lambda: ["sweep", "visit"])
    days: int = 60


@deed("forms.ask_for_request", AskForRequest, status=201)
async def ask_for_request(tx: Tx, body: AskForRequest) -> list[Question]:
    wanted = [
        following.Wanted(one.words, own_field(one.field) if one.field else None, one.say)
        for one in body.columns
    ]
    return await following.ask_for(tx, body.request_id, wanted, ways=body.ways, days=body.days)


class CloseQuestion(msgspec.Struct, forbid_unknown_fields=True):
    question_id: UUID


@deed("forms.close_question", CloseQuestion)
async def close_question(tx: Tx, body: CloseQuestion) -> Question:
    return await questions.close_question(tx, body.question_id)


class OneContact(msgspec.Struct, forbid_unknown_fields=True):
    """`way`: sweep, visit, call, message, form, counter; `result`: answered, partly, nobody,
    refused; `office` is for whom, if not for ourselves."""

    household_id: UUID
    keys: list[str] = msgspec.field(default_factory=list[str])
    way: str = "call"
    result: str = "answered"
    office: str = ""


class RecordContacts(msgspec.Struct, forbid_unknown_fields=True):
    """I asked these households. `origin_id` names the sweep or visit it happened in: sending it twice
    adds nothing."""

    contacts: list[OneContact]
    origin: str = "hand"
    origin_id: UUID | None = None


@deed("forms.record_contacts", RecordContacts, status=201)
async def record_contacts(tx: Tx, body: RecordContacts) -> ledger.Asked:
    return await ledger.record(
        tx,
        [
            Contact(c.household_id, tuple(c.keys), c.way, c.result, c.office.strip())
            for c in body.contacts
        ],
        origin=body.origin,
        origin_id=body.origin_id,
    )


class Answer(msgspec.Struct, forbid_unknown_fields=True):
    """What a household, or somebody in it, answered to questions of the district's own: field key →
    text; "" takes a value away."""

    household_id: UUID
    values: dict[str, str]
    resident_id: UUID | None = None
    way: str = "visit"


class Kept(msgspec.Struct):
    """The batch by which it can be undone. Never what was answered."""

    batch_id: UUID


@deed("forms.answer", Answer)
async def answer(tx: Tx, body: Answer) -> Kept:
    return Kept(
        await answers.answer(tx, body.household_id, body.resident_id, body.values, way=body.way)
    )
