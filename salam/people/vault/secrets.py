"""Sealing what is no contact data but must not lie open either: sessions, second factors.

Each purpose has keys of its own, derived (HKDF-SHA-256, RFC 5869) from the encryption keys of the
key file: what is sealed for one purpose does not open for another, and a copy of the database
alone opens nothing. Only `access` hands this on (a contract says so).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from salam.people.vault.cipher import VaultEntryDamaged
from salam.people.vault.keys import key_ring

_NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32
_NUMBER_BYTES: Final = 2


def seal(*, purpose: str, plain: bytes) -> bytes:
    """Key number, nonce and AES-256-GCM text. Raises VaultKeyMissing."""
    ring = key_ring()
    number = ring.current_number.to_bytes(_NUMBER_BYTES)
    nonce = secrets.token_bytes(_NONCE_BYTES)
    cipher = AESGCM(_derived(ring.encryption[ring.current_number], purpose))
    return number + nonce + cipher.encrypt(nonce, plain, purpose.encode())


def unseal(*, purpose: str, sealed: bytes) -> bytes:
    """What was sealed for the same purpose. Raises VaultEntryDamaged, VaultKeyMissing."""
    number = int.from_bytes(sealed[:_NUMBER_BYTES])
    nonce = sealed[_NUMBER_BYTES : _NUMBER_BYTES + _NONCE_BYTES]
    try:
        cipher = AESGCM(_derived(key_ring().encryption[number], purpose))
        return cipher.decrypt(nonce, sealed[_NUMBER_BYTES + _NONCE_BYTES :], purpose.encode())
    except (KeyError, ValueError, InvalidTag):
        raise VaultEntryDamaged from None


def digest(*, purpose: str, text: str) -> str:
    """A keyed hash (HMAC-SHA-256, hexadecimal) for comparing without keeping the text."""
    key = _derived(key_ring().lookup, purpose)
    return hmac.digest(key, text.encode(), hashlib.sha256).hex()


@lru_cache(maxsize=32)
def _derived(key: bytes, purpose: str) -> bytes:
    kdf = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=f"salam {purpose}".encode())
    return kdf.derive(key)
