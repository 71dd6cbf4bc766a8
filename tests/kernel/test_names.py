"""A name is declared once: a second declaration would quietly take the first one's place."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from wangge.exports.model import all_makers, maker
from wangge.kernel import jobs, relay, retention, settings
from wangge.kernel.actors import act, all_acts
from wangge.kernel.facts import Fact
from wangge.kernel.http import deeds, pages
from wangge.kernel.http.express import express
from wangge.kernel.refusals import NotFound, Refusal
from wangge.places import holders
from wangge.web.rooms import import_rooms

import_rooms()


async def nothing(*_: Any) -> Any:
    return None


def again_job() -> None:
    jobs.job(next(iter(jobs.all_jobs())))(nothing)


def again_tick() -> None:
    jobs.tick(next(iter(jobs.ticks())), timedelta(hours=1))(nothing)


def again_bite() -> None:
    relay.bite(next(iter(relay._bites)))(nothing)


def again_reaction() -> None:
    listener, kinds = next(iter(relay._reactions.items()))
    kind, functions = next(iter(kinds.items()))

    class Known(Fact):
        pass

    Known.kind = kind
    relay.reaction(listener, Known)(functions[0])


def again_deed() -> None:
    deeds.deed(next(iter(deeds.all_deeds())), object)(nothing)


def again_whole_deed() -> None:
    deeds.whole_deed(next(iter(deeds.all_deeds())), object)(nothing)


def again_many_deeds() -> None:
    deeds.many_deeds(next(iter(deeds.all_deeds())), object)(nothing)


def again_lane() -> None:
    express("POST", "/api/v1/cases", dict[str, str], status=200)(nothing)


def again_menu() -> None:
    pages.nav(1, pages._nav[0].path, "又一次", "home")


def again_act() -> None:
    act(next(iter(all_acts())), "又一次")


def again_setting() -> None:
    settings.setting(next(iter(settings.all_settings())), 1, "又一次")


def again_class() -> None:
    retention.keeps(next(iter(retention.all_keeps())), "又", 1, since="今日", source="law")(
        nothing
    )


def again_counted() -> None:
    counted = next(key for key, keep in retention.all_keeps().items() if keep.waiting)
    retention.counts(counted)(nothing)


def again_holder() -> None:
    holders.holds(next(iter(holders.all_holders())), "又一次")(nothing)


def again_moved() -> None:
    moved = next(key for key, holder in holders.all_holders().items() if holder.move)
    holders.moves(moved)(nothing)


def again_maker() -> None:
    name, first = next(iter(all_makers().items()))
    maker(name, "又一次", first.act, headings=nothing)(nothing)


@pytest.mark.parametrize(
    "again",
    [value for name, value in sorted(globals().items()) if name.startswith("again_")],
    ids=lambda one: one.__name__.removeprefix("again_"),
)
def test_a_name_is_declared_once(again: Callable[[], None]) -> None:
    with pytest.raises(ValueError, match="twice"):
        again()


def test_two_rooms_have_no_refusal_of_one_code_and_no_fact_of_one_kind() -> None:
    with pytest.raises(TypeError, match="not-found is in wangge"):
        type("NotFound", (Refusal,), {"__module__": "elsewhere"})

    @dataclass(frozen=True, slots=True)
    class Happened(Fact):
        thing_id: UUID
        area_code: str

    with pytest.raises(TypeError, match="Happened is in"):
        type(
            "Happened", (Fact,), {"__module__": f"elsewhere.{Happened.kind.partition('.')[0]}"}
        )
    assert NotFound.code == "not-found"
