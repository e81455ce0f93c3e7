"""Handing messages to the gateway: at least once, a bounded number of times.

Three steps that a kill may part: a worker claims messages in a short transaction, asks for each
number and hands over outside any transaction (a gateway may take seconds, and no row stays locked
for it), then writes down how it went. Killed in between, a message stays "sending"; after
``LOST_AFTER`` it is claimed again. It may then reach somebody twice: a message that nobody got is
worse than one that came twice. Each message is marked just before the gateway is asked, so that
one kill leaves one message in doubt at most, and ``unsure_count`` says which.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F, Q, QuerySet

from salam.access.actions import contact_for_delivery
from salam.core.dates import local_day
from salam.messaging.actions.counting import count_parts
from salam.messaging.enums import OPEN_STATUSES, MessageStatus
from salam.messaging.gateways import Gateway, GatewayFailed, ReportingGateway, chosen_gateway
from salam.messaging.hours import is_quiet
from salam.messaging.models import Message
from salam.messaging.parts import sms_parts
from salam.messaging.registry import all_templates, render, template_of
from salam.people.enums import ConsentPurpose
from salam.people.queries import last_word_by_purpose, records_of_person

# What one call may claim: at ANSWER_SECONDS_MAX each it is done before any of it counts as lost.
BATCH_MAX: Final = 20
LOST_AFTER: Final = timedelta(minutes=5)
# How long after the first, second … attempt the next one comes; then the message has failed.
RETRY_AFTER: Final = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
)
ATTEMPTS_MAX: Final = len(RETRY_AFTER) + 1

# A provider knows what became of a message soon after it took it.
REPORT_AFTER: Final = timedelta(minutes=2)

_CLAIMED: Final = (
    "status",
    "attempts",
    "claimed_at",
    "handed_at",
    "unsure_count",
    "due_at",
    "gateway",
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Outcome:
    status: MessageStatus
    error_code: str = ""
    reference: str = ""
    is_unsure: bool = False
    parts: int = 0


def deliver_waiting(*, now: datetime, limit: int = BATCH_MAX) -> int:
    """Hand over what is due, oldest first; returns how many messages were taken up.

    Takes at most BATCH_MAX at a time. Nobody's actor is asked: the system delivers by itself what
    the rooms queued. Raises RuntimeError inside a transaction, a mistake in the program.
    """
    gateway = chosen_gateway()
    claimed = _claim(gateway, now, min(limit, BATCH_MAX))
    for message in claimed:
        outcome = _handed_over(message, gateway, now)
        if outcome is not None:
            _settle(message, outcome, gateway=gateway, now=now)
    return len(claimed)


def _claim(gateway: Gateway, now: datetime, limit: int) -> list[Message]:
    """Messages that are ours for LOST_AFTER; other workers pass over rows that are locked."""
    with transaction.atomic(durable=True):
        due = list(
            Message.objects.select_for_update(skip_locked=True)
            .filter(_may_go(gateway, now), status__in=OPEN_STATUSES, due_at__lte=now)
            .order_by("due_at", "id")[:limit],
        )
        for message in due:
            # Still "sending" means lost; in doubt is only what a gateway was being asked about.
            if message.handed_at is not None and message.status == MessageStatus.SENDING:
                message.unsure_count += 1
            message.handed_at = None
        # A worker died over each of its attempts: it may well be the message that kills.
        given_up = [message for message in due if message.attempts >= ATTEMPTS_MAX]
        for message in given_up:
            message.status = MessageStatus.FAILED
            message.error_code = "lost"
        Message.objects.bulk_update(given_up, ["status", "error_code", "unsure_count"])
        claimed = [message for message in due if message.attempts < ATTEMPTS_MAX]
        for message in claimed:
            message.status = MessageStatus.SENDING
            message.attempts += 1
            message.claimed_at = now
            message.due_at = now + LOST_AFTER
            message.gateway = gateway.name
        Message.objects.bulk_update(claimed, _CLAIMED)
    return claimed


def _may_go(gateway: Gateway, now: datetime) -> Q:
    """In quiet hours urgent templates alone; a file wakes nobody."""
    quiet = is_quiet(hours=settings.SALAM_QUIET_HOURS, now=now)
    if not (quiet and gateway.reaches_people):
        return Q()
    return Q(template__in=[one.code for one in all_templates() if one.is_urgent])


def _wants_none(person_id: int) -> bool:
    """Whether the person took back the consent to messages, perhaps after this one was queued.

    By person, not by number: families share one, and others of the family still want theirs.
    """
    agreed = last_word_by_purpose(person_ids=records_of_person(person_id=person_id))
    return not agreed.get(ConsentPurpose.MESSAGES, True)


def _handed_over(message: Message, gateway: Gateway, now: datetime) -> _Outcome | None:
    """Number and text live in this function alone, and leave it through the gateway only.

    None when the message has meanwhile become another worker's.
    """
    is_asked = False
    try:
        template = template_of(code=message.template)
        if _wants_none(message.person_id):
            return _Outcome(MessageStatus.UNDELIVERABLE, "stopped")
        phone = contact_for_delivery(
            person_id=message.person_id,
            purpose=template.purpose,
            day=local_day(now),
            reaches_people=gateway.reaches_people,
        )
        if phone is None:
            return _Outcome(MessageStatus.UNDELIVERABLE, "no_number")
        text = render(template=template, values=message.values)
        if not _ours(message).update(handed_at=now):
            return None
        is_asked = True
        receipt = gateway.send(phone=phone, text=text)
    except GatewayFailed as failure:
        return _again_or_failed(message, failure.code, is_unsure=failure.may_have_left)
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001 - one message must not keep all behind it from going
        # Of the error its kind alone: its text may quote what was being sent.
        logger.error("message %s was not handed over: %s", message.pk, type(error).__name__)  # noqa: TRY400
        return _again_or_failed(message, "internal", is_unsure=is_asked)
    return _Outcome(
        MessageStatus.SENT,
        reference=receipt.reference,
        parts=sms_parts(text=text),
    )


def _again_or_failed(message: Message, error_code: str, *, is_unsure: bool) -> _Outcome:
    is_last = message.attempts >= ATTEMPTS_MAX
    status = MessageStatus.FAILED if is_last else MessageStatus.QUEUED
    return _Outcome(status, error_code, is_unsure=is_unsure)


def _ours(message: Message) -> QuerySet[Message]:
    """The row as this attempt claimed it; empty once it was given up as lost and claimed anew."""
    return Message.objects.filter(
        pk=message.pk,
        status=MessageStatus.SENDING,
        attempts=message.attempts,
    )


def _settle(message: Message, outcome: _Outcome, *, gateway: Gateway, now: datetime) -> None:
    """Write down how it went, unless the message has meanwhile become another worker's."""
    changes: dict[str, object] = {
        "status": outcome.status,
        "error_code": outcome.error_code,
        "gateway_reference": outcome.reference,
    }
    if outcome.status == MessageStatus.SENT:
        is_reported = isinstance(gateway, ReportingGateway) and outcome.reference
        changes |= {"sent_at": now, "report_due_at": now + REPORT_AFTER if is_reported else None}
    elif outcome.status == MessageStatus.QUEUED:
        changes |= {"due_at": now + RETRY_AFTER[message.attempts - 1]}
    if outcome.is_unsure:
        changes |= {"unsure_count": F("unsure_count") + 1}
    with transaction.atomic():
        _ours(message).update(**changes)
        if outcome.status == MessageStatus.SENT:
            # Also a late answer was paid for.
            count_parts(
                day=local_day(now),
                gateway=gateway.name,
                template=message.template,
                parts=outcome.parts,
            )
    logger.info("message %s: %s %s", message.pk, outcome.status.value, outcome.error_code)
