"""Field keys under a passphrase: scrypt (RFC 7914) makes the key that seals the key."""

import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from wangge.cli.speak import Sorry

PASSPHRASE_MIN = 12
_SALT = 16
_NONCE = 12


def _key(passphrase: str, salt: bytes) -> bytes:
    # 128 MiB and about half a second for each guess.
    return Scrypt(salt=salt, length=32, n=2**17, r=8, p=1).derive(passphrase.encode())


def seal_key(key: bytes, passphrase: str, schema: str) -> bytes:
    """salt + nonce + sealed key, bound to the district."""
    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    return salt + nonce + AESGCM(_key(passphrase, salt)).encrypt(nonce, key, schema.encode())


def open_key(sealed: bytes, passphrase: str, schema: str) -> bytes:
    """Raises Sorry when the passphrase is another one."""
    salt, nonce = sealed[:_SALT], sealed[_SALT : _SALT + _NONCE]
    try:
        return AESGCM(_key(passphrase, salt)).decrypt(
            nonce, sealed[_SALT + _NONCE :], schema.encode()
        )
    except InvalidTag:
        raise Sorry("备份的口令不对,没有恢复任何东西。") from None


def checked_passphrase(text: str) -> str:
    """Raises Sorry when it is too short to protect anything."""
    if len(text) < PASSPHRASE_MIN:
        raise Sorry("备份口令至少 {least} 个字符。", least=PASSPHRASE_MIN)
    return text


def put_key(folder: Path, schema: str, key: bytes) -> None:
    """Write a district's key where it is looked for (0600). Raises Sorry when another is there."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{schema}.key"
    if path.exists():
        if path.read_bytes() != key:
            raise Sorry("{path} 已有另一把密钥,没有覆盖它。请先移走再恢复。", path=str(path))
        return
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
