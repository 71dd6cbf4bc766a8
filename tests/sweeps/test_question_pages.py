"""Questions on the desk: typed in door by door, put right, seen."""

import re
from typing import Any

import httpx

from small_town import XINGHUA
from wangge.kernel.moments import new_id

Client = Any


async def opened(client: httpx.AsyncClient, kind: str = "visit") -> str:
    answer = await client.post(
        "/sweeps",
        data={"kind": kind, "areas": XINGHUA, "doors": "lived", "deed": str(new_id())},
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def first_block(client: httpx.AsyncClient, at: str) -> str:
    paper = await client.get(at + "/left")
    (block, *_) = re.findall(rf"{at}/blocks/([0-9a-f-]+)", paper.text)
    return f"{at}/blocks/{block}"


async def test_answers_on_paper_are_typed_in_door_by_door_and_put_right(
    app_client: Client,
) -> None:
    officer = await app_client("community_officer")
    at = await opened(officer)
    block = await first_block(officer, at)
    shown = await officer.get(block)
    assert "户还有要问的" in shown.text
    (door, *_) = re.findall(rf'href="({at}/doors/[0-9a-f-]+)"', shown.text)
    page = await officer.get(door)
    assert "饮食" in page.text
    assert "还有 3 项要问" in page.text
    form = {"deed": str(new_id()), "base": "0", "how": "paper", "outcome": "all"}
    answers = {"a-food": "short", "a-hardship": "none", "a-spirits": "well"}
    saved = await officer.post(door, data={**form, **answers, "go": "next"})
    assert saved.status_code == 303, saved.text
    assert saved.headers["location"] != door
    page = await officer.get(door)
    assert "要问</span>" not in page.text
    assert page.text.count("有困难") >= 2  # in the form, and in what was said
    # A ruling says everything again, and stands over what the desk knew of.
    ruled = {**form, **answers, "a-food": "well", "deed": str(new_id()), "base": "1"}
    assert (await officer.post(door, data={**ruled, "go": "decide"})).status_code == 303
    page = await officer.get(door)
    assert re.search(r'<option value="well" selected>', page.text)
    assert "裁定</span>" in page.text
    told = await officer.get(at + "/answers")
    assert "1 户有回答" in told.text
    asked = {"deed": str(new_id()), "reason": "看"}
    assert (await officer.post(at + "/answers", data=asked)).status_code == 422
    asked = {"deed": str(new_id()), "reason": "给社区养老服务排班"}
    assert (await officer.post(at + "/answers", data=asked)).headers["location"] == "/exports"
    wrong = {**form, "a-food": "plenty", "deed": str(new_id()), "go": "stay"}
    refused = await officer.post(door, data=wrong)
    assert refused.status_code == 422
    assert "“饮食”的回答不对。" in refused.text


async def test_a_door_of_elsewhere_has_no_page(app_client: Client) -> None:
    officer = await app_client("community_officer")
    at = await opened(officer)
    shown = await officer.get(await first_block(officer, at))
    (door, *_) = re.findall(rf'href="({at}/doors/[0-9a-f-]+)"', shown.text)
    other = await app_client("community_officer_2")
    assert (await other.get(door)).status_code == 404


async def test_who_reads_no_residents_is_shown_no_answers_no_words_and_no_people(
    app_client: Client,
) -> None:
    officer = await app_client("community_officer")
    at = await opened(officer)
    shown = await officer.get(await first_block(officer, at))
    (door, *_) = re.findall(rf'href="({at}/doors/[0-9a-f-]+)"', shown.text)
    round_id, door_id = at.rsplit("/", 1)[1], door.rsplit("/", 1)[1]
    roster = f"/api/v1/sweeps/{round_id}/roster"
    block_id = (await first_block(officer, at)).rsplit("/", 1)[1]
    (block,) = (await officer.get(roster, params={"block": block_id})).json()["blocks"]
    person = next(d for d in block["doors"] if d["id"] == door_id)["people"][0]["id"]
    body = {
        **{"round": round_id, "door": door_id, "outcome": "visit", "how": "paper"},
        **{"persons": {person: "refused"}, "words": "去了外地儿子家"},
        **{"answers": {"food": "short"}},
    }
    deed = {"id": str(new_id()), "kind": "sweeps.report", "body": body}
    sent = await officer.post("/api/v1/deeds", json={"deeds": [deed]})
    assert sent.json()["answers"][0]["status"] == 200, sent.text
    page = (await officer.get(door)).text
    assert "去了外地儿子家" in page
    assert re.search(r"<p>[^<]*:拒", page)
    assert re.search(r'value="short" selected', page)
    for key in ("police", "dispatcher", "shift_supervisor"):
        other = await app_client(key)
        page = (await other.get(door)).text
        assert "谁报过什么" in page
        assert "去了外地儿子家" not in page
        assert not re.search(r"<p>[^<]*:拒", page)
        assert 'value="short" selected' not in page
        assert "饮食:</span>" not in page
        (theirs,) = (await other.get(roster, params={"block": block_id})).json()["blocks"]
        line = next(d for d in theirs["doors"] if d["id"] == door_id)
        assert (line["outcome"], line["persons"], line["answers"]) == ("visit", {}, {})
        assert "food" not in line["asks"]  # nobody is asked again
    # What was not shown is not emptied by typing the rest.
    police = await app_client("police")
    form = {"deed": str(new_id()), "base": "1", "how": "paper", "go": "stay"}
    typed = {"a-food": "", "a-hardship": "none", "a-spirits": ""}
    assert (await police.post(door, data={**form, **typed})).status_code == 303
    page = (await officer.get(door)).text
    assert re.search(r'value="short" selected', page)
    assert re.search(r'value="none" selected', page)


async def test_a_ruling_on_one_thing_leaves_answers_telephones_and_people_alone(
    app_client: Client,
) -> None:
    district = await app_client("district_officer")
    buttons = [
        {"code": "all", "words": "登记好", "settled": True},
        {"code": "some", "words": "部分"},
    ]
    asked = [
        {"key": "dogs", "words": "养狗吗", "kind": "bool"},
        {"key": "call", "words": "留个电话", "kind": "phone"},
    ]
    kind = {"code": "census", "version": 0, "name": "入户登记", "minutes": 60}
    made = await sent(
        district, "sweeps.save_kind", {**kind, "buttons": buttons, "questions": asked}
    )
    assert made["status"] == 200, made
    officer, worker = await app_client("community_officer"), await app_client("grid_head")
    at = await opened(officer, "census")
    block = (await first_block(worker, at)).rsplit("/", 1)[1]
    round_id = at.rsplit("/", 1)[1]

    async def line() -> dict[str, Any]:
        roster = f"/api/v1/sweeps/{round_id}/roster"
        (found,) = (await officer.get(roster, params={"block": block})).json()["blocks"]
        return next(door for door in found["doors"] if door["people"])

    door = await line()
    person = door["people"][0]["id"]
    body = {"round": round_id, "door": door["id"]}
    first = {"outcome": "some", "answers": {"dogs": True, "call": "19900000011"}}
    second = {"outcome": "all", "answers": {"call": "19900000012"}, "needs": ["food"]}
    for who, said in ((officer, {**first, "persons": {person: "refused"}}), (worker, second)):
        assert (await sent(who, "sweeps.report", {**body, **said}))["status"] == 200
    assert set((await line())["flagged"]) == {"outcome", "q:call"}
    ruling = {"deed": str(new_id()), "base": "2", "outcome": "some"}
    page = f"{at}/doors/{door['id']}"
    assert (await officer.post(page + "/decision", data=ruling)).status_code == 303
    now = await line()
    assert (now["outcome"], now["needs"], now["flagged"]) == ("some", ["food"], ["q:call"])
    assert now["answers"] == {"dogs": True, "call": "199****0012"}
    assert now["persons"] == {person: "refused"}
    # On its page: the number that is shown is meant when none is typed, and people are chosen.
    shown = (await officer.get(page)).text
    assert re.search(rf'name="p-{person}">\s*<option value="done">.*"refused" selected', shown)
    told = {"a-dogs": "1", "a-call": "", f"p-{person}": "absent", "go": "decide"}
    form = {"deed": str(new_id()), "base": "3", "outcome": "", "how": "paper"}
    assert (await officer.post(page, data={**form, **told})).status_code == 303
    now = await line()
    assert (now["outcome"], now["flagged"]) == ("some", [])
    assert now["answers"] == {"dogs": True, "call": "199****0012"}
    assert now["persons"] == {person: "absent"}


async def sent(client: httpx.AsyncClient, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    deed = {"id": str(new_id()), "kind": kind, "body": body}
    answer = await client.post("/api/v1/deeds", json={"deeds": [deed]})
    assert answer.status_code == 200, answer.text
    return answer.json()["answers"][0]
