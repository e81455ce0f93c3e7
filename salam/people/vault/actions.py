"""Sealing contact data. Only `people` and `access` may import this (a contract says so)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.conf import settings

from salam.core.bulk import copy_rows
from salam.people.vault.cipher import Cipher
from salam.people.vault.enums import VaultKind
from salam.people.vault.keys import VaultKeyMissing, has_key_file, key_ring, make_key_file
from salam.people.vault.models import VaultEntry
from salam.people.vault.queries import current_cipher, is_empty, sample_entry_opens

_COLUMNS = ("person_id", "kind", "ciphertext", "key_number", "lookup")


@dataclass(frozen=True)
class VaultInput:
    """One normalised value to seal (E.164 phone, ten-digit national ID)."""

    person_id: int
    kind: VaultKind
    value: str = field(repr=False)


def ensure_key() -> bool:
    """Make the key file on first use; returns whether one was made.

    Raises VaultKeyMissing when the vault already holds entries (a new key would lock them away for
    ever), VaultEntryDamaged when the key at hand is not the one they were sealed with, and
    VaultKeyOutOfReach where the folder of the key is closed to us.
    """
    path = settings.SALAM_VAULT_KEY_FILE.resolve()
    if has_key_file(path=path):
        key_ring()
        sample_entry_opens()
        return False
    if not is_empty():
        raise VaultKeyMissing(path)
    try:
        make_key_file(path=path)
    except FileExistsError:
        return False  # another process was first
    return True


def store_entries(*, entries: Iterable[VaultInput]) -> None:
    """Seal new values in the caller's transaction, by COPY."""
    copy_rows(model=VaultEntry, columns=_COLUMNS, rows=_sealed(entries, current_cipher()))


def replace_entry(*, entry: VaultInput) -> None:
    """Seal a value in place of the one of the same kind, if there is one."""
    cipher = current_cipher()
    VaultEntry.objects.update_or_create(
        person_id=entry.person_id,
        kind=entry.kind,
        defaults={
            "ciphertext": cipher.seal(
                person_id=entry.person_id, kind=entry.kind, value=entry.value
            ),
            "key_number": cipher.key_number,
            "lookup": _lookup(entry, cipher),
        },
    )


def erase_entries(*, person_id: int) -> int:
    """Delete all contact data of a person; returns how many entries went."""
    deleted, _ = VaultEntry.objects.filter(person_id=person_id).delete()
    return deleted


def _sealed(entries: Iterable[VaultInput], cipher: Cipher) -> Iterator[tuple[object, ...]]:
    for entry in entries:
        yield (
            entry.person_id,
            entry.kind.value,
            cipher.seal(person_id=entry.person_id, kind=entry.kind, value=entry.value),
            cipher.key_number,
            _lookup(entry, cipher),
        )


def _lookup(entry: VaultInput, cipher: Cipher) -> bytes | None:
    # An address is never searched for.
    if entry.kind is VaultKind.ADDRESS:
        return None
    return cipher.lookup(kind=entry.kind, value=entry.value)
