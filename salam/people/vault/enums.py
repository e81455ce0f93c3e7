from __future__ import annotations

from django.db import models


class VaultKind(models.TextChoices):
    PHONE = "phone", "شمارهٔ تلفن"
    NATIONAL_ID = "national_id", "کد ملی"
    OTHER_ID = "other_id", "شناسهٔ دیگر"
    ADDRESS = "address", "نشانی"
