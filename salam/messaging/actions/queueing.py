"""Asking for messages: rows in the caller's transaction, delivered after it commits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from django.db import connection

from salam.core.bulk import OutsideTransaction, copy_rows
from salam.core.jobs import ask_after_commit
from salam.messaging.enums import Channel, MessageStatus
from salam.messaging.models import Message
from salam.messaging.registry import MessageTemplate, MessageValue, check_values, template_of

DELIVERY_TASK: Final = "messaging.deliver_messages"

# COPY knows no defaults of the model, so every column that must hold something is named.
_COLUMNS: Final = (
    "person_id",
    "template",
    "values",
    "purpose",
    "channel",
    "status",
    "attempts",
    "queued_at",
    "due_at",
    "gateway",
    "gateway_reference",
    "error_code",
)


def queue_message(
    *,
    person_id: int,
    template: str,
    now: datetime,
    values: Mapping[str, MessageValue] | None = None,
) -> Message:
    """Write one message in the caller's transaction; it goes out after the commit.

    ``template`` is the code of a registered template, ``values`` exactly what that declares. For
    the action of the room that speaks: who may do what was asked there, and its Event is the
    audit. Raises TemplateUnknown, ValueError and OutsideTransaction, all mistakes in the program.
    """
    known = _checked(template, values or {})
    message = Message.objects.create(
        person_id=person_id,
        template=known.code,
        values=dict(values or {}),
        purpose=known.purpose,
        queued_at=now,
        due_at=now,
    )
    ask_after_commit(task=DELIVERY_TASK)
    return message


def queue_messages(
    *,
    person_ids: Iterable[int],
    template: str,
    now: datetime,
    values: Mapping[str, MessageValue] | None = None,
) -> int:
    """Write the same message for many people by COPY; returns for how many.

    Otherwise as :func:`queue_message`; also raises IntegrityError for somebody unknown.
    """
    known = _checked(template, values or {})
    rows = [
        (
            person_id,
            known.code,
            dict(values or {}),
            known.purpose,
            Channel.SMS.value,
            MessageStatus.QUEUED.value,
            0,
            now,
            now,
            "",
            "",
            "",
        )
        for person_id in person_ids
    ]
    if rows:
        copy_rows(model=Message, columns=_COLUMNS, rows=rows)
        ask_after_commit(task=DELIVERY_TASK)
    return len(rows)


def _checked(code: str, values: Mapping[str, MessageValue]) -> MessageTemplate:
    if not connection.in_atomic_block:
        raise OutsideTransaction("a message belongs to the transaction of what it tells")
    template = template_of(code=code)
    check_values(template=template, values=values)
    return template
