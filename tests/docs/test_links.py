"""Every relative link in README and docs leads somewhere, and every page is linked from somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?P<to>[^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.M | re.S)


def slug(heading: str) -> str:
    """How the usual renderers name a heading's anchor."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower().replace("`", ""))
    return kept.replace(" ", "-")


def links(text: str) -> Iterator[str]:
    for found in LINK.finditer(FENCE.sub("", text)):
        if not re.match(r"[a-z]+:", found["to"]):
            yield found["to"]


def broken(page: Path, text: str) -> list[str]:
    """Links of a page that lead nowhere."""
    wrong: list[str] = []
    for link in links(text):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists():
            wrong.append(link)
        elif anchor and target.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.M)
            if anchor not in {slug(heading) for heading in headings}:
                wrong.append(link)
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    assert broken(page, page.read_text(encoding="utf-8")) == []


def test_a_link_that_leads_nowhere_is_found() -> None:
    page = ROOT / "docs" / "README.md"
    text = "[a](nowhere.md) [b](../README.md#no-such-part) [c](../LICENSE) [d](https://e.cn)"
    assert broken(page, text) == ["nowhere.md", "../README.md#no-such-part"]


def test_every_page_of_docs_is_linked_from_another() -> None:
    linked = {
        (page.parent / link.partition("#")[0]).resolve()
        for page in PAGES
        for link in links(page.read_text(encoding="utf-8"))
    }
    pages = [page for page in PAGES if page.parent != ROOT]
    assert [str(page.relative_to(ROOT)) for page in pages if page not in linked] == []
