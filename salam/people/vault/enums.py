from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class VaultKind(models.TextChoices):
    PHONE = "phone", _("شمارهٔ تلفن")
    NATIONAL_ID = "national_id", _("کد ملی")
    OTHER_ID = "other_id", _("شناسهٔ دیگر")
    ADDRESS = "address", _("نشانی")
