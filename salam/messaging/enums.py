from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    SMS = "sms", _("پیامک")


class MessageStatus(models.TextChoices):
    QUEUED = "queued", _("در صف")
    SENDING = "sending", _("در حال فرستادن")
    SENT = "sent", _("فرستاده‌شده")
    DELIVERED = "delivered", _("رسیده")
    FAILED = "failed", _("نرسیده")
    UNDELIVERABLE = "undeliverable", _("نفرستاده")


# What a worker may still take up.
OPEN_STATUSES = (MessageStatus.QUEUED, MessageStatus.SENDING)
# What a gateway took.
SENT_STATUSES = (MessageStatus.SENT, MessageStatus.DELIVERED)
