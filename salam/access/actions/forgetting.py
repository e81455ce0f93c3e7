"""How the room forgets a person: roles and contact grants end, looks stay without the identity."""

from __future__ import annotations

from datetime import datetime

from salam.access.models import ContactGrant, Grant
from salam.people.queries import records_of_person


def forget(person_id: int, now: datetime) -> None:
    """Revoke the person's grants and withdraw the contact grants on them.

    Disclosures stay: the log of looks cannot be altered, and the person it points at becomes an
    empty shell.
    """
    records = records_of_person(person_id=person_id)
    Grant.objects.filter(person_id__in=records, revoked_at__isnull=True).update(revoked_at=now)
    ContactGrant.objects.filter(person_id__in=records, withdrawn_at__isnull=True).update(
        withdrawn_at=now,
    )
