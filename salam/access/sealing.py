"""The vault's keys for what lies outside the vault: sessions, second factors, keys of limits.

Rooms above may not touch the vault (a contract); through here they seal without holding a key.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from enum import StrEnum

from salam.people.vault import secrets


class Purpose(StrEnum):
    SESSION = "session"
    SECOND_FACTOR = "second_factor"
    LOGIN_CODE = "login_code"
    LIMIT = "limit"


def seal_bytes(purpose: Purpose, plain: bytes) -> bytes:
    """Encrypt under the key of this purpose. Raises VaultKeyMissing."""
    return secrets.seal(purpose=purpose, plain=plain)


def open_bytes(purpose: Purpose, sealed: bytes) -> bytes:
    """Raises VaultEntryDamaged for anything that was not sealed for this purpose."""
    return secrets.unseal(purpose=purpose, sealed=sealed)


def seal_text(purpose: Purpose, plain: str) -> str:
    """Encrypt a text into a text."""
    return urlsafe_b64encode(seal_bytes(purpose, plain.encode())).decode("ascii")


def open_text(purpose: Purpose, sealed: str) -> str:
    """The text that :func:`seal_text` sealed. Raises VaultEntryDamaged."""
    return open_bytes(purpose, urlsafe_b64decode(sealed)).decode()


def digest(purpose: Purpose, text: str) -> str:
    """A keyed hash: equal texts are recognised, and nobody without the key can try texts out."""
    return secrets.digest(purpose=purpose, text=text)
