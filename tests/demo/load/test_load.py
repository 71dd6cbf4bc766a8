"""The loader: a whole community in a real district, stopped and taken up again, and alive."""

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg
import pytest

from wangge.cases.marks import marks_of, receipt_mark
from wangge.demo import loading, register, work
from wangge.demo.accounts import LOGINS, PASSWORD
from wangge.demo.load_history import receipt, workers_by_community
from wangge.demo.loading import Cancelled, begun_scale, load, loaded
from wangge.demo.town import make_town
from wangge.kernel.actors import DESK_ROLES, Role
from wangge.kernel.crypto import open_vault
from wangge.kernel.moments import new_id
from wangge.people.model import seal_context

numbers = iter(range(1000))


def do(dsn: str, *statements: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(dsn)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())


def ask(dsn: str, query: str) -> list[tuple[object, ...]]:
    async def run() -> list[tuple[object, ...]]:
        connection = await asyncpg.connect(dsn)
        try:
            await connection.execute("set search_path = d_990001; set app.areas = 'all'")
            return [tuple(row.values()) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    return asyncio.run(run())


@pytest.fixture(scope="module")
def databases(servers: tuple[str, str]) -> Iterator[Callable[[], str]]:
    admin, application = servers
    made: list[str] = []

    def make() -> str:
        name = f"wangge_demo_{os.getpid()}_{next(numbers)}"
        do(admin, f"create database {name} owner {urlsplit(application).username}")
        made.append(name)
        return urlunsplit(urlsplit(application)._replace(path=f"/{name}"))

    yield make
    for name in made:
        do(admin, f"drop database if exists {name} with (force)")


@pytest.fixture(scope="module")
def town(databases: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """A community, cancelled once on its way and taken up again."""
    dsn, folder = databases(), tmp_path_factory.mktemp("demo")
    told: list[str] = []
    cancelled: list[bool] = []

    def cancel(what: str, _done: int, _total: int) -> None:
        told.append(what)
        if what == "写入历史案件" and not cancelled:
            # The callback is called in a running loop; somebody else cancels. The loop stands still
            # meanwhile, so whoever waits for a row that the loop's own work holds waits for ever:
            # it gives up at once and tries again at the next callback.
            thread = threading.Thread(target=try_to_cancel)
            thread.start()
            thread.join()

    def try_to_cancel() -> None:
        with contextlib.suppress(asyncpg.LockNotAvailableError):
            do(
                dsn,
                "set lock_timeout = '20ms'",
                "update d_990001.kernel_work set state = 'cancelled' "
                f"where id = '{work.work_id('demo.history')}' and state = 'running'",
            )
            cancelled.append(True)

    with pytest.MonkeyPatch.context() as small:
        small.setattr("wangge.demo.load_history.BATCH", 250)
        small.setattr("wangge.demo.load_history.BARE_FROM", 1_000)  # indexes dropped and made
        small.setattr("wangge.demo.load_people.BARE_FROM", 1_000)
        small.setattr(loading, "_watch_seconds", 0.02)
        with pytest.raises(Cancelled):
            asyncio.run(load(dsn, folder, "community", cancel))
        assert asyncio.run(loaded(dsn)) is None
        assert asyncio.run(begun_scale(dsn)) == "community"
        before = ask(dsn, "select count(*) from cases_case")[0][0]
        done = asyncio.run(load(dsn, folder, "community"))
    assert done.scale == "community"
    assert isinstance(before, int)
    assert before < 3000
    os.environ["WANGGE_DEMO_TEST_FOLDER"] = str(folder)
    return dsn


def test_indexes_dropped_for_the_load_are_there_again(town: str) -> None:
    """One of every table that was bare, among them the one that keeps numbers from coming twice."""
    wanted = {
        "cases_search_marks",
        "people_household_dwelling",
        "people_resident_household",
        "people_resident_one_id_number",
        "people_resident_sound",
        "people_search_marks",
    }
    there = ask(town, "select indexname from pg_indexes where schemaname = 'd_990001'")
    assert wanted <= {str(name) for (name,) in there}


def test_the_counts_are_the_communitys(town: str) -> None:
    def count(table: str) -> object:
        return ask(town, f"select count(*) from {table}")[0][0]

    assert count("people_household") == 1443
    assert count("people_resident where relation <> 'tenant' or id_index is not null") == 3300
    assert count("people_resident") == 3300 + register.TWICE
    assert count("people_pair where state = 'open'") >= register.TWICE
    assert ask(town, "select count(*) > 0 from people_residence where tie = 'owns'") == [
        (True,)
    ]
    assert count("places_area where kind = 'grid'") == 6
    assert count("places_area where kind = 'micro_grid'") == 19
    past = ask(
        town,
        "select count(*), count(distinct id) from cases_case where received_at < "
        "now() - interval '1 day'",
    )
    assert 2_990 <= int(str(past[0][0])) <= 3_100
    unfindable = ask(
        town,
        "select count(*) from cases_case c where rule_id is null and ended_at is not null"
        " and not exists (select 1 from cases_search s where s.case_id = c.id)",
    )
    assert int(str(unfindable[0][0])) < 40  # those of the last hours: the worker's to index


def test_every_past_case_tells_a_whole_story(town: str) -> None:
    broken = ask(
        town,
        """
        select c.id from cases_case c
          left join lateral (select count(*) as n, max(n) as last,
                                    bool_and(s.at <= now()) as over
                               from cases_step s where s.case_id = c.id) s on true
          left join cases_step f on f.case_id = c.id and f.n = s.last
         where c.ended_at is not null and c.received_at = c.reported_at and c.rule_id is null
           and (s.n is distinct from s.last + 1 or f.to_state <> c.state or not s.over)
        """,
    )
    assert broken == []
    gaps = ask(
        town,
        """
        select case_id from (
            select case_id, n, from_state, at, lag(to_state) over w as before,
                   lag(at) over w as earlier
              from cases_step window w as (partition by case_id order by at, n)) s
         where n > 0 and (from_state is distinct from before or at < earlier)
        """,
    )
    assert gaps == []


def test_reporters_are_the_grid_workers_of_their_community(town: str) -> None:
    strangers = ask(
        town,
        """
        select distinct c.reporter_id from cases_case c
         where c.reporter_id is not null and c.rule_id is null and not exists (
               select 1 from people_post p
                where p.staff_id = c.reporter_id and p.role = 'grid_worker'
                  and left(p.area_code, 12) = left(c.area_code, 12))
        """,
    )
    assert strangers == []
    known = workers_by_community(make_town("community"))["990001001001"]
    rows = ask(
        town, "select distinct staff_id::text from people_post where role = 'grid_worker'"
    )
    assert {str(row[0]) for row in rows} == {str(id_) for id_ in known}


def test_past_cases_are_found_by_what_the_listener_would_have_marked(town: str) -> None:
    rows = ask(
        town,
        """
        select c.reported_at, c.words, c.place, c.area_code, c.class_code, c.channel, c.platform,
               s.marks
          from cases_case c join cases_search s on s.case_id = c.id
         where c.ended_at is not null order by c.id limit 200
        """,
    )
    assert len(rows) == 200
    for *said, marks in rows:
        assert marks == marks_of(*said, live=False)  # type: ignore[arg-type]


def test_indexes_are_back(town: str) -> None:
    names = {
        row[0]
        for row in ask(town, "select indexname from pg_indexes where schemaname = 'd_990001'")
    }
    for name in ("cases_case_time", "cases_case_live", "cases_step_case", "cases_search_marks"):
        assert name in names
    assert any(
        row[0]
        for row in ask(
            town,
            "select indexdef like '%UNIQUE%' from pg_indexes where indexname = 'cases_case_external'",
        )
    )


def test_numbers_are_sealed_with_the_districts_key(town: str) -> None:
    vault = open_vault(Path(os.environ["WANGGE_DEMO_TEST_FOLDER"]) / "keys", "d_990001")
    (row,) = ask(
        town,
        "select id, phone_sealed, id_sealed from people_resident "
        "where phone_sealed is not null and id_sealed is not null order by id limit 1",
    )
    id_ = UUID(str(row[0]))
    assert vault.open(bytes(row[1]), seal_context(id_, "phone")).startswith("1990000")  # type: ignore[arg-type]
    assert vault.open(bytes(row[2]), seal_context(id_, "id_number")).startswith("99")  # type: ignore[arg-type]
    # As a word: the digits of what is sealed may spell anything.
    plain = ask(
        town,
        r"select count(*) from people_resident r where r::text ~ '\m1990000\d{4}\M'",
    )
    assert plain == [(0,)]


def test_every_important_role_can_sign_in(town: str) -> None:
    found = asyncio.run(loaded(town))
    assert found is not None
    roles = {account.role for account in found.accounts}
    assert roles == set(LOGINS)
    assert {role.value for role in DESK_ROLES} <= roles
    logins = [account.login for account in found.accounts]
    assert len(set(logins)) == len(logins)
    assert ask(town, "select count(*) from access_account where demo") == [(len(logins),)]
    assert PASSWORD == "wangge-demo"


def test_the_present_is_believable(town: str) -> None:
    states = dict(
        ask(
            town,
            "select state, count(*)::int from cases_case where ended_at is null group by 1",
        )
    )
    assert sum(int(str(n)) for n in states.values()) >= 20
    assert len(states) >= 3
    held = ask(town, "select count(*) from tasks_task where state in ('accepted', 'doing')")
    assert int(str(held[0][0])) > 3
    late = ask(town, "select count(*) from cases_step where at > now()")
    assert late == [(0,)]


def test_loading_again_changes_nothing(town: str) -> None:
    folder = Path(os.environ["WANGGE_DEMO_TEST_FOLDER"])
    before = ask(town, "select count(*) from cases_step")
    again = asyncio.run(load(town, folder, "community"))
    assert again.scale == "community"
    assert ask(town, "select count(*) from cases_step") == before
    with pytest.raises(ValueError, match="scale community"):
        asyncio.run(load(town, folder, "street"))


def test_receipts_look_like_ours_and_differ() -> None:
    drawn = {receipt(new_id()) for _ in range(2_000)}
    assert len(drawn) == 2_000
    assert all(receipt_mark(one) == one for one in drawn)
    assert Role.GRID_WORKER.value in LOGINS
