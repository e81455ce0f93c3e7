from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Desk(models.TextChoices):
    """Whom a step waits for. A desk is whoever holds the verb over the place at that level."""

    OPENER = "opener", _("خود گزارش‌دهنده")
    NEIGHBOURHOOD = "neighbourhood", _("مرکز یا تسهیلگر محله")
    PROVINCE = "province", _("ستاد استان")
    COUNTRY = "country", _("ستاد کشوری")


# Whom a missed deadline is shown to besides: one level up.
DESK_ABOVE = {
    Desk.NEIGHBOURHOOD: Desk.PROVINCE,
    Desk.PROVINCE: Desk.COUNTRY,
}
