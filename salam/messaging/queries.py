"""What was sent to whom and when; how delivery stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, Q, Sum
from django.db.models.functions import Coalesce

from salam.core.actors import Actor, Scope, require
from salam.core.errors import PermissionRefused
from salam.core.verbs import Verb
from salam.messaging.enums import FINAL_FAILURES, OPEN_STATUSES, Failure, MessageStatus
from salam.messaging.models import Message, PartCount
from salam.messaging.parts import sms_parts
from salam.messaging.registry import (
    CODE_TEMPLATE,
    MessageTemplate,
    MessageValue,
    all_templates,
    render,
)
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


@dataclass(frozen=True)
class TemplateState:
    """A text as it is sent, and how its messages stand. A one-time code stands in no queue."""

    code: str
    text: str
    parts: int
    waiting: int = 0
    sent: int = 0
    delivered: int = 0
    failed: int = 0
    withheld: int = 0
    unsure: int = 0


@dataclass(frozen=True)
class DeadLetters:
    """Messages of one text that did not arrive for one reason: how many, never whose."""

    template: str
    text: str
    error_code: str
    count: int
    last_at: datetime | None

    @property
    def key(self) -> str:
        return f"{self.template}:{self.error_code}"

    @property
    def may_retry(self) -> bool:
        """Whether trying again can help."""
        return self.error_code in set(Failure.values) - set(FINAL_FAILURES)


def delivery_board(*, actor: Actor) -> Sequence[TemplateState]:
    """Every text that can be sent, by code, and how its messages stand. Raises PermissionRefused.

    What is filled in is an example; codes are no part of the queue.
    """
    require(actor, Verb.MESSAGE_OPERATE, Scope())
    rows = Message.objects.values("template").annotate(
        waiting=Count("id", filter=Q(status__in=OPEN_STATUSES)),
        sent=Count("id", filter=Q(status=MessageStatus.SENT)),
        delivered=Count("id", filter=Q(status=MessageStatus.DELIVERED)),
        failed=Count("id", filter=Q(status=MessageStatus.FAILED)),
        withheld=Count("id", filter=Q(status=MessageStatus.UNDELIVERABLE)),
        unsure=Count("id", filter=Q(unsure_count__gt=0)),
    )
    counts: dict[str, dict[str, Any]] = {
        row["template"]: {key: count for key, count in row.items() if key != "template"}
        for row in rows.order_by()
    }
    texts = {one.code: _example(one) for one in (CODE_TEMPLATE, *all_templates())}
    return [
        TemplateState(code, text, sms_parts(text=text), **counts.get(code, {}))
        for code, text in texts.items()
    ]


def dead_letters(*, actor: Actor) -> Sequence[DeadLetters]:
    """What did not arrive, by text and reason, the most first. Raises PermissionRefused."""
    require(actor, Verb.MESSAGE_OPERATE, Scope())
    rows = (
        Message.objects.filter(status=MessageStatus.FAILED)
        .values_list("template", "error_code")
        .annotate(count=Count("id"), last_at=Max(Coalesce("reported_at", "claimed_at")))
        .order_by("-count", "template", "error_code")
    )
    texts = {one.code: _example(one) for one in all_templates()}
    return [
        DeadLetters(template, texts.get(template, template), error_code, count, last_at)
        for template, error_code, count, last_at in rows
    ]


def dead_letters_of(*, actor: Actor, template: str, error_code: str) -> DeadLetters:
    """Those of one text and reason. Raises PermissionRefused, also where there are none."""
    for one in dead_letters(actor=actor):
        if (one.template, one.error_code) == (template, error_code) and one.may_retry:
            return one
    raise PermissionRefused


def _example(template: MessageTemplate) -> str:
    filler: MessageValue = "------" if template is CODE_TEMPLATE else 12
    return render(template=template, values=dict.fromkeys(template.values, filler))


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
