"""What was sent to whom and when; how delivery stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Q

from salam.messaging.enums import OPEN_STATUSES, MessageStatus
from salam.messaging.models import Message
from salam.people.queries import records_of_person


@dataclass(frozen=True)
class DeliveryState:
    """How delivery stands, for `salam check`."""

    waiting: int
    failed: int


def delivery_state() -> DeliveryState:
    """Messages that wait, and those given up after their last attempt."""
    counts = Message.objects.aggregate(
        waiting=Count("id", filter=Q(status__in=OPEN_STATUSES)),
        failed=Count("id", filter=Q(status=MessageStatus.FAILED)),
    )
    return DeliveryState(counts["waiting"], counts["failed"])


def held_on_person(*, person_id: int) -> Mapping[str, object]:
    """What the room holds on a person, for the person's own export: what was sent when."""
    records = records_of_person(person_id=person_id)
    return {
        "messages": list(
            Message.objects.filter(person_id__in=records)
            .order_by("queued_at", "id")
            .values("template", "values", "purpose", "channel", "status", "queued_at", "sent_at"),
        ),
    }
