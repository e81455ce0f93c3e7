from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Urgency(models.IntegerChoices):
    CAN_WAIT = 1, _("می‌تواند بماند")
    WELCOME = 2, _("خوب است زودتر")
    SOON = 3, _("زود")
    PRESSING = 4, _("فوری")
    CRITICAL = 5, _("بی‌درنگ")


class NeedStatus(models.TextChoices):
    OPEN = "open", _("باز")
    CLOSED = "closed", _("بسته")


class Timing(models.TextChoices):
    """When the people of a line are wanted."""

    FIXED = "fixed", _("در یک نیم‌روز ثابت، هر هفته")
    WINDOW = "window", _("در بازه‌ای از روزها")
    OPEN = "open", _("هر وقت کسی بتواند، تا نیاز باز است")


class RequiredGender(models.TextChoices):
    ANY = "any", _("فرقی ندارد")
    FEMALE = "female", _("زن")
    MALE = "male", _("مرد")


class MinimumAge(models.IntegerChoices):
    """Ages a post may ask for; each is one bit of the attribute word."""

    ADOLESCENT = 14, _("۱۴ سال")
    ADULT = 18, _("۱۸ سال")
    TWENTY_ONE = 21, _("۲۱ سال")
    TWENTY_EIGHT = 28, _("۲۸ سال")
