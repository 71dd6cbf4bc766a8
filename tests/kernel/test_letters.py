"""Letters: sealed by a phone, opened by the district alone, each for its own deed and person."""

import json
from base64 import b64decode
from pathlib import Path

import pytest
from sealing import sealed

from wangge.kernel.crypto import Vault
from wangge.kernel.letters import OVERHEAD, letterbox, of_deed, of_photo
from wangge.kernel.refusals import UnknownLetter

VAULT = Vault(bytes(range(32)))
PLAIN = "三楼楼道有烟味".encode()


def test_a_letter_that_a_browser_sealed_is_opened() -> None:
    # Written by letters.js; tests/js/letters.test.mjs holds it to the same address.
    told = json.loads((Path(__file__).parents[1] / "js" / "letter.json").read_text())
    box = letterbox(Vault(b64decode(told["vault"])))
    assert box.address == b64decode(told["address"])
    assert box.open(b64decode(told["letter"]), told["context"]).decode() == told["says"]


def test_a_letter_says_nothing_and_is_as_much_longer_as_promised() -> None:
    letter = sealed(letterbox(VAULT).address, PLAIN, of_deed(1, 2))
    assert PLAIN[:6] not in letter
    assert len(letter) == len(PLAIN) + OVERHEAD
    assert letterbox(VAULT).open(letter, of_deed(1, 2)) == PLAIN
    assert letterbox(Vault(VAULT.key)).address == letterbox(VAULT).address, (
        "it follows from the key"
    )


@pytest.mark.parametrize("context", [of_deed(2, 2), of_deed(1, 3), of_photo(1, 2), ""], ids=str)
def test_a_letter_is_one_deed_s_of_one_person(context: str) -> None:
    letter = sealed(letterbox(VAULT).address, PLAIN, of_deed(1, 2))
    with pytest.raises(UnknownLetter):
        letterbox(VAULT).open(letter, context)


@pytest.mark.parametrize("at", [0, 1, 40, 70, 80, -1])
def test_a_changed_letter_is_not_opened(at: int) -> None:
    letter = bytearray(sealed(letterbox(VAULT).address, PLAIN, of_deed(1, 2)))
    letter[at] ^= 1
    with pytest.raises(UnknownLetter):
        letterbox(VAULT).open(bytes(letter), of_deed(1, 2))


@pytest.mark.parametrize("letter", [b"", b"\x01", b"\x01" + bytes(OVERHEAD)])
def test_what_is_no_letter_is_refused(letter: bytes) -> None:
    with pytest.raises(UnknownLetter):
        letterbox(VAULT).open(letter, of_deed(1, 2))


def test_another_district_s_letter_is_not_opened() -> None:
    letter = sealed(letterbox(Vault(bytes(32))).address, PLAIN, of_deed(1, 2))
    with pytest.raises(UnknownLetter):
        letterbox(VAULT).open(letter, of_deed(1, 2))
