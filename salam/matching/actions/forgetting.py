"""What the room matching holds on a person, and how it forgets."""

from __future__ import annotations

from datetime import datetime

from salam.matching.models import Proposal, VolunteerWord
from salam.people.queries import records_of_person


def forget(person_id: int, now: datetime) -> None:
    """Drop the person's proposals, plans for the future and not records of service, and the word.

    A run keeps the id of who started it, which is nobody once the person is forgotten.
    """
    del now
    records = records_of_person(person_id=person_id)
    Proposal.objects.filter(person_id__in=records).delete()
    VolunteerWord.objects.filter(person_id__in=records).delete()
