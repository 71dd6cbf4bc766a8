"""What lists are really like: each ends in a plain answer or a question, never a crash or a guess."""

from datetime import date

import pytest
from lists_kit import ABOUT, As
from lists_kit import HEADINGS as HEADED

from town_fixtures import VAULT
from wangge.bench.contact_lists import residents
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Invalid, Refusal
from wangge.kernel.sheets import TooManyRows, open_table
from wangge.matching.linking import Residents
from wangge.matching.numbers import check_character
from wangge.solvers.chains import chains
from wangge.solvers.contacts import contradictions
from wangge.verification.bringing import ROWS_MAX, bring
from wangge.verification.checking import Outcome
from wangge.verification.columns import columns_of, names_a_column
from wangge.verification.files import check, checked
from wangge.verification.questions import question
from wangge.verification.reading import Line, Reader, entries_of, whole_of

TODAY = date(2026, 3, 18)
HEADINGS = ("编号", "姓名", "身份证号", "电话")
_PEOPLE = residents(400, 9)
#: Somebody whose number ends in X, and somebody whose does not.
X = next(one.id_number for one in _PEOPLE if one.id_number.endswith("X"))
PLAIN = next(one.id_number for one in _PEOPLE if not one.id_number.endswith("X"))
PHONE = "19900001234"


def held(*rows: tuple[str, str, str], register: tuple[tuple[str, str], ...]) -> list[Outcome]:
    """Rows (name, number, telephone) against people (name, number) who share one telephone."""
    people = Residents(
        [name for name, _ in register],
        [number for _, number in register],
        [PHONE for _ in register],
        [None for _ in register],
        ["" for _ in register],
        [None for _ in register],
    )
    lines = [Line(at, (str(at), *row)) for at, row in enumerate(rows, 1)]
    return checked(Reader(columns_of(HEADINGS), TODAY), lines, people)


@pytest.mark.parametrize(
    "written",
    [
        X.lower(),
        "".join(chr(ord(c) + 0xFEE0) for c in X),
        f" {X[:6]} {X[6:14]} {X[14:]} ",
        f"'{X}",
        f"\u200b{X}\u200b",
        X.replace("X", "×"),
    ],
)
def test_a_right_number_is_right_however_it_is_typed(written: str) -> None:
    (one,) = held(("王青禾", written, ""), register=(("王青禾", X),))
    assert (one.link.kind, one.link.why, one.link.mends) == ("right", "id", ())


@pytest.mark.parametrize(
    ("written", "registered"),
    [
        ("阿依•古丽", "阿依·古丽"),
        ("阿依.古丽", "阿依·古丽"),
        ("阿依 · 古丽", "阿依·古丽"),
        ("阿依・古丽", "阿依·古丽"),
        ("阿依‧古丽", "阿依·古丽"),
        ("阿依･古丽", "阿依·古丽"),
        ("阿依。古丽", "阿依·古丽"),
        ("王 青 禾", "王青禾"),
        ("王青禾(户主)", "王青禾"),
        ("𠮷小田", "𠮷小田"),
        ("王\U00030edd禾", "王\U00030edd禾"),
        ("王\ue001禾", "王\ue001禾"),
    ],
)
def test_rare_characters_middle_dots_and_notes_do_not_part_a_name(
    written: str, registered: str
) -> None:
    (one,) = held((written, PLAIN, ""), register=((registered, PLAIN),))
    assert (one.link.kind, one.link.mends) == ("right", ())


def test_a_rare_character_that_an_old_system_lost_is_mended_by_the_number() -> None:
    (one,) = held(("王?禾", PLAIN, ""), register=(("王𪣻禾", PLAIN),))
    assert (one.link.kind, one.link.mends) == ("mended", ("name",))


def test_one_person_under_two_right_numbers_is_asked_about_and_never_chosen() -> None:
    one, two = held(
        ("王青禾", PLAIN, PHONE),
        ("王青禾", X, PHONE),
        register=(("李竹", _PEOPLE[7].id_number),),
    )
    assert two.link.question == "two_rows"
    assert (two.same_as, two.same_why) == (1, "two_ids")
    assert "ask" in (one.link.kind, two.link.kind)


@pytest.mark.parametrize("rubbish", ["", "无", "—", "12345", "*" * 18, "1.10E+17", "abc" * 90])
def test_rubbish_in_every_cell_is_a_question(rubbish: str) -> None:
    (one,) = held((rubbish, rubbish, rubbish), register=(("王青禾", PLAIN),))
    assert one.link.kind == "ask"


@pytest.mark.parametrize(
    "written", ["2026-03-09", "2026年3月9日", "9/3/2026", "2026.3.9", "46090"]
)
def test_a_day_is_one_day_however_it_is_written_beside_one_that_tells_the_order(
    written: str,
) -> None:
    columns = columns_of(("编号", "接触结束", "发病日期"))
    rows = [Line(2, ("1", written, "")), Line(3, ("2", "28/2/2026", "14/3/2026"))]
    one, _ = entries_of(rows, columns)
    assert (one.end, one.bad_dates, one.unclear_dates) == (date(2026, 3, 9), {}, {})


def test_one_row_more_than_a_list_may_have_is_refused_and_a_full_list_is_read() -> None:
    rows = [f"{n},王{n}" for n in range(ROWS_MAX + 1)]
    full = "\n".join(("编号,姓名", *rows[:-1])).encode()
    table = open_table(full, "名单.csv", known=names_a_column, max_rows=ROWS_MAX)
    assert sum(1 for _ in table.rows) == ROWS_MAX
    more = "\n".join(("编号,姓名", *rows)).encode()
    table = open_table(more, "名单.csv", known=names_a_column, max_rows=ROWS_MAX)
    with pytest.raises(TooManyRows) as refused:
        list(table.rows)
    assert "100,000" in refused.value.words("zh") or "100000" in refused.value.words("zh")


@pytest.mark.parametrize(
    "nothing", ["", "\n\n", "编号,姓名,电话\n", "编号,姓名,电话\n,,\n,,\n"]
)
def test_a_list_without_anybody_is_refused_in_words(nothing: str) -> None:
    with pytest.raises(Refusal) as refused:
        check(open_table(nothing.encode(), "名单.csv", known=names_a_column), None, TODAY)
    assert refused.value.words("zh")


async def test_the_room_takes_no_list_of_nobody(tx: Tx, as_: As) -> None:
    tx.actor = as_("street_officer")
    with pytest.raises(Invalid) as refused:
        await bring(tx, VAULT, HEADED.encode(), "名单.csv", ABOUT)
    assert "一行也没有" in refused.value.words("zh")


def test_a_row_shorter_than_its_headings_is_read_as_far_as_it_goes() -> None:
    reader = Reader(columns_of(HEADINGS), TODAY)
    people = Residents(["王青禾"], [PLAIN], [PHONE], [None], [""], [None])
    (one,) = checked(reader, [Line(1, ("1", "王青禾"))], people)
    assert one.link.question == "only_name"


def test_a_chain_with_everything_wrong_in_it_is_drawn_and_said() -> None:
    columns = columns_of(("编号", "关联病例", "密接于", "接触开始", "末次接触日期", "发病日期"))
    rows = [
        ("1", "1,2", "", "2026-03-09", "2026-03-01", "2026-02-01"),
        ("2", "", "3", "", "2026.2.30", ""),
        ("3", "", "2", "", "", "2062-01-01"),
        ("3", "9", "", "", "", "3/2/2026"),
        ("", "", "", "", "", ""),
    ]
    entries = entries_of([Line(at, row) for at, row in enumerate(rows, 2)], columns)
    kinds = {one.kind for one in contradictions(entries, TODAY)}
    assert kinds >= {
        "self_link",
        "one_sided",
        "window_reversed",
        "window_after_onset",
        "no_such_day",
        "future_day",
        "same_number",
        "cycle",
    }
    assert [[one.id for one in chain] for chain in chains(entries)] == [["1", "2", "3"]]


def test_a_day_that_cannot_be_told_is_asked_about_without_its_words() -> None:
    columns = columns_of(("编号", "接触开始", "末次接触日期", "发病日期"))
    rows = [
        ("1", "昨天在姨妈家", "至今", "无症状"),
        ("2", "3.9", "2026年3月", "3月17日"),
        ("3", "3月31日", "清明", ""),
    ]
    lines = [Line(at, row) for at, row in enumerate(rows, 2)]
    entries = entries_of(lines, columns, whole=whole_of(lines, columns, TODAY))
    odd = contradictions(entries, TODAY)
    assert [(one.kind, str(one.words)) for one in odd] == [
        ("unread_day", "1 的接触开始看不出是哪一天。"),
        ("unread_day", "1 的接触结束看不出是哪一天。"),
        ("unread_day", "2 的接触结束看不出是哪一天。"),
        ("unread_day", "3 的接触开始看不出是哪一天。"),
        ("unread_day", "3 的接触结束看不出是哪一天。"),
    ]
    assert (entries[1].start, entries[1].onset) == (date(2026, 3, 9), date(2026, 3, 17))


def test_a_namesake_of_the_same_day_with_another_number_is_asked_for_the_number() -> None:
    reader = Reader(columns_of(HEADINGS), TODAY)
    born = date.fromisoformat(PLAIN[6:14])
    people = Residents(["王青禾"], [PLAIN], [None], [born], [""], [None])
    first = PLAIN[:14] + f"{(int(PLAIN[14:17]) + 456) % 1000:03d}"
    other = first + check_character(first)
    elsewhere = first[:6] + "19500101" + first[14:]
    rows = [("1", "王青禾", other), ("2", "王青禾", "")]
    rows.append(("3", "王青禾", elsewhere + check_character(elsewhere)))
    found = checked(reader, [Line(at, row) for at, row in enumerate(rows)], people)
    assert [one.link.question for one in found] == ["id_differs", "only_name", "nobody"]
    asked = question(rows[0], reader.columns, "id_differs", 1)
    assert "请问您身份证号的最后四位?" in [str(one) for one in asked.ask]
