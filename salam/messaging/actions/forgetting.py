"""How the room forgets a person: no message stays, sent or not."""

from __future__ import annotations

from datetime import datetime

from salam.messaging.models import Message
from salam.people.queries import records_of_person


def forget(person_id: int, now: datetime) -> None:
    """Delete the person's messages. What was delivered is counted by day, without the person."""
    del now
    Message.objects.filter(person_id__in=records_of_person(person_id=person_id)).delete()
