"""What the room matching holds on a person, and how it forgets."""

from __future__ import annotations

from datetime import datetime

from salam.matching.models import Proposal
from salam.people.queries import records_of_person


def forget(person_id: int, now: datetime) -> None:
    """Drop the person's proposals: plans for the future, not records of service.

    A run keeps the id of who started it, which is nobody once the person is forgotten.
    """
    del now
    Proposal.objects.filter(person_id__in=records_of_person(person_id=person_id)).delete()
