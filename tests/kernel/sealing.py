"""Seals letters as a phone does (`static/field/letters.js`), for tests of whoever opens them."""

import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def sealed(address: bytes, plain: bytes, context: str) -> bytes:
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), address)
    own = ec.generate_private_key(ec.SECP256R1())
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = own.exchange(ec.ECDH(), theirs)
    key = HKDF(hashes.SHA256(), 32, point + address, b"wangge letter 1").derive(shared)
    nonce = os.urandom(12)
    return b"\x01" + point + nonce + AESGCM(key).encrypt(nonce, plain, context.encode())
