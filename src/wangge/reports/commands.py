"""Writing reports down, giving them a form, putting them on a schedule, closing and merging them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any
from uuid import UUID

import msgspec

from wangge.cases.reference import REFERENCE
from wangge.forms.entries import WORDS, decide_headings, dictionary
from wangge.forms.headings import Heading
from wangge.forms.likeness import NUMBER, REMARK, Match, path_as_said, path_of
from wangge.forms.of_registers import of_register, register_of, remembered_as
from wangge.forms.queries.requests import Request
from wangge.forms.requests import decide_request
from wangge.kernel import files
from wangge.kernel.database import Tx
from wangge.kernel.files import Shelf
from wangge.kernel.moments import local_date, new_id
from wangge.kernel.refusals import Invalid, NotFound, Stale
from wangge.places import ATLAS
from wangge.reports import queries
from wangge.reports.acts import CHANGE, READ, RUN
from wangge.reports.asking import headings, question
from wangge.reports.events import ReportClosed, ReportSaved
from wangge.reports.guessing import columns_and_measures, rows_of
from wangge.reports.layouts import emptied
from wangge.reports.making import Mapped, mapping_of
from wangge.reports.model import (
    NAME_MAX,
    Col,
    Rows,
    Spec,
    check,
    full_names,
    personal,
)
from wangge.reports.model import ReportClosed as Closed
from wangge.reports.queries import Report
from wangge.reports.schedules import Every, Rhythm, checked, coming, next_at
from wangge.reports.workbook.layout import understand
from wangge.reports.workbook.package import open_package

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
REASON_MIN, REASON_MAX = 4, 200
#: A schedule about which nobody said more: Mondays, the first, every day.
EVERY_TIME = Rhythm()


@dataclass(frozen=True, slots=True)
class Draft:
    """A report as somebody writes it. `full` are name, phone, id_number: what is to stand unmasked
    when it leaves (each needs an act of its own, and a second person)."""

    name: str
    area_code: str
    spec: Spec
    asker: str = ""
    full: tuple[str, ...] = ()
    request_id: UUID | None = None


async def save(
    tx: Tx, draft: Draft, report_id: UUID | None = None, version: int | None = None
) -> Report:
    """Write down a new report, or another question for one. A form whose headings mean other
    columns now is kept; those columns follow it. `version` is the one that the writer read: another
    one by now is not written over. Raises NotFound, Forbidden, Invalid, Stale."""
    before: Report | None = None
    if report_id is not None:
        before = await queries.lock_report(tx, tx.reach(READ), report_id)
        if before.closed_at is not None:
            raise Closed()
        tx.require(CHANGE, before.area_code)
        if version is not None and version != before.version:
            raise Stale(before.version)
    made = await drafted(tx, draft, before)
    await queries.save_report(tx, made)
    tx.publish(ReportSaved(made.id, made.area_code, len(draft.spec.columns), made.version))
    return made


async def drafted(tx: Tx, draft: Draft, before: Report | None = None) -> Report:
    """The report that a draft would become, checked and not kept: enough to look at its first
    lines. Raises NotFound, Forbidden, Invalid."""
    tx.require(CHANGE, draft.area_code)
    if (await ATLAS.get(tx)).area(draft.area_code) is None:
        raise NotFound("这个区域")
    name = " ".join(draft.name.split())
    if not 1 <= len(name) <= NAME_MAX:
        raise Invalid.of("name", "表名应为 1 到 {most} 个字。", most=NAME_MAX)
    if len(draft.asker) > NAME_MAX:
        raise Invalid.of("asker", "单位名称应在 {most} 个字以内。", most=NAME_MAX)
    fields = {entry.key: entry.spec for entry in (await dictionary(tx)).all()}
    check(draft.spec, fields)
    possible = full_names(draft.spec.keys)
    if not set(draft.full) <= set(possible):
        raise Invalid.of("full", "表里没有这一列,不用写明完整显示。")
    is_personal = personal(draft.spec, fields)
    if before is not None and before.every != "never" and is_personal and not before.reason:
        raise Invalid.of("reason", "定时出的表里有个人信息,请先写明原因。")
    return Report(
        before.id if before else new_id(tx.now),
        name,
        draft.asker.strip(),
        before.area_code if before else draft.area_code,
        msgspec.to_builtins(draft.spec),
        is_personal,
        tuple(draft.full),
        before.template_id if before else None,
        before.mapping if before else [],
        draft.request_id if before is None else before.request_id,
        before.owner_id if before else tx.actor.id,
        before.every if before else "never",
        before.rhythm if before else {},
        before.at_minute if before else 420,
        before.reason if before else "",
        before.next_at if before else None,
        before.paused_at if before else None,
        before.made_at if before else tx.now,
        tx.now,
        None,
        before.version + 1 if before else 1,
    )


# -- forms -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Understood:
    """A form somebody sent: its headings with what each seems to mean, and what was found besides.
    `old_rows` hold somebody's data already; they are not kept."""

    sheet: str
    rows: Rows
    matches: tuple[Match, ...]
    spec: Spec
    mapped: tuple[Mapped, ...]
    places: tuple[str, ...]
    locked: tuple[str, ...]
    room: int
    old_rows: int

    @property
    def unknown(self) -> list[Mapped]:
        """Headings nobody here can fill."""
        return [one for one in self.mapped if not one.key]


async def understand_form(
    tx: Tx,
    area_code: str,
    data: bytes,
    name: str,
    *,
    rows: Rows | None = None,
    register: str = "",
    chosen: Mapping[str, str] | None = None,
) -> Understood:
    """What a form asks for, and which of it we hold; nothing is kept. `rows` (and `register`, for
    rows of things) are given where they are known; `chosen` is what somebody says headings mean:
    the heading as shown, or its plain path → key, "" for none. Raises the refusals of
    `workbook`."""
    words = await WORDS.get(tx)
    atlas = await ATLAS.get(tx)
    areas = {area.name for area in atlas.open_areas(area_code)}
    matcher = words.matcher("resident")
    known = {entry.key: entry.spec for entry in words.dictionary.all()}

    def is_known(text: str) -> bool:
        return matcher.known(text) or rows_of(text) is not None

    package = await asyncio.to_thread(open_package, data, name)
    layout = await asyncio.to_thread(
        understand, package, is_known, row_labels=areas.__contains__
    )
    headings_ = tuple(slot.heading for slot in layout.slots)
    kind = rows or _rows_of(headings_, named=bool(layout.labels))
    if rows is None and kind is Rows.RESIDENT:
        register = register_of([heading.leaf for heading in headings_])
        kind = Rows.THING if register else kind
    subject = register or {
        Rows.CASE: "case",
        Rows.DWELLING: "dwelling",
        Rows.HOUSEHOLD: "household",
    }.get(kind, "resident")
    matcher = words.matcher(subject)
    found = [matcher.match(heading) for heading in headings_]
    if register:
        found = [of_register(match, register, known, words.remembered) for match in found]
    said = {path_as_said(words_): key for words_, key in (chosen or {}).items()}
    matches = tuple(_chosen(match, said, known) for match in found)
    spec, mapped = columns_and_measures(
        kind, matches, known, labelled=bool(layout.labels), register=register
    )
    return Understood(
        layout.sheet,
        kind,
        matches,
        spec,
        tuple(mapped),
        tuple(place.words for place in layout.places),
        tuple(slot.heading.words for slot in layout.slots if slot.locked),
        layout.room,
        layout.old_rows,
    )


def _chosen(match: Match, chosen: Mapping[str, str], known: Mapping[str, Any]) -> Match:
    path = path_of(match.heading)
    if path not in chosen:
        return match
    key = chosen[path]
    if key and key not in known and key not in (NUMBER, REMARK):
        raise Invalid.of("chosen", "字典里没有“{key}”这个字段,或已停用。", key=key)
    name = known[key].name if key in known else match.heading.leaf
    return Match(match.heading, key or None, name, True, 1.0, "remembered")


def _rows_of(found: Sequence[Heading], *, named: bool) -> Rows:
    """What a line of a form is: counted when most of its headings are numbers of something."""
    counted = sum(rows_of(heading.leaf) is not None for heading in found)
    if named or 2 * counted >= len(found):
        return Rows.GROUP
    about_homes = any("户主" in text for heading in found for text in heading.path)
    each = any(text in ("姓名", "性别", "身份证号") for h in found for text in h.path[-1:])
    return Rows.HOUSEHOLD if about_homes and not each else Rows.RESIDENT


async def set_form(
    tx: Tx,
    shelf: Shelf,
    report_id: UUID,
    data: bytes,
    name: str,
    *,
    chosen: Mapping[str, str] | None = None,
) -> Report:
    """Give a report the asker's own form: its columns become those of the form. Confirmed headings
    are remembered for the next one. Raises NotFound, Forbidden, Invalid, and the refusals of
    `workbook`."""
    before = await queries.lock_report(tx, tx.reach(READ), report_id)
    tx.require(CHANGE, before.area_code)
    if before.closed_at is not None:
        raise Closed()
    old = msgspec.convert(before.spec, Spec)
    found = await understand_form(
        tx,
        before.area_code,
        data,
        name,
        rows=old.rows,
        register=old.register,
        chosen=chosen,
    )
    fields = {entry.key: entry.spec for entry in (await dictionary(tx)).all()}
    spec = msgspec.structs.replace(found.spec, filters=old.filters)
    check(spec, fields)
    kept = await keep_form(tx, shelf, before.area_code, data, name, found)
    await files.attach(tx, [kept.id])
    if before.template_id is not None:
        await files.forget(tx, [before.template_id])
    sure = [match for match in found.matches if match.sure and match.key]
    await decide_headings(
        tx,
        {
            remembered_as(old.register, m.heading)
            if old.register
            else path_of(m.heading): m.key or ""
            for m in sure
        },
    )
    after = replace(
        before,
        spec=msgspec.to_builtins(spec),
        personal=personal(spec, fields),
        full_names=tuple(n for n in before.full_names if n in full_names(spec.keys)),
        template_id=kept.id,
        mapping=msgspec.to_builtins(found.mapped),
        version=before.version + 1,
    )
    await queries.save_report(tx, after)
    tx.publish(ReportSaved(after.id, after.area_code, len(spec.columns), after.version))
    return after


async def map_form(tx: Tx, shelf: Shelf, report_id: UUID, columns: Mapping[str, str]) -> Report:
    """Say what headings of a report's form mean (as shown → key, "" for none); the others stay as they
    are. Raises NotFound, Forbidden, Invalid."""
    before = await queries.lock_report(tx, tx.reach(READ), report_id)
    data = await form_of(tx, shelf, before)
    if data is None:
        raise Invalid.of("report_id", "这张报表没有用要表单位自己的 Excel。")
    mapped = mapping_of(before)
    shown = {path_as_said(one.words) for one in mapped}
    for words in columns:
        if path_as_said(words) not in shown:
            raise Invalid.of("columns", "表里没有“{name}”这一列。", name=words[:60])
    # What is counted by conditions has no field: the heading says it again.
    stays = {one.words: one.key for one in mapped if not one.key.startswith("measure:")}
    chosen = {**stays, **columns}
    return await set_form(tx, shelf, report_id, data, f"{before.name}.xlsx", chosen=chosen)


async def keep_form(
    tx: Tx, shelf: Shelf, area_code: str, data: bytes, name: str, found: Understood
) -> files.Kept:
    """Keep a form without what somebody had written into it, until it is attached."""
    data = await _without_rows(tx, area_code, data, name, found)
    return await files.keep(
        tx, shelf, new_id(tx.now), data, XLSX, expires_at=files.loose_until(tx.now)
    )


async def _without_rows(
    tx: Tx, area_code: str, data: bytes, name: str, found: Understood
) -> bytes:
    """A form without what somebody had written into it, on any of its sheets."""
    areas = {area.name for area in (await ATLAS.get(tx)).open_areas(area_code)}
    labels = areas if found.rows is Rows.GROUP else set[str]()
    leaves = {one.leaf for one in found.mapped}

    def cleaned() -> bytes:
        package = open_package(data, name)
        return emptied(
            package,
            understand(package, leaves.__contains__, row_labels=labels.__contains__),
        )

    return await asyncio.to_thread(cleaned)


async def drop_form(tx: Tx, report_id: UUID) -> Report:
    """Back to a sheet of our own. Raises NotFound, Forbidden."""
    before = await queries.lock_report(tx, tx.reach(READ), report_id)
    tx.require(CHANGE, before.area_code)
    if before.template_id is not None:
        await files.forget(tx, [before.template_id])
    after = replace(before, template_id=None, mapping=[], version=before.version + 1)
    await queries.save_report(tx, after)
    return after


async def form_of(tx: Tx, shelf: Shelf, report: Report) -> bytes | None:
    """The bytes of a report's form."""
    if report.template_id is None:
        return None
    return await form_bytes(tx, shelf, report.template_id)


async def form_bytes(tx: Tx, shelf: Shelf, file_id: UUID) -> bytes:
    """A kept file's. Raises NotFound, and FileNotFoundError where the shelf has lost it."""
    kept = await files.kept(tx, file_id)
    return await asyncio.to_thread(shelf.get, kept.sha256)


# -- schedules and ends ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Schedule:
    """When the clock makes a report, here; `reason` is why, when people are in it."""

    every: Every
    hour: int = 7
    minute: int = 0
    reason: str = ""
    rhythm: Rhythm = EVERY_TIME


async def set_schedule(tx: Tx, report_id: UUID, schedule: Schedule) -> Report:
    """Let the clock make a report as whoever sets this, or no longer. Raises NotFound, Forbidden,
    Invalid."""
    before = await queries.lock_report(tx, tx.reach(READ), report_id)
    tx.require(CHANGE, before.area_code)
    tx.require(RUN, before.area_code)
    if before.closed_at is not None:
        raise Closed()
    if not (0 <= schedule.hour <= 23 and 0 <= schedule.minute <= 59):
        raise Invalid.of("at", "时间应在 00:00 到 23:59 之间。")
    reason = schedule.reason.strip()
    needs = schedule.every is not Every.NEVER and before.personal
    if needs and not REASON_MIN <= len(reason) <= REASON_MAX:
        raise Invalid.of(
            "reason",
            "表里有个人信息,定时出表要写明原因,{least} 到 {most} 个字。",
            least=REASON_MIN,
            most=REASON_MAX,
        )
    rhythm = checked(schedule.every, schedule.rhythm, local_date(tx.now))
    after = replace(
        before,
        owner_id=tx.actor.id,
        every=schedule.every.value,
        rhythm=msgspec.to_builtins(rhythm),
        at_minute=schedule.hour * 60 + schedule.minute,
        reason=reason,
        paused_at=None,
        version=before.version + 1,
    )
    after = replace(after, next_at=await time_after(tx, after))
    await queries.save_report(tx, after)
    return after


def rhythm_of(report: Report) -> Rhythm:
    """On which days a report is made."""
    return msgspec.convert(report.rhythm, Rhythm)


async def time_after(tx: Tx, report: Report) -> datetime | None:
    """The next time of a report's schedule, by the district's own calendar."""
    calendar = (await REFERENCE.get(tx)).calendar
    at = time(report.at_minute // 60, report.at_minute % 60)
    return next_at(Every(report.every), rhythm_of(report), at, tx.now, calendar)


async def times_coming(tx: Tx, report: Report, number: int) -> list[datetime]:
    """The next times of a live schedule, the nearest first."""
    if report.next_at is None:
        return []
    calendar = (await REFERENCE.get(tx)).calendar
    at = time(report.at_minute // 60, report.at_minute % 60)
    return coming(Every(report.every), rhythm_of(report), at, tx.now, calendar, number)


async def pause(tx: Tx, report_id: UUID, *, paused: bool) -> Report:
    """Let a schedule rest, or go on from now; it stays whose it was. Times that passed meanwhile are
    not made up for. Raises NotFound, Forbidden, Invalid."""
    before = await queries.lock_report(tx, tx.reach(READ), report_id)
    tx.require(CHANGE, before.area_code)
    if before.closed_at is not None:
        raise Closed()
    if before.every == Every.NEVER:
        raise Invalid.of("every", "这张报表没有定时,不用暂停。")
    if (before.paused_at is not None) == paused:
        return before
    after = replace(
        before,
        paused_at=tx.now if paused else None,
        next_at=None if paused else await time_after(tx, before),
        version=before.version + 1,
    )
    await queries.save_report(tx, after)
    return after


async def close(tx: Tx, report_id: UUID, merged_into: UUID | None = None) -> Report:
    """Nobody makes it any more; perhaps another one takes its place. Raises NotFound, Forbidden,
    Invalid."""
    before = await queries.lock_report(tx, tx.reach(READ), report_id)
    tx.require(CHANGE, before.area_code)
    if before.closed_at is not None:
        raise Closed()
    if merged_into is not None:
        other = await queries.report(tx, tx.reach(READ), merged_into)
        if other.id == before.id or other.closed_at is not None:
            raise Invalid.of("merged_into", "请选另一张正在用的报表。")
    after = replace(
        before,
        closed_at=tx.now,
        every="never",
        next_at=None,
        paused_at=None,
        version=before.version + 1,
    )
    await queries.save_report(tx, after)
    tx.publish(ReportClosed(after.id, after.area_code, merged_into))
    return after


async def merge(tx: Tx, report_ids: Sequence[UUID], name: str) -> Report:
    """One report with all columns of several: they ask the same, so one answers them all. The first
    one's conditions hold; the others are closed. Raises NotFound, Forbidden, Invalid."""
    found = [await queries.lock_report(tx, tx.reach(READ), id_) for id_ in report_ids]
    if len(found) < 2 or len({r.id for r in found}) < len(found):
        raise Invalid.of("reports", "请选两张以上的报表。")
    specs = [msgspec.convert(r.spec, Spec) for r in found]
    if len({s.about for s in specs}) > 1 or specs[0].rows is Rows.GROUP:
        raise Invalid.of("reports", "只有同样一行是什么的表才能合并。")
    columns: dict[str, Col] = {}
    for spec in specs:
        for column in spec.columns:
            if column.key != REMARK:
                columns.setdefault(column.key, column)
    first = found[0]
    spec = msgspec.structs.replace(specs[0], columns=tuple(columns.values()))
    made = await save(
        tx,
        Draft(name or first.name, first.area_code, spec, first.asker, first.full_names),
    )
    for one in found:
        await close(tx, one.id, made.id)
    return made


async def merge_request(tx: Tx, request_id: UUID, report_id: UUID, reason: str) -> Request:
    """A request is answered by a report that is made anyway. Raises NotFound, Forbidden, OwnRequest,
    RequestOver, Invalid."""
    await queries.report(tx, tx.reach(READ), report_id)
    return await decide_request(tx, request_id, "merged", reason=reason, merged_into=report_id)


async def titles(tx: Tx, report: Report) -> tuple[str, ...]:
    """The headings of a report."""
    return headings(await question(tx, report))


def unknown_headings(report: Report) -> list[Mapped]:
    """Headings of the report's form that nobody here can fill."""
    return [one for one in mapping_of(report) if not one.key]
