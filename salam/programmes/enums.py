from __future__ import annotations

from django.db import models


class FigureLevel(models.TextChoices):
    """The kind of place a published figure speaks of."""

    NATIONAL = "national", "کشوری"
    PROVINCE = "province", "استانی"
    NEIGHBOURHOOD = "neighbourhood", "محله‌های هدف"
