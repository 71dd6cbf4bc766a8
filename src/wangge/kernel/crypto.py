"""Field encryption: AES-256-GCM, a key of the district's own, and a keyed index for equality.

The key lies in the data folder (0600), not in the database: a stolen dump shows nothing.
"""

import hashlib
import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM


@lru_cache(maxsize=256)
def _cipher(key: bytes) -> AESGCM:
    """Expanding a key costs more than sealing a telephone number with it."""
    return AESGCM(key)


#: Nonces not used yet; asking the system for each costs a third of a sealing.
_nonces: deque[bytes] = deque()
_NONCE_BYTES, _NONCES = 12, 256
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_nonces.clear)  # a nonce is never used by two processes


def _nonce() -> bytes:
    """12 bytes of the system's chance."""
    try:
        return _nonces.popleft()
    except IndexError:
        chance = os.urandom(_NONCE_BYTES * _NONCES)
        last = len(chance) - _NONCE_BYTES
        _nonces.extend(chance[at : at + _NONCE_BYTES] for at in range(0, last, _NONCE_BYTES))
        return chance[last:]


class _Hash(Protocol):
    """What `hashlib` makes, which has no public name."""

    def copy(self) -> "_Hash": ...
    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


@lru_cache(maxsize=256)
def _begun(key: bytes) -> tuple[_Hash, _Hash]:
    """HMAC-SHA256 (RFC 2104) of `index\\0…` as far as it is the same for every value: the inner and
    the outer hash. Going on from copies of them takes a quarter of the time of a whole HMAC."""
    block = key.ljust(64, b"\0")
    inner = hashlib.sha256(block.translate(_INNER) + b"index\0")
    return inner, hashlib.sha256(block.translate(_OUTER))


_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


@lru_cache(maxsize=256)
def _marking(key: bytes) -> "hashlib.blake2b":
    """A keyed hash that has read nothing yet."""
    return hashlib.blake2b(key=key, person=b"mark", digest_size=8)


@dataclass(frozen=True, slots=True)
class Vault:
    """Seals and opens fields. `associated` binds a value to its row, so that it cannot be moved."""

    key: bytes

    def seal(self, plain: str, associated: bytes) -> bytes:
        """nonce (12 bytes) + ciphertext + tag."""
        nonce = _nonce()
        return nonce + _cipher(self.key).encrypt(nonce, plain.encode(), associated)

    def open(self, sealed: bytes, associated: bytes) -> str:
        """Raises cryptography.exceptions.InvalidTag when key, value or row do not match."""
        return _cipher(self.key).decrypt(sealed[:12], sealed[12:], associated).decode()

    def seal_bytes(self, plain: bytes, associated: bytes) -> bytes:
        """A whole file, sealed as `seal` seals a field."""
        nonce = _nonce()
        return nonce + _cipher(self.key).encrypt(nonce, plain, associated)

    def open_bytes(self, sealed: bytes, associated: bytes) -> bytes:
        """Raises cryptography.exceptions.InvalidTag when key, bytes or row do not match."""
        return _cipher(self.key).decrypt(sealed[:12], sealed[12:], associated)

    def index(self, plain: str) -> bytes:
        """Equal values give equal indexes, to whoever has the key (exact match only)."""
        inner, outer = _begun(self.key)
        inner, outer = inner.copy(), outer.copy()
        inner.update(plain.encode())
        outer.update(inner.digest())
        return outer.digest()[:16]

    def marker(self, prefix: str) -> Callable[[str], int]:
        """`mark` of words that begin alike."""
        begun = _marking(self.key).copy()
        begun.update(prefix.encode())

        def mark(rest: str) -> int:
            made = begun.copy()
            made.update(rest.encode())
            return int.from_bytes(made.digest(), "big", signed=True)

        return mark

    def mark(self, word: str) -> int:
        """A word of a search index, as a signed 64-bit number that says nothing without the key."""
        made = _marking(self.key).copy()
        made.update(word.encode())
        return int.from_bytes(made.digest(), "big", signed=True)


def open_vault(folder: Path, schema: str) -> Vault:
    """The district's vault; its key is made at first use."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{schema}.key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return Vault(path.read_bytes())
    with os.fdopen(descriptor, "wb") as file:
        file.write(AESGCM.generate_key(256))
        file.flush()
        os.fsync(file.fileno())
    return Vault(path.read_bytes())


_vaults: dict[str, Vault] = {}


def register_vault(schema: str, vault: Vault) -> None:
    """Let jobs of this process find a district's vault; done when the district is opened."""
    _vaults[schema] = vault


def vault_of(schema: str) -> Vault:
    """The vault of a district that this process has opened. Raises LookupError: a bug."""
    return _vaults[schema]
