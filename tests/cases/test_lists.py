"""Lists of cases: within reach, in order, without gaps, at a fixed number of statements."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest

import small_town as town
from wangge import dispatch
from wangge.cases.acts import READ
from wangge.cases.lists import CaseFilter, CaseLine, case_page
from wangge.cases.reactions import index_cases
from wangge.dispatch import Received, Report
from wangge.kernel.actors import Actor
from wangge.kernel.database import Tx, counting
from wangge.kernel.http import District
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid

As = Callable[[str], Actor]

WORDS = [
    ("3幢楼下水管爆了", "E0401"),
    ("单元门口垃圾成堆", "E0102"),
    ("消防通道被车堵住", "Y0101"),
    ("楼上楼下为噪音吵架", "Z0101"),
    ("路面有积水,老人不好走", "E0105"),
]
AREAS = [
    town.MICRO_1A,
    town.MICRO_1B,
    town.MICRO_2A,
    town.MICRO_3A,
    town.OTHER_GRID,
    town.XINGHUA,
]


@pytest.fixture
async def filled(tx: Tx, as_: As) -> Tx:
    """A hundred and twenty reports of some days, drawn with a fixed seed."""
    drawn = Random(141)
    reports: list[Report] = []
    for number in range(120):
        words, code = drawn.choice(WORDS)
        at = town.NOON - timedelta(minutes=drawn.randrange(10_000))
        reports.append(
            Report(
                id=new_id(at),
                by=as_("grid_worker"),
                words=f"{words}({number})",
                class_code=code,
                area_code=drawn.choice(AREAS),
                unit_id=town.unit_id("1-1-1") if number % 10 == 0 else None,
                trusted=True,
                reported_at=at,
                self_close="已处理" if code == "Z0101" else None,
            )
        )
    answers = await dispatch.receive(tx, reports)
    assert all(isinstance(answer, Received) for answer in answers)
    await index_cases(tx, [report.id for report in reports])
    return tx


async def walk(tx: Tx, wanted: CaseFilter, limit: int = 7) -> list[CaseLine]:
    """Every page, one after the other."""
    lines: list[CaseLine] = []
    after: str | None = None
    for _ in range(100):
        page = await case_page(tx, wanted, after, limit)
        lines += page.items
        after = page.next
        if after is None:
            return lines
    raise AssertionError("the list does not end")


EVERYBODY = [
    "grid_worker",
    "part_time_worker",
    "community_officer",
    "street_officer",
    "other_street_officer",
    "district_officer",
    "department_staff",
]
FILTERS = [
    CaseFilter(),
    CaseFilter(live=False, sort="new"),
    CaseFilter(sort="new"),
    CaseFilter(live=False, sort="new", class_code="E04"),
    CaseFilter(live=False, sort="new", class_code="Z0101"),
    CaseFilter(live=False, sort="new", platform="YJ"),
    CaseFilter(stage="派遣"),
    CaseFilter(live=False, sort="new", stage="结案"),
    CaseFilter(overdue=True),
    CaseFilter(live=False, sort="new", q="水管"),
    CaseFilter(live=False, sort="new", q="积水,老人"),
    CaseFilter(live=False, sort="new", area=town.XINGHUA),
    CaseFilter(live=False, sort="new", area=town.GRID_1, class_code="E"),
    CaseFilter(live=False, sort="new", from_=town.NOON - timedelta(days=2)),
    CaseFilter(live=False, sort="new", q="没有这样的词"),
]


@pytest.mark.parametrize("who", EVERYBODY)
async def test_every_page_together_is_what_counting_says(filled: Tx, as_: As, who: str) -> None:
    tx = filled
    tx.actor = as_("system")
    everything = await walk(tx, CaseFilter(live=False, sort="new"), 200)
    assert len(everything) == 120
    tx.actor = as_(who)
    reach = tx.reach(READ)
    unit = town.unit_id("1-1-1")
    in_unit = set(
        await tx.many(UUID, "select id from cases_case where unit_id = :unit", unit=unit)
    )
    for wanted in FILTERS:
        lines = await walk(tx, wanted)
        ids = [line.id for line in lines]
        assert len(ids) == len(set(ids))
        words = {
            row.id: row
            for row in await tx.many(
                _Words, "select id, words, ended_at is null as live from cases_case"
            )
        }
        expected = {
            line.id
            for line in everything
            if (
                reach.covers(line.area_code)
                or (unit in reach.units and line.id in in_unit and not wanted.area)
            )
            and line.area_code.startswith(wanted.area)
            and (not wanted.live or words[line.id].live)
            and (not wanted.class_code or (line.class_code or "").startswith(wanted.class_code))
            and (not wanted.platform or line.platform == wanted.platform)
            and (not wanted.stage or line.stage == wanted.stage)
            and (not wanted.overdue or line.overdue)
            and wanted.q in words[line.id].words
            and (wanted.from_ is None or line.reported_at >= wanted.from_)
        }
        assert set(ids) == expected, wanted
        keys = [
            (line.due_at, line.id) if wanted.sort == "due" and not wanted.q else None
            for line in lines
        ]
        if keys and keys[0] is not None:
            assert keys == sorted(keys)  # type: ignore[type-var]
        else:
            times = [(line.reported_at, line.id) for line in lines]
            assert times == sorted(times, reverse=True)


@dataclass(frozen=True, slots=True)
class _Words:
    id: UUID
    words: str
    live: bool


async def test_a_list_costs_the_same_statements_whatever_it_holds(
    own_district: District, as_: As
) -> None:
    database = own_district.database
    report = Report(
        id=new_id(),
        by=as_("grid_worker"),
        words="水管爆了",
        class_code="E0401",
        area_code=town.GRID_1,
        trusted=True,
    )
    counts: dict[str, set[int]] = {}
    for round_ in range(3):
        for who in ("grid_worker", "street_officer", "district_officer"):
            for name, wanted in (
                ("queue", CaseFilter()),
                ("search", CaseFilter(q="水管", live=False, sort="new")),
            ):
                with counting() as count:
                    async with database.tx(as_(who), read_only=True) as tx:
                        await case_page(tx, wanted)
                counts.setdefault(f"{who} {name}", set()).add(count.total)
        async with database.tx(as_("system")) as tx:
            await dispatch.receive(
                tx, [replace(report, id=new_id()) for _ in range(30 * (round_ + 1))]
            )
    assert all(len(found) == 1 for found in counts.values()), counts
    assert max(max(found) for found in counts.values()) <= 6, counts


async def test_one_character_is_too_little_to_search_for(tx: Tx) -> None:
    with pytest.raises(Invalid):
        await case_page(tx, CaseFilter(q="水", live=False))


async def test_a_mark_of_somebody_elses_making_is_refused(tx: Tx) -> None:
    with pytest.raises(Invalid):
        await case_page(tx, CaseFilter(), after="bm9uc2Vuc2U")


async def test_search_text_is_text_and_never_a_pattern(filled: Tx, as_: As) -> None:
    filled.actor = as_("district_officer")
    for q in ("%水管%爆", "水管_", "'; drop table cases_case; --水管"):
        page = await case_page(filled, CaseFilter(q=q, live=False, sort="new"))
        assert page.items == []
