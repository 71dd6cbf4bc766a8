"""Headings, cells and times of other people's tables."""

import pytest

from wangge.dispatch.imports import Mapping, guess_mapping, presets, read_mapping
from wangge.dispatch.imports.mapping import guess
from wangge.dispatch.imports.reading import case_id, plain
from wangge.kernel.refusals import Invalid
from wangge.kernel.sheets import open_table


def test_headings_are_guessed_in_both_languages() -> None:
    found = guess(["工单编号", "标题", "问题描述", "事发地点", "上报时间", "办结时间", "心情"])
    assert found.columns == {
        "words": ("问题描述",),
        "title": ("标题",),
        "place": ("事发地点",),
        "reported_at": ("上报时间",),
        "closed_at": ("办结时间",),
        "external_id": ("工单编号",),
    }
    assert guess(["ID", "Description", "Latitude", "Longitude"]).columns["lon"] == (
        "Longitude",
    )


def test_a_lone_latitude_is_no_place() -> None:
    assert "lat" not in guess(["描述", "纬度"]).columns


def test_public_formats_are_known_as_a_whole() -> None:
    table = open_table(b"id,user,title,time,detail\n1,A1,t,2020/1/6 12:09:38,d\n", "m.csv")
    found = guess_mapping(table)
    assert found.source == presets()["messages"].source
    assert "user" not in found.all_headings()
    assert "closed_at" not in found.columns


@pytest.mark.parametrize(
    ("mapping", "field"),
    [
        (Mapping({"words": ("没有这列",)}), "words"),
        (Mapping({"sorrow": ("a",), "words": ("a",)}), "sorrow"),
        (Mapping({"place": ("a",)}), "words"),
        (Mapping({"words": ("a",), "lon": ("b",)}), "lon"),
        (Mapping({"words": ("a",)}, tz="Mars/Olympus"), "tz"),
        (Mapping({"words": ("a",)}, tz="../../etc/passwd"), "tz"),
        (Mapping({"words": ("a",)}, channel="pigeon"), "channel"),
        (Mapping({"words": ("a",)}, values={"words": {}}), "words"),
    ],
)
def test_a_mapping_that_does_not_fit_says_where(mapping: Mapping, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        mapping.checked(["a", "b"])
    assert [problem.field for problem in refused.value.problems] == [field]


def test_a_mapping_that_is_no_mapping_is_refused() -> None:
    for raw in ({}, [], {"columns": {"words": "a"}}, {"columns": {}, "outside": "burn"}):
        with pytest.raises(Invalid):
            read_mapping(raw)


def test_an_apostrophe_before_a_formula_is_taken_off() -> None:
    assert plain("'=1+1") == "=1+1"
    assert plain("'quoted'") == "'quoted'"
    assert plain("") == ""


def test_the_same_row_is_the_same_case_and_sorts_by_its_time() -> None:
    from datetime import UTC, datetime

    early, late = datetime(2015, 1, 1, tzinfo=UTC), datetime(2016, 1, 1, tzinfo=UTC)
    assert case_id("d", "batch", "1", early) == case_id("d", "batch", "1", early)
    assert case_id("d", "batch", "1", early) != case_id("d", "batch", "2", early)
    assert case_id("d", "batch", "1", early) < case_id("d", "batch", "0", late)
    assert case_id("d", "batch", "1", early).version == 7
