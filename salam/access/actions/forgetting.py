"""How the room forgets a person: roles, contact grants and logins end, looks stay without the
identity.
"""

from __future__ import annotations

from datetime import datetime

from salam.access.models import ContactGrant, Grant, Login
from salam.access.queries import phone_digests_of
from salam.people.queries import records_of_person


def forget(person_id: int, now: datetime) -> None:
    """Revoke the person's grants, withdraw the contact grants on them, delete the logins.

    With a login go its PIN and second factors, and its sessions end at their next request.
    Disclosures stay: the log of looks cannot be altered, and the person it points at becomes an
    empty shell.
    """
    records = records_of_person(person_id=person_id)
    Grant.objects.filter(person_id__in=records, revoked_at__isnull=True).update(revoked_at=now)
    ContactGrant.objects.filter(person_id__in=records, withdrawn_at__isnull=True).update(
        withdrawn_at=now,
    )
    # This room forgets before people empties the vault, so the phone is still known here.
    Login.objects.filter(phone_digest__in=phone_digests_of(person_id=person_id)).delete()
    Login.objects.filter(person_id__in=records).delete()
