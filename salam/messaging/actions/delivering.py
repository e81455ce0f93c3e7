"""Handing messages to the gateway: at least once, a bounded number of times.

Three steps that a kill may part: a worker claims messages in a short transaction, asks for each
number and hands over outside any transaction (a gateway may take seconds, and no row stays locked
for it), then writes down how it went. Killed in between, a message stays "sending"; after
``LOST_AFTER`` it is claimed again. It may then reach somebody twice: a message that nobody got is
worse than one that came twice.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import DatabaseError, transaction

from salam.access.actions import contact_for_delivery
from salam.core.dates import local_day
from salam.messaging.enums import OPEN_STATUSES, MessageStatus
from salam.messaging.gateways import Gateway, GatewayFailed, chosen_gateway
from salam.messaging.models import Message
from salam.messaging.registry import render, template_of

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

_CLAIMED: Final = ("status", "attempts", "claimed_at", "due_at", "gateway")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Outcome:
    status: MessageStatus
    error_code: str = ""
    reference: str = ""


def deliver_waiting(*, now: datetime, limit: int = BATCH_MAX) -> int:
    """Hand over what is due, oldest first; returns how many messages were taken up.

    Takes at most BATCH_MAX at a time. Nobody's actor is asked: the system delivers by itself what
    the rooms queued. Raises RuntimeError inside a transaction, a mistake in the program.
    """
    gateway = chosen_gateway()
    claimed = _claim(gateway, now, min(limit, BATCH_MAX))
    for message in claimed:
        outcome = _handed_over(message, gateway, now)
        _settle(message, outcome, now)
    return len(claimed)


def _claim(gateway: Gateway, now: datetime, limit: int) -> list[Message]:
    """Messages that are ours for LOST_AFTER; other workers pass over rows that are locked."""
    with transaction.atomic(durable=True):
        due = list(
            Message.objects.select_for_update(skip_locked=True)
            .filter(status__in=OPEN_STATUSES, due_at__lte=now)
            .order_by("due_at", "id")[:limit],
        )
        # A worker died over each of its attempts: it may well be the message that kills.
        Message.objects.filter(
            pk__in=[message.pk for message in due if message.attempts >= ATTEMPTS_MAX],
        ).update(status=MessageStatus.FAILED, error_code="lost")
        claimed = [message for message in due if message.attempts < ATTEMPTS_MAX]
        for message in claimed:
            message.status = MessageStatus.SENDING
            message.attempts += 1
            message.claimed_at = now
            message.due_at = now + LOST_AFTER
            message.gateway = gateway.name
        Message.objects.bulk_update(claimed, _CLAIMED)
    return claimed


def _handed_over(message: Message, gateway: Gateway, now: datetime) -> _Outcome:
    """Number and text live in this function alone, and leave it through the gateway only."""
    try:
        template = template_of(code=message.template)
        phone = contact_for_delivery(
            person_id=message.person_id,
            purpose=template.purpose,
            day=local_day(now),
            reaches_people=gateway.reaches_people,
        )
        if phone is None:
            return _Outcome(MessageStatus.UNDELIVERABLE, "no_number")
        text = render(template=template, values=message.values)
        receipt = gateway.send(phone=phone, text=text)
    except GatewayFailed as failure:
        return _again_or_failed(message, failure.code)
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001 - one message must not keep all behind it from going
        # Of the error its kind alone: its text may quote what was being sent.
        logger.error("message %s was not handed over: %s", message.pk, type(error).__name__)  # noqa: TRY400
        return _again_or_failed(message, "internal")
    return _Outcome(MessageStatus.SENT, reference=receipt.reference)


def _again_or_failed(message: Message, error_code: str) -> _Outcome:
    is_last = message.attempts >= ATTEMPTS_MAX
    return _Outcome(MessageStatus.FAILED if is_last else MessageStatus.QUEUED, error_code)


def _settle(message: Message, outcome: _Outcome, now: datetime) -> None:
    """Write down how it went, unless the message was given up as lost and is another worker's."""
    changes: dict[str, object] = {
        "status": outcome.status,
        "error_code": outcome.error_code,
        "gateway_reference": outcome.reference,
    }
    if outcome.status == MessageStatus.SENT:
        changes |= {"sent_at": now}
    elif outcome.status == MessageStatus.QUEUED:
        changes |= {"due_at": now + RETRY_AFTER[message.attempts - 1]}
    Message.objects.filter(
        pk=message.pk,
        status=MessageStatus.SENDING,
        attempts=message.attempts,
    ).update(**changes)
    logger.info("message %s: %s %s", message.pk, outcome.status.value, outcome.error_code)
