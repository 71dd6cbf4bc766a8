"""The pages that import, draw, split and merge areas; and the same for programs."""

import json
from collections.abc import Awaitable, Callable

import httpx

import small_town as town
from wangge.kernel.moments import new_id

RoomClient = Callable[..., Awaitable[httpx.AsyncClient]]
GRID_3 = town.XINGHUA + "003"
LINE = {"type": "LineString", "coordinates": [[120.103, 30.109], [120.103, 30.099]]}


async def test_a_table_is_looked_at_taken_in_and_taken_back(app_client: RoomClient) -> None:
    client = await app_client("street_officer")
    table = f"区域代码,名称\n{GRID_3},第三网格\n9900010010,十位代码\n"
    sent = await client.post("/areas/import", files={"file": ("网格.csv", table.encode())})
    assert sent.status_code == 303
    path = sent.headers["location"]
    shown = (await client.get(path)).text
    assert "导入 1 个区域" in shown
    assert "有 10 位" in shown
    assert "第三网格" not in (await client.get(f"{path}?only=refused")).text
    done = await client.post(f"{path}/apply", data={"deed": str(new_id())})
    assert done.status_code == 303
    assert "第三网格" in (await client.get(f"/areas?at={town.XINGHUA}")).text
    assert "已导入" in (await client.get("/areas/import")).text
    again = await client.post(f"{path}/apply", data={"deed": str(new_id())})
    assert again.status_code == 409
    undone = await client.post(f"{path}/undo", data={"deed": str(new_id())})
    assert "已恢复 1 个区域" in undone.text
    assert "第三网格" not in (await client.get(f"/areas?at={town.XINGHUA}")).text


async def test_a_file_that_cannot_be_read_and_one_that_is_too_large_say_so(
    app_client: RoomClient,
) -> None:
    client = await app_client("street_officer")
    answer = await client.post("/areas/import", files={"file": ("x.csv", b"a,b\n1,2\n")})
    assert answer.status_code == 422
    assert "没有区域代码或名称的列" in answer.text
    large = await client.post(
        "/areas/import",
        content=b"",
        headers={
            "content-type": "multipart/form-data; boundary=x",
            "content-length": str(300_000_000),
            "accept": "text/html",
        },
    )
    assert large.status_code == 413
    assert "太大" in large.text


async def test_the_coordinates_of_a_drawing_can_be_declared_and_seen(
    app_client: RoomClient,
) -> None:
    client = await app_client("district_officer")
    drawing = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"code": town.MICRO_1A},
                "geometry": town.box(120.1, 30.1, 120.1028, 30.104),
            }
        ],
    }
    sent = await client.post(
        "/areas/import", files={"file": ("a.geojson", json.dumps(drawing).encode())}
    )
    path = sent.headers["location"]
    assert "看起来就是这种坐标系" in (await client.get(path)).text
    shapes = (await client.get(f"{path}/shapes")).json()
    assert [f["properties"]["colour"] for f in shapes["features"]] == ["yellow"]
    assert (await client.post(f"{path}/datum", data={"datum": "gcj02"})).status_code == 303
    assert "看起来更像 WGS-84" in (await client.get(path)).text
    assert (await client.post(f"{path}/datum", data={"datum": "utm"})).status_code == 422


async def test_a_boundary_is_drawn_with_its_neighbour_or_refused_beside_what_was_drawn(
    app_client: RoomClient,
) -> None:
    client = await app_client("street_officer")
    path = f"/areas/{town.MICRO_1A}/draw"
    assert "area-editor" in (await client.get(path)).text
    wider = json.dumps(town.box(120.1, 30.1, 120.104, 30.104))
    refused = await client.post(path, data={"boundary": wider, "deed": str(new_id())})
    assert refused.status_code == 422
    assert "重叠" in refused.text
    assert "120.104" in refused.text
    others = json.dumps({town.MICRO_1B: town.box(120.104, 30.1, 120.106, 30.104)})
    saved = await client.post(
        path, data={"boundary": wider, "others": others, "deed": str(new_id())}
    )
    assert saved.status_code == 303
    areas = (
        await client.get(f"/api/v1/areas.geojson?prefix={town.GRID_1}&kinds=micro_grid")
    ).json()
    corners = {
        feature["properties"]["code"]: max(p[0] for p in feature["geometry"]["coordinates"][0])
        for feature in areas["features"]
    }
    assert corners == {town.MICRO_1A: 120.104, town.MICRO_1B: 120.106}
    for bad in ("", "[1]", "{"):
        answer = await client.post(path, data={"boundary": bad, "deed": str(new_id())})
        assert answer.status_code == 422, bad


async def test_a_split_is_seen_before_it_is_done(app_client: RoomClient) -> None:
    client = await app_client("street_officer")
    path = f"/areas/{town.GRID_1}/split"
    assert "画一条分界线" in (await client.get(path)).text
    filled = {
        "deed": str(new_id()),
        "parts": "2",
        "name_0": "西网格",
        "name_1": "东网格",
        "digits_1": "009",
        "line": json.dumps(LINE),
    }
    seen = await client.post(path, data=filled)
    assert seen.status_code == 200
    assert "确认拆分" in seen.text
    assert "16 户门" in seen.text
    assert town.XINGHUA + "010" in seen.text
    assert "西网格" not in (await client.get(f"/areas?at={town.XINGHUA}")).text
    done = await client.post(path, data={**filled, "confirmed": "1"})
    assert done.status_code == 303
    after = (await client.get(f"/areas?at={town.XINGHUA}")).text
    assert "西网格" in after
    assert "东网格" in after
    old = (await client.get(f"/areas?at={town.GRID_1}")).text
    assert "接续" in old
    new = (await client.get(f"/areas?at={town.XINGHUA}009")).text
    assert f"第一网格({town.GRID_1}," in new


async def test_a_split_that_nobody_can_follow_comes_back_filled_in(
    app_client: RoomClient,
) -> None:
    client = await app_client("street_officer")
    answer = await client.post(
        f"/areas/{town.GRID_1}/split",
        data={
            "parts": "2",
            "name_0": "西网格",
            "name_1": "东网格",
            f"children:{town.MICRO_1A}": "0",
        },
    )
    assert answer.status_code == 422
    assert "二号微网格" in answer.text
    assert 'value="西网格"' in answer.text
    assert "checked" in answer.text


async def test_grids_are_merged_after_a_look(app_client: RoomClient) -> None:
    client = await app_client("street_officer")
    path = f"/areas/{town.XINGHUA}/merge"
    filled = {
        "deed": str(new_id()),
        "codes": [town.GRID_1, town.GRID_2],
        "name": "大网格",
        "into": town.GRID_1,
    }
    seen = await client.post(path, data=filled)
    assert "确认合并" in seen.text
    assert (await client.post(path, data={**filled, "confirmed": "1"})).status_code == 303
    assert "大网格" in (await client.get(f"/areas?at={town.XINGHUA}")).text
    one = await client.post(path, data={"codes": town.GRID_1, "name": "x"})
    assert one.status_code == 422


async def test_who_may_only_look_finds_no_tools(app_client: RoomClient) -> None:
    client = await app_client("grid_worker")
    for path in ("/areas/import", f"/areas/{town.GRID_1}/draw", f"/areas/{town.GRID_1}/split"):
        assert (await client.get(path)).status_code == 403, path
    assert (await client.get(f"/areas/{town.GRID_3}/draw")).status_code == 404
    assert "/draw" not in (await client.get(f"/areas?at={town.GRID_1}")).text


async def test_programs_import_split_and_merge(app_client: RoomClient) -> None:
    client = await app_client("district_officer")
    staged = await client.post(
        "/api/v1/areas/imports?name=a.csv", content=f"code,name\n{GRID_3},第三网格\n".encode()
    )
    assert staged.status_code == 201
    path = f"/api/v1/areas/imports/{staged.json()['id']}"
    seen = (await client.get(path)).json()
    assert [(i["row"], i["verdict"]) for i in seen["items"]] == [(2, "new")]
    assert (await client.post(f"{path}/apply", json={})).json()["new"] == 1
    assert (await client.post(f"{path}/undo")).json()["back"] == 1
    split = {
        "code": town.GRID_1,
        "parts": [{"name": "西网格"}, {"name": "东网格"}],
        "line": LINE,
    }
    seen = (await client.post("/api/v1/areas/split?preview=true", json=split)).json()
    assert [one["code"] for one in seen["opened"]][:2] == [GRID_3, town.XINGHUA + "004"]
    assert (await client.get(f"/api/v1/areas/{GRID_3}")).status_code == 404
    done = (await client.post("/api/v1/areas/split", json=split)).json()
    assert done == seen
    merged = await client.post(
        "/api/v1/areas/merge", json={"codes": [GRID_3, town.XINGHUA + "004"], "name": "合"}
    )
    assert merged.json()["opened"][0]["code"] == town.XINGHUA + "005"
    area = (await client.get(f"/api/v1/areas/{town.GRID_1}")).json()["area"]
    assert area["successors"] == [GRID_3, town.XINGHUA + "004"]
