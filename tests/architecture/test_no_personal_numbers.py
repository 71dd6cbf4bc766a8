"""No real-looking identity or mobile number stands anywhere in the repository.

Invented people use numbers that cannot be anyone's: mobile 1990000dddd, identity numbers that
begin with 99 (no province has that code). The shape of an identity number, GB 11643-1999: six
digits of area, eight of birth date, three of order, one check character.
"""

from __future__ import annotations

import datetime
import io
import re
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# A letter or digit at either side makes it part of a hash, an id or a longer number.
BEFORE, AFTER = r"(?<![0-9A-Za-z.])", r"(?![0-9A-Za-z])"
IDENTITY = re.compile(BEFORE + r"([1-9]\d{5})(\d{8})\d{3}[\dXx]" + AFTER)
MOBILE = re.compile(BEFORE + r"(?:\+?86[ -]?)?(1[3-9]\d)[ -]?(\d{4})[ -]?(\d{4})" + AFTER)


def is_birth_date(digits: str) -> bool:
    try:
        day = datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return 1880 <= day.year <= 2100


def personal_numbers(text: str) -> Iterator[tuple[int, str]]:
    """Line number and the number itself, for each that could be somebody's."""
    for at, line in enumerate(text.splitlines(), start=1):
        for found in IDENTITY.finditer(line):
            if not found[1].startswith("99") and is_birth_date(found[2]):
                yield at, found[0]
        for found in MOBILE.finditer(line):
            if found[1] + found[2] != "1990000":
                yield at, found[0]


def texts(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """A file's text; for an Office file or other archive, the text of each member."""
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                yield f"{name}!{member}", archive.read(member).decode(errors="replace")
    elif b"\0" not in content[:8000]:
        yield name, content.decode(errors="replace")


def tracked() -> list[str]:
    listed = subprocess.run(
        [
            "git",
            "-c",
            "safe.directory=*",
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return [name for name in listed.stdout.decode().split("\0") if name]


def test_repository_holds_no_personal_number() -> None:
    names = tracked()
    assert "pyproject.toml" in names
    found = [
        f"{where}:{line}: {number}"
        for name in names
        if (ROOT / name).is_file()
        for where, text in texts(name, (ROOT / name).read_bytes())
        for line, number in personal_numbers(text)
    ]
    assert found == []


# Put together here, so that this file itself holds none.
MAN = "110105" + "19491231" + "002"


@pytest.mark.parametrize(
    "number",
    [
        MAN + "X",
        MAN + "x",
        MAN + "7",  # a wrong check character is still close to somebody
        "530102" + "20080229" + "4417",
        "138" + "12345678",
        "138 " + "1234 " + "5678",
        "138-" + "1234-" + "5678",
        "+86" + "138" + "12345678",
        "86 " + "199" + "12345678",
        "1990001" + "0000",
    ],
)
@pytest.mark.parametrize("around", ["{}", "电话{}。", '"{}",', "a={}\n", "\t{};"])
def test_bad_numbers_are_found(number: str, around: str) -> None:
    assert [found for _, found in personal_numbers("第一行\n" + around.format(number))] == [
        number
    ]


@pytest.mark.parametrize(
    "text",
    [
        "990001" + "19491231" + "002X",
        "1990000" + "1234",
        "199 0000 1234",
        "+86 199 0000 1234",
        "530102" + "20081332" + "4417",  # no such date
        "110105" + "001001001" + "001",  # a micro-grid's code of 18 digits
        "f138" + "12345678" + "a",  # inside a hash
        "0.138" + "12345678",
        "1" * 20,
    ],
)
def test_harmless_numbers_pass(text: str) -> None:
    assert list(personal_numbers(text)) == []


def test_line_is_named() -> None:
    assert next(personal_numbers("\n\n" + "138" + "12345678"))[0] == 3


def test_archives_are_opened() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", "<t>" + "138" + "12345678</t>")
    ((where, text),) = texts("roster.xlsx", packed.getvalue())
    assert where == "roster.xlsx!xl/sharedStrings.xml"
    assert list(personal_numbers(text))
