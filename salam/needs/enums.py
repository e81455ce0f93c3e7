from __future__ import annotations

from django.db import models


class Urgency(models.IntegerChoices):
    CAN_WAIT = 1, "می‌تواند بماند"
    WELCOME = 2, "خوب است زودتر"
    SOON = 3, "زود"
    PRESSING = 4, "فوری"
    CRITICAL = 5, "بی‌درنگ"


class NeedStatus(models.TextChoices):
    OPEN = "open", "باز"
    CLOSED = "closed", "بسته"


class RequiredGender(models.TextChoices):
    ANY = "any", "فرقی ندارد"
    FEMALE = "female", "زن"
    MALE = "male", "مرد"


class MinimumAge(models.IntegerChoices):
    """Ages a post may ask for; each is one bit of the attribute word."""

    ADOLESCENT = 14, "۱۴ سال"
    ADULT = 18, "۱۸ سال"
    TWENTY_ONE = 21, "۲۱ سال"
    TWENTY_EIGHT = 28, "۲۸ سال"
