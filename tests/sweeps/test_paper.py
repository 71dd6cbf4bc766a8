"""A whole paper sheet, typed by the keyboard alone: read, saved, mended, taken back."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sweeping import doors_of, opened

from small_town import MICRO_1A, unit_id
from wangge.kernel.actors import system_actor
from wangge.kernel.database import Tx
from wangge.kernel.http import Installation
from wangge.kernel.moments import new_id
from wangge.sweeps.kinds import kind_as_opened
from wangge.sweeps.model import Kind
from wangge.sweeps.paper_lines import LETTERS, Sheet, numbered, numbers, read
from wangge.sweeps.queries import doors as door_queries
from wangge.sweeps.queries.roster import DoorRow
from wangge.sweeps.questions import Choice, Question

Client = Callable[..., Awaitable[httpx.AsyncClient]]

ASKED = (
    Question("dogs", "家里养狗吗", "bool"),
    Question("note", "谢谢", "note"),
    Question("help", "要什么", "choices", (Choice("food", "买菜"), Choice("repair", "修东西"))),
    Question("born", "哪天", "date"),
    Question("heat", "体温", "decimal", of="person"),
    Question("call", "电话", "phone"),
)


def doors(number: int = 40) -> list[DoorRow]:
    """Four a floor, two people behind each."""
    return [
        DoorRow(
            uuid4(),
            UUID(int=1),
            10 - at // 4,
            f"{10 - at // 4}{at % 4 + 1:02d}",
            f"{at}",
            (uuid4(), uuid4()),
            (),
            "frozen",
            False,
            None,
            None,
            None,
            (),
            {},
            0,
            (),
            0,
            "",
        )
        for at in range(number)
    ]


@pytest.fixture
async def check(tx: Tx) -> Kind:
    """摸排清底, with questions of every sort."""
    round_ = await opened(tx, areas=[MICRO_1A])
    return replace(await kind_as_opened(tx, round_.id), questions=ASKED)


def said(sheet: Sheet) -> dict[int, str | None]:
    assert sheet.wrong == []
    return {typed.number: typed.outcome for typed in sheet.typed}


def whats_wrong(sheet: Sheet) -> list[tuple[int | None, str]]:
    return [(p.row, p.words.format(**(p.values or {}))) for p in sheet.wrong]


async def test_a_letter_a_door_and_a_sheet_takes_a_keystroke_a_door(check: Kind) -> None:
    text = "qqqqqwqqqqqqqqkqqqqqqjqqqqqqqsqqqqqqcqqq"
    found = said(read(text, check, doors()))
    assert len(found) == 40
    assert (found[6], found[15], found[22], found[30], found[37]) == (
        "nobody",
        "vacant",
        "refused",
        "locked",
        "away",
    )
    # Ctrl+Enter counts as two.
    assert (len(text) + 2) / 40 <= 1.05
    assert len("1-40q") == 5, "where all are in, five keystrokes are a sheet"


async def test_doors_are_named_by_number_by_run_and_by_room(check: Kind) -> None:
    text = "12w\n1-3q\nj k\n@1002b\n@601 1\n20 3\n３０Ｗ"
    sheet = read(text, check, doors(34))
    assert [problem.row for problem in sheet.wrong] == [4], "1002 is door 2, which was typed"
    assert {t.number: t.outcome for t in sheet.typed} == {
        12: "nobody",
        1: "all",
        2: "all",
        3: "all",
        4: "refused",
        5: "vacant",
        17: "all",  # room 601
        20: "nobody",  # the third button, for papers that were filled with digits
        30: "nobody",
    }


async def test_answers_follow_by_their_number_on_the_paper(check: Kind) -> None:
    at = doors()
    sheet = read("3q 1=y 2=1,2 3=20260318 4.1=36.6 4.2=37 5=199 0000 0001", check, at)
    (typed,) = sheet.typed
    one, two = at[2].people
    assert typed.answers == {
        "dogs": True,
        "help": "food repair",
        "born": "2026-03-18",
        f"heat@{one}": 36.6,
        f"heat@{two}": 37.0,
        "call": "199 0000 0001",
    }
    (later,) = read("3 1=否", check, at).typed
    assert (later.outcome, later.answers) == (None, {"dogs": False})


async def test_one_person_may_differ_from_the_household(check: Kind) -> None:
    at = doors()
    sheet = read("3q .2c\n5q.1m\n7 .1j .2w 1=y\n@801w .1c\nq", check, at)
    assert [one.words for one in sheet.wrong] == []
    assert [(t.number, t.outcome, list(t.persons.values())) for t in sheet.typed] == [
        (3, "some", ["away"]),  # all in but somebody is some, as on the phone
        (5, "all", ["exempt"]),
        (7, None, ["refused", "absent"]),
        (9, "nobody", ["away"]),  # room 801
        (10, "all", []),
    ]
    assert list(sheet.typed[0].persons) == [at[2].people[1]]
    assert sheet.left_over(sheet.typed[:1]) == "3q .2c"
    wrong = read("1q .3c\n2q .1k\n3q .1c .1j\n4-6q .1c", check, at)
    assert whats_wrong(wrong) == [
        (1, "1001 只登记了 2 人。"),
        (2, "个别人没有“k”这种情况。"),
        (3, "第 1 个人写了两次。"),
        (4, "个别人的情况一次只写一户,如 3q .2c。"),
    ]


async def test_each_mistake_is_said_at_its_line_and_the_rest_is_read(check: Kind) -> None:
    text = "1q\n2v\n99q\nw\n5q 9=y\n6q 1=maybe\n7q 4=36\n1w\n8-6q\n9q 2=5\n10\n11q"
    sheet = read(text, check, doors())
    assert {t.number for t in sheet.typed} == {1, 11}
    assert whats_wrong(sheet) == [
        (2, "没有“v”这个结果。"),
        (3, "没有第 99 户,这个楼道只有 40 户。"),
        (4, "上一行没看懂,请在这一行前面写上门号。"),
        (5, "没有第 9 题。"),
        (6, "第 1 题答 y(是)或 n(否)。"),
        (7, "第 4 题一人一答,写成 4.1=(第 1 个人)。"),
        (8, "1001 前面写过了(第 1 行)。"),
        (9, "一段门号从小到大,后面只写一个字母,如 1-12q。"),
        (10, "第 2 题没有“5”这个选项。"),
        (11, "“10”后面要写结果的字母。"),
    ]


async def test_what_is_left_over_still_means_the_same_doors(check: Kind) -> None:
    at = doors()
    sheet = read("qqq\nqzq\nww\n20q", check, at)
    assert {t.number for t in sheet.typed} == {1, 2, 3, 20}
    left = sheet.left_over()
    assert left == "4 qzq\nww"
    mended = said(read(left.replace("z", "j"), check, at))
    assert mended == {4: "all", 5: "refused", 6: "all", 7: "nobody", 8: "nobody"}
    # One door of a line is refused by the server: only that one comes back.
    sheet = read("1-3q 1=y\nwj", check, at)
    assert sheet.left_over([sheet.typed[1], sheet.typed[4]]) == "2q 1=y\n5j"


def test_whoever_moves_in_does_not_change_the_numbers_of_a_printed_sheet() -> None:
    at = doors(4)
    joined = replace(doors(1)[0], joined="moved_in")
    assert numbered([at[0], joined, *at[1:]]) == [*at, joined]
    assert list(numbers([at[0], joined, *at[1:]]).values()) == [1, 2, 3, 4]


async def test_whoever_joined_is_named_by_the_room_and_no_number_becomes_theirs(
    check: Kind,
) -> None:
    at = doors(4)
    first = replace(doors(1)[0], room="503", joined="moved_in")
    second = replace(doors(1)[0], room="702", joined="moved_in")
    for there in ([*at, first], [second, *at, first]):
        sheet = read("@503w\n5j\n2q", check, there)
        assert [(t.door.id, t.outcome) for t in sheet.typed] == [
            (first.id, "nobody"),
            (at[1].id, "all"),
        ]
        assert [p.row for p in sheet.wrong] == [2]


async def test_a_house_s_number_is_never_taken_for_the_place_on_the_list(check: Kind) -> None:
    """A village's houses 1, 2, 4 and 5: the fourth line is house 5."""
    at = [
        replace(door, room=room, floor=0)
        for door, room in zip(doors(5), ("1", "2", "4", "5", "5"), strict=True)
    ]
    sheet = read("4q\n@4w\n@5q", check, at)
    assert {t.door.room: t.outcome for t in sheet.typed} == {"5": "all", "4": "nobody"}
    assert [p.row for p in sheet.wrong] == [3], "two households in house 5"


async def test_rooms_are_found_as_they_are_written(check: Kind) -> None:
    at = [
        replace(door, room=room)
        for door, room in zip(doors(4), ("12", "12b", "１０１", "№ 3"), strict=True)
    ]
    sheet = read("@12b 1=y\n@12w\n@101q\n@№ 3q", check, at)
    assert [(t.door.room, t.outcome) for t in sheet.typed] == [
        ("12b", None),
        ("12", "nobody"),
        ("１０１", "all"),
        ("№ 3", "all"),
    ]


def test_letters_are_one_for_each_outcome() -> None:
    assert len(set(LETTERS.values())) == len(LETTERS)


async def test_a_sheet_is_saved_mended_and_taken_back_at_the_desk(
    app_client: Client, own_installation: Installation
) -> None:
    database = own_installation.districts["town"].database
    async with database.tx(system_actor(database.schema)) as tx:
        round_ = await opened(tx, areas=[MICRO_1A])
        ids = await tx.many(
            UUID,
            """
            select id from sweeps_door where round_id = :round and block_id = :unit
             order by floor desc, room, id
            """,
            round=round_.id,
            unit=unit_id("1-1-1"),
        )
        assert set(ids) <= set(await doors_of(tx, round_))
    desk = await app_client("community_officer")
    path = f"/sweeps/{round_.id}/blocks/{unit_id('1-1-1')}/sheet"
    shown = await desk.get(path)
    assert shown.status_code == 200
    assert "整张补录" in (await desk.get(path.removesuffix("/sheet"))).text

    read_back = await desk.post(f"{path}/check", data={"lines": "wj\n9q"})
    assert "没有第 9 户" in read_back.text
    assert await outcomes(database, round_.id) == {}, "looking keeps nothing"

    deed = str(new_id())
    sent = await desk.post(path, data={"deed": deed, "lines": "w\n2v"})
    assert sent.status_code == 422
    assert "2v</textarea>" in sent.text, "what was not saved is still there"
    assert "存好了 1 户" in sent.text
    assert await outcomes(database, round_.id) == {ids[0]: "nobody"}
    again = await desk.post(path, data={"deed": deed, "lines": "w"})  # a second click
    assert again.status_code == 303
    assert again.headers["location"] == f"{path}?typed={deed}"
    count = "select count(*)::int from sweeps_report"
    async with database.tx(system_actor(database.schema), read_only=True) as tx:
        assert await tx.one(int, count) == 1
        (how,) = await tx.many(str, "select how from sweeps_report")
    assert how == "paper"

    async with database.tx(system_actor(database.schema), read_only=True) as tx:
        fillers = await door_queries.fillers(tx, round_.id, unit_id("1-1-1"))
    walker = next(one for one in fillers if one.here)
    assert f'<option value="{walker.id}" selected>' in shown.text, "whom it was dealt to"
    filled = {"deed": str(new_id()), "lines": "2w", "filled_by": str(walker.id)}
    assert (await desk.post(path, data=filled)).status_code == 303
    history = await desk.get(f"/sweeps/{round_.id}/doors/{ids[1]}")
    assert f"{walker.name} 填的表" in history.text
    unknown = {"deed": str(new_id()), "lines": "3w", "filled_by": str(new_id())}
    assert (await desk.post(path, data=unknown)).status_code == 422
    by_phone = filled | {"deed": str(new_id()), "lines": "3w", "how": "phone"}
    assert (await desk.post(path, data=by_phone)).status_code == 303
    async with database.tx(system_actor(database.schema), read_only=True) as tx:
        said = "select for_id from sweeps_report where for_id is not null"
        assert await tx.many(UUID, said) == [walker.id], "nobody filled a telephone"

    page = await desk.get(f"{path}?typed={deed}")
    assert "撤回这 1 户" in page.text
    for _ in range(2):
        back = await desk.post(f"{path}/undo", data={"typed": deed})
        assert back.status_code == 303
    assert ids[0] not in await outcomes(database, round_.id)
    async with database.tx(system_actor(database.schema), read_only=True) as tx:
        assert await tx.one(int, count) == 4, "what was typed and taken back is kept"
    stranger = await app_client("community_officer_2")
    assert (await stranger.get(path)).status_code == 404


async def outcomes(database: Any, round_id: UUID) -> dict[UUID, str]:
    async with database.tx(system_actor(database.schema), read_only=True) as tx:
        found = await tx.many(
            str,
            """
            select id || ' ' || outcome from sweeps_standing
             where round_id = :id and outcome is not null
            """,
            id=round_id,
        )
    return {UUID(line.split()[0]): line.split()[1] for line in found}
