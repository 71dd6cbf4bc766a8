"""Lists in the room: purpose, response, two people, looks, destruction."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from declaring import a_live_one
from lists_kit import (
    ABOUT,
    HEADINGS,
    ID_1,
    ROWS,
    SLIP,
    As,
    checked,
    run,
    states,
    text,
)

import small_town as town
from town_fixtures import VAULT
from wangge import exports
from wangge.exports import queries as kept_exports
from wangge.exports.model import all_makers
from wangge.kernel import work
from wangge.kernel.database import Tx, counting
from wangge.kernel.refusals import Forbidden, Invalid, NotFound
from wangge.people.model import TooManyReveals
from wangge.places.holders import Moved
from wangge.responses import RESPONSES, end
from wangge.responses.events import ResponseEnded
from wangge.verification import deciding, holding, keeping, queries, reactions
from wangge.verification.bringing import About, bring
from wangge.verification.chaining import contacts_of
from wangge.verification.columns import columns_of
from wangge.verification.makers import LIST
from wangge.verification.model import List
from wangge.verification.records import hidden, masked
from wangge.verification.refusals import (
    ContactsNeedResponse,
    ListNotReady,
    MenderCannotSign,
    NotLookedAt,
    RowDecided,
)
from wangge.verification.settings import OPENS
from wangge.verification.showing import rows_shown
from wangge.verification.work import BITE, bite


async def test_each_row_is_right_proposed_or_open_with_its_question(tx: Tx, as_: As) -> None:
    found = await checked(tx, as_)
    assert found.phase == "review"
    rows = await queries.rows_after(tx, found.id, 0, 10)
    assert [row.state for row in rows] == ["right", "proposed", "right", "open"]
    assert [row.target_id for row in rows[:3]] == [
        town.resident_id(1),
        town.resident_id(1),
        town.resident_id(2),
    ]
    assert (rows[1].mends, rows[1].same_as, rows[1].same_why) == (("id",), 1, "person")
    assert rows[3].question == "nobody"


async def test_an_address_that_nothing_hangs_on_is_read_when_somebody_looks(
    tx: Tx, as_: As
) -> None:
    there = f"1,甲居民1,{ID_1},,杏花苑1幢1单元101室"
    found = await checked(tx, as_, there, f"2,甲居民1,{ID_1},,杏花苑1幢1单元201室")
    rows = await queries.rows_after(tx, found.id, 0, 10)
    assert [(row.state, row.why, row.differs) for row in rows] == [("right", "id", ())] * 2
    tx.actor = as_("street_officer")
    same, other = await rows_shown(tx, VAULT, found, rows)
    assert same.target
    assert other.target
    assert ("住址相同" in same.target.signs, same.differs) == (True, ())
    assert ("住址不同" in other.target.signs, other.differs) == (True, ("door",))


async def test_the_same_list_twice_is_one_list(tx: Tx, as_: As) -> None:
    found = await checked(tx, as_)
    again = await checked(tx, as_)
    assert again.id == found.id
    assert await states(tx, again) == ["right", "proposed", "right", "open"]
    # The shorter of two promises is kept, whichever came first.
    for days, kept in ((ABOUT.days - 2, -2), (ABOUT.days + 9, -2)):
        again = await checked(tx, as_, about=msgspec.structs.replace(ABOUT, days=days))
        assert again.keep_until == found.keep_until + timedelta(days=kept)


async def test_a_list_says_what_for_who_asked_and_until_when(tx: Tx, as_: As) -> None:
    tx.actor = as_("street_officer")
    with pytest.raises(Invalid) as refused:
        await bring(tx, VAULT, text(*ROWS), "x", About("", "嗯", "", town.STREET, 400))
    assert [one.field for one in refused.value.problems] == [
        "title",
        "purpose",
        "asker",
        "days",
    ]


async def test_only_whoever_has_the_act_over_the_area_brings_or_sees_a_list(
    tx: Tx, as_: As
) -> None:
    found = await checked(tx, as_)
    tx.actor = as_("grid_worker")
    with pytest.raises(Forbidden):
        await bring(tx, VAULT, text(*ROWS), "x", ABOUT)
    with pytest.raises(NotFound):
        await queries.one_list(tx, found.id)
    tx.actor = as_("community_officer")
    with pytest.raises(NotFound):
        await bring(tx, VAULT, text(*ROWS), "x", ABOUT)
    with pytest.raises(NotFound):
        await queries.one_list(tx, found.id)


CONTACTS = HEADINGS + ",密接于,末次接触日期,发病日期"
LINKED = (
    f"1,甲居民1,{ID_1},,,,2026-03-01,2026-03-02",
    "2,无此人,,,,1,2026.2.30,",
    "3,某某,,,,1,2026-03-09,2026-03-08",
)


async def test_contacts_are_refused_without_a_response_that_names_them(tx: Tx, as_: As) -> None:
    with pytest.raises(ContactsNeedResponse):
        await checked(tx, as_, *LINKED, headings=CONTACTS)
    for headings in (
        "密接姓名,联系电话,接触情况",
        "姓名,联系电话,与病例关系",
        "姓名,电话,暴露日期",
    ):
        with pytest.raises(ContactsNeedResponse):
            await checked(tx, as_, "某某,19900007777,同住", headings=headings)
    with pytest.raises(ContactsNeedResponse):
        await checked(tx, as_, about=msgspec.structs.replace(ABOUT, title="密接名单"))
    await a_live_one(tx, as_("street_officer"), as_("district_officer"))
    with pytest.raises(ContactsNeedResponse):
        await checked(tx, as_, *LINKED, headings=CONTACTS)


async def _of_response(tx: Tx, as_: As) -> tuple[List, Any]:
    response = await a_live_one(
        tx, as_("street_officer"), as_("district_officer"), data_items=["name", "contacts"]
    )
    return await checked(tx, as_, *LINKED, headings=CONTACTS), response


async def test_a_contact_list_ends_with_its_response(tx: Tx, as_: As) -> None:
    found, response = await _of_response(tx, as_)
    assert found.response_id == response.id
    assert [one.kind for one in await queries.findings(tx, found.id, 0, 9)] == [
        "no_such_day",
        "window_after_onset",
    ]
    before, tx.actor = tx.actor, as_("district_officer")
    await end(tx, response.id)
    tx.actor = before
    fact = ResponseEnded(response.id, response.area_code, expired=False, was_live=True)
    await reactions.response_ended(tx, fact)
    gone = await queries.list_of(tx, found.id)
    assert (gone.phase, gone.gone_why, gone.headings, gone.rows) == ("gone", "response", (), 3)
    for table in ("verification_row", "verification_finding"):
        left = await tx.one(
            int,
            f"select count(*)::int from {table} where list_id = :id",  # type: ignore[arg-type]
            id=found.id,
        )
        assert left == 0, table


async def _exported(tx: Tx, as_: As, list_id: UUID) -> UUID:
    """By whoever brought it; `tx` goes on as the clock's."""
    before, tx.actor = tx.actor, as_("street_officer")
    asked = await exports.ask(
        tx,
        LIST,
        {"list": str(list_id)},
        area_code=town.STREET,
        people=1,
        reason="区疾控要核对结果",
    )
    tx.actor = before
    return asked.id


async def _states(tx: Tx, *ids: UUID) -> list[str]:
    found = [await kept_exports.find(tx, one) for one in ids]
    return [one.state for one in found if one is not None]


async def test_what_was_exported_of_a_list_ends_when_its_purpose_does(tx: Tx, as_: As) -> None:
    found, response = await _of_response(tx, as_)
    dated = await checked(tx, as_)
    files = [await _exported(tx, as_, one) for one in (found.id, dated.id)]
    fact = ResponseEnded(response.id, response.area_code, expired=False, was_live=True)
    await reactions.response_ended(tx, fact)
    assert await _states(tx, *files) == ["expired", "making"]
    await keeping.forget_lists(tx, tx.now + timedelta(days=8), 20)
    assert await _states(tx, *files) == ["expired", "expired"]
    given_up = await checked(tx, as_, *LINKED)
    kept = await _exported(tx, as_, given_up.id)
    before, tx.actor = tx.actor, as_("street_officer")
    await deciding.drop(tx, given_up.id)
    tx.actor = before
    assert await _states(tx, kept) == ["making"], "whoever gives a list up keeps its files"


async def test_contacts_of_a_list_checked_before_they_were_kept_apart_are_in_its_rows(
    tx: Tx, as_: As
) -> None:
    found, _ = await _of_response(tx, as_)
    kept = await contacts_of(tx, VAULT, found)
    assert [(one.id, one.sources) for one in kept] == [("1", ()), ("2", ("1",)), ("3", ("1",))]
    await queries.set_chain(tx, found.id, b"")  # as the column was when it came
    again = await contacts_of(tx, VAULT, found)
    assert [(one.id, one.sources) for one in again] == [(one.id, one.sources) for one in kept]


async def test_rows_go_on_the_day_a_list_names(tx: Tx, as_: As) -> None:
    found = await checked(tx, as_)
    assert await keeping.lists_due(tx, tx.now + timedelta(days=6)) == []
    assert await keeping.forget_lists(tx, tx.now + timedelta(days=6), 20) == []
    due = await keeping.lists_due(tx, tx.now + timedelta(days=8))
    assert [(one.area_code, one.items) for one in due] == [(town.STREET, 4)]
    gone = await keeping.forget_lists(tx, tx.now + timedelta(days=8), 20)
    assert [(one.area_code, one.items) for one in gone] == [(town.STREET, 4)]
    assert (await queries.list_of(tx, found.id)).gone_why == "date"


async def test_whoever_mends_cannot_sign_and_nothing_is_signed_unseen(tx: Tx, as_: As) -> None:
    found = await checked(tx, as_)
    tx.actor = as_("street_officer")
    with pytest.raises(MenderCannotSign):
        await deciding.sign(tx, found.id)
    tx.actor = as_("district_officer")
    with pytest.raises(NotLookedAt):
        await deciding.sign(tx, found.id)
    assert await deciding.accept(tx, found.id, None, ["id"]) == 1
    with pytest.raises(MenderCannotSign):
        await deciding.sign(tx, found.id)
    row = await queries.one_row(tx, found.id, 2)
    assert (row.state, row.by_id) == ("mended", as_("district_officer").id)


async def test_whoever_ever_changed_a_row_cannot_sign_it_later(tx: Tx, as_: As) -> None:
    found = await checked(tx, as_)
    tx.actor = as_("street_officer")
    await deciding.accept(tx, found.id, [2], [])
    tx.actor = as_("district_officer")
    await deciding.answer(tx, VAULT, found.id, 4, "mended", cells={"name": "还没有"})
    tx.actor = as_("street_officer")
    await deciding.answer(tx, VAULT, found.id, 4, "elsewhere")
    tx.actor = as_("district_officer")
    with pytest.raises(MenderCannotSign):
        await deciding.sign(tx, found.id)


async def test_a_number_the_register_has_otherwise_is_looked_at_before_it_is_taken(
    tx: Tx, as_: As
) -> None:
    found = await checked(tx, as_, f"1,不是他,{SLIP},,")
    assert await states(tx, found) == ["open"]
    tx.actor = as_("street_officer")
    row = await deciding.answer(tx, VAULT, found.id, 1, "mended", cells={"name": "甲居民1"})
    assert (row.state, row.mends) == ("proposed", ("id",))
    tx.actor = as_("district_officer")
    with pytest.raises(NotLookedAt):
        await deciding.sign(tx, found.id)


async def test_a_response_that_has_ended_takes_no_list(tx: Tx, as_: As) -> None:
    response = await a_live_one(
        tx, as_("street_officer"), as_("district_officer"), data_items=["contacts"]
    )
    await RESPONSES.get(tx)  # as somebody has it in memory who began before the end
    await tx.run(
        "update responses_response set ended_at = :now, ended_by = :by where id = :id",
        id=response.id,
        by=as_("district_officer").id,
        now=tx.now,
    )
    with pytest.raises(ContactsNeedResponse):
        await checked(tx, as_, *LINKED, headings=CONTACTS)


async def test_areas_that_become_one_may_hold_the_same_list(tx: Tx, as_: As) -> None:
    await checked(tx, as_)
    await checked(tx, as_, about=msgspec.structs.replace(ABOUT, area=town.XINGHUA))
    codes = {town.STREET: town.OTHER_STREET, town.XINGHUA: town.OTHER_STREET}
    moved = Moved(tuple(codes), codes)
    went = await holding.lists_follow(tx, moved)
    assert [(one.area_code, one.items) for one in went] == [(town.OTHER_STREET, 2)]


async def test_a_row_number_that_cannot_be_is_not_found(tx: Tx, as_: As) -> None:
    found = await checked(tx, as_)
    tx.actor = as_("street_officer")
    with pytest.raises(NotFound):
        await deciding.look(tx, VAULT, found.id, 99_999_999_999)


async def test_numbers_and_names_of_others_leave_masked_too(tx: Tx, as_: As) -> None:
    headings = "编号,姓名,身份证号,联系电话,家属姓名,家属电话,别的"
    phone = town.phone_of(1003)
    row = f"{ID_1},甲居民1,{ID_1},{town.phone_of(1001)},甲居民2,{phone},也可打{phone}"
    found = await checked(tx, as_, row, headings=headings)
    tx.actor = as_("district_officer")
    await deciding.sign(tx, found.id)
    sheet = await all_makers()[LIST].make(tx, {"list": str(found.id)})
    (cells,) = [[str(cell) for cell in one] for one in sheet.rows]
    for secret in (ID_1, town.phone_of(1001), phone, "甲居民"):
        assert not any(secret in cell for cell in cells), secret
    shown = await rows_shown(tx, VAULT, found, await queries.rows_after(tx, found.id, 0, 9))
    assert ID_1 not in shown[0].said["key"]


async def test_a_second_person_signs_and_open_rows_keep_their_question(tx: Tx, as_: As) -> None:
    found = await checked(tx, as_)
    tx.actor = as_("street_officer")
    await deciding.accept(tx, found.id, [2], [])
    tx.actor = as_("district_officer")
    signed = await deciding.sign(tx, found.id)
    assert (signed.phase, signed.signed_by) == ("signed", tx.actor.id)
    assert await states(tx, found) == ["right", "mended", "right", "open"]
    with pytest.raises(ListNotReady):
        await deciding.accept(tx, found.id, [2], [])


async def test_a_doubted_mend_becomes_a_question(tx: Tx, as_: As) -> None:
    found = await checked(tx, as_)
    tx.actor = as_("street_officer")
    await deciding.doubt(tx, found.id, 2)
    row = await queries.one_row(tx, found.id, 2)
    assert (row.state, row.target_id) == ("open", None)
    assert [one["id"] for one in row.rivals] == [str(town.resident_id(1))]
    with pytest.raises(RowDecided):
        await deciding.doubt(tx, found.id, 2)
    await deciding.answer(tx, VAULT, found.id, 2, "is", target=town.resident_id(1))
    assert (await queries.one_row(tx, found.id, 2)).target_id == town.resident_id(1)


async def test_what_somebody_said_is_held_against_the_register_again(tx: Tx, as_: As) -> None:
    found = await checked(tx, as_)
    tx.actor = as_("street_officer")
    with pytest.raises(Invalid):
        await deciding.answer(tx, VAULT, found.id, 4, "is", target=town.resident_id(9))
    with pytest.raises(Invalid):
        await deciding.answer(tx, VAULT, found.id, 4, "mended", cells={"name": "无此人"})
    await deciding.answer(tx, VAULT, found.id, 4, "not_reached")
    row = await queries.one_row(tx, found.id, 4)
    assert (row.state, row.tries, row.by_id) == ("open", 1, None)
    still = await deciding.answer(tx, VAULT, found.id, 4, "mended", cells={"name": "还没有"})
    assert (still.state, still.question) == ("open", "nobody")
    fits = await deciding.answer(
        tx, VAULT, found.id, 4, "mended",
        cells={"name": "甲居民2", "phone": town.phone_of(1002)},
    )  # fmt: skip
    assert (fits.state, fits.target_id) == ("mended", town.resident_id(2))
    assert fits.by_id == as_("street_officer").id


async def test_a_row_is_seen_in_full_only_with_a_record_and_no_fact_says_what(
    tx: Tx, as_: As
) -> None:
    found = await checked(tx, as_)
    tx.actor = as_("street_officer")
    _, cells = await deciding.look(tx, VAULT, found.id, 1)
    assert ID_1 in cells
    looks = await tx.many(
        int, "select number from verification_look where list_id = :id", id=found.id
    )
    assert looks == [1]
    said = [repr(fact) for fact, _ in tx._facts]  # pyright: ignore[reportPrivateUsage]
    assert any(one.startswith("RowOpened") for one in said)
    for secret in ("甲居民", ID_1, town.phone_of(1001)):
        assert not any(secret in one for one in said)


async def test_rows_opened_in_an_hour_are_counted(tx: Tx, as_: As) -> None:
    found = await checked(tx, as_)
    tx.actor = as_("street_officer")
    most = OPENS.default
    await tx.run(
        """
        insert into verification_look (id, list_id, number, staff_id, area_code, at)
        select gen_random_uuid(), :id, 1, :by, :area, :now from generate_series(1, :n::int)
        """,
        id=found.id,
        by=tx.actor.id,
        area=town.STREET,
        now=tx.now,
        n=most - 1,
    )
    await deciding.look(tx, VAULT, found.id, 1)
    with pytest.raises(TooManyReveals):
        await deciding.look(tx, VAULT, found.id, 1)


async def test_a_row_is_twice_only_beside_another_that_stays(tx: Tx, as_: As) -> None:
    found = await checked(tx, as_)
    tx.actor = as_("street_officer")
    with pytest.raises(Invalid):
        await deciding.answer(tx, VAULT, found.id, 4, "twice")
    await deciding.doubt(tx, found.id, 2)
    await deciding.answer(tx, VAULT, found.id, 2, "twice")
    row = await queries.one_row(tx, found.id, 2)
    assert (row.state, row.same_as, row.same_at) == ("settled", 1, 2)


def test_numbers_are_hidden_however_they_are_written() -> None:
    phone = town.phone_of(1003)
    for said in (
        phone,
        f"打{phone[:3]} {phone[3:7]} {phone[7:]}",
        f"{phone[:7]}-{phone[7:]}",
        ID_1,
    ):
        assert phone[3:9] not in hidden(said).replace(" ", "").replace("-", "")
        assert ID_1[6:14] not in hidden(said)
    assert hidden("2026-03-01 12:30 第3行") == "2026-03-01 12:30 第3行"


def test_a_number_is_masked_the_same_however_it_is_typed() -> None:
    columns = columns_of(("身份证号", "联系电话"))
    phone = town.phone_of(1003)
    plain = masked((ID_1, phone), columns)
    wide = ["".join(chr(ord(c) + 0xFEE0) for c in one) for one in (ID_1, phone)]
    for cells in (
        wide,
        (f"'{ID_1[:6]} {ID_1[6:]}", f"{phone[:3]}-{phone[3:7]}-{phone[7:]}"),
        (ID_1, f"+86 {phone}"),
    ):
        assert masked(tuple(cells), columns) == plain


async def test_what_rows_say_is_not_readable_in_the_tables(tx: Tx, as_: As) -> None:
    await checked(tx, as_)
    for table in ("verification_row", "verification_list", "verification_finding"):
        whole = await tx.many(str, f"select t::text from {table} t")  # type: ignore[arg-type]
        for secret in ("甲居民", ID_1, town.phone_of(1001)):
            assert not any(secret in one for one in whole), table


async def test_a_check_is_stopped_and_goes_on_where_it_was(tx: Tx, as_: As) -> None:
    tx.actor = as_("street_officer")
    found = await bring(tx, VAULT, text(*ROWS), "名单", ABOUT)
    stopped = await deciding.stop(tx, found.id)
    assert stopped.state == "cancelled"
    assert await work.take(tx, queries.KIND, found.id) is None
    await deciding.retry(tx, found.id)
    assert (await run(tx, found)).phase == "review"


async def test_a_bite_costs_the_same_statements_whatever_it_holds(tx: Tx, as_: As) -> None:
    costs: list[int] = []
    for count in (3, 90):
        rows = [f"{n},某某{n},,{town.phone_of(2000 + n)}," for n in range(count)]
        tx.actor = as_("street_officer")
        found = await bring(tx, VAULT, text(*rows), "名单", ABOUT)
        taken = await work.take(tx, queries.KIND, found.id)
        assert taken is not None
        with counting() as counted:
            await bite(tx, taken)
        costs.append(counted.total)
        await work.end(tx, found.id)
    assert costs[0] >= costs[1]
    assert BITE >= 1_000


async def test_a_signed_list_leaves_in_its_own_columns_masked_with_what_came_of_it(
    tx: Tx, as_: As
) -> None:
    found = await checked(tx, as_)
    make = all_makers()[LIST].make
    tx.actor = as_("street_officer")
    with pytest.raises(ListNotReady):
        await make(tx, {"list": str(found.id)})
    await deciding.accept(tx, found.id, [2], [])
    said = {"name": "外来丁", "address": "老街3号"}
    await deciding.answer(tx, VAULT, found.id, 4, "mended", cells=said)
    tx.actor = as_("district_officer")
    await deciding.sign(tx, found.id)
    sheet = await make(tx, {"list": str(found.id)})
    assert [one.title for one in sheet.columns] == [
        *HEADINGS.split(","), "核对结果", "改了什么", "要问的",
    ]  # fmt: skip
    rows = [list(row) for row in sheet.rows]
    assert [row[1] for row in rows] == ["甲*", "甲*", "甲*", "外*"]
    assert [row[6] for row in rows] == ["", "身份证号", "", "姓名、住址"]
    assert [row[5] for row in rows] == ["核对无误", "已改正", "核对无误", "要问一问"]
    assert "请问" in str(rows[3][7])
    assert {one.resident_id for one in sheet.people} == {
        town.resident_id(1),
        town.resident_id(2),
    }
    full = await make(tx, {"list": str(found.id), "full": ["id_number"]})
    assert next(iter(list(row) for at, row in enumerate(full.rows) if at == 1))[2] == ID_1
