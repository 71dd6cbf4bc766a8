"""Letters: what a phone sealed to us alone, and cannot read any more itself.

A report written in a basement lies on a phone until there is a network. It is sealed to the
district's public key as it is handed in, so that whoever finds the phone reads nothing and it leaves
all the same, without a PIN. Integrated encryption after SEC 1 (v2.0, §5.1): ECDH on P-256 with a key
made for this letter, HKDF-SHA256 (RFC 5869), AES-256-GCM. The private key is derived from the
district's vault key, so that a backup that holds the one holds the other.

    1 byte version (1) · 65 bytes public key of the letter (uncompressed) · 12 bytes nonce · text, tag
"""

from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from wangge.kernel.crypto import Vault
from wangge.kernel.refusals import UnknownLetter

VERSION = 1
_POINT, _NONCE, _TAG = 65, 12, 16
#: Bytes that a letter is longer than what is in it.
OVERHEAD = 1 + _POINT + _NONCE + _TAG
#: Order of the group (SEC 2, secp256r1).
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_CURVE = ec.SECP256R1()


@dataclass(frozen=True, slots=True)
class Letterbox:
    """A district's own pair of keys. `address` is the public one, 65 bytes, as phones are told it."""

    _private: ec.EllipticCurvePrivateKey
    address: bytes

    def open(self, letter: bytes, context: str) -> bytes:
        """What is in a letter that was sealed for this context. Raises UnknownLetter."""
        if len(letter) < OVERHEAD or letter[0] != VERSION:
            raise UnknownLetter()
        point = letter[1 : 1 + _POINT]
        nonce = letter[1 + _POINT : 1 + _POINT + _NONCE]
        try:
            sender = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
            shared = self._private.exchange(ec.ECDH(), sender)
            key = _stretched(shared, point + self.address, b"wangge letter 1", 32)
            return AESGCM(key).decrypt(nonce, letter[1 + _POINT + _NONCE :], context.encode())
        except (ValueError, InvalidTag) as wrong:
            raise UnknownLetter() from wrong


def _stretched(secret: bytes, salt: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, purpose).derive(secret)


@lru_cache(maxsize=64)
def letterbox(vault: Vault) -> Letterbox:
    """The letterbox that belongs to a vault: the same for ever, since it follows from its key."""
    # 64 bits more than the order has, so that no key is likelier than another (FIPS 186-5, A.2.1).
    chance = int.from_bytes(_stretched(vault.key, b"", b"wangge letterbox p-256", 40))
    private = ec.derive_private_key(chance % (_ORDER - 1) + 1, _CURVE)
    address = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return Letterbox(private, address)


def of_deed(deed_id: object, by: object) -> str:
    """What a deed's letter is bound to: one deed of one person."""
    return f"deed {deed_id} {by}"


def of_photo(photo_id: object, by: object) -> str:
    """What a photo's letter is bound to."""
    return f"photo {photo_id} {by}"
