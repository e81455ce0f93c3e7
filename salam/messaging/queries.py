"""What was sent to whom and when; how delivery stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, Sum

from salam.messaging.enums import OPEN_STATUSES, MessageStatus
from salam.messaging.models import Message, PartCount
from salam.people.queries import records_of_person


@dataclass(frozen=True)
class DeliveryState:
    """How delivery stands, for `salam check`."""

    waiting: int
    failed: int
    unsure: int
    """Messages that may have come more than once, after a kill or an answer that got lost."""


@dataclass(frozen=True)
class Cost:
    """What a gateway took of one template."""

    gateway: str
    template: str
    messages: int
    parts: int


def delivery_state() -> DeliveryState:
    """Messages that wait, those that did not arrive, and those that may have come twice."""
    counts = Message.objects.aggregate(
        waiting=Count("id", filter=Q(status__in=OPEN_STATUSES)),
        failed=Count("id", filter=Q(status=MessageStatus.FAILED)),
        unsure=Count("id", filter=Q(unsure_count__gt=0)),
    )
    return DeliveryState(counts["waiting"], counts["failed"], counts["unsure"])


def costs_since(*, since: date) -> Sequence[Cost]:
    """Messages and parts by gateway and template from a day on, the dearest first."""
    rows = (
        PartCount.objects.filter(day__gte=since)
        .values_list("gateway", "template")
        .annotate(messages=Sum("message_count"), parts=Sum("part_count"))
        .order_by("-parts", "gateway", "template")
    )
    return [Cost(*row) for row in rows]


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
