"""A testing round's paper typed back in: which door went into which tube, refused at its line."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import httpx
import msgspec
import pytest
from declaring import a_live_one
from sweeping import opened, said, taken

from small_town import MICRO_1A, NOON, unit_id
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.moments import new_id
from wangge.sweeps.commands.testing import print_labels
from wangge.sweeps.labels import code
from wangge.sweeps.model import Button, Kind, Outcome
from wangge.sweeps.paper_lines import Sheet, read
from wangge.sweeps.paper_tubes import Codes, too_full
from wangge.sweeps.queries import doors as door_queries
from wangge.sweeps.queries.labels import Labels
from wangge.sweeps.queries.roster import DoorRow

ROUND = UUID("01900000-0000-7000-8000-00000012d687")
PRINTED = [Labels(1, 20, "household", "", NOON), Labels(21, 40, "ten", "", NOON)]
KIND = Kind(
    "testing",
    "全员检测",
    "household",
    tuple(Button(code, code.name, True) for code in Outcome if code != Outcome.MOVED),
    *(60, True, True, (), (), (), ()),
    by_tube=True,
)


def doors(number: int = 12, people: int = 3) -> list[DoorRow]:
    return [
        DoorRow(
            *(uuid4(), UUID(int=1), 6 - at // 2, f"{6 - at // 2}0{at % 2 + 1}", f"{at}"),
            tuple(uuid4() for _ in range(people)),
            *((), "frozen", False, None, None, None, (), {}, 0, (), 0, ""),
        )
        for at in range(number)
    ]


def typed(text: str, at: list[DoorRow], kind: Kind = KIND) -> Sheet:
    return read(text, kind, at, Codes(ROUND, PRINTED, "single"))


def end(number: int) -> str:
    """A label as somebody copies it: without the round's letters and zeros."""
    return code(ROUND, number)[5:].lstrip("0")


def inside(sheet: Sheet) -> dict[str, int]:
    assert sheet.wrong == []
    return {tube.code: len(tube.people) for tube in sheet.tubes}


def whats_wrong(sheet: Sheet) -> list[tuple[int | None, str]]:
    problems = sheet.wrong + too_full(sheet.tubes)
    return [(p.row, p.words.format(**(p.values or {}))) for p in problems]


def test_a_label_a_door_and_a_letter_for_doors_without() -> None:
    at = doors()
    sheet = typed(f"/{end(1)}\n/{end(2)}\nwj\n/{end(3).lower()}", at)
    assert inside(sheet) == {code(ROUND, n): 3 for n in (1, 2, 3)}
    assert {tube.mode for tube in sheet.tubes} == {"household"}, "as it was printed"
    assert [(one.number, one.outcome) for one in sheet.typed] == [
        (1, None),
        (2, None),
        (3, "nobody"),
        (4, "refused"),
        (5, None),
    ]


def test_a_tube_goes_on_over_doors_until_it_is_full() -> None:
    at = doors()
    sheet = typed(f"1/{end(21)}\n2/\n5 /\n6-8/{end(22)}", at)
    assert inside(sheet) == {code(ROUND, 21): 9, code(ROUND, 22): 9}
    assert too_full(sheet.tubes) == []
    assert whats_wrong(typed(f"1-4/{end(21)}", at)) == [
        (1, f"管 {code(ROUND, 21)} 只装 10 人,这里写了 12 人。")
    ]
    assert whats_wrong(typed(f"1/{end(1)}\n2/", at)) == [
        (2, f"管 {code(ROUND, 1)} 是一户一管,这里写了不止一户。")
    ]


def test_whoever_is_said_to_be_away_is_not_in_the_tube() -> None:
    at = doors()
    sheet = typed(f"3q .2c /{end(1)}\n4 .1/{end(2)} .3/{end(3)}", at)
    (first, second, third) = sheet.tubes
    assert first.people == [(at[2].id, at[2].people[n]) for n in (0, 2)]
    assert sheet.typed[0].persons == {at[2].people[1]: "away"}
    assert [second.people, third.people] == [[(at[3].id, at[3].people[n])] for n in (0, 2)]


@pytest.mark.parametrize("text", ["1/{0}", "1、{0}", "1 \uff0f {0}"])
def test_a_stroke_is_read_from_every_keyboard(text: str) -> None:
    assert inside(typed(text.format(end(1)), doors())) == {code(ROUND, 1): 3}


def test_what_a_laboratory_printed_is_written_whole() -> None:
    at = doors(people=1)
    assert inside(typed("1/LAB-202611-7", at)) == {"LAB-202611-7": 1}
    assert typed("1/LAB-202611-7", at).tubes[0].mode == "single", "as chosen on the page"
    assert inside(typed(f"1/{code(ROUND, 7)}", at)) == {code(ROUND, 7): 1}


def test_a_room_with_a_stroke_in_it_is_a_room() -> None:
    at = [replace(doors(1)[0], room="3/2"), replace(doors(1)[0], room="5.1")]
    sheet = typed(f"@3/2 /{end(1)}\n@5.1/{end(2)}", at)
    assert inside(sheet) == {code(ROUND, 1): 3, code(ROUND, 2): 3}
    assert [one.door.room for one in sheet.typed] == ["3/2", "5.1"]


def test_each_mistake_is_said_at_its_line() -> None:
    at = [*doors(6), *doors(1, people=0)]
    slip = end(1)[:-1] + ("B" if end(1)[-1] != "B" else "C")
    lines = [
        f"1/{slip}",
        f"2/{end(55)}",
        "3/",
        f"4w/{end(3)}",
        f"7/{end(4)}",
        "5q",
        f"6 .9/{end(5)}",
        f"6/{end(5)} /{end(6)}",
        f"6 .1c .2c .3c /{end(5)}",
    ]
    wrong = whats_wrong(typed("\n".join(lines), at))
    whole = f"{code(ROUND, 1)[:5]}{slip:0>6}"
    assert wrong == [
        (1, f"管码 {whole} 抄错了,请照着标签核对,或扫码。"),
        (2, f"这一轮没有打印过管码 {code(ROUND, 55)},请照着标签核对。"),
        (3, "前面没有管可接着装,请写上管码。"),
        (4, "装了管就不能再写“NOBODY”;个别人不一样写成 .2c。"),
        (5, "601 没有登记的人,不能装管。"),
        (6, "这一轮装了管才算已检,请写上管码,如 3/12A。"),
        (7, "401 只登记了 3 人。".replace("401", at[5].room)),
        (8, "一户写了两支管:分开装的请写到人,如 3 .1/12A .2/13B。"),
        (9, f"{at[5].room} 没有人可以装管。"),
    ]


def test_what_is_left_over_names_its_tube_in_full() -> None:
    at = doors()
    sheet = typed(f"1/{end(21)}\n2/\n2/\n3w", at)
    assert [problem.row for problem in sheet.wrong] == [3], "door 2 stands there twice"
    assert sheet.left_over([sheet.typed[1]]) == "\n".join(
        [f"2  /{code(ROUND, 21)}", f"2/{code(ROUND, 21)}"]
    )


def test_other_rounds_know_no_tubes() -> None:
    sheet = read("1/12A", replace(KIND, tubes=False, by_tube=False), doors())
    assert [problem.row for problem in sheet.wrong] == [1]


async def test_a_sheet_fills_its_tubes_once_and_is_taken_back_whole(
    app_client: Callable[..., Any], own_installation: Any, as_: Callable[[str], Actor]
) -> None:
    database = own_installation.districts["town"].database
    officers = [
        replace(as_(name), district=database.schema)
        for name in ("street_officer", "district_officer")
    ]
    async with database.tx(system_actor(database.schema)) as tx:
        await a_live_one(tx, *officers, starts_at=tx.now, ends_at=tx.now + timedelta(days=1))
        tx.actor = system_actor(database.schema)
        round_ = await opened(tx, kind="testing", areas=[MICRO_1A])
        await print_labels(tx, round_.id, "ten", 5)

    async def standing() -> tuple[list[str], list[int]]:
        async with database.tx(system_actor(database.schema), read_only=True) as tx:
            outcomes = await tx.many(
                str,
                """
                select outcome from sweeps_standing
                 where round_id = :id and outcome is not null order by floor desc, room, id
                """,
                id=round_.id,
            )
            tubes = await tx.many(
                int,
                """
                select count(s.*)::int from sweeps_tube t
                  left join sweeps_sample s on s.tube_id = t.id
                 where t.round_id = :id and t.withdrawn_at is null group by t.id order by t.code
                """,
                id=round_.id,
            )
        return outcomes, tubes

    def label(number: int) -> str:
        return code(round_.id, number)[5:].lstrip("0")

    desk: httpx.AsyncClient = await app_client("community_officer")
    path = f"/sweeps/{round_.id}/blocks/{unit_id('1-1-1')}/sheet"
    paper = await desk.get(f"/sweeps/{round_.id}/paper")
    assert "管码写标签末几位" in paper.text
    lines = f"1/{label(1)}\n2 .1c /{label(2)}\n3/99Z"
    looked = await desk.post(f"{path}/check", data={"lines": lines})
    assert code(round_.id, 1) in looked.text
    assert "第 3 行" in looked.text
    assert await standing() == ([], []), "looking keeps nothing"
    deed = str(new_id())
    sent = await desk.post(path, data={"deed": deed, "lines": lines})
    assert sent.status_code == 422
    assert "3/99Z</textarea>" in sent.text
    assert "装好了 2 支管" in sent.text
    outcomes, tubes = await standing()
    assert outcomes == ["all", "some"]
    again = await desk.post(
        path, data={"deed": deed, "lines": "\n".join(lines.split("\n")[:2])}
    )
    assert again.status_code == 303, again.text
    assert await standing() == (outcomes, tubes), "a second click fills nothing twice"
    for _ in range(2):
        back = await desk.post(f"{path}/undo", data={"typed": deed})
        assert back.status_code == 303
    assert (await standing())[1] == []
    assert "all" not in (await standing())[0]

    # Another sheet, from somebody's paper: their name goes with the tube. Where one of its lines
    # cannot be taken back nothing is, tubes included.
    deed = str(new_id())
    async with database.tx(system_actor(database.schema), read_only=True) as tx:
        (filler, *_) = await door_queries.fillers(tx, round_.id, unit_id("1-1-1"))
        blocked = await tx.one(
            UUID,
            """
            select id from sweeps_door where round_id = :id and block_id = :block
             order by floor, room desc, id desc limit 1
            """,
            id=round_.id,
            block=unit_id("1-1-1"),
        )
    names = {"deed": deed, "filled_by": str(filler.id), "how": "paper"}
    number = len([1 for line in (await desk.get(path)).text.split("base-")[1:] if line])
    sent = await desk.post(path, data={**names, "lines": f"1/{label(3)}\n{number}w"})
    assert sent.status_code == 303, sent.text
    assert filler.name in (await desk.get(f"/sweeps/{round_.id}/testing")).text
    kept = await standing()
    assert len(kept[1]) == 1
    async with database.tx(system_actor(database.schema)) as tx:
        other = said(round_, blocked, as_("community_officer"), "refused")
        await taken(tx, msgspec.structs.replace(other, id=uuid5(UUID(deed), f"{blocked}/undo")))
    before = await standing()
    back = await desk.post(f"{path}/undo", data={"typed": deed})
    assert back.status_code == 409
    assert "一样也没有撤回" in back.text
    assert await standing() == before
