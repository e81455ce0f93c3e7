from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Gender(models.TextChoices):
    """Asked only because some posts are lawfully restricted; never shown, never counted."""

    FEMALE = "female", _("زن")
    MALE = "male", _("مرد")
    UNSTATED = "unstated", _("نگفته")


class VolunteerStatus(models.TextChoices):
    INVITED = "invited", _("دعوت‌شده")
    ACTIVE = "active", _("فعال")
    PAUSED = "paused", _("در استراحت")
    WITHDRAWN = "withdrawn", _("انصراف داده")


class RegistrationChannel(models.TextChoices):
    ONLINE = "online", _("برخط")
    CLERK = "clerk", _("حضوری در مرکز")
    FILE = "file", _("پروندهٔ موجود")
    DEMO = "demo", _("ساختگی برای نمایش")


class PlaceOfService(models.TextChoices):
    CENTRES = "centres", _("مراکز سازمان")
    OWN_WORKPLACE = "own_workplace", _("محل کار خودم")
    EITHER = "either", _("هر دو")


class ConsentPurpose(models.TextChoices):
    MATCHING = "matching", _("پیشنهاد گرفتن برای خدمت")
    MESSAGES = "messages", _("پیام گرفتن")
    CONTACT = "contact", _("دادن شماره به مؤسسهٔ واسط پس از پذیرش")
    GUARDIAN = "guardian", _("رضایت سرپرست")


class CredentialKind(models.TextChoices):
    VETTING = "vetting", _("تأیید صلاحیت")


class VettingTier(models.IntegerChoices):
    """How far a person has been vetted; each tier includes those below it."""

    NONE = 0, _("بدون تأیید")
    CONTACT = 1, _("تماس با مردم")
    UNSUPERVISED = 2, _("خدمت بدون همراه")
    PERSONAL_CARE = 3, _("مراقبت و نوزادان")


class Readiness(models.TextChoices):
    READY = "ready", _("آماده")
    IN_TRAINING = "in_training", _("در آموزش")
    RESTING = "resting", _("در استراحت")
