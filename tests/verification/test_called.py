"""Entries are called as people call them, and whoever is asked by their name."""

from wangge.solvers.contacts import Entry, contradictions
from wangge.verification.called import as_asked, as_called


def odd(*entries: Entry) -> dict[str, tuple[str, str, str]]:
    """Kind → what does not fit, what to ask, the same of opened rows; in Chinese."""
    people = {"1": "外来甲", "2": "外来乙", "TJ3": "外来丙"}
    return {
        one.kind: (
            str(as_called("zh", one.kind, one.words)),
            str(as_called("zh", one.kind, one.question)),
            str(as_asked("zh", one.kind, one.question, people)),
        )
        for one in contradictions(entries)
    }


def test_a_bare_number_is_called_a_number_and_an_opened_row_by_its_name() -> None:
    said = odd(Entry("1", bad_dates={"接触结束": "2026.2.30"}))
    assert said["no_such_day"] == (
        "1号 的接触结束写成“2026.2.30”,没有这一天。",
        "请问 1号:接触结束是几月几日?",
        "请问 外来甲:接触结束是几月几日?",
    )
    said = odd(Entry("TJ3", linked=("TJ3",)))
    assert said["self_link"][1:] == (
        "请问 TJ3:这里原来要写的是谁?",
        "请问 外来丙:这里原来要写的是谁?",
    )


def test_whoever_is_asked_is_not_told_who_the_other_is() -> None:
    said = odd(Entry("1", linked=("2",)), Entry("2"))
    assert said["one_sided"] == (
        "1号 写了和 2号 有关联,2号 没有写 1号。",
        "请问 2号:和 1号 有过接触吗?",
        "请问 外来乙:和 1号 有过接触吗?",
    )


def test_of_a_circle_everybody_is_asked_and_of_numbers_whoever_made_the_list() -> None:
    said = odd(Entry("1", sources=("2",)), Entry("2", sources=("1",)), Entry("1"))
    assert said["cycle"][2] == "请逐个问 外来甲、外来乙:谁最先不舒服,哪一天?"
    assert said["same_number"][2] == "请问制表人:编号 1 的几行是同一个人吗?"


def test_english_has_its_own_words_for_a_number() -> None:
    (one,) = contradictions([Entry("1", linked=("1",))])
    assert as_called("en", one.kind, one.question).values["a"] == "no. 1"


def test_a_telephone_in_the_place_of_an_entry_is_not_shown() -> None:
    (one,) = contradictions([Entry("1", sources=("19900008642",))])
    assert "19900008642" not in str(as_called("zh", one.kind, one.words))
    assert "19900008642" not in str(as_asked("zh", one.kind, one.question, {}))
