"""Sums of answers tell on nobody where whoever looks reads no residents."""

import re
from dataclasses import replace
from typing import Any

from asking import ASKED, lines, with_questions
from sweeping import opened, said, taken

from small_town import NOON
from wangge.kernel.actors import system_actor
from wangge.kernel.http import District
from wangge.sweeps import rough as steps
from wangge.sweeps.pages import ROUTES
from wangge.sweeps.rough import rough

HTML = {"accept": "text/html"}


def test_numbers_come_in_steps_that_no_single_door_moves_by_one() -> None:
    told = [rough(n, "zh") for n in (0, 1, 4, 5, 9, 10, 104)]
    assert told == ["0", "不到 5", "不到 5", "约 5", "约 5", "约 10", "约 100"]
    assert rough(3, "en") == "under 5"


async def test_a_dispatcher_sees_steps_and_an_officer_the_numbers(
    room_client: Any, own_district: District, as_: Any, monkeypatch: Any
) -> None:
    async with own_district.database.tx(system_actor(own_district.schema), now=NOON) as tx:
        await with_questions(tx, ASKED)
        round_ = await opened(tx, kind="census")
        worker = replace(as_("grid_worker"), district=own_district.schema)
        homes = [id_ for id_, door in (await lines(tx, round_.id)).items() if door.people]
        for n, door in enumerate(homes[:7]):
            await taken(tx, said(round_, door, worker, answers={"dogs": n > 0}))
    path = f"/sweeps/{round_.id}/answers"

    async def shown(key: str) -> list[str]:
        page = await (await room_client(ROUTES, as_(key))).get(path, headers=HTML)
        assert page.status_code == 200
        return re.findall(r'<td class="text-end">([^<]*)</td>', page.text)

    assert await shown("community_officer") == ["6", "1"]
    assert await shown("dispatcher") == []  # too few to be broken down
    monkeypatch.setattr("wangge.sweeps.answer_pages.LEAST", 1)
    assert await shown("dispatcher") == ["约 5", "不到 5"]
    assert steps.LEAST == 20
