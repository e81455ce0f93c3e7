"""Encryption and keyed hashes of single values."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils.translation import gettext as _

from salam.core.errors import DomainError
from salam.people.vault.enums import VaultKind
from salam.people.vault.keys import KeyRing

# NIST SP 800-38D, 8.3: with random nonces of 96 bits a key may seal 2³² values. 300,000 people with
# a few values each are far below.
_NONCE_BYTES = 12


class VaultEntryDamaged(DomainError):
    code = "vault_entry_damaged"

    def __init__(self) -> None:
        super().__init__(_("این اطلاعات تماس با کلیدهای این سامانه باز نمی‌شود."))


class Cipher:
    """Seals and opens values, each bound to its person and kind, so that rows cannot be swapped."""

    def __init__(self, ring: KeyRing) -> None:
        self.key_number = ring.current_number
        self._ciphers = {number: AESGCM(key) for number, key in ring.encryption.items()}
        self._lookup_key = ring.lookup

    def seal(self, *, person_id: int, kind: VaultKind, value: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._ciphers[self.key_number].encrypt(
            nonce,
            value.encode(),
            _binding(person_id, kind),
        )
        return nonce + sealed

    def open(self, *, person_id: int, kind: VaultKind, key_number: int, ciphertext: bytes) -> str:
        """Raises VaultEntryDamaged: wrong key, changed bytes, or a row put under another person."""
        try:
            return (
                self._ciphers[key_number]
                .decrypt(
                    ciphertext[:_NONCE_BYTES],
                    ciphertext[_NONCE_BYTES:],
                    _binding(person_id, kind),
                )
                .decode()
            )
        except (KeyError, ValueError, InvalidTag):
            # A missing key, bytes cut off, or anything else than what was sealed.
            raise VaultEntryDamaged from None

    def lookup(self, *, kind: VaultKind, value: str) -> bytes:
        """The hash by which a value is found again; different kinds never collide."""
        message = f"{kind.value}:{value}".encode()
        return hmac.digest(self._lookup_key, message, hashlib.sha256)


def _binding(person_id: int, kind: VaultKind) -> bytes:
    return f"{person_id}:{kind.value}".encode()
