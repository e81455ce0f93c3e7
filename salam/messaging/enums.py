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


class Failure(models.TextChoices):
    """Why a message did not arrive: a word of ours, never what a provider said."""

    UNREACHABLE = "unreachable", _("درگاه در دسترس نبود")
    TIMEOUT = "timeout", _("درگاه به‌موقع پاسخ نداد")
    BROKEN = "broken", _("پاسخ درگاه نیمه‌کاره ماند")
    BUSY = "busy", _("درگاه شلوغ بود")
    ACCOUNT = "account", _("حساب یا خط پیامک پذیرفته نشد")
    CREDIT = "credit", _("اعتبار پیامک تمام شده بود")
    NUMBER = "number", _("شماره پذیرفته نشد")
    REFUSED = "refused", _("درگاه پیام را نپذیرفت")
    NOT_ACCEPTED = "not_accepted", _("درگاه نگفت که پیام را پذیرفته است")
    GARBAGE = "garbage", _("پاسخ درگاه خوانا نبود")
    STORAGE = "storage", _("در پرونده نوشته نشد")
    LOST = "lost", _("کارگر هر بار از کار افتاد")
    INTERNAL = "internal", _("خطایی در خود سامانه بود")
    NOT_REACHED = "not_reached", _("به گوشی نرسید")
    BLOCKED = "blocked", _("گوشی پیام‌های انبوه را نمی‌پذیرد")
    OPERATOR = "operator", _("اپراتور آن را نفرستاد")
    CANCELLED = "cancelled", _("درگاه فرستادن را لغو کرد")
    UNKNOWN_THERE = "unknown_there", _("درگاه این پیام را نمی‌شناسد")


# Whoever closed the telephone to such messages is not written to again.
FINAL_FAILURES = (Failure.BLOCKED,)


class RetryReason(models.TextChoices):
    """Why failed messages are tried again."""

    GATEWAY_MENDED = "gateway_mended", _("درگاه پیامک درست شد")
    CREDIT_FILLED = "credit_filled", _("اعتبار پیامک پر شد")
    ONCE_MORE = "once_more", _("یک بار دیگر می‌آزماییم")
