"""Contact data, encrypted, apart from all else. Only people writes here; only access opens."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from salam.people.vault.enums import VaultKind


class VaultEntry(models.Model):
    """One encrypted value of one person, found again by a keyed hash."""

    person = models.ForeignKey("people.Person", models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=VaultKind.choices)
    ciphertext = models.BinaryField(
        db_comment="nonce and AES-256-GCM text; bound to person and kind",
    )
    key_number = models.PositiveSmallIntegerField(db_comment="which key of the key file")
    lookup = models.BinaryField(null=True, db_comment="HMAC-SHA-256 of the normalised value")

    class Meta:
        indexes = [models.Index(fields=["lookup", "kind"], name="vault_lookup")]
        constraints = [
            models.UniqueConstraint(name="vault_one_a_kind", fields=["person", "kind"]),
            # One person, one record. A phone may be shared by a family.
            models.UniqueConstraint(
                name="vault_identifier_once",
                fields=["lookup"],
                condition=Q(kind__in=["national_id", "other_id"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.person_id}"
