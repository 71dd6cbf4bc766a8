"""A resident's way: a code on the door, a few words, a number to ask by."""

import re
from pathlib import Path

from browsing import Browser, Town, picture

import small_town

RECEIPT = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")
UNIT = small_town.unit_id("1-1-1")
CONTACT = small_town.phone_of(8888)
WORDS = "三楼楼道水管漏水,住户甲居民让我来说"


def test_a_resident_reports_by_the_code_on_the_door(
    town: Town, phone: Browser, shots: Path, tmp_path: Path
) -> None:
    phone.options["java_script_enabled"] = False
    page = phone.open()
    page.goto(f"{town.url}/r/{UNIT.hex}")
    assert page.get_by_text("杏花苑 1幢1单元").is_visible()
    for line in ("110", "119", "120"):
        assert page.locator(f"a[href='tel:{line}']").is_visible()
    page.screenshot(path=str(shots / "home-form.png"), full_page=True)
    page.get_by_label("管道破裂").check(force=True)
    page.get_by_label("写一两句").fill(WORDS)
    page.get_by_label("照片").set_input_files(str(picture(tmp_path / "leak.jpg")))
    page.get_by_label("电话(可不填)").fill(CONTACT)
    page.get_by_label("我是替别人反映").check()
    page.get_by_role("button", name="提交").click()

    page.wait_for_url("**/receipt/**")
    page.screenshot(path=str(shots / "home-receipt.png"), full_page=True)
    receipt = page.locator(".home-number strong").inner_text()
    assert RECEIPT.fullmatch(receipt)
    assert page.get_by_text("收到了,谢谢您").is_visible()
    shown = page.content()
    for secret in (CONTACT, CONTACT[-4:], "甲居民", "漏水", "周测试", "1幢1单元", str(UNIT)):
        assert secret not in shown, secret
    (place,) = town.ask(
        str,
        """
        select c.place || '|' || c.channel || '|' || c.class_code || '|' || c.contact_mask || '|'
               || (select count(*) from cases_photo p where p.case_id = c.id)
               || '|' || (c.unit_id = :unit)::text || '|' || c.words
          from cases_case c where c.receipt = :receipt
        """,
        receipt=receipt,
        unit=UNIT,
    )
    assert place == (f"杏花苑 1幢1单元|resident|E0401|199****8888|1|true|{WORDS}(代他人反映)")


def test_what_was_written_is_still_there_when_something_is_wrong(
    town: Town, phone: Browser, shots: Path
) -> None:
    page = phone.open()
    page.goto(f"{town.url}/r")
    page.get_by_label("写一两句").fill("楼下有人占道")
    page.get_by_label("电话(可不填)").fill("12")
    page.get_by_label("社区(村)").select_option(label="杏花社区")
    page.get_by_role("button", name="提交").click()
    assert "电话位数不对" in page.get_by_role("alert").inner_text()
    page.screenshot(path=str(shots / "home-wrong.png"), full_page=True)
    assert page.get_by_label("写一两句").input_value() == "楼下有人占道"
    assert page.get_by_label("社区(村)").input_value() == small_town.XINGHUA
    page.get_by_label("电话(可不填)").fill("")
    page.get_by_role("button", name="提交").click()
    page.wait_for_url("**/receipt/**")

    receipt = page.locator(".home-number strong").inner_text()
    page.goto(f"{town.url}/receipt")
    page.get_by_label("回执编号").fill(receipt.lower().replace("-", " "))
    page.get_by_role("button", name="查看").click()
    page.wait_for_url(f"**/receipt/{receipt}")
    assert page.locator("[aria-current=step]").inner_text().startswith("上报")
    page.screenshot(path=str(shots / "home-state.png"), full_page=True)
    page.goto(f"{town.url}/receipt/0000-0000-0000")
    assert "没有找到这个编号" in page.get_by_role("alert").inner_text()


def test_an_office_prints_the_codes_of_its_stairwells(
    town: Town, screen: Browser, shots: Path
) -> None:
    page = screen.open()
    assert screen.context is not None
    town.sign_in(screen.context, "community_officer")
    page.goto(f"{town.url}/desk/qr?area={small_town.XINGHUA}")
    assert page.locator(".home-label").count() == 8
    assert page.get_by_text("杏花苑 1幢1单元").is_visible()
    page.screenshot(path=str(shots / "qr-sheet.png"), full_page=True)
    page.pdf(path=str(shots / "qr-sheet.pdf"), prefer_css_page_size=True)
    assert (shots / "qr-sheet.pdf").read_bytes().count(b"/Type /Page\n") == 1
    beyond = page.goto(f"{town.url}/desk/qr?area={small_town.HUAIYIN}")
    assert beyond is not None
    assert beyond.status == 404
