"""Asking the provider what became of messages that it took."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from salam.messaging.actions.delivering import REPORT_AFTER
from salam.messaging.enums import MessageStatus
from salam.messaging.gateways import (
    REPORTS_MAX,
    GatewayFailed,
    Report,
    ReportingGateway,
    chosen_gateway,
)
from salam.messaging.models import Message

# A telephone that stays off so long is not waited for any longer; the message stays "sent".
REPORT_WITHIN: Final = timedelta(days=3)

logger = logging.getLogger(__name__)


def collect_reports(*, now: datetime) -> int:
    """Ask about messages whose turn it is, REPORTS_MAX at most; returns about how many.

    The older a message, the rarer it is asked about. A sweep: what dies with a worker is asked
    again, and a report that comes twice changes nothing the second time. Raises RuntimeError inside
    a transaction, since a provider may take seconds.
    """
    gateway = chosen_gateway()
    if not isinstance(gateway, ReportingGateway):
        return 0
    asked = _taken_up(gateway.name, now)
    if not asked:
        return 0
    try:
        reports = gateway.reports(references=[message.gateway_reference for message in asked])
    except GatewayFailed as failure:
        logger.warning("no reports on %s messages: %s", len(asked), failure.code)
        return len(asked)
    for message in asked:
        report = reports.get(message.gateway_reference)
        if report is not None:
            _write_down(message, report, now)
    return len(asked)


def _taken_up(gateway: str, now: datetime) -> Sequence[Message]:
    """Messages to ask about, already put off to their next turn, so that no two workers ask."""
    with transaction.atomic(durable=True):
        due = list(
            Message.objects.select_for_update(skip_locked=True)
            .filter(report_due_at__lte=now, gateway=gateway)
            .order_by("report_due_at", "id")[:REPORTS_MAX],
        )
        for message in due:
            age = now - message.sent_at if message.sent_at else REPORT_WITHIN
            is_over = age >= REPORT_WITHIN
            message.report_due_at = None if is_over else now + max(REPORT_AFTER, age / 2)
        Message.objects.bulk_update(due, ["report_due_at"])
    return due


def _write_down(message: Message, report: Report, now: datetime) -> None:
    status = MessageStatus.DELIVERED if report.is_delivered else MessageStatus.FAILED
    Message.objects.filter(
        pk=message.pk,
        status=MessageStatus.SENT,
        gateway_reference=message.gateway_reference,
    ).update(status=status, error_code=report.code, report_due_at=None, reported_at=now)
    logger.info("message %s: %s %s", message.pk, status.value, report.code)
