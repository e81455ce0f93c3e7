"""Everything that reaches people: one function per verb, re-exported here."""

from salam.messaging.actions.codes import CodeNotSent, send_code
from salam.messaging.actions.delivering import BATCH_MAX, deliver_waiting
from salam.messaging.actions.forgetting import forget
from salam.messaging.actions.queueing import DELIVERY_TASK, queue_message, queue_messages
from salam.messaging.actions.reporting import collect_reports
from salam.messaging.actions.retrying import retry_failed

__all__ = [
    "BATCH_MAX",
    "DELIVERY_TASK",
    "CodeNotSent",
    "collect_reports",
    "deliver_waiting",
    "forget",
    "queue_message",
    "queue_messages",
    "retry_failed",
    "send_code",
]
