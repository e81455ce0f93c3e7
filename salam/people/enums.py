from __future__ import annotations

from django.db import models


class Gender(models.TextChoices):
    """Asked only because some posts are lawfully restricted; never shown, never counted."""

    FEMALE = "female", "زن"
    MALE = "male", "مرد"
    UNSTATED = "unstated", "نگفته"


class VolunteerStatus(models.TextChoices):
    INVITED = "invited", "دعوت‌شده"
    ACTIVE = "active", "فعال"
    PAUSED = "paused", "در استراحت"
    WITHDRAWN = "withdrawn", "انصراف داده"


class RegistrationChannel(models.TextChoices):
    ONLINE = "online", "برخط"
    CLERK = "clerk", "حضوری در مرکز"
    FILE = "file", "پروندهٔ موجود"
    DEMO = "demo", "ساختگی برای نمایش"


class PlaceOfService(models.TextChoices):
    CENTRES = "centres", "مراکز سازمان"
    OWN_WORKPLACE = "own_workplace", "محل کار خودم"
    EITHER = "either", "هر دو"


class ConsentPurpose(models.TextChoices):
    MATCHING = "matching", "پیشنهاد گرفتن برای خدمت"
    MESSAGES = "messages", "پیام گرفتن"
    CONTACT = "contact", "دادن شماره به مؤسسهٔ واسط پس از پذیرش"
    GUARDIAN = "guardian", "رضایت سرپرست"


class CredentialKind(models.TextChoices):
    VETTING = "vetting", "تأیید صلاحیت"


class VettingTier(models.IntegerChoices):
    """How far a person has been vetted; each tier includes those below it."""

    NONE = 0, "بدون تأیید"
    CONTACT = 1, "تماس با مردم"
    UNSUPERVISED = 2, "خدمت بدون همراه"
    PERSONAL_CARE = 3, "مراقبت و نوزادان"


class Readiness(models.TextChoices):
    READY = "ready", "آماده"
    IN_TRAINING = "in_training", "در آموزش"
    RESTING = "resting", "در استراحت"
