"""Addresses of anywhere, taken apart by the grammar and by a learned model."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as some

from wangge.matching.addresses import elements
from wangge.matching.addresses.elements import KINDS
from wangge.matching.addresses.learned import Tagger, score, train

Address = list[tuple[str, str]]


def labelled(line: str) -> Address:
    pieces = [piece.rpartition("/") for piece in line.split()]
    return [(text, kind) for text, _, kind in pieces]


@pytest.mark.parametrize(
    "line",
    [
        "浙江省/prov 宁波市/city 鄞州区/district 青禾街道/town 晚枫路/road 88号/roadno",
        "浙江/prov 宁波/city 鄞州区/district 殷家花园/poi 7幢/houseno 4单元/cellno 901室/roomno",
        "青禾镇/town 下宅村/community 12号/roadno",
        "宁波市/city 晚枫东路/road 128号/roadno 霜雁大厦/poi 9楼/floorno 901/roomno",
        "金华/city 义乌市/district 素竹小区/poi 13/houseno -/redundant 2/cellno -/redundant 305/roomno",
        "中国/country 浙江省/prov 绍兴市/city 上虞区/district 经济开发区/devzone 纬七路/road 4号/roadno",
        "浙江省/prov 温州市/city 浙江省/redundant 温州市/redundant 乐清市/district 柳市镇/town",
        "青禾街道/town 晚枫路/road 与/assist 素竹路/subroad 交叉口/assist",
    ],
)
def test_an_address_is_taken_apart(line: str) -> None:
    expected = labelled(line)
    text = "".join(piece for piece, _ in expected)
    assert [(one.text, one.kind) for one in elements(text)] == expected


def test_names_of_ones_own_are_known() -> None:
    found = elements("云杏二七晚枫路3号", {"云杏二七": "community"})
    assert [one.kind for one in found] == ["community", "road", "roadno"]


@given(some.text(alphabet="浙江省宁波市鄞州区街道路号幢单元室层楼与ABab-  \t０12345.,(一二廿"))
def test_the_parts_follow_one_another_and_nothing_is_lost(text: str) -> None:
    at = 0
    for one in elements(text):
        assert one.kind in KINDS
        assert one.text == text[one.start : one.start + len(one.text)] != ""
        assert not text[at : one.start].strip()
        assert one.start >= at
        at = one.start + len(one.text)
    assert not text[at:].strip()


@given(some.text())
def test_whatever_is_written_is_answered(text: str) -> None:
    elements(text)


def invented(count: int) -> list[Address]:
    """Addresses of a place whose words mean the opposite of what they usually mean: 幢 is a road
    there. No grammar can know; who learns can."""
    random = Random(4)
    towns, roads = ("青禾", "晚枫", "素竹", "霜雁"), ("春溪", "秋舟", "夏鹿", "冬鹤", "朝露")
    return [
        [
            (random.choice(towns) + "路", "town"),
            (random.choice(roads) + "幢", "road"),
            (f"{random.randrange(1, 300)}室", "roadno"),
        ]
        for _ in range(count)
    ]


@pytest.fixture(scope="module")
def model() -> bytes:
    return train(invented(60))


def test_a_model_learns_what_no_grammar_knows(model: bytes) -> None:
    unseen = invented(90)[60:]
    tagger = Tagger(model)
    assert score(tagger.elements, unseen).whole > 0.95 > 0.5 > score(elements, unseen).whole
    found = tagger.elements("素竹路 夏鹿幢 7室")
    assert [(one.text, one.start) for one in found] == [
        ("素竹路", 0),
        ("夏鹿幢", 4),
        ("7室", 8),
    ]
    assert tagger.elements("") == ()


def test_the_same_addresses_give_the_same_model(model: bytes) -> None:
    assert train(invented(60)) == model


@pytest.mark.parametrize("wrong", [b"", b"no model", b"\x92\x01\x02"])
def test_what_is_no_model_is_refused(wrong: bytes) -> None:
    with pytest.raises(ValueError, match="not a model"):
        Tagger(wrong)


def test_a_torn_model_is_refused(model: bytes) -> None:
    at = len(model) // 2
    with pytest.raises(ValueError, match="not a model"):
        Tagger(model[:at] + bytes([model[at] ^ 1]) + model[at + 1 :])


def test_the_score_counts_kind_text_and_place() -> None:
    (address,) = [labelled("晚枫路/road 88号/roadno")]
    assert score(elements, [address]).f1 == 1.0
    assert score(lambda text: elements(text)[:1], [address]).f1 == pytest.approx(2 / 3)
    assert score(lambda text: (), [address]).f1 == 0.0
