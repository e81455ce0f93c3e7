from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class BankKind(models.TextChoices):
    SERVICE_HOURS = "service_hours", _("بانک ساعت‌های خدمت")
    PILOT = "pilot", _("اجرای آزمایشی بانک زمان")


class BankStage(models.TextChoices):
    PREPARING = "preparing", _("در حال آماده‌سازی")
    ACTIVE = "active", _("فعال")
    CLOSED = "closed", _("بسته")


class HolderKind(models.TextChoices):
    PERSON = "person", _("شخص")
    ORGANIZATION = "organization", _("نهاد")
    COMMUNITY_FUND = "community_fund", _("صندوق محله")


class TransferKind(models.TextChoices):
    SERVICE = "service", _("ساعت خدمت")
    REVERSAL = "reversal", _("برگشت")


class ReversalReason(models.TextChoices):
    """Why hours were taken back. Codes only: nobody is described here."""

    WRONG_MINUTES = "wrong_minutes", _("مدت درست ثبت نشده بود")
    WRONG_PERSON = "wrong_person", _("به حساب شخص دیگری ثبت شده بود")
    WRONG_DAY = "wrong_day", _("روز خدمت درست ثبت نشده بود")
    RECORDED_TWICE = "recorded_twice", _("دو بار ثبت شده بود")
    NOT_SERVED = "not_served", _("این خدمت انجام نشده بود")
    DISPUTE_SETTLED = "dispute_settled", _("پس از رسیدگی به اختلاف اصلاح شد")
