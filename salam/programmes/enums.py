from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class FigureLevel(models.TextChoices):
    """The kind of place a published figure speaks of."""

    NATIONAL = "national", _("کشوری")
    PROVINCE = "province", _("استانی")
    NEIGHBOURHOOD = "neighbourhood", _("محله‌های هدف")
