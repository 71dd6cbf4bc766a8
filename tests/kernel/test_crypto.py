"""Indexes and marks are the published functions, whatever shortcut computes them."""

import hashlib
import hmac

from wangge.kernel.crypto import Vault

VAULT = Vault(bytes(range(32)))


def test_an_index_is_the_hmac_of_the_value() -> None:
    for plain in ("", "phone:19900000000", "id_number:99000119900101123X", "长" * 200):
        whole = hmac.digest(VAULT.key, b"index\0" + plain.encode(), "sha256")
        assert VAULT.index(plain) == whole[:16]
    assert Vault(bytes(32)).index("a") != VAULT.index("a")


def test_a_mark_is_the_keyed_hash_of_the_word() -> None:
    for word in ("", "n:王青", "d:1-2-301" * 40):
        made = hashlib.blake2b(word.encode(), key=VAULT.key, person=b"mark", digest_size=8)
        assert VAULT.mark(word) == int.from_bytes(made.digest(), "big", signed=True)
    assert Vault(bytes(32)).mark("a") != VAULT.mark("a")
