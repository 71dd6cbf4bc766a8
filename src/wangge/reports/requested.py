"""From a request for a table to a report: its columns, and the form that was sent with it."""

from uuid import UUID

from wangge.forms.model import AskedColumn
from wangge.forms.queries import requests as queries
from wangge.forms.queries.requests import Request
from wangge.forms.requests import asked_columns, reading_reach
from wangge.kernel.database import Tx
from wangge.kernel.files import Shelf
from wangge.kernel.refusals import Invalid, NotFound, Refusal
from wangge.reports.commands import (
    Draft,
    form_bytes,
    keep_form,
    save,
    set_form,
    understand_form,
)
from wangge.reports.model import Col, Rows, Spec, subjects_of
from wangge.reports.queries import Report
from wangge.reports.things import is_thing


async def kept_form(
    tx: Tx, shelf: Shelf, area_code: str, data: bytes, name: str
) -> UUID | None:
    """Keep what was sent with a request for the report that may be made of it, without what stood in its
    rows; None for a file that cannot be filled (a CSV, an old workbook, one with macros)."""
    try:
        found = await understand_form(tx, area_code, data, name)
        kept = await keep_form(tx, shelf, area_code, data, name, found)
    except Refusal:
        return None
    return kept.id


async def report_of_request(tx: Tx, shelf: Shelf, request: Request) -> Report:
    """A report with the columns of an admitted request, and the form that was sent with it, where that can
    be filled. Raises Forbidden, Invalid."""
    if request.state != "admitted":
        raise Invalid.of("request_id", "准入以后才能建报表。")
    columns = asked_columns(request)
    kind = {"household": Rows.HOUSEHOLD, "dwelling": Rows.DWELLING, "case": Rows.CASE}.get(
        request.subject, Rows.RESIDENT
    )
    register = request.subject if is_thing(request.subject) else ""
    shown = subjects_of(Rows.THING, register) if register else None
    spec = Spec(
        Rows.THING if register else kind,
        columns=tuple(
            _col(c)
            for c in columns
            if c.key and (shown is None or c.filler or c.key.split(".")[0] in shown)
        ),
        register=register,
    )
    made = await save(
        tx,
        Draft(request.title, request.area_code, spec, request.asker, request_id=request.id),
    )
    if request.file_id is None:
        return made
    meant = {column.words: column.key or "" for column in columns}
    try:
        data = await form_bytes(tx, shelf, request.file_id)
        return await set_form(tx, shelf, made.id, data, f"{request.title}.xlsx", chosen=meant)
    except (Refusal, FileNotFoundError):
        # A program may have named any file, and old ones may be gone. The report is made of the columns;
        # its page says that the form is not in use (`form_unused`).
        return made


async def form_unused(tx: Tx, report: Report) -> bool:
    """Whether the request that a report answers came with a file that is not the report's form."""
    if report.request_id is None or report.template_id is not None:
        return False
    try:
        found = await queries.request(tx, reading_reach(tx), report.request_id)
    except NotFound:
        return False  # beyond the reach of whoever looks
    return found.file_id is not None


def _col(column: AskedColumn) -> Col:
    assert column.key is not None
    return Col(column.key, column.words.split(" / ")[-1])
