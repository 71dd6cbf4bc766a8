# Temporary: serves a seeded town for looking at pages. Not committed.
import time, random, os
from datetime import timedelta
from pathlib import Path
import small_town as st
from wangge.kernel.moments import new_id, now as clock
from wangge.people import ROSTER
from wangge.kernel.actors import Actor
from wangge.dispatch import Report, receive
from wangge.dispatch import commands as d
from wangge.cases import commands as c
from wangge.kernel.refusals import Refusal

WORDS = [
    ("楼道里堆了杂物,轮椅过不去", "E0506"),
    ("三号楼西侧垃圾桶满溢三天了", "E0102"),
    ("水管爆了,水漫到马路上", "E0401"),
    ("邻居半夜放音响", "Z0101"),
    ("老人三天没下楼,敲门没人应", "F0102"),
    ("路灯不亮", "C0101"),
    ("井盖松动,车压过去响", None),
    ("工地半夜还在打桩", None),
    ("消防通道被占", "Y0101"),
    ("占道卖菜", None),
    ("有人在树上贴小广告", "E0201"),
    ("说不清楚的一件事", None),
]
LANES = [
    "杏花苑1幢门口",
    "柳树湾2幢南侧路口",
    "菜场北门",
    "幼儿园对面",
    "小区东门岗亭",
    "社区广场舞台边",
]


async def seed(tx):
    rng = random.Random(7)
    roster = await ROSTER.get(tx)
    base = clock()

    def who(key):
        p = st.PEOPLE[key]
        return Actor(p.id, "staff", tx.actor.district, roster.grants(p.id, base), name=p.name)

    system = tx.actor
    grids = [
        st.MICRO_1A,
        st.MICRO_1B,
        st.GRID_2,
        st.MICRO_2A,
        st.GRID_3,
        st.GRID_4,
        st.OTHER_GRID,
    ]
    for n in range(70):
        words, code = rng.choice(WORDS)
        area = rng.choice(grids)
        _, w, s, e, no = st.GROUND[area]
        ago = timedelta(minutes=rng.choice([1, 4, 9, 20, 45, 90, 200, 400, 1000, 1600, 3000]))
        tx.now = base - ago
        key = rng.choice(["acceptor", "grid_worker", "street_officer"])
        tx.actor = system
        by = who(key)
        [a] = await receive(
            tx,
            [
                Report(
                    new_id(tx.now),
                    by,
                    words,
                    class_code=code,
                    area_code=area,
                    channel=rng.choice(["hotline", "resident", "worker", "police"])
                    if key != "grid_worker"
                    else "worker",
                    lon=round(rng.uniform(w, e), 6),
                    lat=round(rng.uniform(s, no), 6),
                    place=rng.choice(LANES),
                    trusted=rng.random() < 0.75,
                )
            ],
        )
        if isinstance(a, Refusal):
            print(a)
            continue
        tx.now = base - ago * 0.6
        tasks = await tx.many(
            dict if False else str,
            "select id::text from tasks_task where origin_id=:i and state='offered' and target like 'staff:%'",
            i=a.id,
        )
        for t in tasks:
            target = await tx.one(str, "select target from tasks_task where id=:t::uuid", t=t)
            for p in st.STAFF:
                if str(p.id) in target and rng.random() < 0.6:
                    tx.actor = who(p.key)
                    from uuid import UUID

                    try:
                        await d.accept(tx, UUID(t))
                        if rng.random() < 0.6:
                            await d.start(tx, UUID(t))
                        if rng.random() < 0.4:
                            await d.finish(tx, UUID(t), "已清理干净,与楼长确认。", [])
                    except Refusal as r:
                        print(r)
        tx.actor = system
    tx.now = base


def test_serve(town):
    town.change(seed)
    os.makedirs("/tmp/shots", exist_ok=True)
    cookies = {}
    from playwright.sync_api import sync_playwright
    import asyncio
    from wangge.access.signing import Visitor, sign_in as enter

    for key in (
        "district_officer",
        "acceptor",
        "dispatcher",
        "department_staff",
        "grid_head",
        "street_officer",
    ):

        async def work(installation, key=key):
            return (
                await enter(
                    installation.districts["town"],
                    key,
                    "a-town-of-invented-people",
                    Visitor("desk"),
                )
            ).token

        cookies[key] = town.run(work)
    import json

    Path("/tmp/shots/town.json").write_text(
        json.dumps(
            {"url": town.url, "cookies": cookies, "dsn": town.dsn, "data": str(town.data_dir)}
        )
    )
    stop, again = Path("/tmp/shots/stop"), Path("/tmp/shots/again")
    for f in (stop, again):
        f.unlink(missing_ok=True)
    while not stop.exists():
        if again.exists():
            again.unlink()
            town.stop()
            town.start()
            Path("/tmp/shots/ready").write_text("1")
        time.sleep(0.3)
