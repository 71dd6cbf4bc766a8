"""A list leaves for a reason, with a name on it, and above fifty people with a second one's yes."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from openpyxl import load_workbook

import small_town as town
from wangge import exports
from wangge.exports import acts, commands, queries
from wangge.exports.jobs import make_next
from wangge.exports.makers import count_people
from wangge.exports.model import (
    Column,
    Export,
    ExportDecided,
    FileGone,
    NotReady,
    OwnExport,
    Sheet,
    Subject,
    _makers,
    maker,
    masked_text,
)
from wangge.kernel.actors import Actor
from wangge.kernel.database import Tx
from wangge.kernel.http import District
from wangge.kernel.refusals import Forbidden, Invalid, NotFound
from wangge.kernel.retention import all_keeps
from wangge.kernel.settings import decide
from wangge.people.acts import RESIDENT_READ
from wangge.web.rooms import import_rooms

As = Callable[[str], Actor]
import_rooms()
WHY = "停水通知入户登记"
#: Residents of 杏花社区.
PEOPLE = sum(one.area_code.startswith(town.XINGHUA) for one in town.homes()[1])


@dataclass
class Office:
    """The small town's offices, whose transactions commit."""

    district: District
    as_: As
    at: datetime = town.NOON

    def tx(self, key: str) -> Any:
        return self.district.database.tx(self.as_(key), now=self.at)

    async def ask(self, key: str = "community_officer", **changes: Any) -> Export:
        wanted: dict[str, Any] = {
            "area_code": town.XINGHUA,
            "people": 10,
            "reason": WHY,
            **changes,
        }
        spec = wanted.pop("spec", {"area": wanted["area_code"]})
        async with self.tx(key) as tx:
            return await exports.ask(tx, wanted.pop("what", "people.list"), spec, **wanted)

    async def make(self) -> int:
        async with self.tx("system") as tx:
            return await make_next(tx)

    async def look(self, export_id: UUID) -> Export:
        async with self.tx("system") as tx:
            found = await queries.find(tx, export_id)
            assert found is not None
            return found

    async def fetch(self, key: str, export_id: UUID) -> bytes:
        async with self.tx(key) as tx:
            return (
                await commands.fetch(tx, self.district.vault, self.district.shelf, export_id)
            )[1]


@pytest.fixture
def office(own_district: District, as_: As) -> Office:
    return Office(own_district, as_)


def sheet_of(data: bytes) -> list[list[Any]]:
    page = load_workbook(io.BytesIO(data)).worksheets[0]
    return [list(row) for row in page.iter_rows(values_only=True)]


async def test_a_masked_list_is_made_at_once_and_says_whose_copy_it_is(office: Office) -> None:
    export = await office.ask()
    assert export.state == "making"
    with pytest.raises(NotReady):
        await office.fetch("community_officer", export.id)
    assert await office.make() == 1
    assert await office.make() == 0
    made = await office.look(export.id)
    assert made.state == "ready"
    assert made.people == made.rows == PEOPLE
    assert made.expires_at == town.NOON + timedelta(hours=48)

    data = await office.fetch("community_officer", export.id)
    rows = sheet_of(data)
    assert rows[0][0] == (
        f"许社区 2026-03-18 12:00 导出 · 编号 {export.mark} · 内部资料,用完即删,不得转发"
    )
    assert rows[2][:3] == ["区域", "住址", "姓名"]
    assert "身份证号" not in rows[2]
    assert {row[2] for row in rows[3:]} <= {f"{c}*" for c in "甲乙丙丁戊己庚辛壬癸"}
    assert all(row[6] is None or "****" in row[6] for row in rows[3:])
    book = load_workbook(io.BytesIO(data))
    page = book.worksheets[0]
    assert export.mark in page.oddHeader.center.text
    assert export.mark in page.oddFooter.left.text
    assert (book.properties.creator, book.properties.subject) == ("许社区", export.mark)
    assert page.print_title_rows == "$1:$3"
    assert (await office.look(export.id)).fetched == 1


async def test_the_bytes_on_disk_are_sealed(office: Office) -> None:
    export = await office.ask()
    await office.make()
    async with office.tx("system") as tx:
        sha256 = await tx.one(
            str,
            "select f.sha256 from kernel_file f join exports_export e on e.file_id = f.id",
        )
    raw = office.district.shelf.get(sha256)
    assert not raw.startswith(b"PK")
    assert office.district.vault.open_bytes(raw, export.id.bytes).startswith(b"PK")


async def test_above_the_limit_a_second_person_decides_never_the_asker(office: Office) -> None:
    export = await office.ask("street_officer", area_code=town.STREET, people=51)
    assert export.state == "waiting"
    assert await office.make() == 0
    for key, refusal in (
        ("street_officer", OwnExport),
        ("community_officer", NotFound),
        ("other_street_officer", NotFound),
        ("audit_admin", Forbidden),
    ):
        async with office.tx(key) as tx:
            with pytest.raises(refusal):
                await commands.approve(tx, export.id)
    async with office.tx("data_protection") as tx:
        await commands.approve(tx, export.id, "符合停水通知的需要")
    async with office.tx("district_officer") as tx:
        with pytest.raises(ExportDecided):
            await commands.refuse(tx, export.id, "我不同意")
    assert await office.make() == 1
    assert (await office.look(export.id)).state == "ready"
    with pytest.raises(NotFound):
        await office.fetch("data_protection", export.id)


async def test_a_refusal_says_why(office: Office) -> None:
    export = await office.ask("street_officer", area_code=town.STREET, people=51)
    async with office.tx("data_protection") as tx:
        with pytest.raises(Invalid):
            await commands.refuse(tx, export.id, " 不 ")
    async with office.tx("data_protection") as tx:
        await commands.refuse(tx, export.id, "范围太大,请按社区导出")
    found = await office.look(export.id)
    assert (found.state, found.answer) == ("refused", "范围太大,请按社区导出")
    assert await office.make() == 0


async def test_the_database_itself_refuses_an_export_agreed_to_by_its_asker(
    office: Office,
) -> None:
    export = await office.ask("street_officer", area_code=town.STREET, people=51)
    with pytest.raises(asyncpg.CheckViolationError, match="second_person"):
        async with office.tx("street_officer") as tx:
            await queries.decide(tx, export.id, "making", "")


async def test_many_small_exports_of_a_day_count_as_one_large(office: Office) -> None:
    for _ in range(3):
        assert (await office.ask(people=16)).state == "making"
    assert (await office.ask(people=3)).state == "waiting"
    office.at += timedelta(hours=25)
    assert (await office.ask(people=16)).state == "making"


async def test_a_list_larger_than_was_said_waits_after_all(office: Office) -> None:
    async with office.tx("system") as tx:
        await decide(tx, "exports.approval_above", PEOPLE - 1)
    export = await office.ask(people=1)
    assert export.state == "making"
    assert await office.make() == 1
    found = await office.look(export.id)
    assert (found.state, found.people, found.file_id) == ("waiting", PEOPLE, None)


async def test_full_values_need_the_act_and_a_second_person_however_few(
    office: Office,
) -> None:
    with pytest.raises(Forbidden):
        await office.ask("grid_head", area_code=town.GRID_1, full=["phone"])
    with pytest.raises(Forbidden):
        await office.ask("community_officer", full=["id_number"])
    export = await office.ask("street_officer", people=1, full=["name", "phone", "id_number"])
    assert export.state == "waiting"
    async with office.tx("district_officer") as tx:
        await commands.approve(tx, export.id)
    await office.make()
    rows = sheet_of(await office.fetch("street_officer", export.id))
    heading = rows[2]
    assert heading[-1] == "身份证号"
    body = rows[3:]
    assert any(row[2] == "甲居民1" for row in body)
    assert town.phone_of(1001) in {row[6] for row in body}
    assert town.id_number_of(1) in {row[-1] for row in body}


async def untitled(tx: Tx, spec: Mapping[str, Any]) -> Sequence[str]:
    return ()


async def test_a_maker_that_names_no_law_gives_no_id_numbers(office: Office) -> None:
    @maker("test.list", "测试名单", RESIDENT_READ, headings=untitled, full=("name",))
    async def make(tx: Tx, spec: Mapping[str, Any]) -> Sheet:
        raise AssertionError

    try:
        with pytest.raises(Invalid):
            await office.ask("street_officer", what="test.list", full=["id_number"])
        with pytest.raises(ValueError, match="worse"):
            maker("test.worse", "测试", RESIDENT_READ, headings=untitled, full=("id_number",))(
                make
            )
    finally:
        _makers.pop("test.list")


async def test_a_number_that_slips_into_a_masked_column_is_masked(office: Office) -> None:
    number, phone = town.id_number_of(7), "19900000000"

    @maker("test.list", "测试名单", RESIDENT_READ, headings=untitled)
    async def make(tx: Tx, spec: Mapping[str, Any]) -> Sheet:
        return Sheet(
            "测试名单",
            [Column("备注"), Column("公式")],
            [[f"号{number}电话{phone}", "=1+1"]],
            [Subject(town.resident_id(1), town.GRID_1)],
        )

    try:
        export = await office.ask(what="test.list", people=1)
        await office.make()
        cells = sheet_of(await office.fetch("community_officer", export.id))[3]
        assert number not in cells[0]
        assert phone not in cells[0]
        assert cells[0] == f"号990{'*' * 13}{number[-2:]}电话199****0000"
        assert cells[1] == "=1+1"
        assert (
            load_workbook(io.BytesIO(await office.fetch("community_officer", export.id)))
            .worksheets[0]["B4"]
            .data_type
            == "s"
        )
    finally:
        _makers.pop("test.list")


@pytest.mark.parametrize(
    "text",
    ["电话 010-12345678", "编号 990001001001001", "90001199001011", "2026-03-18", "1单元"],
)
def test_what_is_no_persons_number_is_left_alone(text: str) -> None:
    assert masked_text(text) == text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": " 停水 "}, "reason"),
        ({"reason": "找19900000000"}, "reason"),
        ({"reason": "长" * 201}, "reason"),
        ({"what": "no.such"}, "what"),
        ({"format": "pdf"}, "format"),
        ({"people": -1}, "people"),
        ({"spec": {"phone": "19900000000"}}, "spec"),
        ({"spec": {"x": ["y" * 9000]}}, "spec"),
        ({"full": ["address"]}, "full"),
    ],
)
async def test_what_cannot_be_asked_names_its_field(
    office: Office, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as wrong:
        await office.ask(**changes)
    assert wrong.value.problems[0].field == field


async def test_nobody_exports_beyond_their_reach_or_without_the_act(office: Office) -> None:
    with pytest.raises(NotFound):
        await office.ask(area_code=town.LIUSHU)
    for key in ("grid_worker", "doctor", "data_protection"):
        with pytest.raises(Forbidden):
            await office.ask(
                key, area_code=town.GRID_1 if key == "grid_worker" else town.XINGHUA
            )


async def test_a_post_that_ended_meanwhile_makes_no_file(office: Office) -> None:
    export = await office.ask()
    async with office.tx("system") as tx:
        await tx.run(
            "update people_post set until_at = :now where staff_id = :id",
            now=town.NOON,
            id=town.PEOPLE["community_officer"].id,
        )
        await tx.bump("people")
    await office.make()
    found = await office.look(export.id)
    assert (found.state, found.trouble) == ("failed", "forbidden")


async def test_a_list_that_fails_thrice_is_given_up(office: Office) -> None:
    @maker("test.list", "测试名单", RESIDENT_READ, headings=untitled)
    async def make(tx: Tx, spec: Mapping[str, Any]) -> Sheet:
        raise RuntimeError("a bug")

    try:
        export = await office.ask(what="test.list", people=1)
        for _ in range(3):
            with pytest.raises(RuntimeError):
                await office.make()
        await office.make()
        found = await office.look(export.id)
        assert (found.state, found.trouble) == ("failed", "bug")
        assert await office.make() == 0
    finally:
        _makers.pop("test.list")


async def test_a_file_is_deleted_at_its_time_and_its_record_stays(office: Office) -> None:
    export = await office.ask()
    await office.make()
    keep = all_keeps()["exports.files"]
    office.at += timedelta(hours=48, seconds=1)
    with pytest.raises(FileGone):
        await office.fetch("community_officer", export.id)
    async with office.tx("system") as tx:
        assert [gone.items for gone in await keep.purge(tx, tx.now, 10)] == [1]
    async with office.tx("system") as tx:
        assert await tx.one(int, "select count(*) from kernel_file") == 0
        assert await tx.one(int, "select count(*) from exports_person") == PEOPLE
    found = await office.look(export.id)
    assert (found.state, found.file_id) == ("expired", None)
    office.at += timedelta(days=1096)
    keep = all_keeps()["exports.records"]
    async with office.tx("system") as tx:
        await keep.purge(tx, tx.now - timedelta(days=1095), 10)
        assert await tx.one(int, "select count(*) from exports_person") == 0


async def test_a_file_can_be_deleted_when_it_is_needed_no_more(office: Office) -> None:
    export = await office.ask()
    await office.make()
    async with office.tx("street_officer") as tx:
        with pytest.raises(NotFound):
            await commands.withdraw(tx, export.id)
    async with office.tx("community_officer") as tx:
        await commands.withdraw(tx, export.id)
    with pytest.raises(FileGone):
        await office.fetch("community_officer", export.id)
    async with office.tx("system") as tx:
        assert await tx.one(int, "select count(*) from kernel_file") == 0


async def test_what_nobody_decided_lapses(office: Office) -> None:
    export = await office.ask("street_officer", area_code=town.STREET, people=51)
    office.at += timedelta(days=8)
    async with office.tx("system") as tx:
        await all_keeps()["exports.files"].purge(tx, tx.now, 10)
    assert (await office.look(export.id)).state == "expired"


async def test_a_csv_has_the_mark_on_its_first_and_last_line_and_runs_nothing(
    office: Office,
) -> None:
    @maker("test.list", "测试名单", RESIDENT_READ, headings=untitled)
    async def make(tx: Tx, spec: Mapping[str, Any]) -> Sheet:
        return Sheet("测试名单", [Column("备注")], [["=cmd()"], [None], [-3]], [])

    try:
        export = await office.ask(what="test.list", people=0, format="csv")
        await office.make()
        lines = (await office.fetch("community_officer", export.id)).decode("utf-8-sig")
        first, heading, *rows, last = lines.splitlines()
        assert export.mark in first
        assert export.mark in last
        assert (heading, rows) == ("备注", ["'=cmd()", '""', "-3"])
    finally:
        _makers.pop("test.list")


async def test_counting_agrees_with_the_list(office: Office) -> None:
    for key, area in (("community_officer", town.XINGHUA), ("grid_head", town.GRID_1)):
        async with office.tx(key) as tx:
            counted = await count_people(tx, {"area": area, "tag": "elder_alone"})
        export = await office.ask(
            key, area_code=area, spec={"area": area, "tag": "elder_alone"}, people=counted
        )
        await office.make()
        assert (await office.look(export.id)).people == counted > 0


async def test_lists_show_ones_own_ones_queue_and_everything_to_the_auditor(
    office: Office,
) -> None:
    mine = await office.ask()
    waiting = await office.ask("street_officer", area_code=town.STREET, people=51)
    other = await office.ask("other_street_officer", area_code=town.OTHER_STREET, people=51)

    async def seen(key: str, act: Any, state: str = "") -> list[UUID]:
        async with office.tx(key) as tx:
            rows = await queries.page_of(
                tx, asked_by=None, reach=tx.reach(act), state=state, after=None, limit=10
            )
        return [row.id for row in rows]

    assert set(await seen("data_protection", acts.AUDIT)) == {mine.id, waiting.id, other.id}
    assert await seen("street_officer", acts.APPROVE, "waiting") == [waiting.id]
    assert await seen("community_officer", acts.APPROVE) == []
    async with office.tx("district_officer") as tx:
        assert await queries.count_waiting(tx, tx.reach(acts.APPROVE)) == 2
    async with office.tx("street_officer") as tx:
        assert await queries.count_waiting(tx, tx.reach(acts.APPROVE)) == 0


async def test_a_list_says_no_need_that_the_asker_may_not_see(office: Office) -> None:
    spec = {"area": town.XINGHUA, "tag": "elder_alone"}
    export = await office.ask()
    await office.make()
    async with office.tx("system") as tx:
        named = await tx.one(str, "select name from people_tag_kind where code = 'elder_alone'")
        await tx.run("update people_tag_kind set roles = '{doctor}' where code = 'elder_alone'")
    assert named in str(sheet_of(await office.fetch("community_officer", export.id)))

    office.at += timedelta(days=2)  # another day's fifty
    hidden = await office.ask()
    await office.make()
    assert named not in str(sheet_of(await office.fetch("community_officer", hidden.id)))
    async with office.tx("community_officer") as tx:
        assert await count_people(tx, spec) == 0
    async with office.tx("doctor") as tx:
        assert await count_people(tx, spec) > 0


async def test_who_has_left_is_in_no_list(office: Office) -> None:
    gone = next(one for one in town.homes()[1] if one.area_code.startswith(town.XINGHUA))
    async with office.tx("system") as tx:
        await tx.run(
            """
            update people_resident set ended_on = :day, ended_why = 'moved_away' where id = :id
            """,
            day=office.at.date(),
            id=gone.id,
        )
    async with office.tx("community_officer") as tx:
        assert await count_people(tx, {"area": town.XINGHUA, "tag": ""}) == PEOPLE - 1
    export = await office.ask()
    await office.make()
    assert (await office.look(export.id)).people == PEOPLE - 1
