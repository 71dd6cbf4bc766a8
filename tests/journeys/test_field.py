"""A worker's phone: kept safe first, sent second, whatever the network and the battery do."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from browsing import Browser, Town, picture, until
from playwright.sync_api import Page, expect
from walking import enter_pin

import small_town
from wangge.dispatch import Report, receive
from wangge.kernel.actors import system_actor
from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id

WORKER = small_town.PEOPLE["grid_worker"]


@pytest.fixture(autouse=True)
def _a_new_day(town: Town) -> None:
    """The server is there and nobody has anything to do, whatever the test before left."""
    if not town.served:
        town.start()

    async def cleared(tx: Tx) -> None:
        await tx.run("update tasks_task set state = 'cancelled', ended_at = :now", now=tx.now)

    town.change(cleared)


def sign_in(page: Page, town: Town, key: str) -> None:
    """By hand, in the app."""
    page.goto(f"{town.url}/field/")
    page.get_by_label("登录名").fill(key)
    page.get_by_label("口令").fill(town.password)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile("我的任务"))).to_be_visible()


def kept_for_cold(page: Page) -> None:
    """Until the worker has everything that a cold start needs."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")


def cut(phone: Browser, town: Town) -> None:
    """No network, and nothing at its other end either."""
    assert phone.context is not None
    phone.context.set_offline(True)
    town.stop()


def back(phone: Browser, town: Town) -> None:
    """The network is there again."""
    town.start()
    assert phone.context is not None
    phone.context.set_offline(False)


def report(page: Page, words: str, photo: Path | None = None) -> None:
    """Three taps and some words."""
    page.get_by_role("link", name="上报").click()
    page.get_by_label("什么事?").fill(words)
    page.get_by_role("button", name="管道破裂", exact=True).click()
    page.get_by_label("楼道", exact=True).select_option(label="杏花苑 1幢1单元")
    if photo is not None:
        page.locator("input[type=file]").set_input_files(str(photo))
        expect(page.get_by_alt_text("照片 1")).to_be_visible()
    page.get_by_role("button", name="提交").click()


def reported(town: Town, words: str) -> list[str]:
    """The cases with those words: state and number of photos."""
    return town.ask(
        str,
        """
        select c.state || ' ' || (select count(*) from cases_photo p where p.case_id = c.id)
          from cases_case c where c.words = :words
        """,
        words=words,
    )


def offer(town: Town, words: str, why: str = "") -> UUID:
    """A case that is offered to the worker of the first grid. Answers the task's id."""

    async def work(tx: Tx) -> UUID:
        (received,) = await receive(
            tx,
            [
                Report(
                    id=new_id(),
                    by=system_actor(tx.actor.district),
                    words=words,
                    class_code="E0506",
                    area_code=small_town.GRID_1,
                    trusted=True,
                )
            ],
        )
        assert not isinstance(received, Exception), received
        task_id = new_id()
        await tx.run("delete from tasks_task where origin_id = :case", case=received.id)
        await tx.run(
            """
            insert into tasks_task
                   (id, kind, origin, origin_id, area_code, state, target, level, urgent,
                    answer_minutes, offered_at, answer_by, due_at, created_at, why)
            values (:id, 'handle', 'case', :case, :area, 'offered', :target, 'grid', false, 30,
                    :now, :by, :due, :now, :why)
            """,
            id=task_id,
            why=why,
            case=received.id,
            area=small_town.GRID_1,
            target=f"staff:{WORKER.id}",
            now=tx.now,
            by=tx.now + timedelta(minutes=30),
            due=tx.now + timedelta(hours=4),
        )
        await tx.run(
            "update cases_case set state = 'dispatched' where id = :case", case=received.id
        )
        return task_id

    made: UUID = town.change(work)
    return made


def task_state(town: Town, task_id: UUID) -> str:
    (state,) = town.ask(str, "select state from tasks_task where id = :id", id=task_id)
    return state


def outbox(page: Page) -> dict[str, Any]:
    """What lies in the phone's outbox: as text, and how many of its pieces are letters."""
    found: dict[str, Any] = page.evaluate(
        """
        async () => {
          const asked = (request) => new Promise((done, no) => {
            request.onsuccess = () => done(request.result);
            request.onerror = () => no(request.error);
          });
          const db = await asked(indexedDB.open("wangge-field"));
          const tx = db.transaction(["deeds", "photos"]);
          const of = (name) => asked(tx.objectStore(name).getAll());
          const all = (await Promise.all([of("deeds"), of("photos")])).flat();
          db.close();
          return { text: JSON.stringify(all), letters: all.filter((one) => one.letter && !one.blob).length };
        }
        """
    )
    return found


def test_a_burst_pipe_is_reported_from_a_basement(
    town: Town, phone: Browser, shots: Path, tmp_path: Path
) -> None:
    words = "负一层水管爆裂,积水没过脚踝"
    page = phone.open()
    page.goto(f"{town.url}/field/")
    expect(page.get_by_label("登录名")).to_be_visible()
    page.screenshot(path=str(shots / "field-sign-in.png"))
    sign_in(page, town, "grid_worker")
    kept_for_cold(page)
    page.screenshot(path=str(shots / "field-tasks-empty.png"))
    cut(phone, town)
    expect(page.get_by_text("没有网络 · 照常使用")).to_be_visible()
    page.get_by_role("link", name="上报").click()
    page.screenshot(path=str(shots / "field-report-blank.png"), full_page=True)
    page.get_by_label("什么事?").fill(words)
    page.screenshot(path=str(shots / "field-report.png"), full_page=True)
    report(page, words, picture(tmp_path / "pipe.jpg", (3000, 2000)))
    expect(page.get_by_text("1 件待发送 · 已存在手机里")).to_be_visible()
    page.screenshot(path=str(shots / "field-waiting.png"))

    phone.close()  # the battery
    page = phone.open(offline=True)
    page.goto(f"{town.url}/field/")
    expect(page.get_by_text("1 件待发送 · 已存在手机里")).to_be_visible()
    page.locator(".tabs a.mine").click()
    expect(page.locator(".deeds li")).to_contain_text("已存在手机里")
    page.screenshot(path=str(shots / "field-cold.png"))
    kept = outbox(page)
    assert kept["letters"] == 2, "the report and its photo, sealed to the server"
    assert words[:4] not in kept["text"], "nothing that was written lies open"
    assert "管道破裂" not in kept["text"] + page.locator(".deeds").inner_text()

    back(phone, town)
    expect(page.get_by_text("已连接 · 全部已发送")).to_be_visible()
    (arrived,) = reported(town, words)
    assert arrived.endswith(" 1")
    page.get_by_text("最近已送达").click()
    expect(page.get_by_text(re.compile("编号 .{4}-.{4}-.{4}"))).to_be_visible()
    page.screenshot(path=str(shots / "field-sent.png"))
    page.reload()
    expect(page.get_by_text("已连接 · 全部已发送")).to_be_visible()
    assert len(reported(town, words)) == 1


def test_an_offer_is_accepted_done_and_finished_with_a_photo(
    town: Town, phone: Browser, shots: Path, tmp_path: Path
) -> None:
    page = phone.open()
    sign_in(page, town, "grid_worker")
    task_id = offer(town, "二楼楼道堆了纸箱,挡住消防栓")
    # Nobody reloads: the stream says that something is new.
    expect(page.get_by_role("button", name="接单")).to_be_visible()
    assert "(1)" in page.title()
    page.screenshot(path=str(shots / "field-offer.png"))
    page.get_by_role("button", name="接单").click()
    expect(page.get_by_role("button", name="接单")).to_have_count(0)
    page.get_by_role("heading", name="二楼楼道堆了纸箱").click()
    page.get_by_role("button", name="开始处置").click()
    expect(page.get_by_role("button", name="开始处置")).to_have_count(0)
    page.screenshot(path=str(shots / "field-task.png"), full_page=True)
    page.get_by_role("button", name="办好了").click()
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("alert")).to_contain_text("处置结果")
    page.get_by_label("处置结果").fill("纸箱已清走,通道恢复")
    page.locator("input[type=file]").set_input_files(str(picture(tmp_path / "clean.jpg")))
    expect(page.get_by_alt_text("照片 1")).to_be_visible()
    page.screenshot(path=str(shots / "field-finish.png"), full_page=True)
    assert page.evaluate("innerWidth") == phone.size["width"], "something sticks out"
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("现在没有要办的任务。")).to_be_visible()
    expect(page.get_by_text("已连接 · 全部已发送")).to_be_visible()
    assert task_state(town, task_id) == "done"


def test_an_offer_says_why_and_is_refused_with_a_reason_in_one_tap(
    town: Town, phone: Browser, shots: Path
) -> None:
    page = phone.open()
    sign_in(page, town, "grid_worker")
    first = offer(town, "二楼声控灯不亮", "本网格,走过去约 3 分钟,2 人里最快")
    card = page.locator(".card.offer")
    expect(card).to_contain_text("为什么派给您:本网格,走过去约 3 分钟,2 人里最快")
    page.screenshot(path=str(shots / "field-offer-why.png"), full_page=True)
    assert page.evaluate("innerWidth") == phone.size["width"], "something sticks out"
    card.get_by_role("button", name="离得太远").click()
    expect(card).to_have_count(0)
    second = offer(town, "三楼声控灯不亮")
    page.get_by_role("heading", name="三楼声控灯不亮").click()
    page.screenshot(path=str(shots / "field-offer-open.png"), full_page=True)
    page.get_by_role("button", name="我不会办").click()

    def reasons() -> list[str]:
        return town.ask(
            str,
            "select reason from tasks_offer where task_id in (:first, :second)"
            " and answer = 'declined' order by answered_at",
            first=first,
            second=second,
        )

    # “All sent” may still stand there from the first one.
    until(page, lambda: len(reasons()) == 2)
    assert reasons() == ["离得太远", "我不会办"]
    expect(page.get_by_text("已连接 · 全部已发送")).to_be_visible()


def test_a_refused_deed_is_shown_and_what_follows_waits_for_it(
    town: Town, phone: Browser, shots: Path
) -> None:
    page = phone.open()
    sign_in(page, town, "grid_worker")
    kept_for_cold(page)
    task_id = offer(town, "单元门口有人乱停三轮车")
    page.reload()
    expect(page.get_by_role("button", name="接单")).to_be_visible()
    cut(phone, town)
    page.get_by_role("button", name="接单").click()
    page.get_by_role("heading", name="单元门口有人乱停三轮车").click()
    page.get_by_role("button", name="办好了").click()
    page.get_by_label("处置结果").fill("已劝离")
    page.get_by_role("button", name="提交").click()
    report(page, "南门井盖松动")
    expect(page.get_by_text("3 件待发送 · 已存在手机里")).to_be_visible()

    async def taken(tx: Tx) -> None:
        await tx.run(
            """
            update tasks_task set state = 'accepted', holder_id = :other,
                   target = :target, tried = :tried::text[] where id = :id
            """,
            id=task_id,
            other=small_town.PEOPLE["volunteer"].id,
            target=f"staff:{small_town.PEOPLE['volunteer'].id}",
            tried=[f"staff:{WORKER.id}"],
        )

    town.change(taken)
    back(phone, town)
    expect(page.get_by_text("1 件没有被接受,另有 1 件在等它")).to_be_visible()
    expect(page.get_by_text("已连接 · 其余已发送")).to_be_visible()
    assert len(reported(town, "南门井盖松动")) == 1
    page.locator(".tabs a.mine").click()
    expect(page.get_by_text("这个任务已经有人接了,谢谢您。").first).to_be_visible()
    page.screenshot(path=str(shots / "field-refused.png"), full_page=True)
    page.get_by_role("button", name="连同后面 1 件都不要了").click()
    expect(page.get_by_text("已连接 · 全部已发送")).to_be_visible()


def test_a_refused_report_is_mended_and_arrives(
    town: Town, phone: Browser, shots: Path, tmp_path: Path
) -> None:
    words = "墙皮脱落,楼下有人走动"
    page = phone.open()
    sign_in(page, town, "grid_worker")
    kept_for_cold(page)
    cut(phone, town)
    page.get_by_role("link", name="上报").click()
    page.get_by_role("button", name="全部分类").click()
    page.get_by_label("查找分类").fill("高空")
    page.screenshot(path=str(shots / "field-find.png"), full_page=True)
    page.get_by_role("button", name=re.compile("高空坠物隐患")).click()
    page.get_by_label("什么事?").fill(words)
    page.get_by_label("楼道", exact=True).select_option(label="杏花苑 1幢2单元")
    for n in (1, 2):
        taken = picture(tmp_path / f"{n}.jpg")
        page.locator("input[type=file]").set_input_files(str(taken))
        expect(page.get_by_alt_text(f"照片 {n}")).to_be_visible()
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("1 件待发送 · 已存在手机里")).to_be_visible()

    async def closed(tx: Tx) -> None:
        await tx.run("update cases_class set active = false where code = 'Y0104'")
        await tx.bump("cases")

    town.change(closed)
    back(phone, town)
    expect(page.get_by_text("1 件没有被接受,点此处理")).to_be_visible()
    page.locator(".tabs a.mine").click()
    page.screenshot(path=str(shots / "field-mend.png"), full_page=True)
    page.reload()  # the phone itself has forgotten what it sealed
    page.get_by_role("link", name="改一改").click()
    expect(page.get_by_label("什么事?")).to_have_value(words)
    # Its photos too: that they are there is shown, and one can be left out.
    tiles = page.locator(".photos .sealed")
    expect(tiles).to_have_count(2)
    page.get_by_role("img", name="照片 1(已加密)").scroll_into_view_if_needed()
    box = tiles.first.bounding_box()
    assert box is not None
    assert box["width"] == box["height"] > 90
    assert tiles.first.locator("svg").bounding_box() is not None, "a lock says what it is"
    page.screenshot(path=str(shots / "field-sealed.png"), full_page=True)
    page.get_by_role("button", name="删除照片 2").click()
    expect(tiles).to_have_count(1)
    page.get_by_role("button", name="管道破裂", exact=True).click()
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("已连接 · 全部已发送")).to_be_visible()
    (arrived,) = reported(town, words)
    assert arrived.endswith(" 1")


def test_an_expired_session_loses_nothing(town: Town, phone: Browser, shots: Path) -> None:
    words = "会话过期时写下的事"
    page = phone.open()
    sign_in(page, town, "grid_worker")
    kept_for_cold(page)
    cut(phone, town)
    report(page, words)
    expect(page.get_by_text("1 件待发送 · 已存在手机里")).to_be_visible()

    async def expire(tx: Tx) -> None:
        await tx.run("delete from access_session where account_id = :id", id=WORKER.id)

    town.change(expire)
    back(phone, town)
    expect(page.get_by_text("登录已过期,点此重新登录")).to_be_visible()
    expect(page.get_by_text("1 件待发送 · 已存在手机里")).to_be_visible()
    page.screenshot(path=str(shots / "field-expired.png"))
    page.get_by_text("登录已过期,点此重新登录").click()
    page.get_by_label("登录名").fill("grid_worker")
    page.get_by_label("口令").fill(town.password)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_text("已连接 · 全部已发送")).to_be_visible()
    assert len(reported(town, words)) == 1


def test_what_waits_is_sent_although_the_app_was_closed(town: Town, phone: Browser) -> None:
    words = "二单元楼顶水箱漏水"
    page = phone.open()
    sign_in(page, town, "grid_worker")
    kept_for_cold(page)
    cut(phone, town)
    report(page, words)
    expect(page.get_by_text("1 件待发送 · 已存在手机里")).to_be_visible()
    # No screen of the app is left; the browser wakes its worker when the network is back.
    page.goto("about:blank")
    assert phone.context is not None
    browser = phone.context.new_cdp_session(page)
    workers: list[dict[str, Any]] = []
    browser.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: workers.extend(event["registrations"]),
    )
    browser.send("ServiceWorker.enable")
    back(phone, town)
    page.goto(f"{town.url}/healthz")
    assert reported(town, words) == [], "nobody has woken the worker yet"
    (worker,) = {one["registrationId"] for one in workers if not one["isDeleted"]}
    for _ in range(100):
        browser.send(
            "ServiceWorker.dispatchSyncEvent",
            {
                "origin": town.url,
                "registrationId": worker,
                "tag": "outbox",
                "lastChance": False,
            },
        )
        page.wait_for_timeout(200)
        if reported(town, words):
            break
    assert len(reported(town, words)) == 1
    page.goto(f"{town.url}/field/")
    expect(page.get_by_text("已连接 · 全部已发送")).to_be_visible()
    assert len(reported(town, words)) == 1


def test_a_new_offer_is_heard_and_counted(town: Town, phone: Browser) -> None:
    page = phone.open()
    # Loudspeakers are the browser's; what it is told to do is noted.
    page.add_init_script(
        """
        window.told = [];
        const tone = AudioContext.prototype.createOscillator;
        AudioContext.prototype.createOscillator = function () {
          window.told.push("tone");
          return tone.call(this);
        };
        navigator.vibrate = () => { window.told.push("shake"); return true; };
        navigator.setAppBadge = async (n) => { window.told.push(`badge ${n}`); };
        navigator.clearAppBadge = async () => { window.told.push("badge 0"); };
        """
    )
    offer(town, "打开之前就派给我的")
    sign_in(page, town, "grid_worker")
    expect(page.get_by_text("打开之前就派给我的")).to_be_visible()
    assert page.evaluate("window.told.includes('tone')") is False, "what was there is no news"
    offer(town, "打开之后派来的")
    expect(page.get_by_text("打开之后派来的")).to_be_visible()
    page.wait_for_function("window.told.includes('tone') && window.told.includes('shake')")
    page.wait_for_function("window.told.includes('badge 2')")
    expect(page).to_have_title(re.compile(r"^\(2\)"))
    tones = page.evaluate("window.told.filter((one) => one === 'tone').length")
    assert tones == 2, "two tones, once"


def test_a_full_phone_says_so_and_keeps_what_was_typed(
    town: Town, phone: Browser, shots: Path, tmp_path: Path
) -> None:
    words = "储藏室水管滴水"
    page = phone.open()
    # The disk is the browser's; a full one answers every write like this.
    page.add_init_script(
        """
        const put = IDBObjectStore.prototype.put;
        IDBObjectStore.prototype.put = function (...what) {
          if (window.full) throw new DOMException("full", "QuotaExceededError");
          return put.apply(this, what);
        };
        """
    )
    sign_in(page, town, "grid_worker")
    kept_for_cold(page)
    page.evaluate("window.full = true")
    report(page, words, picture(tmp_path / "drip.jpg", (2000, 1500)))
    expect(page.get_by_text(re.compile("手机存储已满,这一条没有存下"))).to_be_visible()
    expect(page.get_by_label("什么事?")).to_have_value(words)
    expect(page.get_by_alt_text("照片 1")).to_be_visible()
    expect(page.get_by_text("已存在手机里")).to_have_count(0)
    page.screenshot(path=str(shots / "field-full.png"), full_page=True)
    assert reported(town, words) == []
    page.evaluate("window.full = false")
    page.get_by_role("button", name="提交").click()
    for _ in range(300):  # "all sent" was true of the empty outbox before, too
        if reported(town, words):
            break
        page.wait_for_timeout(100)
    expect(page.get_by_text("已连接 · 全部已发送")).to_be_visible()
    (arrived,) = reported(town, words)
    assert arrived.endswith(" 1")


@pytest.mark.parametrize(
    "size", [{"width": 360, "height": 740}, {"width": 1280, "height": 800}]
)
def test_nothing_sticks_out_in_any_language_or_size(
    town: Town, phone: Browser, shots: Path, size: dict[str, int]
) -> None:
    phone.size = size
    page = phone.open()
    sign_in(page, town, "grid_worker")
    page.locator(".tabs a.mine").click()
    page.get_by_role("button", name="English").click()
    page.get_by_label("Large type").check()
    for name in ("Tasks", "Report", "Mine"):
        page.get_by_role("link", name=name).click()
        page.wait_for_timeout(200)
        page.screenshot(
            path=str(shots / f"field-en-{size['width']}-{name}.png"), full_page=True
        )
        # A phone widens its window for what sticks out: compare with the size asked for.
        wide = page.evaluate("Math.max(document.documentElement.scrollWidth, innerWidth)")
        assert wide <= size["width"], name
        small = page.evaluate(
            """
            [...document.querySelectorAll("main button, main a, nav a, main input, main select")]
              .filter((one) => one.offsetParent && !one.classList.contains("away"))
              .map((one) => [one.innerText,
                (one.closest("label") ?? one).getBoundingClientRect().height])
              .filter(([, height]) => height < 40)
            """
        )
        assert small == [], name
    assert not re.search("[一-鿿]", page.locator(".tabs").inner_text())


def test_what_has_grown_old_is_confirmed_at_the_door_without_a_network(
    town: Town, phone: Browser, shots: Path
) -> None:
    async def years_later(tx: Tx) -> None:
        for table in ("people_household", "people_resident"):
            await tx._connection.execute(  # pyright: ignore[reportPrivateUsage]
                f"update {table} set confirmed_on = date '2024-01-01'"
            )

    town.change(years_later)
    page = phone.open()
    sign_in(page, town, "part_time_worker")
    kept_for_cold(page)
    page.get_by_role("link", name=re.compile("上门顺便核实")).click()
    enter_pin(page)
    enter_pin(page)
    expect(page.get_by_role("link", name=re.compile("1幢1单元"))).to_be_visible()
    page.goto(page.url.split("#")[0] + "#tasks")
    cut(phone, town)
    page.reload()
    page.get_by_role("link", name=re.compile("上门顺便核实")).click()
    enter_pin(page)
    page.get_by_role("link", name=re.compile("1幢1单元")).click()
    doors = page.locator("wg-stale article")
    expect(doors).to_have_count(2)
    page.screenshot(path=str(shots / "stale.png"))
    doors.first.get_by_role("link", name="有变化,去更正").click()
    expect(page.get_by_text("更正要有网络")).to_be_visible()
    doors.first.get_by_role("button", name="没变").click()
    expect(doors).to_have_count(1)
    back(phone, town)

    def confirmed() -> list[int]:
        return town.ask(
            int, "select count(*) from people_household where confirmed_on > '2024-01-01'"
        )

    expect(page.locator("wg-status")).not_to_contain_text("待发送")
    assert confirmed() == [1]
    page.reload()
    enter_pin(page)
    expect(doors).to_have_count(1)
