"""What cases are judged by, in memory: classes, keywords, calendar, limits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from wangge.cases.classify import Keywords, Vote, starter_keywords
from wangge.cases.limits import limits
from wangge.cases.model import Limits
from wangge.cases.taxonomy import (
    CaseClass,
    DeadlineSource,
    Level,
    Platform,
    starter_classes,
)
from wangge.kernel.cache import Cached
from wangge.kernel.calendars import Calendar
from wangge.kernel.database import Tx
from wangge.kernel.settings import Decided, decided
from wangge.kernel.worktime import Span


@dataclass(frozen=True, slots=True)
class Reference:
    """A district's taxonomy as of one transaction. `peace` is the word table without the
    classes that need a declared response."""

    classes: Mapping[str, CaseClass]
    keywords: Keywords
    peace: Keywords
    calendar: Calendar
    decided: Decided
    limits: Limits


@dataclass(frozen=True, slots=True)
class _ClassRow:
    code: str
    name_zh: str
    name_en: str
    platform: Platform
    first_level: Level
    condition_zh: str
    condition_en: str
    closing_condition_zh: str
    span_value: str
    span_kind: str
    deadline_source: DeadlineSource
    deadline_reference: str
    needs_response: bool
    emergency_lines: tuple[str, ...]
    on_the_spot: bool


@dataclass(frozen=True, slots=True)
class _Word:
    word: str
    class_code: str
    weight: int


@dataclass(frozen=True, slots=True)
class _Day:
    day: date
    worked: bool


async def _load(tx: Tx) -> Reference:
    rows = await tx.many(
        _ClassRow,
        """
        select code, name_zh, name_en, platform, first_level, condition_zh, condition_en,
               closing_condition_zh, span_value, span_kind, deadline_source,
               deadline_reference, needs_response, emergency_lines, on_the_spot
          from cases_class where active order by position, code
        """,
    )
    classes = {
        row.code: CaseClass(
            row.code,
            row.name_zh,
            row.name_en,
            row.platform,
            row.first_level,
            row.condition_zh,
            row.condition_en,
            row.closing_condition_zh,
            Span.of(row.span_value, row.span_kind),
            row.deadline_source,
            row.deadline_reference,
            row.needs_response,
            row.emergency_lines,
            row.on_the_spot,
        )
        for row in rows
    }
    words = await tx.many(
        _Word,
        """
        select word, coalesce(class_code, '') as class_code, weight
          from cases_keyword order by word
        """,
    )
    names = {code: known.name_zh for code, known in classes.items()}
    keywords = Keywords(
        [
            Vote(w.word, w.class_code, w.weight)
            for w in words
            if not w.class_code or w.class_code in names
        ],
        names,
    )
    days = await tx.many(_Day, "select day, worked from cases_day")
    calendar = Calendar(
        frozenset(d.day for d in days if not d.worked),
        frozenset(d.day for d in days if d.worked),
        frozenset(d.day.year for d in days),
    )
    chosen = await decided(tx)
    peacetime = {code for code, known in classes.items() if not known.needs_response}
    return Reference(
        classes, keywords, keywords.only(peacetime), calendar, chosen, limits(chosen)
    )


class _OfCasesAndSettings(Cached[Reference]):
    """Read again when the taxonomy or a setting moved."""

    async def get(self, tx: Tx, versions: Mapping[str, int] | None = None) -> Reference:
        read = versions if versions is not None else await tx.versions()
        both = read.get("cases", 0) << 40 | read.get("settings", 0)
        return await super().get(tx, {**read, self.name: both})


#: `await REFERENCE.get(tx)`; renewed when classes, words, days or settings change.
REFERENCE: Cached[Reference] = _OfCasesAndSettings("cases", _load)


async def install_starter(tx: Tx) -> None:
    """Give a new district the starter taxonomy, its words, and the published holidays."""
    await put_classes(tx, starter_classes())
    await put_keywords(tx, starter_keywords().votes())
    calendar = Calendar.default()
    await put_days(
        tx,
        [(day, False) for day in calendar.holidays]
        + [(day, True) for day in calendar.workdays],
    )


async def starter_not_here(tx: Tx) -> tuple[CaseClass, ...]:
    """Classes the product brings that this district never had; one it has retired is not among
    them."""
    there = set(await tx.many(str, "select code from cases_class"))
    return tuple(known for known in starter_classes() if known.code not in there)


async def add_starter(tx: Tx) -> int:
    """Give a district the product's newer classes, each beside its kin, and their words. A word that
    stood for another class until now goes over to the new one. Answers how many classes."""
    fresh = await starter_not_here(tx)
    if fresh:
        classes = list((await REFERENCE.get(tx)).classes.values())
        for one in fresh:
            kin = [at for at, known in enumerate(classes, 1) if known.code[:3] == one.code[:3]]
            family = [at for at, known in enumerate(classes, 1) if known.code[0] == one.code[0]]
            classes.insert((kin or family or [len(classes)])[-1], one)
        await put_classes(tx, classes)
        codes = {known.code for known in fresh}
        await put_keywords(tx, [v for v in starter_keywords().votes() if v.code in codes])
    return len(fresh)


async def put_classes(tx: Tx, classes: Sequence[CaseClass]) -> int:
    """Add or change classes; those not named stay as they are."""
    number = await tx.run(
        """
        insert into cases_class
               (code, position, name_zh, name_en, platform, first_level, condition_zh,
                condition_en, closing_condition_zh, span_value, span_kind, deadline_source,
                deadline_reference, needs_response, emergency_lines, on_the_spot)
        select code, position, name_zh, name_en, platform, first_level, condition_zh,
               condition_en, closing, span_value, span_kind, source, reference, needs_response,
               string_to_array(lines, ','), on_the_spot
          from unnest(:codes::text[], :positions::int[], :names::text[], :names_en::text[],
                      :platforms::text[], :levels::text[], :conditions::text[],
                      :conditions_en::text[], :closings::text[], :values::text[],
                      :kinds::text[], :sources::text[], :references::text[],
                      :needs::boolean[], :lines::text[], :spots::boolean[])
               as t(code, position, name_zh, name_en, platform, first_level, condition_zh,
                    condition_en, closing, span_value, span_kind, source, reference,
                    needs_response, lines, on_the_spot)
        on conflict (code) do update
           set position = excluded.position, name_zh = excluded.name_zh,
               name_en = excluded.name_en, platform = excluded.platform,
               first_level = excluded.first_level, condition_zh = excluded.condition_zh,
               condition_en = excluded.condition_en,
               closing_condition_zh = excluded.closing_condition_zh,
               span_value = excluded.span_value, span_kind = excluded.span_kind,
               deadline_source = excluded.deadline_source,
               deadline_reference = excluded.deadline_reference,
               needs_response = excluded.needs_response,
               emergency_lines = excluded.emergency_lines,
               on_the_spot = excluded.on_the_spot, active = true
        """,
        codes=[c.code for c in classes],
        positions=list(range(1, len(classes) + 1)),
        names=[c.name_zh for c in classes],
        names_en=[c.name_en for c in classes],
        platforms=[c.platform.value for c in classes],
        levels=[c.first_level.value for c in classes],
        conditions=[c.condition_zh for c in classes],
        conditions_en=[c.condition_en for c in classes],
        closings=[c.closing_condition_zh for c in classes],
        values=[str(c.span.value) for c in classes],
        kinds=[c.span.kind.value for c in classes],
        sources=[c.deadline_source.value for c in classes],
        references=[c.deadline_reference for c in classes],
        needs=[c.needs_response for c in classes],
        lines=[",".join(c.emergency_lines) for c in classes],
        spots=[c.on_the_spot for c in classes],
    )
    await tx.bump("cases")
    return number


async def put_keywords(tx: Tx, votes: Sequence[Vote]) -> int:
    """Add or change words."""
    number = await tx.run(
        """
        insert into cases_keyword (word, class_code, weight)
        select word, nullif(class_code, ''), weight
          from unnest(:words::text[], :codes::text[], :weights::int[]) t(word, class_code, weight)
        on conflict (word) do update
           set class_code = excluded.class_code, weight = excluded.weight
        """,
        words=[vote.word for vote in votes],
        codes=[vote.code for vote in votes],
        weights=[vote.weight for vote in votes],
    )
    await tx.bump("cases")
    return number


async def drop_keyword(tx: Tx, word: str) -> None:
    """Forget a word."""
    await tx.run("delete from cases_keyword where word = :word", word=word)
    await tx.bump("cases")


async def put_days(tx: Tx, days: Iterable[tuple[date, bool]]) -> int:
    """Add or change holidays (False) and swapped workdays (True)."""
    rows = list(days)
    number = await tx.run(
        """
        insert into cases_day (day, worked)
        select day, worked from unnest(:days::date[], :worked::boolean[]) t(day, worked)
        on conflict (day) do update set worked = excluded.worked
        """,
        days=[day for day, _ in rows],
        worked=[worked for _, worked in rows],
    )
    await tx.bump("cases")
    return number
