"""Trying again what did not arrive, once whatever was wrong is mended."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from salam.core.actors import Actor, Scope, require
from salam.core.errors import PermissionRefused
from salam.core.events import record_event
from salam.core.jobs import ask_after_commit
from salam.core.verbs import Verb
from salam.messaging.actions.queueing import DELIVERY_TASK
from salam.messaging.enums import FINAL_FAILURES, Failure, MessageStatus, RetryReason
from salam.messaging.models import Message

# A press takes up so many; the rest stays to be seen, and to be pressed for once these arrive.
RETRY_MAX: Final = 10_000


def retry_failed(
    *,
    actor: Actor,
    template: str,
    error_code: str,
    reason: RetryReason,
    now: datetime,
) -> int:
    """Queue failed messages of one text and one reason anew, the oldest first; returns how many.

    Each has all its attempts again, and what may have left before stays marked. At most RETRY_MAX;
    none when somebody else was quicker. Writes one Event. Raises PermissionRefused, also for a
    reason that trying again cannot mend.
    """
    require(actor, Verb.MESSAGE_OPERATE, Scope())
    if error_code not in set(Failure.values) - set(FINAL_FAILURES):
        raise PermissionRefused
    with transaction.atomic():
        failed = Message.objects.select_for_update().filter(
            status=MessageStatus.FAILED,
            template=template,
            error_code=error_code,
        )
        keys = list(failed.order_by("pk").values_list("pk", flat=True)[:RETRY_MAX])
        if not keys:
            return 0
        Message.objects.filter(pk__in=keys).update(
            status=MessageStatus.QUEUED,
            attempts=0,
            due_at=now,
            sent_at=None,
            reported_at=None,
            gateway_reference="",
        )
        record_event(
            kind="messaging.failed_retried",
            subject_type="messaging.Message",
            subject_id=keys[0],
            actor_id=actor.person_id,
            payload={
                "template": template,
                "error_code": error_code,
                "reason": reason.value,
                "message_count": len(keys),
            },
        )
        ask_after_commit(task=DELIVERY_TASK)
    return len(keys)
