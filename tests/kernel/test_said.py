"""What the system wrote down is read in the reader's language; a person's words stay as they are."""

import pytest

from wangge.kernel.said import both, said, worded


def test_a_sentence_is_kept_once_and_read_in_two_languages() -> None:
    kept = said(
        "规则{n}“{name}”:{when}",
        n=10,
        name="管道破裂:供水抢修",
        when=[said("事项 {prefix}*", prefix="E04"), "战时"],
    )
    assert worded("zh", kept) == "规则10“管道破裂:供水抢修”:事项 E04*、战时"
    assert worded("en", kept) == "Rule 10 “Burst pipe: water repair”: class E04*, Emergency"


def test_one_is_not_many() -> None:
    assert worded("en", said("{n} 个单元", n=1)) == "1 stairwell"
    assert worded("en", said("{n} 个单元", n=21)) == "21 stairwells"


def test_a_sentence_within_a_sentence_and_a_name_with_its_own_english() -> None:
    limit = said("{what}:{span}", what="受理", span=said("{n}工作时", n="4"))
    assert worded("en", said("超时升级:{cause}", cause=limit)) == (
        "Overdue and one level up: Accept: 4 working hours"
    )
    named = said("{name}处置", name=both("管道破裂", "Burst pipe"))
    assert worded("zh", named) == "管道破裂处置"
    assert worded("en", named) == "handling of: Burst pipe"
    assert worded("en", said("{name}处置", name=both("管道破裂", ""))).endswith("管道破裂")


@pytest.mark.parametrize(
    "words",
    [
        "",
        "规则10“供水”:所有事项",
        '["',
        '["只有一半"',
        '["a"]',
        '["a",1]',
        '[["a",{}]]',
        '["{n}",{"n":1},2]',
        "{n:>999999999}",
    ],
)
def test_what_a_person_wrote_or_a_row_from_before_stays_as_it_is(words: str) -> None:
    assert worded("zh", words) == words
    assert worded("en", words) == words


def test_a_blank_is_filled_with_text_and_nothing_is_computed() -> None:
    assert worded("zh", said("{n:>9}{n.real}{m}{n}", n=1)) == "{n:>9}{n.real}{m}1"
    assert worded("zh", said("{a}", a="{b}", b="c")) == "{b}"
