"""Opening and finding. Only `people` and `access` may import this (a contract says so)."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.db import connection
from django.utils.translation import gettext as _

from salam.core.errors import DomainError
from salam.people.vault.cipher import Cipher, VaultEntryDamaged
from salam.people.vault.enums import VaultKind
from salam.people.vault.keys import key_ring
from salam.people.vault.models import VaultEntry


class VaultEntryMissing(DomainError):
    code = "vault_entry_missing"

    def __init__(self) -> None:
        super().__init__(_("این اطلاعات تماس ثبت نشده است."))


def current_cipher() -> Cipher:
    """The cipher of this installation's keys. Raises VaultKeyMissing."""
    return Cipher(key_ring())


def open_entry(*, person_id: int, kind: VaultKind) -> str:
    """The plain value. Raises VaultEntryMissing, VaultEntryDamaged, VaultKeyMissing."""
    entry = VaultEntry.objects.filter(person_id=person_id, kind=kind).first()
    if entry is None:
        raise VaultEntryMissing
    return current_cipher().open(
        person_id=person_id,
        kind=kind,
        key_number=entry.key_number,
        ciphertext=bytes(entry.ciphertext),
    )


def owners_of(*, lookups: Collection[bytes]) -> set[int]:
    """Ids of the people who have one of these keyed hashes: several may share one phone."""
    # One array rather than ten thousand parameters, which PostgreSQL would parse one by one.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT person_id FROM vault_vaultentry WHERE lookup = ANY(%s)",
            [list(lookups)],
        )
        return {row[0] for row in cursor.fetchall()}


def lookups_of(*, person_ids: Collection[int]) -> Iterator[tuple[int, str, bytes]]:
    """Person, kind and keyed hash of all that these people may be found by."""
    entries = VaultEntry.objects.filter(person_id__in=person_ids, lookup__isnull=False)
    for person_id, kind, lookup in entries.order_by("person_id", "kind").values_list(
        "person_id",
        "kind",
        "lookup",
    ):
        if lookup is not None:
            yield person_id, kind, bytes(lookup)


def kinds_held(*, person_ids: Collection[int]) -> list[str]:
    """Which kinds of contact data the vault holds on these records, without opening any."""
    entries = VaultEntry.objects.filter(person_id__in=person_ids)
    return list(entries.order_by("kind").values_list("kind", flat=True).distinct())


def is_empty() -> bool:
    """Whether nothing has been sealed yet: only then may a missing key be made anew."""
    return not VaultEntry.objects.exists()


def sample_entry_opens() -> bool:
    """Whether the keys at hand open and find what the vault holds; true for an empty vault.

    Raises VaultEntryDamaged, VaultKeyMissing.
    """
    entry = VaultEntry.objects.filter(lookup__isnull=False).order_by("id").first()
    if entry is not None and entry.lookup is not None:
        kind = VaultKind(entry.kind)
        value = open_entry(person_id=entry.person_id, kind=kind)
        if current_cipher().lookup(kind=kind, value=value) != bytes(entry.lookup):
            raise VaultEntryDamaged
    return True
