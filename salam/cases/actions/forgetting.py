"""How the room forgets a person."""

from __future__ import annotations

from datetime import datetime

from salam.cases.models import Case
from salam.people.queries import records_of_person


def forget(person_id: int, now: datetime) -> None:
    """Cut the person loose from cases; what they say is about places and stays.

    Moves keep the id of who made them, which is nobody once the person is forgotten.
    """
    del now
    records = records_of_person(person_id=person_id)
    Case.objects.filter(opened_by__in=records).update(opened_by=None)
    Case.objects.filter(assignee__in=records).update(assignee=None)
