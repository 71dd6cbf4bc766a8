"""A house list comes in: seen row by row, taken once, undone as a whole."""

import pytest
from importing import As, Office, count, everything, number_of, residents, table

import small_town as town
from wangge.imports import uploading, work
from wangge.imports.columns.mapping import Mapping, read_mapping
from wangge.imports.refusals import NothingToApply, NotInThisPhase
from wangge.kernel.actors import system_actor
from wangge.kernel.database import counting
from wangge.kernel.http import District
from wangge.kernel.refusals import Forbidden, Invalid, NotFound

NEW = number_of("1970-05-01", 1)
OTHER = number_of("1990-05-02", 2)
#: Somebody of the town: 甲居民1 behind 1幢1单元101.
FIRST_ID, FIRST_PHONE = town.id_number_of(1), town.phone_of(1001)


@pytest.fixture
def office(own_district: District, as_: As) -> Office:
    return Office(own_district.database, as_("community_officer"))


async def test_a_family_behind_an_empty_door_is_new(office: Office) -> None:
    before = (
        await count(office.database, "residents"),
        await count(office.database, "households"),
    )
    found = await office.judged(
        table(
            f"3幢2单元401 赵演示 户主 - {NEW} 19900000001",
            f"3-2-401 钱样例 妻 - {OTHER} -",
            "杏花苑三幢二单元401室 赵小演 长子 男 - -",
        )
    )
    assert await office.brief(found) == [
        (2, "赵演示", "new"),
        (3, "钱样例", "new"),
        (4, "赵小演", "new"),
    ]
    assert await count(office.database, "residents") == before[0]
    done = await office.apply(found)
    assert (done.phase, done.state, done.data["new"]) == ("review", "done", 3)
    assert await count(office.database, "residents") == before[0] + 3
    assert await count(office.database, "households") == before[1] + 1
    people = await residents(office.database, ["赵演示", "钱样例", "赵小演"])
    assert {one.door for one in people} == {"3幢2单元401室"}
    assert {one.name: (one.relation, one.sex, one.phone_mask) for one in people} == {
        "赵演示": ("head", "male", "199****0001"),
        "钱样例": ("spouse", "female", ""),
        "赵小演": ("child", "male", ""),
    }
    masks = [one.id_mask for one in people if one.name == "赵演示"]
    assert masks == ["990*************" + NEW[-2:]]


async def test_a_pasted_chat_is_a_table_like_any_other(office: Office) -> None:
    found = await office.judged(
        "1. 3-2-401 赵演示 199 0000 0001\n2. 3-2-301 钱样例(户主)\n", name="粘贴"
    )
    assert await office.brief(found) == [(1, "赵演示", "new"), (2, "钱样例", "new")]


async def test_importing_again_changes_nothing(office: Office) -> None:
    data = table(
        f"3-2-401 赵演示 户主 男 {NEW} 19900000001",
        "3-2-401 钱样例 妻 女 - 19900000002",
        "3-2-301 孙示范 - - - -",
        "3-2-301 李模板 - - - 19900000003",
    )
    await office.imported(data)
    async with office.database.tx(system_actor("town")) as tx:
        before = await everything(tx)
    again = await office.judged(data)
    assert {line.verdict for line in await office.lines(again)} == {"same"}
    with pytest.raises(NothingToApply):
        await office.apply(again)
    async with office.database.tx(system_actor("town")) as tx:
        assert await everything(tx) == before


async def test_what_differs_is_shown_masked_and_then_changed(office: Office) -> None:
    found = await office.judged(
        table(f"1-1-101 甲居民1 户主 - {FIRST_ID} 19900000009", "1-1-101 甲居民2 女儿 - - -")
    )
    first, second = await office.lines(found)
    assert (first.verdict, first.why) == ("changed", "id")
    shown = {d.key: (d.old, d.new) for d in first.said.differs}
    assert shown["phone"] == ("199****1001", "199****0009")
    assert (second.verdict, second.why) == ("changed", "name_door")
    assert [(d.key, d.old, d.new) for d in second.said.differs] == [
        ("relation", "spouse", "child")
    ]
    await office.apply(found)
    [one, two] = await residents(office.database, ["甲居民1", "甲居民2"])
    assert (one.phone_mask, two.relation) == ("199****0009", "child")


async def test_a_blank_cell_erases_nothing(office: Office) -> None:
    found = await office.judged(table(f"1-1-101 甲居民1 其他 - {FIRST_ID} -"))
    [line] = await office.lines(found)
    assert [d.key for d in line.said.differs if d.key != "birth"] == []


async def test_weaker_evidence_is_said_and_merges(office: Office) -> None:
    """By telephone and name; by a name that sounds alike behind the same door."""
    found = await office.judged(
        table(
            f"3-2-401 甲居民1 - - - {FIRST_PHONE}",
            "1-1-101 贾居民2 - 女 - 19900000008",
        )
    )
    first, second = await office.lines(found)
    assert (first.verdict, first.why) == ("moved", "phone_name")
    assert first.said.known == "甲*"
    assert (second.verdict, second.why) == ("merged", "sound_door")
    assert [d.key for d in second.said.differs] == ["phone"], "no name is mended by its sound"


async def test_somebody_found_elsewhere_moves_with_their_history(office: Office) -> None:
    found = await office.judged(table(f"3-2-401 甲居民1 户主 - {FIRST_ID} -"))
    [line] = await office.lines(found)
    assert (line.verdict, line.why) == ("moved", "id")
    await office.apply(found)
    [moved] = await residents(office.database, ["甲居民1"])
    assert moved.door == "3幢2单元401室"
    async with office.database.tx(system_actor("town"), read_only=True) as tx:
        past = await tx.many(
            str,
            """
            select d.name from people_residence s join people_household h on h.id = s.household_id
              join places_dwelling d on d.id = h.dwelling_id where s.tie = 'lives'
            """,
        )
    assert past == ["1幢1单元101室"]
    again = await office.judged(table(f"3-2-401 甲居民1 户主 - {FIRST_ID} -"))
    assert await office.brief(again) == [(2, "甲居民1", "same")]


async def test_a_household_whose_people_all_moved_is_over(office: Office) -> None:
    await office.imported(
        table("3-2-401 赵演示 户主 - - 19900000001", "3-2-401 钱样例 妻 - - 19900000002")
    )
    before = await count(office.database, "households")
    one = table("3-2-301 赵演示 户主 - - 19900000001")
    both = table("3-2-301 赵演示 户主 - - 19900000001", "- 钱样例 妻 - - 19900000002")
    found = await office.imported(one)
    assert found.data["moved"] == 1
    assert await count(office.database, "households") == before + 1, "one stays behind"
    await office.imported(both)
    assert await count(office.database, "households") == before
    await office.undo(found)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (f"3-2-401 赵演示 - - {NEW[:-1]}{'0' if NEW[-1] != '0' else '1'} -", "id_check"),
        (f"3-2-401 赵演示 - - {NEW[:16]} -", "id_length"),
        ("3-2-401 赵演示 - - 990001197005***1234 -", "id_masked"),
        ("3-2-401 赵演示 - - 99000119701301001X -", "id_date"),
        (f"3-2-401 - - - {NEW} -", "no_name"),
        (f"3-2-401 {'长' * 41} - - - -", "name_long"),
        (f"3-2-401 王二麻 - - {FIRST_ID} -", "id_other_name"),
    ],
)
async def test_a_row_is_refused_with_its_reason(office: Office, row: str, code: str) -> None:
    found = await office.judged(table(row, "3-2-301 钱样例 - - - -"))
    first, second = await office.lines(found)
    assert (first.verdict, first.troubles) == ("refused", (code,))
    assert second.verdict == "new", "one refused row harms no other"
    assert first.said.troubles[0].words("zh") != first.said.troubles[0].words("en")
    with pytest.raises(NothingToApply):
        await office.apply(found, numbers=[1])


async def test_one_person_in_two_households_is_refused_once(office: Office) -> None:
    found = await office.judged(
        table(
            f"3-2-401 赵演示 - - {NEW} -",
            f"3-2-301 赵演示 - - {NEW} -",
            f"3-2-201 钱样例 - - {NEW} -",
            f"3-2-401 赵演示 - - {NEW} -",
            "3-1-401 孙示范 - - - 19900000007",
            "3-1-301 孙示范 - - - 19900000007",
            "3-1-301 李模板 - - - -",
            "3-1-301 李模板 - - - -",
        )
    )
    assert [(one.at, one.verdict, one.troubles) for one in await office.lines(found)] == [
        (2, "new", ()),
        (3, "refused", ("two_homes",)),
        (4, "refused", ("id_twice",)),
        (5, "same", ("same_row",)),
        (6, "new", ()),
        (7, "refused", ("two_homes",)),
        (8, "new", ()),
        (9, "same", ("same_row",)),
    ]


async def test_a_household_of_41_is_not_believed_unless_it_is_a_dormitory(
    office: Office,
) -> None:
    rows = [f"3-2-401 员工{chr(0x4E00 + n)} -" for n in range(41)]
    found = await office.judged(table(*rows, headings="门牌 姓名 户类型"))
    assert {(one.verdict, one.troubles) for one in await office.lines(found)} == {
        ("refused", ("home_size",))
    }
    rows = [f"3-2-401 员工{chr(0x4E00 + n)} 集体户" for n in range(41)]
    found = await office.judged(table(*rows, headings="门牌 姓名 户类型"))
    assert {one.verdict for one in await office.lines(found)} == {"new"}


async def test_two_heads_behind_one_door_are_two_households(office: Office) -> None:
    before = await count(office.database, "households")
    await office.imported(
        table(
            "3-2-401 赵演示 户主 - - -",
            "3-2-401 钱样例 妻子 - - -",
            "3-2-401 孙示范 户主 - - -",
            "3-2-401 李模板 室友 - - -",
        )
    )
    assert await count(office.database, "households") == before + 2


async def test_rows_without_a_door_belong_to_the_head_above(office: Office) -> None:
    before = await count(office.database, "households")
    found = await office.imported(
        table(
            "3-2-401 赵演示 户主 - - -",
            "- 钱样例 配偶 - - -",
            "- 赵小演 儿子 - - -",
            "3-2-301 孙示范 户主 - - -",
            "- 李模板 父亲 - - -",
        )
    )
    assert found.data["new"] == 5
    assert await count(office.database, "households") == before + 2
    people = await residents(office.database, ["赵小演", "李模板"])
    assert {one.name: one.door for one in people} == {
        "赵小演": "3幢2单元401室",
        "李模板": "3幢2单元301室",
    }


async def test_one_row_a_household_with_members_in_columns_and_in_one_cell(
    office: Office,
) -> None:
    headings = "楼栋,单元,房号,户主,户主电话,配偶姓名,家庭成员"
    row = "3,2,401,赵演示,19900000001,钱样例,孙示范(儿子)、李模板(母亲 19900000004)"
    found = await office.judged(f"{headings}\n{row}\n".encode())
    assert [
        (one.name, one.verdict, one.said.person.relation) for one in await office.lines(found)
    ] == [
        ("赵演示", "new", "head"),
        ("钱样例", "new", "spouse"),
        ("孙示范", "new", "child"),
        ("李模板", "new", "parent"),
    ]


async def test_a_place_is_made_only_when_the_importer_says_so(office: Office) -> None:
    rows = [
        "3-2-501 赵演示 - - - -",
        "杏花苑3幢3单元101 钱样例 - - - -",
        "5幢1单元101 孙示范 - - - -",
    ]
    before = await count(office.database, "doors")
    found = await office.judged(table(*rows))
    assert {one.verdict for one in await office.lines(found)} == {"unplaced"}
    columns = read_mapping(found.mapping)
    async with office.database.tx(office.actor, now=office.now) as tx:
        await uploading.agree(tx, found.id, Mapping(columns.columns, make=True))
    await work.run(office.database, found.id, now=office.now)
    shown = await office.lines(found)
    assert [(one.verdict, one.troubles) for one in shown] == [("new", ("door_new",))] * 3
    await office.apply(found)
    assert await count(office.database, "doors") == before + 3
    people = await residents(office.database, ["赵演示", "钱样例", "孙示范"])
    assert sorted(one.door for one in people) == [
        *("3幢2单元501室", "3幢3单元101室", "5幢1单元101室")
    ]
    undone = await office.undo(found)
    assert undone.phase == "undone"
    assert await count(office.database, "doors") == before
    assert await residents(office.database, ["赵演示", "钱样例", "孙示范"]) == []


async def test_an_undo_puts_everything_back(office: Office) -> None:
    async with office.database.tx(system_actor("town")) as tx:
        before = await everything(tx)
    found = await office.imported(
        table(
            f"3-2-401 赵演示 户主 - {NEW} 19900000001",
            f"3-2-401 甲居民1 - - {FIRST_ID} 19900000009",
            "1-1-101 甲居民2 女儿 - - -",
        )
    )
    async with office.database.tx(system_actor("town")) as tx:
        assert await everything(tx) != before
    undone = await office.undo(found)
    assert (undone.phase, undone.data["kept"]) == ("undone", 0)
    async with office.database.tx(system_actor("town")) as tx:
        assert await everything(tx) == before
    with pytest.raises(NotInThisPhase):
        await office.undo(found)


async def test_an_undo_leaves_what_somebody_changed_since_and_says_so(office: Office) -> None:
    found = await office.imported(
        table(f"3-2-401 赵演示 户主 - {NEW} 19900000001", "1-1-101 甲居民2 女儿 - - -")
    )
    async with office.database.tx(system_actor("town")) as tx:
        await tx.run(
            "update people_resident set workplace = '河边', version = version + 1"
            " where name = '赵演示'"
        )
    undone = await office.undo(found)
    assert {one["why"] for one in undone.data["kept_rows"]} == {"changed", "in_use"}
    assert len(await residents(office.database, ["赵演示"])) == 1
    [two] = await residents(office.database, ["甲居民2"])
    assert two.relation == "spouse"


async def test_needs_are_noted_by_what_they_ask_for_and_with_consent(office: Office) -> None:
    rows = ["3-2-401 赵演示 独居老人、糖尿病、党员", "3-2-301 钱样例 无"]
    found = await office.judged(table(*rows, headings="门牌 姓名 人员类别"))
    first, second = await office.lines(found)
    assert first.said.person.tags == ("elder_alone",)
    assert set(first.troubles) == {"tag_unknown", "tag_consent"}
    assert second.troubles == ()
    columns = read_mapping(found.mapping).columns
    await office.imported(
        table(*rows, headings="门牌 姓名 人员类别"), Mapping(columns, consent="written")
    )
    [one] = await residents(office.database, ["赵演示"])
    assert one.tags == ("elder_alone", "medicine")
    async with office.database.tx(system_actor("town"), read_only=True) as tx:
        given = await tx.many(
            str, "select kind from people_tag where consent = 'written' order by kind"
        )
    assert given == ["medicine"]


async def test_who_is_registered_beyond_the_reach_is_not_taken_nor_told(
    own_district: District, as_: As
) -> None:
    async with own_district.database.tx(system_actor("town"), read_only=True) as tx:
        name = await tx.one(
            str,
            """
            select name from people_resident
             where area_code like :theirs and id_index is not null order by id limit 1
            """,
            theirs=town.LIUSHU + "%",
        )
    number = town.id_number_of(int("".join(c for c in name if c.isdigit())))
    office = Office(own_district.database, as_("community_officer"))
    found = await office.judged(table(f"3-2-401 {name} - - {number} -"))
    [line] = await office.lines(found)
    assert (line.verdict, line.troubles, line.said.known) == ("refused", ("elsewhere",), "")
    street = Office(own_district.database, as_("street_officer"))
    found = await street.judged(table(f"杏花苑3-2-401 {name} - - {number} -"))
    assert [one.verdict for one in await street.lines(found)] == ["moved"]


async def test_an_import_is_its_communitys(own_district: District, as_: As) -> None:
    office = Office(own_district.database, as_("community_officer"))
    found = await office.judged(table("3-2-401 赵演示 - - - -"))
    for other, sees in (("community_officer_2", False), ("street_officer", True)):
        async with own_district.database.tx(as_(other), now=town.NOON) as tx:
            if sees:
                assert (await uploading.door(tx, found.id)).id == found.id
            else:
                with pytest.raises(NotFound):
                    await work.cancel(tx, found.id)
    for nobody in ("grid_worker", "volunteer", "system_admin"):
        async with own_district.database.tx(as_(nobody), now=town.NOON) as tx:
            with pytest.raises(Forbidden):
                await uploading.stage(tx, own_district.vault, b"x", "x.csv")


async def test_columns_are_remembered_for_the_next_table(office: Office) -> None:
    data = "甲,乙,丙\n3-2-401,赵演示,19900000001\n".encode()
    meaning = Mapping({"door": ("甲",), "name": ("乙",)})
    found = await office.judged(data, meaning)
    assert not found.remembered
    again = await office.upload(data)
    assert again.remembered
    assert read_mapping(again.mapping).columns == meaning.columns


async def test_judging_costs_the_same_statements_whatever_the_length(office: Office) -> None:
    costs: list[int] = []
    for length in (3, 3, 300):
        rows = [f"3-2-401 员工{chr(0x4E00 + n)} - - - -" for n in range(length)]
        found = await office.upload(table(*rows))
        async with office.database.tx(office.actor, now=office.now) as tx:
            await uploading.agree(tx, found.id)
        with counting() as counted:
            await work.run(office.database, found.id, now=office.now)
        costs.append(counted.total)
    assert costs[1] == costs[2], "the first reads what is kept in memory"


async def test_the_columns_must_say_who_and_where(office: Office) -> None:
    found = await office.upload(table("3-2-401 赵演示 - - - -"))
    async with office.database.tx(office.actor, now=office.now) as tx:
        with pytest.raises(Invalid) as refused:
            await uploading.agree(tx, found.id, Mapping({"phone": ("联系电话",)}))
    assert {problem.field for problem in refused.value.problems} == {"name", "door"}
