from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class OfferStatus(models.TextChoices):
    OPEN = "open", _("در انتظار پاسخ شما")
    ACCEPTED = "accepted", _("پذیرفته")
    DECLINED = "declined", _("نپذیرفته")
    EXPIRED = "expired", _("بی‌پاسخ ماند")
    WITHDRAWN = "withdrawn", _("پس گرفته شد")
    FULFILLED = "fulfilled", _("به پایان رسید")


# An offer in one of these holds its half-day of the person's week and its seat of the line.
LIVE_OFFERS: Final = (OfferStatus.OPEN, OfferStatus.ACCEPTED)
# An offer in one of these was answered with yes, and the yes was not taken back.
SAID_YES: Final = (OfferStatus.ACCEPTED, OfferStatus.FULFILLED)


class DeclineReason(models.TextChoices):
    """Chosen from a list: nobody has to explain a life, and a reason is never held against one."""

    NO_TIME = "no_time", _("این روزها وقت ندارم")
    OTHER_HOUR = "other_hour", _("این نیم‌روز برایم مناسب نیست")
    TOO_FAR = "too_far", _("دور است")
    NOT_FOR_ME = "not_for_me", _("این کار از من برنمی‌آید")
    OTHER = "other", _("دلیل دیگری دارم")
    UNSTATED = "unstated", _("نمی‌خواهم بگویم")


class AssignmentStatus(models.TextChoices):
    ACTIVE = "active", _("در جریان")
    PAUSED = "paused", _("درنگ")
    ENDED = "ended", _("پایان‌یافته")


class EndReason(models.TextChoices):
    """Why an assignment ended: about the post or the person's own wish, never about conduct."""

    COMPLETED = "completed", _("کار به پایان رسید")
    VOLUNTEER_LEFT = "volunteer_left", _("به خواست داوطلب")
    NEED_CLOSED = "need_closed", _("نیاز برطرف شد")
    HOST_ENDED = "host_ended", _("به خواست میزبان")
    CONSENT_WITHDRAWN = "consent_withdrawn", _("رضایت پس گرفته شد")
    HOST_CLOSED = "host_closed", _("میزبان دیگر کار نمی‌کند")
    TERM_OVER = "term_over", _("مدتش تمام شد")


# What the two sides may choose from; the rest are what happened around them.
HOST_END_REASONS: Final = (EndReason.COMPLETED, EndReason.HOST_ENDED, EndReason.NEED_CLOSED)


class SessionStatus(models.TextChoices):
    PLANNED = "planned", _("پیش رو")
    SERVED = "served", _("انجام شد، در انتظار تأیید")
    CONFIRMED = "confirmed", _("ساعت‌ها تأیید شد")
    CANCELLED = "cancelled", _("برگزار نشد")
