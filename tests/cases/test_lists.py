"""Lists of cases: within reach, in order, without gaps, at a fixed number of statements."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import Any, LiteralString, TypeVar
from uuid import UUID

import pytest

import small_town as town
from wangge import dispatch
from wangge.cases.acts import READ
from wangge.cases.events import CaseMoved
from wangge.cases.lists import CaseFilter, CaseLine, case_page, statements
from wangge.cases.reactions import index_cases, make_findable
from wangge.dispatch import Received, Report
from wangge.kernel.actors import Actor
from wangge.kernel.database import Tx, counting
from wangge.kernel.facts import Recorded
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


@pytest.fixture(autouse=True)
def short_walks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So short that with a hundred cases both ways are gone: what is frequent is found by walking
    back, what is rarer by the word index."""
    monkeypatch.setattr(statements, "WALK", 16)


@pytest.fixture
async def filled(tx: Tx, as_: As) -> Tx:
    """A hundred and twenty reports of some days, and of the year before; a fixed seed."""
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
    await tx.run(
        """
        update cases_case c set reported_at = reported_at - interval '1 day' * t.days
          from unnest(:ids::uuid[], :days::int[]) t(id, days) where t.id = c.id
        """,
        ids=[report.id for report in reports[::3]],
        days=[drawn.randrange(400) for _ in reports[::3]],
    )
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
    CaseFilter(sort="new", class_code="E04"),
    CaseFilter(sort="new", class_code="E0102", channel="worker"),
    CaseFilter(live=False, sort="new", class_code="E", q="水管"),
    CaseFilter(live=False, sort="new", platform="YJ"),
    CaseFilter(states=("dispatched",)),
    CaseFilter(q="垃圾"),
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
            and (not wanted.states or line.state in wanted.states)
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


async def test_a_list_costs_six_statements_at_most_whatever_it_holds(
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
    # A search that fills its page by walking back does not ask the index at all.
    assert all(len(f) == 1 for name, f in counts.items() if name.endswith("queue")), counts
    assert max(max(found) for found in counts.values()) <= 6, counts


R = TypeVar("R")


class _Planned(Tx):
    """Another transaction that notes which tables its statements read through, and which not."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self.actor, self.now, self.cause, self.bumped = tx.actor, tx.now, tx.cause, tx.bumped
        self.read_through: set[str] = set()
        self.found_by_index: set[str] = set()

    async def many(self, kind: type[R], sql: LiteralString, /, **values: Any) -> list[R]:
        def note(node: dict[str, Any]) -> None:
            if "Relation Name" in node:
                through = node["Node Type"] == "Seq Scan"
                found = self.read_through if through else self.found_by_index
                found.add(node["Relation Name"])
            for below in node.get("Plans", ()):
                note(below)

        note((await self._tx.plan(sql, **values))["Plan"])
        return await self._tx.many(kind, sql, **values)


BY_INDEX = {
    "queue": CaseFilter(),
    "rare state": CaseFilter(states=("suspended",)),
    "newest": CaseFilter(live=False, sort="new"),
    "class": CaseFilter(live=False, sort="new", class_code="Z0101"),
    "search": CaseFilter(live=False, sort="new", q="积水"),
    "live search": CaseFilter(q="积水"),
}


@pytest.mark.parametrize("name", BY_INDEX)
async def test_no_list_reads_the_whole_table(filled: Tx, as_: As, name: str) -> None:
    """A table of a million rows never needs to be read through: there is an index for each reader
    and filter (the planner is told to avoid reading through, which it may prefer in a small town)."""
    await filled.run("set local enable_seqscan = off")
    for who in ("grid_worker", "street_officer", "district_officer"):
        filled.actor = as_(who)
        planned = _Planned(filled)
        await case_page(planned, BY_INDEX[name])
        assert not {"cases_case", "cases_search"} & planned.read_through, who
        assert "cases_case" in planned.found_by_index, who


async def test_who_is_over_leaves_the_live_ones_and_comes_back_when_reopened(
    filled: Tx,
) -> None:
    case = await filled.one(
        _Live, "select id, area_code from cases_case where ended_at is null order by id limit 1"
    )

    async def live_marks() -> int:
        return await filled.one(
            int,
            """
            select count(*)::int from cases_search s cross join unnest(s.marks) m
             where s.case_id = :id and m like 'live:%'
            """,
            id=case.id,
        )

    async def move(before: str, after: str, ended: object) -> None:
        await filled.run(
            "update cases_case set state = :state, ended_at = :ended where id = :id",
            state=after,
            ended=ended,
            id=case.id,
        )
        data = {"verb": "x", "from_state": before, "to_state": after, "late": False}
        moved = Recorded(
            *(1, new_id(), CaseMoved.kind, case.id, case.area_code, filled.now),
            *(filled.actor.id, None, data),
        )
        await make_findable(filled, [moved])

    assert await live_marks() > 3
    await move("handled", "closed", filled.now)
    assert await live_marks() == 0
    await move("closed", "filed", None)
    assert await live_marks() > 3


@dataclass(frozen=True, slots=True)
class _Live:
    id: UUID
    area_code: str


async def test_what_came_in_a_moment_ago_is_found_before_the_index_knows_it(
    filled: Tx, as_: As
) -> None:
    filled.actor = as_("district_officer")
    newest = (await case_page(filled, CaseFilter(live=False, sort="new"))).items[0]
    await filled.run("delete from cases_search where case_id = :id", id=newest.id)
    words = newest.title[:2]
    found = await case_page(filled, CaseFilter(live=False, sort="new", q=words))
    assert len(found.items) > 1
    assert found.items[0].id == newest.id


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
